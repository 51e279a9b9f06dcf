//! The latest calls of a tenant, which have consequences.

use std::collections::VecDeque;

use super::conversation::Mood;
use super::random::Random;

/// What later events know of a call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call {
    pub(super) number: u32,
    pub(super) agent: Option<u32>,
    pub(super) customer: Option<u32>,
    pub(super) mood: Mood,
}

/// The latest calls: what agents and tools do belongs to the last ones, and customers of any of them call again.
#[derive(Debug, Default)]
pub(super) struct RecentCalls(VecDeque<Call>);

/// Calls that are remembered.
const REMEMBERED: usize = 64;

/// Calls during which, or soon after which, events happen.
const CURRENT: usize = 4;

impl RecentCalls {
    pub(super) fn add(&mut self, call: Call) {
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(call);
    }

    /// One of the last calls, if there has been any.
    pub(super) fn current(&self, random: &mut Random) -> Option<Call> {
        self.one_of(random, CURRENT)
    }

    /// One of all calls that are remembered.
    pub(super) fn any(&self, random: &mut Random) -> Option<Call> {
        self.one_of(random, REMEMBERED)
    }

    fn one_of(&self, random: &mut Random, latest: usize) -> Option<Call> {
        let count = self.0.len().min(latest);
        let age = random.below(count as u32) as usize;
        self.0.iter().rev().nth(age).copied()
    }
}
