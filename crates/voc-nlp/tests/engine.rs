//! The results of the built-in engine.

use voc_nlp::{DecidedBy, Engine, FastStage, Language, MAX_CHARS, Sentiment, Topic};

use Sentiment::{Negative, Neutral, Positive};

/// The sign of the lexicon's score, by the customary limits of VADER's compound score.
fn mood(text: &str) -> Sentiment {
    match Engine::built_in().lexicon_score(text) {
        score if score >= 0.05 => Positive,
        score if score <= -0.05 => Negative,
        _ => Neutral,
    }
}

fn check_moods(table: &[(&str, Sentiment)]) {
    let wrong: Vec<_> =
        table.iter().map(|(text, expected)| (text, expected, mood(text))).filter(|(_, e, m)| *e != m).collect();
    assert!(wrong.is_empty(), "text, expected, found: {wrong:#?}");
}

fn score(text: &str) -> f32 {
    Engine::built_in().lexicon_score(text)
}

fn topic(text: &str) -> Option<String> {
    Engine::built_in().annotate(text).topic.map(|topic| topic.to_string())
}

fn language(text: &str) -> Language {
    Engine::built_in().annotate(text).language
}

// The defects of the keyword rules that these rules replace.

#[test]
fn punctuation_does_not_hide_a_word() {
    check_moods(&[
        ("great!", Positive),
        ("Great, thanks.", Positive),
        ("(terrible)", Negative),
        ("\"awful\"", Negative),
        ("'awful'", Negative),
        ("ótimo!!!", Positive),
        ("…horrível…", Negative),
    ]);
}

#[test]
fn not_working_is_found_as_a_phrase() {
    check_moods(&[
        ("the app is not working", Negative),
        ("the app is NOT  working.", Negative),
        ("it isn't really working", Negative),
        ("it doesn't work", Negative),
        ("it stopped working", Negative),
        ("o aplicativo não funciona", Negative),
        ("o aplicativo nao funcionou", Negative),
        ("I am working from home", Neutral),
    ]);
    assert_eq!(topic("my phone line is not working").as_deref(), Some("technical"));
    assert_eq!(topic("não está funcionando").as_deref(), Some("technical"));
    let technical = |text: &str| {
        let topics = Engine::built_in().annotate(text).topics;
        topics.iter().find(|topic| topic.topic == Topic::TECHNICAL).map_or(0.0, |topic| topic.score)
    };
    assert!(technical("I am working from home") + 0.5 < technical("my phone line is not working"));
}

#[test]
fn negation_inverts_a_word() {
    check_moods(&[
        ("not good", Negative),
        ("this is not a very good service", Negative),
        ("I was never happy with it", Negative),
        ("nobody was helpful", Negative),
        ("I don\u{2019}t like it", Negative),
        ("dont recommend", Negative),
        ("não gostei", Negative),
        ("nao gostei do atendimento", Negative),
        ("nunca fui bem atendido aqui", Negative),
        ("não é bom", Negative),
        ("ninguém resolve meu problema", Negative),
        ("não feliz", Negative),
        ("not bad", Positive),
        ("no problem", Positive),
        ("sem problemas", Positive),
    ]);
}

#[test]
fn negation_ends_with_the_clause() {
    check_moods(&[
        ("No, it is great", Positive),
        ("não, está ótimo", Positive),
        ("It did not arrive. Great service though", Positive),
        ("not only fast, it was excellent", Positive),
        ("não só rápido como excelente", Positive),
        ("do not hesitate to call", Neutral),
    ]);
}

#[test]
fn topics_need_whole_words() {
    assert_eq!(topic("the ability to stand at the border"), None);
    assert_eq!(topic("he reordered the discharged recharger"), None);
    assert_eq!(topic("my bill").as_deref(), Some("billing"));
    assert_eq!(topic("Bills?").as_deref(), Some("billing"));
    assert_eq!(topic("the ORDER.").as_deref(), Some("sales"));
}

#[test]
fn portuguese_is_read_with_and_without_accents() {
    for (accented, plain) in [
        ("péssimo", "pessimo"),
        ("ótimo", "otimo"),
        ("não gostei", "nao gostei"),
        ("satisfação", "satisfacao"),
        ("serviço horrível", "servico horrivel"),
        ("PÉSSIMO", "pe\u{301}ssimo"),
    ] {
        assert_eq!(score(accented), score(plain), "{accented}");
        assert_ne!(score(accented), 0.0, "{accented}");
    }
}

