//! What is known of a call beyond its annotation.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use std::sync::Arc;

use proptest::prelude::*;
use voc_nlp::{
    Annotator, CallFacts, CallStage, Conversation, CustomisationFile, DecidedBy, Engine, FastStage, MAX_CHARS, Model,
    ModelAnswer, ModelError, Role, Taxonomy, TaxonomyFile, Tenants, Topic, TopicEntry,
};

fn facts(transcript: &str) -> CallFacts {
    CallStage::default().annotate_call_for("acme", transcript).facts.unwrap()
}

#[test]
fn words_are_counted_by_role() {
    let facts = facts(
        "Agent: one two\nCustomer: one, two; three!\nBot: one\nMaria (agent): don't 2.5\nSpeaker 3: one two three",
    );
    assert_eq!((facts.customer_words, facts.agent_words, facts.other_words), (3, 2 + 1 + 3, 3));
    assert_eq!(facts.turns, 5);
}

#[test]
fn a_text_without_speakers_is_one_turn_of_somebody() {
    let facts = facts("The refund never came. This is ridiculous! I want to speak to a manager.");
    assert_eq!((facts.turns, facts.customer_words, facts.agent_words, facts.other_words), (1, 0, 0, 14));
    assert_eq!(facts.longest_monologue_words, 14);
    assert_eq!((facts.customer, facts.agent), (None, None));
    assert_eq!((facts.first_quarter, facts.last_quarter, facts.change), (None, None, None));
    assert!(facts.worst_turn < Some(-0.2));
    assert!(facts.sentiment_towards("billing") < Some(-0.2));
    assert_eq!(facts.sentiment_towards("sales"), None);
    assert_eq!(facts.escalation_phrases, ["speak to a manager"]);
}

#[test]
fn a_blank_text_has_no_turns() {
    for text in ["", " \n", "Agent:\nCustomer:"] {
        assert_eq!(facts(text), CallFacts::default(), "{text:?}");
    }
}

#[test]
fn a_monologue_is_a_run_of_turns_of_one_speaker() {
    let call = "Agent: one two three\nCustomer: one two\nCustomer: three four\nAgent: one\nCustomer: one";
    assert_eq!(facts(call).longest_monologue_words, 4);
    // Two agents are two speakers.
    let call = "Ana (agent): one two\nBia (agent): one two three\nCustomer: one";
    assert_eq!(facts(call).longest_monologue_words, 3);
}

#[test]
fn speakers_have_their_own_sentiments() {
    let friendly = facts("Agent: Wonderful, I am happy to help!\nCustomer: This is terrible.");
    assert!(friendly.customer < Some(-0.3) && friendly.agent > Some(0.3));
    let one_sided = facts("Customer: This is terrible.\nSupervisor: …");
    assert_eq!(one_sided.agent, Some(0.0));
    assert_eq!(facts("Customer: This is terrible.").agent, None);
}

#[test]
fn quarters_need_four_turns_two_of_them_by_the_customer() {
    let call =
        "Customer: It is broken, this is awful.\nAgent: One moment.\nAgent: Here you are.\nCustomer: Great, thank you!";
    let four = facts(call);
    assert!(four.first_quarter < Some(-0.2) && four.last_quarter > Some(0.3));
    assert_eq!(four.change, Some(four.last_quarter.unwrap() - four.first_quarter.unwrap()));
    let three = facts("Customer: It is broken.\nAgent: Here you are.\nCustomer: Great, thank you!");
    assert_eq!((three.first_quarter, three.last_quarter, three.change), (None, None, None));
    // The first two of five turns of the customer, and the last two.
    let turns = ["bad", "awful", "It is.", "great", "excellent"].map(|said| format!("Agent: Hm.\nCustomer: {said}"));
    let five = facts(&turns.join("\n"));
    let (bad, good) = (facts("Customer: bad\nCustomer: awful"), facts("Customer: great\nCustomer: excellent"));
    assert_eq!((five.first_quarter, five.last_quarter), (bad.customer, good.customer));
    let agent_only = facts("Agent: Hello.\nCustomer: Awful.\nAgent: Hm.\nAgent: Bye.");
    assert_eq!((agent_only.first_quarter, agent_only.last_quarter, agent_only.change), (None, None, None));
}

#[test]
fn the_worst_turn_may_be_a_good_one() {
    assert!(facts("Customer: Great!\nAgent: Awful.\nCustomer: Excellent, wonderful!").worst_turn > Some(0.2));
    assert_eq!(facts("Agent: Awful.\nAgent: Bad.").worst_turn, None);
    // Without customers everybody but agents counts.
    assert!(facts("Agent: Great.\nJohn: Awful.\nMary: Hm.\nJohn: Bad.").worst_turn < Some(-0.2));
}

