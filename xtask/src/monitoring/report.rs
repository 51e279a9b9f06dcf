//! The table at the end.

use std::time::Duration;

use super::course::{Course, Outcome};
use super::faster::{FASTER, LABEL};
use super::journal::Journal;
use crate::product;
use crate::progress::seconds;

/// Prints what became of every expected alert, and of all others; returns the number of failures.
pub(super) fn print(courses: &[Course], journal: &Journal) -> usize {
    let mut failures = 0;
    println!("\n{:<66} {:<11} {:>12} {:>15}", "alert", "hurt", "fired after", "resolved after");
    for course in courses {
        for outcome in course.outcomes(journal) {
            failures += usize::from(!print_outcome(course.hurt.name, &outcome));
        }
    }
    println!(
        "\n* The alert fires as it is shipped, and would be resolved long after the repair. So its end is awaited at a \
         copy\n  whose times are {FASTER} times shorter."
    );
    failures + print_others(courses, journal)
}

/// Prints an outcome; returns whether it is as it must be.
fn print_outcome(hurt: &str, outcome: &Outcome<'_>) -> bool {
    let time = |time: Option<Duration>| time.map_or_else(|| "never".to_owned(), seconds);
    let mark = if outcome.expected.ends_as_copy { "*" } else { " " };
    let (fired, resolved) = (time(outcome.fired_after), time(outcome.resolved_after));
    println!("{:<66} {hurt:<11} {fired:>12} {resolved:>14}{mark}", outcome.expected.pattern.to_string());
    let mut is_right = outcome.fired_after.is_some() && outcome.resolved_after.is_some();
    if let Some((alert, count)) = outcome.first {
        let others = if count > 1 { format!(" (and {} more)", count - 1) } else { String::new() };
        let runbook = alert.annotation("runbook_url");
        let is_there = product::root().join(runbook).is_file();
        let missing = if is_there { "" } else { " (missing)" };
        println!("    {}{others}\n    {runbook}{missing}", alert.annotation("summary"));
        is_right &= is_there && !runbook.is_empty();
    }
    is_right
}

/// Prints alerts that no hurt had to lead to; returns how many none may lead to.
fn print_others(courses: &[Course], journal: &Journal) -> usize {
    let mut unexpected = 0;
    for history in journal.histories() {
        let copy = if history.labels.contains_key(LABEL) { ", a copy" } else { "" };
        let alert = format!("{} ({}{copy})", history.name(), history.told_by());
        let explained: Vec<_> = courses.iter().filter_map(|course| course.explains(history)).collect();
        if explained.contains(&None) {
            continue;
        }
        if let Some(reason) = explained.into_iter().flatten().next() {
            println!("also: {alert}: {reason}");
        } else {
            println!("unexpected: {alert}: {}", history.annotation("summary"));
            unexpected += 1;
        }
    }
    unexpected
}
