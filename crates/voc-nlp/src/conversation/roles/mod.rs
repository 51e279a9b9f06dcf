//! Infers who is the customer and who the agent from what is said.
//!
//! Each speaker of an unknown role gets a score: the sum of the weights of phrases that agents (above 0) or customers
//! (below 0) say, such as "how can I help" or "I was charged", and the balance of "you" and "your" against "I" and
//! "my". Roles are assigned only where the scores are clearly apart.

mod cues;

use std::cell::RefCell;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::Role;
use crate::taxonomy::Normal;
use cues::{Cue, PHRASES};

/// Maximum number of distinct speakers of unknown roles; a text with more names is not a dialogue.
pub(super) const MAX_UNKNOWN: usize = 8;

/// The scores of two speakers are clearly apart at this distance.
const CLEAR: f32 = 0.4;
/// Among more than two speakers, one has to be an agent by this score.
const CLEAR_AMONG_MORE: f32 = 1.5;
/// The weight of calling somebody by the name.
const NAMING: f32 = 1.0;
/// How often a phrase counts for one speaker.
const MOST_OF_A_PHRASE: u8 = 2;
/// The weight of the balance of "you" against "I".
const ADDRESS: f32 = 2.0;
/// The weight of what a name suggests.
const HINT: f32 = 4.0;

/// The phrases, ready to be found.
struct Phrases {
    automaton: AhoCorasick,
    cues: Vec<Cue>,
}

impl Phrases {
    fn built_in() -> Option<&'static Self> {
        static BUILT_IN: LazyLock<Option<Phrases>> = LazyLock::new(Phrases::new);
        BUILT_IN.as_ref()
    }

    fn new() -> Option<Self> {
        let mut patterns = Vec::new();
        let mut cues = Vec::new();
        for (cue, list) in PHRASES {
            for phrase in list.split('|').filter_map(Normal::phrase) {
                patterns.push(phrase);
                cues.push(*cue);
            }
        }
        // Overlapping matches share the spaces between words.
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .match_kind(MatchKind::Standard)
            .build(&patterns)
            .ok()?;
        Some(Self { automaton, cues })
    }
}

thread_local! {
    /// The normal form of the last turn; its memory is kept for the next one.
    static NORMAL: RefCell<Normal> = RefCell::default();
}

/// What is known of the speakers of unknown roles.
#[derive(Default)]
pub(super) struct Evidence {
    /// By their numbers.
    speakers: [OfSpeaker; MAX_UNKNOWN],
}

#[derive(Clone, Copy, Default)]
struct OfSpeaker {
    /// Whether it is a speaker at all.
    counts: bool,
    score: f32,
    bot: f32,
    you: u32,
    i: u32,
    /// Whether another speaker is called by the name.
    named: bool,
    /// Whether the name is one of the pair "A" and "C".
    letter: Option<u8>,
}

impl OfSpeaker {
    /// Above 0 for an agent, below 0 for a customer.
    fn score(&self) -> f32 {
        let (you, i) = (self.you as f32, self.i as f32);
        let naming = if self.named { NAMING } else { 0.0 };
        self.score + naming + ADDRESS * (you - i) / (you + i + 3.0)
    }
}

impl Evidence {
    /// Reads what the speakers of unknown roles, who have numbers, say.
    pub(super) fn of<'t>(
        turns: impl Iterator<Item = (usize, &'t str)>,
        names: &[Option<Vec<u8>>; MAX_UNKNOWN],
    ) -> Self {
        let mut evidence = Self::default();
        let Some(phrases) = Phrases::built_in() else { return evidence };
        let mut counts = vec![[0_u8; MAX_UNKNOWN]; phrases.cues.len()];
        NORMAL.with_borrow_mut(|normal| {
            for (number, text) in turns {
                let Some(of) = evidence.speakers.get_mut(number) else { continue };
                normal.set(text);
                let names = names.iter().enumerate().filter(|(other, _)| *other != number);
                let is_said = |name: &&Vec<u8>| memchr::memmem::find(normal.bytes(), name).is_some();
                of.named |= names.filter_map(|(_, name)| name.as_ref()).any(|name| is_said(&name));
                for found in phrases.automaton.find_overlapping_iter(normal.bytes()) {
                    let id = found.pattern().as_usize();
                    let Some(cue) = phrases.cues.get(id) else { continue };
                    match cue {
                        Cue::You => of.you += 1,
                        Cue::I => of.i += 1,
                        Cue::Agent(weight) | Cue::Bot(weight) => {
                            let count = counts.get_mut(id).and_then(|counts| counts.get_mut(number));
                            let Some(count) = count else { continue };
                            if *count < MOST_OF_A_PHRASE {
                                *count += 1;
                                of.score += weight;
                                of.bot += if matches!(cue, Cue::Bot(_)) { *weight } else { 0.0 };
                            }
                        }
                    }
                }
            }
        });
        evidence
    }

