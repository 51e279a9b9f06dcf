//! The event types of the `voc` family.

use std::borrow::Cow;

use serde::{Serialize, Serializer, ser::SerializeMap};
use uuid::Uuid;

use crate::{Json, Timestamp};

/// A Voice-of-Customer event.
///
/// Serialises to the JSON object that decodes to an equal event; timestamps are written in UTC.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum VocEvent<'a> {
    /// `call`: a customer call, often with its transcript.
    Call(CallEvent<'a>),
    /// `agent_action`: something an agent did, such as a transfer.
    AgentAction(AgentActionEvent<'a>),
    /// `tool_invocation`: a tool or function called by an agent.
    ToolInvocation(ToolInvocationEvent<'a>),
    /// `qos_metric`: a quality-of-service measurement.
    QosMetric(QosMetricEvent<'a>),
    /// Any other type, kept with all its members in [`BaseEvent::extra`].
    Other(BaseEvent<'a>),
}

impl<'a> VocEvent<'a> {
    /// The fields that every event has.
    #[must_use]
    pub fn base(&self) -> &BaseEvent<'a> {
        match self {
            Self::Call(event) => &event.base,
            Self::AgentAction(event) => &event.base,
            Self::ToolInvocation(event) => &event.base,
            Self::QosMetric(event) => &event.base,
            Self::Other(base) => base,
        }
    }
}

/// The fields that every event has.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct BaseEvent<'a> {
    /// Unique identifier of the event.
    pub event_id: Uuid,
    /// Whose event it is; see [`TenantId`](crate::TenantId) for what is allowed.
    pub tenant_id: Cow<'a, str>,
    /// When the event happened.
    pub timestamp: Timestamp,
    /// Event type discriminator, such as `call`.
    pub event_type: Cow<'a, str>,
    /// The tenant's own fields: a JSON object.
    pub metadata: Option<Json<'a>>,
    /// Members that the event's type does not know, in the order they came.
    pub extra: Vec<(Cow<'a, str>, Json<'a>)>,
}

impl<'a> BaseEvent<'a> {
    /// An event without metadata or further members.
    pub fn new(
        event_id: Uuid,
        tenant_id: impl Into<Cow<'a, str>>,
        timestamp: Timestamp,
        event_type: impl Into<Cow<'a, str>>,
    ) -> Self {
        Self {
            event_id,
            tenant_id: tenant_id.into(),
            timestamp,
            event_type: event_type.into(),
            metadata: None,
            extra: Vec::new(),
        }
    }
}

/// A customer call.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CallEvent<'a> {
    /// The fields of every event.
    pub base: BaseEvent<'a>,
    /// Unique call identifier.
    pub call_id: Cow<'a, str>,
    /// AI agent that handled the call.
    pub agent_id: Option<Cow<'a, str>>,
    /// Customer identifier, if known.
    pub customer_id: Option<Cow<'a, str>>,
    /// Full transcript of the call.
    pub transcript: Option<Cow<'a, str>>,
    /// Duration in milliseconds.
    pub duration_ms: Option<i64>,
    /// Quality of the line (latency, jitter, MOS score): a JSON object.
    pub call_quality: Option<Json<'a>>,
}

impl<'a> CallEvent<'a> {
    /// The value of `event_type`.
    pub const TYPE: &'static str = "call";

    /// A call with its required fields; sets the base's `event_type`.
    pub fn new(base: BaseEvent<'a>, call_id: impl Into<Cow<'a, str>>) -> Self {
        Self {
            base: with_type(base, Self::TYPE),
            call_id: call_id.into(),
            agent_id: None,
            customer_id: None,
            transcript: None,
            duration_ms: None,
            call_quality: None,
        }
    }
}

/// An agent's action.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AgentActionEvent<'a> {
    /// The fields of every event.
    pub base: BaseEvent<'a>,
    /// Action type, such as `transfer`, `escalate` or `resolve`.
    pub action: Cow<'a, str>,
    /// Agent that performed the action.
    pub agent_id: Cow<'a, str>,
    /// Target of the action, such as a department.
    pub target_id: Option<Cow<'a, str>>,
}

impl<'a> AgentActionEvent<'a> {
    /// The value of `event_type`.
    pub const TYPE: &'static str = "agent_action";

