//! What all lanes of a pipeline share.

use std::sync::Arc;

use voc_events::{DecodeOptions, Table};
use voc_nlp::{Annotator, Redactor};
use voc_store::{EventStore, PartitionBy};

use crate::{
    BatchSettings, DeadLetterSink, RecentSettings, event_times::EventTimes, event_types::EventTypes,
    freshness::Freshness, insert_slots::InsertQueue, meter::Meter, misdirected::MisdirectedRecords, registry::Schemas,
};

/// What all lanes of a pipeline share.
pub(crate) struct LaneContext {
    pub(crate) store: Arc<dyn EventStore>,
    pub(crate) annotator: Arc<Annotator>,
    pub(crate) redactor: Option<Redactor>,
    pub(crate) dead_letters: Arc<dyn DeadLetterSink>,
    pub(crate) options: DecodeOptions,
    /// Source of writer schemas, if there is a registry.
    pub(crate) schemas: Option<Arc<dyn Schemas>>,
    /// The table for the family's rows.
    pub(crate) table: Table,
    pub(crate) batch: BatchSettings,
    pub(crate) recent: RecentSettings,
    pub(crate) partition_by: PartitionBy,
    /// Attempts at rows, dead letters and ledger entries that are refused until an operator repairs the cause.
    pub(crate) max_attempts: u32,
    /// Where lanes wait until they may insert.
    pub(crate) insert_queue: InsertQueue,
    pub(crate) meter: Meter,
    pub(crate) event_times: EventTimes,
    pub(crate) event_types: EventTypes,
    pub(crate) misdirected: MisdirectedRecords,
    pub(crate) freshness: Freshness,
}
