//! The one pass over a text.

use super::contact::{email, iban, is_local, punctuated_cnpj};
use super::digits::digit_at;
use super::escape::is_mark;
use super::network::{ipv6, uuid_end};
use super::number::Number;
use super::triggers::next_trigger;
use super::written::{WrittenChar, is_invisible, visible};
use super::{Finding, PersonalData};

/// Finds personal data from left to right.
#[derive(Clone, Debug)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    /// Everything before this position has been read.
    at: usize,
    /// Where the last finding ended: the next one does not begin before it.
    free_from: usize,
    /// Where the last at sign or finding ended: a local part does not begin before it.
    local_from: usize,
    /// The last at sign or escape of anything but a letter or digit: numbers do not continue across it.
    last_mark: Option<WrittenChar>,
    ahead: Lookahead,
}

/// The result of looking ahead from a digit: up to `end` there are only characters of local parts, and perhaps an
/// address that begins with them. No other digit up to there has to look ahead again.
#[derive(Clone, Debug, Default)]
struct Lookahead {
    end: usize,
    address: Option<(usize, usize)>,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, free_from: 0, local_from: 0, last_mark: None, ahead: Lookahead::default() }
    }

    /// The finding at a trigger, and how far the text was read.
    fn at_trigger(&mut self, at: usize) -> (Option<Finding>, usize) {
        if digit_at(self.text, at).is_some() {
            return self.at_digit(at);
        }
        match WrittenChar::at(self.text, at) {
            Some(sign) if sign.c == '@' => self.at_sign(sign),
            // "10%52…" may be a percentage and a number: an escape of a letter or digit is read literally.
            Some(escape) if escape.is_escaped(self.text) && !escape.c.is_alphanumeric() => {
                self.last_mark = Some(escape);
                (None, escape.end)
            }
            _ => (None, at + 1),
        }
    }

    fn at_sign(&mut self, sign: WrittenChar) -> (Option<Finding>, usize) {
        self.last_mark = Some(sign);
        let address = email(self.text, self.local_from, sign);
        self.local_from = sign.end;
        let finding = address.map(|(start, end)| Finding { kind: PersonalData::Email, start, end });
        (finding, finding.map_or(sign.end, |finding| finding.end))
    }

    fn at_digit(&mut self, at: usize) -> (Option<Finding>, usize) {
        let text = self.text;
        let found = |kind, start, end| (Some(Finding { kind, start, end }), end);
        if let Some((start, end)) = self.address_around(at) {
            return found(PersonalData::Email, start, end);
        }
        // The A of "%3A11987654321" is not a letter before a number.
        let from = self.last_mark.map_or(self.free_from, |mark| mark.end.max(self.free_from));
        let beside = self.beside(at);
        // Escaped and invisible characters may stand in between.
        let is_beside =
            |belongs: fn(u8) -> bool| beside.iter().any(|byte| belongs(*byte) || is_mark(*byte) || !byte.is_ascii());
        if is_beside(|byte| byte == b'-' || byte.is_ascii_hexdigit())
            && let Some(end) = uuid_end(text, from, at)
        {
            return (None, end);
        }
        if is_beside(|byte| byte == b':' || byte.is_ascii_hexdigit())
            && let Some((start, end)) = ipv6(text, from, at)
        {
            return found(PersonalData::Ip, start, end);
        }
        if let Some((start, end)) = iban(text, from, at) {
            return found(PersonalData::Iban, start, end);
        }
        if is_beside(|byte| byte == b'.' || byte.is_ascii_alphabetic())
            && let Some((start, end)) = punctuated_cnpj(text, from, at)
        {
            return found(PersonalData::Cnpj, start, end);
        }
        let number = Number::read(text, from, at, self.before(at));
        match number.recognise(text) {
            Some((PersonalData::Phone, end)) => {
                found(PersonalData::Phone, number.phone_start(at).max(self.free_from), end)
            }
            Some((kind, end)) => found(kind, at, end),
            None => (None, number.first_group_end()),
        }
    }

    /// The bytes before and after the run of digits at `at`, spaces at the text's ends.
    fn beside(&self, at: usize) -> [u8; 2] {
        let bytes = self.text.as_bytes();
        let before = at.checked_sub(1).and_then(|i| bytes.get(i));
        let behind = bytes.get(at..).unwrap_or_default().iter().find(|byte| !byte.is_ascii_digit());
        [before, behind].map(|byte| byte.copied().unwrap_or(b' '))
    }

    /// The visible character before `at`.
    fn before(&self, at: usize) -> Option<WrittenChar> {
        let end = self.text.get(..at)?.trim_end_matches(is_invisible).len();
        self.last_mark.filter(|mark| mark.end == end).or_else(|| WrittenChar::before(self.text, end))
    }

    /// The e-mail address whose local part contains the digit at `at`.
    fn address_around(&mut self, at: usize) -> Option<(usize, usize)> {
        if at >= self.ahead.end {
            self.ahead = self.look_ahead(at);
        }
        let (start, end) = self.ahead.address.filter(|(start, _)| *start <= at)?;
        Some((start.max(self.free_from), end))
    }

    fn look_ahead(&self, at: usize) -> Lookahead {
        let other = visible(self.text, at).find(|written| !is_local(written.c));
        let address = other.filter(|other| other.c == '@').and_then(|sign| email(self.text, self.local_from, sign));
        Lookahead { end: other.map_or(self.text.len(), |other| other.start), address }
    }
}

impl Iterator for Scanner<'_> {
    type Item = Finding;

    fn next(&mut self) -> Option<Finding> {
        while let Some(at) = next_trigger(self.text, self.at) {
            let (finding, read) = self.at_trigger(at);
            self.at = read;
            if finding.is_some() {
                self.free_from = read;
                self.local_from = read;
                return finding;
            }
        }
        self.at = self.text.len();
        None
    }
}