#[test]
fn topics_have_the_sentiment_of_the_turns_that_mention_them() {
    let call = "Agent: Great that you ask about your invoice!\nCustomer: The invoice is wrong, this is awful.\n\
        Customer: The new app is excellent, I love the software.";
    let facts = facts(call);
    assert!(facts.sentiment_towards("billing") < Some(-0.2));
    assert!(facts.sentiment_towards("technical") > Some(0.2));
    assert_eq!(facts.sentiment_towards("unheard of"), None);
    // Only the agent mentions it.
    let of_agent = self::facts("Agent: Your invoice is wonderful!\nCustomer: Awful.");
    assert!(of_agent.sentiment_towards("billing") > Some(0.2));
}

#[test]
fn topics_of_a_taxonomy_have_sentiments_too() {
    let file = TaxonomyFile::new([
        TopicEntry::new("delivery").phrases(["parcel", "courier"]),
        TopicEntry::new("billing").phrases(["gift card"]),
    ]);
    let stage = CallStage::default().with_taxonomy(Arc::new(Taxonomy::new(&file).unwrap()));
    let call =
        "Agent: Great, a parcel!\nCustomer: The parcel is awful, the courier too.\nCustomer: The gift card is great!";
    let called = stage.annotate_call_for("acme", call);
    assert_eq!(called.annotation, stage.annotate(call));
    let facts = called.facts.unwrap();
    assert!(facts.sentiment_towards("delivery") < Some(-0.2));
    // It replaces the built-in one.
    assert!(facts.sentiment_towards("billing") > Some(0.2));
}

#[test]
fn what_agents_say_is_no_phrase_of_the_customer() {
    let call = "Agent: Do you want to cancel your account? You can speak to a manager.\nBot: Cancel my account?\nCustomer: No.";
    let by_agent = facts(call);
    assert!(by_agent.churn_phrases.is_empty() && by_agent.escalation_phrases.is_empty());
    let by_customer =
        facts("Agent: Hello.\nCustomer: Cancel my account!\nAgent: Why?\nCustomer: Get me your manager, or I sue you.");
    assert_eq!(by_customer.churn_phrases, ["cancel my account"]);
    assert_eq!(by_customer.escalation_phrases, ["get me a manager", "sue you"]);
    let by_somebody =
        facts("Speaker 1: Bom dia\nSpeaker 2: Quero falar com o supervisor, vou cancelar.\nSpeaker 1: Ok");
    assert_eq!(by_somebody.escalation_phrases, ["falar com o supervisor"]);
    assert_eq!(by_somebody.churn_phrases, ["vou cancelar"]);
}

/// Decides everything, and finds a topic of its own.
struct Decided;

impl Model for Decided {
    fn name(&self) -> &str {
        "decided"
    }

    fn version(&self) -> &str {
        "1"
    }

    fn annotate_batch(&self, texts: &[&str]) -> Result<Vec<ModelAnswer>, ModelError> {
        if texts.iter().any(|text| text.contains("fail")) {
            return Err(ModelError::BadAnswer("asked to".to_owned()));
        }
        let mut answer = ModelAnswer::new(0.125, 1.0);
        answer.topic = Some(Topic::from("astronomy"));
        Ok(vec![answer; texts.len()])
    }
}

const CALL: &str = "Agent: Hello.\nCustomer: The invoice is wrong, cancel my account.\nAgent: Sorry.\nCustomer: Awful!";

#[test]
fn the_facts_do_not_depend_on_the_stage_that_decides() {
    let of_fast_stage = facts(CALL);
    let with_model = |threshold| Annotator::builder().model(Arc::new(Decided)).confidence_threshold(threshold).build();
    let failing = format!("{CALL} fail");
    let (sure, unsure) = (with_model(0.0), with_model(2.0));
    for (annotator, text, decided_by, expected) in [
        (&Annotator::default(), CALL, DecidedBy::Fast, &of_fast_stage),
        (&sure, CALL, DecidedBy::Fast, &of_fast_stage),
        (&unsure, CALL, DecidedBy::Model, &of_fast_stage),
        (&unsure, CALL, DecidedBy::Cache, &of_fast_stage),
        (&unsure, &failing, DecidedBy::Fallback, &facts(&failing)),
    ] {
        let called = annotator.annotate_calls_for(&[("acme", text)]).pop().unwrap();
        assert_eq!(called.annotation.decided_by, decided_by);
        assert_eq!(called.facts.as_ref(), Some(expected), "{decided_by}");
        if matches!(decided_by, DecidedBy::Model | DecidedBy::Cache) {
            assert_eq!(called.annotation.sentiment, Some(0.125));
            assert_eq!(expected.sentiment_towards("astronomy"), None);
        }
    }
}

#[test]
fn words_of_tenants_count() {
    let tenants = Tenants::new(CallStage::default());
    let file = CustomisationFile::default().word("frobbed", -4.0).word("cancel", -1.0);
    tenants.replace([("acme".to_owned(), tenants.customise(&file).unwrap())]);
    let call = "Agent: Hello.\nCustomer: It is frobbed, cancel my account.";
    let of_tenant = tenants.annotate_call_for("acme", call);
    assert_eq!(of_tenant.annotation, tenants.annotate_for("acme", call));
    let of_tenant = of_tenant.facts.unwrap();
    assert!(of_tenant.customer < Some(-0.5));
    assert_eq!(of_tenant.churn_phrases, ["cancel my account"]);
    assert_eq!(tenants.annotate_call_for("globex", call).facts.unwrap().customer, facts(call).customer);
}

