//! The one pass over a text.

use super::contact::{MAX_LOCAL, email, iban, punctuated_cnpj};
use super::digits::digit_at;
use super::network::{ipv6, uuid_end};
use super::number::Number;
use super::{Finding, PersonalData};

/// Finds personal data from left to right.
#[derive(Clone, Debug)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    /// Everything before was read.
    at: usize,
    /// Where the last finding ended: the next one does not begin before.
    free_from: usize,
    /// The first `@` that was not read; the text's length if there is none.
    next_at_sign: usize,
}

/// Bytes looked at together: a block without digits, `@` and other scripts is passed over.
const BLOCK: usize = 32;

/// Whether something to find may be recognised at a byte.
#[inline(always)]
fn is_trigger(byte: u8) -> bool {
    byte.wrapping_sub(b'0') < 10 || byte == b'@' || byte >= 0xd9
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, free_from: 0, next_at_sign: at_sign(text, 0) }
    }

    /// The place of the next byte that may be part of a finding. First bytes of characters below U+0660 are no such bytes.
    fn next_trigger(&self) -> Option<usize> {
        let mut at = self.at;
        let mut rest = self.text.as_bytes().get(at..)?;
        while let Some((block, behind)) = rest.split_first_chunk::<BLOCK>() {
            if block.iter().fold(false, |any, byte| any | is_trigger(*byte)) {
                break;
            }
            rest = behind;
            at += BLOCK;
        }
        rest.iter().position(|byte| is_trigger(*byte)).map(|i| at + i)
    }

    /// What is found at a digit, and how far the text was read.
    fn at_digit(&self, at: usize) -> (Option<Finding>, usize) {
        let text = self.text;
        let free_from = self.free_from;
        let found = |kind, start, end| (Some(Finding { kind, start, end }), end);
        let beside = self.beside(at);
        let is_beside = |belongs: fn(u8) -> bool| beside.iter().any(|byte| belongs(*byte));

        if is_beside(|byte| byte == b'-' || byte.is_ascii_hexdigit())
            && let Some(end) = uuid_end(text, free_from, at)
        {
            return (None, end);
        }
        if let Some((start, end)) = self.email_around(at) {
            return found(PersonalData::Email, start, end);
        }
        if is_beside(|byte| byte == b':' || byte.is_ascii_hexdigit())
            && let Some((start, end)) = ipv6(text, free_from, at)
        {
            return found(PersonalData::Ip, start, end);
        }
        if let Some(start) = at.checked_sub(2).filter(|start| *start >= free_from)
            && let Some(end) = iban(text, start)
        {
            return found(PersonalData::Iban, start, end);
        }
        if is_beside(|byte| byte == b'.' || byte.is_ascii_alphabetic())
            && let Some((start, end)) = punctuated_cnpj(text, free_from, at)
        {
            return found(PersonalData::Cnpj, start, end);
        }
        let number = Number::read(text, free_from, at);
        match number.recognise(text) {
            Some((PersonalData::Phone, end)) => {
                found(PersonalData::Phone, number.phone_start(text, at).max(free_from), end)
            }
            Some((kind, end)) => found(kind, at, end),
            None => (None, number.first_group_end()),
        }
    }

    /// The bytes before and behind the run of digits at `at`, spaces at the text's ends.
    fn beside(&self, at: usize) -> [u8; 2] {
        let bytes = self.text.as_bytes();
        let before = at.checked_sub(1).and_then(|i| bytes.get(i));
        let behind = bytes.get(at..).unwrap_or_default().iter().find(|byte| !byte.is_ascii_digit());
        [before, behind].map(|byte| byte.copied().unwrap_or(b' '))
    }

    /// The e-mail address whose local part the digit at `at` is in.
    fn email_around(&self, at: usize) -> Option<(usize, usize)> {
        let is_local = |byte: &u8| byte.is_ascii_alphanumeric() || b"._%+-'".contains(byte) || !byte.is_ascii();
        if self.next_at_sign.saturating_sub(at) > MAX_LOCAL {
            return None;
        }
        let local = self.text.as_bytes().get(at..self.next_at_sign)?;
        local.iter().all(is_local).then(|| email(self.text, self.free_from, self.next_at_sign)).flatten()
    }
}

/// The place of the first `@` from `from` on; the text's length if there is none.
fn at_sign(text: &str, from: usize) -> usize {
    let rest = text.as_bytes().get(from..).unwrap_or_default();
    memchr::memchr(b'@', rest).map_or(text.len(), |i| from + i)
}

impl Iterator for Scanner<'_> {
    type Item = Finding;

    fn next(&mut self) -> Option<Finding> {
        while let Some(at) = self.next_trigger() {
            let (finding, read) = if self.text.as_bytes().get(at) == Some(&b'@') {
                let address = email(self.text, self.free_from, at);
                let finding = address.map(|(start, end)| Finding { kind: PersonalData::Email, start, end });
                (finding, finding.map_or(at + 1, |finding| finding.end))
            } else if digit_at(self.text, at).is_some() {
                self.at_digit(at)
            } else {
                (None, at + 1)
            };
            self.at = read;
            if read > self.next_at_sign {
                self.next_at_sign = at_sign(self.text, read);
            }
            if finding.is_some() {
                self.free_from = read;
                return finding;
            }
        }
        self.at = self.text.len();
        None
    }
}
