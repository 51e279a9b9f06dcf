//! Defects, which several types of event report.

use std::borrow::Cow;

use crate::fields;

fields! {
    /// A defect of a chip.
    pub struct Defect<'a> {
        optional {
            /// What kind of defect it is, such as `scratch`.
            defect_type: Cow<'a, str>,
            /// How bad it is, such as `minor`.
            severity: Cow<'a, str>,
            /// How sure the inspection is of it, from 0 to 1; the range is not checked.
            confidence: f64,
            /// Where on the chip it is.
            location: Cow<'a, str>,
        }
        rest extra
    }
}
