//! Inspections of chips: the topic `chip-quality.inspection.events`.

use std::borrow::Cow;

use super::{BaseEvent, Defect};
use crate::{fields, fields::Id};

fields! {
    /// An inspection was initiated.
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
