//! Generated events: what was sent, and what the annotator said of it.

use std::sync::Arc;

use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Map, Value, json};
use uuid::Uuid;
use voc_events::{DecodeOptions, Decoded, Envelope, Family as _, Timestamp, voc::Voc};
use voc_store::{BatchBuilder, InsertBatch, PartitionBy, RowAnnotation, SourceRange};

use crate::transcripts::{LISTS, Transcript, transcript};

pub(crate) const HOUR: i64 = 3_600_000;
pub(crate) const DAY: i64 = 24 * HOUR;
/// The days of an era.
pub(crate) const DAYS: i64 = 9;
/// 2026-10-24T00:00:00Z and 2026-03-28T00:00:00Z: in the nine days from either, clocks change in many time zones.
pub(crate) const ERAS: [i64; 2] = [1_792_800_000_000, 1_774_656_000_000];

/// An event, with the values of its fields under the names of their columns.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) number: u64,
    pub(crate) tenant: &'static str,
    pub(crate) millis: i64,
    pub(crate) event_type: &'static str,
    /// The fields that were sent.
    pub(crate) sent: Map<String, Value>,
    /// What is said, if it is a call that has a transcript.
    pub(crate) transcript: Option<Arc<Transcript>>,
    /// Whether its producer writes characters beyond ASCII as escapes.
    pub(crate) is_escaped: bool,
    pub(crate) annotation: Annotation,
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Annotation {
    /// Whether the annotator knew of facts of calls.
    pub(crate) has_facts: bool,
    pub(crate) sentiment: Option<f32>,
    pub(crate) topic: Option<&'static str>,
    pub(crate) language: Option<&'static str>,
}

impl Event {
    /// The value of a field; null if there is none.
    pub(crate) fn field(&self, name: &str) -> Value {
        match name {
            "event_type" => json!(self.event_type),
            "tenant_id" => json!(self.tenant),
            "sentiment" => json!(self.annotation.sentiment.map(f64::from)),
            "topic" => json!(self.annotation.topic),
            "language" => json!(self.annotation.language),
            _ => self.fact(name).or_else(|| self.sent.get(name).cloned()).unwrap_or_default(),
        }
    }

    /// The value of a field of the call's facts, if they are stored; without them, there are lists of nothing.
    fn fact(&self, name: &str) -> Option<Value> {
        let transcript = self.transcript.as_ref().filter(|_| self.annotation.has_facts);
        let fact = transcript.and_then(|transcript| transcript.fact(name));
        fact.or_else(|| LISTS.contains(&name).then(|| json!([])))
    }

    /// The event as its producer writes it. Only calls and actions have members for what they belong to.
    pub(crate) fn json(&self) -> String {
        let mut members = json!({"event_id": Uuid::from_u64_pair(9, self.number), "tenant_id": self.tenant,
            "timestamp": Timestamp::from_millis(self.millis).to_string(), "event_type": self.event_type});
        let ties = ["call_id", "agent_id", "customer_id"];
        let own: &[&str] = match self.event_type {
            "call" => &ties,
            "agent_action" => &["agent_id"],
            _ => &[],
        };
        for (name, value) in self.sent.iter().filter(|(_, value)| !value.is_null()) {
            match name.split_once('.') {
                Some((map, key)) => members[map][key] = value.clone(),
                None if ties.contains(&name.as_str()) && !own.contains(&name.as_str()) => {
                    members["metadata"][name] = value.clone();
                }
                None => members[name] = value.clone(),
            }
        }
        if let Some(transcript) = &self.transcript {
            members["transcript"] = json!(transcript.text);
        }
        let text = members.to_string();
        if self.is_escaped { text.chars().map(escaped).collect() } else { text }
    }
}

/// A character in JSON with nothing but ASCII.
fn escaped(character: char) -> String {
    let units = |character: char| {
        let mut units = [0; 2];
        character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect()
    };
    if character.is_ascii() { character.to_string() } else { units(character) }
}

fn sent(members: Value) -> Map<String, Value> {
    let Value::Object(members) = members else { panic!("no object") };
    members
}

pub(crate) const TOPICS: [&str; 4] = ["billing", "account", "técnico", "a, \"b\""];
pub(crate) const AGENTS: [&str; 3] = ["ana", "bo", "=cy"];
pub(crate) const CALLS: [&str; 8] = ["c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8"];
pub(crate) const CUSTOMERS: [&str; 3] = ["k1", "k2", "k3"];

pub(crate) fn annotation() -> impl Strategy<Value = Annotation> {
    // Multiples of a power of two, whose sums do not depend on the order of their terms.
    let sentiment = option::weighted(0.8, (-64_i8..=64).prop_map(|part| f32::from(part) / 64.0));
    let topic = option::weighted(0.8, select(TOPICS.to_vec()));
    let language = option::weighted(0.9, select(vec!["en", "pt"]));
    (prop::bool::weighted(0.9), sentiment, topic, language)
        .prop_map(|(has_facts, sentiment, topic, language)| Annotation { has_facts, sentiment, topic, language })
}

