//! Custom topics, and the sentiments towards them.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use std::sync::Arc;

use proptest::prelude::*;
use voc_nlp::{
    CallStage, Conversation, Engine, FastStage, Language, MAX_CHARS, PhraseEntry, Taxonomy, TaxonomyError,
    TaxonomyFile, TopicEntry,
};

fn taxonomy(topics: impl IntoIterator<Item = TopicEntry>) -> Taxonomy {
    Taxonomy::new(&TaxonomyFile::new(topics)).unwrap()
}

fn found<'t>(taxonomy: &Taxonomy, text: &'t str) -> Vec<(String, &'t str)> {
    let mentions = taxonomy.mentions(text, Language::Unknown);
    mentions.iter().map(|mention| (mention.topic.to_string(), &text[mention.start..mention.end])).collect()
}

fn phrases(taxonomy: &Taxonomy, text: &str) -> Vec<String> {
    found(taxonomy, text).into_iter().map(|(_, phrase)| phrase.to_owned()).collect()
}

#[test]
fn phrases_are_whole_words_without_case_and_accents() {
    let taxonomy =
        taxonomy([TopicEntry::new("t").phrases(["bill", "cobrança indevida", "e-mail", "wi fi", "don't know"])]);
    assert_eq!(phrases(&taxonomy, "The BILL, the ability, billing, bill."), ["BILL", "bill"]);
    assert_eq!(phrases(&taxonomy, "Uma COBRANCA  INDEVIDA! cobranças indevidas"), ["COBRANCA  INDEVIDA"]);
    assert_eq!(phrases(&taxonomy, "E-mail e mail email"), ["E-mail", "e mail"]);
    assert_eq!(phrases(&taxonomy, "Wi-Fi wifi wi/fi"), ["Wi-Fi", "wi/fi"]);
    assert_eq!(phrases(&taxonomy, "I don’t know, dont know"), ["don’t know", "dont know"]);
    assert_eq!(phrases(&taxonomy, "bi\u{200b}ll b\u{301}ill"), ["bi\u{200b}ll", "b\u{301}ill"]);
    assert!(phrases(&taxonomy, "wi. Fi").is_empty());
}

#[test]
fn other_scripts() {
    let taxonomy = taxonomy([TopicEntry::new("t").phrases(["Возврат денег", "退款"])]);
    assert_eq!(phrases(&taxonomy, "хочу ВОЗВРАТ денег, 退款"), ["ВОЗВРАТ денег", "退款"]);
}

#[test]
fn the_first_and_longest_phrase_counts() {
    let taxonomy = taxonomy([
        TopicEntry::new("card").phrases(["card", "card late fee"]),
        TopicEntry::new("credit").phrases(["credit card"]),
        TopicEntry::new("late").phrases(["late fee", "fee"]),
    ]);
    let names = |text| found(&taxonomy, text).into_iter().map(|(topic, _)| topic).collect::<Vec<_>>();
    assert_eq!(names("credit card late fee"), ["credit", "late"]);
    assert_eq!(names("a card late fee"), ["card"]);
    assert_eq!(names("card card fee"), ["card", "card", "late"]);
}

#[test]
fn a_phrase_may_indicate_several_topics() {
    let taxonomy = taxonomy([TopicEntry::new("a").phrases(["fee"]), TopicEntry::new("b").phrases(["Fee"])]);
    assert_eq!(found(&taxonomy, "fee"), [("a".to_owned(), "fee"), ("b".to_owned(), "fee")]);
}

#[test]
fn topics_have_languages() {
    let taxonomy = taxonomy([
        TopicEntry::new("en").language(Language::En).phrases(["pane"]),
        TopicEntry::new("pt").language(Language::Pt).phrases(["pane", "pane seca"]),
    ]);
    let names =
        |language| taxonomy.mentions("pane seca", language).iter().map(|m| m.topic.to_string()).collect::<Vec<_>>();
    assert_eq!(names(Language::En), ["en"]);
    assert_eq!(names(Language::Pt), ["pt"]);
    assert_eq!(names(Language::Unknown), ["pt"]);
}

#[test]
fn scores_follow_from_weights_and_parents() {
    let taxonomy = taxonomy([
        TopicEntry::new("logistics"),
        TopicEntry::new("delivery").parent("logistics").phrases([PhraseEntry::new("late").weight(3.0)]),
        TopicEntry::new("parcel").parent("logistics").phrases(["parcel"]),
    ]);
    let scores = |text| {
        let topics = taxonomy.topics(&taxonomy.mentions(text, Language::En));
        topics.iter().map(|best| (best.topic.to_string(), best.score)).collect::<Vec<_>>()
    };
    let [(delivery, score), (logistics, of_parent)] = &scores("late")[..] else { panic!("two topics") };
    assert_eq!((delivery.as_str(), *score, logistics.as_str()), ("delivery", 0.75, "logistics"));
    assert!(of_parent < score);
    assert_eq!(scores("late parcel")[0].0, "logistics");
    assert_eq!(taxonomy.parent("parcel").map(|parent| parent.as_str()), Some("logistics"));
    assert_eq!(taxonomy.parent("logistics"), None);
}

