//! The steps of the system: which are possible, and their effects.

use voc_ingest::{Attempt, Intent};

use crate::{
    lane::{Lane, Work},
    model::{Insert, Model, Rows, Safeguard, System, Token, TornInsert},
};

/// A step. Lanes and inserts are identified by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// A process without a lane becomes the owner.
    TakeOver,
    /// The process of a lane dies, or learns that it lost the partition.
    Death { lane: u8 },
    /// A lane cuts a batch.
    Cut { lane: u8, last: u8 },
    /// The due commit succeeds, and the lane is informed.
    Commit { lane: u8 },
    /// The due commit succeeds, and the lane is not informed.
    CommitUnanswered { lane: u8 },
    /// The due commit is delayed, and the lane stops waiting for it.
    CommitDelayed { lane: u8 },
    /// The delayed commit arrives.
    DelayedCommit,
    /// The due commit is refused, and the lane ends.
    CommitRefused { lane: u8 },
    /// One dead letter of the batch is delivered, and the lane is not informed.
    UnansweredDeadLetter { lane: u8, offset: u8 },
    /// All dead letters of the batch are delivered.
    DeadLetters { lane: u8 },
    /// The lane reads back which part of its batch is stored.
    ReadBack { lane: u8 },
    /// The lane sends rows, each part separately.
    Send { lane: u8 },
    /// The lane is informed that all of them are stored.
    Answer { lane: u8 },
    /// The lane stops waiting for the answer.
    Doubt { lane: u8 },
    /// An insert reaches the store.
    Land { insert: u8 },
    /// An insert is lost.
    Lose { insert: u8 },
    /// The engine dies. Each digit of the outcome encodes what remains of an insert in flight: nothing, or one of the
    /// torn inserts.
    EngineDeath { outcome: u16 },
}

impl Step {
    /// Whether the step is a fault.
    pub(crate) fn is_fault(self) -> bool {
        matches!(
            self,
            Self::TakeOver
                | Self::Death { .. }
                | Self::CommitUnanswered { .. }
                | Self::CommitDelayed { .. }
                | Self::DelayedCommit
                | Self::UnansweredDeadLetter { .. }
                | Self::Doubt { .. }
                | Self::Lose { .. }
                | Self::EngineDeath { .. }
        )
    }

    /// The kind of step, for counting.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::TakeOver => "take over",
            Self::Death { .. } => "death",
            Self::Cut { .. } => "cut",
            Self::Commit { .. } => "commit",
            Self::CommitUnanswered { .. } => "commit unanswered",
            Self::CommitDelayed { .. } => "commit delayed",
            Self::DelayedCommit => "delayed commit",
            Self::CommitRefused { .. } => "commit refused",
            Self::UnansweredDeadLetter { .. } => "dead letter unanswered",
            Self::DeadLetters { .. } => "dead letters",
            Self::ReadBack { .. } => "read-back",
            Self::Send { .. } => "send",
            Self::Answer { .. } => "answer",
            Self::Doubt { .. } => "doubt",
            Self::Land { .. } => "land",
            Self::Lose { .. } => "lose",
            Self::EngineDeath { .. } => "engine death",
        }
    }
}

impl Model {
    /// The possible steps.
    pub(crate) fn steps(&self, system: &System, steps: &mut Vec<Step>) {
        steps.clear();
        if system.lanes.len() < self.processes {
            steps.push(Step::TakeOver);
        }
        if system.delayed_commit.is_some() {
            steps.push(Step::DelayedCommit);
        }
        for (lane, index) in system.lanes.iter().zip(0_u8..) {
            steps.push(Step::Death { lane: index });
            self.lane_steps(system, lane, index, steps);
        }
        let inserts = u8::try_from(system.under_way.len()).expect("few inserts are under way");
        for insert in 0..inserts {
            steps.push(Step::Land { insert });
            steps.push(Step::Lose { insert });
        }
        if system.engine_deaths < self.engine_deaths {
            let outcomes = self.outcomes().saturating_pow(u32::from(inserts));
            steps.extend((1..outcomes).map(|outcome| Step::EngineDeath { outcome }));
        }
    }

