//! Transcripts of calls, and what the annotator knows of them.

use std::sync::{Arc, LazyLock};

use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};
use voc_nlp::{AnnotatedCall, CallFacts, CallStage, CallTiming, Conversation, FastStage as _, GivenTurn, Role};
use voc_store::{RowCall, RowCallTimes, RowTopic};

/// What is said: in two languages, with phrases that count, words that differ only in case or accents, and accents
/// that follow their letter.
pub(crate) const SENTENCES: [&str; 16] = [
    "Hello, how can I help you today?",
    "The late fee is ridiculous, I want a refund!",
    "I have refunded the late fee, and the fee is gone.",
    "LATE again: nobody answers.",
    "A cobrança está errada, não funciona.",
    "Cobranc\u{327}a em atraso? É péssimo!",
    "Claro, a cobrança foi cancelada.",
    "The app crashed again and the login does not work.",
    "I want to speak to a manager.",
    "I want to cancel my account, this is awful.",
    "Great, that works. Thank you!",
    "I am sorry, I will check it.",
    "It's 2x the price; I paid twice.",
    "Obrigado, ótimo atendimento.",
    "Fee? What fee?",
    "Hm.",
];

/// Speakers, as a transcript names them, with their roles.
pub(crate) const SPEAKERS: [(&str, &str); 4] =
    [("Customer", "customer"), ("Agent", "agent"), ("Bot", "bot"), ("Speaker 3", "other")];

/// The transcript of a call.
#[derive(Debug)]
pub(crate) struct Transcript {
    pub(crate) text: String,
    /// Who says what, by role.
    pub(crate) turns: Vec<(&'static str, &'static str)>,
    /// What the annotator says of it.
    found: AnnotatedCall,
    /// What it says of its times, if it has any.
    timing: Option<CallTiming>,
}

pub(crate) fn transcript() -> impl Strategy<Value = Arc<Transcript>> {
    static CALLS: LazyLock<CallStage> = LazyLock::new(CallStage::default);
    let of = |text: String, turns, timing| {
        let found = CALLS.annotate_call_for("", &text);
        Arc::new(Transcript { text, turns, found, timing })
    };
    let speaker = prop_oneof![3 => Just(0_usize), 3 => Just(1), 1 => Just(2), 1 => Just(3)];
    let turns =
        (vec((speaker, select(SENTENCES.to_vec())), 1..9), any::<Option<u64>>()).prop_map(move |(turns, seed)| {
            let timing = seed.and_then(|seed| timing(&turns, seed));
            let lines = turns.iter().map(|(speaker, said)| format!("{}: {said}", SPEAKERS[*speaker].0));
            let text = lines.collect::<Vec<_>>().join("\n");
            let inferred = inferred_role(&text);
            let role = |speaker: usize| if speaker == NUMBERED { inferred } else { SPEAKERS[speaker].1 };
            of(text, turns.into_iter().map(|(speaker, said)| (role(speaker), said)).collect(), timing)
        });
    let of_nobody = select(SENTENCES.to_vec()).prop_map(move |said| of(said.to_owned(), vec![("other", said)], None));
    prop_oneof![8 => turns, 1 => of_nobody]
}

/// The place of the speaker whose name states no role.
const NUMBERED: usize = 3;

/// The role of that speaker, which follows from what is said.
fn inferred_role(text: &str) -> &'static str {
    let conversation = Conversation::parse(text);
    let turn = conversation.turns().into_iter().find(|turn| turn.speaker == Some(SPEAKERS[NUMBERED].0));
    turn.map_or(SPEAKERS[NUMBERED].1, |turn| turn.role.as_str())
}

