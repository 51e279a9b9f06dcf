//! Speakers' names before their turns.

use super::Role;
use super::boundary;
use super::speaker::{Meaning, meaning};
use super::stamp::{lead_start, skip_lead};

/// Maximum length of a name with its surroundings, in bytes.
const LONGEST: usize = 64;
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
    pub(super) speaker: NameKind,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NameKind {
    /// A speaker whose role the name states, or text that names no person.
    Known(Role),
    /// Possibly a person.
    Maybe,
}

/// The name at the beginning of the line at `start`.
pub(super) fn at_line(text: &str, start: usize) -> Option<Label> {
    let rest = text.get(start..)?;
    let name = match rest.as_bytes().first()? {
        byte if byte.is_ascii_alphabetic() => rest,
        _ => skip_lead(rest),
    };
    if !name.starts_with(|c: char| c.is_alphabetic() || matches!(c, '[' | '<')) {
        return None;
    }
    let name_start = text.len() - name.len();
    let lead = text.get(start..name_start)?;
    let window = window(name);
    let mut ends = window.char_indices().filter(|(_, c)| matches!(c, ':' | '-' | '–' | '—' | '>' | ']' | '\t' | '\n'));
    ends.find_map(|(at, mark)| {
        let after = window.get(at + mark.len_utf8()..)?;
        let is_followed = |c: char| c.is_whitespace() || c == '*';
        let named = window.get(..at)?;
        // "Agent [00:12]:"
        let speaker = who(named.get(..lead_start(named))?)?;
        let ends = match (mark, speaker) {
            (':', _) if !has_whole_brackets(named) => false,
            (':', NameKind::Known(_)) => !after.starts_with("//"),
            (':', NameKind::Maybe) => after.is_empty() || after.starts_with(is_followed),
            ('-' | '–' | '—', NameKind::Known(_)) => {
                let is_title = named.starts_with(char::is_uppercase) || lead.contains(':');
                is_title && named.ends_with(' ') && after.starts_with(' ')
            }
            (']' | '>', NameKind::Known(_)) => named.starts_with(['[', '<']) && !after.trim_start().starts_with(':'),
            ('\t', NameKind::Known(_)) => true,
            ('\n', NameKind::Known(_)) => named.starts_with(char::is_uppercase),
            _ => false,
        };
        ends.then(|| label(text, start, (name_start, name_start + at), name_start + at + mark.len_utf8(), speaker))
    })
}

/// The name within a line whose colon is at `colon`. With `anywhere` it may follow any word, not only the end of a
/// sentence.
pub(super) fn within_line(text: &str, from: usize, colon: usize, anywhere: bool) -> Option<Label> {
    let before = text.get(from..colon)?;
    let last = *before.as_bytes().last()?;
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
        if let Some(NameKind::Known(role)) = who(name) {
            let lead = lead_start(before.get(..start)?);
            let is_behind_sentence =
                before.get(..lead)?.trim_end().ends_with(['.', '!', '?', '…', '"', '\'', ')', ']', ';', '”'])
                    || lead < start && !before.get(lead..start)?.trim().is_empty()
                    || (lead == 0 && offset == from);
            if is_behind_sentence || (anywhere && name.starts_with(char::is_uppercase)) {
                found = Some(label(text, offset + lead, (offset + start, colon), colon + 1, NameKind::Known(role)));
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
fn label(text: &str, start: usize, (name_start, name_end): (usize, usize), end: usize, speaker: NameKind) -> Label {
    let is_around = |c: char| c.is_whitespace() || matches!(c, '*' | '_' | '[' | ']' | '<' | '>');
    let name = text.get(name_start..name_end).unwrap_or_default();
    let name_start = name_end - name.trim_start_matches(is_around).len();
    let name_end = name_start + text.get(name_start..name_end).unwrap_or_default().trim_end_matches(is_around).len();
    // The emphasis ends after the colon: "**Agent:** hello".
    let after = text.get(end..).unwrap_or_default();
    let end = text.len() - after.trim_start_matches(['*', '_', ' ', '\t']).len();
    Label { start, name_start, name_end, end, speaker }
}

/// What a name stands for, with its surroundings; `None` if it is not a name.
fn who(name: &str) -> Option<NameKind> {
    let mut role: Option<Role> = None;
    let mut is_somebody = false;
    let mut is_field = false;
    let mut unknown = 0;
    let mut words = 0;
    let mut are_proper = true;
    let mut rest = name;
    while let Some(start) = rest.find(char::is_alphanumeric) {
        let gap = rest.get(..start)?;
        if !gap.chars().all(is_in_name) {
            return None;
        }
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
            Meaning::Somebody => is_somebody = true,
            Meaning::Field => is_field = true,
            Meaning::Qualifier => unknown += usize::from(words == 1),
            Meaning::Unknown if word.starts_with(|c: char| c.is_ascii_digit()) => {
                are_proper &= word.len() <= 3 && words > 1;
            }
            Meaning::Unknown => {
                unknown += 1;
                are_proper &= !word.starts_with(char::is_lowercase) || (is_somebody && word.chars().count() == 1);
            }
        }
    }
    if words == 0 || !rest.chars().all(is_in_name) || !are_proper {
        return None;
    }
    match role {
        Some(role) if !is_field && unknown <= 3 => Some(NameKind::Known(role)),
        None if is_somebody && !is_field && unknown <= 1 => Some(NameKind::Known(Role::Other)),
        None if !is_field && (1..=3).contains(&unknown) && words <= 3 && name.len() <= 40 => Some(NameKind::Maybe),
        _ => None,
    }
}

/// "Virtual agent" is a bot, "customer service agent" is an agent.
fn stronger(a: Role, b: Role) -> Role {
    match (a, b) {
        (Role::Bot, _) | (_, Role::Bot) => Role::Bot,
        (Role::Agent, _) | (_, Role::Agent) => Role::Agent,
        _ => a,
    }
}

/// Whether every bracket that is opened is closed.
fn has_whole_brackets(name: &str) -> bool {
    let count = |mark| name.bytes().filter(|byte| *byte == mark).count();
    count(b'(') == count(b')') && count(b'[') == count(b']')
}

/// Characters allowed between and around the words of a name.
fn is_in_name(c: char) -> bool {
    matches!(c, ' ' | '(' | ')' | '[' | ']' | '<' | '*' | '_' | '-' | '.' | '#' | '/' | '\u{a0}')
}

/// The longest prefix of a line that a name may occupy, with the preceding line feed.
fn window(line: &str) -> &str {
    let most = line.get(..boundary::floor(line, LONGEST)).unwrap_or(line);
    match most.find('\n') {
        Some(end) => most.get(..=end).unwrap_or(most),
        None => most,
    }
}
