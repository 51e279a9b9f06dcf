//! The course of all hurts: when each begins, is repaired, and is over.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::expectation::Expected;
use super::hurts::{After, Hurt, Scene};
use super::journal::{History, Journal};
use super::receiver::Receiver;
use crate::interrupt;
use crate::progress::seconds;

/// Longest time until an alert fires, or is resolved; the longest real ones take eleven minutes.
const PATIENCE: Duration = Duration::from_secs(1200);
/// Pause between two looks.
const INTERVAL: Duration = Duration::from_secs(1);
/// How often it is said what is awaited.
const REPORT: Duration = Duration::from_secs(60);

/// How far a hurt has come.
#[derive(Debug, Clone, Copy)]
enum Phase {
    Waiting,
    Hurt { begun: Instant },
    Repaired { begun: Instant, repaired: Instant },
    Over { begun: Instant, repaired: Instant },
}

/// A hurt with its course so far.
pub(super) struct Course {
    pub(super) hurt: Hurt,
    phase: Phase,
}

/// What became of an expected alert.
pub(super) struct Outcome<'o> {
    pub(super) expected: &'o Expected,
    /// The alert that fired first, and how many such alerts fired.
    pub(super) first: Option<(&'o History, usize)>,
    pub(super) fired_after: Option<Duration>,
    pub(super) resolved_after: Option<Duration>,
}

impl Course {
    pub(super) fn of(hurt: Hurt) -> Self {
        Self { hurt, phase: Phase::Waiting }
    }

    /// The alerts whose ends are seen at copies of them.
    pub(super) fn needed_copies(&self) -> impl Iterator<Item = &'static str> {
        self.hurt.expected.iter().filter(|expected| expected.ends_as_copy).map(|expected| expected.pattern.alert)
    }

    fn begun(&self) -> Option<Instant> {
        match self.phase {
            Phase::Waiting => None,
            Phase::Hurt { begun } | Phase::Repaired { begun, .. } | Phase::Over { begun, .. } => Some(begun),
        }
    }

    fn repaired(&self) -> Option<Instant> {
        match self.phase {
            Phase::Waiting | Phase::Hurt { .. } => None,
            Phase::Repaired { repaired, .. } | Phase::Over { repaired, .. } => Some(repaired),
        }
    }

    fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Over { .. })
    }

    /// What became of each expected alert.
    pub(super) fn outcomes<'o>(&'o self, journal: &'o Journal) -> impl Iterator<Item = Outcome<'o>> {
        self.hurt.expected.iter().map(|expected| {
            let begun = self.begun();
            let since = |as_copy: bool| {
                let matching = journal.histories().iter().filter(move |it| expected.matches(&it.labels, as_copy));
                matching.filter(move |history| begun.is_some_and(|begun| history.fired >= begun))
            };
            let first = since(false).min_by_key(|history| history.fired);
            // All of them must be resolved.
            let resolved: Option<Vec<Instant>> = since(expected.ends_as_copy).map(|history| history.resolved).collect();
            let last = resolved.and_then(|resolved| resolved.into_iter().max());
            Outcome {
                expected,
                first: first.map(|first| (first, since(false).count())),
                fired_after: first.zip(begun).map(|(first, begun)| first.fired - begun),
                // It may be over before it is repaired.
                resolved_after: last
                    .zip(self.repaired())
                    .map(|(last, repaired)| last.saturating_duration_since(repaired)),
            }
        })
    }

    /// Whether an alert is one that this hurt must or may lead to; with the reason if it only may.
    pub(super) fn explains(&self, history: &History) -> Option<Option<&'static str>> {
        if self.begun().is_none_or(|begun| history.fired < begun) {
            return None;
        }
        if self.hurt.expected.iter().any(|expected| expected.pattern.matches(&history.labels)) {
            return Some(None);
        }
        let side_effect = self.hurt.side_effects.iter().find(|effect| effect.pattern.matches(&history.labels))?;
        Some(Some(side_effect.reason))
    }
}