fn event(era: i64) -> impl Strategy<Value = Event> {
    let agent = || select(AGENTS.to_vec());
    let (call_id, customer) = (|| select(CALLS.to_vec()), || option::of(select(CUSTOMERS.to_vec())));
    let call = (call_id(), option::of(agent()), customer(), option::of(0_i64..100_000), option::of(8_i64..40))
        .prop_map(|(call, agent, customer, duration, mos)| {
            (
                "call",
                json!({"call_id": call, "agent_id": agent, "customer_id": customer, "duration_ms": duration,
                "call_quality.mos": mos.map(|eighths| eighths as f64 / 8.0)}),
            )
        });
    let action = (select(vec!["transfer", "transfer_call", "resolve", "escalate"]), agent())
        .prop_map(|(action, agent)| ("agent_action", json!({"action": action, "agent_id": agent})));
    let of_tool = (option::of(0_i64..500), option::of(any::<bool>()));
    let tool = (select(vec!["crm", "kb"]), option::of(agent()), option::of(call_id()), of_tool).prop_map(
        |(tool, agent, call, (duration, success))| {
            (
                "tool_invocation",
                json!({"tool_name": tool, "agent_id": agent, "call_id": call, "duration_ms": duration,
                "success": success}),
            )
        },
    );
    let metric = (select(vec!["jitter", "loss"]), -40_i64..40, option::of(select(vec!["eu", "us"])), call_id())
        .prop_map(|(metric, eighths, region, call)| {
            (
                "qos_metric",
                json!({"metric_name": metric, "value": eighths as f64 / 8.0, "tags.region": region,
                "call_id": call}),
            )
        });
    let kind = prop_oneof![4 => call, 2 => action, 2 => tool, 2 => metric, 1 => Just(("survey", json!({})))];
    let millis = prop_oneof![
        0..DAYS * DAY,
        (0..DAYS * 24).prop_map(|hour| hour * HOUR),
        (0..DAYS * 96).prop_map(|quarter| quarter * HOUR / 4 - 1),
    ];
    let said = (option::weighted(0.8, transcript()), any::<bool>());
    (select(vec!["acme", "globex"]), millis, kind, annotation(), said).prop_map(
        move |(tenant, millis, (event_type, members), annotation, (transcript, is_escaped))| Event {
            number: 0,
            tenant,
            millis: era + millis,
            event_type,
            sent: sent(members),
            transcript: transcript.filter(|_| event_type == "call"),
            is_escaped,
            annotation: if event_type == "call" { annotation } else { Annotation::default() },
        },
    )
}

/// Events in batches, some of which repeat an event of an earlier batch.
pub(crate) fn batches(era: i64) -> impl Strategy<Value = Vec<Vec<Event>>> {
    let resend = (any::<prop::sample::Index>(), any::<prop::sample::Index>());
    (vec(vec(event(era), 1..60), 1..5), vec(resend, 0..12)).prop_map(|(mut batches, resends)| {
        for (event, number) in batches.iter_mut().flatten().zip(0..) {
            event.number = number;
        }
        for (from, to) in resends {
            let batch = from.get(&batches);
            let event = to.get(batch).clone();
            let last = to.index(batches.len());
            batches[last].push(event);
        }
        batches
    })
}

/// A batch as the processor stores it.
pub(crate) fn sealed(events: &[Event], first: i64, processed_at: i64) -> Arc<InsertBatch> {
    let voc = Voc::for_topic("voc.events", &DecodeOptions::default());
    let mut builder = BatchBuilder::new(Voc::TABLE, PartitionBy::Month);
    for (event, offset) in events.iter().zip(first..) {
        let payload = event.json();
        let Ok(Decoded { event: decoded, .. }) = voc.decode(&payload, &Envelope::default()) else {
            panic!("cannot be decoded: {payload}")
        };
        let Annotation { has_facts, sentiment, topic, language } = event.annotation;
        let call = event.transcript.as_ref().filter(|_| has_facts).map(|transcript| transcript.row());
        let language = language.unwrap_or("");
        let annotation = RowAnnotation { sentiment, topic, language, call: call.as_ref(), ..RowAnnotation::default() };
        builder.push(&decoded, &payload, &annotation, offset).unwrap();
    }
    let last = first + i64::try_from(events.len()).unwrap() - 1;
    let range = SourceRange { family: Voc::NAME, topic: "voc.events".into(), partition: 0, epoch: 0, first, last };
    Arc::new(builder.seal(range, Timestamp::from_millis(processed_at)))
}
