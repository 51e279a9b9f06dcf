//! Decoding of `voc` events: one reading of the object, then the fields of its type.

use std::borrow::Cow;

use super::{AgentActionEvent, BaseEvent, CallEvent, QosMetricEvent, ToolInvocationEvent, VocEvent};
use crate::{Invalid, Limits, TenantId, Timestamp, object::Object};

/// Longest event type in bytes; it becomes a metric label and a row's key.
const MAX_EVENT_TYPE_BYTES: usize = 128;

/// Declares the family's field names, their slots, and the way from one to the other.
macro_rules! fields {
    ($($slot:ident = $name:literal),+ $(,)?) => {
        #[derive(Clone, Copy)]
        #[expect(non_camel_case_types, reason = "slots are named as the JSON fields they stand for")]
        enum Slot { $($slot),+ }

        const NAMES: [&str; [$($name),+].len()] = [$($name),+];

        fn slot_of(name: &str) -> Option<usize> {
            match name {
                $($name => Some(Slot::$slot as usize),)+
                _ => None,
            }
        }
    };
}

fields! {
    event_id = "event_id",
    tenant_id = "tenant_id",
    timestamp = "timestamp",
    event_type = "event_type",
    metadata = "metadata",
    call_id = "call_id",
    agent_id = "agent_id",
    customer_id = "customer_id",
    transcript = "transcript",
    duration_ms = "duration_ms",
    call_quality = "call_quality",
    action = "action",
    target_id = "target_id",
    tool_name = "tool_name",
    success = "success",
    metric_name = "metric_name",
    value = "value",
    tags = "tags",
}

type Members<'a> = Object<'a, { NAMES.len() }>;

/// Decodes one event of the family.
pub(super) fn event<'a>(text: &'a str, limits: &Limits) -> Result<VocEvent<'a>, Invalid> {
    let mut members = Members::read(text, &NAMES, slot_of, limits)?;
    let mut event = typed(base(&mut members, limits), &mut members);
    let extra = members.finish(&event.base().tenant_id)?;
    base_mut(&mut event).extra = extra;
    Ok(event)
}

fn base<'a>(members: &mut Members<'a>, limits: &Limits) -> BaseEvent<'a> {
    let event_id = members.required(Slot::event_id as usize, "a UUID string", Object::uuid);
    let tenant_id = members.required(Slot::tenant_id as usize, "a tenant identifier", tenant);
    let timestamp = members
        .required(Slot::timestamp as usize, "a timestamp", |members, slot| members.timestamp(slot, limits).map(Some));
    let event_type = members.required(Slot::event_type as usize, "an event type", event_type);
    let metadata = members.json_object(Slot::metadata as usize);
    // Without a timestamp the event is refused, so the stand-in is never seen.
    let timestamp = timestamp.unwrap_or(Timestamp::from_millis(0));
    BaseEvent { event_id, tenant_id, timestamp, event_type, metadata, extra: Vec::new() }
}

fn tenant<'a>(members: &mut Members<'a>, slot: usize) -> Option<Cow<'a, str>> {
    let tenant = members.text(slot)?;
    if let Err(error) = TenantId::check(&tenant) {
        let expected = format!("1 to {} bytes of text without control characters", TenantId::MAX_BYTES);
        members.refuse(slot, expected, error.to_string());
        return None;
    }
    Some(tenant)
}

fn event_type<'a>(members: &mut Members<'a>, slot: usize) -> Option<Cow<'a, str>> {
    let event_type = members.non_empty_text(slot)?;
    if event_type.len() > MAX_EVENT_TYPE_BYTES {
        let expected = format!("at most {MAX_EVENT_TYPE_BYTES} bytes");
        members.refuse(slot, expected, format!("a string of {} bytes", event_type.len()));
        return None;
    }
    Some(event_type)
}

fn typed<'a>(base: BaseEvent<'a>, members: &mut Members<'a>) -> VocEvent<'a> {
    const TEXT: &str = "a non-empty string";
    match &*base.event_type {
        CallEvent::TYPE => VocEvent::Call(CallEvent {
            base,
            call_id: members.required(Slot::call_id as usize, TEXT, Object::non_empty_text),
            agent_id: members.text(Slot::agent_id as usize),
            customer_id: members.text(Slot::customer_id as usize),
            transcript: members.text(Slot::transcript as usize),
            duration_ms: members.integer(Slot::duration_ms as usize),
            call_quality: members.json_object(Slot::call_quality as usize),
        }),
        AgentActionEvent::TYPE => VocEvent::AgentAction(AgentActionEvent {
            base,
            action: members.required(Slot::action as usize, TEXT, Object::non_empty_text),
            agent_id: members.required(Slot::agent_id as usize, TEXT, Object::non_empty_text),
            target_id: members.text(Slot::target_id as usize),
        }),
        ToolInvocationEvent::TYPE => VocEvent::ToolInvocation(ToolInvocationEvent {
            base,
            tool_name: members.required(Slot::tool_name as usize, TEXT, Object::non_empty_text),
            duration_ms: members.integer(Slot::duration_ms as usize),
            success: members.boolean(Slot::success as usize),
        }),
        QosMetricEvent::TYPE => VocEvent::QosMetric(QosMetricEvent {
            base,
            metric_name: members.required(Slot::metric_name as usize, TEXT, Object::non_empty_text),
            value: members.required(Slot::value as usize, "a finite number", Object::float),
            tags: members.string_map(Slot::tags as usize),
        }),
        _ => VocEvent::Other(base),
    }
}

fn base_mut<'e, 'a>(event: &'e mut VocEvent<'a>) -> &'e mut BaseEvent<'a> {
    match event {
        VocEvent::Call(event) => &mut event.base,
        VocEvent::AgentAction(event) => &mut event.base,
        VocEvent::ToolInvocation(event) => &mut event.base,
        VocEvent::QosMetric(event) => &mut event.base,
        VocEvent::Other(base) => base,
    }
}
