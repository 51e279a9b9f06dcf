//! The system: a log, a coordinator, the lanes of all processes, a store.

use std::{
    fmt,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use voc_ingest::{DueCommit, Intent};

use crate::lane::{Lane, Work};

/// A set of offsets as bits, so a log has at most 32 records.
pub(crate) type Rows = u32;

/// The intended fate of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// A row in this table partition.
    Row(u8),
    /// A dead letter.
    DeadLetter,
}

/// The parameters of the model.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    /// The records of the log.
    pub(crate) log: Vec<Fate>,
    /// Number of processes that may hold the partition, or believe so, at the same time.
    pub(crate) processes: usize,
    /// Number of times that the engine may die during inserts.
    pub(crate) engine_deaths: u8,
    /// What a dying engine may leave of an insert, apart from nothing.
    pub(crate) torn_inserts: &'static [TornInsert],
    /// The step of the protocol to omit.
    pub(crate) without: Option<Safeguard>,
}

/// What remains of an insert when the engine dies between its two writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TornInsert {
    /// Of an engine that writes the token first.
    TokenWithoutRows,
    /// Of an engine that writes the rows first.
    RowsWithoutToken,
}

/// A violation: rows are in the store more than once.
pub(crate) const DOUBLED: &str = "stored twice";
/// A violation: no owner will read these records again.
pub(crate) const LOST: &str = "committed but neither stored nor dead-lettered";

/// A step of the protocol, or an assumption, without which it is incorrect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Safeguard {
    /// The intent of a batch is committed before it is inserted.
    IntentBeforeInsert,
    /// All attempts at a batch have the same token.
    Token,
    /// Commits of older generations are refused.
    Fence,
    /// A new owner begins with exactly the batch that the commit declares.
    OwedBatch,
    /// A commit that completes a batch waits until its inserts are answered.
    Drain,
    /// A re-insert reads back what is stored.
    ReadBack,
    /// A first attempt uses a session that is older than the declaration of the batch. So no engine has died since,
    /// which could have forgotten the token of a later owner's re-insert.
    SessionOfDeclaration,
    /// The inserts of a re-insert use the session that has read back. So no engine has died in between, which could
    /// have stored missing rows without their token.
    SessionOfReadBack,
    /// Dead letters are delivered before the commit.
    DeadLettersBeforeCommit,
    /// The commits of a lane are applied in order, even those that it stopped waiting for.
    CommitOrder,
}

/// All of them.
pub(crate) const SAFEGUARDS: [Safeguard; 10] = [
    Safeguard::IntentBeforeInsert,
    Safeguard::Token,
    Safeguard::Fence,
    Safeguard::OwedBatch,
    Safeguard::Drain,
    Safeguard::ReadBack,
    Safeguard::SessionOfDeclaration,
    Safeguard::SessionOfReadBack,
    Safeguard::DeadLettersBeforeCommit,
    Safeguard::CommitOrder,
];

/// The token of an insert: the part of a batch, and the number of the retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Token {
    pub(crate) first: u8,
    pub(crate) last: u8,
    pub(crate) part: u8,
    pub(crate) retry: u8,
    /// Differs between attempts only without [`Safeguard::Token`].
    pub(crate) attempt: u16,
}

/// An insert of one part, which is atomic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Insert {
    pub(crate) token: Token,
    pub(crate) rows: Rows,
}

/// A state of the system.
#[derive(Debug, Clone)]
pub(crate) struct System {
    /// Coordinator: the last commit.
    pub(crate) committed: DueCommit,
    /// Coordinator: the generation whose commits it accepts.
    pub(crate) generation: u32,
    /// A commit that its lane stopped waiting for, with its generation; only without [`Safeguard::CommitOrder`].
    pub(crate) delayed_commit: Option<(u32, DueCommit)>,
    /// In the order of their generations.
    pub(crate) lanes: Vec<Lane>,
    /// Inserts sent to the store, sorted. An insert whose token the store knows would change nothing and is not kept.
    pub(crate) under_way: Vec<Insert>,
    /// Tokens that the store knows, sorted.
    pub(crate) tokens: Vec<Token>,
    /// Offsets of the rows in the store.
    pub(crate) stored: Rows,
    /// Offsets of the rows that are in the store more than once.
    pub(crate) doubled: Rows,
    /// Offsets of the delivered dead letters.
    pub(crate) dead_letters: Rows,
    /// Number of deaths of the engine.
    pub(crate) engine_deaths: u8,
    /// Attempts to insert; counted only without [`Safeguard::Token`].
    pub(crate) attempts: u16,
}

impl Model {
    pub(crate) fn start(&self) -> System {
        assert!(self.log.len() < 32, "a set of rows has 32 bits");
        System {
            committed: DueCommit { next_offset: 0, intent: None },
            generation: 0,
            delayed_commit: None,
            lanes: Vec::new(),
            under_way: Vec::new(),
            tokens: Vec::new(),
            stored: 0,
            doubled: 0,
            dead_letters: 0,
            engine_deaths: 0,
            attempts: 0,
        }
    }

    pub(crate) fn keeps(&self, safeguard: Safeguard) -> bool {
        self.without != Some(safeguard)
    }

