//! Idioms, negation, irony, and the courtesy of complaints and requests, in both languages.

use voc_nlp::{Engine, FastStage, Sentiment};

use Sentiment::{Negative, Neutral, Positive};

fn label(text: &str) -> Sentiment {
    Engine::built_in().annotate(text).label()
}

/// The rows whose value is wrong.
fn wrong<'a, T: PartialEq + Copy>(table: &[(&'a str, T)], found: impl Fn(&str) -> T) -> Vec<(&'a str, T)> {
    table
        .iter()
        .map(|(text, _)| (*text, found(text)))
        .zip(table)
        .filter(|(of, row)| of.1 != row.1)
        .map(|(of, _)| of)
        .collect()
}

fn check(table: &[(&str, Sentiment)]) {
    let wrong = wrong(table, label);
    assert!(wrong.is_empty(), "found: {wrong:#?}");
}

/// By the sign of the lexicon's score.
fn check_moods(table: &[(&str, Sentiment)]) {
    let mood = |text: &str| match Engine::built_in().lexicon_score(text) {
        score if score >= 0.05 => Positive,
        score if score <= -0.05 => Negative,
        _ => Neutral,
    };
    let wrong = wrong(table, mood);
    assert!(wrong.is_empty(), "found: {wrong:#?}");
}

fn is_surely_positive(text: &str) -> bool {
    let annotation = Engine::built_in().annotate(text);
    annotation.label() == Positive && annotation.confidence >= 0.6
}

#[test]
fn complaints_without_words_of_complaint() {
    check(&[
        ("I had to take a day off work for this.", Negative),
        ("I have explained this four times and I would kindly ask you to escalate.", Negative),
        ("The lady was lovely, but my internet is still down.", Negative),
        ("We have been without hot water since Tuesday.", Negative),
        ("It has been six weeks and nobody called back.", Negative),
        ("You promised a refund within five working days. Today is day nineteen.", Negative),
        ("Thank you for the quick reply, but I am still waiting for my refund.", Negative),
        ("O boleto continua em aberto.", Negative),
        ("Já é a terceira vez que ligo e ninguém retornou.", Negative),
        ("Estou há 10 dias sem internet. Obrigada pela atenção.", Negative),
        ("Até agora o estorno não caiu.", Negative),
        ("O técnico ficou de vir ontem e não apareceu.", Negative),
    ]);
}

#[test]
fn courtesy_is_no_praise() {
    check(&[
        ("Could you please send me the invoice? Thank you.", Neutral),
        ("I would like to change the address on my account, please.", Neutral),
        ("Poderiam, por gentileza, enviar a segunda via do boleto? Obrigado.", Neutral),
        ("Gostaria de alterar o vencimento da fatura, por favor.", Neutral),
        ("Thank you so much, you solved it!", Positive),
        ("Muito obrigada pela ajuda, resolveram tudo!", Positive),
    ]);
}

#[test]
fn idioms_have_a_meaning_of_their_own() {
    check(&[
        ("I have nothing but praise for the team.", Positive),
        ("They bent over backwards to help us.", Positive),
        ("Your people went above and beyond.", Positive),
        ("That is a killer feature.", Positive),
        ("The whole thing was a waste of time.", Negative),
        ("I am at the end of my tether with this company.", Negative),
        ("They fobbed me off again.", Negative),
        ("Nunca fui tão bem atendido!", Positive),
        ("Que puta atendimento bom!", Positive),
        ("O suporte tirou de letra.", Positive),
        ("Me deixaram a ver navios.", Negative),
        ("O barato saiu caro.", Negative),
        ("Só me dá dor de cabeça esse aplicativo.", Negative),
    ]);
    check_moods(&[
        ("I can't wait to try it", Positive),
        ("I can't wait any longer", Negative),
        ("não vejo a hora de usar", Positive),
        ("mal posso esperar", Positive),
        ("não aguento mais esperar", Negative),
    ]);
}

#[test]
fn negation_in_all_its_forms() {
    check_moods(&[
        ("the agent was hardly helpful", Negative),
        ("it barely works", Negative),
        ("less helpful than before", Negative),
        ("I could not be more disappointed", Negative),
        ("I couldn't be more satisfied", Positive),
        ("it could not have been better", Positive),
        ("no problems at all", Positive),
        ("it isn't crashing anymore", Positive),
        ("it no longer freezes", Positive),
        ("I don't think that it is a good app", Negative),
        ("there isn't a single thing I like", Negative),
        ("not only was it late, it was broken", Negative),
        ("o aplicativo mal funciona", Negative),
        ("não é ruim não, até que gostei", Positive),
        ("não trava mais", Positive),
        ("não tive nenhum problema", Positive),
        ("não foi nada simpático", Negative),
        ("não poderia estar mais satisfeita", Positive),
        ("não acho que seja um bom produto", Negative),
    ]);
    // It strengthens what follows.
    let score = |text: &str| Engine::built_in().lexicon_score(text);
    assert!(score("could not be more disappointed") < score("disappointed"));
    // In Portuguese two negators are one negation, in English they are two.
    assert!(score("não tenho nada bom") < 0.0);
}

#[test]
fn marked_irony_is_never_surely_positive() {
    for text in [
        "Wow, only took you five calls… Bravo.",
        "Thanks for nothing.",
        "Yeah right, great service.",
        "Great, another outage.",
        "Your \"wonderful\" support hung up on me.",
        "Love waiting two hours for a cold pizza /s",
        "parabéns, hein, conseguiram de novo",
        "Obrigado por nada.",
        "Que atendimento ótimo, só que não.",
        "Nossa, que maravilha, mais um boleto errado.",
    ] {
        assert!(!is_surely_positive(text), "{text}");
    }
    // The same without the mark.
    for text in ["Wow, great service. Bravo!", "Your wonderful support helped me.", "Que atendimento ótimo!"] {
        assert!(is_surely_positive(text), "{text}");
    }
}

/// Phrases may have six words, and sets of words in them, and do not cross the ends of clauses.
#[test]
fn phrases_of_many_words() {
    let evidence = |text: &str| -> Vec<String> {
        let explanation = Engine::built_in().explain(text);
        explanation.evidence.iter().map(|found| text[found.start..found.end].to_owned()).collect()
    };
    for phrase in ["end of my rope", "couldn't have gone any better", "waiting for 17 days", "waiting for three weeks"]
    {
        assert_eq!(evidence(&format!("so {phrase}")), [phrase]);
    }
    assert_eq!(evidence("a killer feature"), ["killer feature"]);
    assert_eq!(evidence("a killer, feature"), ["killer"]);
}
