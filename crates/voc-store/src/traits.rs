//! The store's two faces: one that takes rows, one that answers questions.

use std::sync::Arc;

use async_trait::async_trait;
use serde::Serialize;
use voc_events::{TenantId, Timestamp};

use crate::{DeadLetter, InsertBatch, StoreError};

/// Takes rows.
#[async_trait]
pub trait EventStore: Send + Sync {
    /// Inserts a batch, part by part, each under its deduplication token. After `Ok` every row is stored.
    ///
    /// Inserting the same batch again adds nothing, so after an error of unknown outcome the caller repeats it.
    ///
    /// # Errors
    /// [`StoreError`]; parts before the failing one may be stored.
    async fn insert(&self, batch: Arc<InsertBatch>) -> Result<(), StoreError>;

    /// Writes dead letters. The same letters (by topic, partition and offset) given again add nothing.
    ///
    /// # Errors
    /// [`StoreError`]; either all letters are stored or none.
    async fn insert_dead_letters(&self, letters: Arc<[DeadLetter]>) -> Result<(), StoreError>;

    /// Checks that the store answers.
    ///
    /// # Errors
    /// [`StoreError`] with the reason why it does not.
    async fn ping(&self) -> Result<(), StoreError>;
}

/// Answers questions.
#[async_trait]
pub trait EventQueries: Send + Sync {
    /// Events by type, most frequent first; of one tenant, or of all.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    async fn summary(&self, tenant: Option<&TenantId>, period: Period) -> Result<Vec<TypeSummary>, StoreError>;

    /// Annotated events by topic, most frequent first; of one tenant, or of all.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    async fn topics(&self, tenant: Option<&TenantId>, period: Period) -> Result<Vec<TopicSummary>, StoreError>;

    /// Checks that the store answers.
    ///
    /// # Errors
    /// [`StoreError`] with the reason why it does not.
    async fn ping(&self) -> Result<(), StoreError>;
}

/// A span of event time: from `since` on, and before `until` where it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// First instant inside.
    pub since: Timestamp,
    /// First instant outside.
    pub until: Option<Timestamp>,
}

/// Events of one type.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TypeSummary {
    /// The events' type.
    pub event_type: String,
    /// Number of events.
    pub event_count: u64,
    /// Mean sentiment of the annotated ones, from -1 to 1; none if no event has a score.
    pub avg_sentiment: Option<f64>,
    /// Time of the earliest event.
    pub first_event: Timestamp,
    /// Time of the latest event.
    pub last_event: Timestamp,
}

/// Events of one topic.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TopicSummary {
    /// The topic.
    pub topic: String,
    /// Number of events.
    pub event_count: u64,
    /// Mean sentiment of those with a score, from -1 to 1.
    pub avg_sentiment: Option<f64>,
}
