//! Manufacturing: the topic `chip-quality.manufacturing.events`.

use std::borrow::Cow;

use super::BaseEvent;
use crate::{fields, fields::Id};

fields! {
    /// A manufacturing batch was started.
    pub struct BatchCreated<'a>: BaseEvent<'a> = "BATCH_CREATED" {
        required {
            /// The manufacturing batch.
            batch_id: Cow<'a, str> as Id => Str,
        }
    }
}

fields! {
    /// A lot was started within a batch.
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
