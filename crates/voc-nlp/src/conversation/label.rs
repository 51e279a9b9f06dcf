//! Speakers' names before their turns.

use super::Role;
use super::boundary;
use super::speaker::{Meaning, meaning, stronger};
use super::speakers::Naming;
use super::stamp::{is_time, is_time_line, lead_start, skip_lead, strip_words_of_time};

/// Maximum length of a name with its surroundings, in bytes.
const LONGEST: usize = 96;
/// Maximum number of words in a name.
const MAX_WORDS: usize = 4;

/// A name before a turn, as offsets in the transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Label {
    /// Where the previous turn ends.
    pub(super) start: usize,
    pub(super) name_start: usize,
    pub(super) name_end: usize,
    /// Where the text begins.
    pub(super) end: usize,
    pub(super) kind: NameKind,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NameKind {
    /// A speaker whose role the name states.
    Known(Role),
    /// A speaker, certainly or possibly, of a role that it does not state.
    Unknown(Naming),
}

impl NameKind {
    const POSSIBLE: Self = Self::Unknown(Naming::Possible { hint: None });

    /// Whether the name is certainly that of a speaker.
    pub(super) fn is_certain(self) -> bool {
        !matches!(self, Self::Unknown(Naming::Possible { .. }))
    }
}

/// The name at the beginning of the line at `start`.
pub(super) fn at_line(text: &str, start: usize) -> Option<Label> {
    let rest = text.get(start..)?;
    let mut name = match rest.as_bytes().first()? {
        byte if byte.is_ascii_alphabetic() => rest,
        _ => skip_lead(rest),
    };
    let lead = rest.get(..rest.len() - name.len())?;
    let is_after_time = is_time(lead);
    if is_after_time {
        // As in the chat of a meeting: "10:15:02 From Maria to everyone: hello".
        name = ["From ", "De "].into_iter().find_map(|from| name.strip_prefix(from)).unwrap_or(name).trim_start();
    }
    let may_begin = |c: char| c.is_alphabetic() || matches!(c, '[' | '<') || (is_after_time && c == '+');
    if !name.starts_with(may_begin) {
        return None;
    }
    let name_start = text.len() - name.len();
    let window = window(name);
    let mut ends =
        window.char_indices().filter(|(_, c)| matches!(c, ':' | '-' | '–' | '—' | '>' | ']' | '|' | '\t' | '\n'));
    ends.find_map(|(at, mark)| {
        let after = window.get(at + mark.len_utf8()..)?;
        let is_followed = |c: char| c.is_whitespace() || c == '*';
        let named = window.get(..at)?;
        // "Agent [00:12]:"
        let mut before_time = named.get(..lead_start(named))?;
        let is_before_time = is_time(named.get(before_time.len()..)?);
        if is_before_time {
            before_time = strip_words_of_time(before_time);
        }
        if is_after_time || is_before_time {
            before_time = before_time.trim_end_matches([',', ' ']);
        }
        if is_after_time {
            let to = [" to ", " para "].into_iter().find_map(|to| before_time.find(to));
            before_time = to.and_then(|to| before_time.get(..to)).unwrap_or(before_time).trim_end();
        }
        let kind = who(before_time, is_after_time)?;
        let mut label_start = start;
        let mut end = at + mark.len_utf8();
        let rest = name.get(end..)?;
        // "[Maria] 10:15:02", or a line that is only a time.
        let time_after = || {
            // Longer lines are no times, and need not be read for each mark.
            let line = rest.get(..boundary::floor(rest, LONGEST))?;
            let end = line.find('\n')?;
            is_time_line(line.get(..end)?).then_some(end + 1)
        };
        let is_title = named.starts_with(char::is_uppercase);
        let is_whole = has_whole_brackets(named);
        let is_in_number =
            || named.ends_with(|c: char| c.is_ascii_digit()) && after.starts_with(|c: char| c.is_ascii_digit());
        let ends = match mark {
            ':' | '-' | '–' | '—' if !is_whole || is_in_number() => false,
            // "Maria - 05/02/2024 09:12"
            '-' | '–' | '—' if is_title && let Some(time) = time_after() => {
                end += time;
                true
            }
            ':' if kind.is_certain() => !after.starts_with("//"),
            ':' => after.is_empty() || after.starts_with(is_followed),
            '-' | '–' | '—' if kind.is_certain() => {
                (is_title || is_after_time) && named.ends_with(' ') && after.starts_with(' ')
            }
            '|' => is_after_time && named.ends_with(' ') && after.starts_with(' '),
            ']' if named.starts_with('[')
                && let Some(time) = time_after() =>
            {
                end += time;
                true
            }
            ']' | '>' if kind.is_certain() => named.starts_with(['[', '<']) && !after.trim_start().starts_with(':'),
            '\t' => kind.is_certain(),
            '\n' if is_title && let Some(time) = time_after() => {
                end += time;
                true
            }
            // "Maria Souza  0:05", or the name between a time and what is said
            '\n' if is_title && (is_before_time || is_after_time) => true,
            '\n' if is_title && let Some(time) = time_line_before(text, start) => {
                label_start = time;
                true
            }
            '\n' => is_title && kind.is_certain(),
            _ => false,
        };
        ends.then(|| label(text, label_start, (name_start, name_start + before_time.len()), name_start + end, kind))
    })
}

