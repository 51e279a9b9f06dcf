//! Finds the turns of a conversation anywhere in a JSON document.

use super::people::People;
use super::turns::{RawTurn, turn_in, turns_in};
use super::value::Value;
use super::words;
use crate::conversation::formats::fields::is_any;
use crate::conversation::formats::times::{Time, resolve};

/// How much a list tells, from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Words,
    Utterances,
    WordsOfSpeakers,
    UtterancesOfSpeakers,
}

/// A list that may be the conversation.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) level: Level,
    pub(super) turns: Vec<RawTurn>,
}

impl Candidate {
    /// Bytes of text.
    pub(super) fn len(&self) -> usize {
        self.turns.iter().map(|turn| turn.text.len()).sum()
    }
}

/// What a document has.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    found: Vec<Candidate>,
    /// Who speaks when, without what is said.
    spans: Vec<RawTurn>,
    /// Whether the search is within a list of channels, whose own lists of channels are not read as such: each would
    /// double the work.
    is_in_channels: bool,
}

/// Maximum number of lists that are compared with the spans of speakers: those with the most text.
const MAX_ASSIGNED: usize = 16;

impl Candidates {
    pub(super) fn of(values: &[Value], people: &People) -> Self {
        let mut candidates = Self::default();
        match values {
            [value] => candidates.find("", value, people),
            values => {
                candidates.add("", values, people);
                values.iter().for_each(|value| candidates.find("", value, people));
            }
        }
        candidates
    }

    /// The best: speakers before words, then much text, then small parts.
    pub(super) fn best(mut self) -> Option<Candidate> {
        let spans = std::mem::take(&mut self.spans);
        if !self.found.iter().any(|found| found.level >= Level::WordsOfSpeakers) && !spans.is_empty() {
            let mut longest: Vec<_> = self.found.iter_mut().collect();
            longest.sort_by_key(|found| std::cmp::Reverse(found.len()));
            longest.into_iter().take(MAX_ASSIGNED).for_each(|found| found.assign(&spans));
        }
        let level = self.found.iter().map(|found| found.level).max()?;
        self.found.retain(|found| found.level == level);
        let most = self.found.iter().map(Candidate::len).max()?;
        self.found.retain(|found| found.len() * 4 >= most * 3);
        // The first of the most.
        let best = self.found.into_iter();
        let best = best.reduce(|best, next| if next.turns.len() > best.turns.len() { next } else { best })?;
        let is_words = matches!(best.level, Level::Words | Level::WordsOfSpeakers);
        Some(if is_words { Candidate { turns: words::join(best.turns), ..best } } else { best })
    }

    fn find(&mut self, key: &str, value: &Value, people: &People) {
        match value {
            Value::List(values) => {
                let are_channels = !self.is_in_channels && is_any(key, &["channels"]);
                if are_channels {
                    self.add_channels(values, people);
                }
                self.add(key, values, people);
                self.is_in_channels |= are_channels;
                values.iter().for_each(|value| self.find("", value, people));
                self.is_in_channels &= !are_channels;
            }
            Value::Object(fields) => {
                self.add_map(key, fields, people);
                let before = self.found.len();
                fields.iter().for_each(|(key, value)| self.find(key, value, people));
                self.prepend_source(before, fields, people);
            }
            _ => {}
        }
    }

    fn add(&mut self, key: &str, values: &[Value], people: &People) {
        let mut turns = Vec::new();
        for value in values {
            match value {
                Value::Object(fields) => {
                    let said = turns_in(fields, people);
                    if said.is_empty() {
                        let span = turn_in(fields, people);
                        let is_timed = span.start != Time::Unknown && span.end != Time::Unknown;
                        self.spans.extend((span.has_speaker() && is_timed).then_some(span));
                    }
                    turns.extend(said);
                }
                Value::Text(text) if !text.trim().is_empty() => {
                    turns.push(RawTurn { text: text.trim().to_owned(), ..RawTurn::default() });
                }
                _ => {}
            }
        }
        self.push(key, turns);
    }

    fn push(&mut self, key: &str, mut turns: Vec<RawTurn>) {
        if turns.is_empty() {
            return;
        }
        let is_named_so = is_any(key, &["words", "items", "elements", "tokens"]);
        let speaking = turns.iter().filter(|turn| turn.has_speaker()).count();
        // Marks have no speaker.
        let has_speakers = speaking * 2 >= turns.len();
        let level = match (words::are_words(&turns, is_named_so), has_speakers) {
            (true, true) => Level::WordsOfSpeakers,
            (true, false) => Level::Words,
            (false, true) => Level::UtterancesOfSpeakers,
            (false, false) => Level::Utterances,
        };
        if has_speakers {
            by_channel(&mut turns);
        }
        self.found.push(Candidate { level, turns });
    }

