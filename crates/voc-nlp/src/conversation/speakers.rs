//! The speakers that a transcript names, and the roles of those whose names do not state them.

use super::roles::{Evidence, MAX_UNKNOWN, infer};
use super::scored_speakers::ScoredSpeakers;
use super::{Role, boundary};
use crate::taxonomy::Normal;

/// Whose turn it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Speaker {
    /// Nobody's: the name is not that of a speaker, or there is none.
    #[default]
    Nobody,
    /// A speaker whose role is stated.
    Known(Role),
    /// The number of a speaker whose role is not.
    Unknown(u8),
}

/// How sure it is that a name is that of a speaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Naming {
    /// It says so: "Speaker 1".
    Certain,
    /// It may be any word before a colon: it is a speaker if it takes turns with others.
    Possible {
        /// The role that the name suggests if it is a speaker, as "inbound" does.
        hint: Option<Role>,
    },
}

/// All speakers of a transcript.
#[derive(Clone, Debug, Default)]
pub(super) struct Speakers {
    /// Whether there are speakers whose role is stated.
    has_customer: bool,
    has_agent: bool,
    /// Number of turns of speakers whose role is stated.
    known_turns: usize,
    unknown: [Unknown; MAX_UNKNOWN],
    distinct: usize,
    are_too_many: bool,
    /// Whether the possible names are speakers.
    are_people: bool,
    are_inferred: bool,
}

/// A speaker whose role is not stated.
#[derive(Clone, Copy, Debug, Default)]
struct Unknown {
    /// Where the name first occurs.
    name_start: u32,
    name_len: u8,
    turns: u32,
    is_certain: bool,
    hint: Option<Role>,
    /// As far as it was inferred.
    role: Option<Role>,
}

impl Unknown {
    fn name<'t>(&self, text: &'t str) -> &'t str {
        let start = self.name_start as usize;
        text.get(start..start + usize::from(self.name_len)).unwrap_or_default()
    }
}

impl Speakers {
    pub(super) fn add_known(&mut self, role: Role) -> Speaker {
        self.known_turns += 1;
        match role {
            Role::Customer => self.has_customer = true,
            Role::Agent | Role::Bot => self.has_agent = true,
            Role::Other => {}
        }
        Speaker::Known(role)
    }

    /// Adds a turn of the speaker whose name of `len` bytes starts at `start`.
    pub(super) fn add_unknown(&mut self, text: &str, start: usize, len: usize, naming: Naming) -> Speaker {
        let name = text.get(start..start + len).unwrap_or_default();
        let known = self.unknown.iter().take(self.distinct).position(|known| known.name(text) == name);
        let number = known.unwrap_or(self.distinct);
        let Some(speaker) = self.unknown.get_mut(number) else {
            self.are_too_many = true;
            return match naming {
                Naming::Certain => self.add_known(Role::Other),
                Naming::Possible { .. } => Speaker::Nobody,
            };
        };
        if known.is_none() {
            speaker.name_start = u32::try_from(start).unwrap_or(u32::MAX);
            speaker.name_len = u8::try_from(boundary::floor(name, usize::from(u8::MAX))).unwrap_or(u8::MAX);
            self.distinct += 1;
        }
        match naming {
            Naming::Certain => speaker.is_certain = true,
            Naming::Possible { hint } => speaker.hint = hint,
        }
        speaker.turns += 1;
        Speaker::Unknown(number as u8)
    }

    fn unknown(&self) -> &[Unknown] {
        self.unknown.get(..self.distinct).unwrap_or_default()
    }

    /// Decides whether the possible names are people, who talk to each other or to another speaker.
    pub(super) fn settle_people(&mut self) {
        let certain = self.unknown().iter().filter(|speaker| speaker.is_certain);
        let certain_turns: u32 = certain.clone().map(|speaker| speaker.turns).sum();
        let known = self.known_turns + certain_turns as usize;
        let others = certain.count() + usize::from(self.has_customer) + usize::from(self.has_agent);
        let possible = || self.unknown().iter().filter(|speaker| !speaker.is_certain);
        let (distinct, turns) = (possible().count(), possible().map(|speaker| speaker.turns).sum::<u32>() as usize);
        let comes_again = known > 0 || possible().any(|speaker| speaker.turns > 1);
        // A list of fields names each one once.
        let is_list = self.are_too_many || distinct > 2.max(turns / 2 + 1);
        self.are_people = turns > 0 && distinct + others >= 2 && comes_again && !is_list;
    }

    /// Whether there are speakers whose roles have to be inferred. [`settle_people`](Self::settle_people) comes first.
    pub(super) fn want_roles(&self) -> bool {
        self.people().next().is_some()
    }

    /// The numbers of the speakers of unknown roles.
    fn people(&self) -> impl Iterator<Item = (usize, &Unknown)> {
        self.unknown().iter().enumerate().filter(|(_, speaker)| speaker.is_certain || self.are_people)
    }

    /// Infers roles from what is said: `turns` are the texts of all turns.
    pub(super) fn infer_roles<'t>(&mut self, text: &str, turns: impl Iterator<Item = (Speaker, &'t str)>) {
        let mut names = [const { None }; MAX_UNKNOWN];
        for (number, speaker) in self.people() {
            // "Maria" of "Maria Souza"; "A" or "0" is no name to call anybody by.
            let first = speaker.name(text).split(' ').next().filter(|first| first.chars().count() > 2);
            if let Some(place) = names.get_mut(number) {
                *place = first.and_then(Normal::phrase);
            }
        }
        let of_unknown = turns.filter_map(|(speaker, said)| match speaker {
            Speaker::Unknown(number) => Some((usize::from(number), said)),
            Speaker::Known(_) | Speaker::Nobody => None,
        });
        let mut evidence = Evidence::of(of_unknown, &names);
        for (number, speaker) in self.people() {
            evidence.consider(number, speaker.name(text), speaker.hint);
        }
        let roles = infer(&evidence, self.has_customer, self.has_agent);
        for (speaker, role) in self.unknown.iter_mut().zip(roles) {
            speaker.role = role;
        }
        let are_inferred = self.people().any(|(_, speaker)| speaker.role.is_some());
        self.are_inferred = are_inferred;
    }

    /// The role of a speaker; `None` for nobody.
    pub(super) fn role(&self, speaker: Speaker) -> Option<Role> {
        match speaker {
            Speaker::Nobody => None,
            Speaker::Known(role) => Some(role),
            Speaker::Unknown(number) => {
                let speaker = self.unknown.get(usize::from(number))?;
                (speaker.is_certain || self.are_people).then(|| speaker.role.unwrap_or(Role::Other))
            }
        }
    }

    /// Whether there are any.
    pub(super) fn are_named(&self) -> bool {
        self.known_turns > 0 || self.people().next().is_some()
    }

    /// Whether roles were inferred from what is said.
    pub(super) fn are_inferred(&self) -> bool {
        self.are_inferred
    }

    /// Whose score is the call's.
    pub(super) fn heard(&self) -> ScoredSpeakers {
        let is_inferred =
            |roles: &[Role]| self.people().any(|(_, speaker)| speaker.role.is_some_and(|role| roles.contains(&role)));
        if self.has_customer || is_inferred(&[Role::Customer]) {
            ScoredSpeakers::Customers
        } else if self.has_agent || is_inferred(&[Role::Agent, Role::Bot]) {
            ScoredSpeakers::AllButAgents
        } else {
            ScoredSpeakers::Everybody
        }
    }
}
