//! An oracle that overlooks losses is worthless.

use super::*;
use crate::label::Label;

type Corruption = fn(&mut Case);

const FIRST: Partition = Partition { topic: "chaos.events", number: 0 };
const SECOND: Partition = Partition { topic: "chaos.events", number: 1 };

/// Three events of two series, a resend, a gap, a bad record.
struct Case {
    truth: Truth,
    /// Records found before the rows.
    stored: StoredRecords,
    rows: Vec<(Partition, Row)>,
    dead_letters: DeadLetters,
    dead_letter_rows: DeadLetters,
    merged: MergedCounts,
    merges_resends: bool,
    by_rows: Rollup,
    by_projection: Rollup,
    ledger: BTreeMap<Partition, Account>,
    strict_resends: bool,
}

fn row(offset: i64, series: &str, number: u32) -> Row {
    Row { offset, series: series.to_owned(), number: Some(number) }
}

fn account(stored: u64, dead_lettered: u64, duplicates: u64) -> Account {
    let records = stored + dead_lettered + duplicates;
    Account { records, consumed: records, stored, dead_lettered, duplicates, unbalanced: 0 }
}

impl Case {
    fn good() -> Self {
        let mut truth = Truth::default();
        truth.add(FIRST, 0, Label::Event("acme/call", 1)).unwrap();
        truth.add(FIRST, 1, Label::Poison(1)).unwrap();
        truth.add(FIRST, 3, Label::Event("acme/call", 2)).unwrap();
        truth.add(FIRST, 4, Label::Resend("acme/call", 1)).unwrap();
        truth.add(SECOND, 0, Label::Event("aurora/call", 1)).unwrap();
        let rows =
            vec![(FIRST, row(0, "acme/call", 1)), (FIRST, row(3, "acme/call", 2)), (SECOND, row(0, "aurora/call", 1))];
        let counts: Rollup = [("acme/call/1".to_owned(), 2), ("aurora/call/1".to_owned(), 1)].into();
        Self {
            truth,
            stored: StoredRecords::default(),
            rows,
            dead_letters: [((FIRST, 1), 1)].into(),
            dead_letter_rows: [((FIRST, 1), 1)].into(),
            merged: [((FIRST, "acme/call".to_owned()), (2, 2)), ((SECOND, "aurora/call".to_owned()), (1, 1))].into(),
            merges_resends: true,
            by_rows: counts.clone(),
            by_projection: counts,
            ledger: [(FIRST, account(2, 1, 1)), (SECOND, account(1, 0, 0))].into(),
            strict_resends: false,
        }
    }

    /// Counts of lost and doubled.
    fn judge(self) -> (u64, u64) {
        let verdict = self.verdict();
        assert_eq!(verdict.lost.count > 0, !verdict.lost.examples.is_empty());
        assert_eq!(verdict.doubled.count > 0, !verdict.doubled.examples.is_empty());
        (verdict.lost.count, verdict.doubled.count)
    }

    fn verdict(self) -> Verdict {
        let mut stored = self.stored;
        for (partition, row) in &self.rows {
            stored.add(&self.truth, *partition, std::slice::from_ref(row));
        }
        Verdict::of(&Evidence {
            truth: &self.truth,
            stored: &stored,
            elsewhere: 0,
            dead_letters: &self.dead_letters,
            dead_letter_rows: self.dead_letter_rows,
            merged: self.merged,
            merges_resends: self.merges_resends,
            by_rows: self.by_rows,
            by_projection: self.by_projection,
            ledger: self.ledger,
            strict_resends: self.strict_resends,
        })
    }
}

#[test]
fn a_correct_state_is_clean() {
    let verdict = Case::good().verdict();
    assert!(verdict.is_clean(), "{verdict:?}");
    assert_eq!((verdict.events, verdict.records, verdict.rows, verdict.poison), (3, 4, 3, 1));
    assert_eq!((verdict.resends, verdict.dropped, verdict.stored_again), (1, 1, 0));
    let topic = TopicSum { partitions: 2, records: 4, rows: 3, poison: 1 };
    assert_eq!(verdict.topics, [("chaos.events", topic)].into());
}

#[test]
fn a_missing_event_is_lost() {
    let mut case = Case::good();
    case.rows.pop();
    case.merged.remove(&(SECOND, "aurora/call".to_owned()));
    assert_eq!(case.judge(), (1, 0));
}

#[test]
fn an_event_stored_twice_from_one_record_is_doubled_even_if_a_merge_would_hide_it() {
    let mut case = Case::good();
    case.rows.push((FIRST, row(3, "acme/call", 2)));
    assert_eq!(case.judge(), (0, 1));
}

