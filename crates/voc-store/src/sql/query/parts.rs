//! Where a table may have several versions of a row: where its parts overlap in time, or were never merged.
//!
//! A merge leaves one version of each row. So only rows of different parts can be versions of each other, and only
//! where the times of the parts overlap; or rows that were inserted together, until that part is merged. Parts with
//! the newest events overlap little with older ones, and merges make parts fewer.

use super::spans::union;
use crate::revision::{Interval, MILLIS_PER_HOUR};

/// All times.
pub(super) const EVER: Interval = (0, i64::MAX / 4);

/// The first and the last second of a part if the engine does not know them.
const UNKNOWN: (i64, i64) = (0, 0);

/// A part of a table.
pub(super) type Part = (String, i64, i64, i64, i64, u32);

/// The parts that a table had at one time, in the order of their table partitions and first rows: the table partition,
/// the first and the last second of the rows, the first and the last of the inserts that were merged into it, and how
/// often it was merged.
#[derive(Debug, PartialEq)]
pub(super) struct Parts(pub(super) Option<Vec<Part>>);

impl Parts {
    /// The times at which rows may have several versions, in order and apart: all, if the parts are unknown.
    pub(super) fn overlaps(&self) -> Vec<Interval> {
        let Some(parts) = &self.0 else { return vec![EVER] };
        let mut found = Vec::new();
        for partition in parts.chunk_by(|one, other| one.0 == other.0) {
            if is_unknown(partition) {
                return vec![EVER];
            }
            let mut end = i64::MIN;
            for (_, first, last, .., merges) in partition {
                if *merges == 0 {
                    found.push(seconds(*first, *last));
                } else if *first <= end {
                    found.push(seconds(*first, end.min(*last)));
                }
                end = end.max(*last);
            }
        }
        union(found)
    }

    /// The hours of merged parts with inserts that `earlier` does not have. In between, these inserts may have been
    /// parts of their own, or had rows in several versions, which neither list shows.
    pub(super) fn merged_since(&self, earlier: &Self) -> Vec<Interval> {
        let (Some(parts), Some(earlier)) = (&self.0, &earlier.0) else { return Vec::new() };
        let has_all = |(partition, _, _, from, to, _): &&Part| {
            let within =
                earlier.iter().filter(|(id, _, _, first, last, _)| id == partition && from <= first && last <= to);
            within.map(|(_, _, _, first, last, _)| last - first + 1).sum::<i64>() > to - from
        };
        let merged = parts.iter().filter(|(.., merges)| *merges > 0);
        merged.filter(|part| !has_all(part)).map(hours).collect()
    }

    /// The hours of parts that `later` does not have any more.
    pub(super) fn gone_in(&self, later: &Self) -> Vec<Interval> {
        let (Some(parts), Some(later)) = (&self.0, &later.0) else { return vec![EVER] };
        parts.iter().filter(|part| !later.contains(part)).map(hours).collect()
    }
}

/// Whether the times of parts that may overlap are unknown.
fn is_unknown(partition: &[Part]) -> bool {
    let may_overlap = partition.len() > 1 || partition.iter().any(|(.., merges)| *merges == 0);
    may_overlap && partition.iter().any(|(_, first, last, ..)| (*first, *last) == UNKNOWN)
}

/// The full hours that a part touches.
fn hours((_, first, last, ..): &Part) -> Interval {
    if (*first, *last) == UNKNOWN { EVER } else { full_hours(seconds(*first, *last)) }
}

/// From the first of two seconds to the end of the last.
fn seconds(first: i64, last: i64) -> Interval {
    (first * 1000, (last + 1) * 1000)
}

