//! The oracle: compares produced records with stored rows, event by event. No I/O.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use crate::{
    family::Partition,
    rows::{Account, MergedCounts, Rollup, Row},
    truth::{DeadLetters, Entry, Truth},
};

/// Maximum number of examples per kind of finding.
const MAX_EXAMPLES: usize = 20;

/// The records found in the store.
#[derive(Debug, Default)]
pub(crate) struct StoredRecords {
    /// Number of rows per record, indexed by offset.
    copies: BTreeMap<Partition, Vec<u8>>,
    /// Whether each record was found before: a merge may have replaced its row with that of another record of its
    /// event.
    before: BTreeMap<Partition, Vec<bool>>,
    /// Rows that do not match the record at their offset.
    strays: Findings,
}

impl StoredRecords {
    /// Adds the rows of a partition.
    pub(crate) fn add(&mut self, truth: &Truth, partition: Partition, rows: &[Row]) {
        let copies = self.copies.entry(partition).or_default();
        for row in rows {
            let entry = truth.at(partition, row.offset);
            let is_right = match entry {
                Entry::Event(series, number) => {
                    truth.series.get(usize::from(series)) == Some(&row.series) && row.number == Some(number)
                }
                Entry::Nothing | Entry::Poison => false,
            };
            let Some(offset) = usize::try_from(row.offset).ok().filter(|_| is_right) else {
                let (offset, series, number) = (row.offset, &row.series, row.number);
                self.strays.add(|| {
                    format!("{partition} offset {offset}: row of {series} {number:?} where the log has {entry:?}")
                });
                continue;
            };
            copies.resize(copies.len().max(offset + 1), 0);
            copies[offset] = copies[offset].saturating_add(1);
        }
    }

    /// Prepares for checking all rows again: forgets the current rows, but remembers that they existed.
    pub(crate) fn begin_recheck(&mut self) {
        for (partition, copies) in std::mem::take(&mut self.copies) {
            let before = self.before.entry(partition).or_default();
            before.resize(before.len().max(copies.len()), false);
            before.iter_mut().zip(copies).for_each(|(before, copies)| *before |= copies > 0);
        }
        self.strays = Findings::default();
    }

    /// Number of rows of a partition.
    pub(crate) fn rows(&self, partition: Partition) -> u64 {
        self.copies.get(&partition).into_iter().flatten().map(|copies| u64::from(*copies)).sum()
    }

    /// Whether a record is or was stored.
    fn was_stored(&self, partition: Partition, offset: usize) -> bool {
        let before = self.before.get(&partition).and_then(|before| before.get(offset)).copied().unwrap_or_default();
        before || self.copies_of(partition, offset) > 0
    }

    fn copies_of(&self, partition: Partition, offset: usize) -> u8 {
        self.copies.get(&partition).and_then(|copies| copies.get(offset)).copied().unwrap_or_default()
    }
}

/// The evidence for one family.
pub(crate) struct Evidence<'e> {
    pub(crate) truth: &'e Truth,
    pub(crate) stored: &'e StoredRecords,
    /// Number of rows and dead letters of unknown topics or partitions.
    pub(crate) elsewhere: u64,
    /// Dead letters in their topic, and in their table read with `FINAL`.
    pub(crate) dead_letters: &'e DeadLetters,
    pub(crate) dead_letter_rows: DeadLetters,
    /// Rows and distinct events as read with `FINAL`, and whether `FINAL` leaves one row per event or one per record.
    pub(crate) merged: MergedCounts,
    pub(crate) merges_resends: bool,
    /// Counts from the rows, and from the projection.
    pub(crate) by_rows: Rollup,
    pub(crate) by_projection: Rollup,
    /// The totals of the ledger.
    pub(crate) ledger: BTreeMap<Partition, Account>,
    /// Whether a stored resend counts as doubled.
    pub(crate) strict_resends: bool,
}

/// Findings of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    /// Their number.
    pub(crate) count: u64,
    /// Descriptions of the first ones.
    pub(crate) examples: Vec<String>,
}

impl Findings {
    fn add(&mut self, describe: impl FnOnce() -> String) {
        self.add_many(1, describe);
    }

    fn add_many(&mut self, count: u64, describe: impl FnOnce() -> String) {
        self.count += count;
        if count > 0 && self.examples.len() < MAX_EXAMPLES {
            self.examples.push(describe());
        }
    }
}

/// The result of a comparison.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// Events and bad records that are missing.
    pub(crate) lost: Findings,
    /// Rows and dead letters that are duplicated or should not exist.
    pub(crate) doubled: Findings,
    /// Disagreements of the ledger with the log and the rows.
    pub(crate) unbalanced: Findings,
    /// Totals by topic.
    pub(crate) topics: BTreeMap<&'static str, TopicSum>,
    /// Distinct events produced.
    pub(crate) events: u64,
    /// Records that are events, repeated ones included.
    pub(crate) records: u64,
    /// Rows stored.
    pub(crate) rows: u64,
    /// Records that repeat an event.
    pub(crate) resends: u64,
    /// Resends that were dropped.
    pub(crate) dropped: u64,
    /// Resends that were stored besides another record of their event.
    pub(crate) stored_again: u64,
    /// Bad records.
    pub(crate) poison: u64,
    /// Duplicates of dead letters in their topic.
    pub(crate) repeated_dead_letters: u64,
}

