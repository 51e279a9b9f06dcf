//! Random events of the family `voc`, and what questions about them have in common.

use std::sync::Arc;

use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::json;
use uuid::Uuid;
use voc_events::{
    DecodeOptions, Decoded, Envelope, Family as _, TenantId, Timestamp,
    voc::{Voc, VocEvent},
};
use voc_store::{
    BatchBuilder, Condition, Filter, InsertBatch, PartitionBy, Period, RowAnnotation, SourceRange, TenantScope, Value,
};

/// 2026-10-24T21:00:00Z: the clocks of Europe are set back four hours later, those of New York a week later.
pub(super) const START: i64 = 1_792_875_600_000;
pub(super) const HOUR: i64 = 3_600_000;
pub(super) const DAY: i64 = 24 * HOUR;

#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) number: u64,
    pub(super) tenant: &'static str,
    pub(super) millis: i64,
    pub(super) kind: Kind,
    pub(super) call: u64,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Call {
        agent: Option<&'static str>,
        duration: Option<i64>,
        mos: Option<f64>,
        sentiment: Option<f32>,
        topic: Option<&'static str>,
    },
    Action {
        action: &'static str,
        agent: &'static str,
    },
    Tool {
        tool: &'static str,
        duration: Option<i64>,
        success: Option<bool>,
    },
    Metric {
        value: f64,
        region: Option<&'static str>,
    },
    Other,
}

impl Event {
    fn json(&self) -> String {
        let base = json!({"event_id": Uuid::from_u64_pair(7, self.number), "tenant_id": self.tenant,
            "timestamp": Timestamp::from_millis(START + self.millis).to_string()});
        let own = match &self.kind {
            Kind::Call { agent, duration, mos, .. } => {
                json!({"event_type": "call", "call_id": format!("c{}", self.call),
                "agent_id": agent, "duration_ms": duration, "call_quality": mos.map(|mos| json!({"mos": mos}))})
            }
            Kind::Action { action, agent } => {
                json!({"event_type": "agent_action", "action": action, "agent_id": agent})
            }
            Kind::Tool { tool, duration, success } => json!({"event_type": "tool_invocation", "tool_name": tool,
                "duration_ms": duration, "success": success}),
            Kind::Metric { value, region } => {
                json!({"event_type": "qos_metric", "metric_name": "jitter", "value": value,
                "tags": region.map(|region| json!({"region": region}))})
            }
            Kind::Other => json!({"event_type": "survey"}),
        };
        let members = [base, own].into_iter().flat_map(|part| part.as_object().unwrap().clone());
        serde_json::Value::Object(members.filter(|(_, value)| !value.is_null()).collect()).to_string()
    }

    fn annotation(&self) -> RowAnnotation<'_> {
        match self.kind {
            Kind::Call { sentiment, topic, .. } => {
                RowAnnotation { sentiment, topic, language: "en", decided_by: "fast@1", ..RowAnnotation::default() }
            }
            _ => RowAnnotation::default(),
        }
    }
}

fn kind() -> impl Strategy<Value = Kind> {
    let agent = || select(vec!["ana", "bo", "cy"]);
    let call = (
        option::of(agent()),
        option::of(0_i64..1_000_000),
        option::of(1.0..5.0),
        option::weighted(0.8, -1.0_f32..1.0),
        option::weighted(0.8, select(vec!["billing", "account", "técnico"])),
    )
        .prop_map(|(agent, duration, mos, sentiment, topic)| Kind::Call { agent, duration, mos, sentiment, topic });
    let action =
        (select(vec!["transfer", "resolve"]), agent()).prop_map(|(action, agent)| Kind::Action { action, agent });
    let tool = (select(vec!["crm", "kb"]), option::of(0_i64..500), option::of(any::<bool>()))
        .prop_map(|(tool, duration, success)| Kind::Tool { tool, duration, success });
    let metric =
        (-5.0..5.0, option::of(select(vec!["eu", "us"]))).prop_map(|(value, region)| Kind::Metric { value, region });
    prop_oneof![4 => call, 1 => action, 2 => tool, 2 => metric, 1 => Just(Kind::Other)]
}

pub(super) fn event() -> impl Strategy<Value = Event> {
    let millis = prop_oneof![0..9 * DAY, (0..9 * 24_i64).prop_map(|hour| hour * HOUR), 0..3 * HOUR];
    // Few numbers and times, so that events are sent again.
    (0..400_u64, select(vec!["acme", "globex", "initech"]), millis, kind())
        .prop_map(|(number, tenant, millis, kind)| Event { number, tenant, millis, kind, call: number % 5 })
}

