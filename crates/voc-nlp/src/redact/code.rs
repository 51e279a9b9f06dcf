//! Letters and digits with dots, dashes and slashes between them, as documents and accounts have them.

use super::PersonalData;
use super::cue::Cue;
use super::digits::{Separator, is_within_word, separator};
use super::unit::is_unit;
use super::word::Word;
use super::written::{WrittenChar, visible};

/// Maximum number of groups: an account and the longest customary order number have fewer.
const MAX_GROUPS: usize = 8;
/// Maximum number of characters.
const MAX_CHARS: usize = 60;

/// Letters and digits in groups.
#[derive(Clone, Copy, Debug)]
pub(super) struct Code {
    pub(super) start: usize,
    pub(super) end: usize,
    /// The lengths of the groups.
    groups: [usize; MAX_GROUPS],
    separators: [Option<Separator>; MAX_GROUPS],
    group_count: usize,
    pub(super) digits: usize,
    letters_before: usize,
    letters_between: usize,
    letters_behind: usize,
}

impl Code {
    /// The code around the digit at `at`. It does not begin before `from`.
    pub(super) fn around(text: &str, from: usize, at: usize) -> Option<Self> {
        let start = code_start(text, from, at)?;
        let mut code = Self {
            start,
            end: start,
            groups: [0; MAX_GROUPS],
            separators: [None; MAX_GROUPS],
            group_count: 0,
            digits: 0,
            letters_before: 0,
            letters_between: 0,
            letters_behind: 0,
        };
        let mut pending = None;
        for written in visible(text, start).take(MAX_CHARS) {
            if written.c.is_ascii_alphanumeric() {
                code.push(written, pending.take())?;
                continue;
            }
            let joins = matches!(separator(written.c), Some(Separator::Dot | Separator::Dash | Separator::Slash));
            if !joins || pending.is_some() {
                break;
            }
            pending = separator(written.c);
        }
        // A decimal comma, a time, a percentage or a longer word follows.
        let rest = text.get(code.end..)?;
        let goes_on = rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '%' | '_'))
            || (rest.starts_with([',', ':']) && rest.get(1..)?.starts_with(|c: char| c.is_ascii_digit()));
        let next = Word::at(text, code.end + (rest.len() - rest.trim_start_matches(' ').len()));
        let is_amount = next.is_some_and(|word| is_unit(&word));
        (!goes_on && !is_amount && code.digits > 0).then_some(code)
    }

    /// The same with the letters of its series, which stand before it: "FZ 123456".
    pub(super) fn with_series(self, text: &str, from: usize) -> Self {
        let before = text.get(from..self.start).and_then(|before| before.strip_suffix(' ')).unwrap_or_default();
        let letters = before.bytes().rev().take(3).take_while(u8::is_ascii_uppercase).count();
        let start = self.start.saturating_sub(letters + 1);
        let series = text.get(start..self.start).unwrap_or_default();
        let is_series = (1..=2).contains(&letters)
            && !is_within_word(text, from, start)
            && !matches!(series, "NO " | "RG " | "ID ");
        match is_series && self.letters_before == 0 {
            true => Self { start, letters_before: letters, ..self },
            false => self,
        }
    }

    fn push(&mut self, written: WrittenChar, separator: Option<Separator>) -> Option<()> {
        if self.group_count == 0 || separator.is_some() {
            *self.separators.get_mut(self.group_count)? = separator;
            self.group_count += 1;
        }
        *self.groups.get_mut(self.group_count - 1)? += 1;
        self.end = written.end;
        if written.c.is_ascii_digit() {
            self.digits += 1;
            self.letters_between += std::mem::take(&mut self.letters_behind);
        } else if self.digits == 0 {
            self.letters_before += 1;
        } else {
            self.letters_behind += 1;
        }
        Some(())
    }

    fn groups(&self) -> &[usize] {
        self.groups.get(..self.group_count).unwrap_or_default()
    }

    fn has(&self, separator: Separator) -> bool {
        self.separators.contains(&Some(separator))
    }

    fn is_only_digits(&self) -> bool {
        self.letters_before + self.letters_between + self.letters_behind == 0
    }

    /// What it is after a cue, and how many of its bytes, if it has that form.
    pub(super) fn after(&self, cue: Cue) -> Option<(PersonalData, usize)> {
        let Self { digits, letters_before, letters_between, letters_behind, .. } = *self;
        let has_slash = self.has(Separator::Slash);
        let ends_in_dash = self.separators.get(self.group_count.checked_sub(1)?)? == &Some(Separator::Dash);
        let kind = match cue {
            // The check digit may be an X.
            Cue::Rg => {
                let has_form = (5..=10).contains(&digits) && letters_before <= 2 && letters_between == 0;
                let is_marked = self.group_count > 1 || digits >= 6;
                (has_form && letters_behind <= 1 && is_marked && !has_slash).then_some(PersonalData::Rg)
            }
            Cue::Cnh => {
                (self.is_only_digits() && (9..=12).contains(&digits) && !has_slash).then_some(PersonalData::Cnh)
            }
            Cue::Cep => (self.is_only_digits() && matches!(self.groups(), [8] | [5, 3] | [2, 3, 3]) && !has_slash)
                .then_some(PersonalData::Cep),
            Cue::Passport => {
                let letters = letters_before + letters_between + letters_behind;
                let has_form = match letters {
                    0 => (7..=9).contains(&digits),
                    _ => letters <= 3 && (5..=9).contains(&digits),
                };
                (has_form && self.group_count == 1).then_some(PersonalData::Passport)
            }
            Cue::Account => {
                let has_form =
                    (4..=13).contains(&digits) && letters_before + letters_between == 0 && letters_behind <= 1;
                let is_marked = ends_in_dash || self.has(Separator::Dash) || digits >= 5;
                (has_form && is_marked && !has_slash && !self.is_date()).then_some(PersonalData::BankAccount)
            }
            Cue::Agency => {
                let has_form =
                    (3..=6).contains(&digits) && letters_before + letters_between == 0 && letters_behind <= 1;
                (has_form && self.group_count <= 2 && !has_slash).then_some(PersonalData::BankAccount)
            }
            Cue::Cvv => (self.is_only_digits() && matches!(self.groups(), [3 | 4])).then_some(PersonalData::Cvv),
            Cue::Device => (14..=20).contains(&digits).then_some(PersonalData::Number),
            _ => None,
        }?;
        Some((kind, self.end))
    }

    /// Whether it has the customary punctuation of personal data, so that no cue of something else counts.
    pub(super) fn is_punctuated(&self) -> bool {
        matches!(self.groups(), [3, 3, 3, 2] | [2, 3, 3, 4, 2] | [4, 4, 4, 4] | [2, 5, 4] | [2, 4, 4] | [3, 3, 4])
    }

    fn is_date(&self) -> bool {
        matches!(self.groups(), [4, 2, 2] | [2, 2, 4]) && self.is_only_digits()
    }
}

/// Where the code around `at` begins: with up to three letters, also in front of a dash.
pub(super) fn code_start(text: &str, from: usize, at: usize) -> Option<usize> {
    let before = text.get(from..at)?;
    let trimmed =
        before.strip_suffix('-').filter(|rest| rest.ends_with(|c: char| c.is_ascii_alphabetic())).unwrap_or(before);
    let letters = trimmed.len() - trimmed.trim_end_matches(|c: char| c.is_ascii_alphabetic()).len();
    let start = if letters <= 3 { from + trimmed.len() - letters } else { at };
    let start = if letters == 0 { at } else { start };
    let is_continued = is_within_word(text, from, start)
        || text
            .get(from..start)?
            .strip_suffix(['.', ',', '-', '/'])
            .is_some_and(|rest| rest.ends_with(|c: char| c.is_ascii_digit()));
    (!is_continued).then_some(start)
}