/// Totals of a topic: what was produced, and what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct TopicSum {
    pub(crate) partitions: u64,
    /// Records that are events, repeated ones included.
    pub(crate) records: u64,
    pub(crate) rows: u64,
    /// Bad records.
    pub(crate) poison: u64,
}

impl Verdict {
    /// Compares.
    pub(crate) fn of(evidence: &Evidence<'_>) -> Self {
        let mut verdict = Self { doubled: evidence.stored.strays.clone(), ..Self::default() };
        verdict.doubled.add_many(evidence.elsewhere, || "rows of unknown topics or partitions".to_owned());
        let events = verdict.check_records(evidence);
        verdict.check_events(evidence, &events);
        verdict.check_dead_letters(evidence);
        verdict.check_merged(evidence, &events);
        verdict.check_rollups(evidence);
        verdict.check_ledger(evidence);
        verdict
    }

    /// Whether nothing is lost or doubled, and the ledger agrees.
    pub(crate) fn is_clean(&self) -> bool {
        self.lost.count == 0 && self.doubled.count == 0 && self.unbalanced.count == 0
    }

    /// Checks that each record is stored at most once, and only if it is an event. Returns the fates of events by
    /// series.
    fn check_records(&mut self, evidence: &Evidence<'_>) -> Vec<Vec<Fate>> {
        let mut events: Vec<Vec<Option<Fate>>> = vec![Vec::new(); evidence.truth.series.len()];
        for (partition, log) in &evidence.truth.partitions {
            let mut sum = TopicSum::default();
            for (offset, entry) in log.iter().enumerate() {
                let copies = evidence.stored.copies_of(*partition, offset);
                match entry {
                    Entry::Nothing => {}
                    Entry::Poison => sum.poison += 1,
                    Entry::Event(series, number) => {
                        sum.records += 1;
                        sum.rows += u64::from(copies);
                        let name = &evidence.truth.series[usize::from(*series)];
                        self.doubled.add_many(u64::from(copies.saturating_sub(1)), || {
                            format!("{partition} offset {offset}: event {number} of {name} stored {copies} times")
                        });
                        let fates = &mut events[usize::from(*series)];
                        let index = *number as usize;
                        fates.resize(fates.len().max(index + 1), None);
                        let fate = fates[index].get_or_insert(Fate::of(*number, *partition, offset));
                        fate.sent = fate.sent.saturating_add(1);
                        fate.stored = fate.stored.saturating_add(u8::from(copies > 0));
                    }
                }
            }
            self.records += sum.records;
            self.rows += sum.rows;
            self.poison += sum.poison;
            let topic = self.topics.entry(partition.topic).or_default();
            topic.partitions += 1;
            topic.records += sum.records;
            topic.rows += sum.rows;
            topic.poison += sum.poison;
        }
        events.into_iter().map(|fates| fates.into_iter().flatten().collect()).collect()
    }

    /// Checks that each event is stored once, and a resent one at least once.
    fn check_events(&mut self, evidence: &Evidence<'_>, events: &[Vec<Fate>]) {
        for (fates, series) in events.iter().zip(&evidence.truth.series) {
            for Fate { number, sent, stored, partition, offset } in fates {
                self.events += 1;
                if *stored == 0 {
                    self.lost.add(|| format!("{partition} offset {offset}: event {number} of {series} is not stored"));
                }
                let again = u64::from(stored.saturating_sub(1));
                self.resends += u64::from(sent - 1);
                self.stored_again += again;
                self.dropped += u64::from(sent - 1) - again;
                if evidence.strict_resends {
                    self.doubled.add_many(again, || {
                        format!(
                            "{partition} offset {offset}: event {number} of {series}, sent {sent} times, is stored \
                             from {stored} records"
                        )
                    });
                }
            }
        }
    }

    /// Checks that each bad record is a dead letter, in the topic and once in the table, and that no other record is.
    fn check_dead_letters(&mut self, evidence: &Evidence<'_>) {
        for (dead_letters, place) in
            [(evidence.dead_letters, "in the topic"), (&evidence.dead_letter_rows, "in the table")]
        {
            for (partition, log) in &evidence.truth.partitions {
                let poison = log.iter().zip(0..).filter(|(entry, _)| **entry == Entry::Poison);
                for (_, offset) in poison.filter(|(_, offset)| !dead_letters.contains_key(&(*partition, *offset))) {
                    self.lost
                        .add(|| format!("{partition} offset {offset}: the bad record is not a dead letter {place}"));
                }
            }
            for (partition, offset) in dead_letters.keys() {
                let entry = evidence.truth.at(*partition, *offset);
                if entry != Entry::Poison {
                    self.doubled.add(|| {
                        format!("{partition} offset {offset}: a dead letter {place} where the log has {entry:?}")
                    });
                }
            }
        }
        // A crash between the two writes of a dead letter repeats it in the topic, with the same coordinates; the
        // table has it once.
        self.repeated_dead_letters = evidence.dead_letters.values().map(|copies| u64::from(copies - 1)).sum();
        for ((partition, offset), copies) in &evidence.dead_letter_rows {
            self.doubled.add_many(u64::from(copies - 1), || {
                format!("{partition} offset {offset}: {copies} times in the table of dead letters")
            });
        }
    }