    /// The speaker with this number is a person of this name, which may suggest a role.
    pub(super) fn consider(&mut self, number: usize, name: &str, hint: Option<Role>) {
        let Some(of) = self.speakers.get_mut(number) else { return };
        of.counts = true;
        of.score += match hint {
            Some(Role::Agent | Role::Bot) => HINT,
            Some(Role::Customer) => -HINT,
            Some(Role::Other) | None => 0.0,
        };
        of.letter = match name.as_bytes() {
            [letter] => Some(letter.to_ascii_lowercase()),
            _ => None,
        };
    }

    /// The pair "A" (agent or "atendente") and "C" (customer or "cliente").
    fn with_letters(&self) -> [f32; MAX_UNKNOWN] {
        let letters = || self.speakers.iter().filter(|of| of.counts).map(|of| of.letter);
        let is_pair = letters().count() == 2 && letters().all(|letter| matches!(letter, Some(b'a' | b'c')));
        self.speakers.map(|of| {
            let by_letter = match of.letter {
                Some(b'a') if is_pair => HINT,
                Some(b'c') if is_pair => -HINT,
                _ => 0.0,
            };
            of.score() + by_letter
        })
    }
}

/// The roles of the speakers, by their numbers, as far as the evidence is clear.
pub(super) fn infer(evidence: &Evidence, has_customer: bool, has_agent: bool) -> [Option<Role>; MAX_UNKNOWN] {
    let mut roles = [None; MAX_UNKNOWN];
    let scores = evidence.with_letters();
    let people = || evidence.speakers.iter().zip(scores).enumerate().filter(|(_, (of, _))| of.counts);
    let agent_or_bot = |number: usize| {
        let is_bot = evidence.speakers.get(number).is_some_and(|of| of.bot >= 2.0);
        if is_bot { Role::Bot } else { Role::Agent }
    };
    let mut set = |number: usize, role: Role| {
        if let Some(place) = roles.get_mut(number) {
            *place = Some(role);
        }
    };
    let count = people().count();
    match (count, has_customer, has_agent) {
        // One speaker talks to a known one.
        (1, true, false) => people().for_each(|(number, _)| set(number, agent_or_bot(number))),
        (1, false, true) => people().for_each(|(number, _)| set(number, Role::Customer)),
        (2, false, false) => {
            let mut both = people().map(|(number, (_, score))| (number, score));
            if let (Some((a, of_a)), Some((b, of_b))) = (both.next(), both.next())
                && (of_a - of_b).abs() >= CLEAR
            {
                let (agent, customer) = if of_a > of_b { (a, b) } else { (b, a) };
                set(agent, agent_or_bot(agent));
                set(customer, Role::Customer);
            }
        }
        _ => {
            let (least, most) = people()
                .fold((f32::MAX, f32::MIN), |(least, most), (_, (_, score))| (least.min(score), most.max(score)));
            let is_service = has_agent || most >= CLEAR_AMONG_MORE;
            if is_service && (has_customer || least <= -CLEAR) {
                for (number, (_, score)) in people() {
                    if score >= CLEAR {
                        set(number, agent_or_bot(number));
                    } else if score <= -CLEAR {
                        set(number, Role::Customer);
                    }
                }
            }
        }
    }
    roles
}
