//! The schemas of a chunk's records, looked up before the chunk is taken.

use std::sync::Arc;

use super::LaneContext;
use crate::{
    RecordChunk, TopicPartition,
    backoff::Backoff,
    registry::{KnownSchemas, TopicSchemas},
};

/// Looks up the schemas that the records of a chunk were written with. Retries indefinitely, because the records are
/// valid and only the registry is unavailable.
pub(super) async fn prepared(
    context: Arc<LaneContext>,
    partition: TopicPartition,
    schemas: Arc<TopicSchemas>,
    chunk: RecordChunk,
) -> (RecordChunk, KnownSchemas) {
    let schema_ids = TopicSchemas::schema_ids(chunk.iter().map(|record| record.value));
    let mut backoff = Backoff::default();
    loop {
        match schemas.look_up(&schema_ids).await {
            Ok(known) => return (chunk, known),
            Err(error) => {
                let retry_in = backoff.next_wait();
                context.meter.error("schema_registry");
                tracing::warn!(%partition, error, ?retry_in, "records are waiting for the schema registry");
                tokio::time::sleep(retry_in).await;
            }
        }
    }
}

/// Whether any record of a chunk was written with a schema.
pub(super) fn are_needed(chunk: &RecordChunk) -> bool {
    chunk.iter().any(|record| record.value.is_some_and(|value| value.first() == Some(&0)))
}
