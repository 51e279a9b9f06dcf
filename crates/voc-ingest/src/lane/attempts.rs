//! Trying again: what passes is waited for however long, what somebody must repair is tried so many times.

use super::{
    delivery_error::{DeliveryError, Failure},
    site::Site,
};
use crate::{DeliveryRemedy, Intent, backoff::Backoff};

/// Tries to deliver one thing.
pub(super) struct Attempts<'s> {
    site: &'s Site,
    what: String,
    /// Tries that failed for what somebody must repair.
    refused: u32,
    backoff: Backoff,
}

impl<'s> Attempts<'s> {
    /// Tries to deliver what is named, such as `the batch 0-9`.
    pub(super) fn new(site: &'s Site, what: String) -> Self {
        Self { site, what, refused: 0, backoff: Backoff::default() }
    }

    /// A try has failed: waits until it is time for the next one.
    ///
    /// # Errors
    /// [`DeliveryError::Refused`] if there were enough tries of what somebody must repair.
    pub(super) async fn failed(&mut self, failure: Failure) -> Result<(), DeliveryError> {
        if let DeliveryRemedy::Repair(repair) = failure.remedy() {
            self.refused += 1;
            if self.refused >= self.site.context.max_attempts {
                let (what, attempts) = (std::mem::take(&mut self.what), self.refused);
                return Err(DeliveryError::Refused { what, attempts, failure: Box::new(failure), repair });
            }
        }
        let retry_in = self.backoff.next_wait();
        tracing::warn!(partition = %self.site.partition, error = %failure, ?retry_in, "{} is waiting", self.what);
        tokio::time::sleep(retry_in).await;
        Ok(())
    }
}

/// What messages call a batch.
pub(super) fn batch_label(batch: Intent) -> String {
    format!("the batch {batch}")
}
