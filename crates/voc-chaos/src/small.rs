//! Small events of a separate tenant: for transactions, and where only numbers matter.

use crate::{
    family::VOC_TOPIC,
    label::{Label, event_id},
    message::{Message, Partitioner},
};

/// Prefix of the names of their tenants.
const PREFIX: &str = "small-";
/// Index of the first series of small events, above those of the feed.
const FIRST_SERIES: usize = 1000;

/// Whether a series consists of small events.
pub(crate) fn is_small(series: &str) -> bool {
    series.starts_with(PREFIX)
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
        Self { tenant: format!("{PREFIX}{index}"), index: FIRST_SERIES + index, number: 0 }
    }

    /// The next event.
    pub(crate) fn next(&mut self, partition_of: &mut Partitioner<'_>) -> Message {
        self.number += 1;
        let (tenant, number) = (&self.tenant, self.number);
        let id = event_id(self.index, number);
        let (day, second) = (1 + number / 60 % 20, number % 60);
        let value = format!(
            "{{\"event_id\":\"{id}\",\"tenant_id\":\"{tenant}\",\"timestamp\":\"2026-09-{day:02}T12:00:{second:02}Z\",\
             \"event_type\":\"qos_metric\",\"metric_name\":\"latency_p50\",\"value\":{number}}}"
        );
        let key = Label::Event(&format!("{tenant}/qos_metric"), number).to_string();
        Message { topic: VOC_TOPIC, partition: partition_of(VOC_TOPIC), key, value: Some(value.into_bytes()) }
    }
}
