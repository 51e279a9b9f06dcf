//! The judge: waits until the groups have reached the ends of their logs, gathers the evidence, and consults the
//! oracle.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};

use crate::{
    family::{Family, Partition},
    oracle::{Evidence, StoredRecords, Verdict},
    report::Report,
    system::System,
    truth::{DeadLetters, GroupWatch, LogReader, Truth},
    verdicts::Verdicts,
};

/// How long the groups may make no progress.
const STUCK: Duration = Duration::from_secs(180);
/// How often their progress is queried.
const POLL: Duration = Duration::from_millis(500);
const GONE: &str = "the state of Kafka is gone";

/// Compares Kafka with the store.
pub(crate) struct Judge {
    system: Arc<System>,
    report: Arc<Report>,
    strict_resends: bool,
    /// Taken while a blocking thread uses it.
    state: Option<KafkaState>,
}

/// The state of Kafka, read incrementally.
struct KafkaState {
    log: LogReader,
    dead_letter_log: LogReader,
    families: Vec<FamilyState>,
}

/// The state of a family.
struct FamilyState {
    family: &'static Family,
    truth: Truth,
    dead_letters: DeadLetters,
    group: GroupWatch,
    /// The stored records found, and the first unchecked offset of each partition.
    stored: StoredRecords,
    unseen: BTreeMap<Partition, i64>,
}

/// The scope of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Rows of unchecked records, and the number of the others. If that has changed, all rows.
    New,
    /// All rows.
    All,
}

impl Judge {
    pub(crate) fn new(system: &Arc<System>, report: &Arc<Report>, strict_resends: bool) -> Result<Self> {
        let bootstrap = system.broker.address();
        let family_state = |family: &&'static Family| {
            anyhow::Ok(FamilyState {
                family,
                truth: Truth::default(),
                dead_letters: DeadLetters::default(),
                group: GroupWatch::new(&bootstrap, family)?,
                stored: StoredRecords::default(),
                unseen: BTreeMap::new(),
            })
        };
        let state = KafkaState {
            log: LogReader::new(&bootstrap)?,
            dead_letter_log: LogReader::new(&bootstrap)?,
            families: system.families.iter().map(family_state).collect::<Result<_>>()?,
        };
        Ok(Self { system: Arc::clone(system), report: Arc::clone(report), strict_resends, state: Some(state) })
    }

    /// Waits until the groups have reached the ends of their logs, and compares. There must be no producers meanwhile.
    pub(crate) async fn judge(&mut self, scope: Scope) -> Result<Verdicts> {
        let began = Instant::now();
        self.with_state(|KafkaState { log, families, .. }| {
            families.iter_mut().try_for_each(|state| log.read_truth(state.family, &mut state.truth))
        })
        .await?;
        self.catch_up().await?;
        let caught_up = began.elapsed();
        self.with_state(|KafkaState { dead_letter_log, families, .. }| {
            families
                .iter_mut()
                .try_for_each(|state| dead_letter_log.read_dead_letters(state.family, &mut state.dead_letters))
        })
        .await?;
        let mut verdicts = Vec::new();
        for state in &mut self.state.as_mut().context(GONE)?.families {
            if scope == Scope::All || !state.check_new_rows(&self.system).await? {
                state.stored.begin_recheck();
                state.unseen.clear();
                state.check_new_rows(&self.system).await?;
            }
            state.check_acknowledged(&self.system).iter().for_each(|message| self.report.log(message));
            verdicts.push((state.family, state.compare(&self.system, self.strict_resends).await?));
        }
        let compared = began.elapsed() - caught_up;
        self.report
            .log(format!("the groups reached the ends of the logs in {caught_up:.1?}, compared in {compared:.1?}"));
        Ok(Verdicts(verdicts))
    }

    /// Waits until the groups have committed everything in the logs, or are stuck.
    async fn catch_up(&mut self) -> Result<()> {
        let mut last = None;
        let mut since = Instant::now();
        loop {
            self.ensure_running().await?;
            let behind = self
                .with_state(|state| {
                    let behind = state.families.iter().map(|state| state.group.behind(&state.truth));
                    Ok(behind.collect::<Result<Vec<_>>>().map(|behind| behind.concat()))
                })
                .await?;
            match behind {
                Ok(behind) if behind.is_empty() => return Ok(()),
                Ok(behind) => {
                    if last.as_ref() != Some(&behind) {
                        since = Instant::now();
                    }
                    if since.elapsed() > STUCK {
                        let log = |(partition, committed, end)| format!("{partition} at {committed} of {end}");
                        let what: Vec<String> = behind.into_iter().map(log).collect();
                        self.report.log(format!("a group is stuck: {}", what.join(", ")));
                        return Ok(());
                    }
                    last = Some(behind);
                }
                Err(error) => self.report.log(format!("{error:#}")),
            }
            tokio::time::sleep(POLL).await;
        }
    }

    async fn ensure_running(&self) -> Result<()> {
        self.system.processors.ensure_running().await?.iter().for_each(|fallen| self.report.log(fallen));
        Ok(())
    }

    /// Runs blocking work on the state.
    async fn with_state<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut KafkaState) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let mut state = self.state.take().context(GONE)?;
        let (state, outcome) = tokio::task::spawn_blocking(move || {
            let outcome = work(&mut state);
            (state, outcome)
        })
        .await?;
        self.state = Some(state);
        outcome
    }
}

