//! Finds where turns begin.

use super::label::{Label, NameKind, at_line, within_line};
use super::scored_speakers::ScoredSpeakers;
use super::{Role, Turn};

/// Number of turns stored inline; more are stored on the heap.
const IN_PLACE: usize = 64;
/// Maximum number of distinct names; a text with more names is not a dialogue.
const MAX_NAMES: usize = 8;

/// Where turns begin in a text, and who speaks.
pub(super) struct Cuts {
    in_place: [Cut; IN_PLACE],
    count: usize,
    more: Vec<Cut>,
    names: Names,
    /// The roles of the names; `None` if they are not people.
    named: Option<Role>,
    known: Known,
}

/// The start of a turn.
#[derive(Clone, Copy, Default)]
struct Cut {
    /// Of its label, where the previous turn ends.
    start: u32,
    name_start: u32,
    name_len: u8,
    speaker: Speaker,
    /// Of its text.
    text_start: u32,
}

#[derive(Clone, Copy, Default)]
enum Speaker {
    #[default]
    NoPerson,
    Known(Role),
    NameKind,
}

/// Known roles, and how often each is named.
#[derive(Clone, Copy, Default)]
struct Known {
    count: usize,
    customer: bool,
    agent: bool,
    other: bool,
}

/// The names of unknown people.
#[derive(Clone, Copy, Default)]
struct Names {
    /// Position of their first occurrence, and length.
    places: [(u32, u8); MAX_NAMES],
    counts: [u32; MAX_NAMES],
    distinct: usize,
    count: usize,
    are_too_many: bool,
}

impl Cuts {
    /// Splits a text of at most [`MAX_CHARS`](crate::MAX_CHARS) characters.
    pub(super) fn of(text: &str) -> Self {
        let mut cuts = Self {
            in_place: [Cut::default(); IN_PLACE],
            count: 0,
            more: Vec::new(),
            names: Names::default(),
            named: None,
            known: Known::default(),
        };
        cuts.find(text);
        cuts.named = cuts.decide();
        cuts
    }

    fn find(&mut self, text: &str) {
        let bytes = text.as_bytes();
        // The search cannot find anything before this position.
        let mut read = 0;
        let mut seen = RecentNames::default();
        if let Some(label) = at_line(text, 0) {
            seen.add(text, label);
            read = self.push(text, label);
        }
        let begins_with_name = self.known.count > 0;
        for at in memchr::memchr2_iter(b'\n', b':', bytes) {
            if bytes.get(at) == Some(&b'\n') {
                if at + 1 < read {
                    continue;
                }
                if let Some(label) = seen.at_line(text, at + 1) {
                    read = self.push(text, label);
                } else if let Some(label) = at_line(text, at + 1) {
                    seen.add(text, label);
                    read = self.push(text, label);
                }
            } else if at >= read
                && let Some(label) = within_line(text, read, at, begins_with_name)
            {
                read = self.push(text, label);
            }
        }
    }

    /// Stores a label, and returns where its text begins.
    fn push(&mut self, text: &str, label: Label) -> usize {
        let name = text.get(label.name_start..label.name_end).unwrap_or_default();
        let speaker = match label.speaker {
            NameKind::Known(role) => {
                self.known.add(role);
                Speaker::Known(role)
            }
            NameKind::Maybe => {
                self.names.add(text, label.name_start, name);
                Speaker::NameKind
            }
        };
        let cut = Cut {
            start: offset(label.start),
            name_start: offset(label.name_start),
            name_len: u8::try_from(name.len()).unwrap_or(u8::MAX),
            speaker,
            text_start: offset(label.end),
        };
        match self.in_place.get_mut(self.count) {
            Some(place) => {
                *place = cut;
                self.count += 1;
            }
            None => self.more.push(cut),
        }
        // If a name turns out to be no person, the text after it is still read.
        if matches!(label.speaker, NameKind::Known(_)) { label.end } else { label.name_end }
    }

    /// The role of the unknown names, if they are people who talk to each other or to a known speaker.
    fn decide(&self) -> Option<Role> {
        let names = &self.names;
        let Known { count: known, customer, agent, other } = self.known;
        let takes_turns = names.distinct + usize::from(customer) + usize::from(agent) + usize::from(other) >= 2;
        let comes_again = known > 0 || names.counts.iter().any(|count| *count > 1);
        // A list of fields names each one once.
        let is_list = names.are_too_many || names.distinct > 2.max(names.count / 2 + 1);
        if names.count == 0 || !takes_turns || !comes_again || is_list {
            return None;
        }
        Some(match (names.distinct, customer, agent) {
            (1, false, true) => Role::Customer,
            (1, true, false) => Role::Agent,
            _ => Role::Other,
        })
    }

