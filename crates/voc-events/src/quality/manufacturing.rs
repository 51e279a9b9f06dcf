//! Manufacturing: the topic `chip-quality.manufacturing.events`.

use std::borrow::Cow;

use super::BaseEvent;
use crate::{fields, fields::Id};

fields! {
    /// A manufacturing batch was started.
    ///
    /// ```
    /// use voc_events::{Timestamp, quality::{BaseEvent, BatchCreated}};
    ///
    /// let batch = BatchCreated::new(BaseEvent::new(BatchCreated::TYPE, Timestamp::from_millis(0)), "b-1");
    /// assert_eq!((batch.base.event_type.as_ref(), batch.batch_id.as_ref()), ("BATCH_CREATED", "b-1"));
    /// ```
    pub struct BatchCreated<'a>: BaseEvent<'a> = "BATCH_CREATED" {
        required {
            /// The manufacturing batch.
            batch_id: Cow<'a, str> as Id => Str,
        }
    }
}

fields! {
    /// A lot was started within a batch.
    ///
    /// ```
    /// use voc_events::quality::{LotCreated, QualityEvent};
    ///
    /// let record = br#"{"event_type":"LOT_CREATED","timestamp":"2026-02-02T12:00:00Z","batch_id":"b-1","lot_id":4}"#;
    /// let event = QualityEvent::try_from(&record[..])?;
    /// let QualityEvent::LotCreated(LotCreated { batch_id, lot_id, .. }) = event else { panic!("it is a lot") };
    /// assert_eq!((batch_id.as_ref(), lot_id.as_deref()), ("b-1", Some("4")));
    /// # Ok::<(), voc_events::Invalid>(())
    /// ```
    pub struct LotCreated<'a>: BaseEvent<'a> = "LOT_CREATED" {
        required {
            /// The manufacturing batch.
            batch_id: Cow<'a, str> as Id => Str,
        }
        optional {
            /// The lot within the batch.
            lot_id: Cow<'a, str> as Id => Str,
        }
    }
}

fields! {
    /// The processing of a batch finished.
    ///
    /// ```
    /// use voc_events::quality::QualityEvent;
    ///
    /// let record = br#"{"event_type":"BATCH_COMPLETED","timestamp":1770033600,"batch_id":"b-1",
    ///     "quality_score":"high"}"#;
    /// let invalid = QualityEvent::try_from(&record[..]).unwrap_err();
    /// assert_eq!(invalid.to_string(), r#"$.quality_score: expected a finite number, found string "high""#);
    /// ```
    pub struct BatchCompleted<'a>: BaseEvent<'a> = "BATCH_COMPLETED" {
        required {
            /// The manufacturing batch.
            batch_id: Cow<'a, str> as Id => Str,
        }
        optional {
            /// The quality found, from 0 to 1, better being higher; the range is not checked.
            quality_score: f64 => OptF64,
        }
    }
}

fields! {
    /// A production milestone was reached.
    ///
    /// ```
    /// use voc_events::{Timestamp, quality::{BaseEvent, ProductionMilestone}};
    ///
    /// let base = BaseEvent::new(ProductionMilestone::TYPE, Timestamp::from_millis(0));
    /// let mut event = ProductionMilestone::new(base);
    /// event.milestone = Some("wafer-1000".into());
    /// let owned: ProductionMilestone<'static> = event.into_owned();
    /// assert_eq!(owned.milestone.as_deref(), Some("wafer-1000"));
    /// ```
    pub struct ProductionMilestone<'a>: BaseEvent<'a> = "PRODUCTION_MILESTONE" {
        optional {
            /// Which milestone was reached.
            milestone: Cow<'a, str> => Str,
            /// The manufacturing batch.
            batch_id: Cow<'a, str> as Id => Str,
            /// The lot within the batch.
            lot_id: Cow<'a, str> as Id => Str,
        }
    }
}
