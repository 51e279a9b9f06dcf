//! E-mail addresses as they are spoken: "ana ponto silva arroba exemplo ponto com", "joe at example dot com".

use std::sync::LazyLock;

use super::contact::is_local;
use super::cue::{Cue, Cues};
use super::lexicon::Lexicon;
use super::number_word::{NumberWord, number_word};
use super::word::Word;

/// Number of words around one of them in which an at sign is looked for.
const MAX_WORDS: usize = 9;
/// Number of words there that are tried as an at sign.
const MAX_SIGNS: usize = 3;
/// Number of parts of a local part, and of words that name a domain.
const MAX_PARTS: usize = 24;
const MAX_NAME: usize = 5;
/// Number of names that are one local part.
const MAX_NAMES: usize = 3;

/// Whether an address may be around the word, for all but few of those that are in none.
pub(super) fn is_of_address(word: &Word) -> bool {
    const WORDS: &str = "arroba dot ponto com underscore underline hyphen email mail";
    static KNOWN: LazyLock<Lexicon<()>> = LazyLock::new(|| Lexicon::new(&[((), WORDS), ((), &PROVIDERS.join(" "))]));
    KNOWN.get(word).is_some()
}

/// The start and end of a spoken address near the word at `at`. It does not begin before `from`.
pub(super) fn spoken_address(text: &str, from: usize, at: usize) -> Option<(usize, usize)> {
    let mut start = at;
    for _ in 0..MAX_WORDS {
        let before = text.get(from..start)?.trim_end_matches([' ', '.', '_', '-', ':', ',']).len();
        let Some(word) = Word::before(text, from, from + before) else { break };
        start = word.start;
    }
    let mut next = start;
    let mut signs = 0;
    for _ in 0..2 * MAX_WORDS {
        let word = Word::at(text, next)?;
        if is_at_sign(&word) && signs < MAX_SIGNS {
            signs += 1;
            if let Some(found) = around(text, from, &word) {
                return Some(found);
            }
        }
        let rest = text.get(word.end..)?;
        next = word.end + (rest.len() - rest.trim_start_matches([' ', '.', '_', '-', ':', ',', '?']).len());
    }
    None
}

/// The address around its at sign.
fn around(text: &str, from: usize, sign: &Word) -> Option<(usize, usize)> {
    let domain = Domain::read(text, sign.end)?;
    let local = Local::read(text, from, sign.start)?;
    // "Look at example dot com" is no address.
    let is_sure = sign.as_str() == "arroba" || local.has_mark || domain.is_provider;
    let is_address = is_sure || (local.may_be && Cues::new(text, from, local.start).has(Cue::Email));
    is_address.then_some((local.start, domain.end))
}

/// A spoken domain.
pub(super) struct Domain {
    pub(super) end: usize,
    is_provider: bool,
}

impl Domain {
    /// The domain that begins after `at`.
    pub(super) fn read(text: &str, at: usize) -> Option<Self> {
        let mut end = None;
        let mut is_provider = false;
        let mut names = 0;
        let mut next = skip_spaces(text, at);
        while let Some(word) = Word::at(text, next) {
            if is_at_sign(&word) {
                break;
            }
            let is_dot = is_dot(word.as_str()) && names > 0;
            let label = if is_dot { Word::at(text, skip_spaces(text, word.end)) } else { Some(word) };
            // A sentence may end in "ponto".
            let Some(label) = label else { break };
            if is_dot && is_top_level(label.as_str()) {
                end = Some(label.end);
            } else if end.is_some() {
                break;
            } else {
                names += 1;
                is_provider |= PROVIDERS.contains(&label.as_str());
            }
            if names > MAX_NAME {
                break;
            }
            // A dot that is written.
            let (behind, is_top) = written_labels(text, label.end);
            if is_top {
                end = Some(behind);
            }
            next = skip_spaces(text, behind.max(label.end));
            if text.get(next..)?.starts_with('-') {
                next += 1;
            }
        }
        let end = end?;
        let is_page =
            Word::at(text, skip_spaces(text, end)).is_some_and(|word| matches!(word.as_str(), "slash" | "barra"));
        (!is_page && !text.get(end..)?.starts_with('/')).then_some(Self { end, is_provider })
    }
}

/// Where labels with dots before them end that begin at `at`, and whether the last is a top-level domain.
fn written_labels(text: &str, at: usize) -> (usize, bool) {
    let (mut end, mut is_top) = (at, false);
    while text.get(end..).is_some_and(|rest| rest.starts_with('.'))
        && let Some(label) = Word::at(text, end + 1)
    {
        is_top = is_top_level(label.as_str());
        end = label.end;
    }
    (end, is_top)
}

/// A spoken local part.
struct Local {
    start: usize,
    /// Whether it has dots or other marks, or is spelled.
    has_mark: bool,
    /// Whether it is no word that usually stands before "at".
    may_be: bool,
}

impl Local {
    /// The local part that ends before `end`.
    fn read(text: &str, from: usize, end: usize) -> Option<Self> {
        let (mut start, mut has_mark) = written_part(text, from, end)?;
        let may_be = !is_verb(Word::at(text, start)?.as_str());
        for _ in 0..MAX_PARTS {
            let Some(word) = word_before(text, from, start) else { break };
            if is_mark(word.as_str()) {
                let Some((before, _)) = written_part(text, from, word.start) else { break };
                (start, has_mark) = (before, true);
                continue;
            }
            let is_spelled = is_character(text, &Word::at(text, start)?);
            if is_character(text, &word) && (is_spelled || number_word(&word).is_some()) {
                (start, has_mark) = (word.start, true);
            } else if is_spelled && has_mark && !is_introduction(word.as_str()) {
                start = word.start;
                break;
            } else {
                break;
            }
        }
        Some(Self { start: with_names(text, from, start), has_mark, may_be })
    }
}

