//! The oracle: compares what was produced with what is stored, event by event. No I/O.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use crate::{
    family::Partition,
    rows::{Account, Merged, Rollup, Row},
    truth::{Entry, Letters, Truth},
};

/// So many findings of each kind are told in full.
const TOLD: usize = 20;

/// What the store was found to have.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    /// How often each record is stored; the index is the offset.
    copies: BTreeMap<Partition, Vec<u8>>,
    /// Whether each record was found stored before: a merge may have dropped its row since, for that of another record of
    /// its event.
    before: BTreeMap<Partition, Vec<bool>>,
    /// Rows that belong to no event of their offset.
    strays: Findings,
}

impl Stored {
    /// Notes the rows of a partition.
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

    /// Forgets what there is, for another look at all of it, but not what there was.
    pub(crate) fn look_again(&mut self) {
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

    /// Whether a record is stored, or was.
    fn was_of(&self, partition: Partition, offset: usize) -> bool {
        let before = self.before.get(&partition).and_then(|before| before.get(offset)).copied().unwrap_or_default();
        before || self.of(partition, offset) > 0
    }

    fn of(&self, partition: Partition, offset: usize) -> u8 {
        self.copies.get(&partition).and_then(|copies| copies.get(offset)).copied().unwrap_or_default()
    }
}

/// All that there is to compare of a family.
pub(crate) struct Evidence<'e> {
    pub(crate) truth: &'e Truth,
    pub(crate) stored: &'e Stored,
    /// Rows and dead letters of other topics or partitions.
    pub(crate) elsewhere: u64,
    /// Dead letters on their topic, and in their table as `FINAL` shows it.
    pub(crate) letters: &'e Letters,
    pub(crate) letter_rows: Letters,
    /// Rows and distinct events, as `FINAL` shows them, and whether it shows one row an event, or one a record.
    pub(crate) merged: Merged,
    pub(crate) merges_resends: bool,
    /// Counts from the rows themselves, and from the projection.
    pub(crate) by_rows: Rollup,
    pub(crate) by_projection: Rollup,
    /// What the ledger says.
    pub(crate) ledger: BTreeMap<Partition, Account>,
    /// Whether an event that the producer sent again may be stored again.
    pub(crate) strict_resends: bool,
}

/// Findings of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    /// How many.
    pub(crate) count: u64,
    /// The first of them, in words.
    pub(crate) told: Vec<String>,
}

impl Findings {
    fn add(&mut self, tell: impl FnOnce() -> String) {
        self.add_many(1, tell);
    }

    fn add_many(&mut self, count: u64, tell: impl FnOnce() -> String) {
        self.count += count;
        if count > 0 && self.told.len() < TOLD {
            self.told.push(tell());
        }
    }
}

/// What the comparison says.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// Events and bad records that are nowhere.
    pub(crate) lost: Findings,
    /// What is there more often than it should be, or should not be there at all.
    pub(crate) doubled: Findings,
    /// What the ledger says otherwise than the log and the rows.
    pub(crate) unbalanced: Findings,
    /// What each topic has.
    pub(crate) topics: BTreeMap<&'static str, TopicSum>,
    /// Distinct events produced.
    pub(crate) events: u64,
    /// Records that are events, repeated ones included.
    pub(crate) records: u64,
    /// Rows stored.
    pub(crate) rows: u64,
    /// Records that repeat an event.
    pub(crate) resends: u64,
    /// Of them, those that were dropped.
    pub(crate) dropped: u64,
    /// Of them, those that were stored beside another record of their event.
    pub(crate) stored_again: u64,
    /// Bad records.
    pub(crate) poison: u64,
    /// Dead letters that are in their topic more than once.
    pub(crate) repeated_letters: u64,
}

