//! Compares what Kafka had, what the ledger says, and what is stored.
//!
//! The committed offset of the group is queried first, and only records before it are compared: a batch is in the
//! ledger before its commit, so processors may run meanwhile. Windows of batches in the ledger are compared with the
//! stored counts. If a window differs, its offsets are listed, and the records in question are read from Kafka again
//! if it still has them. Of partitions that Kafka does not have, the ledger is compared with the store alone.

mod aged;
mod error;
mod log;
mod report;

use std::{collections::BTreeSet, ops::Range, slice, sync::Arc};

use voc_events::{DecodeOptions, Family};
use voc_store::{AuditedLog, SqlBackend, SqlStore};

pub use self::error::VerifyError;
use self::log::LogCheck;
pub use self::report::{Difference, DifferenceKind, LogReport, PartitionReport, VerifyReport};
use crate::{
    CommittedOffset, Inheritance, SourceError, TopicPartition, UnknownCommitMetadata,
    kafka::{AddressedReader, KafkaSettings},
    lane::TopicDecoder,
    registry::{Schemas, TopicSchemas},
};

/// Compares Kafka with a store.
pub struct Verifier<'s, B> {
    store: &'s SqlStore<B>,
    reader: AddressedReader,
    topics: Vec<String>,
    options: DecodeOptions,
    schemas: Option<Arc<dyn Schemas>>,
}

impl<'s, B: SqlBackend> Verifier<'s, B> {
    /// Compares the topics and the group in `settings`.
    ///
    /// # Errors
    /// [`SourceError::Misconfigured`] if no client can be created from the settings.
    pub fn new(store: &'s SqlStore<B>, settings: &KafkaSettings, options: DecodeOptions) -> Result<Self, SourceError> {
        let reader = AddressedReader::new(settings)?;
        Ok(Self { store, reader, topics: settings.topics.clone(), options, schemas: None })
    }

    /// Sets the source of writer schemas.
    #[must_use]
    pub fn schemas(mut self, schemas: Option<Arc<dyn Schemas>>) -> Self {
        self.schemas = schemas;
        self
    }

    /// Compares every partition that Kafka or the ledger has. A topic that Kafka does not have is no error, because
    /// processors wait for it: it is among [`VerifyReport::missing_topics`].
    ///
    /// # Errors
    /// [`VerifyError`] if Kafka or the store could not be queried.
    pub async fn run<F: Family>(&self) -> Result<VerifyReport, VerifyError> {
        let mut report = VerifyReport::default();
        for topic in &self.topics {
            // Before Kafka's partitions, or new ones would seem to be missing.
            let recorded = self.store.recorded_partitions(F::NAME, topic).await?;
            let found = self.reader.partitions(topic).await?;
            if found.is_empty() {
                report.missing_topics.push(topic.clone());
            }
            for partition in &found {
                // First of all, so that everything queried later is at least as recent.
                let committed = self.reader.committed(slice::from_ref(partition)).await?.pop().flatten();
                let in_kafka = self.reader.offsets(partition).await?;
                report.partitions.push(self.partition::<F>(partition, committed, Some(in_kafka)).await?);
            }
            for partition in recorded {
                let partition = TopicPartition { topic: topic.as_str().into(), partition };
                if !found.contains(&partition) {
                    report.partitions.push(self.partition::<F>(&partition, None, None).await?);
                }
            }
        }
        Ok(report)
    }

    /// `in_kafka` is `None` if Kafka does not have the partition.
    async fn partition<F: Family>(
        &self,
        partition: &TopicPartition,
        committed: Option<CommittedOffset>,
        in_kafka: Option<Range<i64>>,
    ) -> Result<PartitionReport, VerifyError> {
        let next_offset = committed.as_ref().map(|committed| committed.next_offset);
        let recorded = self.store.recorded_epochs(F::NAME, &partition.topic, partition.partition).await?;
        let inherited = Inheritance::of(committed.as_ref(), 0).map_err(|UnknownCommitMetadata { metadata }| {
            VerifyError::CommitMetadata { partition: partition.to_string(), metadata }
        })?;
        // The log that the committed offset belongs to. A commit under epoch 0 has no metadata, and no other log can
        // have followed it.
        let current = match inherited.new_epoch {
            None => Some(inherited.epoch),
            Some(_) => recorded.last().copied().filter(|newest| *newest == 0),
        };
        let mut remarks = Vec::new();
        if in_kafka.is_none() {
            remarks.push("kafka has no such partition: only the ledger and the store are compared".to_owned());
        }
        if let (Some(offset), None, Some(reason)) = (next_offset, current, inherited.new_epoch) {
            remarks.push(format!(
                "the offset {offset} was not committed by a processor ({reason}): records before it are not searched for"
            ));
        }
        // Without a commit of a processor, as after a reset by hand, Kafka's log is most likely that of the newest
        // epoch.
        let newest = recorded.last().copied();
        let epochs: BTreeSet<i64> = recorded.into_iter().chain(current).collect();
        let decoder = TopicDecoder::<F>::new(&partition.topic, &self.options);
        let schemas = TopicSchemas::of::<F>(&partition.topic, self.schemas.clone());
        let mut logs = Vec::new();
        for log_epoch in epochs {
            let log = AuditedLog {
                family: F::NAME,
                table: F::TABLE.name,
                topic: partition.topic.to_string(),
                partition: partition.partition,
                epoch: log_epoch,
            };
            let check = LogCheck {
                store: self.store,
                reader: &self.reader,
                decoder: &decoder,
                schemas: &schemas,
                partition,
                log,
                in_kafka: in_kafka.clone().filter(|_| Some(log_epoch) == current.or(newest)).unwrap_or_default(),
                // Kafka has no information on an earlier epoch: its log may be gone, and its offsets may belong to
                // another log.
                committed: next_offset.filter(|_| Some(log_epoch) == current),
            };
            logs.extend(check.run().await?);
        }
        Ok(PartitionReport {
            family: F::NAME,
            topic: partition.topic.to_string(),
            partition: partition.partition,
            oldest_offset: in_kafka.as_ref().map(|offsets| offsets.start),
            end_offset: in_kafka.as_ref().map(|offsets| offsets.end),
            committed_offset: next_offset,
            remarks,
            logs,
        })
    }
}
