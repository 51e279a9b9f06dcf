//! A group member with lanes that record what they receive.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    sync::{Notify, watch},
    task::{JoinHandle, JoinSet},
};
use tokio_util::sync::CancellationToken;
use voc_ingest::{
    Assignment, CommitError, Headers, LaneControl, MemoryBudget, RecordChunk, Source as _, SourceError, TopicPartition,
    kafka::{KafkaSettings, KafkaSource},
};

use crate::support::PATIENCE;

/// A record as received by a lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReceivedRecord {
    pub(crate) offset: i64,
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) value: Option<Vec<u8>>,
    pub(crate) headers: Headers,
}

/// How a lane ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ending {
    Closed,
    Drained,
    Abandoned,
    Fenced(String),
}

/// Everything that the lanes of a test recorded.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) records: BTreeMap<i32, Vec<ReceivedRecord>>,
    pub(crate) committed: BTreeMap<i32, i64>,
    /// The offset below which no records remain, as far as reported to lanes.
    pub(crate) reached: BTreeMap<i32, i64>,
    /// Member, partition, metadata.
    pub(crate) assigned: Vec<(&'static str, i32, Option<String>)>,
    /// The epochs that lanes begin if their commit carries none, in order.
    pub(crate) new_epochs: Vec<i64>,
    pub(crate) drains: Vec<(&'static str, i32)>,
    pub(crate) ended: Vec<(&'static str, i32, Ending)>,
    pub(crate) refused_commits: Vec<String>,
}

impl State {
    pub(crate) fn count(&self) -> usize {
        self.records.values().map(Vec::len).sum()
    }

    pub(crate) fn count_of(&self, partition: i32) -> usize {
        self.records.get(&partition).map_or(0, Vec::len)
    }

    /// Number of current lanes of a member.
    pub(crate) fn lanes_of(&self, member: &str) -> usize {
        let assigned = self.assigned.iter().filter(|(who, ..)| *who == member).count();
        assigned - self.ended.iter().filter(|(who, ..)| *who == member).count()
    }

    /// Fails unless the records of every partition arrived once each, in order, from offset 0.
    pub(crate) fn assert_each_once(&self) {
        for (partition, records) in &self.records {
            let wrong = (0..).zip(records).find(|(expected, record)| record.offset != *expected);
            if let Some((expected, record)) = wrong {
                panic!("partition {partition}: offset {} instead of {expected}; {self:#?}", record.offset);
            }
        }
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts: BTreeMap<i32, usize> =
            self.records.iter().map(|(partition, seen)| (*partition, seen.len())).collect();
        f.debug_struct("State")
            .field("counts", &counts)
            .field("committed", &self.committed)
            .field("assigned", &self.assigned)
            .field("drains", &self.drains)
            .field("ended", &self.ended)
            .field("refused_commits", &self.refused_commits)
            .finish()
    }
}

/// The journal that the lanes of a test write to.
#[derive(Clone, Default)]
pub(crate) struct Journal(Arc<(Mutex<State>, Notify)>);

impl Journal {
    pub(crate) fn write<T>(&self, entry: impl FnOnce(&mut State) -> T) -> T {
        let written = entry(&mut self.0.0.lock().expect("no panic before"));
        self.0.1.notify_waiters();
        written
    }

    pub(crate) fn read<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.0.0.lock().expect("no panic before"))
    }

    /// Waits for a condition.
    pub(crate) async fn until(&self, what: &str, is_so: impl Fn(&State) -> bool) {
        let wait = async {
            loop {
                let mut changed = std::pin::pin!(self.0.1.notified());
                changed.as_mut().enable();
                if self.read(&is_so) {
                    return;
                }
                changed.await;
            }
        };
        if tokio::time::timeout(PATIENCE, wait).await.is_err() {
            panic!("never happened: {what}; {:#?}", self.0.0.lock().expect("no panic before"));
        }
    }
}

/// The behaviour of lanes.
#[derive(Clone)]
pub(crate) struct LaneBehaviour {
    /// Partitions whose lanes do not read until the gate opens.
    pub(crate) closed_partitions: Arc<Vec<i32>>,
    /// The gate.
    pub(crate) gate: watch::Sender<bool>,
    /// Chunks are kept, and not committed, until the gate opens.
    pub(crate) hoard: bool,
    /// A draining lane waits for the gate before it commits.
    pub(crate) slow_to_drain: bool,
    /// A draining lane does nothing until it is abandoned, and then commits.
    pub(crate) deaf_to_drain: bool,
}

impl LaneBehaviour {
    fn commits_late(&self) -> bool {
        self.slow_to_drain || self.deaf_to_drain
    }
}

impl Default for LaneBehaviour {
    fn default() -> Self {
        Self {
            closed_partitions: Arc::default(),
            gate: watch::Sender::new(false),
            hoard: false,
            slow_to_drain: false,
            deaf_to_drain: false,
        }
    }
}

/// A source with lanes.
pub(crate) struct Member {
    stop: CancellationToken,
    task: JoinHandle<Result<(), SourceError>>,
}

impl Member {
    pub(crate) fn join(name: &'static str, settings: &KafkaSettings, journal: &Journal) -> Self {
        Self::join_with(name, settings, journal, MemoryBudget::new(64 << 20), LaneBehaviour::default())
    }

