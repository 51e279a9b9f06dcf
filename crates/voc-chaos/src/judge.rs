//! The judge: waits until the group has come to the log's end, gathers the evidence, and asks the oracle.

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};

use crate::{
    oracle::{Evidence, Stored, Verdict},
    report::Report,
    system::{GROUP, System, TOPIC},
    truth::{GroupWatch, Letters, LogReader, Truth, read_letters, read_truth},
};

/// How long the group may come no nearer to the log's end.
const STUCK: Duration = Duration::from_secs(180);
/// How often it is asked where it is.
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
    truth: Truth,
    dlq: LogReader,
    letters: Letters,
    group: GroupWatch,
    /// What was found stored, and the first offset of each partition that was not looked at.
    stored: Stored,
    unseen: BTreeMap<i32, i64>,
}

/// How thoroughly to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// At rows of records that were not looked at before, and at the number of the others; if it is not what it was, at all rows.
    New,
    /// At all rows.
    All,
}

impl Judge {
    pub(crate) fn new(system: &Arc<System>, report: &Arc<Report>, strict_resends: bool) -> Result<Self> {
        let bootstrap = system.broker.address();
        let known = Known {
            log: LogReader::new(&bootstrap, TOPIC)?,
            truth: Truth::default(),
            dlq: LogReader::new(&bootstrap, &format!("{TOPIC}.dlq"))?,
            letters: Letters::default(),
            group: GroupWatch::new(&bootstrap, GROUP, TOPIC)?,
            stored: Stored::default(),
            unseen: BTreeMap::new(),
        };
        Ok(Self { system: Arc::clone(system), report: Arc::clone(report), strict_resends, known: Some(known) })
    }

    /// Waits until the group has come to the log's end, and compares. Nobody may produce meanwhile.
    pub(crate) async fn judge(&mut self, look: Look) -> Result<Verdict> {
        let began = Instant::now();
        self.with_known(|known| read_truth(&mut known.log, &mut known.truth)).await?;
        self.catch_up().await?;
        let caught_up = began.elapsed();
        self.with_known(|known| read_letters(&mut known.dlq, &mut known.letters)).await?;
        if look == Look::All || !self.look_at_new_rows().await? {
            self.look_at_all_rows().await?;
        }
        let verdict = self.compare().await?;
        let compared = began.elapsed() - caught_up;
        self.report.tell(format!("the group came to the log's end in {caught_up:.1?}, compared in {compared:.1?}"));
        Ok(verdict)
    }

    /// Waits until the group has committed all that is in the log, or comes no nearer to it.
    async fn catch_up(&mut self) -> Result<()> {
        let mut last = None;
        let mut since = Instant::now();
        loop {
            self.look_after().await?;
            match self.with_known(|known| Ok(known.group.behind(&known.truth))).await? {
                Ok(behind) if behind.is_empty() => return Ok(()),
                Ok(behind) => {
                    if last.as_ref() != Some(&behind) {
                        since = Instant::now();
                    }
                    if since.elapsed() > STUCK {
                        let tell =
                            |(partition, committed, end)| format!("partition {partition} at {committed} of {end}");
                        let what: Vec<String> = behind.into_iter().map(tell).collect();
                        self.report.tell(format!("the group is stuck: {}", what.join(", ")));
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

    async fn look_at_all_rows(&mut self) -> Result<()> {
        let known = self.known.as_mut().context(GONE)?;
        (known.stored, known.unseen) = (Stored::default(), BTreeMap::new());
        self.look_at_new_rows().await.map(drop)
    }

    /// Gives whether the number of rows is what is known of them.
    async fn look_at_new_rows(&mut self) -> Result<bool> {
        let Known { truth, stored, unseen, .. } = self.known.as_mut().context(GONE)?;
        let counts = self.system.tables.rows_by_partition(TOPIC).await?;
        for (partition, log) in &truth.partitions {
            let from = unseen.insert(*partition, i64::try_from(log.len())?).unwrap_or_default();
            stored.add(truth, *partition, &self.system.tables.rows(TOPIC, *partition, from).await?);
        }
        Ok(truth
            .partitions
            .keys()
            .all(|partition| counts.get(partition).copied().unwrap_or_default() == stored.rows(*partition)))
    }

    async fn compare(&self) -> Result<Verdict> {
        let known = self.known.as_ref().context(GONE)?;
        self.check_acknowledged(&known.truth);
        let tables = &self.system.tables;
        let partitions = self.system.progress.partitions.load(Ordering::SeqCst);
        Ok(Verdict::of(&Evidence {
            truth: &known.truth,
            stored: &known.stored,
            elsewhere: tables.rows_elsewhere(TOPIC, partitions).await?,
            letters: &known.letters,
            letter_rows: tables.letters(TOPIC).await?,
            merged: tables.merged().await?,
            by_rows: tables.rollup(false).await?,
            by_projection: tables.rollup(true).await?,
            strict_resends: self.strict_resends,
        }))
    }

    /// What the broker acknowledged must be in its log; else it lost what it promised to keep.
    fn check_acknowledged(&self, truth: &Truth) {
        for partition in truth.partitions.keys() {
            let (acknowledged, found) =
                (self.system.progress.acknowledged_in(*partition), truth.records_in(*partition));
            if acknowledged > found {
                self.report.tell(format!(
                    "partition {partition}: the broker acknowledged {acknowledged} records, its log has only {found}"
                ));
            }
        }
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