impl FamilyState {
    /// Checks new rows; returns whether the number of rows is as expected.
    async fn check_new_rows(&mut self, system: &System) -> Result<bool> {
        let counts = system.tables.counts(self.family).await?;
        let mut is_complete = true;
        for (partition, log) in &self.truth.partitions {
            let from = self.unseen.insert(*partition, i64::try_from(log.len())?).unwrap_or_default();
            let rows = system.tables.rows(self.family, *partition, from).await?;
            self.stored.add(&self.truth, *partition, &rows);
            let count = counts.get(&(partition.topic.to_owned(), partition.number)).copied().unwrap_or_default();
            is_complete &= count == self.stored.rows(*partition);
        }
        Ok(is_complete)
    }

    async fn compare(&self, system: &System, strict_resends: bool) -> Result<Verdict> {
        let Self { family, truth, .. } = self;
        let tables = &system.tables;
        let (dead_letter_rows, dead_letters_elsewhere) = tables.dead_letters(family).await?;
        let is_elsewhere = |(topic, number): &(String, i32)| {
            let partition = family.partition(topic, *number);
            !partition.is_some_and(|partition| truth.partitions.contains_key(&partition))
        };
        let counts = tables.counts(family).await?;
        let rows_elsewhere: u64 = counts.iter().filter(|(place, _)| is_elsewhere(place)).map(|(_, rows)| rows).sum();
        Ok(Verdict::of(&Evidence {
            truth,
            stored: &self.stored,
            elsewhere: rows_elsewhere + dead_letters_elsewhere,
            dead_letters: &self.dead_letters,
            dead_letter_rows,
            merged: tables.merged(family).await?,
            merges_resends: family.merges_resends,
            by_rows: tables.rollup(family, false).await?,
            by_projection: tables.rollup(family, true).await?,
            ledger: tables.ledger(family).await?,
            strict_resends,
        }))
    }

    /// Checks that the log contains everything that the broker acknowledged. Returns a message per loss.
    fn check_acknowledged(&self, system: &System) -> Vec<String> {
        let partitions = self.truth.partitions.keys().map(|partition| {
            (partition, system.progress.acknowledged_in(*partition), self.truth.records_in(*partition))
        });
        let lost = partitions.filter(|(_, acknowledged, found)| acknowledged > found);
        lost.map(|(partition, acknowledged, found)| {
            format!("{partition}: the broker acknowledged {acknowledged} records, its log has only {found}")
        })
        .collect()
    }
}