#[test]
fn portuguese_moods() {
    check_moods(&[
        ("Muito obrigada, fui muito bem atendida!", Positive),
        ("Estou satisfeito com o suporte", Positive),
        ("Estou irritado, odeio esperar", Negative),
        ("Que descaso, perda de tempo", Negative),
        ("O atendimento deixou a desejar", Negative),
        ("Estou frustrado com a cobrança indevida", Negative),
        ("Nunca mais compro nessa loja", Negative),
        ("Recomendo, chegou antes do prazo", Positive),
        ("não recomendo", Negative),
        ("Legal demais, top", Positive),
        ("Vou viajar amanhã para São Paulo", Neutral),
    ]);
}

#[test]
fn english_moods() {
    check_moods(&[
        ("Thank you so much, you have been very helpful", Positive),
        ("I am fed up, this is the worst company", Negative),
        ("What a waste of time", Negative),
        ("thanks for nothing", Negative),
        ("I was charged twice and nobody called me back, unacceptable", Negative),
        ("My issue was resolved quickly", Positive),
        ("The parcel is on the table", Neutral),
        ("a legal question", Neutral),
    ]);
}

#[test]
fn portuguese_reviews() {
    check_moods(&[
        ("Superou minhas expectativas", Positive),
        ("A caixa veio amassada e o vidro trincado", Negative),
        ("fui cobrado duas vezes pela mesma compra", Negative),
        ("O técnico resolveu meu problema", Positive),
        ("Cobrança indevida, vou abrir reclamação no Procon", Negative),
        ("Bom dia, em que posso ajudar?", Neutral),
    ]);
}

/// The meaning of a phrase differs from that of its words.
#[test]
fn phrases_replace_their_words() {
    let weights = |text: &str| -> Vec<(String, f32)> {
        let evidence = Engine::built_in().explain(text).evidence;
        evidence.iter().map(|found| (text[found.start..found.end].to_owned(), found.weight)).collect()
    };
    for greeting in
        ["Good morning", "bom dia", "GOOD evening", "kind regards", "that one as well as this", "Boa  tarde"]
    {
        assert_eq!((weights(greeting), score(greeting)), (vec![], 0.0), "{greeting}");
    }
    let [(phrase, weight)] = weights("Good morning. What a waste of time.").try_into().unwrap();
    assert_eq!(phrase, "waste of time");
    assert!(weight < -2.0);
    // The words before and after it keep their meaning.
    assert_eq!(weights("great, kind of good").len(), 2);
    assert_eq!(weights("terrible waste of money, bad").len(), 3);
    // A longer phrase replaces the shorter one that it begins with.
    assert_eq!(weights("The technician never showed up").len(), 1);
    assert_eq!(score("he never showed up"), score("he never showed"));
    // As if the words had never been there, wherever the phrase begins.
    for words in 0..200 {
        let text = format!("{}good morning, it works", "then ".repeat(words));
        assert_eq!(score(&text), score("it works"), "behind {words} words");
    }
    // A word of another clause is separate, and so is one after a symbol.
    assert!(score("all is good. Morning!") > 0.0);
    assert!(score("good \u{1f600} morning") > score("\u{1f600}"));
    // The same with words of a tenant's.
    let tenants = Engine::built_in().with_extra_words(&[("good", 1.0), ("morning", 2.0)], Language::Unknown).unwrap();
    assert_eq!(tenants.lexicon_score("good morning"), 0.0);
    assert!(tenants.lexicon_score("good mornings in the morning") > 0.0);
}

// Words that strengthen and weaken.

#[test]
fn intensity() {
    for (stronger, weaker) in [
        ("very good", "good"),
        ("good", "somewhat good"),
        ("good!!!", "good"),
        ("soooo good", "good"),
        ("gooood", "good"),
        ("muito bom", "bom"),
        ("bom", "um pouco bom"),
        ("excellent", "good"),
    ] {
        assert!(score(stronger) > score(weaker), "{stronger} > {weaker}");
    }
    assert!(score("bad!") < score("bad"));
    assert_eq!(score("good!!!!"), score("good!!!!!!!!"));
}

