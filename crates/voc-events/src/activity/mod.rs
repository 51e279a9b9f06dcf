//! The `activity` family: what users do in applications, such as page views and clicks.
//!
//! All types of event have the same fields; only the JSON object `event_data` differs. There are no tenants.
//!
//! ```
//! use voc_events::{DecodeOptions, Envelope, Family, activity::Activity};
//!
//! let text = r#"{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","event_type":"page_view",
//!     "timestamp":"2026-02-02T12:00:00Z","user_id":"user-123","service_info":{"service_name":"ingestion-service"}}"#;
//! let activity = Activity::for_topic("user-activity-events", &DecodeOptions::default());
//! let event = activity.decode(text, &Envelope::default())?.event;
//! assert_eq!(event.service_info.and_then(|service| service.service_name).as_deref(), Some("ingestion-service"));
//! # Ok::<(), voc_events::Invalid>(())
//! ```

mod event;

pub use event::{EnrichedEvent, ProcessingInfo, ServiceInfo};
use uuid::Uuid;

use crate::{
    DecodeOptions, Decoded, Envelope, EventFields, Family, FamilyEvent, Invalid, Presets, RowWriter, Table, Timestamp,
    fields::{self, Fields},
};

/// The `activity` [`Family`].
///
/// ```
/// use voc_events::{DecodeOptions, Envelope, Family, FamilyEvent, activity::Activity};
///
/// let text = r#"{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","event_type":"click",
///     "timestamp":"2026-02-02T12:00:00Z","event_data":{"button":"buy"}}"#;
/// let event = Activity::for_topic("clicks", &DecodeOptions::default()).decode(text, &Envelope::default())?.event;
/// assert_eq!(event.event_data.as_ref().map(|data| data.as_str()), Some(r#"{"button":"buy"}"#));
/// // There are no tenants, and no column for them.
/// assert_eq!((event.tenant_id(), Activity::TABLE.tenant), (None, None));
/// # Ok::<(), voc_events::Invalid>(())
/// ```
#[derive(Debug, Clone)]
pub struct Activity {
    options: DecodeOptions,
}

impl Family for Activity {
    type Event<'a> = EnrichedEvent<'a>;

    const NAME: &'static str = "activity";
    /// None: all types have the same fields.
    const TYPES: &'static [&'static str] = &[];
    const TABLE: Table = Table::new("user_activity_events", "timestamp")
        .identifier("event_id")
        .event_type("event_type")
        .payload("payload")
        .promoted(EnrichedEvent::COLUMNS)
        .customer("user_id")
        .sorting_key(&["event_type", "timestamp", "event_id"]);
    const PRESETS: Presets = Presets::new(&["user-activity-events"], "processing-service-group");
    const FIELDS: EventFields = EventFields::of(EnrichedEvent::OWN_FIELDS);

    fn for_topic(_topic: &str, options: &DecodeOptions) -> Self {
        Self { options: options.clone() }
    }

    fn decode<'a>(&self, text: &'a str, _envelope: &Envelope<'_>) -> Result<Decoded<EnrichedEvent<'a>>, Invalid> {
        fields::decode(text, &self.options, None)
    }
}

impl FamilyEvent for EnrichedEvent<'_> {
    fn event_id(&self) -> Option<Uuid> {
        Some(self.event_id)
    }

    fn timestamp(&self) -> Timestamp {
        self.timestamp
    }

    fn event_type(&self) -> &str {
        &self.event_type
    }

    fn write_row<W: RowWriter + ?Sized>(&self, row: &mut W) {
        self.put_columns::<Activity, W>(row);
    }
}
