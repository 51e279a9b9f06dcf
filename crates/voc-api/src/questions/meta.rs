//! What every answer says about itself.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use voc_events::TenantId;
use voc_store::{Freshness, Period};

use super::range::{Range, local};

/// What an answer is about.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Meta {
    /// The family of the events; none if an answer about all of them is asked for.
    family: Option<&'static str>,
    /// The tenant, if the answer is about one.
    #[schema(value_type = Option<String>)]
    tenant_id: Option<TenantId>,
    /// The first instant inside the range.
    #[schema(format = DateTime)]
    from: String,
    /// The first instant outside the range.
    #[schema(format = DateTime)]
    to: String,
    /// The time zone of the range and of all buckets.
    timezone: String,
    /// The length of a bucket, if there are buckets.
    #[serde(skip_serializing_if = "Option::is_none")]
    granularity: Option<&'static str>,
    /// The period of the columns `previous_…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    compared_with: Option<Span>,
    /// Whether there are more rows than the limit.
    truncated: bool,
    /// The cursor of the next page, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// Rows that the store has read for this answer, for a credential of some tenants in blocks of 65536; 0 if the
    /// service still had it.
    rows_read: u64,
    /// The time of the latest event of these tenants. What was sent before it is part of the answer, except for what
    /// arrives late.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    latest_event: Option<String>,
    /// When that event was stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    stored_at: Option<String>,
}

/// A span of time.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Span {
    /// The first instant inside.
    #[schema(format = DateTime)]
    from: String,
    /// The first instant outside.
    #[schema(format = DateTime)]
    to: String,
}

/// An answer in JSON, for the description of the API.
#[derive(Serialize, ToSchema)]
pub(crate) struct TableBody {
    /// An object for each row.
    #[schema(value_type = Vec<Object>)]
    data: Vec<Value>,
    meta: Meta,
}

/// The same with the members that clients of the first endpoints know.
#[derive(Serialize, ToSchema)]
pub(crate) struct FirstTableBody {
    /// An object for each row.
    #[schema(value_type = Vec<Object>)]
    data: Vec<Value>,
    family: &'static str,
    #[schema(value_type = Option<String>)]
    tenant_id: Option<TenantId>,
    /// The number of days up to now, if the range is one.
    days: Option<i64>,
    meta: Meta,
}

impl Meta {
    pub(crate) fn new(
        family: Option<&'static str>,
        tenant_id: Option<TenantId>,
        range: &Range,
        period: Period,
        truncated: bool,
    ) -> Self {
        Self {
            family,
            tenant_id,
            from: local(period.since, &range.zone),
            to: local(period.until, &range.zone),
            timezone: range.zone_name().to_owned(),
            granularity: None,
            compared_with: None,
            truncated,
            next: None,
            rows_read: 0,
            latest_event: None,
            stored_at: None,
        }
    }

    pub(crate) fn with_next(mut self, next: Option<String>) -> Self {
        self.next = next;
        self
    }

    pub(super) fn is_truncated(&self) -> bool {
        self.truncated
    }

    pub(super) fn with_granularity(mut self, granularity: Option<&'static str>) -> Self {
        self.granularity = granularity;
        self
    }

    pub(super) fn compare_with(&mut self, period: Period, range: &Range) {
        let span = Span { from: local(period.since, &range.zone), to: local(period.until, &range.zone) };
        self.compared_with = Some(span);
    }

    /// Adds to the members of an answer how fresh the data is.
    pub(super) fn add_freshness(envelope: &mut Map<String, Value>, freshness: Option<Freshness>) {
        let meta = envelope.get_mut("meta").and_then(Value::as_object_mut);
        if let (Some(meta), Some(Freshness { latest_event, stored_at })) = (meta, freshness) {
            meta.insert("latest_event".to_owned(), latest_event.to_string().into());
            meta.insert("stored_at".to_owned(), stored_at.to_string().into());
        }
    }

    /// Adds to the members of an answer how many rows were read for it, once that is known.
    pub(crate) fn add_cost(envelope: &mut Map<String, Value>, rows_read: u64) {
        if let Some(meta) = envelope.get_mut("meta").and_then(Value::as_object_mut) {
            meta.insert("rows_read".to_owned(), rows_read.into());
        }
    }

    /// The members of an answer in JSON next to its rows.
    pub(crate) fn envelope(&self) -> Map<String, Value> {
        let meta = serde_json::to_value(self).unwrap_or_default();
        Map::from_iter([("meta".to_owned(), meta)])
    }
}
