//! Each step of the protocol is necessary: without it, some interleaving loses or doubles records.

use crate::{
    checker::explore,
    model::{
        DOUBLED,
        Fate::{DeadLetter, Row},
        LOST, Model, Safeguard,
        TornInsert::{self, RowsWithoutToken, TokenWithoutRows},
    },
};

#[test]
fn without_the_intent_before_the_insert() {
    fails(Safeguard::IntentBeforeInsert, &[], DOUBLED);
}

#[test]
fn without_the_token() {
    fails(Safeguard::Token, &[], DOUBLED);
}

#[test]
fn without_the_fence() {
    fails(Safeguard::Fence, &[], DOUBLED);
}

#[test]
fn without_the_inherited_batch() {
    fails(Safeguard::OwedBatch, &[], DOUBLED);
}

#[test]
fn without_the_drain() {
    fails(Safeguard::Drain, &[], LOST);
}

#[test]
fn without_dead_letters_before_the_commit() {
    fails(Safeguard::DeadLettersBeforeCommit, &[], LOST);
}

#[test]
fn without_the_read_back_from_an_engine_that_writes_the_token_first() {
    fails(Safeguard::ReadBack, &[TokenWithoutRows], LOST);
}

#[test]
fn without_the_read_back_from_an_engine_that_writes_the_rows_first() {
    fails(Safeguard::ReadBack, &[RowsWithoutToken], DOUBLED);
}

#[test]
fn without_the_session_of_the_declaration() {
    fails(Safeguard::SessionOfDeclaration, &[RowsWithoutToken], DOUBLED);
}

#[test]
fn without_the_session_of_the_read_back() {
    fails(Safeguard::SessionOfReadBack, &[RowsWithoutToken], DOUBLED);
}

#[test]
fn without_the_order_of_commits() {
    fails(Safeguard::CommitOrder, &[], DOUBLED);
}

/// Only the missing step makes the difference.
#[test]
fn with_all_of_them() {
    for torn_inserts in [&[] as &[TornInsert], &[TokenWithoutRows], &[RowsWithoutToken]] {
        let found = explore(&model(None, torn_inserts));
        assert!(found.is_ok(), "the protocol itself fails with {torn_inserts:?}");
    }
}

#[track_caller]
fn fails(without: Safeguard, torn_inserts: &'static [TornInsert], expected: &str) {
    let Err(found) = explore(&model(Some(without), torn_inserts)) else {
        panic!("the protocol holds without {without:?}");
    };
    println!("without {without:?}, {} steps:\n{}\n", found.steps, found.trace);
    assert!(found.violation.contains(expected), "{}", found.violation);
}

fn model(without: Option<Safeguard>, torn_inserts: &'static [TornInsert]) -> Model {
    Model { log: vec![Row(0), Row(1), DeadLetter], processes: 2, engine_deaths: 1, torn_inserts, without }
}
