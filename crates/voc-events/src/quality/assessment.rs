//! Assessments of quality: the topic `chip-quality.quality.events`.

use std::borrow::Cow;

use super::{BaseEvent, Defect};
use crate::{fields, fields::Id};

fields! {
    /// Quality was evaluated, in an inspection or beyond one.
    ///
    /// This type is on two topics, that of inspections and that of quality. It requires what is certain on both, which
    /// is nothing.
    ///
    /// ```
    /// use voc_events::{Timestamp, quality::{BaseEvent, Defect, QualityAssessed}};
    ///
    /// let time = Timestamp::parse("2026-02-02T12:00:00Z")?;
    /// let mut event = QualityAssessed::new(BaseEvent::new(QualityAssessed::TYPE, time));
    /// event.quality_score = Some(0.4);
    /// event.defects = Some(vec![Defect::new()]);
    /// assert_eq!(event.inspection_id, None); // beyond an inspection
    /// # Ok::<(), voc_events::TimestampError>(())
    /// ```
    pub struct QualityAssessed<'a>: BaseEvent<'a> = "QUALITY_ASSESSED" {
        optional {
            /// The inspection.
            inspection_id: Cow<'a, str> as Id => Str,
            /// The manufacturing batch.
            batch_id: Cow<'a, str> as Id => Str,
            /// The chip.
            chip_id: Cow<'a, str> as Id => Str,
            /// How it is inspected, such as `visual`.
            inspection_type: Cow<'a, str> => Str,
            /// The quality found, from 0 to 1, better being higher; the range is not checked.
            quality_score: f64 => OptF64,
            /// The defects found. Their types and severities are promoted to lists of their own.
            defects: Vec<Defect<'a>>,
        }
    }
}

fields! {
    /// Quality is beyond a threshold.
    ///
    /// ```
    /// use voc_events::quality::QualityEvent;
    ///
    /// let record = br#"{"event_type":"THRESHOLD_VIOLATED","timestamp":"2026-02-02T12:00:00Z",
    ///     "threshold_name":"yield","threshold_value":0.9,"actual_value":0.82}"#;
    /// let QualityEvent::ThresholdViolated(event) = QualityEvent::try_from(&record[..])? else { panic!("it is one") };
    /// assert!(event.actual_value < event.threshold_value);
    /// # Ok::<(), voc_events::Invalid>(())
    /// ```
    pub struct ThresholdViolated<'a>: BaseEvent<'a> = "THRESHOLD_VIOLATED" {
        optional {
            /// Name of the threshold; what it bounds, and in which unit, is the producer's.
            threshold_name: Cow<'a, str> => Str,
            /// The limit, in the threshold's unit.
            threshold_value: f64 => OptF64,
            /// The value that is beyond the limit, in the threshold's unit.
            actual_value: f64 => OptF64,
            /// How bad it is, such as `critical`.
            severity: Cow<'a, str> => Str,
            /// The inspection.
            inspection_id: Cow<'a, str> as Id => Str,
            /// The manufacturing batch.
            batch_id: Cow<'a, str> as Id => Str,
            /// The chip.
            chip_id: Cow<'a, str> as Id => Str,
            /// How it is inspected, such as `visual`.
            inspection_type: Cow<'a, str> => Str,
        }
    }
}

fields! {
    /// A quality alert was issued.
    ///
    /// ```
    /// use voc_events::quality::QualityEvent;
    ///
    /// let record = br#"{"event_type":"ALERT_TRIGGERED","timestamp":"2026-02-02T12:00:00Z",
    ///     "alert_id":"a-1","severity":"critical","message":"Stop the line."}"#;
    /// let event = QualityEvent::try_from(&record[..])?;
    /// let QualityEvent::AlertTriggered(alert) = &event else { panic!("it is an alert: {event:?}") };
    /// assert_eq!((alert.severity.as_deref(), alert.message.as_deref()), (Some("critical"), Some("Stop the line.")));
    /// # Ok::<(), voc_events::Invalid>(())
    /// ```
    pub struct AlertTriggered<'a>: BaseEvent<'a> = "ALERT_TRIGGERED" {
        optional {
            /// The alert.
            alert_id: Cow<'a, str> as Id => Str,
            /// How bad it is, such as `critical`.
            severity: Cow<'a, str> => Str,
            /// What the matter is, for people.
            message: Cow<'a, str>,
            /// The inspection.
            inspection_id: Cow<'a, str> as Id => Str,
            /// The manufacturing batch.
            batch_id: Cow<'a, str> as Id => Str,
            /// The chip.
            chip_id: Cow<'a, str> as Id => Str,
            /// How it is inspected, such as `visual`.
            inspection_type: Cow<'a, str> => Str,
        }
    }
}

fields! {
    /// Compliance with a standard was verified.
    ///
    /// ```
    /// use voc_events::{Timestamp, quality::{BaseEvent, ComplianceCheck, QualityEvent}};
    ///
    /// let mut check = ComplianceCheck::new(BaseEvent::new(ComplianceCheck::TYPE, Timestamp::from_millis(0)));
    /// (check.standard, check.passed) = (Some("ISO 9001".into()), Some(true));
    /// let json = serde_json::to_string(&QualityEvent::ComplianceCheck(check))?;
    /// assert!(json.starts_with(r#"{"standard":"ISO 9001","passed":true,"#), "{json}");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct ComplianceCheck<'a>: BaseEvent<'a> = "COMPLIANCE_CHECK" {
        optional {
            /// The standard that was checked.
            standard: Cow<'a, str> => Str,
            /// Whether the check was passed.
            passed: bool => OptBool,
            /// The inspection.
            inspection_id: Cow<'a, str> as Id => Str,
            /// The manufacturing batch.
            batch_id: Cow<'a, str> as Id => Str,
            /// The chip.
            chip_id: Cow<'a, str> as Id => Str,
            /// How it is inspected, such as `visual`.
            inspection_type: Cow<'a, str> => Str,
        }
    }
}