/// Where the line before `start` begins, if it is a time.
fn time_line_before(text: &str, start: usize) -> Option<usize> {
    let before = text.get(..start)?.strip_suffix('\n')?;
    let line = before.rfind('\n').map_or(0, |end| end + 1);
    is_time_line(before.get(line..)?).then_some(line)
}

/// Where names within a line may stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    /// After the end of a sentence.
    Sentences,
    /// After any word, if they begin with a capital letter: the text begins with a name.
    Words,
    /// After any word but an article: the text begins with a name in lower case.
    LowerCaseWords,
}

/// Words before "agent" or "cliente" in sentences, but not before labels.
const ARTICLES: [&str; 30] = [
    "the", "an", "my", "your", "our", "their", "this", "that", "to", "by", "with", "from", "for", "of", "and", "o",
    "os", "um", "uma", "ao", "do", "da", "no", "na", "meu", "minha", "seu", "sua", "pro", "pelo",
];

/// The name within a line whose colon is at `colon`.
pub(super) fn within_line(text: &str, from: usize, colon: usize, within: Within) -> Option<Label> {
    let before = text.get(from..colon)?;
    let last = *before.as_bytes().last()?;
    let is_digit = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    if last.is_ascii_digit() && is_digit(colon + 1) {
        // A time.
        return None;
    }
    if !(last.is_ascii_alphanumeric() || last >= 0x80 || matches!(last, b')' | b'*' | b'_' | b']')) {
        return None;
    }
    // The words before the colon, the longest name first: "Customer service rep", "Speaker 1".
    let before = before.get(boundary::ceil(before, before.len().saturating_sub(LONGEST))..)?;
    let offset = colon - before.len();
    let mut found = None;
    let mut end = before.len();
    for _ in 0..MAX_WORDS {
        let head = before.get(..end)?.trim_end();
        let start = head.rfind([' ', '\t', '\n', '.', '!', '?', '*', ']', '|']).map_or(0, |i| i + 1);
        let name = before.get(start..)?;
        if let Some(kind) = who(name, false).filter(|kind| kind.is_certain()) {
            let lead = lead_start(before.get(..start)?);
            let is_behind_sentence =
                before.get(..lead)?.trim_end().ends_with(['.', '!', '?', '…', '"', '\'', ')', ']', ';', '”'])
                    || lead < start && !before.get(lead..start)?.trim().is_empty()
                    || (lead == 0 && offset == from);
            let is_label = || match within {
                Within::Sentences => false,
                Within::Words => name.starts_with(char::is_uppercase),
                Within::LowerCaseWords => {
                    let last = before.get(..start).unwrap_or_default().split_whitespace().next_back();
                    name.starts_with(char::is_lowercase)
                        && !name.contains(' ')
                        && last.is_some_and(|last| !ARTICLES.iter().any(|article| article.eq_ignore_ascii_case(last)))
                }
            };
            if is_behind_sentence || is_label() {
                found = Some(label(text, offset + lead, (offset + start, colon), colon + 1, kind));
            }
        }
        if start <= 1 || !before.get(..start)?.ends_with(' ') {
            break;
        }
        end = start - 1;
    }
    found
}

/// A label without the markup of its name.
fn label(text: &str, start: usize, (name_start, name_end): (usize, usize), end: usize, kind: NameKind) -> Label {
    let is_around = |c: char| c.is_whitespace() || matches!(c, '*' | '_' | '[' | ']' | '<' | '>');
    let name = text.get(name_start..name_end).unwrap_or_default();
    let name_start = name_end - name.trim_start_matches(is_around).len();
    let name_end = name_start + text.get(name_start..name_end).unwrap_or_default().trim_end_matches(is_around).len();
    // The emphasis ends after the colon: "**Agent:** hello".
    let after = text.get(end..).unwrap_or_default();
    let end = text.len() - after.trim_start_matches(['*', '_', ' ', '\t']).len();
    Label { start, name_start, name_end, end, kind }
}

