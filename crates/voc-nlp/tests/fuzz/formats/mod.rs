//! The bodies of the fuzz targets for the formats of transcripts.
//!
//! The bytes decide what is said, how a writer of the format puts it down (`json.rs`, `captions.rs`, …), and what
//! befalls the document on its way (`Damage`). What is intact has to be read exactly; of the rest, nothing but words
//! that were said may be read. Besides, the bytes themselves are read as a text.

mod captions;
mod chats;
mod html;
mod json;
mod rows;
mod script;

use voc_nlp::{CallStage, Conversation, FastStage, GivenTurn, MAX_CHARS, Redactor, Role};

use script::{Bytes, HOSTILE, Said, Script, is_known};

/// A document and what it says.
struct Document {
    text: String,
    said: Vec<Said>,
    /// Whether the document states when turns begin and end.
    is_timed: bool,
}

/// What befalls a document.
enum Damage {
    None,
    /// The rest is lost.
    CutOff,
    /// It is there twice.
    Doubled,
    /// It is a string in JSON.
    Nested,
    /// Something else is in it.
    Spliced,
}

impl Damage {
    fn of(bytes: &mut Bytes<'_>) -> Self {
        match bytes.below(6) {
            0 | 1 => Self::None,
            2 => Self::CutOff,
            3 => Self::Doubled,
            4 => Self::Nested,
            _ => Self::Spliced,
        }
    }
}

/// JSON of chats, contact centres, language models and speech recognition.
pub(crate) fn json(data: &[u8]) {
    check(data, json::document);
}

/// `WebVTT` with voices, or with names before what is said.
pub(crate) fn web_vtt(data: &[u8]) {
    check(data, captions::web_vtt);
}

/// `SubRip` with names before what is said.
pub(crate) fn sub_rip(data: &[u8]) {
    check(data, captions::sub_rip);
}

/// Timed text whose paragraphs have agents.
pub(crate) fn ttml(data: &[u8]) {
    check(data, captions::ttml);
}

/// Pages that mark speakers by classes, attributes, emphasis or tables.
pub(crate) fn html(data: &[u8]) {
    check(data, html::document);
}

/// Tables between commas, semicolons, tabs or vertical bars.
pub(crate) fn rows(data: &[u8]) {
    check(data, rows::document);
}

/// Labels with and without times: exports of chats and meetings, Markdown, one line.
pub(crate) fn chats(data: &[u8]) {
    check(data, chats::document);
}

/// Turns that are given as such.
pub(crate) fn given_turns(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let script = Script::of(&mut bytes);
    let has_names = bytes.is_odd();
    let given = script.said.iter().map(|said| GivenTurn {
        role: Some(said.role),
        speaker: has_names.then_some(said.name()),
        text: &said.text,
        start_ms: Some(said.start_ms),
        end_ms: Some(said.end_ms),
    });
    let conversation = Conversation::of_turns(given);
    check_parts(&conversation);
    check_exact(&conversation, &script.said, true);
    // Hostile ones: names and texts of any length, times in any order.
    let text = String::from_utf8_lossy(bytes.rest());
    let turns = text.split('\n').enumerate().map(|(number, line)| GivenTurn {
        speaker: line.split_once(':').map(|(name, _)| name),
        start_ms: Some(u64::MAX / (line.len() as u64 + 1)),
        end_ms: Some(number as u64),
        ..GivenTurn::new(line)
    });
    check_parts(&Conversation::of_turns(turns));
}

