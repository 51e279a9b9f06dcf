//! Delivering: the commit that declares a batch, its dead letters, its rows, its ledger entry. Each step is retried
//! until it succeeds or needs a repair.

use std::{sync::Arc, time::Instant};

use tokio::task::JoinHandle;
use voc_store::{DeadLetter, LedgerEntry};

use super::{
    attempts::{Attempts, batch_label},
    collect::SealedBatch,
    delivery_error::{DeliveryError, Failure},
    site::Site,
};
use crate::{CommitError, CommitMetadata, DueCommit, Intent, Protocol, clock::now_utc};

/// A batch or a commit in flight. Dropping it cancels the delivery.
pub(super) struct Delivery {
    task: JoinHandle<Result<Protocol, DeliveryError>>,
}

impl Delivery {
    /// Declares and stores a batch.
    pub(super) fn of_batch(site: Site, protocol: Protocol, batch: SealedBatch) -> Self {
        Self { task: tokio::spawn(async move { site.deliver(protocol, batch).await }) }
    }

    /// Commits the completion of the stored batch.
    pub(super) fn of_commit(site: Site, mut protocol: Protocol, commit: DueCommit) -> Self {
        let task = async move {
            site.commit(commit).await?;
            protocol.completed()?;
            Ok(protocol)
        };
        Self { task: tokio::spawn(task) }
    }

    /// Waits for the end and returns the new protocol state. Cancel-safe.
    pub(super) async fn outcome(&mut self) -> Result<Protocol, DeliveryError> {
        match (&mut self.task).await {
            Ok(outcome) => outcome,
            // The task is aborted only by dropping, so it panicked. The lane must not go past records that it did not
            // deliver.
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Site {
    async fn deliver(&self, mut protocol: Protocol, mut batch: SealedBatch) -> Result<Protocol, DeliveryError> {
        let sealed_at = Instant::now();
        // Taken before the first attempt to commit, so that no one can learn of the declaration earlier.
        let declared_at = sealed_at;
        let meter = &self.context.meter;
        let declaration = protocol.cut(batch.intent)?;
        let is_inherited = declaration.is_none();
        if let Some(declaration) = declaration {
            self.commit(declaration).await?;
            protocol.declared()?;
        } else {
            tracing::info!(partition = %self.partition, batch = %batch.intent, "re-inserting the inherited batch of an earlier owner");
        }
        if !batch.dead_letters.is_empty() {
            self.deliver_dead_letters(&batch, Arc::clone(&batch.dead_letters)).await?;
        }
        let mut refused: Arc<[DeadLetter]> = Arc::default();
        let mut resends = Vec::new();
        if !batch.insert.parts.is_empty() {
            let inserted = self.insert(&mut protocol, &batch, declared_at).await?;
            (refused, resends) = (inserted.refused.into(), inserted.resends);
            batch.duplicates += resends.len();
            meter.processed(batch.insert.rows() - refused.len() - resends.len());
            if !refused.is_empty() {
                self.deliver_dead_letters(&batch, Arc::clone(&refused)).await?;
            }
        }
        if is_inherited && batch.account.has_duplicates() {
            self.find_stored_resends(&mut batch).await?;
        }
        let has_tenants = self.context.table.tenant.is_some();
        let entry = batch.account.entry(&batch.insert, has_tenants, &batch.dead_letters, &refused, &resends);
        self.record(batch.intent, entry).await?;
        protocol.stored()?;
        meter.duplicates(batch.duplicates);
        meter.batch(batch.records, sealed_at.elapsed());
        batch.lag.stored(now_utc());
        drop(batch.permit);
        Ok(protocol)
    }

    /// Counts resends that were dropped here as stored if an earlier owner, who did not recognise them, has stored
    /// them.
    async fn find_stored_resends(&self, batch: &mut SealedBatch) -> Result<(), DeliveryError> {
        let mut attempts = Attempts::new(self, batch_label(batch.intent));
        let stored = loop {
            match self.context.store.stored_offsets(&self.context.table, &batch.insert.range).await {
                Ok(stored) => break stored,
                Err(error) => {
                    self.context.meter.error(error.kind());
                    attempts.failed(Failure::Rows(error)).await?;
                }
            }
        };
        let found = batch.account.found_stored(&stored.into_iter().collect());
        batch.duplicates -= found;
        self.context.meter.processed(found);
        Ok(())
    }

    /// Delivers dead letters of a batch.
    async fn deliver_dead_letters(
        &self,
        batch: &SealedBatch,
        dead_letters: Arc<[DeadLetter]>,
    ) -> Result<(), DeliveryError> {
        batch.ids.forget(&dead_letters);
        let mut attempts = Attempts::new(self, batch_label(batch.intent));
        while let Err(error) = self.context.dead_letters.deliver(Arc::clone(&dead_letters)).await {
            self.context.meter.error("dead_letter");
            attempts.failed(Failure::DeadLetters(dead_letters.len(), error)).await?;
        }
        self.context.meter.dead_lettered(dead_letters.len());
        Ok(())
    }

    /// Enters the batch in the ledger. This comes before the commit that completes the batch, so that no record is
    /// done without a trace.
    async fn record(&self, batch: Intent, entry: LedgerEntry) -> Result<(), DeliveryError> {
        if !entry.is_balanced() {
            tracing::error!(partition = %self.partition, ?entry, "the ledger does not balance: records were lost or counted twice");
            self.context.meter.imbalance();
        }
        let mut attempts = Attempts::new(self, batch_label(batch));
        while let Err(error) = self.context.store.record(&entry).await {
            self.context.meter.error(error.kind());
            attempts.failed(Failure::Entry(error)).await?;
        }
        Ok(())
    }

    async fn commit(&self, commit: DueCommit) -> Result<(), DeliveryError> {
        let metadata = CommitMetadata { epoch: self.epoch, intent: commit.intent }.text();
        let mut attempts = Attempts::new(self, format!("the commit of offset {}", commit.next_offset));
        loop {
            match self.committer.commit(&self.partition, commit.next_offset, metadata.as_deref()).await {
                Ok(()) => return Ok(()),
                Err(CommitError::Fenced(reason)) => {
                    self.context.meter.error("commit_fenced");
                    return Err(DeliveryError::Fenced(reason));
                }
                Err(error) => {
                    self.context.meter.error("commit");
                    attempts.failed(Failure::Commit(error)).await?;
                }
            }
        }
    }
}
