//! What is produced: numbered events of several tenants, spread over months, with bad records and repeated events in between.

use std::{collections::VecDeque, sync::Arc};

use voc_testkit::generator::{BadKind, Generator, GeneratorConfig, Record, Records};

use crate::{
    label::{Label, event_id},
    random::Random,
};

/// Events end at this time, 2026-09-21; the same ones for the same seed, whenever they are produced.
const END_MS: i64 = 1_790_000_000_000;
const MONTH_MS: i64 = 31 * 86_400_000;
/// How many of a thousand events are of this month, of the one before, and so on.
const MONTHS: [u32; 3] = [800, 150, 50];
/// Events of one generator, which spreads them over its month.
const EVENTS_A_ROUND: u64 = 100_000;
const TENANTS: usize = 5;
/// Every kind but the one of 2 MiB a record.
const BAD: [BadKind; 13] = [
    BadKind::InvalidJson,
    BadKind::InvalidUtf8,
    BadKind::NotAnObject,
    BadKind::MissingField,
    BadKind::MistypedField,
    BadKind::EmptyTenant,
    BadKind::OversizedTenant,
    BadKind::NonsenseTimestamp,
    BadKind::NotANumber,
    BadKind::NumberOverflow,
    BadKind::TooDeep,
    BadKind::Tombstone,
    BadKind::Empty,
];
/// Records between an event and its repetition, at most.
const RESEND_WITHIN: u32 = 20_000;

/// How many of a thousand records are what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shares {
    /// Records that are no events.
    pub(crate) poison: u32,
    /// Events that are sent again later.
    pub(crate) resent: u32,
}

/// A record to produce.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// Says what it is: see [`Label`].
    pub(crate) key: String,
    /// `None` for a tombstone.
    pub(crate) value: Option<Vec<u8>>,
    /// Where it must go; anywhere if `None`.
    pub(crate) partition: Option<i32>,
}

/// An endless stream of records.
pub(crate) struct Feed {
    random: Random,
    months: Vec<Month>,
    shares: Shares,
    /// Tenants and the next number of each.
    tenants: Vec<(Arc<str>, u32)>,
    bad: u32,
    /// What is to be sent again, and before which record.
    resends: VecDeque<(u64, Message)>,
    sent: u64,
}

impl Feed {
    /// Events of three months, most of them of the last.
    pub(crate) fn new(seed: u64, shares: Shares) -> Self {
        Self::of_months(seed, shares, &MONTHS)
    }

    /// Events of one month.
    pub(crate) fn of_one_month(seed: u64, shares: Shares) -> Self {
        Self::of_months(seed, shares, &[1000])
    }

    fn of_months(seed: u64, shares: Shares, months: &[u32]) -> Self {
        let months = (0..)
            .zip(months.iter().copied())
            .map(|(index, share)| Month::new(seed, index, share, shares.poison))
            .collect();
        Self {
            random: Random::new(seed, 2),
            months,
            shares,
            tenants: Vec::new(),
            bad: 0,
            resends: VecDeque::new(),
            sent: 0,
        }
    }

    /// The next record, which is to go to `partition` unless it says otherwise.
    pub(crate) fn next(&mut self, partition: i32) -> Message {
        self.sent += 1;
        if self.resends.front().is_some_and(|(due, _)| *due <= self.sent)
            && let Some((_, message)) = self.resends.pop_front()
        {
            return message;
        }
        let mut roll = self.random.below(self.months.iter().map(|month| month.share).sum());
        let mut month = 0;
        while roll >= self.months[month].share {
            roll -= self.months[month].share;
            month += 1;
        }
        match self.months[month].next() {
            Record::Bad(record) => {
                self.bad += 1;
                Message { key: Label::Poison(self.bad).to_string(), value: record.value, partition: None }
            }
            Record::Event(event) => {
                let (tenant, number) = self.number(&event.tenant);
                let id = event_id(tenant, number);
                // The generator's own id is replaced by one that tells the number.
                let json = event.json.replacen(&event.event_id.to_string(), &id.to_string(), 1);
                let value = Some(json.into_bytes());
                if self.random.per_mille(self.shares.resent) {
                    self.resend(Label::Resend(&event.tenant, number), value.clone(), partition);
                }
                Message { key: Label::Event(&event.tenant, number).to_string(), value, partition: None }
            }
        }
    }

    fn number(&mut self, tenant: &Arc<str>) -> (usize, u32) {
        let index = self.tenants.iter().position(|(name, _)| name == tenant).unwrap_or_else(|| {
            self.tenants.push((Arc::clone(tenant), 0));
            self.tenants.len() - 1
        });
        self.tenants[index].1 += 1;
        (index, self.tenants[index].1)
    }

    /// Keeps a repetition for later. It goes where the event went: a producer that repeats itself keeps its partition.
    fn resend(&mut self, label: Label<'_>, value: Option<Vec<u8>>, partition: i32) {
        let due = self.sent + 1 + u64::from(self.random.below(RESEND_WITHIN));
        let message = Message { key: label.to_string(), value, partition: Some(partition) };
        let place = self.resends.partition_point(|(other, _)| *other <= due);
        self.resends.insert(place, (due, message));
    }
}

/// Records of one month, again and again with other seeds.
struct Month {
    seed: u64,
    end_ms: i64,
    poison: u32,
    share: u32,
    records: Records,
}

impl Month {
    fn new(seed: u64, index: i64, share: u32, poison: u32) -> Self {
        let seed = seed.wrapping_mul(1000).wrapping_add(index as u64 * 100);
        let end_ms = END_MS - index * MONTH_MS;
        Self { seed, end_ms, poison, share, records: Self::records(seed, end_ms, poison, share) }
    }

    fn records(seed: u64, end_ms: i64, poison: u32, share: u32) -> Records {
        let events = EVENTS_A_ROUND * u64::from(share) / 1000;
        let config = GeneratorConfig { seed, events, tenants: TENANTS, ..GeneratorConfig::ending_at(end_ms) };
        Records::new(Generator::new(&config), seed, poison, &BAD)
    }

    fn next(&mut self) -> Record {
        loop {
            if let Some(record) = self.records.next() {
                return record;
            }
            self.seed += 1;
            self.records = Self::records(self.seed, self.end_ms, self.poison, self.share);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn events_are_numbered_without_gaps_and_repeated_where_they_went() {
        let mut feed = Feed::new(1, Shares { poison: 10, resent: 50 });
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        let mut went: BTreeMap<(String, u32), (i32, Vec<u8>)> = BTreeMap::new();
        let (mut resends, mut poison) = (0, 0);
        for sent in 0..60_000 {
            let message = feed.next(sent % 7);
            let value = message.value.unwrap_or_default();
            match Label::parse(&message.key).unwrap() {
                Label::Event(tenant, number) => {
                    let count = counts.entry(tenant.to_owned()).or_default();
                    *count += 1;
                    assert_eq!(number, *count);
                    went.insert((tenant.to_owned(), number), (sent % 7, value));
                }
                Label::Resend(tenant, number) => {
                    resends += 1;
                    let (partition, first) = &went[&(tenant.to_owned(), number)];
                    assert_eq!(message.partition, Some(*partition));
                    assert_eq!(value, *first);
                }
                Label::Poison(_) => poison += 1,
            }
        }
        assert_eq!(counts.len(), TENANTS);
        assert!((1_000..4_000).contains(&resends) && (300..900).contains(&poison), "{resends} {poison}");
    }
}
