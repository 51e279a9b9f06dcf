//! Inserting, the same for every SQL engine.

use std::sync::Arc;

use async_trait::async_trait;
use sha2::{Digest, Sha256};

use super::{Block, SqlBackend, SqlStore};
use crate::{ColumnData, DeadLetter, EventStore, InsertBatch, Replayed, StoreError, StrColumn};

#[async_trait]
impl<B: SqlBackend> EventStore for SqlStore<B> {
    async fn insert(&self, batch: Arc<InsertBatch>) -> Result<(), StoreError> {
        for block in (0..batch.parts.len()).filter_map(|part| Block::of_part(&batch, part)) {
            self.backend().insert(&block).await?;
        }
        Ok(())
    }

    async fn replay(&self, batch: Arc<InsertBatch>) -> Result<Replayed, StoreError> {
        let mut replayed = Replayed::default();
        for part in 0..batch.parts.len() {
            replayed += self.replay_part(&batch, part).await?;
        }
        Ok(replayed)
    }

    async fn insert_dead_letters(&self, letters: Arc<[DeadLetter]>) -> Result<(), StoreError> {
        if letters.is_empty() {
            return Ok(());
        }
        self.backend().insert(&dead_letter_block(&letters)).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.check_answer().await
    }
}

impl<B: SqlBackend> SqlStore<B> {
    pub(super) async fn check_answer(&self) -> Result<(), StoreError> {
        self.backend().select_texts("SELECT 'ok'", &[]).await.map(drop)
    }
}

fn dead_letter_block(letters: &[DeadLetter]) -> Block {
    let text = |value: fn(&DeadLetter) -> &str| {
        let mut column = StrColumn::default();
        letters.iter().for_each(|letter| column.push(value(letter)));
        ColumnData::Str(column)
    };
    let header_ends: Vec<u64> = letters
        .iter()
        .scan(0, |end, letter| {
            *end += letter.headers.len() as u64;
            Some(*end)
        })
        .collect();
    let mut header_names = StrColumn::default();
    letters.iter().flat_map(|letter| &letter.headers).for_each(|(name, _)| header_names.push(name));
    let header_values =
        optional_bytes(letters.iter().flat_map(|letter| &letter.headers).map(|(_, value)| value.as_ref()));

    let columns = vec![
        ("source_topic", text(|letter| &letter.topic)),
        ("source_partition", ColumnData::I32(letters.iter().map(|letter| letter.partition).collect())),
        ("source_offset", ColumnData::I64(letters.iter().map(|letter| letter.offset).collect())),
        ("family", text(|letter| letter.family)),
        ("tenant_id", text(|letter| &letter.tenant_id)),
        ("error_type", text(|letter| &letter.error_type)),
        ("error", text(|letter| &letter.error)),
        ("path", text(|letter| &letter.path)),
        ("key", optional_bytes(letters.iter().map(|letter| letter.key.as_ref()))),
        ("payload", optional_bytes(letters.iter().map(|letter| letter.payload.as_ref()))),
        ("header_names", ColumnData::List(header_ends.clone(), Box::new(ColumnData::Str(header_names)))),
        ("header_values", ColumnData::List(header_ends, Box::new(header_values))),
        ("failed_at", ColumnData::Timestamp(letters.iter().map(|letter| letter.failed_at.as_millis()).collect())),
    ];
    Block::of_columns("dead_letters", dead_letter_token(letters), columns)
}

fn optional_bytes<'l>(values: impl Iterator<Item = Option<&'l Vec<u8>>>) -> ColumnData {
    let mut nulls = Vec::new();
    let mut column = StrColumn::default();
    for value in values {
        nulls.push(u8::from(value.is_none()));
        column.push_bytes(value.map_or(&[], Vec::as_slice));
    }
    ColumnData::OptStr(nulls, column)
}

/// A digest of the letters' coordinates: their list itself may be longer than a statement can be.
fn dead_letter_token(letters: &[DeadLetter]) -> String {
    let mut digest = Sha256::new();
    for letter in letters {
        digest.update(format!("{}/{}/{}\n", letter.topic, letter.partition, letter.offset));
    }
    let digest: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("dead_letters/{digest}")
}