#[test]
fn text_after_but_weighs_more() {
    check_moods(&[
        ("the phone is good but the service is bad", Negative),
        ("the service is bad but the phone is good", Positive),
        ("o produto é bom, mas o atendimento é ruim", Negative),
    ]);
    // Another sentence is not concerned.
    assert!(score("Good. I came but I left") > score("Good but I left"));
}

#[test]
fn emoji_and_emoticons() {
    check_moods(&[
        ("👍", Positive),
        ("chegou hoje 😡", Negative),
        ("arrived today :)", Positive),
        ("arrived today:(", Negative),
        ("love❤️", Positive),
        ("see https://example.com/page", Neutral),
    ]);
}

#[test]
fn invisible_characters_do_not_hide_a_word() {
    check_moods(&[
        ("gr\u{200b}eat", Positive),
        ("\u{200f}great\u{200e}", Positive),
        ("\u{feff}great", Positive),
        ("hor\u{ad}rible", Negative),
    ]);
}

// Languages and topics.

#[test]
fn languages() {
    for text in ["Great!", "I have a question about my bill", "the customer called", "i dont know whats wrong with it"]
    {
        assert_eq!(language(text), Language::En, "{text}");
    }
    for text in [
        "Ótimo!",
        "Tenho uma dúvida sobre a minha conta",
        "o cliente ligou",
        "nao sei o que fazer com isso",
        "Vocês são demais",
    ] {
        assert_eq!(language(text), Language::Pt, "{text}");
    }
    for text in [
        "",
        "12345",
        "👍",
        "Hola, tengo una pregunta, muchas gracias por su ayuda",
        "Bonjour, je ne suis pas content du service",
        "Ich habe eine Frage und warte auf die Antwort",
        "Спасибо большое",
        "ありがとうございます",
        "zxcv qwer",
    ] {
        assert_eq!(language(text), Language::Unknown, "{text}");
    }
}

#[test]
fn topics() {
    for (text, expected) in [
        ("I want a refund for the double charge", "billing"),
        ("quero o estorno da cobrança", "billing"),
        ("preciso da segunda via do boleto", "billing"),
        ("the website crashes with an error", "technical"),
        ("a internet está lenta e cai toda hora", "technical"),
        ("I forgot my password and cannot log in", "account"),
        ("esqueci minha senha", "account"),
        ("I would like to upgrade my subscription", "sales"),
        ("quero comprar outro plano", "sales"),
        ("I have a question", "general"),
        ("gostaria de uma informação", "general"),
    ] {
        assert_eq!(topic(text).as_deref(), Some(expected), "{text}");
    }
    assert!(matches!(topic("hello there").as_deref(), None | Some("general")));
    assert_eq!(topic("the hobbits walked through the woods"), None);
}

#[test]
fn speakers_labels_are_not_topics() {
    let turns = "Agent: Hello.\nCustomer: Hello.\n".repeat(20);
    assert!(matches!(topic(&turns).as_deref(), None | Some("general")));
    assert_eq!(topic(&(turns + "Customer: my bill")).as_deref(), Some("billing"));
    let turns = "Atendente: Olá.\nCliente: Olá.\n".repeat(20);
    assert_eq!(topic(&(turns + "Cliente: minha fatura")).as_deref(), Some("billing"));
}

// Explanations and extra words.

#[test]
fn evidence_says_where_and_how_much() {
    let text = "The app is NOT working and never fast, but “Ana” was very helpful 👍";
    let explanation = Engine::built_in().explain(text);
    let found: Vec<_> = explanation
        .evidence
        .iter()
        .map(|evidence| (&text[evidence.start..evidence.end], evidence.weight > 0.0, evidence.negated))
        .collect();
    assert_eq!(
        found,
        [("NOT working", false, false), ("fast", false, true), ("helpful", true, false), ("👍", true, false)]
    );
    assert_eq!(explanation.annotation, Engine::built_in().annotate(text));
}

