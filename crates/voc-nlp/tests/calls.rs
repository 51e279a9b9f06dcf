//! How calls are scored, turn by turn.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use proptest::prelude::*;
use voc_nlp::{CallStage, Conversation, Engine, FastStage, Language, MAX_CHARS, Probabilities, Role};

fn score(transcript: &str) -> f32 {
    CallStage::default().annotate(transcript).sentiment.unwrap()
}

#[test]
fn the_customer_counts_more_than_the_agent() {
    let polite_agent = "Agent: I'm happy to help, great!\nCustomer: This is terrible.\nAgent: Wonderful, thank you!";
    assert!(score(polite_agent) < -0.05);
    let rude_agent = "Agent: Awful weather.\nCustomer: You solved it, excellent!\nAgent: Bad. Sorry.";
    assert!(score(rude_agent) > 0.05);
}

#[test]
fn later_turns_count_more() {
    let solved = "Customer: It is broken.\nAgent: It is fixed.\nCustomer: Great.";
    let unsolved = "Customer: Great.\nAgent: It is fixed.\nCustomer: It is broken.";
    assert!(score(solved) > 0.05);
    assert!(score(unsolved) < score(solved) - 0.1);
}

#[test]
fn a_flat_no_counts_against_the_call() {
    let refused = "Agent: Shall I book it?\nCustomer: No.\nAgent: Blue, then?\nCustomer: Blue.\nAgent: Is that all?\nCustomer: Yes.";
    assert!(score(refused) < score(&refused.replace("No.", "Hm.")));
    let conversation = Conversation::parse("Agent: Anything else?\nCustomer: No.");
    let farewell = CallStage::default().report(&conversation);
    assert!(farewell.turns.iter().all(|turn| !turn.is_refusal && turn.valence == 0.0));
    let conversation = Conversation::parse(refused);
    let report = CallStage::default().report(&conversation);
    let refusals: Vec<usize> = (0..report.turns.len()).filter(|&turn| report.turns[turn].is_refusal).collect();
    assert_eq!(refusals, [1]);
}

#[test]
fn portuguese_calls() {
    let call = "Atendente: Obrigado por ligar, em que posso ajudar?\nCliente: O aplicativo não funciona.\n\
        Atendente: Perfeito, que bom falar com você!\nCliente: Péssimo atendimento, vou cancelar.";
    let annotation = CallStage::default().annotate(call);
    assert!(annotation.sentiment < Some(-0.3));
    assert_eq!(annotation.language, Language::Pt);
    assert_eq!(annotation.topic.as_deref(), Some("technical"));
}

#[test]
fn a_text_without_speakers_is_annotated_as_a_whole() {
    for text in ["", " ", "Great, thanks!", "It broke at 10:30. Note: I want a refund.", "😡"] {
        assert_eq!(CallStage::default().annotate(text), Engine::built_in().annotate(text));
        let conversation = Conversation::parse(text);
        let report = CallStage::default().report(&conversation);
        assert_eq!(report.call, Engine::built_in().annotate(text));
        assert_eq!((report.has_speakers, report.turns.len()), (false, usize::from(!text.trim().is_empty())));
    }
}

#[test]
fn a_call_without_words_has_no_sentiment() {
    assert_eq!(CallStage::default().annotate("Agent:\nCustomer: …").sentiment, None);
}

#[test]
fn other_speakers_count_if_no_customer_is_known() {
    let others = "John: terrible\nMary: fine\nJohn: terrible";
    assert!(score(others) < -0.05);
    let with_agent = "Agent: great, great\nJohn: terrible\nMary: hm\nAgent: great\nJohn: terrible";
    assert!(score(with_agent) < -0.05);
}

const CALL: &str = "Agent: Good morning, how can I help?\nCustomer: I was charged twice, this is ridiculous!\n\
    Agent: I'm sorry about that.\nCustomer: I'm really disappointed.\nAgent: I have refunded it.\n\
    Customer: That was quick, I appreciate it.\nAgent: Is there anything else?\nCustomer: No, great service. Thank you!";

#[test]
fn a_report_separates_the_parts() {
    let conversation = Conversation::parse(CALL);
    let report = CallStage::default().report(&conversation);
    assert_eq!(report.call, CallStage::default().annotate(CALL));
    assert_eq!(report.turns.len(), 8);

    let worst = &report.turns[report.worst.unwrap()];
    assert_eq!(worst.turn.text, "I was charged twice, this is ridiculous!");
    assert_eq!(&CALL[worst.turn.start..worst.turn.end], worst.turn.text);

    let speakers: Vec<_> = report.speakers.iter().map(|speaker| (speaker.role, speaker.turns)).collect();
    assert_eq!(speakers, [(Role::Agent, 4), (Role::Customer, 4)]);

    let [first, .., last] = report.quarters;
    assert!(first < Some(-0.2) && last > Some(0.2), "{:?}", report.quarters);
    assert!(report.trend > Some(0.5));
}