/// Lets all hurts take their courses. Those that take too long are given up.
pub(super) fn run(
    courses: &mut [Course],
    scene: &mut Scene<'_>,
    receiver: &Receiver,
    journal: &mut Journal,
) -> Result<()> {
    let begun = Instant::now();
    let mut reported = begun;
    while !courses.iter().all(Course::is_over) {
        scene.prometheus.check()?;
        scene.system.check()?;
        for place in 0..courses.len() {
            tell_news(journal, receiver, begun);
            advance(courses, place, scene, journal)?;
        }
        if reported.elapsed() > REPORT {
            reported = Instant::now();
            eprintln!("  {:>11}  awaited: {}", seconds(begun.elapsed()), awaited(courses, journal));
        }
        let next = Instant::now() + INTERVAL;
        while Instant::now() < next {
            interrupt::pause()?;
        }
    }
    Ok(())
}

/// Takes the next step of a hurt, if it is due.
fn advance(courses: &mut [Course], place: usize, scene: &mut Scene<'_>, journal: &Journal) -> Result<()> {
    let course = &courses[place];
    let phase = match course.phase {
        Phase::Waiting => {
            if !may_begin(course, courses) {
                return Ok(());
            }
            eprintln!("▸ {}: {}", course.hurt.name, course.hurt.what);
            let begun = Instant::now();
            (course.hurt.hurt)(scene)?;
            Phase::Hurt { begun }
        }
        Phase::Hurt { begun } => {
            let have_fired = course.outcomes(journal).all(|outcome| outcome.fired_after.is_some());
            if !have_fired && begun.elapsed() < PATIENCE {
                return Ok(());
            }
            (course.hurt.repair)(scene)?;
            eprintln!("▸ {}: repaired", course.hurt.name);
            Phase::Repaired { begun, repaired: Instant::now() }
        }
        Phase::Repaired { begun, repaired } => {
            let are_resolved = course.outcomes(journal).all(|outcome| outcome.resolved_after.is_some());
            if !are_resolved && repaired.elapsed() < PATIENCE {
                return Ok(());
            }
            let how = if are_resolved { "over" } else { "given up" };
            eprintln!("✓ {}: {how} ({})", course.hurt.name, seconds(begun.elapsed()));
            Phase::Over { begun, repaired }
        }
        Phase::Over { .. } => return Ok(()),
    };
    courses[place].phase = phase;
    Ok(())
}

fn may_begin(course: &Course, courses: &[Course]) -> bool {
    let is = |name: &str, state: fn(&Course) -> bool| courses.iter().any(|it| it.hurt.name == name && state(it));
    course.hurt.after.iter().all(|after| match after {
        After::Repaired(name) => is(name, |course| course.repaired().is_some()),
        After::Over(name) => is(name, Course::is_over),
    })
}

fn tell_news(journal: &mut Journal, receiver: &Receiver, begun: Instant) {
    for place in journal.read(receiver) {
        let Some(history) = journal.histories().get(place) else { continue };
        let (at, what) = history.resolved.map_or((history.fired, "fires"), |resolved| (resolved, "is over"));
        let after = seconds(at.saturating_duration_since(begun));
        eprintln!("  {after:>11}  {} {what} ({})", history.name(), history.told_by());
    }
}

/// What is awaited, for the user.
fn awaited(courses: &[Course], journal: &Journal) -> String {
    let mut all = Vec::new();
    for course in courses {
        let outcomes = course.outcomes(journal).filter(|outcome| match course.phase {
            Phase::Hurt { .. } => outcome.fired_after.is_none(),
            Phase::Repaired { .. } => outcome.resolved_after.is_none(),
            Phase::Waiting | Phase::Over { .. } => false,
        });
        let what = if course.repaired().is_some() { "the end of " } else { "" };
        all.extend(outcomes.map(|outcome| format!("{what}{}", outcome.expected.pattern.alert)));
    }
    all.join(", ")
}
