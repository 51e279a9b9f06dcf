//! Finds where turns begin.

use super::label::{Label, NameKind, Within, at_line, kind_of, within_line};
use super::scored_speakers::ScoredSpeakers;
use super::speakers::{Naming, Speaker, Speakers};
use super::{GivenTurn, Role, Turn, boundary};

/// Number of turns stored inline; more are stored on the heap.
const IN_PLACE: usize = 64;

/// Where turns begin in a text, and who speaks.
#[derive(Clone, Debug)]
pub(super) struct Cuts {
    in_place: [Cut; IN_PLACE],
    count: usize,
    more: Vec<Cut>,
    speakers: Speakers,
    /// By the number of the cut, when the turn begins and ends in milliseconds; empty if the transcript does not say.
    times: Vec<Times>,
}

/// The longest name of a speaker, in bytes.
const LONGEST_NAME: usize = 200;

/// The start of a turn.
#[derive(Clone, Copy, Debug, Default)]
struct Cut {
    /// Of its label, where the previous turn ends.
    start: u32,
    name_start: u32,
    /// Of its text.
    text_start: u32,
    name_len: u8,
    speaker: Speaker,
}

/// When a turn begins and ends, in milliseconds.
type Times = (Option<u64>, Option<u64>);

impl Cuts {
    fn none() -> Self {
        Self {
            in_place: [Cut::default(); IN_PLACE],
            count: 0,
            more: Vec::new(),
            speakers: Speakers::default(),
            times: Vec::new(),
        }
    }

    /// Splits a text of at most [`MAX_CHARS`](crate::MAX_CHARS) characters.
    pub(super) fn of(text: &str) -> Self {
        let mut cuts = Self::none();
        cuts.find(text);
        cuts.settle(text);
        cuts
    }