#[test]
fn evidence_says_why() {
    let conversation = Conversation::parse(CALL);
    let report = CallStage::default().report(&conversation);
    let words: Vec<Vec<&str>> = report
        .turns
        .iter()
        .map(|turn| turn.evidence.iter().map(|evidence| &CALL[evidence.start..evidence.end]).collect())
        .collect();
    assert_eq!(words[1], ["charged twice", "ridiculous"]);
    assert_eq!(words[3], ["disappointed"]);
    assert!(words[7].contains(&"great"));
    for turn in &report.turns {
        assert!(
            turn.evidence.iter().all(|evidence| turn.turn.start <= evidence.start && evidence.end <= turn.turn.end)
        );
    }
}

#[test]
fn extra_words_count_in_calls() {
    let engine = Engine::built_in().with_extra_words(&[("frobbed", -3.0)], Language::Unknown).unwrap();
    let call = "Agent: Hello.\nCustomer: It is frobbed.";
    assert!(CallStage::new(engine.clone()).annotate(call).sentiment < Some(-0.3));
    assert_ne!(CallStage::new(engine).version(), CallStage::default().version());
}

#[test]
fn long_calls_are_cut() {
    let call = "Agent: good\nCustomer: bad\n".repeat(50_000);
    let annotation = CallStage::default().annotate(&call);
    assert!(annotation.truncated);
    assert!(annotation.sentiment < Some(-0.5));
    let first: String = call.chars().take(MAX_CHARS).collect();
    assert_eq!(CallStage::default().annotate(&first).sentiment, annotation.sentiment);
    assert!(CallStage::default().report(&Conversation::parse(&call)).call.truncated);
}

/// What is said and when shifts what the customer's words alone say, but not without limit.
#[test]
fn turns_shift_the_probabilities() {
    let score = |agent: &str, times: usize| {
        let call = format!(
            "Customer: The parcel is on the table.\n{}",
            format!("Agent: {agent}\nCustomer: Yes.\n").repeat(times)
        );
        CallStage::default().annotate(&call).sentiment.unwrap()
    };
    assert!(score("Terrible that is.", 2) < score("Somewhere that is.", 2));
    // Agents are always polite. Both words have nine letters: places in the text have weights.
    assert_eq!(score("Somewhere that is.", 2), score("Excellent that is.", 2));
    let of_customer = |call: &str| CallStage::default().annotate(call).sentiment.unwrap();
    assert!(
        of_customer("Customer: Terrible.\nAgent: Yes?\nCustomer: Excellent.")
            > of_customer("Customer: Excellent.\nAgent: Yes?\nCustomer: Terrible.")
    );
    assert_eq!(of_customer("Agent: excellent, terrible, excellent"), 0.0);
}

/// Calls of turns with and without words of the lexicon.
fn call() -> impl Strategy<Value = String> {
    let turn = prop::sample::select(vec![
        "Agent: good",
        "Customer: BAD!!",
        "Customer: no.",
        "Agent: :(",
        "Cliente: não gostei, mas é ótimo",
        "hello",
        "Customer: 😀 soooo good",
        "Bot: …",
        "Customer:",
        "Atendente: péssimo",
        "\u{200f}Customer: not good at all",
        "\u{0}",
    ]);
    prop::collection::vec(turn, 0..30).prop_map(|turns| turns.join("\n"))
}

proptest! {
    #[test]
    fn the_whole_follows_from_the_parts(call in call()) {
        let conversation = Conversation::parse(&call);
        let report = CallStage::default().report(&conversation);
        prop_assert_eq!(&report.call, &CallStage::default().annotate(&call));
        if report.has_speakers && report.call.sentiment.is_some() {
            let Probabilities { negative, positive, .. } = report.call.probabilities;
            prop_assert_eq!(report.call.sentiment, Some(positive - negative));
            // If the customer says no words, the confidence is 0.
            prop_assert!(report.call.confidence > 0.0 || report.call.sentiment == Some(0.0));
        }
        for turn in &report.turns {
            prop_assert!((-1.0..=1.0).contains(&turn.score));
            prop_assert!((0.0..=1.0).contains(&turn.weight));
        }
        for score in report.quarters.into_iter().flatten() {
            prop_assert!((-1.0..=1.0).contains(&score));
        }
    }

    #[test]
    fn any_text_has_an_answer(text in any::<String>()) {
        let conversation = Conversation::parse(&text);
        let report = CallStage::default().report(&conversation);
        prop_assert_eq!(report.call, CallStage::default().annotate(&text));
    }
}