/// What is known of turns of which each lasts up to two seconds, and begins up to one second before or after the end
/// of the turn before.
fn timing(turns: &[(usize, &'static str)], seed: u64) -> Option<CallTiming> {
    let (mut random, mut end) = (seed, 1000);
    let mut next = |below: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    };
    let turns: Vec<GivenTurn<'_>> = turns
        .iter()
        .map(|(speaker, said)| {
            let start = end + next(2000) - 1000;
            end = start.max(1000) + next(2000);
            let role = [Role::Customer, Role::Agent, Role::Bot, Role::Other][*speaker];
            GivenTurn { role: Some(role), start_ms: Some(start), end_ms: Some(end), ..GivenTurn::new(said) }
        })
        .collect();
    CallStage::default().report(&Conversation::of_turns(turns)).facts.timing
}

impl Transcript {
    fn facts(&self) -> &CallFacts {
        self.found.facts.as_ref().unwrap()
    }

    /// The value of a field of the call's facts.
    pub(crate) fn fact(&self, name: &str) -> Option<Value> {
        let facts = self.facts();
        let number = |number: Option<f32>| json!(number.map(f64::from));
        // Lists of numbers have the shortest ones that mean the same.
        let short = |number: Option<f32>| json!(number.map(|number| number.to_string().parse::<f64>().unwrap()));
        let topics = &self.found.annotation.topics;
        let time = |of: fn(&CallTiming) -> u64| json!(self.timing.as_ref().map(of));
        let value = match name {
            "turns" => json!(facts.turns),
            "customer_words" => json!(facts.customer_words),
            "agent_words" => json!(facts.agent_words),
            "other_words" => json!(facts.other_words),
            "longest_monologue_words" => json!(facts.longest_monologue_words),
            "agent_talk_ms" => time(|timing| timing.agent_talk_ms),
            "customer_talk_ms" => time(|timing| timing.customer_talk_ms),
            "other_talk_ms" => time(|timing| timing.other_talk_ms),
            "non_talk_ms" => time(|timing| timing.non_talk_ms),
            "agent_interruptions" => time(|timing| timing.agent_interruptions.into()),
            "customer_interruptions" => time(|timing| timing.customer_interruptions.into()),
            "response_ms" => json!(self.timing.and_then(|timing| timing.response_ms)),
            "customer_sentiment" => number(facts.customer),
            "agent_sentiment" => number(facts.agent),
            "first_quarter_sentiment" => number(facts.first_quarter),
            "last_quarter_sentiment" => number(facts.last_quarter),
            "sentiment_change" => number(facts.change),
            "worst_turn_sentiment" => number(facts.worst_turn),
            "topics" => topics.iter().map(|topic| json!(topic.topic.as_str())).collect(),
            "topic_scores" => topics.iter().map(|topic| short(Some(topic.score))).collect(),
            "topic_sentiments" => topics.iter().map(|topic| short(facts.sentiment_towards(&topic.topic))).collect(),
            "escalation_phrases" => json!(facts.escalation_phrases),
            "churn_phrases" => json!(facts.churn_phrases),
            _ => return None,
        };
        Some(value)
    }

    /// The same as the processor stores it.
    pub(crate) fn row(&self) -> RowCall<'_> {
        let facts = self.facts();
        let topics = self.found.annotation.topics.iter().map(|topic| RowTopic {
            topic: topic.topic.as_str(),
            score: topic.score,
            sentiment: facts.sentiment_towards(&topic.topic),
        });
        RowCall {
            turns: facts.turns.into(),
            customer_words: facts.customer_words.into(),
            agent_words: facts.agent_words.into(),
            other_words: facts.other_words.into(),
            longest_monologue_words: facts.longest_monologue_words.into(),
            times: self.timing.map(|timing| {
                let millis = |millis: u64| i64::try_from(millis).unwrap();
                RowCallTimes {
                    agent_talk_ms: millis(timing.agent_talk_ms),
                    customer_talk_ms: millis(timing.customer_talk_ms),
                    other_talk_ms: millis(timing.other_talk_ms),
                    non_talk_ms: millis(timing.non_talk_ms),
                    agent_interruptions: timing.agent_interruptions.into(),
                    customer_interruptions: timing.customer_interruptions.into(),
                    response_ms: timing.response_ms.map(millis),
                }
            }),
            customer_sentiment: facts.customer,
            agent_sentiment: facts.agent,
            first_quarter_sentiment: facts.first_quarter,
            last_quarter_sentiment: facts.last_quarter,
            sentiment_change: facts.change,
            worst_turn_sentiment: facts.worst_turn,
            topics: topics.collect(),
            escalation_phrases: facts.escalation_phrases.clone(),
            churn_phrases: facts.churn_phrases.clone(),
        }
    }
}

/// The fields of the facts of calls that are lists.
pub(crate) const LISTS: [&str; 5] =
    ["topics", "topic_scores", "topic_sentiments", "escalation_phrases", "churn_phrases"];

/// The other fields of the facts of calls.
pub(crate) const NUMBERS: [&str; 18] = [
    "turns",
    "customer_words",
    "agent_words",
    "other_words",
    "longest_monologue_words",
    "agent_talk_ms",
    "customer_talk_ms",
    "other_talk_ms",
    "non_talk_ms",
    "agent_interruptions",
    "customer_interruptions",
    "response_ms",
    "customer_sentiment",
    "agent_sentiment",
    "first_quarter_sentiment",
    "last_quarter_sentiment",
    "sentiment_change",
    "worst_turn_sentiment",
];
