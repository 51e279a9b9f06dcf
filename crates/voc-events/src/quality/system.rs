//! What services do: the topic `chip-quality.system.events`.

use std::borrow::Cow;

use super::BaseEvent;
use crate::{fields, fields::Id};

fields! {
    /// A service was initialised.
    ///
    /// ```
    /// use voc_events::{Timestamp, quality::{BaseEvent, ServiceStarted}};
    ///
    /// let base = BaseEvent::new(ServiceStarted::TYPE, std::time::SystemTime::now());
    /// let mut event = ServiceStarted::new(base, "inspector");
    /// event.service_version = Some("1.4.2".into());
    /// assert!(event.base.timestamp > Timestamp::from_millis(0));
    /// ```
    pub struct ServiceStarted<'a>: BaseEvent<'a> = "SERVICE_STARTED" {
        required {
            /// The service.
            service_name: Cow<'a, str> as Id => Str,
        }
        optional {
            /// The service's version.
            service_version: Cow<'a, str> as Id => Str,
        }
    }
}

fields! {
    /// A service was shut down.
    ///
    /// ```
    /// use voc_events::quality::{QualityEvent, ServiceStopped};
    ///
    /// let record = br#"{"event_type":"SERVICE_STOPPED","timestamp":"2026-02-02T12:00:00Z","service_name":"inspector",
    ///     "reason":"An operator stopped it."}"#;
    /// let event = QualityEvent::try_from(&record[..])?;
    /// let QualityEvent::ServiceStopped(ServiceStopped { reason, .. }) = event else { panic!("it stopped") };
    /// assert_eq!(reason.as_deref(), Some("An operator stopped it."));
    /// # Ok::<(), voc_events::Invalid>(())
    /// ```
    pub struct ServiceStopped<'a>: BaseEvent<'a> = "SERVICE_STOPPED" {
        required {
            /// The service.
            service_name: Cow<'a, str> as Id => Str,
        }
        optional {
            /// The service's version.
            service_version: Cow<'a, str> as Id => Str,
            /// Why the service stopped, for people.
            reason: Cow<'a, str>,
        }
    }
}

fields! {
    /// A service reported its health.
    ///
    /// ```
    /// use voc_events::quality::QualityEvent;
    ///
    /// let record = br#"{"event_type":"HEALTH_CHECK","timestamp":1770033600,"service_name":"inspector",
    ///     "status":"degraded"}"#;
    /// let is_healthy = |event: &QualityEvent<'_>| match event {
    ///     QualityEvent::HealthCheck(check) => check.status.as_deref() == Some("healthy"),
    ///     _ => true,
    /// };
    /// assert!(!is_healthy(&QualityEvent::try_from(&record[..])?));
    /// # Ok::<(), voc_events::Invalid>(())
    /// ```
    pub struct HealthCheck<'a>: BaseEvent<'a> = "HEALTH_CHECK" {
        required {
            /// The service.
            service_name: Cow<'a, str> as Id => Str,
        }
        optional {
            /// The service's version.
            service_version: Cow<'a, str> as Id => Str,
            /// How the service is, such as `healthy`.
            status: Cow<'a, str> => Str,
        }
    }
}

fields! {
    /// An error occurred in a service.
    ///
    /// ```
    /// use voc_events::{Timestamp, quality::{BaseEvent, ErrorOccurred, QualityEvent}};
    ///
    /// let base = BaseEvent::new(ErrorOccurred::TYPE, Timestamp::from_millis(0));
    /// let mut error = ErrorOccurred::new(base, "inspector");
    /// error.message = Some("The disk is full.".into());
    /// let json = serde_json::to_value(QualityEvent::ErrorOccurred(error))?;
    /// assert_eq!((&json["event_type"], &json["message"]), (&"ERROR_OCCURRED".into(), &"The disk is full.".into()));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct ErrorOccurred<'a>: BaseEvent<'a> = "ERROR_OCCURRED" {
        required {
            /// The service.
            service_name: Cow<'a, str> as Id => Str,
        }
        optional {
            /// The service's version.
            service_version: Cow<'a, str> as Id => Str,
            /// The class of the error.
            error_type: Cow<'a, str> => Str,
            /// How bad it is, such as `critical`.
            severity: Cow<'a, str> => Str,
            /// What the matter is, for people.
            message: Cow<'a, str>,
        }
    }
}