    fn lane_steps(&self, system: &System, lane: &Lane, index: u8, steps: &mut Vec<Step>) {
        let offset = |offset: i64| u8::try_from(offset).expect("a log is short");
        if lane.commit().is_some() {
            if system.owns(lane) || !self.keeps(Safeguard::Fence) {
                steps.extend([Step::Commit { lane: index }, Step::CommitUnanswered { lane: index }]);
                if system.delayed_commit.is_none() && !self.keeps(Safeguard::CommitOrder) {
                    steps.push(Step::CommitDelayed { lane: index });
                }
            } else {
                steps.push(Step::CommitRefused { lane: index });
            }
        }
        match lane.work {
            Work::Idle => {
                let ends = lane.protocol.inherited_batch().map_or(lane.position..self.end(), |inherited_batch| {
                    inherited_batch.last..inherited_batch.last + 1
                });
                steps.extend(ends.map(|last| Step::Cut { lane: index, last: offset(last) }));
            }
            Work::Declaring { .. } => {}
            Work::DeadLetters { batch } => {
                steps.push(Step::DeadLetters { lane: index });
                let missing = self.dead_letters(batch) & !system.dead_letters;
                let missing = (batch.first..=batch.last).filter(|offset| missing & (1 << offset) != 0);
                steps.extend(
                    missing.map(|dead_letter| Step::UnansweredDeadLetter { lane: index, offset: offset(dead_letter) }),
                );
            }
            Work::ReadBack { .. } => steps.push(Step::ReadBack { lane: index }),
            Work::Ready { .. } => steps.push(Step::Send { lane: index }),
            Work::Sent { batch, rows, retry, attempt } => {
                let known = |insert: Insert| system.tokens.binary_search(&insert.token).is_ok();
                if !self.keeps(Safeguard::Drain) || self.parts(batch, rows, retry, attempt).all(known) {
                    steps.push(Step::Answer { lane: index });
                }
                steps.push(Step::Doubt { lane: index });
            }
        }
    }

    /// The state after a possible step.
    pub(crate) fn after(&self, before: &System, step: Step) -> System {
        let mut system = before.clone();
        match step {
            Step::TakeOver => {
                system.generation += 1;
                let intent = system.committed.intent.filter(|_| self.keeps(Safeguard::OwedBatch));
                system.lanes.push(Lane::take_over(system.generation, system.committed, intent));
            }
            Step::Death { lane } | Step::CommitRefused { lane } => drop(system.lanes.remove(usize::from(lane))),
            Step::Cut { lane, last } => self.cut(&mut system.lanes[usize::from(lane)], i64::from(last)),
            Step::Commit { lane } => self.commit(&mut system, usize::from(lane)),
            Step::CommitUnanswered { lane } => {
                system.committed = system.lanes[usize::from(lane)].commit().expect("a commit is due");
            }
            Step::CommitDelayed { lane } => {
                let lane = &system.lanes[usize::from(lane)];
                system.delayed_commit = lane.commit().map(|commit| (lane.generation, commit));
            }
            Step::DelayedCommit => {
                let (generation, commit) = system.delayed_commit.take().expect("a commit is delayed");
                if generation == system.generation {
                    system.committed = commit;
                }
            }
            Step::UnansweredDeadLetter { offset, .. } => system.dead_letters |= 1 << offset,
            Step::DeadLetters { lane } => {
                let lane = &mut system.lanes[usize::from(lane)];
                let batch = lane.delivering().expect("a batch is declared");
                system.dead_letters |= self.dead_letters(batch);
                self.insert(lane, batch);
            }
            Step::ReadBack { lane } => read_back(self, &mut system, usize::from(lane)),
            Step::Send { lane } => self.send(&mut system, usize::from(lane)),
            Step::Answer { lane } => self.answer(&mut system.lanes[usize::from(lane)]),
            Step::Doubt { lane } => self.doubt(&mut system.lanes[usize::from(lane)]),
            Step::Land { insert } => {
                let insert = system.under_way.remove(usize::from(insert));
                system.store_rows(insert.rows);
                system.remember(insert.token);
            }
            Step::Lose { insert } => drop(system.under_way.remove(usize::from(insert))),
            Step::EngineDeath { outcome } => self.engine_death(&mut system, outcome),
        }
        system
    }

    fn cut(&self, lane: &mut Lane, last: i64) {
        let batch = Intent { first: lane.position, last };
        let due = lane.protocol.cut(batch).expect("no batch is under way, and an inherited batch is cut first");
        lane.position = last + 1;
        match due {
            Some(commit) if self.keeps(Safeguard::IntentBeforeInsert) => lane.work = Work::Declaring { batch, commit },
            Some(_) => {
                lane.protocol.declared().expect("a batch was cut");
                self.deliver(lane, batch);
            }
            None => self.deliver(lane, batch),
        }
    }

