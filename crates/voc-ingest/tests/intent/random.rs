//! Long random interleavings of larger systems.

use std::collections::BTreeSet;

use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{TestError, TestRng, TestRunner},
};

use crate::{
    checker::counterexample,
    model::{
        DOUBLED,
        Fate::{self, DeadLetter, Row},
        LOST, Model, SAFEGUARDS, Safeguard, System,
        TornInsert::{RowsWithoutToken, TokenWithoutRows},
    },
    steps::{PARTS, Step},
};

/// A system and the choices that drive it.
fn runs(without: Option<Safeguard>) -> impl Strategy<Value = (Model, Vec<u32>)> {
    let fate = prop_oneof![4 => (0..PARTS).prop_map(Row), 1 => Just(DeadLetter)];
    (vec(fate, 1..30), 1_usize..5, 0_u8..4, vec(any::<u32>(), 0..800)).prop_map(
        move |(log, processes, engine_deaths, choices)| {
            let torn_inserts = &[TokenWithoutRows, RowsWithoutToken];
            (Model { log, processes, engine_deaths, torn_inserts, without }, choices)
        },
    )
}

/// Whatever has happened: at the end the owner finishes, and each record has had exactly one fate.
fn each_record_has_exactly_one_fate((model, choices): (Model, Vec<u32>)) -> Result<(), TestCaseError> {
    let mut run = Run::new(model);
    for choice in choices {
        run.any_step(choice)?;
    }
    run.finish()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

    #[test]
    fn the_protocol_holds(run in runs(None)) {
        each_record_has_exactly_one_fate(run)?;
    }
}

#[test]
fn random_runs_detect_every_missing_step() {
    for without in SAFEGUARDS {
        let config = ProptestConfig {
            cases: 20_000,
            // One is enough.
            max_shrink_iters: 0,
            failure_persistence: None,
            ..ProptestConfig::default()
        };
        let seeded = TestRng::deterministic_rng(config.rng_algorithm);
        let found =
            TestRunner::new_with_rng(config, seeded).run(&runs(Some(without)), each_record_has_exactly_one_fate);
        let Err(TestError::Fail(reason, _)) = found else { panic!("no run fails without {without:?}") };
        assert!([LOST, DOUBLED].iter().any(|violation| reason.message().contains(violation)), "{reason}");
    }
}

struct Run {
    model: Model,
    system: System,
    taken: Vec<Step>,
}

impl Run {
    fn new(model: Model) -> Self {
        Self { system: model.start(), model, taken: Vec::new() }
    }

    /// A possible step; with a probability of 3/4 one that is not a fault. Every kind of step is equally likely.
    fn any_step(&mut self, choice: u32) -> Result<(), TestCaseError> {
        let mut possible = self.possible();
        if !choice.is_multiple_of(4) && possible.iter().any(|step| !step.is_fault()) {
            possible.retain(|step| !step.is_fault());
        }
        let kinds: BTreeSet<_> = possible.iter().map(|step| step.kind()).collect();
        let choice = (choice / 4) as usize;
        let kind = kinds.iter().nth(choice % kinds.len());
        possible.retain(|step| kind == Some(&step.kind()));
        self.take(possible[choice / kinds.len() % possible.len()])
    }

    /// Zombies end, inserts in flight land, and an owner continues to the end of the log.
    fn finish(&mut self) -> Result<(), TestCaseError> {
        while let Some(zombie) = self.system.lanes.iter().position(|lane| !self.system.owns(lane)) {
            self.take(Step::Death { lane: u8::try_from(zombie).expect("there are few lanes") })?;
        }
        if self.system.lanes.is_empty() {
            self.take(Step::TakeOver)?;
        }
        while !self.model.is_quiet(&self.system) {
            let possible = self.possible();
            // A lost insert is never answered, so the lane must stop waiting.
            let step = possible.iter().rfind(|step| !step.is_fault());
            let Some(step) = step.or(possible.iter().find(|step| matches!(step, Step::Doubt { .. }))) else {
                return Err(self.failure("the owner cannot continue".to_owned()));
            };
            self.take(*step)?;
        }
        Ok(())
    }

    fn possible(&self) -> Vec<Step> {
        let mut possible = Vec::new();
        self.model.steps(&self.system, &mut possible);
        possible
    }

    fn take(&mut self, step: Step) -> Result<(), TestCaseError> {
        self.system = self.model.after(&self.system, step);
        self.taken.push(step);
        match self.model.violation(&self.system) {
            Some(violation) => Err(self.failure(violation)),
            None => Ok(()),
        }
    }

    fn failure(&self, violation: String) -> TestCaseError {
        let log: &[Fate] = &self.model.log;
        TestCaseError::fail(format!("{log:?}\n{}", counterexample(&self.model, violation, &self.taken).trace))
    }
}