    pub(crate) fn join_with(
        name: &'static str,
        settings: &KafkaSettings,
        journal: &Journal,
        budget: MemoryBudget,
        behaviour: LaneBehaviour,
    ) -> Self {
        let stop = CancellationToken::new();
        let mut source = KafkaSource::connect(settings, budget, 100, stop.clone()).expect("a source");
        let journal = journal.clone();
        let task = tokio::spawn(async move {
            let mut lanes = JoinSet::new();
            let outcome = loop {
                match source.next_assignment().await {
                    Ok(Some(assignment)) => {
                        lanes.spawn(lane(name, journal.clone(), assignment, behaviour.clone()));
                    }
                    Ok(None) => break Ok(()),
                    Err(error) => break Err(error),
                }
            };
            lanes.join_all().await;
            outcome
        });
        Self { stop, task }
    }

    /// Asks the source to stop.
    pub(crate) fn begin_to_stop(&self) {
        self.stop.cancel();
    }

    /// Stops the source and waits for its end.
    pub(crate) async fn stop(self) {
        self.begin_to_stop();
        self.end().await.expect("a clean end");
    }

    /// Waits for the source to end on its own.
    pub(crate) async fn end(self) -> Result<(), SourceError> {
        tokio::time::timeout(PATIENCE, self.task).await.expect("the source ends").expect("no panic")
    }
}

async fn lane(name: &'static str, journal: Journal, assignment: Assignment, behaviour: LaneBehaviour) {
    let number = assignment.partition.partition;
    journal.write(|state| {
        state.assigned.push((name, number, metadata_of(&assignment)));
        state.new_epochs.push(assignment.new_epoch);
    });
    let ending = run(name, &journal, assignment, &behaviour).await;
    journal.write(|state| state.ended.push((name, number, ending)));
}

fn metadata_of(assignment: &Assignment) -> Option<String> {
    assignment.committed.as_ref()?.metadata.clone()
}

async fn run(name: &'static str, journal: &Journal, mut assignment: Assignment, behaviour: &LaneBehaviour) -> Ending {
    let number = assignment.partition.partition;
    let is_open = || *behaviour.gate.borrow();
    let mut hoard: Vec<RecordChunk> = Vec::new();
    loop {
        let reads = is_open() || !behaviour.closed_partitions.contains(&number);
        tokio::select! {
            biased;
            Ok(()) = assignment.control.changed() => {
                let control = *assignment.control.borrow_and_update();
                match control {
                    LaneControl::Run => {}
                    LaneControl::Drain => {
                        journal.write(|state| state.drains.push((name, number)));
                        return drain(journal, &mut assignment, behaviour).await;
                    }
                    LaneControl::Abandon => return Ending::Abandoned,
                }
            }
            () = opened(&behaviour.gate), if !reads || !hoard.is_empty() => {
                for chunk in hoard.drain(..) {
                    record_chunk(journal, number, &chunk);
                }
            }
            chunk = assignment.records.recv(), if reads => match chunk {
                None => return Ending::Closed,
                Some(chunk) if chunk.is_empty() => {
                    let reach = chunk.reach().expect("a chunk says something");
                    journal.write(|state| state.reached.insert(number, reach));
                }
                Some(chunk) if behaviour.hoard && !is_open() => {
                    hoard.push(chunk);
                    journal.write(|_| ());
                }
                Some(chunk) => {
                    record_chunk(journal, number, &chunk);
                    let next = chunk.last_offset().expect("a record") + 1;
                    if !behaviour.commits_late() && let Err(refused) = commit(journal, &assignment, next).await {
                        return refused;
                    }
                }
            },
        }
    }
}

async fn drain(journal: &Journal, assignment: &mut Assignment, behaviour: &LaneBehaviour) -> Ending {
    if behaviour.deaf_to_drain {
        assignment.control.wait_for(|control| *control == LaneControl::Abandon).await.expect("a sender");
    }
    if behaviour.slow_to_drain {
        opened(&behaviour.gate).await;
    }
    let number = assignment.partition.partition;
    let last = journal.read(|state| state.records.get(&number)?.last().map(|seen| seen.offset));
    if let Some(last) = last
        && behaviour.commits_late()
        && let Err(refused) = commit(journal, assignment, last + 1).await
    {
        return refused;
    }
    Ending::Drained
}

async fn opened(gate: &watch::Sender<bool>) {
    gate.subscribe().wait_for(|open| *open).await.expect("a gate");
}

fn record_chunk(journal: &Journal, number: i32, chunk: &RecordChunk) {
    journal.write(|state| {
        state.records.entry(number).or_default().extend(chunk.iter().map(|record| ReceivedRecord {
            offset: record.offset,
            key: record.key.map(<[u8]>::to_vec),
            value: record.value.map(<[u8]>::to_vec),
            headers: record.headers.to_vec(),
        }));
    });
}

/// Commits until it succeeds or is finally refused.
async fn commit(journal: &Journal, assignment: &Assignment, next: i64) -> Result<(), Ending> {
    let TopicPartition { partition, .. } = assignment.partition;
    let metadata = format!("up to {next}");
    loop {
        match assignment.committer.commit(&assignment.partition, next, Some(&metadata)).await {
            Ok(()) => {
                journal.write(|state| state.committed.insert(partition, next));
                return Ok(());
            }
            Err(CommitError::Fenced(reason)) => return Err(Ending::Fenced(reason)),
            Err(error) => {
                journal.write(|state| state.refused_commits.push(error.to_string()));
                if *assignment.control.borrow() == LaneControl::Abandon {
                    return Err(Ending::Abandoned);
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}
