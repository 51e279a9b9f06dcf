//! Records of `voc`: numbered events of several tenants, spread over months, with bad records and resends in between.

use voc_testkit::generator::{BadKind, Generator, GeneratorConfig, Record, Records};

use crate::{
    family::VOC_TOPIC,
    label::Label,
    message::{Message, Partitioner, Shares},
    random::Random,
    series::{Numbers, Resends},
};

/// Time of the latest events, 2026-09-21. The same seed gives the same events, whenever they are produced.
pub(crate) const END_MS: i64 = 1_790_000_000_000;
const MONTH_MS: i64 = 31 * 86_400_000;
/// Per-mille shares of events from this month, the one before, and so on.
const MONTHS: [u32; 3] = [800, 150, 50];
/// Events per generator, which spreads them over its month.
const EVENTS_PER_ROUND: u64 = 100_000;
const TENANTS: usize = 5;
/// Every kind except the one with 2 MiB records.
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

/// An endless stream of records.
pub(crate) struct Feed {
    random: Random,
    months: Vec<Month>,
    shares: Shares,
    numbers: Numbers,
    bad: u32,
    resends: Resends,
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
            numbers: Numbers::default(),
            bad: 0,
            resends: Resends::default(),
        }
    }

    /// The next record.
    pub(crate) fn next(&mut self, partition_of: &mut Partitioner<'_>) -> Message {
        if let Some(message) = self.resends.due() {
            return message;
        }
        let mut roll = self.random.below(self.months.iter().map(|month| month.share).sum());
        let mut month = 0;
        while roll >= self.months[month].share {
            roll -= self.months[month].share;
            month += 1;
        }
        let mut message = |key: Label<'_>, value| Message {
            topic: VOC_TOPIC,
            partition: partition_of(VOC_TOPIC),
            key: key.to_string(),
            value,
        };
        match self.months[month].next() {
            Record::Bad(record) => {
                self.bad += 1;
                message(Label::Poison(self.bad), record.value)
            }
            Record::Event(event) => {
                let series = format!("{}/{}", event.tenant, event.event_type);
                let (number, id) = self.numbers.next(&series);
                // Replaces the ID of the generator with one that encodes the number.
                let json = event.json.replacen(&event.event_id.to_string(), &id, 1);
                let message = message(Label::Event(&series, number), Some(json.into_bytes()));
                if self.random.per_mille(self.shares.resent) {
                    self.resends.add(&mut self.random, &series, number, &message);
                }
                message
            }
        }
    }
}

/// Records of one month, repeated with other seeds.
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
        let events = EVENTS_PER_ROUND * u64::from(share) / 1000;
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
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn events_are_numbered_without_gaps_and_resent_to_their_partition() {
        let mut feed = Feed::new(1, Shares { poison: 10, resent: 50 });
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        let mut went: BTreeMap<(String, u32), Message> = BTreeMap::new();
        let (mut resends, mut poison) = (0, 0);
        for sent in 0..60_000 {
            let message = feed.next(&mut |_| sent % 7);
            match Label::parse(&message.key).unwrap() {
                Label::Event(series, number) => {
                    let count = counts.entry(series.to_owned()).or_default();
                    *count += 1;
                    assert_eq!(number, *count);
                    went.insert((series.to_owned(), number), message.clone());
                }
                Label::Resend(series, number) => {
                    resends += 1;
                    let first = &went[&(series.to_owned(), number)];
                    assert_eq!(Message { key: message.key.clone(), ..first.clone() }, message);
                }
                Label::Poison(_) => poison += 1,
            }
        }
        let tenants: BTreeSet<_> = counts.keys().filter_map(|series| series.split('/').next()).collect();
        assert_eq!(tenants.len(), TENANTS);
        assert!((1_000..4_000).contains(&resends) && (300..900).contains(&poison), "{resends} {poison}");
    }
}