/// The full hours that an interval touches.
pub(super) fn full_hours((from, to): Interval) -> Interval {
    let hour_of = |millis: i64| millis.div_euclid(MILLIS_PER_HOUR) * MILLIS_PER_HOUR;
    (hour_of(from), hour_of(to - 1) + MILLIS_PER_HOUR)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3600;

    fn parts(parts: &[(&str, i64, i64, i64, i64)]) -> Parts {
        let part = |(id, first, last, from, to): &(&str, i64, i64, i64, i64)| -> Part {
            ((*id).to_owned(), *first, *last, *from, *to, 1)
        };
        Parts(Some(parts.iter().map(part).collect()))
    }

    fn in_hours(intervals: Vec<Interval>) -> Vec<Interval> {
        intervals.into_iter().map(|(from, to)| (from / MILLIS_PER_HOUR, to / MILLIS_PER_HOUR)).collect()
    }

    #[test]
    fn parts_overlap_in_the_seconds_that_two_of_them_have() {
        let two = parts(&[("1", 5, 10, 1, 1), ("1", 10, 12, 2, 2)]);
        assert_eq!(two.overlaps(), [(10_000, 11_000)]);
        let overlaps = |list: &[(&str, i64, i64)]| {
            let list: Vec<_> = list.iter().map(|(id, first, last)| (*id, *first, *last, 1, 1)).collect();
            in_hours(union(parts(&list).overlaps().into_iter().map(full_hours).collect()))
        };
        assert_eq!(overlaps(&[("1", 5, 10 * HOUR)]), []);
        assert_eq!(overlaps(&[("1", 5, 2 * HOUR), ("1", 3 * HOUR, 4 * HOUR)]), []);
        assert_eq!(overlaps(&[("1", 5, 3 * HOUR + 1), ("1", 3 * HOUR, 4 * HOUR)]), [(3, 4)]);
        assert_eq!(overlaps(&[("1", 5, 3 * HOUR), ("2", 2 * HOUR, 4 * HOUR)]), []);
        // A short part within a long one, and one that overlaps with the end of the long one.
        let long = [("1", 0, 9 * HOUR), ("1", HOUR, 2 * HOUR - 1), ("1", 8 * HOUR, 20 * HOUR)];
        assert_eq!(overlaps(&long), [(1, 2), (8, 10)]);
        assert_eq!(parts(&[("1", 0, 0, 1, 1), ("1", 0, 0, 2, 2)]).overlaps(), [EVER]);
        assert_eq!(Parts(None).overlaps(), [EVER]);
    }

    #[test]
    fn a_part_that_was_never_merged_may_have_versions() {
        let inserted = |merges| Parts(Some(vec![("1".to_owned(), 5, HOUR, 1, 1, merges)]));
        assert_eq!(inserted(0).overlaps(), [(5000, HOUR * 1000 + 1000)]);
        assert_eq!(inserted(1).overlaps(), []);
    }

    #[test]
    fn a_part_with_new_and_old_inserts_may_hide_an_overlap() {
        let earlier = parts(&[("1", 0, HOUR - 1, 1, 4), ("1", HOUR, 2 * HOUR - 1, 5, 5)]);
        assert_eq!(earlier.merged_since(&earlier), []);
        let merged = parts(&[("1", 0, 2 * HOUR - 1, 1, 5)]);
        assert_eq!(merged.merged_since(&earlier), [], "the inserts were there");
        let mut inserted = parts(&[("1", 0, 2 * HOUR - 1, 1, 5), ("1", HOUR, 2 * HOUR, 6, 6)]);
        assert_eq!(in_hours(inserted.merged_since(&earlier)), [(1, 3)], "the insert was merged alone");
        inserted.0.iter_mut().flatten().for_each(|part| part.5 = u32::from(part.3 < part.4));
        assert_eq!(inserted.merged_since(&earlier), [], "the insert is a part of its own");
        let hidden = parts(&[("1", 0, HOUR - 1, 1, 4), ("1", HOUR, 3 * HOUR - 1, 5, 6)]);
        assert_eq!(in_hours(hidden.merged_since(&earlier)), [(1, 3)]);
        let begun_before = parts(&[("1", 0, HOUR - 1, 1, 2), ("1", HOUR, 2 * HOUR - 1, 4, 4)]);
        let ended_after = parts(&[("1", 0, HOUR - 1, 1, 2), ("1", HOUR, 3 * HOUR - 1, 3, 4)]);
        assert_eq!(in_hours(ended_after.merged_since(&begun_before)), [(1, 3)]);
        let in_a_new_partition = parts(&[("2", 0, HOUR - 1, 1, 2)]);
        assert_eq!(in_hours(in_a_new_partition.merged_since(&earlier)), [(0, 1)]);
        assert_eq!(merged.merged_since(&Parts(None)), []);
        let without_times = |last| parts(&[("all", 0, 0, 1, last)]);
        assert_eq!(without_times(3).merged_since(&without_times(2)), [EVER]);
    }

    #[test]
    fn parts_are_gone_that_were_merged() {
        let earlier = parts(&[("1", 0, HOUR - 1, 1, 4), ("1", HOUR, 2 * HOUR - 1, 5, 5)]);
        assert_eq!(earlier.gone_in(&earlier), []);
        let later = parts(&[("1", 0, HOUR - 1, 1, 4), ("1", HOUR, 3 * HOUR - 1, 5, 6)]);
        assert_eq!(in_hours(earlier.gone_in(&later)), [(1, 2)]);
        assert_eq!(earlier.gone_in(&Parts(None)), [EVER]);
    }
}