    /// An action with its required fields; sets the base's `event_type`.
    pub fn new(base: BaseEvent<'a>, action: impl Into<Cow<'a, str>>, agent_id: impl Into<Cow<'a, str>>) -> Self {
        Self { base: with_type(base, Self::TYPE), action: action.into(), agent_id: agent_id.into(), target_id: None }
    }
}

/// A tool or function called by an agent.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ToolInvocationEvent<'a> {
    /// The fields of every event.
    pub base: BaseEvent<'a>,
    /// Name of the tool.
    pub tool_name: Cow<'a, str>,
    /// Execution time in milliseconds.
    pub duration_ms: Option<i64>,
    /// Whether the invocation succeeded.
    pub success: Option<bool>,
}

impl<'a> ToolInvocationEvent<'a> {
    /// The value of `event_type`.
    pub const TYPE: &'static str = "tool_invocation";

    /// An invocation with its required fields; sets the base's `event_type`.
    pub fn new(base: BaseEvent<'a>, tool_name: impl Into<Cow<'a, str>>) -> Self {
        Self { base: with_type(base, Self::TYPE), tool_name: tool_name.into(), duration_ms: None, success: None }
    }
}

/// A quality-of-service measurement.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct QosMetricEvent<'a> {
    /// The fields of every event.
    pub base: BaseEvent<'a>,
    /// Metric name, such as `latency_p99`; its unit is the producer's.
    pub metric_name: Cow<'a, str>,
    /// The measured value; finite.
    pub value: f64,
    /// Dimensional tags, in the order they came.
    pub tags: Option<Vec<(Cow<'a, str>, Cow<'a, str>)>>,
}

impl<'a> QosMetricEvent<'a> {
    /// The value of `event_type`.
    pub const TYPE: &'static str = "qos_metric";

    /// A measurement with its required fields; sets the base's `event_type`.
    pub fn new(base: BaseEvent<'a>, metric_name: impl Into<Cow<'a, str>>, value: f64) -> Self {
        Self { base: with_type(base, Self::TYPE), metric_name: metric_name.into(), value, tags: None }
    }
}

fn with_type<'a>(base: BaseEvent<'a>, event_type: &'static str) -> BaseEvent<'a> {
    BaseEvent { event_type: Cow::Borrowed(event_type), ..base }
}

impl Serialize for VocEvent<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let base = self.base();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("event_id", &base.event_id)?;
        map.serialize_entry("tenant_id", &base.tenant_id)?;
        map.serialize_entry("timestamp", &base.timestamp)?;
        map.serialize_entry("event_type", &base.event_type)?;
        optional(&mut map, "metadata", base.metadata.as_ref())?;
        match self {
            Self::Call(call) => {
                map.serialize_entry("call_id", &call.call_id)?;
                optional(&mut map, "agent_id", call.agent_id.as_ref())?;
                optional(&mut map, "customer_id", call.customer_id.as_ref())?;
                optional(&mut map, "transcript", call.transcript.as_ref())?;
                optional(&mut map, "duration_ms", call.duration_ms.as_ref())?;
                optional(&mut map, "call_quality", call.call_quality.as_ref())?;
            }
            Self::AgentAction(action) => {
                map.serialize_entry("action", &action.action)?;
                map.serialize_entry("agent_id", &action.agent_id)?;
                optional(&mut map, "target_id", action.target_id.as_ref())?;
            }
            Self::ToolInvocation(tool) => {
                map.serialize_entry("tool_name", &tool.tool_name)?;
                optional(&mut map, "duration_ms", tool.duration_ms.as_ref())?;
                optional(&mut map, "success", tool.success.as_ref())?;
            }
            Self::QosMetric(metric) => {
                map.serialize_entry("metric_name", &metric.metric_name)?;
                map.serialize_entry("value", &metric.value)?;
                optional(&mut map, "tags", metric.tags.as_deref().map(StringMap).as_ref())?;
            }
            Self::Other(_) => {}
        }
        for (name, value) in &base.extra {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

fn optional<M: SerializeMap, T: Serialize>(map: &mut M, name: &str, value: Option<&T>) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(name, value))
}

struct StringMap<'e, 'a>(&'e [(Cow<'a, str>, Cow<'a, str>)]);

impl Serialize for StringMap<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}
