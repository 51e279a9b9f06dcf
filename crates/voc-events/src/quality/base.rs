//! What all events of the `quality` family have.

use std::borrow::Cow;

use uuid::Uuid;

use crate::{
    Json, Timestamp, fields,
    fields::{EventType, Id},
};

fields! {
    /// The fields that every event has.
    ///
    /// ```
    /// use voc_events::{Timestamp, quality::BaseEvent};
    ///
    /// let mut base = BaseEvent::new("PLANT_CLOSED", Timestamp::parse("2026-02-02T12:00:00Z")?);
    /// base.source_service = Some("plant-7".into());
    /// base.correlation_id = Some("shift-3".into());
    /// assert_eq!(base.event_id, None);
    /// # Ok::<(), voc_events::TimestampError>(())
    /// ```
    pub struct BaseEvent<'a> {
        required {
            /// Event type discriminator, such as `INSPECTION_CREATED`.
            event_type: Cow<'a, str> as EventType,
            /// When the event happened.
            timestamp: Timestamp,
        }
        optional {
            /// Unique identifier of the event.
            event_id: Uuid,
            /// Where the event comes from.
            source: Cow<'a, str> as Id => Str,
            /// The service that the event comes from.
            source_service: Cow<'a, str> as Id => Str,
            /// What the events of one operation have in common.
            correlation_id: Cow<'a, str> as Id => Str,
            /// The producer's own fields: a JSON object.
            metadata: Json<'a>,
        }
        rest extra
    }
}

impl BaseEvent<'_> {
    pub(super) fn with_type(self, event_type: &'static str) -> Self {
        Self { event_type: Cow::Borrowed(event_type), ..self }
    }
}
