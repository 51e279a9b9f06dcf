//! Small events of a tenant of its own: for transactions, and where only numbers count.

use crate::{
    feed::Message,
    label::{Label, event_id},
};

/// What the names of their tenants begin with.
const PREFIX: &str = "small-";
/// Index of the first tenant of small events; those of the feed are below.
const FIRST_TENANT: usize = 1000;

/// Whether small events are of that tenant.
pub(crate) fn is_small(tenant: &str) -> bool {
    tenant.starts_with(PREFIX)
}

/// An endless stream of small events of one tenant and month.
pub(crate) struct SmallEvents {
    tenant: String,
    index: usize,
    number: u32,
}

impl SmallEvents {
    /// Events of the tenant `small-<index>`.
    pub(crate) fn new(index: usize) -> Self {
        Self { tenant: format!("{PREFIX}{index}"), index: FIRST_TENANT + index, number: 0 }
    }

    /// The next event.
    pub(crate) fn next(&mut self) -> Message {
        self.number += 1;
        let (tenant, number) = (&self.tenant, self.number);
        let id = event_id(self.index, number);
        let (day, second) = (1 + number / 60 % 20, number % 60);
        let value = format!(
            "{{\"event_id\":\"{id}\",\"tenant_id\":\"{tenant}\",\"timestamp\":\"2026-09-{day:02}T12:00:{second:02}Z\",\
             \"event_type\":\"qos_metric\",\"metric_name\":\"latency_p50\",\"value\":{number}}}"
        );
        Message { key: Label::Event(tenant, number).to_string(), value: Some(value.into_bytes()), partition: None }
    }
}