#[test]
fn errors_name_their_cause() {
    let topic = || TopicEntry::new("t");
    let error = |topics: &[TopicEntry]| Taxonomy::new(&TaxonomyFile::new(topics.to_vec())).unwrap_err().to_string();
    assert_eq!(error(&[TopicEntry::new(" ")]), "a topic's name is blank");
    assert_eq!(error(&[topic(), topic()]), "topic \"t\" is defined twice");
    assert_eq!(error(&[topic().parent("u")]), "topic \"t\" has the parent \"u\", which is not a topic");
    assert!(error(&[topic().parent("u"), TopicEntry::new("u").parent("t")]).contains("its own ancestor"));
    assert!(error(&[topic().phrases(["  - "])]).contains("phrase \"  - \" of topic \"t\""));
    assert!(error(&[topic().phrases(["x".repeat(500)].iter().map(String::as_str))]).contains("1 to 200"));
    for weight in [0.0, -1.0, f32::NAN, f32::INFINITY] {
        assert!(error(&[topic().phrases([PhraseEntry::new("a").weight(weight)])]).contains("weight"), "{weight}");
    }
    let many = TopicEntry::new("t").phrases(vec!["a"; TaxonomyFile::MAX_ENTRIES + 1]);
    assert_eq!(Taxonomy::new(&TaxonomyFile::new([many])).unwrap_err(), TaxonomyError::TooMany);
}

#[test]
fn an_empty_taxonomy_finds_nothing() {
    let taxonomy = taxonomy([]);
    assert!(taxonomy.is_empty());
    assert!(taxonomy.mentions("anything", Language::En).is_empty());
}

fn stage(topics: impl IntoIterator<Item = TopicEntry>) -> CallStage {
    CallStage::new(Engine::built_in()).with_taxonomy(Arc::new(taxonomy(topics)))
}

#[test]
fn custom_topics_join_the_engines() {
    let text = "I was billed twice and the invoice mentions frobbing";
    let stage = stage([TopicEntry::new("frobs").phrases([PhraseEntry::new("frobbing").weight(20.0)])]);
    let annotation = stage.annotate(text);
    assert_eq!(annotation.topic.as_deref(), Some("frobs"));
    assert!(annotation.topics.iter().any(|best| &*best.topic == "billing"));
    // A topic that both know becomes more probable.
    let billing = self::stage([TopicEntry::new("billing").phrases(["frobbing"])]);
    let score = |stage: &CallStage| stage.annotate(text).topics.first().map(|best| best.score);
    assert!(score(&billing) > score(&CallStage::default()));
    assert_eq!(stage.annotate("I am fine"), CallStage::default().annotate("I am fine"));
}

#[test]
fn topics_have_sentiments_of_their_own() {
    let stage = stage([
        TopicEntry::new("courier").phrases(["courier"]),
        TopicEntry::new("app").phrases(["the app"]),
        TopicEntry::new("unused").phrases(["frobs"]),
    ]);
    let call = "Agent: How was the courier?\n\
        Customer: The courier was wonderful. But the app is horrible, it costs 3.50!\nAgent: Great app.";
    let conversation = Conversation::parse(call);
    let report = stage.report(&conversation);
    let topic = |name: &str| report.topics.iter().find(|topic| &*topic.topic == name).unwrap();
    assert!(topic("courier").sentiment > Some(0.3));
    assert!(topic("app").sentiment < Some(-0.3));
    assert!(!report.topics.iter().any(|topic| &*topic.topic == "unused"));
    let mentions: Vec<(usize, &str)> =
        topic("courier").mentions.iter().map(|mention| (mention.turn, &call[mention.start..mention.end])).collect();
    assert_eq!(mentions, [(0, "How was the courier?"), (1, "The courier was wonderful.")]);
    let app = &topic("app").mentions[0];
    assert_eq!(&call[app.start..app.end], "But the app is horrible, it costs 3.50!");
}

#[test]
fn many_mentions_take_bounded_time() {
    let nested: Vec<String> = (1..10).map(|words| "a ".repeat(words)).collect();
    let stage = stage([TopicEntry::new("t").phrases(nested.iter().map(String::as_str))]);
    let text = "a ".repeat(MAX_CHARS);
    let conversation = Conversation::parse(&text);
    let report = stage.report(&conversation);
    assert!(report.call.truncated);
    assert!(!report.topics[0].mentions.is_empty());
}

#[cfg(feature = "files")]
#[test]
fn files_in_toml_and_json() {
    let toml = "[[topic]]\nname = \"a\"\n[[topic]]\nname = \"b\"\nparent = \"a\"\nlanguage = \"pt\"\n\
        phrases = [\"um\", { phrase = \"dois\", weight = 2.5 }]";
    let json = r#"{"topic": [{"name": "a"}, {"name": "b", "parent": "a", "language": "pt",
        "phrases": ["um", {"phrase": "dois", "weight": 2.5}]}]}"#;
    let file = TaxonomyFile::from_toml(toml).unwrap();
    assert_eq!(file, TaxonomyFile::from_json(json).unwrap());
    assert_eq!(file.topics[1].phrases[1], PhraseEntry::new("dois").weight(2.5));
    assert_eq!(Taxonomy::new(&file).unwrap().len(), 2);
    assert!(
        TaxonomyFile::from_toml("[[topic]]\nname = \"a\"\nfrases = []").unwrap_err().to_string().contains("frases")
    );
    assert!(TaxonomyFile::from_json("{").is_err());
}

proptest! {
    #[test]
    fn mentions_are_complete_and_in_order(text in prop_oneof![any::<String>(), "[ab .,é]{0,40}"]) {
        let taxonomy = taxonomy([
            TopicEntry::new("x").phrases(["a", "a b", "b b a", "é"]),
            TopicEntry::new("y").phrases(["b", "b a b"]),
        ]);
        let mut last = 0;
        for mention in taxonomy.mentions(&text, Language::Unknown) {
            prop_assert!(last <= mention.start && mention.start < mention.end);
            prop_assert!(text.get(mention.start..mention.end).is_some());
            let is_word = |c: char| c.is_ascii_alphanumeric();
            prop_assert!(!text[..mention.start].ends_with(is_word) && !text[mention.end..].starts_with(is_word));
            last = mention.end;
        }
    }
}