    /// The cuts between turns that are known, and the text that has these turns, of at most `most` characters. The
    /// last one says whether that is all of it.
    pub(super) fn between<'t>(turns: impl IntoIterator<Item = GivenTurn<'t>>, most: usize) -> (Self, String, bool) {
        let mut cuts = Self::none();
        let mut text = String::new();
        let mut left = most;
        for turn in turns {
            let said = turn.text.trim();
            if said.is_empty() {
                continue;
            }
            let name = turn.speaker.map(str::trim).filter(|name| !name.is_empty()).unwrap_or_default();
            let name = name.get(..boundary::floor(name, LONGEST_NAME)).unwrap_or_default();
            let label = if name.is_empty() { 0 } else { name.chars().count() + 2 };
            let Some(room) = left.checked_sub(label + 1).filter(|room| *room > 0) else {
                return (cuts.settled(&text), text, false);
            };
            let end = said.char_indices().nth(room).map_or(said.len(), |(end, _)| end);
            let start = text.len();
            text.push_str(name);
            if !name.is_empty() {
                text.push_str(": ");
            }
            let text_start = text.len();
            text.push_str(said.get(..end).unwrap_or_default());
            let speaker = cuts.given_speaker(&text, (start, name.len()), turn.role);
            let name_len = u8::try_from(name.len()).unwrap_or(u8::MAX);
            let start = offset(start);
            let cut = Cut { start, name_start: start, text_start: offset(text_start), name_len, speaker };
            cuts.add(cut);
            cuts.times.push((turn.start_ms, turn.end_ms));
            if end < said.len() {
                return (cuts.settled(&text), text, false);
            }
            left = room - said.chars().count();
            text.push('\n');
        }
        (cuts.settled(&text), text, true)
    }

    /// The speaker of a turn that is known, with the role if it is given, or stated by the name.
    fn given_speaker(&mut self, text: &str, (start, len): (usize, usize), role: Option<Role>) -> Speaker {
        let name = text.get(start..start + len).unwrap_or_default();
        match role.map(NameKind::Known).or_else(|| kind_of(name)) {
            Some(NameKind::Known(role)) => self.speakers.add_known(role),
            // Who a turn is given to is somebody.
            Some(NameKind::Unknown(_)) | None if len > 0 => {
                self.speakers.add_unknown(text, start, len, Naming::Certain)
            }
            Some(NameKind::Unknown(_)) | None => Speaker::Nobody,
        }
    }

    fn settled(mut self, text: &str) -> Self {
        self.settle(text);
        self
    }

    /// Decides who speaks, once all cuts are known.
    fn settle(&mut self, text: &str) {
        self.speakers.settle_people();
        if self.speakers.want_roles() {
            let mut speakers = self.speakers.clone();
            let said = self.parts(text, |speaker| self.speakers.role(speaker).is_some());
            let said =
                said.map(|(cut, end, _)| (cut.speaker, text.get(cut.text_start as usize..end).unwrap_or_default()));
            speakers.infer_roles(text, said);
            self.speakers = speakers;
        }
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
        let within = match self.in_place.first().filter(|_| self.speakers.are_named()) {
            None => Within::Sentences,
            Some(first) => {
                let name = text.get(first.name_start as usize..).unwrap_or_default();
                if name.starts_with(char::is_lowercase) { Within::LowerCaseWords } else { Within::Words }
            }
        };
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
                && let Some(label) = within_line(text, read, at, within)
            {
                read = self.push(text, label);
            }
        }
    }

    /// Stores a label, and returns where its text begins.
    fn push(&mut self, text: &str, label: Label) -> usize {
        let len = label.name_end - label.name_start;
        let speaker = match label.kind {
            NameKind::Known(role) => self.speakers.add_known(role),
            NameKind::Unknown(naming) => self.speakers.add_unknown(text, label.name_start, len, naming),
        };
        self.add(Cut {
            start: offset(label.start),
            name_start: offset(label.name_start),
            name_len: u8::try_from(len).unwrap_or(u8::MAX),
            speaker,
            text_start: offset(label.end),
        });
        // If a name turns out to be no person, the text after it is still read.
        if label.kind.is_certain() { label.end } else { label.name_end }
    }

    fn add(&mut self, cut: Cut) {
        match self.in_place.get_mut(self.count) {
            Some(place) => {
                *place = cut;
                self.count += 1;
            }
            None => self.more.push(cut),
        }
    }

    pub(super) fn has_speakers(&self) -> bool {
        self.speakers.are_named()
    }

    /// Whether roles were inferred from what is said.
    pub(super) fn are_roles_inferred(&self) -> bool {
        self.speakers.are_inferred()
    }

    /// Whose score is the call's.
    pub(super) fn heard(&self) -> ScoredSpeakers {
        self.speakers.heard()
    }

    /// The turns that are not blank.
    pub(super) fn turns<'a>(&self, text: &'a str) -> impl Iterator<Item = Turn<'a>> {
        self.parts(text, |speaker| self.speakers.role(speaker).is_some())
            .filter_map(|(cut, end, times)| self.turn(text, cut, end, times))
    }

    /// The parts of the text between the cuts at which a speaker begins, with their ends.
    fn parts(&self, text: &str, speaks: impl Fn(Speaker) -> bool) -> impl Iterator<Item = (Cut, usize, Times)> {
        let in_place = self.in_place.get(..self.count).unwrap_or_default();
        let times = self.times.iter().copied().chain(std::iter::repeat(Times::default()));
        let are_given = !self.times.is_empty();
        let cuts = in_place.iter().chain(&self.more).copied().zip(times);
        let mut cuts = cuts.filter(move |(cut, _)| are_given || speaks(cut.speaker));
        let len = text.len();
        let mut next = Some((Cut::default(), Times::default()));
        std::iter::from_fn(move || {
            let (this, times) = next.take()?;
            next = cuts.next();
            Some((this, next.map_or(len, |(cut, _)| cut.start as usize), times))
        })
    }

    fn turn<'a>(&self, text: &'a str, cut: Cut, end: usize, (start_ms, end_ms): Times) -> Option<Turn<'a>> {
        let role = self.speakers.role(cut.speaker).unwrap_or(Role::Other);
        let whole = without_quotation_marks(text.get(cut.text_start as usize..end)?);
        let end = cut.text_start as usize + whole.len();
        let said = whole.trim_start();
        let start = end - said.len();
        let name_end = cut.name_start as usize + usize::from(cut.name_len);
        let speaker = text.get(cut.name_start as usize..name_end).filter(|name| !name.is_empty());
        (!said.is_empty()).then_some(Turn { role, speaker, text: said, start, end, start_ms, end_ms })
    }
}

/// A turn's text without the blank lines of a quotation at its end.
fn without_quotation_marks(text: &str) -> &str {
    let mut text = text.trim_end();
    while let Some(before) = text.strip_suffix('>').filter(|before| before.ends_with('\n')) {
        text = before.trim_end();
    }
    text
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
        let Label { start, name_start, name_end, kind, .. } = label;
        if start == name_start
            && text.as_bytes().get(name_end) == Some(&b':')
            && let Some(place) = self.names.get_mut(self.next)
        {
            *place = text.get(name_start..name_end).map(|name| (name, kind));
            self.next = (self.next + 1) % self.names.len();
        }
    }

    /// One of these names, a colon and a space at the start of a line.
    fn at_line(&self, text: &str, start: usize) -> Option<Label> {
        let line = text.as_bytes().get(start..)?;
        self.names.iter().flatten().find_map(|(name, kind)| {
            let after = line.strip_prefix(name.as_bytes())?.strip_prefix(b": ")?;
            if after.first().is_none_or(|first| b"*_ \t".contains(first)) {
                return None;
            }
            let name_end = start + name.len();
            Some(Label { start, name_start: start, name_end, end: name_end + 2, kind: *kind })
        })
    }
}

/// An offset into a text of at most [`MAX_CHARS`](crate::MAX_CHARS) characters of four bytes.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
