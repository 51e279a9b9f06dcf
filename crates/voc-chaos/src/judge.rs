//! The judge: waits until the groups have come to their logs' ends, gathers the evidence, and asks the oracle.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};

use crate::{
    family::{Family, Partition},
    oracle::{Evidence, Stored, Verdict},
    report::Report,
    system::System,
    truth::{GroupWatch, Letters, LogReader, Truth},
    verdicts::Verdicts,
};

/// How long the groups may come no nearer to their logs' ends.
const STUCK: Duration = Duration::from_secs(180);
/// How often it is asked where they are.
const POLL: Duration = Duration::from_millis(500);
const GONE: &str = "what is known is gone";

/// Compares Kafka's side with the store's.
pub(crate) struct Judge {
    system: Arc<System>,
    report: Arc<Report>,
    strict_resends: bool,
    /// Out while a thread that may block works with it.
    known: Option<Known>,
}

/// What is known of Kafka's side; read bit by bit.
struct Known {
    log: LogReader,
    dead_letters: LogReader,
    families: Vec<KnownFamily>,
}

/// What is known of a family.
struct KnownFamily {
    family: &'static Family,
    truth: Truth,
    letters: Letters,
    group: GroupWatch,
    /// What was found stored, and the first offset of each partition that was not looked at.
    stored: Stored,
    unseen: BTreeMap<Partition, i64>,
}

/// How thoroughly to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// At rows of records that were not looked at before, and at the number of the others; if it is not what it was,
    /// at all rows.
    New,
    /// At all rows.
    All,
}

impl Judge {
    pub(crate) fn new(system: &Arc<System>, report: &Arc<Report>, strict_resends: bool) -> Result<Self> {
        let bootstrap = system.broker.address();
        let known_family = |family: &&'static Family| {
            anyhow::Ok(KnownFamily {
                family,
                truth: Truth::default(),
                letters: Letters::default(),
                group: GroupWatch::new(&bootstrap, family)?,
                stored: Stored::default(),
                unseen: BTreeMap::new(),
            })
        };
        let known = Known {
            log: LogReader::new(&bootstrap)?,
            dead_letters: LogReader::new(&bootstrap)?,
            families: system.families.iter().map(known_family).collect::<Result<_>>()?,
        };
        Ok(Self { system: Arc::clone(system), report: Arc::clone(report), strict_resends, known: Some(known) })
    }

    /// Waits until the groups have come to their logs' ends, and compares. Nobody may produce meanwhile.
    pub(crate) async fn judge(&mut self, look: Look) -> Result<Verdicts> {
        let began = Instant::now();
        self.with_known(|Known { log, families, .. }| {
            families.iter_mut().try_for_each(|known| log.read_truth(known.family, &mut known.truth))
        })
        .await?;
        self.catch_up().await?;
        let caught_up = began.elapsed();
        self.with_known(|Known { dead_letters, families, .. }| {
            families.iter_mut().try_for_each(|known| dead_letters.read_letters(known.family, &mut known.letters))
        })
        .await?;
        let mut verdicts = Vec::new();
        for known in &mut self.known.as_mut().context(GONE)?.families {
            if look == Look::All || !known.look_at_new_rows(&self.system).await? {
                known.stored.look_again();
                known.unseen.clear();
                known.look_at_new_rows(&self.system).await?;
            }
            known.check_acknowledged(&self.system).iter().for_each(|told| self.report.tell(told));
            verdicts.push((known.family, known.compare(&self.system, self.strict_resends).await?));
        }
        let compared = began.elapsed() - caught_up;
        self.report.tell(format!("the groups came to the logs' ends in {caught_up:.1?}, compared in {compared:.1?}"));
        Ok(Verdicts(verdicts))
    }

    /// Waits until the groups have committed all that is in the logs, or come no nearer to that.
    async fn catch_up(&mut self) -> Result<()> {
        let mut last = None;
        let mut since = Instant::now();
        loop {
            self.look_after().await?;
            let behind = self
                .with_known(|known| {
                    let behind = known.families.iter().map(|known| known.group.behind(&known.truth));
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
                        let tell = |(partition, committed, end)| format!("{partition} at {committed} of {end}");
                        let what: Vec<String> = behind.into_iter().map(tell).collect();
                        self.report.tell(format!("a group is stuck: {}", what.join(", ")));
                        return Ok(());
                    }
                    last = Some(behind);
                }
                Err(error) => self.report.tell(format!("{error:#}")),
            }
            tokio::time::sleep(POLL).await;
        }
    }

    async fn look_after(&self) -> Result<()> {
        self.system.processors.look_after().await?.iter().for_each(|fallen| self.report.tell(fallen));
        Ok(())
    }

    /// Does something that may block.
    async fn with_known<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Known) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let mut known = self.known.take().context(GONE)?;
        let (known, outcome) = tokio::task::spawn_blocking(move || {
            let outcome = work(&mut known);
            (known, outcome)
        })
        .await?;
        self.known = Some(known);
        outcome
    }
}

impl KnownFamily {
    /// Gives whether the number of rows is what is known of them.
    async fn look_at_new_rows(&mut self, system: &System) -> Result<bool> {
        let counts = system.tables.counts(self.family).await?;
        let mut is_known = true;
        for (partition, log) in &self.truth.partitions {
            let from = self.unseen.insert(*partition, i64::try_from(log.len())?).unwrap_or_default();
            let rows = system.tables.rows(self.family, *partition, from).await?;
            self.stored.add(&self.truth, *partition, &rows);
            let count = counts.get(&(partition.topic.to_owned(), partition.number)).copied().unwrap_or_default();
            is_known &= count == self.stored.rows(*partition);
        }
        Ok(is_known)
    }

    async fn compare(&self, system: &System, strict_resends: bool) -> Result<Verdict> {
        let Self { family, truth, .. } = self;
        let tables = &system.tables;
        let (letter_rows, letters_elsewhere) = tables.letters(family).await?;
        let is_elsewhere = |(topic, number): &(String, i32)| {
            let partition = family.partition(topic, *number);
            !partition.is_some_and(|partition| truth.partitions.contains_key(&partition))
        };
        let counts = tables.counts(family).await?;
        let rows_elsewhere: u64 = counts.iter().filter(|(place, _)| is_elsewhere(place)).map(|(_, rows)| rows).sum();
        Ok(Verdict::of(&Evidence {
            truth,
            stored: &self.stored,
            elsewhere: rows_elsewhere + letters_elsewhere,
            letters: &self.letters,
            letter_rows,
            merged: tables.merged(family).await?,
            merges_resends: family.merges_resends,
            by_rows: tables.rollup(family, false).await?,
            by_projection: tables.rollup(family, true).await?,
            ledger: tables.ledger(family).await?,
            strict_resends,
        }))
    }

    /// What the broker acknowledged must be in its log; else it lost what it promised to keep. Gives what is to be
    /// told.
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
