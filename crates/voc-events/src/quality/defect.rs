//! Defects, which several types of event report.

use std::borrow::Cow;

use crate::fields;

fields! {
    /// A defect of a chip.
    ///
    /// ```
    /// use voc_events::quality::Defect;
    ///
    /// let record = br#"{"defect_type":"scratch","severity":"minor","confidence":"0.9","layer":3}"#;
    /// let defect = Defect::try_from(&record[..])?;
    /// assert_eq!((defect.severity.as_deref(), defect.confidence), (Some("minor"), Some(0.9)));
    /// assert_eq!(defect.extra[0].0, "layer");
    /// # Ok::<(), voc_events::Invalid>(())
    /// ```
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
