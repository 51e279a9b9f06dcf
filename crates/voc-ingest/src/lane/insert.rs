//! Inserting a declared batch. The remedy of an error decides whether the lane waits, isolates rows, or stops.

use std::{sync::Arc, time::Instant};

use voc_events::Timestamp;
use voc_store::{DeadLetter, IsolationOutcome, RefusedRow, ReinsertOutcome, Remedy, StoreError};

use super::{
    attempts::{Attempts, batch_label},
    collect::SealedBatch,
    delivery_error::{DeliveryError, Failure},
    site::Site,
};
use crate::{Attempt, Protocol, clock::now_utc};

/// Error type of dead letters for rows that the store refused.
const REFUSED: &str = "store_rejected";

/// What became of a batch's rows that are not stored.
pub(super) struct Inserted {
    /// Dead letters for the rows that the store refused; still to be delivered.
    pub(super) refused: Vec<DeadLetter>,
    /// Offsets of the rows that were dropped because another row of the same event is stored.
    pub(super) resends: Vec<i64>,
}

impl Site {
    /// Stores the rows that the store accepts.
    ///
    /// # Errors
    /// [`DeliveryError::Refused`] if the store repeatedly refuses the batch for a reason other than individual rows.
    pub(super) async fn insert(
        &self,
        protocol: &mut Protocol,
        batch: &SealedBatch,
        declared_at: Instant,
    ) -> Result<Inserted, DeliveryError> {
        let meter = &self.context.meter;
        let mut attempts = Attempts::new(self, batch_label(batch.intent));
        let mut is_refused = false;
        // Nothing was sent, so nothing can be stored in part: operators would not call this a re-insert.
        let mut is_cold = false;
        loop {
            let outcome = {
                // The semaphore is never closed.
                let _slot = self.context.insert_queue.slot().await;
                let store = &self.context.store;
                let rows = Arc::clone(&batch.insert);
                match protocol.attempt() {
                    _ if is_refused => store.isolate(rows).await,
                    Some(Attempt::Again) => {
                        if !std::mem::take(&mut is_cold) {
                            meter.reinserted();
                        }
                        store.reinsert(rows).await.map(IsolationOutcome::from)
                    }
                    Some(Attempt::First) | None => {
                        store.insert_declared(rows, declared_at).await.map(|()| ReinsertOutcome::default().into())
                    }
                }
            };
            let error = match outcome {
                Ok(IsolationOutcome { stored, refused }) => {
                    meter.healed(stored.healed);
                    return Ok(Inserted { refused: self.dead_letters(batch, refused), resends: stored.resends });
                }
                Err(error) => error,
            };
            protocol.doubted()?;
            if matches!(error, StoreError::NoSession) {
                tracing::debug!(partition = %self.partition, batch = %batch.intent, %error, "re-inserting instead");
                is_cold = true;
            } else if error.remedy() == Remedy::Isolate && !is_refused {
                tracing::warn!(
                    partition = %self.partition, batch = %batch.intent, %error,
                    "the store refuses some rows; isolating them"
                );
                is_refused = true;
            } else {
                meter.error(error.kind());
                attempts.failed(Failure::Rows(error)).await?;
            }
        }
    }

    /// Dead letters for the rows that the store refused.
    fn dead_letters(&self, batch: &SealedBatch, refused: Vec<RefusedRow>) -> Vec<DeadLetter> {
        let failed_at = now_utc();
        refused.into_iter().map(|row| self.dead_letter(batch, row, failed_at)).collect()
    }

    fn dead_letter(&self, batch: &SealedBatch, row: RefusedRow, failed_at: Timestamp) -> DeadLetter {
        self.context.meter.error(REFUSED);
        let envelope = batch.envelopes.iter().find_map(|envelopes| envelopes.find(row.offset));
        DeadLetter {
            family: batch.insert.range.family,
            error_type: REFUSED.to_owned(),
            error: row.error,
            path: "$".to_owned(),
            tenant_id: row.tenant_id,
            topic: self.partition.topic.to_string(),
            partition: self.partition.partition,
            epoch: self.epoch,
            offset: row.offset,
            key: envelope.and_then(|envelope| envelope.key).map(<[u8]>::to_vec),
            // The value as received, if it was kept because the row does not contain it.
            payload: envelope
                .and_then(|envelope| envelope.value)
                .map(<[u8]>::to_vec)
                .or(row.payload.map(String::into_bytes)),
            headers: envelope.map(|envelope| envelope.headers.to_vec()).unwrap_or_default(),
            failed_at,
        }
    }
}