fn check(data: &[u8], write: fn(&mut Bytes<'_>, Script) -> Document) {
    let mut bytes = Bytes::new(data);
    let damage = Damage::of(&mut bytes);
    let script = Script::of(&mut bytes);
    let document = write(&mut bytes, script);
    let Document { text, said, is_timed } = &document;
    match damage {
        Damage::None => {
            let conversation = check_any(text);
            check_exact(&conversation, said, *is_timed);
            check_redacted(&document);
        }
        Damage::CutOff => {
            // Only long documents are cut off.
            let at = bytes.place_in(text).max(first_half(text));
            check_words(&check_any(&text[..at]), true);
        }
        Damage::Doubled => check_words(&check_any(&[text.as_str(), "\n", text].concat()), false),
        Damage::Nested => {
            let nested = format!("{{\"id\": 7, \"transcript\": {}}}", json::string(text));
            check_exact(&check_any(&nested), said, *is_timed);
        }
        Damage::Spliced => {
            let at = bytes.place_in(text);
            let piece = HOSTILE[bytes.below(HOSTILE.len())].repeat(1 + bytes.below(40));
            check_any(&[&text[..at], &piece, &text[at..]].concat());
        }
    }
    check_any(&String::from_utf8_lossy(data));
}

/// Reading any text twice gives the same, turns that are parts of what is read, in its order, and no more than the
/// text has.
fn check_any(text: &str) -> Conversation<'_> {
    let conversation = Conversation::parse(text);
    let again = Conversation::parse(text);
    assert_eq!(
        (conversation.format(), conversation.text(), conversation.turns(), conversation.truncated()),
        (again.format(), again.text(), again.turns(), again.truncated())
    );
    check_parts(&conversation);
    let said: usize = conversation.turns().iter().map(|turn| turn.text.len()).sum();
    assert!(said <= text.len(), "{said} bytes are said in {} bytes: {text:?}", text.len());
    let annotation = CallStage::default().annotate(text);
    assert!(annotation.sentiment.is_none_or(|score| (-1.0..=1.0).contains(&score)), "{annotation:?}");
    conversation
}

fn check_parts(conversation: &Conversation<'_>) {
    let text = conversation.text();
    assert!(text.chars().count() <= MAX_CHARS);
    let mut last = 0;
    for turn in conversation.turns() {
        assert!(last <= turn.start && turn.start < turn.end, "{turn:?} begins before {last}");
        assert_eq!(text.get(turn.start..turn.end), Some(turn.text));
        assert!(!turn.text.trim().is_empty());
        last = turn.end;
    }
}

/// What is said is read exactly: by whom, when, in which words.
fn check_exact(conversation: &Conversation<'_>, said: &[Said], is_timed: bool) {
    let times = |start, end| if is_timed { (start, end) } else { (None, None) };
    let found: Vec<_> = conversation
        .turns()
        .iter()
        .map(|turn| (turn.role, turn.text.to_owned(), times(turn.start_ms, turn.end_ms)))
        .collect();
    let expected: Vec<_> =
        said.iter().map(|said| (said.role, said.text.clone(), times(Some(said.start_ms), Some(said.end_ms)))).collect();
    assert_eq!(found, expected, "{} is {:?}", conversation.format(), conversation.text());
}

/// Redacting the document is the same as redacting what is said in it.
fn check_redacted(document: &Document) {
    let redactor = Redactor::default();
    let redacted = redactor.redact(&document.text);
    let said = document.said.iter().map(|said| Said { text: redactor.redact(&said.text).into(), ..said.clone() });
    check_exact(&Conversation::parse(&redacted), &said.collect::<Vec<_>>(), false);
}

/// The end of the first half of a text.
fn first_half(text: &str) -> usize {
    (0..=text.len() / 2).rfind(|place| text.is_char_boundary(*place)).unwrap_or_default()
}

/// The longest rest of a tag, a time or a label at which a document is cut off, in bytes.
const LONGEST_REST: usize = 64;

/// All words are said by somebody; of a document that is cut off, the end may be a part of anything.
fn check_words(conversation: &Conversation<'_>, is_cut_off: bool) {
    let end = if is_cut_off { conversation.text().len().saturating_sub(LONGEST_REST) } else { usize::MAX };
    for turn in conversation.turns() {
        assert_ne!(turn.role, Role::Bot, "{turn:?}");
        let words = turn.text.split_inclusive(char::is_whitespace).scan(turn.start, |at, word| {
            *at += word.len();
            Some((*at, word.trim()))
        });
        for (_, word) in words.filter(|(at, word)| *at < end && !word.is_empty()) {
            assert!(is_known(word), "{word:?} is not said, but {turn:?} in {:?}", conversation.text());
        }
    }
}
