//! Storage of event rows: the store's traits, ClickHouse, the embedded engine, an in-memory store, and their
//! migrations.
//!
//! The only crate that knows SQL. A [`BatchBuilder`] turns decoded events into columns, split so that each part falls
//! into one table partition; an [`EventStore`] inserts the sealed [`InsertBatch`] under its token; [`EventQueries`]
//! reads the stored rows.

pub mod adoption;
mod batch;
pub mod clickhouse;
mod column;
mod column_types;
mod dead_letter;
pub mod embedded;
mod erasure;
mod error;
mod hex;
mod isolation;
mod ledger;
mod memory;
mod migrations;
mod native;
mod param;
mod period;
mod query;
mod read_meter;
mod recent;
mod reinsert_outcome;
mod restricted;
mod retention;
mod revision;
mod rows;
mod sql;
mod traits;
mod ttl;
mod writes;

pub use batch::{BatchBuilder, InsertBatch, PartitionBy, PartitionKey, SourceRange, TablePart};
pub use column::{ColumnData, StrColumn};
pub use dead_letter::DeadLetter;
pub use erasure::{EraseFailure, Erased, Erasure, ErasureError, ErasureProgress, FinishedErasure, RecordedErasure};
pub use error::{Remedy, StoreError};
pub use isolation::{IsolationOutcome, RefusedRow};
pub use ledger::{Account, Gaps, LedgerEntry, LedgerExtent, LedgerFilter, OffsetRange, PartitionLedger, TenantAccount};
pub use memory::{MemoryHold, MemoryStore};
pub use migrations::{
    FIRST_OUTSIDE_VERSION, Migration, MigrationStatus, Migrator, Outlook, PlannedMigration, PlannedStatement,
    TableLayout,
};
pub use native::encode_native;
pub use param::Param;
pub use period::Period;
pub use query::{
    Answer, Buckets, Cell, CellKind, Condition, DeadLetterList, DeadLetterPage, Dimension, Direction, Drivers,
    EventList, EventPage, EventStream, Factor, Field, FieldKind, Filter, Freshness, Function, Funnel, Granularity,
    ListedDeadLetter, ListedEvent, Measure, Metric, Query, QueryError, RepeatContacts, TenantScope, TopicSummary,
    TypeSummary, Value, WeekStart,
};
pub use read_meter::ReadMeter;
pub use recent::{RecentEvent, RecentRange};
pub use reinsert_outcome::ReinsertOutcome;
pub use restricted::{Placeholder, RestrictedSql, Rows, SqlMistake, Statement, StatementLimits, StatementQueries};
pub use retention::{
    CurrentRetention, Keep, MAX_RETENTION_DAYS, Retention, RetentionChange, RetentionError, WantedRetention,
};
pub use revision::{OffsetSpan, Revision, Revisions, StoredRow};
pub use rows::{RowAnnotation, RowBatch, RowCall, RowCallTimes, RowError, RowProblem, RowTopic};
pub use sql::{
    AuditWindow, AuditedBatch, AuditedLog, AuditedOffsets, Block, BlockColumn, BlockValues, Disk, KnownParts,
    MissingOfTenant, MissingRight, SqlBackend, SqlSession, SqlStore,
};
pub use traits::{EventQueries, EventStore};