#[test]
fn a_stage_that_knows_no_speakers_has_no_facts() {
    assert_eq!(Engine::built_in().annotate_call_for("acme", CALL).facts, None);
    let annotator = Annotator::builder().fast_stage(Arc::new(Engine::built_in())).build();
    let called = annotator.annotate_calls_for(&[("acme", CALL)]).pop().unwrap();
    assert_eq!((called.facts, called.annotation), (None, Engine::built_in().annotate(CALL)));
}

#[test]
fn only_what_is_read_counts() {
    let long = "Agent: good\nCustomer: bad\n".repeat(50_000);
    let first: String = long.chars().take(MAX_CHARS).collect();
    assert_eq!(facts(&long), facts(&first));
    assert!(CallStage::default().annotate_call_for("acme", &long).annotation.truncated);
}

fn call() -> impl Strategy<Value = String> {
    let turn = prop::sample::select(vec![
        "Agent: good",
        "Customer: BAD!! the invoice",
        "Customer: no.",
        "Agent: :( your app",
        "Cliente: não gostei, mas é ótimo. vou cancelar",
        "hello there",
        "Customer: 😀 soooo good",
        "Bot: …",
        "Customer:",
        "Atendente: péssimo",
        "\u{200f}Customer: not good at all, get me a manager",
        "\u{0}",
    ]);
    prop::collection::vec(turn, 0..30).prop_map(|turns| turns.join("\n"))
}

/// The names of speakers in [`call`].
const NAMES: [(&str, Role); 5] = [
    ("Agent:", Role::Agent),
    ("Atendente:", Role::Agent),
    ("Bot:", Role::Bot),
    ("Customer:", Role::Customer),
    ("Cliente:", Role::Customer),
];

proptest! {
    #[test]
    fn the_facts_follow_from_the_report(call in call()) {
        let conversation = Conversation::parse(&call);
        let report = CallStage::default().report(&conversation);
        let called = CallStage::default().annotate_call_for("acme", &call);
        let facts = called.facts.unwrap();
        prop_assert_eq!(&called.annotation, &report.call);
        prop_assert_eq!(&facts, &report.facts);
        prop_assert_eq!(facts.turns as usize, report.turns.len());
        let score = |roles: &[Role]| {
            let turns = report.turns.iter().filter(|turn| roles.contains(&turn.turn.role));
            turns.map(|turn| turn.valence).reduce(|sum, valence| sum + valence)
        };
        let normalised = |valence: f32| valence / (valence * valence + 15.0).sqrt();
        for (found, roles) in [(facts.customer, &[Role::Customer][..]), (facts.agent, &[Role::Agent, Role::Bot][..])] {
            let expected = score(roles).map(normalised);
            prop_assert_eq!(found.is_some(), expected.is_some());
            prop_assert!((found.unwrap_or_default() - expected.unwrap_or_default()).abs() < 1e-5);
        }
        // A name without a text is known, too.
        let named = |roles: &[Role]| roles.iter().any(|role| NAMES.iter().any(|(name, of)| of == role && call.contains(name)));
        let is_heard = |role| match role {
            _ if named(&[Role::Customer]) => role == Role::Customer,
            _ if named(&[Role::Agent, Role::Bot]) => !matches!(role, Role::Agent | Role::Bot),
            _ => true,
        };
        let heard: Vec<f32> =
            report.turns.iter().filter(|turn| is_heard(turn.turn.role)).map(|turn| turn.valence).collect();
        let quarter = heard.len().div_ceil(4);
        let has_quarters = report.turns.len() >= 4 && heard.len() >= 2;
        for (found, of_quarter) in [
            (facts.first_quarter, &heard[..quarter]),
            (facts.last_quarter, &heard[heard.len() - quarter..]),
        ] {
            let expected = has_quarters.then(|| normalised(of_quarter.iter().sum()));
            prop_assert_eq!(found.is_some(), expected.is_some());
            prop_assert!((found.unwrap_or_default() - expected.unwrap_or_default()).abs() < 1e-5);
        }
        if let Some(worst) = report.worst {
            prop_assert!((facts.worst_turn.unwrap() - report.turns[worst].score).abs() < 1e-6);
        } else {
            prop_assert!(facts.worst_turn.is_none_or(|worst| worst >= 0.0));
        }
        prop_assert!(facts.longest_monologue_words <= facts.customer_words + facts.agent_words + facts.other_words);
    }

    #[test]
    fn any_text_has_facts(text in any::<String>()) {
        let called = CallStage::default().annotate_call_for("acme", &text);
        prop_assert_eq!(called.annotation, CallStage::default().annotate(&text));
        let facts = called.facts.unwrap();
        for score in [facts.customer, facts.agent, facts.first_quarter, facts.last_quarter, facts.worst_turn] {
            prop_assert!(score.is_none_or(|score| (-1.0..=1.0).contains(&score)));
        }
        prop_assert!(facts.change.is_none_or(|change| (-2.0..=2.0).contains(&change)));
    }
}