/// Where several names begin that are one local part, if it is clear where that begins: after "is" or "e-mail".
fn with_names(text: &str, from: usize, start: usize) -> usize {
    let mut first = start;
    for _ in 0..=MAX_NAMES {
        let Some(before) = text.get(from..first) else { break };
        if before.trim_end_matches(' ').ends_with(':') {
            return first;
        }
        let Some(word) = word_before(text, from, first) else { break };
        if is_introduction(word.as_str()) {
            return first;
        }
        first = word.start;
    }
    start
}

/// The start of a local part, or a part of one, as it is written before `end`, and whether it has a mark.
fn written_part(text: &str, from: usize, end: usize) -> Option<(usize, bool)> {
    let before = text.get(from..end)?;
    let before = before.trim_end_matches(' ');
    let part = before.char_indices().rev().take(64).take_while(|(_, c)| is_local(*c)).last().map(|(i, _)| i)?;
    let written = before.get(part..)?;
    let trimmed = written.trim_start_matches(['.', '-', '\'']);
    let has_mark = trimmed.contains(['.', '_', '-', '+']) || trimmed.bytes().any(|byte| byte.is_ascii_digit());
    let is_part = trimmed.contains(char::is_alphanumeric) && !trimmed.ends_with('.');
    is_part.then_some((from + before.len() - trimmed.len(), has_mark))
}

/// The word before `at`, with nothing but spaces in between.
fn word_before(text: &str, from: usize, at: usize) -> Option<Word> {
    let before = text.get(from..at)?;
    let trimmed = before.trim_end_matches(' ');
    (trimmed.len() < before.len()).then(|| Word::before(text, from, from + trimmed.len())).flatten()
}

fn skip_spaces(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.len() - rest.trim_start_matches(' ').len()
}

fn is_at_sign(word: &Word) -> bool {
    matches!(word.as_str(), "arroba" | "at")
}

fn is_dot(word: &str) -> bool {
    matches!(word, "dot" | "ponto" | "point")
}

fn is_mark(word: &str) -> bool {
    matches!(
        word,
        "dot"
            | "ponto"
            | "point"
            | "underscore"
            | "underline"
            | "sublinhado"
            | "sublinha"
            | "dash"
            | "hyphen"
            | "hifen"
            | "traco"
            | "tracinho"
            | "minus"
            | "plus"
    )
}

/// Whether it is a letter, a digit or the word for one, as in an address that is spelled.
fn is_character(text: &str, word: &Word) -> bool {
    let is_letter = word.as_str().len() == 1 && text.get(word.start..word.end).is_some_and(|letter| letter.is_ascii());
    is_letter
        || word.is_number()
        || matches!(
            number_word(word),
            Some(NumberWord::Digit(_) | NumberWord::Teen(_) | NumberWord::Tens(_) | NumberWord::Times(_))
        )
}

fn is_introduction(word: &str) -> bool {
    matches!(
        word,
        "email"
            | "mail"
            | "emails"
            | "address"
            | "endereco"
            | "is"
            | "its"
            | "e"
            | "eh"
            | "era"
            | "was"
            | "be"
            | "to"
            | "para"
            | "pra"
            | "pro"
            | "no"
            | "on"
            | "em"
            | "at"
            | "from"
            | "de"
            | "do"
            | "da"
            | "the"
            | "o"
            | "meu"
            | "my"
            | "with"
            | "com"
            | "and"
            | "or"
            | "ou"
            | "use"
            | "usa"
            | "anota"
            | "write"
            | "contact"
    )
}

/// Whether the word usually stands before "at" and a page: "look at example dot com".
fn is_verb(word: &str) -> bool {
    matches!(
        word,
        "look"
            | "looked"
            | "looking"
            | "website"
            | "site"
            | "page"
            | "online"
            | "me"
            | "us"
            | "him"
            | "her"
            | "them"
            | "you"
            | "it"
            | "shop"
            | "store"
            | "bought"
            | "ordered"
            | "available"
            | "sold"
            | "account"
            | "booked"
            | "work"
            | "works"
            | "working"
            | "email"
            | "mail"
            | "here"
            | "there"
            | "app"
            | "found"
            | "is"
            | "are"
    )
}

fn is_top_level(label: &str) -> bool {
    matches!(
        label,
        "com"
            | "net"
            | "org"
            | "edu"
            | "gov"
            | "mil"
            | "info"
            | "biz"
            | "io"
            | "app"
            | "dev"
            | "me"
            | "tv"
            | "ai"
            | "co"
            | "br"
            | "pt"
            | "uk"
            | "us"
            | "ca"
            | "au"
            | "nz"
            | "ie"
            | "in"
            | "de"
            | "fr"
            | "es"
            | "it"
            | "nl"
            | "eu"
            | "ar"
            | "mx"
            | "cl"
            | "online"
            | "tech"
            | "cloud"
            | "shop"
            | "store"
            | "adv"
            | "jus"
            | "leg"
    )
}

/// Where people have their mail.
pub(super) const PROVIDERS: &[&str] = &[
    "gmail",
    "hotmail",
    "outlook",
    "yahoo",
    "icloud",
    "live",
    "msn",
    "aol",
    "proton",
    "protonmail",
    "bol",
    "uol",
    "terra",
    "ig",
    "globo",
    "globomail",
    "btinternet",
    "gmx",
    "mac",
    "googlemail",
    "ymail",
    "zoho",
    "comcast",
    "verizon",
    "att",
    "sapo",
    "oi",
    "r7",
];
