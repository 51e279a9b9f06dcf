//! The event of the `activity` family.

use std::borrow::Cow;

use uuid::Uuid;

use crate::{
    Json, Timestamp, fields,
    fields::{EventType, Id},
};

fields! {
    /// Something a user did in an application, as the service that took it in passes it on.
    ///
    /// Serialises to the JSON object that decodes to an equal event; timestamps are written in UTC.
    ///
    /// ```
    /// use uuid::Uuid;
    /// use voc_events::{Timestamp, activity::EnrichedEvent};
    ///
    /// let (id, time) = (Uuid::from_u128(7), Timestamp::from_millis(1_770_033_600_000));
    /// let mut event = EnrichedEvent::new(id, "page_view", time);
    /// event.page_url = Some("https://example.com/".into());
    /// let json = serde_json::to_string(&event)?;
    /// assert!(json.contains(r#""timestamp":"2026-02-02T12:00:00.000Z","page_url":"https://example.com/""#));
    /// assert_eq!(serde_json::from_str::<EnrichedEvent<'static>>(&json)?, event);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct EnrichedEvent<'a> {
        required {
            /// Unique identifier of the event.
            event_id: Uuid,
            /// What the user did, such as `page_view` or `click`.
            event_type: Cow<'a, str> as EventType,
            /// When the user did it.
            timestamp: Timestamp,
        }
        optional {
            /// The request by which the event was sent; several events may share one.
            request_id: Cow<'a, str> as Id => Str,
            /// The user, if known.
            user_id: Cow<'a, str> as Id => Str,
            /// The user's session.
            session_id: Cow<'a, str> as Id => Str,
            /// Address of the page on which it happened.
            page_url: Cow<'a, str> => Str,
            /// What belongs to this type of event: a JSON object.
            event_data: Json<'a>,
            /// The user's browser or application (user agent, screen, language): a JSON object.
            client_info: Json<'a>,
            /// The service that took the event in.
            service_info: ServiceInfo<'a>,
            /// How that service processed the event.
            processing_info: ProcessingInfo<'a>,
        }
        rest extra
    }
}

fields! {
    /// The service that received an event.
    ///
    /// ```
    /// use voc_events::activity::ServiceInfo;
    ///
    /// let mut service = ServiceInfo::new();
    /// service.service_name = Some("ingestion-service".into());
    /// service.environment = Some("production".into());
    /// let json = serde_json::to_string(&service)?;
    /// assert_eq!(json, r#"{"service_name":"ingestion-service","environment":"production"}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct ServiceInfo<'a> {
        optional {
            /// Its name, such as `ingestion-service`.
            service_name: Cow<'a, str> as Id => Str,
            /// Its version.
            service_version: Cow<'a, str> as Id => Str,
            /// Where it runs, such as `production`.
            environment: Cow<'a, str> as Id => Str,
        }
        rest extra
    }
}

fields! {
    /// How a service processed an event. The columns are named for the service, as the store has times of its own.
    ///
    /// ```
    /// use voc_events::activity::ProcessingInfo;
    ///
    /// let record = br#"{"received_at":1770033600,"processed_at":1770033600.25}"#;
    /// let info = ProcessingInfo::try_from(&record[..])?;
    /// let millis = info.processed_at.zip(info.received_at).map(|(end, start)| end.as_millis() - start.as_millis());
    /// assert_eq!(millis, Some(250));
    /// assert_eq!(ProcessingInfo::COLUMNS[0].name, "service_received_at");
    /// # Ok::<(), voc_events::Invalid>(())
    /// ```
    pub struct ProcessingInfo<'a> {
        optional {
            /// When the service received the event.
            received_at: Timestamp => OptTimestamp as service_received_at,
            /// When it passed the event on.
            processed_at: Timestamp => OptTimestamp as service_processed_at,
            /// How long it took, in milliseconds.
            processing_ms: i64 => OptI64,
        }
        rest extra
    }
}
