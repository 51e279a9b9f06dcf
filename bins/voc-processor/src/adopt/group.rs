//! The consumer group of a Python service.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde::Serialize;
use voc_ingest::kafka::{CommitOrigin, GroupTakeover, KafkaExaminer, KafkaSettings, PartitionPosition};

/// A group that is adopted.
pub(super) struct Group {
    id: String,
    takeover: GroupTakeover,
    examiner: KafkaExaminer,
}

/// What is known of a group.
#[derive(Debug, Serialize)]
pub(super) struct GroupReport {
    pub(super) group: String,
    /// Members that must be stopped.
    pub(super) members: Vec<String>,
    pub(super) partitions: Vec<PartitionReport>,
}

/// Where the processor continues in a partition.
#[derive(Debug, Serialize)]
pub(super) struct PartitionReport {
    pub(super) topic: String,
    pub(super) partition: i32,
    /// The offset; `None` if nothing was committed, so that `KAFKA_AUTO_OFFSET_RESET` decides.
    pub(super) next_offset: Option<i64>,
    /// The offset from which the group was set back.
    pub(super) rewound_from: Option<i64>,
    /// Records from there to the end.
    pub(super) lag: Option<i64>,
    /// Records from the offset on that Kafka no longer has.
    pub(super) gone: i64,
    /// Whether a processor of this program has committed since.
    pub(super) is_continued: bool,
}

impl Group {
    pub(super) fn new(settings: &KafkaSettings) -> anyhow::Result<Self> {
        let takeover = GroupTakeover::new(settings).context("cannot use Kafka's settings")?;
        Ok(Self { id: settings.group_id.clone(), takeover, examiner: KafkaExaminer::new(settings) })
    }

    /// Fails while the group has members.
    pub(super) async fn check_has_no_members(&self) -> anyhow::Result<()> {
        let members = self.members().await?;
        ensure!(
            members.is_empty(),
            "the group {} has members: {}; stop them first (one that was killed counts until its session ends, after 30 \
             seconds by default)",
            self.id,
            members.join(", ")
        );
        Ok(())
    }

    async fn members(&self) -> anyhow::Result<Vec<String>> {
        let state = self.examiner.group().await.context("cannot ask Kafka for the members of the group")?;
        Ok(state.members.iter().map(ToString::to_string).collect())
    }

    /// Reports where the group is, after it was set back if that is asked for. A dry run sets nothing back, and names
    /// the members that must be stopped.
    pub(super) async fn take_over(&self, rewind: Option<Duration>, is_dry_run: bool) -> anyhow::Result<GroupReport> {
        let members = if is_dry_run { self.members().await? } else { Vec::new() };
        let mut partitions = Vec::new();
        for position in self.positions().await? {
            let mut report = PartitionReport::of(&position);
            if let (Some(to), Some(from)) = (self.target(&position, rewind).await?, position.next_offset()) {
                if !is_dry_run {
                    let partition = &position.partition;
                    let rewound = self.takeover.rewind(partition, from, to).await;
                    rewound.with_context(|| format!("cannot set the group {} back in {partition}", self.id))?;
                    tracing::info!(%partition, from, to, "the group is set back");
                }
                report.set_back(to, &position);
            }
            partitions.push(report);
        }
        Ok(GroupReport { group: self.id.clone(), members, partitions })
    }

    /// The offset to which a partition is to be set back, if it is.
    async fn target(&self, position: &PartitionPosition, rewind: Option<Duration>) -> anyhow::Result<Option<i64>> {
        match (rewind, position.committed.as_ref().map(CommitOrigin::of)) {
            (Some(span), Some(CommitOrigin::Another)) => {
                let rewound = self.takeover.rewound(position, span).await;
                rewound.with_context(|| format!("cannot find where to set {} back", position.partition))
            }
            (Some(_), Some(CommitOrigin::Ours)) => {
                tracing::warn!(partition = %position.partition, "a processor has continued here: not set back");
                Ok(None)
            }
            // Done before.
            _ => Ok(None),
        }
    }

    /// Where the group is in every partition.
    pub(super) async fn positions(&self) -> anyhow::Result<Vec<PartitionPosition>> {
        self.takeover.positions().await.context("cannot ask Kafka for the committed offsets")
    }
}

impl PartitionReport {
    fn of(position: &PartitionPosition) -> Self {
        let origin = position.committed.as_ref().map(CommitOrigin::of);
        let next_offset = position.next_offset();
        Self {
            topic: position.partition.topic.to_string(),
            partition: position.partition.partition,
            next_offset,
            rewound_from: match origin {
                Some(CommitOrigin::Rewound(from)) => Some(from),
                _ => None,
            },
            lag: next_offset.map(|offset| position.end - offset.max(position.oldest)),
            gone: next_offset.map_or(0, |offset| (position.oldest - offset).max(0)),
            is_continued: origin == Some(CommitOrigin::Ours),
        }
    }

    fn set_back(&mut self, to: i64, position: &PartitionPosition) {
        (self.rewound_from, self.next_offset) = (self.next_offset, Some(to));
        self.lag = Some(position.end - to.max(position.oldest));
    }
}
