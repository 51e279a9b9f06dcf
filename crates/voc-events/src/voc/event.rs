//! The event types of the `voc` family.

use std::borrow::Cow;

use uuid::Uuid;

use crate::{
    Json, Timestamp, event_types, fields,
    fields::{EventType, Id, StringMap, Tenant, Transcript},
};

event_types! {
    /// A Voice-of-Customer event.
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
    pub struct BaseEvent<'a> {
        required {
            /// Unique identifier of the event.
            event_id: Uuid,
            /// Whose event it is; see [`TenantId`](crate::TenantId) for what is allowed.
            tenant_id: Cow<'a, str> as Tenant,
            /// When the event happened.
            timestamp: Timestamp,
            /// Event type discriminator, such as `call`.
            event_type: Cow<'a, str> as EventType,
        }
        optional {
            /// The tenant's own fields: a JSON object.
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
            /// Quality of the line (latency, jitter, MOS score): a JSON object.
            call_quality: Json<'a>,
        }
    }
}

fields! {
    /// An agent's action.
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
    pub struct QosMetricEvent<'a>: BaseEvent<'a> = "qos_metric" {
        required {
            /// Metric name, such as `latency_p99`; its unit is the producer's.
            metric_name: Cow<'a, str> => Str,
            /// The measured value; finite.
            value: f64 => OptF64,
        }
        optional {
            /// Dimensional tags, in the order they came.
            tags: StringMap<'a>,
        }
    }
}
