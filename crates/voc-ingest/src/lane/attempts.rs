//! Retries: transient failures are retried indefinitely, and failures that need a repair a limited number of times.

use super::{
    delivery_error::{DeliveryError, Failure},
    site::Site,
};
use crate::{DeliveryRemedy, Intent, backoff::Backoff};

/// The attempts at one delivery.
pub(super) struct Attempts<'s> {
    site: &'s Site,
    what: String,
    /// Failed attempts that need a repair.
    refused: u32,
    backoff: Backoff,
    /// Its number among the waiting deliveries, once an attempt has failed.
    waiting: Option<u64>,
}

impl<'s> Attempts<'s> {
    /// Begins with no failed attempt; `what` names the delivery, such as `the batch 0-9`.
    pub(super) fn new(site: &'s Site, what: String) -> Self {
        Self { site, what, refused: 0, backoff: Backoff::default(), waiting: None }
    }

    /// Records a failed attempt and waits until the next one is due.
    ///
    /// # Errors
    /// [`DeliveryError::Refused`] if the failure needs a repair and the attempts are exhausted.
    pub(super) async fn failed(&mut self, failure: Failure) -> Result<(), DeliveryError> {
        if let DeliveryRemedy::Repair(repair) = failure.remedy() {
            self.refused += 1;
            if self.refused >= self.site.context.max_attempts {
                let (what, attempts) = (std::mem::take(&mut self.what), self.refused);
                return Err(DeliveryError::Refused { what, attempts, failure: Box::new(failure), repair });
            }
        }
        self.note(format!("{} of {}: {failure}", self.what, self.site.partition));
        let retry_in = self.backoff.next_wait();
        tracing::warn!(partition = %self.site.partition, error = %failure, ?retry_in, "{} is waiting", self.what);
        tokio::time::sleep(retry_in).await;
        Ok(())
    }

    /// Notes the failure for readiness checks.
    fn note(&mut self, reason: String) {
        let waiting = &self.site.context.meter.tally.waiting;
        match self.waiting {
            Some(number) => waiting.update(number, reason),
            None => self.waiting = Some(waiting.add(reason)),
        }
    }
}

/// Whether the delivery succeeded, was given up or was abandoned with its lane: nothing waits for it any more.
impl Drop for Attempts<'_> {
    fn drop(&mut self) {
        if let Some(number) = self.waiting {
            self.site.context.meter.tally.waiting.remove(number);
        }
    }
}

/// Name of a batch in messages.
pub(super) fn batch_label(batch: Intent) -> String {
    format!("the batch {batch}")
}
