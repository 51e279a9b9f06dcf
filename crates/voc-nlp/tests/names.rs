//! Names, addresses and markup say nothing; what is repeated says little more than once.

use voc_nlp::{CallStage, CustomisationFile, Engine, FastStage, Sentiment, Tenants};

use Sentiment::{Negative, Neutral, Positive};

/// What the lexicon's evidence in a text is, as words.
fn evidence(text: &str) -> Vec<&str> {
    let found = Engine::built_in().explain(text).evidence;
    found.iter().filter(|found| found.weight != 0.0).map(|found| &text[found.start..found.end]).collect()
}

#[track_caller]
fn check_evidence(table: &[(&str, &[&str])]) {
    let wrong: Vec<_> = table
        .iter()
        .map(|(text, expected)| (text, expected, evidence(text)))
        .filter(|(_, expected, found)| **expected != found.as_slice())
        .collect();
    assert!(wrong.is_empty(), "text, expected, found: {wrong:#?}");
}

#[track_caller]
fn check_labels(table: &[(&str, Sentiment)]) {
    let label = |text: &str| Engine::built_in().annotate(text).label();
    let wrong: Vec<_> = table
        .iter()
        .map(|(text, expected)| (text, expected, label(text)))
        .filter(|(_, expected, found)| *expected != found)
        .collect();
    assert!(wrong.is_empty(), "text, expected, found: {wrong:#?}");
}

#[test]
fn what_follows_a_cue_is_a_name() {
    check_evidence(&[
        ("My name is Joy.", &[]),
        ("my name is joy and i need a new card", &[]),
        ("The name of my wife is Grace Hope Love.", &[]),
        ("Hi, this is Grace from the Leeds branch", &[]),
        ("hello this is joy speaking", &[]),
        ("I spoke with hope yesterday", &[]),
        ("Mr. Savage and Mrs Sharp, Dr. Love, Ms. Wrath", &[]),
        ("Joy told me about the plan", &[]),
        ("Meu nome é Bento Alegria.", &[]),
        ("meu nome é vitória", &[]),
        ("Nome da minha mãe é Maria das Dores Bravo", &[]),
        ("Falo com a Vitória?", &[]),
        ("aqui é a vitória da central", &[]),
        ("A Dona Glória e o Sr. Valente", &[]),
        ("Moro na Rua Felicidade, perto da Av. Boa Esperança", &[]),
        ("Titular: Angélica Bonfim Formoso", &[]),
        ("Me chamo Alegria", &[]),
    ]);
}

#[test]
fn the_same_words_are_words_elsewhere() {
    check_evidence(&[
        ("It was a joy to deal with you.", &["a joy"]),
        ("Great service!", &["Great"]),
        ("Good. Excellent, Thank you.", &["Good", "Excellent", "Thank"]),
        ("Foi uma alegria falar com vocês", &["alegria"]),
        ("Que vitória, estou feliz", &["vitória", "feliz"]),
        ("the BEST service", &["BEST"]),
        ("it was very Good", &["Good"]),
        ("Great Service And Happy Staff", &["Great", "Happy"]),
        ("I Love this", &["Love"]),
        ("my name is wrong on the bill", &["wrong"]),
        ("the best, a great buy", &["best", "great"]),
        ("Claro que é ótimo", &["Claro", "ótimo"]),
        ("ao vivo, claro", &["vivo", "claro"]),
        ("GREAT SERVICE, LOVE IT", &["GREAT", "LOVE"]),
    ]);
}

#[test]
fn companies_and_products_are_names() {
    check_evidence(&[
        ("Best Buy sent me two of them", &[]),
        ("i bought it at best buy", &[]),
        ("Great Clips on 5th Street", &[]),
        ("Does the Lucky Mobile plan include roaming?", &[]),
        ("It is Good Housekeeping and Happy-Socks", &[]),
        ("the SUPERIOR 3000 vacuum", &[]),
        ("A Claro me cobrou duas vezes", &[]),
        ("a claro me cobrou, o plano claro e o cliente vivo", &[]),
        ("qual o saldo na Oi?", &[]),
        ("comprei no Extra e no Bom Negócio", &[]),
        ("A Porto Seguro e a Boa Vista", &[]),
        ("o combo SUPER FELICIDADE 500", &[]),
    ]);
}

#[test]
fn addresses_handles_and_markup_say_nothing() {
    check_evidence(&[
        ("see https://love-happy.example.com/best?great=1 now", &[]),
        ("joy.love@great.example and love@awful-people.example", &[]),
        ("www.best.com, bestbuy.com, great.pdf", &[]),
        ("@happysocks @love hello", &[]),
        ("<div class=\"great\" title='love > hate'>Order</div>", &[]),
        ("<p title=\"perfect\">bad</p>", &["bad"]),
        ("great.Thanks", &["great", "Thanks"]),
        ("I <3 it & love it < 3", &["<3", "love"]),
        ("R&B is good", &["good"]),
        ("good &amp; &nbsp;&quot;bad&quot;", &["good", "bad"]),
    ]);
    let plain = Engine::built_in().annotate("Order 17 of may arrived").sentiment;
    let marked =
        Engine::built_in().annotate("<div class=\"great love\">Order <b>17</b> of may arrived</div>").sentiment;
    assert_eq!(plain, marked);
}