/// Events in batches, some of which repeat an event of another batch, as it is or as an event of another type or call.
pub(super) fn batches() -> impl Strategy<Value = Vec<Vec<Event>>> {
    let resend = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), option::of((kind(), 0..5_u64)));
    (vec(vec(event(), 1..40), 1..5), vec(resend, 0..10)).prop_map(|(mut batches, resends)| {
        for (from, to, changed) in resends {
            let batch = from.get(&batches);
            let mut event = to.get(batch).clone();
            if let Some((kind, call)) = changed {
                event = Event { kind, call, ..event };
            }
            let last = to.index(batches.len());
            batches[last].push(event);
        }
        batches
    })
}

pub(super) fn sealed(events: &[Event], first: i64, processed_at: i64) -> Arc<InsertBatch> {
    let voc = Voc::for_topic("voc.events", &DecodeOptions::default());
    let mut builder = BatchBuilder::new(Voc::TABLE, PartitionBy::Month);
    for (event, offset) in events.iter().zip(first..) {
        let payload = event.json();
        let Ok(Decoded { event: decoded, .. }) = voc.decode(&payload, &Envelope::default()) else {
            panic!("cannot be decoded: {payload}")
        };
        let decoded: VocEvent<'_> = decoded;
        builder.push(&decoded, &payload, &event.annotation(), offset).unwrap();
    }
    let last = first + events.len() as i64 - 1;
    let range = SourceRange { family: Voc::NAME, topic: "voc.events".into(), partition: 0, epoch: 0, first, last };
    Arc::new(builder.seal(range, Timestamp::from_millis(processed_at)))
}

pub(super) fn texts(values: &[&str]) -> Vec<Value> {
    values.iter().map(|value| Value::Text((*value).to_owned())).collect()
}

pub(super) fn filter() -> impl Strategy<Value = Filter> {
    let types = select(vec![&["call"][..], &["call", "survey"], &["tool_invocation", "nothing"]]);
    let condition = prop_oneof![
        types.clone().prop_map(|types| ("event_type", Condition::Is(texts(types)))),
        types.prop_map(|types| ("event_type", Condition::IsNot(texts(types)))),
        Just(("topic", Condition::Is(texts(&["billing", "técnico"])))),
        Just(("topic", Condition::IsNot(texts(&["billing"])))),
        Just(("topic", Condition::Present)),
        Just(("agent_id", Condition::Absent)),
        Just(("agent_id", Condition::Contains(vec!["n".to_owned(), "y".to_owned()]))),
        Just(("topic", Condition::ContainsNot(vec!["cnic".to_owned()]))),
        Just(("tags.region", Condition::Is(texts(&["eu"])))),
        Just(("tags.region", Condition::IsNot(texts(&["eu"])))),
        Just(("success", Condition::Is(vec![Value::Boolean(true)]))),
        (-1.0..1.0).prop_map(|least| ("sentiment", Condition::AtLeast(Value::Float(least)))),
        (-1.0..1.0).prop_map(|most| ("sentiment", Condition::Less(Value::Float(most)))),
        (0..1_000_000_i64).prop_map(|least| ("duration_ms", Condition::More(Value::Integer(least)))),
        (0..9 * DAY)
            .prop_map(|time| ("timestamp", Condition::AtMost(Value::Time(Timestamp::from_millis(START + time))))),
        Just(("payload.success", Condition::Is(texts(&["true"])))),
        Just(("payload.tags.region", Condition::ContainsNot(vec!["e".to_owned()]))),
        (0..500_i64).prop_map(|most| ("payload.duration_ms", Condition::AtMost(Value::Integer(most)))),
        (1.0..5.0).prop_map(|least| ("call_quality.mos", Condition::AtLeast(Value::Float(least)))),
    ];
    condition.prop_map(|(field, condition)| Filter::parse(&Voc::TABLE, field, condition).unwrap())
}

pub(super) fn tenants() -> impl Strategy<Value = TenantScope> {
    prop_oneof![
        2 => Just(TenantScope::All),
        3 => select(vec!["acme", "globex", "nobody"]).prop_map(|name| TenantScope::of(TenantId::new(name).unwrap())),
        1 => Just(TenantScope::Only(["acme", "initech"].map(|name| TenantId::new(name).unwrap()).to_vec())),
        1 => Just(TenantScope::Only(Vec::new())),
    ]
}

pub(super) fn period() -> impl Strategy<Value = Period> {
    let bound = || prop_oneof![-DAY..10 * DAY, (-24..240_i64).prop_map(|hour| hour * HOUR)];
    let at = |millis: i64| Timestamp::from_millis(START + millis);
    (bound(), bound()).prop_map(move |(one, other)| Period { since: at(one.min(other)), until: at(one.max(other)) })
}
