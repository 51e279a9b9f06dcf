//! The `voc` family: calls, agent actions, tool invocations and quality metrics, for many tenants.
//!
//! An event of any other type is kept as a [`BaseEvent`]: the record reaches the store whole, so nothing is lost when producers
//! are ahead of this crate.

mod decode;
mod event;

pub use event::{AgentActionEvent, BaseEvent, CallEvent, QosMetricEvent, ToolInvocationEvent, VocEvent};
use uuid::Uuid;

use crate::{Column, ColumnKind, Family, FamilyEvent, Invalid, Limits, RowWriter, Table, Timestamp};

/// The `voc` [`Family`].
#[derive(Debug, Clone, Copy)]
pub struct Voc;

/// Columns of `voc_events` that an event fills. The first five are the user's own schema; the others are promoted from the
/// payload so that queries need not parse JSON. An absent text is empty, an absent number null.
const COLUMNS: &[Column] = &[
    Column::new("event_id", ColumnKind::Uuid),
    Column::new("tenant_id", ColumnKind::Str),
    Column::new("event_type", ColumnKind::Str),
    Column::new("ts", ColumnKind::Timestamp),
    Column::new("payload", ColumnKind::Str),
    Column::new("call_id", ColumnKind::Str),
    Column::new("agent_id", ColumnKind::Str),
    Column::new("customer_id", ColumnKind::Str),
    Column::new("action", ColumnKind::Str),
    Column::new("target_id", ColumnKind::Str),
    Column::new("tool_name", ColumnKind::Str),
    Column::new("metric_name", ColumnKind::Str),
    Column::new("duration_ms", ColumnKind::OptI64),
    Column::new("success", ColumnKind::OptBool),
    Column::new("value", ColumnKind::OptF64),
];

impl Family for Voc {
    type Event<'a> = VocEvent<'a>;

    const NAME: &'static str = "voc";
    const TOPICS: &'static [&'static str] = &["voc.events"];
    const TYPES: &'static [&'static str] =
        &[CallEvent::TYPE, AgentActionEvent::TYPE, ToolInvocationEvent::TYPE, QosMetricEvent::TYPE];
    const TABLE: Table = Table { name: "voc_events", columns: COLUMNS, annotated: true };

    fn decode<'a>(text: &'a str, limits: &Limits) -> Result<VocEvent<'a>, Invalid> {
        decode::event(text, limits)
    }
}

impl FamilyEvent for VocEvent<'_> {
    fn event_id(&self) -> Option<Uuid> {
        Some(self.base().event_id)
    }

    fn tenant_id(&self) -> &str {
        &self.base().tenant_id
    }

    fn timestamp(&self) -> Timestamp {
        self.base().timestamp
    }

    fn event_type(&self) -> &str {
        &self.base().event_type
    }

    fn text(&self) -> Option<&str> {
        match self {
            Self::Call(call) => call.transcript.as_deref(),
            _ => None,
        }
    }

    fn write_row<W: RowWriter + ?Sized>(&self, payload: &str, row: &mut W) {
        let promoted = Promoted::of(self);
        let base = self.base();
        row.uuid(base.event_id);
        row.str(&base.tenant_id);
        row.str(&base.event_type);
        row.timestamp(base.timestamp);
        row.str(payload);
        row.str(promoted.call_id);
        row.str(promoted.agent_id);
        row.str(promoted.customer_id);
        row.str(promoted.action);
        row.str(promoted.target_id);
        row.str(promoted.tool_name);
        row.str(promoted.metric_name);
        row.opt_i64(promoted.duration_ms);
        row.opt_bool(promoted.success);
        row.opt_f64(promoted.value);
    }
}

/// The promoted columns' values; what a type does not have stays empty.
#[derive(Default)]
struct Promoted<'e> {
    call_id: &'e str,
    agent_id: &'e str,
    customer_id: &'e str,
    action: &'e str,
    target_id: &'e str,
    tool_name: &'e str,
    metric_name: &'e str,
    duration_ms: Option<i64>,
    success: Option<bool>,
    value: Option<f64>,
}

impl<'e> Promoted<'e> {
    fn of(event: &'e VocEvent<'_>) -> Self {
        match event {
            VocEvent::Call(call) => Self {
                call_id: &call.call_id,
                agent_id: call.agent_id.as_deref().unwrap_or_default(),
                customer_id: call.customer_id.as_deref().unwrap_or_default(),
                duration_ms: call.duration_ms,
                ..Self::default()
            },
            VocEvent::AgentAction(action) => Self {
                action: &action.action,
                agent_id: &action.agent_id,
                target_id: action.target_id.as_deref().unwrap_or_default(),
                ..Self::default()
            },
            VocEvent::ToolInvocation(tool) => Self {
                tool_name: &tool.tool_name,
                duration_ms: tool.duration_ms,
                success: tool.success,
                ..Self::default()
            },
            VocEvent::QosMetric(metric) => {
                Self { metric_name: &metric.metric_name, value: Some(metric.value), ..Self::default() }
            }
            VocEvent::Other(_) => Self::default(),
        }
    }
}