#[test]
fn a_resent_event_must_be_stored_from_either_record() {
    let mut case = Case::good();
    case.rows[0] = (FIRST, row(4, "acme/call", 1));
    assert_eq!(case.judge(), (0, 0));
    let mut case = Case::good();
    case.rows.remove(0);
    case.merged.insert((FIRST, "acme/call".to_owned()), (1, 1));
    assert_eq!(case.judge(), (1, 0));
}

#[test]
fn a_stored_resend_counts_as_doubled_only_in_strict_mode() {
    for (strict_resends, doubled) in [(false, 0), (true, 1)] {
        let mut case = Case::good();
        case.rows.push((FIRST, row(4, "acme/call", 1)));
        case.strict_resends = strict_resends;
        assert_eq!(case.judge(), (0, doubled));
    }
}

#[test]
fn rows_of_invisible_records_are_doubled() {
    for stray in [
        row(1, "acme/call", 9),
        row(2, "acme/call", 9),
        row(0, "aurora/call", 1),
        row(0, "acme/message", 1),
        row(-1, "acme/call", 1),
        row(99, "acme/call", 1),
    ] {
        let mut case = Case::good();
        case.rows.push((FIRST, stray));
        assert_eq!(case.judge(), (0, 1));
    }
}

#[test]
fn a_bad_record_must_be_a_dead_letter_and_an_event_must_not() {
    let broken: [(Corruption, (u64, u64)); 5] = [
        (|case| case.dead_letters.clear(), (1, 0)),
        (|case| case.dead_letter_rows.clear(), (1, 0)),
        (|case| _ = case.dead_letters.insert((FIRST, 3), 1), (0, 1)),
        (|case| _ = case.dead_letter_rows.insert((FIRST, 3), 1), (0, 1)),
        (|case| _ = case.dead_letter_rows.insert((FIRST, 1), 3), (0, 2)),
    ];
    for (corrupt, verdict) in broken {
        let mut case = Case::good();
        corrupt(&mut case);
        assert_eq!(case.judge(), verdict);
    }
    let mut case = Case::good();
    case.dead_letters.insert((FIRST, 1), 3);
    let verdict = case.verdict();
    assert!(verdict.is_clean());
    assert_eq!(verdict.repeated_dead_letters, 2);
}

#[test]
fn final_must_show_each_event_once() {
    for (found, verdict) in [((1, 1), (1, 0)), ((3, 2), (0, 1)), ((0, 0), (2, 0))] {
        let mut case = Case::good();
        case.merged.insert((FIRST, "acme/call".to_owned()), found);
        assert_eq!(case.judge(), verdict, "{found:?}");
    }
    let mut case = Case::good();
    case.merged.remove(&(FIRST, "acme/call".to_owned()));
    case.merged.insert((SECOND, "acme/call".to_owned()), (2, 2));
    assert_eq!(case.judge(), (2, 2));
}

#[test]
fn without_an_identifier_final_shows_each_record_once() {
    for (merges_resends, doubled) in [(true, 1), (false, 0)] {
        let mut case = Case::good();
        case.rows.push((FIRST, row(4, "acme/call", 1)));
        case.merged.insert((FIRST, "acme/call".to_owned()), (3, 2));
        case.merges_resends = merges_resends;
        assert_eq!(case.judge(), (0, doubled));
    }
}

#[test]
fn a_merged_resend_counts_as_stored_in_the_ledger() {
    let mut case = Case::good();
    case.ledger.insert(FIRST, account(3, 1, 0));
    let mut stored = StoredRecords::default();
    let all = [row(0, "acme/call", 1), row(3, "acme/call", 2), row(4, "acme/call", 1)];
    stored.add(&case.truth, FIRST, &all);
    stored.begin_recheck();
    assert_eq!(stored.rows(FIRST), 0);
    case.stored = stored;
    let verdict = case.verdict();
    assert!(verdict.is_clean(), "{verdict:?}");
    assert_eq!((verdict.rows, verdict.dropped), (3, 1));
}

#[test]
fn the_ledger_must_agree_with_the_log_and_the_rows() {
    let unbalanced = Account { unbalanced: 1, ..account(2, 1, 1) };
    for (found, differences) in
        [(account(3, 1, 0), 2), (account(2, 0, 1), 3), (Account::default(), 12), (unbalanced, 1)]
    {
        let mut case = Case::good();
        case.ledger.insert(FIRST, found);
        let verdict = case.verdict();
        assert_eq!((verdict.lost.count, verdict.doubled.count, verdict.unbalanced.count), (0, 0, differences));
        assert!(!verdict.is_clean());
    }
}

#[test]
fn rollups_must_agree_with_the_rows() {
    for (projected, verdict) in [(1, (1, 0)), (5, (0, 3))] {
        let mut case = Case::good();
        case.by_projection.insert("acme/call/1".to_owned(), projected);
        assert_eq!(case.judge(), verdict);
    }
    let mut case = Case::good();
    case.by_projection.clear();
    assert_eq!(case.judge(), (3, 0));
}
