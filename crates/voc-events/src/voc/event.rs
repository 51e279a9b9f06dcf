//! The event types of the `voc` family.

use std::borrow::Cow;

use uuid::Uuid;

use super::turns::TranscriptTurns;
use crate::{
    Json, Timestamp, event_types, fields,
    fields::{EventType, Id, Numbers, StringMap, Tenant, Transcript},
};

event_types! {
    /// A Voice-of-Customer event.
    ///
    /// ```
    /// use voc_events::{Timestamp, voc::{BaseEvent, CallEvent, VocEvent}};
    ///
    /// let base = BaseEvent::new(uuid::Uuid::from_u128(7), "acme", Timestamp::from_millis(0), CallEvent::TYPE);
    /// let event = VocEvent::Call(CallEvent::new(base, "c-1"));
    /// assert_eq!(event.base().tenant_id, "acme");
    /// let words = match event {
    ///     VocEvent::Call(call) => call.transcript,
    ///     _ => None,
    /// };
    /// assert_eq!(words, None);
    /// assert_eq!(VocEvent::TYPES, ["call", "agent_action", "tool_invocation", "qos_metric"]);
    /// ```
    pub enum VocEvent<'a>: BaseEvent<'a> by event_type {
        /// `call`: a customer call, often with its transcript.
        Call(CallEvent<'a>),
        /// `agent_action`: something an agent did, such as a transfer.
        AgentAction(AgentActionEvent<'a>),
        /// `tool_invocation`: a tool or function called by an agent.
        ToolInvocation(ToolInvocationEvent<'a>),
        /// `qos_metric`: a quality-of-service measurement.
        QosMetric(QosMetricEvent<'a>),
    }
}

fields! {
    /// The fields that every event has.
    ///
    /// ```
    /// use voc_events::voc::BaseEvent;
    ///
    /// let record = br#"{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","tenant_id":"acme",
    ///     "timestamp":"2026-02-02T12:00:00Z","event_type":"call","call_id":"c-1","metadata":{"plan":"gold"}}"#;
    /// // Enough to know whose event it is; the fields of its type are among the other members.
    /// let base = BaseEvent::try_from(&record[..])?;
    /// assert_eq!((base.tenant_id.as_ref(), base.extra[0].0.as_ref()), ("acme", "call_id"));
    /// assert_eq!(base.metadata.as_ref().map(|metadata| metadata.as_str()), Some(r#"{"plan":"gold"}"#));
    /// # Ok::<(), voc_events::Invalid>(())
    /// ```
    pub struct BaseEvent<'a> {
        required {
            /// Unique identifier of the event.
            event_id: Uuid,
            /// Whose event it is: 1 to 256 bytes of text without control characters.
            tenant_id: Cow<'a, str> as Tenant,
            /// When the event happened.
            timestamp: Timestamp,
            /// Event type discriminator, such as `call`.
            event_type: Cow<'a, str> as EventType,
        }
        optional {
            /// The tenant's own fields: a JSON object. Its `call_id`, `agent_id` and `customer_id`, texts or numbers,
            /// are in the columns of these names if the event has no such member itself, which ties it to a call.
            metadata: Json<'a>,
        }
        rest extra
    }
}

impl BaseEvent<'_> {
    fn with_type(self, event_type: &'static str) -> Self {
        Self { event_type: Cow::Borrowed(event_type), ..self }
    }
}

fields! {
    /// A customer call.
    ///
    /// ```
    /// use voc_events::{Timestamp, voc::{BaseEvent, CallEvent, VocEvent}};
    ///
    /// let time = Timestamp::from_millis(1_770_033_600_000);
    /// let mut call = CallEvent::new(BaseEvent::new(uuid::Uuid::from_u128(7), "acme", time, CallEvent::TYPE), "c-1");
    /// call.transcript = Some("Customer: it works, thank you!".into());
    /// let record = serde_json::to_vec(&VocEvent::Call(call.clone()))?;
    /// assert_eq!(VocEvent::try_from(&record[..])?, VocEvent::Call(call));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub struct CallEvent<'a>: BaseEvent<'a> = "call" {
        required {
            /// Unique call identifier.
            call_id: Cow<'a, str> as Id => Str,
        }
        optional {
            /// AI agent that handled the call.
            agent_id: Cow<'a, str> as Id => Str,
            /// Customer identifier, if known.
            customer_id: Cow<'a, str> as Id => Str,
            /// Full transcript of the call.
            transcript: Cow<'a, str> as Transcript,
            /// Duration in milliseconds.
            duration_ms: i64 => OptI64,
            /// Quality of the line (latency, jitter, MOS score): a JSON object. The column has its numbers by name,
            /// and flags as 1 or 0.
            call_quality: Json<'a> as Numbers => F64Map,
            /// The transcript by turns, which is preferred to `transcript`: who speaks, what is said, and when.
            transcript_turns: TranscriptTurns<'a>,
        }
    }
}

fields! {
    /// An agent's action.
    ///
    /// ```
    /// use voc_events::voc::VocEvent;
    ///
    /// let record = br#"{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","tenant_id":"acme","timestamp":1770033600,
    ///     "event_type":"agent_action","action":"transfer","agent_id":"a-7","target_id":"billing"}"#;
    /// let VocEvent::AgentAction(event) = VocEvent::try_from(&record[..])? else { panic!("it is an action") };
    /// assert_eq!((event.action.as_ref(), event.target_id.as_deref()), ("transfer", Some("billing")));
    /// # Ok::<(), voc_events::Invalid>(())
    /// ```
    pub struct AgentActionEvent<'a>: BaseEvent<'a> = "agent_action" {
        required {
            /// Action type, such as `transfer`, `escalate` or `resolve`.
            action: Cow<'a, str> => Str,
            /// Agent that performed the action.
            agent_id: Cow<'a, str> as Id => Str,
        }
        optional {
            /// Target of the action, such as a department.
            target_id: Cow<'a, str> as Id => Str,
        }
    }
}

fields! {
    /// A tool or function called by an agent.
    ///
    /// ```
    /// use voc_events::{Timestamp, voc::{BaseEvent, ToolInvocationEvent}};
    ///
    /// let (id, time) = (uuid::Uuid::from_u128(7), Timestamp::from_millis(0));
    /// let base = BaseEvent::new(id, "acme", time, ToolInvocationEvent::TYPE);
    /// let mut event = ToolInvocationEvent::new(base, "search");
    /// (event.duration_ms, event.success) = (Some(120), Some(true));
    /// assert_eq!(event.base.event_type, "tool_invocation");
    /// ```
    pub struct ToolInvocationEvent<'a>: BaseEvent<'a> = "tool_invocation" {
        required {
            /// Name of the tool.
            tool_name: Cow<'a, str> => Str,
        }
        optional {
            /// Execution time in milliseconds.
            duration_ms: i64 => OptI64,
            /// Whether the invocation succeeded.
            success: bool => OptBool,
        }
    }
}

fields! {
    /// A quality-of-service measurement.
    ///
    /// ```
    /// use voc_events::voc::VocEvent;
    ///
    /// let record = br#"{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","tenant_id":"acme","timestamp":1770033600,
    ///     "event_type":"qos_metric","metric_name":"latency_p99","value":87.5,"tags":{"region":"eu"}}"#;
    /// let VocEvent::QosMetric(metric) = VocEvent::try_from(&record[..])? else { panic!("it is a metric") };
    /// assert_eq!((metric.metric_name.as_ref(), metric.value), ("latency_p99", 87.5));
    /// assert_eq!(metric.tags.map_or(0, |tags| tags.0.len()), 1);
    /// # Ok::<(), voc_events::Invalid>(())
    /// ```
    pub struct QosMetricEvent<'a>: BaseEvent<'a> = "qos_metric" {
        required {
            /// Metric name, such as `latency_p99`; its unit is the producer's.
            metric_name: Cow<'a, str> => Str,
            /// The measured value; finite.
            value: f64 => OptF64,
        }
        optional {
            /// Dimensional tags, in the order they came.
            tags: StringMap<'a> => StrMap,
        }
    }
}
