//! Explores the states of a model breadth-first.

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    fmt::Write as _,
};

use crate::{
    model::{Model, System, TornInsert},
    steps::Step,
};

/// The results.
pub(crate) struct Exploration {
    /// Number of distinct states.
    pub(crate) states: usize,
    /// Number of steps, including those to known states.
    pub(crate) steps: usize,
    /// Length of the shortest path to the farthest state.
    pub(crate) depth: usize,
    /// Number of states with the log consumed and nothing in flight.
    pub(crate) ends: usize,
    /// Steps by their kind.
    pub(crate) kinds: BTreeMap<&'static str, usize>,
    /// Number of states from which no such state can be reached.
    pub(crate) stuck: usize,
}

/// A shortest path to an invalid state.
pub(crate) struct Counterexample {
    pub(crate) violation: String,
    pub(crate) steps: usize,
    /// The path, one step per line.
    pub(crate) trace: String,
}

/// Explores all states. After expanding a state, keeps only its fingerprint and how it was reached.
pub(crate) fn explore(model: &Model) -> Result<Exploration, Counterexample> {
    let start = model.start();
    let mut known = HashMap::from([(start.fingerprint(), 0_u32)]);
    let mut reached_by: Vec<Option<(u32, Step)>> = vec![None];
    let mut edges: Vec<(u32, u32)> = Vec::new();
    let mut ends: Vec<u32> = Vec::new();
    let mut kinds = BTreeMap::new();
    let mut frontier = vec![(0_u32, start)];
    let mut depth = 0;
    let mut possible = Vec::new();
    loop {
        let mut next = Vec::new();
        for (state, system) in &frontier {
            model.steps(system, &mut possible);
            for &step in &possible {
                *kinds.entry(step.kind()).or_default() += 1;
                let after = model.after(system, step);
                let new = u32::try_from(reached_by.len()).expect("the states are countable");
                let reached = match known.entry(after.fingerprint()) {
                    Entry::Occupied(entry) => *entry.get(),
                    Entry::Vacant(entry) => {
                        entry.insert(new);
                        reached_by.push(Some((*state, step)));
                        if let Some(violation) = model.violation(&after) {
                            return Err(counterexample(model, violation, &path(&reached_by, new)));
                        }
                        if model.is_quiet(&after) {
                            ends.push(new);
                        }
                        next.push((new, after));
                        new
                    }
                };
                edges.push((reached, *state));
            }
        }
        if next.is_empty() {
            break;
        }
        depth += 1;
        frontier = next;
    }
    let states = reached_by.len();
    let stuck = states - count_reachable(states, &mut edges, &ends);
    Ok(Exploration { states, steps: edges.len(), depth, ends: ends.len(), kinds, stuck })
}

/// Counts the states reachable from some states.
fn count_reachable(states: usize, edges: &mut [(u32, u32)], from: &[u32]) -> usize {
    edges.sort_unstable();
    let mut reached = vec![false; states];
    let mut waiting = from.to_vec();
    let mut count = 0;
    while let Some(state) = waiting.pop() {
        if std::mem::replace(&mut reached[state as usize], true) {
            continue;
        }
        count += 1;
        let first = edges.partition_point(|edge| edge.0 < state);
        waiting.extend(edges[first..].iter().take_while(|edge| edge.0 == state).map(|edge| edge.1));
    }
    count
}

fn path(reached_by: &[Option<(u32, Step)>], mut state: u32) -> Vec<Step> {
    let mut steps = Vec::new();
    while let Some((before, step)) = reached_by[state as usize] {
        steps.push(step);
        state = before;
    }
    steps.reverse();
    steps
}

/// Formats a path to a violation.
pub(crate) fn counterexample(model: &Model, violation: String, steps: &[Step]) -> Counterexample {
    let mut system = model.start();
    let mut trace = String::new();
    for (step, number) in steps.iter().zip(1..) {
        let text = describe(model, &system, *step);
        system = model.after(&system, *step);
        writeln!(trace, "{number:>3}. {text:<58} │ {system}").expect("a string takes text");
    }
    write!(trace, "     {violation}").expect("a string takes text");
    Counterexample { violation, steps: steps.len(), trace }
}

fn describe(model: &Model, system: &System, step: Step) -> String {
    let of = |lane: u8| {
        let lane = &system.lanes[usize::from(lane)];
        format!("{} {}", if system.owns(lane) { "owner" } else { "zombie" }, lane.generation)
    };
    match step {
        Step::TakeOver => format!("a process takes over: generation {}", system.generation + 1),
        Step::Death { lane } => format!("{} dies", of(lane)),
        Step::Cut { lane, last } => {
            format!("{} cuts {}-{last}", of(lane), system.lanes[usize::from(lane)].position)
        }
        Step::Commit { lane } => format!("{} commits", of(lane)),
        Step::CommitUnanswered { lane } => format!("{} commits and does not learn of it", of(lane)),
        Step::CommitDelayed { lane } => format!("{} commits and gives up waiting", of(lane)),
        Step::DelayedCommit => "that commit arrives".to_owned(),
        Step::CommitRefused { lane } => format!("{}: commit refused, lane ends", of(lane)),
        Step::UnansweredDeadLetter { lane, offset } => {
            format!("{} delivers dead letter {offset} and does not learn of it", of(lane))
        }
        Step::DeadLetters { lane } => format!("{} delivers its dead letters", of(lane)),
        Step::ReadBack { lane } => format!("{} reads back", of(lane)),
        Step::Send { lane } => format!("{} sends its rows", of(lane)),
        Step::Answer { lane } => format!("{} is told that they are stored", of(lane)),
        Step::Doubt { lane } => format!("{} gives up waiting", of(lane)),
        Step::Land { insert } => format!("{} lands", system.under_way[usize::from(insert)]),
        Step::Lose { insert } => format!("{} is lost", system.under_way[usize::from(insert)]),
        Step::EngineDeath { mut outcome } => {
            let mut text = "the engine dies".to_owned();
            for insert in &system.under_way {
                match model.torn_insert(outcome) {
                    Some(TornInsert::TokenWithoutRows) => text += &format!("; {insert}: token without rows"),
                    Some(TornInsert::RowsWithoutToken) => text += &format!("; {insert}: rows without token"),
                    None => {}
                }
                outcome /= model.outcomes();
            }
            text
        }
    }
}