    /// `{"id1": {"message": …}, "id2": …}`
    fn add_map(&mut self, key: &str, fields: &[(String, Value)], people: &People) {
        let objects: Vec<_> = fields
            .iter()
            .filter_map(|(_, value)| if let Value::Object(inner) = value { Some(inner) } else { None })
            .collect();
        if objects.len() >= 2 && objects.len() == fields.len() {
            let turns: Vec<_> = objects.into_iter().flat_map(|inner| turns_in(inner, people)).collect();
            if turns.len() >= 2 {
                self.push(key, turns);
            }
        }
    }

    /// Channels with a person each, who may speak at the same time.
    fn add_channels(&mut self, channels: &[Value], people: &People) {
        if channels.len() < 2 {
            return;
        }
        let mut turns = Vec::new();
        for (number, channel) in channels.iter().enumerate() {
            let Value::Object(fields) = channel else { return };
            let whose = turn_in(fields, people);
            let speaker = whose.speaker.unwrap_or_else(|| number.to_string());
            let mut inner = Self { is_in_channels: true, ..Self::default() };
            fields.iter().for_each(|(key, value)| inner.find(key, value, people));
            let timed = |found: &Candidate| found.turns.iter().any(|turn| turn.start != Time::Unknown);
            let sentences = inner.found.iter().find(|found| found.level != Level::Words && timed(found));
            let spoken = match sentences {
                Some(sentences) => sentences.turns.clone(),
                None => words_in(fields, people),
            };
            turns.extend(spoken.into_iter().map(|turn| RawTurn {
                role: whose.role.or(turn.role),
                speaker: Some(speaker.clone()),
                ..turn
            }));
        }
        let times: Vec<_> = turns.iter().map(|turn| (turn.start, turn.end)).collect();
        let mut timed: Vec<_> = resolve(&times).into_iter().map(|(start, _)| start).zip(turns).collect();
        timed.sort_by_key(|(start, _)| *start);
        let turns: Vec<_> = timed.into_iter().map(|(_, turn)| turn).collect();
        if !turns.is_empty() {
            self.found.push(Candidate { level: Level::UtterancesOfSpeakers, turns });
        }
    }

    /// The first message of a conversation may stand before its parts, under the key "source".
    fn prepend_source(&mut self, before: usize, fields: &[(String, Value)], people: &People) {
        let sources = fields.iter().filter(|(key, _)| is_any(key, &["source"]));
        for (_, source) in sources {
            let Value::Object(source) = source else { continue };
            let turn = turn_in(source, people);
            if turn.text.is_empty() || !turn.has_speaker() {
                continue;
            }
            let found = self.found.iter_mut().skip(before);
            let parts = found.filter(|found| found.level == Level::UtterancesOfSpeakers);
            if let Some(parts) = parts.max_by_key(|found| found.turns.len()) {
                parts.turns.insert(0, turn);
            }
            return;
        }
    }
}

impl Candidate {
    /// Lets whoever speaks in the middle of a turn be its speaker.
    fn assign(&mut self, spans: &[RawTurn]) {
        let all: Vec<_> = spans.iter().chain(&self.turns).map(|turn| (turn.start, turn.end)).collect();
        let resolved = resolve(&all);
        let (of_spans, of_turns) = resolved.split_at(spans.len());
        for (turn, times) in self.turns.iter_mut().zip(of_turns) {
            let (Some(start), Some(end)) = *times else { continue };
            let middle = u64::midpoint(start, end);
            let covers = |times: &(Option<u64>, Option<u64>)| matches!(*times, (Some(start), Some(end)) if start <= middle && middle <= end);
            let span = spans.iter().zip(of_spans).find(|(_, times)| covers(times));
            if let Some((span, _)) = span {
                turn.role = span.role;
                turn.speaker.clone_from(&span.speaker);
            }
        }
        if self.turns.iter().any(RawTurn::has_speaker) {
            self.level = match self.level {
                Level::Words => Level::WordsOfSpeakers,
                Level::Utterances => Level::UtterancesOfSpeakers,
                level => level,
            };
        }
    }
}

/// Tells speakers apart by their channels if nothing else does: each channel may number its own from 0.
fn by_channel(turns: &mut [RawTurn]) {
    let [first, others @ ..] = &*turns else { return };
    let is_one = others.iter().all(|turn| turn.same_speaker(first));
    if is_one && others.iter().any(|turn| turn.channel != first.channel) {
        for turn in turns {
            turn.speaker = turn.channel.take().or(turn.speaker.take());
        }
    }
}

/// The words of a channel as utterances.
fn words_in(fields: &[(String, Value)], people: &People) -> Vec<RawTurn> {
    let is_words = |key: &str| is_any(key, &["words", "items"]);
    for (key, value) in fields {
        let found = match value {
            Value::List(words) if is_words(key) => {
                let objects = words.iter().filter_map(|word| match word {
                    Value::Object(fields) => Some(turn_in(fields, people)),
                    _ => None,
                });
                words::utterances(objects.filter(|word| !word.text.is_empty()).collect())
            }
            Value::List(values) => values
                .first()
                .map(|value| match value {
                    Value::Object(fields) => words_in(fields, people),
                    _ => Vec::new(),
                })
                .unwrap_or_default(),
            Value::Object(fields) => words_in(fields, people),
            _ => Vec::new(),
        };
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}