    /// Checks that `FINAL` shows each stored event once, in its partition and series.
    fn check_merged(&mut self, evidence: &Evidence<'_>, events: &[Vec<Fate>]) {
        let mut expected: BTreeMap<(Partition, &str), (u64, u64)> = BTreeMap::new();
        for (fates, series) in events.iter().zip(&evidence.truth.series) {
            for fate in fates.iter().filter(|fate| fate.stored > 0) {
                let (rows, distinct) = expected.entry((fate.partition, series)).or_default();
                *rows += if evidence.merges_resends { 1 } else { u64::from(fate.stored) };
                *distinct += 1;
            }
        }
        for ((partition, series), (found_rows, found)) in &evidence.merged {
            let (rows, distinct) = expected.remove(&(*partition, series.as_str())).unwrap_or_default();
            self.lost.add_many(distinct.saturating_sub(*found), || {
                format!("{partition}, {series}: FINAL shows {found} events of the {distinct} that are stored")
            });
            self.doubled.add_many(found_rows.saturating_sub(rows), || {
                format!("{partition}, {series}: FINAL shows {found_rows} rows where it should show {rows}")
            });
        }
        for ((partition, series), (_, distinct)) in expected {
            self.lost.add_many(distinct, || {
                format!("{partition}, {series}: FINAL shows none of the {distinct} events that are stored")
            });
        }
    }

    /// Checks that the projection and the rows have the same counts.
    fn check_rollups(&mut self, evidence: &Evidence<'_>) {
        let names: BTreeSet<_> = evidence.by_rows.keys().chain(evidence.by_projection.keys()).collect();
        for name in names {
            let count = |rollup: &Rollup| rollup.get(name).copied().unwrap_or_default();
            let (rows, projected) = (count(&evidence.by_rows), count(&evidence.by_projection));
            let describe = || format!("{name}: the rollup says {projected}, the rows are {rows}");
            self.lost.add_many(rows.saturating_sub(projected), describe);
            self.doubled.add_many(projected.saturating_sub(rows), describe);
        }
    }

    /// Checks that the ledger agrees with the log and the fates of its records, regardless of merges.
    fn check_ledger(&mut self, evidence: &Evidence<'_>) {
        let partitions: BTreeSet<_> = evidence.truth.partitions.keys().chain(evidence.ledger.keys()).collect();
        for partition in partitions {
            let mut expected = Account::default();
            let log = evidence.truth.partitions.get(partition).map(Vec::as_slice).unwrap_or_default();
            for (offset, entry) in log.iter().enumerate() {
                let became = match entry {
                    Entry::Nothing => continue,
                    Entry::Poison => &mut expected.dead_lettered,
                    Entry::Event(..) if evidence.stored.was_stored(*partition, offset) => &mut expected.stored,
                    Entry::Event(..) => &mut expected.duplicates,
                };
                *became += 1;
                expected.records += 1;
            }
            expected.consumed = expected.records;
            let found = evidence.ledger.get(partition).copied().unwrap_or_default();
            self.unbalanced.add_many(expected.differences(&found), || {
                format!("{partition}: the ledger says {found:?} where it should say {expected:?}")
            });
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { events, rows, resends, dropped, stored_again, poison, repeated_dead_letters, .. } = self;
        write!(
            f,
            "{events} events, {rows} rows, {poison} bad records, {resends} resends ({dropped} dropped, \
             {stored_again} stored), {repeated_dead_letters} dead letters repeated in their topic, lost {}, doubled {}, ",
            self.lost.count, self.doubled.count
        )?;
        match self.unbalanced.count {
            0 => f.write_str("the ledger agrees"),
            count => write!(f, "the ledger disagrees about {count}"),
        }
    }
}

/// The fate of an event.
#[derive(Debug, Clone, Copy)]
struct Fate {
    /// Its number.
    number: u32,
    /// Number of its records in the log.
    sent: u8,
    /// Number of its records that are stored.
    stored: u8,
    /// Place of its first record.
    partition: Partition,
    offset: usize,
}

impl Fate {
    fn of(number: u32, partition: Partition, offset: usize) -> Self {
        Self { number, sent: 0, stored: 0, partition, offset }
    }
}

#[cfg(test)]
mod tests;