    /// The offset after the log's last record.
    pub(crate) fn end(&self) -> i64 {
        i64::try_from(self.log.len()).expect("a log is short")
    }

    /// Offsets of a batch's rows.
    pub(crate) fn rows(&self, batch: Intent) -> Rows {
        self.offsets(batch, |fate| fate != Fate::DeadLetter)
    }

    /// Offsets of those of its rows that belong to a table partition.
    pub(crate) fn part_rows(&self, batch: Intent, part: u8) -> Rows {
        self.offsets(batch, |fate| fate == Fate::Row(part))
    }

    /// Offsets of a batch's dead letters.
    pub(crate) fn dead_letters(&self, batch: Intent) -> Rows {
        self.offsets(batch, |fate| fate == Fate::DeadLetter)
    }

    fn offsets(&self, batch: Intent, wanted: impl Fn(Fate) -> bool) -> Rows {
        let mut found = 0;
        for offset in batch.first..=batch.last {
            let index = usize::try_from(offset).expect("offsets are not negative");
            if wanted(self.log[index]) {
                found |= 1 << offset;
            }
        }
        found
    }

    /// Invariants.
    pub(crate) fn violation(&self, system: &System) -> Option<String> {
        if system.doubled != 0 {
            return Some(format!("{DOUBLED}: {}", Offsets(system.doubled)));
        }
        let passed: Rows = (1 << system.committed.next_offset) - 1;
        let lost = passed & !(system.stored | system.dead_letters);
        if lost != 0 {
            return Some(format!("{LOST}: {}", Offsets(lost)));
        }
        if self.is_quiet(system) {
            let log = Intent { first: 0, last: self.end() - 1 };
            if system.stored != self.rows(log) || system.dead_letters != self.dead_letters(log) {
                return Some("at the end of the log, a record has not had its fate".to_owned());
            }
        }
        None
    }

    /// Whether the log is consumed, the only live process owns the partition, and nothing is in flight.
    pub(crate) fn is_quiet(&self, system: &System) -> bool {
        let [lane] = system.lanes.as_slice() else { return false };
        system.committed == DueCommit { next_offset: self.end(), intent: None }
            && system.under_way.is_empty()
            && system.owns(lane)
            && lane.work == Work::Idle
            && lane.commit().is_none()
    }
}

impl System {
    /// Whether the lane's generation is the newest.
    pub(crate) fn owns(&self, lane: &Lane) -> bool {
        lane.generation == self.generation
    }

    /// Adds an insert in flight, unless it would change nothing.
    pub(crate) fn send(&mut self, insert: Insert) {
        if self.tokens.binary_search(&insert.token).is_err()
            && let Err(place) = self.under_way.binary_search(&insert)
        {
            self.under_way.insert(place, insert);
        }
    }

    /// Writes an insert's rows.
    pub(crate) fn store_rows(&mut self, rows: Rows) {
        self.doubled |= self.stored & rows;
        self.stored |= rows;
    }

    /// Stores a token, which voids all other inserts with it.
    pub(crate) fn remember(&mut self, token: Token) {
        if let Err(place) = self.tokens.binary_search(&token) {
            self.tokens.insert(place, token);
        }
        self.under_way.retain(|insert| insert.token != token);
    }

    /// A fingerprint of a state; 64 bits suffice for millions of states.
    ///
    /// Only the order of generations matters, which is the order of the lanes, and whether the newest is alive.
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        let Self {
            committed, lanes, under_way, tokens, stored, doubled, dead_letters, engine_deaths, attempts, ..
        } = self;
        let delayed_commit = self.delayed_commit.map(|(generation, commit)| (generation == self.generation, commit));
        (committed, delayed_commit, under_way, tokens).hash(&mut hasher);
        (stored, doubled, dead_letters, engine_deaths, attempts).hash(&mut hasher);
        for lane in lanes {
            (self.owns(lane), &lane.protocol, lane.position, lane.work).hash(&mut hasher);
        }
        hasher.finish()
    }
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "committed {}", self.committed.next_offset)?;
        if let Some(intent) = self.committed.intent {
            write!(f, " intent {}-{}", intent.first, intent.last)?;
        }
        write!(f, "; stored {}; dead letters {}; under way", Offsets(self.stored), Offsets(self.dead_letters))?;
        for insert in &self.under_way {
            write!(f, " {insert}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Insert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Token { first, last, part, retry, attempt } = self.token;
        write!(f, "{first}-{last}/part-{part}")?;
        if retry > 0 {
            write!(f, "/retry-{retry}")?;
        }
        if attempt > 0 {
            write!(f, "/attempt-{attempt}")?;
        }
        Ok(())
    }
}

/// Displays a set of offsets.
pub(crate) struct Offsets(pub(crate) Rows);

impl fmt::Display for Offsets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        let offsets = (0..Rows::BITS).filter(|offset| self.0 & (1 << offset) != 0);
        for (index, offset) in offsets.enumerate() {
            write!(f, "{}{offset}", if index == 0 { "" } else { " " })?;
        }
        f.write_str("}")
    }
}