/// What the whole name of a speaker stands for; `None` if it looks like no name.
pub(super) fn kind_of(name: &str) -> Option<NameKind> {
    who(name, true)
}

/// What a name stands for, with its surroundings; `None` if it is not a name. After a time a name may be that of a
/// chat's contact, with symbols in it, or a telephone number.
fn who(name: &str, is_after_time: bool) -> Option<NameKind> {
    let mut role: Option<Role> = None;
    let mut hint = None;
    let mut is_somebody = false;
    let mut is_field = false;
    let mut is_listing = false;
    let mut is_assistant = false;
    let mut unknown = 0;
    let mut words = 0;
    let mut are_proper = true;
    let mut numbers = 0;
    let mut rest = name;
    if is_after_time && is_phone_number(name) {
        return Some(NameKind::POSSIBLE);
    }
    while let Some(start) = rest.find(char::is_alphanumeric) {
        let gap = rest.get(..start)?;
        if !gap.chars().all(|c| is_in_name(c) || (is_after_time && !c.is_ascii())) {
            return None;
        }
        is_listing |= gap.contains(['|', ',', '/', '@']);
        let word = rest.get(start..)?;
        let len = word.find(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '’' | '\u{300}'..='\u{36f}')));
        let (word, after) = word.split_at_checked(len.unwrap_or(word.len()))?;
        rest = after;
        words += 1;
        if words > MAX_WORDS + 1 {
            return None;
        }
        // "Operador(a)"
        if word == "a" && gap == "(" {
            continue;
        }
        match meaning(word) {
            Meaning::Role(found) => role = Some(role.map_or(found, |role| stronger(role, found))),
            Meaning::Hint(found) => {
                hint = Some(found);
                unknown += 1;
            }
            Meaning::Assistant => is_assistant = true,
            Meaning::Somebody => is_somebody = true,
            Meaning::Field => is_field = true,
            Meaning::Qualifier => unknown += usize::from(words == 1),
            Meaning::Unknown if word.starts_with(|c: char| c.is_ascii_digit()) => {
                are_proper &= word.len() <= LONGEST_NUMBER && words > 1;
                numbers = numbers.max(word.len());
            }
            Meaning::Unknown => {
                unknown += 1;
                are_proper &= !word.starts_with(char::is_lowercase) || (is_somebody && word.chars().count() == 1);
            }
        }
    }
    let is_end = |c: char| is_in_name(c) || (is_after_time && !c.is_ascii());
    if words == 0 || !rest.chars().all(is_end) || !are_proper || is_field {
        return None;
    }
    if is_assistant {
        // A program, unless it has a name: "Assistente Bruna".
        role = role.or(Some(if unknown == 0 { Role::Bot } else { Role::Agent }));
    }
    match role {
        Some(role) if unknown <= 3 => Some(NameKind::Known(role)),
        None if is_somebody && unknown <= 1 => Some(NameKind::Unknown(Naming::Certain)),
        None if (1..=3).contains(&unknown) && words <= 4 && name.len() <= 40 && !is_listing && numbers <= 3 => {
            Some(NameKind::Unknown(Naming::Possible { hint }))
        }
        _ => None,
    }
}

/// The longest number of a speaker: "Visitor 48211".
const LONGEST_NUMBER: usize = 9;

/// "+55 11 98765-4321"
fn is_phone_number(name: &str) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    name.starts_with('+')
        && (8..=15).contains(&digits)
        && name.bytes().all(|b| b.is_ascii_digit() || b" ()-+".contains(&b))
}

/// Whether every bracket that is opened is closed.
fn has_whole_brackets(name: &str) -> bool {
    let count = |mark| name.bytes().filter(|byte| *byte == mark).count();
    count(b'(') == count(b')') && count(b'[') == count(b']')
}

/// Characters allowed between and around the words of a name.
fn is_in_name(c: char) -> bool {
    matches!(c, ' ' | '(' | ')' | '[' | ']' | '<' | '*' | '_' | '-' | '.' | '#' | '/' | '|' | ',' | '@' | '\u{a0}')
}

/// The longest prefix of a line that a name may occupy, with the preceding line feed.
fn window(line: &str) -> &str {
    let most = line.get(..boundary::floor(line, LONGEST)).unwrap_or(line);
    match most.find('\n') {
        Some(end) => most.get(..=end).unwrap_or(most),
        None => most,
    }
}