    fn commit(&self, system: &mut System, index: usize) {
        let lane = &mut system.lanes[index];
        system.committed = lane.commit().expect("a commit is due");
        if let Work::Declaring { batch, .. } = lane.work {
            lane.protocol.declared().expect("a batch was cut");
            self.deliver(lane, batch);
        } else {
            lane.protocol.completed().expect("a batch was stored");
        }
    }

    /// Begins with a declared batch.
    fn deliver(&self, lane: &mut Lane, batch: Intent) {
        if self.dead_letters(batch) != 0 && self.keeps(Safeguard::DeadLettersBeforeCommit) {
            lane.work = Work::DeadLetters { batch };
        } else {
            self.insert(lane, batch);
        }
    }

    /// Begins with the rows of a declared batch.
    fn insert(&self, lane: &mut Lane, batch: Intent) {
        let rows = self.rows(batch);
        if rows == 0 {
            lane.stored();
        } else if lane.protocol.attempt() == Some(Attempt::Again) && self.keeps(Safeguard::ReadBack) {
            lane.work = Work::ReadBack { batch, retry: 0 };
        } else {
            lane.work = Work::Ready { batch, rows, retry: 0 };
        }
    }

    fn send(&self, system: &mut System, index: usize) {
        let Work::Ready { batch, rows, retry } = system.lanes[index].work else { panic!("no rows are ready") };
        if !self.keeps(Safeguard::Token) {
            system.attempts += 1;
        }
        let attempt = system.attempts;
        for insert in self.parts(batch, rows, retry, attempt) {
            system.send(insert);
        }
        system.lanes[index].work = Work::Sent { batch, rows, retry, attempt };
    }

    fn parts(&self, batch: Intent, rows: Rows, retry: u8, attempt: u16) -> impl Iterator<Item = Insert> {
        let offset = |offset: i64| u8::try_from(offset).expect("a log is short");
        let (first, last) = (offset(batch.first), offset(batch.last));
        (0..PARTS)
            .map(move |part| Insert {
                token: Token { first, last, part, retry, attempt },
                rows: self.part_rows(batch, part) & rows,
            })
            .filter(|insert| insert.rows != 0)
    }

    fn answer(&self, lane: &mut Lane) {
        let Work::Sent { batch, retry, .. } = lane.work else { panic!("no rows were sent") };
        if lane.protocol.attempt() == Some(Attempt::Again) && self.keeps(Safeguard::ReadBack) {
            lane.work = Work::ReadBack { batch, retry: retry + 1 };
        } else {
            lane.stored();
        }
    }

    fn doubt(&self, lane: &mut Lane) {
        let batch = lane.delivering().expect("a batch is declared");
        lane.protocol.doubted().expect("a batch is declared");
        if !matches!(lane.work, Work::DeadLetters { .. }) {
            self.insert(lane, batch);
        }
    }

    fn engine_death(&self, system: &mut System, mut outcome: u16) {
        system.engine_deaths += 1;
        for insert in std::mem::take(&mut system.under_way) {
            match self.torn_insert(outcome) {
                Some(TornInsert::TokenWithoutRows) => system.remember(insert.token),
                Some(TornInsert::RowsWithoutToken) => system.store_rows(insert.rows),
                None => {}
            }
            outcome /= self.outcomes();
        }
        for lane in &mut system.lanes {
            let session_is_broken = match (lane.protocol.attempt(), lane.work) {
                (None, _) => false,
                (_, Work::Sent { .. }) => true,
                (Some(Attempt::First), _) => self.keeps(Safeguard::SessionOfDeclaration),
                (Some(Attempt::Again), _) => self.keeps(Safeguard::SessionOfReadBack),
            };
            if session_is_broken {
                self.doubt(lane);
            }
        }
    }

    /// What a dying engine may leave of one insert.
    pub(crate) fn outcomes(&self) -> u16 {
        u16::try_from(1 + self.torn_inserts.len()).expect("there are two ways to tear an insert")
    }

    /// The meaning of the last digit of an outcome.
    pub(crate) fn torn_insert(&self, outcome: u16) -> Option<TornInsert> {
        let digit = usize::from(outcome % self.outcomes());
        digit.checked_sub(1).map(|index| self.torn_inserts[index])
    }
}

/// Table partitions that rows may belong to.
pub(crate) const PARTS: u8 = 3;

fn read_back(model: &Model, system: &mut System, index: usize) {
    let lane = &mut system.lanes[index];
    let Work::ReadBack { batch, retry } = lane.work else { panic!("no batch is read back") };
    let rows = model.rows(batch) & !system.stored;
    if rows == 0 {
        lane.stored();
    } else {
        lane.work = Work::Ready { batch, rows, retry };
    }
}
