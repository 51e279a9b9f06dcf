//! Inspections of chips: the topic `chip-quality.inspection.events`.

use std::borrow::Cow;

use super::{BaseEvent, Defect};
use crate::{fields, fields::Id};

fields! {
    /// An inspection was initiated.
    ///
    /// ```
    /// use voc_events::{Timestamp, quality::{BaseEvent, InspectionCreated}};
    ///
    /// let base = BaseEvent::new(InspectionCreated::TYPE, Timestamp::parse("2026-02-02T12:00:00Z")?);
    /// let mut inspection = InspectionCreated::new(base, "i-7");
    /// inspection.inspection_type = Some("visual".into());
    /// assert_eq!((inspection.inspection_id.as_ref(), inspection.chip_id), ("i-7", None));
    /// # Ok::<(), voc_events::TimestampError>(())
    /// ```
    pub struct InspectionCreated<'a>: BaseEvent<'a> = "INSPECTION_CREATED" {
        required {
            /// The inspection.
            inspection_id: Cow<'a, str> as Id => Str,
        }
        optional {
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
    /// The processing of an inspection began.
    ///
    /// ```
    /// use voc_events::quality::QualityEvent;
    ///
    /// let record = br#"{"event_type":"INSPECTION_STARTED","timestamp":"2026-02-02T12:00:00Z","batch_id":"b-1"}"#;
    /// let invalid = QualityEvent::try_from(&record[..]).unwrap_err();
    /// assert_eq!(invalid.to_string(), "$.inspection_id: expected a non-empty string, found nothing");
    /// ```
    pub struct InspectionStarted<'a>: BaseEvent<'a> = "INSPECTION_STARTED" {
        required {
            /// The inspection.
            inspection_id: Cow<'a, str> as Id => Str,
        }
        optional {
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
    /// An inspection finished.
    ///
    /// ```
    /// use voc_events::quality::QualityEvent;
    ///
    /// let record = br#"{"event_type":"INSPECTION_COMPLETED","timestamp":"2026-02-02T12:00:00Z","inspection_id":" i-7",
    ///     "quality_score":0.98,"defects":[]}"#;
    /// let event = QualityEvent::try_from(&record[..])?;
    /// let QualityEvent::InspectionCompleted(event) = event else { panic!("it is completed: {event:?}") };
    /// assert_eq!((event.inspection_id.as_ref(), event.quality_score), ("i-7", Some(0.98)));
    /// assert_eq!(event.defects, Some(Vec::new()));
    /// # Ok::<(), voc_events::Invalid>(())
    /// ```
    pub struct InspectionCompleted<'a>: BaseEvent<'a> = "INSPECTION_COMPLETED" {
        required {
            /// The inspection.
            inspection_id: Cow<'a, str> as Id => Str,
        }
        optional {
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
    /// An inspection failed.
    ///
    /// ```
    /// use voc_events::quality::QualityEvent;
    ///
    /// let record = br#"{"event_type":"INSPECTION_FAILED","timestamp":"2026-02-02T12:00:00Z","inspection_id":"i-7",
    ///     "error_type":"CAMERA","error_message":"The camera does not answer."}"#;
    /// let error_type = match QualityEvent::try_from(&record[..])? {
    ///     QualityEvent::InspectionFailed(failed) => failed.error_type,
    ///     _ => None,
    /// };
    /// assert_eq!(error_type.as_deref(), Some("CAMERA"));
    /// # Ok::<(), voc_events::Invalid>(())
    /// ```
    pub struct InspectionFailed<'a>: BaseEvent<'a> = "INSPECTION_FAILED" {
        required {
            /// The inspection.
            inspection_id: Cow<'a, str> as Id => Str,
        }
        optional {
            /// The manufacturing batch.
            batch_id: Cow<'a, str> as Id => Str,
            /// The chip.
            chip_id: Cow<'a, str> as Id => Str,
            /// How it is inspected, such as `visual`.
            inspection_type: Cow<'a, str> => Str,
            /// The class of the error.
            error_type: Cow<'a, str> => Str,
            /// What the error was, for people.
            error_message: Cow<'a, str>,
        }
    }
}

fields! {
    /// Defects were found during an inspection.
    ///
    /// ```
    /// use voc_events::{Timestamp, quality::{BaseEvent, Defect, DefectDetected, QualityEvent}};
    ///
    /// let mut scratch = Defect::new();
    /// scratch.defect_type = Some("scratch".into());
    /// let base = BaseEvent::new(DefectDetected::TYPE, Timestamp::from_millis(0));
    /// let mut event = DefectDetected::new(base, "i-7");
    /// event.defects = Some(vec![scratch.clone()]);
    /// assert_eq!(QualityEvent::DefectDetected(event).defects(), [scratch]);
    /// ```
    pub struct DefectDetected<'a>: BaseEvent<'a> = "DEFECT_DETECTED" {
        required {
            /// The inspection.
            inspection_id: Cow<'a, str> as Id => Str,
        }
        optional {
            /// The manufacturing batch.
            batch_id: Cow<'a, str> as Id => Str,
            /// The chip.
            chip_id: Cow<'a, str> as Id => Str,
            /// How it is inspected, such as `visual`.
            inspection_type: Cow<'a, str> => Str,
            /// The defects found. Their types and severities are promoted to lists of their own.
            defects: Vec<Defect<'a>>,
        }
    }
}
