//! Assessments of quality: the topic `chip-quality.quality.events`.

use std::borrow::Cow;

use super::{BaseEvent, Defect};
use crate::{fields, fields::Id};

fields! {
    /// Quality was evaluated, in an inspection or beyond one.
    ///
    /// This type is on two topics, that of inspections and that of quality. It requires what is certain on both, which
    /// is nothing.
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