    pub(super) fn has_speakers(&self) -> bool {
        self.known.count > 0 || self.named.is_some()
    }

    /// Whose score is the call's.
    pub(super) fn heard(&self) -> ScoredSpeakers {
        let Known { customer, agent, .. } = self.known;
        if customer || self.named == Some(Role::Customer) {
            ScoredSpeakers::Customers
        } else if agent || self.named == Some(Role::Agent) {
            ScoredSpeakers::AllButAgents
        } else {
            ScoredSpeakers::Everybody
        }
    }

    /// The turns that are not blank.
    pub(super) fn turns<'a>(&self, text: &'a str) -> impl Iterator<Item = Turn<'a>> {
        let mut next = Some(Cut::default());
        let mut cuts = self.speaking();
        std::iter::from_fn(move || {
            let this = next.take()?;
            next = cuts.next();
            Some((this, next.map_or(text.len(), |cut| cut.start as usize)))
        })
        .filter_map(|(cut, end)| self.turn(text, cut, end))
    }

    /// The cuts at which a person begins to speak.
    fn speaking(&self) -> impl Iterator<Item = Cut> {
        let in_place = self.in_place.get(..self.count).unwrap_or_default();
        in_place
            .iter()
            .chain(&self.more)
            .filter(|cut| !matches!(cut.speaker, Speaker::NameKind) || self.named.is_some())
            .copied()
    }

    fn turn<'a>(&self, text: &'a str, cut: Cut, end: usize) -> Option<Turn<'a>> {
        let role = match cut.speaker {
            Speaker::Known(role) => role,
            Speaker::NameKind => self.named?,
            Speaker::NoPerson => Role::Other,
        };
        let whole = text.get(cut.text_start as usize..end)?.trim_end();
        let end = cut.text_start as usize + whole.len();
        let said = whole.trim_start();
        let start = end - said.len();
        let name_end = cut.name_start as usize + usize::from(cut.name_len);
        let speaker = text.get(cut.name_start as usize..name_end).filter(|name| !name.is_empty());
        (!said.is_empty()).then_some(Turn { role, speaker, text: said, start, end })
    }
}

/// The names of the last speakers, which are recognised without parsing.
#[derive(Default)]
struct RecentNames<'t> {
    names: [Option<(&'t str, NameKind)>; 4],
    next: usize,
}

impl<'t> RecentNames<'t> {
    /// Remembers a name that begins a line and is immediately followed by a colon.
    fn add(&mut self, text: &'t str, label: Label) {
        let Label { start, name_start, name_end, speaker, .. } = label;
        if start == name_start
            && text.as_bytes().get(name_end) == Some(&b':')
            && let Some(place) = self.names.get_mut(self.next)
        {
            *place = text.get(name_start..name_end).map(|name| (name, speaker));
            self.next = (self.next + 1) % self.names.len();
        }
    }

    /// One of these names, a colon and a space at the start of a line.
    fn at_line(&self, text: &str, start: usize) -> Option<Label> {
        let line = text.as_bytes().get(start..)?;
        self.names.iter().flatten().find_map(|(name, speaker)| {
            let after = line.strip_prefix(name.as_bytes())?.strip_prefix(b": ")?;
            if after.first().is_none_or(|first| b"*_ \t".contains(first)) {
                return None;
            }
            let name_end = start + name.len();
            Some(Label { start, name_start: start, name_end, end: name_end + 2, speaker: *speaker })
        })
    }
}

impl Known {
    fn add(&mut self, role: Role) {
        self.count += 1;
        match role {
            Role::Customer => self.customer = true,
            Role::Agent | Role::Bot => self.agent = true,
            Role::Other => self.other = true,
        }
    }
}

impl Names {
    fn add(&mut self, text: &str, start: usize, name: &str) {
        self.count += 1;
        let known = self.places.iter().take(self.distinct).position(|(start, len)| {
            let start = *start as usize;
            text.get(start..start + usize::from(*len)) == Some(name)
        });
        let place = known.unwrap_or(self.distinct);
        match (self.places.get_mut(place), self.counts.get_mut(place)) {
            (Some(first), Some(count)) => {
                if known.is_none() {
                    *first = (offset(start), u8::try_from(name.len()).unwrap_or(u8::MAX));
                    self.distinct += 1;
                }
                *count += 1;
            }
            _ => self.are_too_many = true,
        }
    }
}

/// An offset into a text of at most [`MAX_CHARS`](crate::MAX_CHARS) characters of four bytes.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