#[test]
fn extra_words_take_precedence() {
    let base = Engine::built_in();
    assert_eq!(base.lexicon_score("a blorbful day"), 0.0);
    let engine = base.with_extra_words(&[("blorbful", 3.0), ("terrible", 0.0)], Language::Unknown).unwrap();
    assert!(engine.lexicon_score("a blorbful day") > 0.3);
    assert!(engine.lexicon_score("not a blorbful day") < -0.3);
    assert_eq!(engine.lexicon_score("terrible"), 0.0);
    assert_eq!(engine.lexicon_score("a good day"), base.lexicon_score("a good day"));
    assert_ne!(engine.version(), base.version());

    let portuguese = base.with_extra_words(&[("supimpa", 3.0)], Language::Pt).unwrap();
    assert!(portuguese.lexicon_score("o atendimento foi supimpa") > 0.3);
    assert_eq!(portuguese.lexicon_score("it was really just supimpa"), 0.0);
}

#[test]
fn extra_words_are_checked() {
    for (word, valence) in
        [("", 1.0), ("two words", 1.0), ("waytoolongforaword", 1.0), ("well", 4.5), ("well", f32::NAN)]
    {
        let error = Engine::built_in().with_extra_words(&[(word, valence)], Language::En).unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
    }
}

// The edges.

#[test]
fn a_text_without_words_has_no_sentiment() {
    for text in ["", " ", "\n\t", "...", "!?", "\u{200b}", "—"] {
        let annotation = Engine::built_in().annotate(text);
        assert_eq!((annotation.sentiment, annotation.confidence), (None, 0.0), "{text:?}");
    }
    let annotation = Engine::built_in().annotate("hello there");
    assert_eq!(annotation.label(), Neutral);
    assert_eq!(annotation.decided_by, DecidedBy::Fast);
}

#[test]
fn confidence_grows_with_agreement() {
    let confidence = |text| Engine::built_in().annotate(text).confidence;
    assert!(confidence("good and excellent and great") > confidence("good"));
    assert!(confidence("good and bad") < confidence("good"));
}

/// The combination of the words and rules with the linear model.
#[test]
fn labels() {
    for (text, expected) in [
        ("I love this product, it works perfectly!", Positive),
        ("Thank you so much for your quick help", Positive),
        ("This is the worst service I have ever had", Negative),
        ("My order never arrived and nobody answers my emails", Negative),
        ("The meeting is on Tuesday at 10", Neutral),
        ("Amei o atendimento, muito rápido e educado!", Positive),
        ("Péssimo, não funciona e ninguém resolve meu problema", Negative),
        ("Vou viajar amanhã para São Paulo", Neutral),
        ("😍😍", Positive),
        ("😡", Negative),
    ] {
        let annotation = Engine::built_in().annotate(text);
        assert_eq!(annotation.label(), expected, "{text}: {:?}", annotation.probabilities);
    }
}

#[test]
fn long_texts_are_cut() {
    let filler = "x ".repeat(MAX_CHARS / 2);
    let annotation = Engine::built_in().annotate(&format!("great {filler}"));
    assert!(annotation.truncated);
    assert!(score(&format!("great {filler}")) > 0.5);
    // Text beyond the limit is not read.
    let annotation = Engine::built_in().annotate(&format!("{filler}great"));
    assert!(annotation.truncated);
    assert_eq!(annotation.sentiment, Engine::built_in().annotate(&filler).sentiment);
    assert_eq!(score(&format!("{filler}great")), 0.0);

    let exactly = "ã".repeat(MAX_CHARS);
    assert!(!Engine::built_in().annotate(&exactly).truncated);
    assert!(Engine::built_in().annotate(&format!("{exactly}ã")).truncated);
}

/// No more than [`MAX_CHARS`] characters are read, each a bounded number of times: these end at once, whatever their
/// size.
#[test]
fn pathological_texts() {
    let stage = Engine::built_in();
    for unit in [
        "a", "A", " ", "!", "'", "\u{2019}", "ã", "😡", "\u{301}", "\u{200b}", "not ", "but ", "no no ", ":(",
        "great ", "\0", "漢",
    ] {
        let annotation = stage.annotate(&unit.repeat(100_000));
        assert!(annotation.truncated, "{unit:?}");
    }
    let annotation = stage.annotate(&"The service was terrible. ".repeat(20 * 1024 * 1024 / 26));
    assert!(annotation.truncated);
    assert!(annotation.sentiment < Some(-0.5));
}
