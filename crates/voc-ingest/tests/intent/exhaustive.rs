//! Every interleaving of small systems.

use std::time::Instant;

use crate::{
    checker::explore,
    model::{
        Fate::{self, DeadLetter, Row},
        Model,
        TornInsert::{self, RowsWithoutToken, TokenWithoutRows},
    },
};

#[test]
fn an_owner_and_a_zombie() {
    holds("an owner and a zombie", vec![Row(0), Row(1), DeadLetter, Row(0), Row(1), DeadLetter, Row(0)], 2, 0);
}

#[test]
fn an_owner_and_two_zombies() {
    holds("an owner and two zombies", vec![Row(0), Row(1), DeadLetter, Row(0)], 3, 0);
}

#[test]
fn an_engine_that_dies() {
    holds("an engine that dies", vec![Row(0), Row(1), DeadLetter, Row(0), Row(1)], 2, 1);
}

#[test]
fn an_engine_that_dies_twice() {
    holds("an engine that dies twice", vec![Row(0), Row(1), DeadLetter, Row(0)], 2, 2);
}

#[test]
fn an_engine_that_dies_under_two_zombies() {
    holds("an engine that dies under two zombies", vec![Row(0), Row(1), DeadLetter], 3, 1);
}

/// Minimum number of states of each system; a model with fewer has stopped exploring.
const AT_LEAST: usize = 200_000;

const BOTH: &[TornInsert] = &[TokenWithoutRows, RowsWithoutToken];

#[track_caller]
fn holds(name: &str, log: Vec<Fate>, processes: usize, engine_deaths: u8) {
    let model = Model { log, processes, engine_deaths, torn_inserts: BOTH, without: None };
    let started = Instant::now();
    let found = match explore(&model) {
        Ok(found) => found,
        Err(counterexample) => panic!("{name}:\n{}", counterexample.trace),
    };
    println!(
        "{name}: all {} states to depth {}, {} steps, {} ends, in {:.1} s",
        found.states,
        found.depth,
        found.steps,
        found.ends,
        started.elapsed().as_secs_f64()
    );
    assert_eq!(found.stuck, 0, "from every state, the end of the log can be reached");
    assert!(found.states >= AT_LEAST, "only {} states were explored", found.states);
    assert!(found.ends > 0, "the end of the log was never reached");
    let kinds = 14 + usize::from(engine_deaths > 0);
    assert_eq!(found.kinds.len(), kinds, "some kind of step was never taken: {:?}", found.kinds);
}
