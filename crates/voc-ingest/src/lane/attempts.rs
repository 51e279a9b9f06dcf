//! Trying again: what passes is waited for however long, what somebody must repair is tried so many times.

use voc_store::StoreError;

use super::deliver::{DeliveryError, Site};
use crate::{DeadLetterError, DeliveryRemedy, Intent, backoff::Backoff};

/// What of a batch could not be delivered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Rows, and leaving some out does not help.
    #[error("its rows are not stored: {0}")]
    Rows(StoreError),
    /// So many dead letters.
    #[error("{0} {1}")]
    Letters(usize, DeadLetterError),
    /// What the ledger is to say of it.
    #[error("its entry in the ledger is not stored: {0}")]
    Entry(StoreError),
}

impl Failure {
    fn remedy(&self) -> DeliveryRemedy {
        match self {
            Self::Rows(error) | Self::Entry(error) => error.into(),
            Self::Letters(_, error) => error.remedy,
        }
    }
}

/// Tries to deliver one thing.
pub(super) struct Attempts<'s> {
    site: &'s Site,
    batch: Intent,
    /// Tries that failed for what somebody must repair.
    refused: u32,
    backoff: Backoff,
}

impl<'s> Attempts<'s> {
    pub(super) fn new(site: &'s Site, batch: Intent) -> Self {
        Self { site, batch, refused: 0, backoff: Backoff::default() }
    }

    /// A try has failed: waits until it is time for the next one.
    ///
    /// # Errors
    /// [`DeliveryError::Refused`] if there were enough tries of what somebody must repair.
    pub(super) async fn failed(&mut self, failure: Failure) -> Result<(), DeliveryError> {
        if let DeliveryRemedy::Repair(repair) = failure.remedy() {
            self.refused += 1;
            if self.refused >= self.site.context.most_tries {
                let (batch, tries, failure) = (self.batch, self.refused, Box::new(failure));
                return Err(DeliveryError::Refused { batch, tries, failure, repair });
            }
        }
        self.site.wait("a batch is waiting", &failure, &mut self.backoff).await;
        Ok(())
    }
}