/// What was produced to a topic, and what is stored of it.
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
        verdict.doubled.add_many(evidence.elsewhere, || "rows of topics or partitions that there are not".to_owned());
        let events = verdict.check_records(evidence);
        verdict.check_events(evidence, &events);
        verdict.check_letters(evidence);
        verdict.check_merged(evidence, &events);
        verdict.check_rollups(evidence);
        verdict.check_ledger(evidence);
        verdict
    }

    /// Whether nothing is lost and nothing doubled, and the ledger says so, too.
    pub(crate) fn is_clean(&self) -> bool {
        self.lost.count == 0 && self.doubled.count == 0 && self.unbalanced.count == 0
    }

    /// Each record is stored at most once, and only if it is an event. Gives what became of each event, by series.
    fn check_records(&mut self, evidence: &Evidence<'_>) -> Vec<Vec<Fate>> {
        let mut events: Vec<Vec<Option<Fate>>> = vec![Vec::new(); evidence.truth.series.len()];
        for (partition, log) in &evidence.truth.partitions {
            let mut sum = TopicSum::default();
            for (offset, entry) in log.iter().enumerate() {
                let copies = evidence.stored.of(*partition, offset);
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

    /// Each event is stored once; one that the producer sent again, at least once.
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

    /// Each bad record is a dead letter, on the topic and once in the table, and nothing else is.
    fn check_letters(&mut self, evidence: &Evidence<'_>) {
        for (letters, place) in [(evidence.letters, "on the topic"), (&evidence.letter_rows, "in the table")] {
            for (partition, log) in &evidence.truth.partitions {
                let poison = log.iter().zip(0..).filter(|(entry, _)| **entry == Entry::Poison);
                for (_, offset) in poison.filter(|(_, offset)| !letters.contains_key(&(*partition, *offset))) {
                    self.lost.add(|| format!("{partition} offset {offset}: the bad record is no dead letter {place}"));
                }
            }
            for (partition, offset) in letters.keys() {
                let entry = evidence.truth.at(*partition, *offset);
                if entry != Entry::Poison {
                    self.doubled.add(|| {
                        format!("{partition} offset {offset}: a dead letter {place} where the log has {entry:?}")
                    });
                }
            }
        }
        // A crash between the two writes of a letter repeats it on the topic, with the same coordinates; the table
        // has it once.
        self.repeated_letters = evidence.letters.values().map(|copies| u64::from(copies - 1)).sum();
        for ((partition, offset), copies) in &evidence.letter_rows {
            self.doubled.add_many(u64::from(copies - 1), || {
                format!("{partition} offset {offset}: {copies} times in the table of dead letters")
            });
        }
    }

    /// `FINAL` shows each stored event once, in its partition and as one of its series.
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

    /// The projection counts what the rows count.
    fn check_rollups(&mut self, evidence: &Evidence<'_>) {
        let names: BTreeSet<_> = evidence.by_rows.keys().chain(evidence.by_projection.keys()).collect();
        for name in names {
            let count = |rollup: &Rollup| rollup.get(name).copied().unwrap_or_default();
            let (rows, projected) = (count(&evidence.by_rows), count(&evidence.by_projection));
            let tell = || format!("{name}: the rollup says {projected}, the rows are {rows}");
            self.lost.add_many(rows.saturating_sub(projected), tell);
            self.doubled.add_many(projected.saturating_sub(rows), tell);
        }
    }

    /// The ledger counts what the log has and what became of it, merges aside.
    fn check_ledger(&mut self, evidence: &Evidence<'_>) {
        let partitions: BTreeSet<_> = evidence.truth.partitions.keys().chain(evidence.ledger.keys()).collect();
        for partition in partitions {
            let mut expected = Account::default();
            let log = evidence.truth.partitions.get(partition).map(Vec::as_slice).unwrap_or_default();
            for (offset, entry) in log.iter().enumerate() {
                let became = match entry {
                    Entry::Nothing => continue,
                    Entry::Poison => &mut expected.dead_lettered,
                    Entry::Event(..) if evidence.stored.was_of(*partition, offset) => &mut expected.stored,
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
        let Self { events, rows, resends, dropped, stored_again, poison, repeated_letters, .. } = self;
        write!(
            f,
            "{events} events, {rows} rows, {poison} bad records, {resends} resends ({dropped} dropped, \
             {stored_again} stored), {repeated_letters} letters repeated on their topic, lost {}, doubled {}, ",
            self.lost.count, self.doubled.count
        )?;
        match self.unbalanced.count {
            0 => f.write_str("the ledger agrees"),
            count => write!(f, "the ledger disagrees about {count}"),
        }
    }
}

/// What became of an event.
#[derive(Debug, Clone, Copy)]
struct Fate {
    /// Its number.
    number: u32,
    /// Records of it in the log.
    sent: u8,
    /// Of them, those that are stored.
    stored: u8,
    /// Where its first record is.
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
