//! What is read of a period: full hours from the rollups, the rest from rows, and rows that may have several versions
//! by their latest.

use voc_events::Table;

use crate::{
    Param, Period,
    revision::{Interval, MILLIS_PER_HOUR},
    sql::time::Clock,
};

/// The end of the engine's hours, 2106-02-07T06:00:00Z; no event is later.
const END_OF_TIME: i64 = 4_294_965_600_000;

/// Maximum number of intervals with versions of which a statement reads each on its own.
pub(super) const MAX_INTERVALS: usize = 32;

/// The union of intervals, in order. So many that a statement would become long are one, from the first to the last.
pub(super) fn union(mut intervals: Vec<Interval>) -> Vec<Interval> {
    intervals.sort_unstable();
    let mut union: Vec<Interval> = Vec::new();
    for (from, to) in intervals {
        match union.last_mut() {
            Some((_, end)) if from <= *end => *end = to.max(*end),
            _ => union.push((from, to)),
        }
    }
    match (union.first(), union.last()) {
        (Some((from, _)), Some((_, to))) if union.len() > MAX_INTERVALS => vec![(*from, *to)],
        _ => union,
    }
}

/// Whether every interval is within one of the others, which are in order and apart.
pub(super) fn covers(others: &[Interval], intervals: &[Interval]) -> bool {
    intervals.iter().all(|(from, to)| others.iter().any(|(first, last)| first <= from && to <= last))
}

/// The parts of intervals that are in a period.
pub(super) fn within(period: Period, intervals: &[Interval]) -> Vec<Interval> {
    common((period.since.as_millis(), period.until.as_millis()), intervals)
}

/// The parts of intervals that are in another one.
pub(super) fn common((since, until): Interval, intervals: &[Interval]) -> Vec<Interval> {
    let cut = |(from, to): &Interval| ((*from).max(since), (*to).min(until));
    intervals.iter().map(cut).filter(|(from, to)| from < to).collect()
}

/// A period split at full hours and around the hours whose rows may have several versions. All bounds are UTC
/// milliseconds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Spans {
    /// Full hours, for the rollups.
    hours: Vec<Interval>,
    /// The rest, before and after them.
    edges: Vec<Interval>,
    /// Where only the latest version of a row counts.
    versioned: Vec<Interval>,
}

impl Spans {
    /// `None` if the period is empty. `versioned` is in order and apart. Without rollups everything is an edge.
    pub(super) fn of(period: Period, versioned: &[Interval], by_rollups: bool) -> Option<Self> {
        let since = period.since.as_millis().clamp(0, END_OF_TIME);
        let until = period.until.as_millis().min(END_OF_TIME);
        if since >= until {
            return None;
        }
        let mut spans = Self::default();
        let mut next = since;
        for (from, to) in versioned.iter().map(|(from, to)| ((*from).clamp(since, until), (*to).clamp(since, until))) {
            if from < to {
                spans.plain(next, from, by_rollups);
                spans.versioned.push((from, to));
                next = to;
            }
        }
        spans.plain(next, until, by_rollups);
        Some(spans)
    }

    fn plain(&mut self, since: i64, until: i64, by_rollups: bool) {
        if since >= until {
            return;
        }
        let first_hour = since.div_euclid(MILLIS_PER_HOUR) * MILLIS_PER_HOUR;
        let first_hour = if first_hour < since { first_hour + MILLIS_PER_HOUR } else { first_hour };
        let last_hour = until.div_euclid(MILLIS_PER_HOUR) * MILLIS_PER_HOUR;
        if !by_rollups || first_hour >= last_hour {
            self.edges.push((since, until));
            return;
        }
        self.hours.push((first_hour, last_hour));
        self.edges.extend([(since, first_hour), (last_hour, until)].into_iter().filter(|(from, to)| from < to));
    }

    /// Which rows to read: the text after the table's name, and the condition. The one for the rollups uses the
    /// projection's own expression, because only then does the engine recognise that the projection can answer it.
    pub(super) fn conditions(&self, table: &Table, params: &mut Vec<Param>) -> Vec<(&'static str, String)> {
        let time = table.time.name;
        let by_hour = Axis { at: format!("toStartOfHour({time})"), clock: Clock::SECONDS };
        let by_instant = Axis::of_instants(table);
        [("", &by_hour, &self.hours), ("", &by_instant, &self.edges), (" FINAL", &by_instant, &self.versioned)]
            .into_iter()
            .filter(|(.., spans)| !spans.is_empty())
            .map(|(rows, axis, spans)| {
                let alternatives: Vec<String> = spans.iter().map(|span| axis.within(*span, params)).collect();
                (rows, format!("({})", alternatives.join(" OR ")))
            })
            .collect()
    }
}

/// The part of a row's time that a span is compared with.
pub(super) struct Axis {
    /// The expression.
    at: String,
    /// What it is compared with.
    clock: Clock,
}

impl Axis {
    /// The time itself.
    pub(super) fn of_instants(table: &Table) -> Self {
        Self { at: table.time.name.to_owned(), clock: Clock::of(table) }
    }

