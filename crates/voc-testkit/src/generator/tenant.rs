//! The tenants of the events: companies that differ in size, language, habits and luck.

use std::sync::Arc;

use super::calls::RecentCalls;
use super::conversation::{Language, Mood};
use super::random::Random;

/// How a tenant's producers write timestamps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clock {
    /// `2026-02-02T12:00:00.000Z`
    Utc,
    /// `2026-02-02T09:00:00.000-03:00`
    Brasilia,
    /// `2026-02-02T12:00:00.000`, meant as UTC.
    Naive,
    /// `1770033600000`
    EpochMillis,
}

pub(super) struct Tenant {
    pub(super) id: Arc<str>,
    pub(super) company: &'static str,
    pub(super) clock: Clock,
    /// How many of ten customers speak Portuguese.
    portuguese: u32,
    /// How many of ten customers tend to be in a good and in a neutral mood; the others are in a bad one.
    good: u32,
    neutral: u32,
    /// Tool invocations that fail, per mille.
    pub(super) failures: u32,
    /// Number of the first agent; the others follow.
    first_agent: u32,
    pub(super) calls: RecentCalls,
}

impl Tenant {
    pub(super) fn language(&self, random: &mut Random) -> Language {
        if random.below(10) < self.portuguese { Language::Portuguese } else { Language::English }
    }

    pub(super) fn agent(&self, random: &mut Random) -> u32 {
        self.first_agent + random.below(AGENTS)
    }

    pub(super) fn mood(&self, random: &mut Random) -> Mood {
        match random.below(10) {
            n if n < self.good => Mood::Positive,
            n if n < self.good + self.neutral => Mood::Neutral,
            _ => Mood::Negative,
        }
    }
}

/// The tenants of a run, each with its share of the events.
pub(super) struct Tenants {
    all: Vec<Tenant>,
    /// Sum of the shares up to and including each tenant.
    cumulated: Vec<u32>,
}

impl Tenants {
    /// The first `count` tenants: five with their own characters, followed by ever smaller ones with one of these
    /// characters.
    pub(super) fn new(count: usize) -> Self {
        let all: Vec<_> = (0..count.max(1)).map(tenant).collect();
        let share = |index: usize| SHARES.get(index).copied().unwrap_or_else(|| 1 + 1000 / index as u32);
        let mut sum = 0;
        let cumulated = (0..all.len()).map(|index| {
            sum += share(index);
            sum
        });
        Self { cumulated: cumulated.collect(), all }
    }

    /// A tenant, with a probability equal to its share.
    pub(super) fn pick(&mut self, random: &mut Random) -> &mut Tenant {
        let total = self.cumulated.last().copied().unwrap_or_default();
        let position = random.below(total);
        &mut self.all[self.cumulated.partition_point(|&sum| sum <= position)]
    }
}

/// Agents of each tenant.
const AGENTS: u32 = 24;

/// Relative shares of the five tenants with their own characters.
const SHARES: [u32; 5] = [3600, 2600, 1900, 1200, 700];

fn tenant(index: usize) -> Tenant {
    let (id, company, clock, portuguese, (good, neutral), failures) = match index % SHARES.len() {
        0 => ("acme-telecom", "Acme Telecom", Clock::Utc, 0, (2, 3), 60),
        1 => ("banco-aurora", "Banco Aurora", Clock::Brasilia, 10, (3, 4), 30),
        2 => ("lojas-ipe", "Lojas Ipê", Clock::Utc, 10, (6, 2), 45),
        3 => ("northwind-energy", "Northwind Energy", Clock::EpochMillis, 1, (1, 2), 140),
        _ => ("mediclin", "MediClin", Clock::Naive, 5, (7, 2), 10),
    };
    let id = if index < SHARES.len() { Arc::from(id) } else { Arc::from(format!("tenant-{:04}", index + 1)) };
    let first_agent = index as u32 * AGENTS;
    let calls = RecentCalls::default();
    Tenant { id, company, clock, portuguese, good, neutral, failures, first_agent, calls }
}