#[test]
fn every_apostrophe_negates() {
    let expected = Engine::built_in().annotate("it isn't good and I don't like it");
    for apostrophe in [
        "\u{2019}", "\u{2018}", "\u{2bc}", "\u{b4}", "\u{2032}", "`", "&#39;", "&#x27;", "&apos;", "&rsquo;",
        "&#8217;", "\\'", "\\u2019",
    ] {
        let text = format!("it isn{apostrophe}t good and I don{apostrophe}t like it");
        assert_eq!(Engine::built_in().annotate(&text), expected, "{text}");
    }
    let expected = Engine::built_in().annotate("não está boa, é péssima");
    for text in
        ["n&atilde;o est&aacute; boa, &eacute; p&eacute;ssima", "n\\u00e3o est\\u00e1 boa, \\u00e9 p\\u00e9ssima"]
    {
        assert_eq!(Engine::built_in().annotate(text), expected, "{text}");
    }
}

#[test]
fn every_line_end_ends_a_sentence() {
    let expected = Engine::built_in().annotate("it is not\ngood enough");
    for end in ["\\n", "\\r\\n", "<br>", "<br/>", "</p><p>", "\u{2028}", "\u{2029}", "\u{85}", "&#10;"] {
        assert_eq!(Engine::built_in().annotate(&format!("it is not{end}good enough")), expected, "{end}");
    }
    assert!(Engine::built_in().lexicon_score("it is not\\ngood") > 0.0);
    assert!(Engine::built_in().lexicon_score("it is not <b>good</b>") < 0.0);
}

#[test]
fn repetition_adds_little() {
    let score = |text: &str| Engine::built_in().annotate(text).sentiment.unwrap_or_default();
    let complaint = "The router is broken and I have been offline for a week. ";
    for phrase in ["Thank you. ", "thank you ", "great ", "Thanks for watching! ", "😍", "❤ ", ":) ", "obrigado "] {
        let (some, many) = (phrase.repeat(12), phrase.repeat(500));
        assert!((score(&some) - score(&many)).abs() < 0.05, "{phrase}: {} and {}", score(&some), score(&many));
        let after = score(&format!("{complaint}{many}"));
        assert!(after + 0.1 < score(&many), "{phrase}: {after}");
    }
    let counted = |text: &str| Engine::built_in().explain(text).evidence.len();
    for (text, expected) in
        [("good, good", 2), ("great great great", 3), ("😡😡😡", 3), ("😡😡😡😡😡", 3), ("😡😭😡😭😡😭", 6)]
    {
        assert_eq!(counted(text), expected, "{text}");
    }
}

#[test]
fn nothing_known_has_no_topic() {
    for text in [
        "😡😡😡",
        "NaN",
        "[MÚSICA]",
        "[inaudible]",
        "0049 5512 7781",
        "kkkkkkkkkkkk",
        "@joy",
        "https://bill.example.com/refund",
        "…",
    ] {
        let annotation = Engine::built_in().annotate(text);
        assert!(annotation.topic.is_none() && annotation.topics.is_empty(), "{text}: {:?}", annotation.topics);
    }
    assert_eq!(Engine::built_in().annotate("refund 17").topic.as_deref(), Some("billing"));
}

#[test]
fn labels() {
    check_labels(&[
        ("@united you lost my bag", Negative),
        ("I bought the router at Best Buy on March 3rd.", Neutral),
        ("You can reach me at sweet.angel.perfect@wonderful-mail.example or by phone.", Neutral),
        ("<div class=\"otimo perfeito\">Pedido 3312</div>", Neutral),
        ("It was a joy to deal with you.", Positive),
        ("😡😡😡😡", Negative),
    ]);
}

#[test]
fn a_tenants_brands_are_names() {
    let tenants = Tenants::new(CallStage::default());
    let file =
        CustomisationFile::default().brand("Happy Cow").brand("Joy").brand("Blorb Perfect Fit").word("laggy", -3.0);
    let acme = tenants.customise(&file).unwrap();
    let score = |text: &str| acme.stage().engine().lexicon_score(text);
    for name in [
        "Happy Cow opens at nine",
        "we met at happy cow",
        "Joy opens at nine",
        "the blorb perfect-fit",
        "BLORB PERFECT FIT",
    ] {
        assert_eq!(score(name), 0.0, "{name}");
    }
    for word in ["it was a joy", "a happy customer", "a perfect fit"] {
        assert!(score(word) > 0.0, "{word}");
    }
    assert!(score("Happy Cow is laggy") < 0.0);
    assert!(Engine::built_in().lexicon_score("we met at happy cow") > 0.0);
    let other = tenants.customise(&CustomisationFile::default().brand("Happy Cow")).unwrap();
    assert_ne!(acme.stage().version(), other.stage().version());
    for name in ["", " ", "a/b", "averyverylongnameofabrand"] {
        let error = tenants.customise(&CustomisationFile::default().brand(name)).unwrap_err().to_string();
        assert!(error.contains(&format!("{name:?}")), "{error}");
    }
}