    /// The condition that a row is in a span; its bounds become parameters.
    pub(super) fn within(&self, (from, to): Interval, params: &mut Vec<Param>) -> String {
        let Self { at, clock } = self;
        let mut bound = |millis: i64| {
            let name = format!("bound_{}", params.len());
            let bound = clock.instant(&name);
            params.push(Param::new(name, clock.number(millis)));
            bound
        };
        format!("{at} >= {} AND {at} < {}", bound(from), bound(to))
    }
}

#[cfg(test)]
mod tests {
    use voc_events::Timestamp;

    use super::*;

    const HOUR: i64 = MILLIS_PER_HOUR;

    fn spans(since: i64, until: i64, versioned: &[Interval]) -> Option<Spans> {
        let period = Period { since: Timestamp::from_millis(since), until: Timestamp::from_millis(until) };
        Spans::of(period, versioned, true)
    }

    #[test]
    fn a_period_is_split_at_full_hours() {
        for (since, until, hours, edges) in [
            (0, 2 * HOUR, vec![(0, 2 * HOUR)], vec![]),
            (1, 2 * HOUR, vec![(HOUR, 2 * HOUR)], vec![(1, HOUR)]),
            (1, 2 * HOUR + 1, vec![(HOUR, 2 * HOUR)], vec![(1, HOUR), (2 * HOUR, 2 * HOUR + 1)]),
            (1, HOUR, vec![], vec![(1, HOUR)]),
            (1, HOUR + 5, vec![], vec![(1, HOUR + 5)]),
            (i64::MIN, HOUR, vec![(0, HOUR)], vec![]),
            (HOUR, i64::MAX, vec![(HOUR, END_OF_TIME)], vec![]),
            (HOUR + 1, i64::MAX, vec![(2 * HOUR, END_OF_TIME)], vec![(HOUR + 1, 2 * HOUR)]),
        ] {
            assert_eq!(spans(since, until, &[]), Some(Spans { hours, edges, versioned: vec![] }), "{since} to {until}");
        }
        assert_eq!(spans(5, 5, &[]), None);
        assert_eq!(spans(6, 5, &[]), None);
    }

    #[test]
    fn hours_with_versions_are_cut_out() {
        for (since, until, hours, edges, versioned) in [
            (0, 9 * HOUR, vec![(0, 3 * HOUR), (5 * HOUR, 9 * HOUR)], vec![], vec![(3 * HOUR, 5 * HOUR)]),
            (
                HOUR + 1,
                i64::MAX,
                vec![(2 * HOUR, 3 * HOUR), (5 * HOUR, END_OF_TIME)],
                vec![(HOUR + 1, 2 * HOUR)],
                vec![(3 * HOUR, 5 * HOUR)],
            ),
            (3 * HOUR + 1, 4 * HOUR, vec![], vec![], vec![(3 * HOUR + 1, 4 * HOUR)]),
            (
                2 * HOUR + 1,
                5 * HOUR + 1,
                vec![],
                vec![(2 * HOUR + 1, 3 * HOUR), (5 * HOUR, 5 * HOUR + 1)],
                vec![(3 * HOUR, 5 * HOUR)],
            ),
            (5 * HOUR, 6 * HOUR, vec![(5 * HOUR, 6 * HOUR)], vec![], vec![]),
            (0, 2 * HOUR, vec![(0, 2 * HOUR)], vec![], vec![]),
        ] {
            let expected = Spans { hours, edges, versioned };
            assert_eq!(spans(since, until, &[(3 * HOUR, 5 * HOUR)]), Some(expected), "{since} to {until}");
        }
    }

    #[test]
    fn several_intervals_are_cut_out() {
        let expected = Spans {
            hours: vec![(0, HOUR), (2 * HOUR, 3 * HOUR)],
            edges: vec![],
            versioned: vec![(HOUR, 2 * HOUR), (3 * HOUR, 4 * HOUR)],
        };
        assert_eq!(spans(0, 4 * HOUR, &[(HOUR, 2 * HOUR), (3 * HOUR, 9 * HOUR)]), Some(expected));
        let period = Period { since: Timestamp::from_millis(5), until: Timestamp::from_millis(9 * HOUR) };
        let rows =
            Spans { hours: vec![], edges: vec![(5, HOUR), (2 * HOUR, 9 * HOUR)], versioned: vec![(HOUR, 2 * HOUR)] };
        assert_eq!(Spans::of(period, &[(HOUR, 2 * HOUR)], false), Some(rows));
    }

    #[test]
    fn intervals_are_united() {
        assert_eq!(union(vec![(5, 7), (1, 2), (2, 3), (6, 9)]), [(1, 3), (5, 9)]);
        let many: Vec<Interval> = (0..=MAX_INTERVALS as i64).map(|place| (place * 10, place * 10 + 1)).collect();
        assert_eq!(union(many).len(), 1);
        assert!(covers(&[(1, 3), (5, 9)], &[(6, 7), (1, 3)]));
        assert!(!covers(&[(1, 3), (5, 9)], &[(2, 6)]));
        let period = Period { since: Timestamp::from_millis(4), until: Timestamp::from_millis(6) };
        assert_eq!(within(period, &[(1, 3), (3, 5), (5, 9)]), [(4, 5), (5, 6)]);
        assert!(covers(&[], &[]) && !covers(&[], &[(1, 2)]));
    }
}
