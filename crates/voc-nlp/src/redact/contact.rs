//! E-mail addresses, IBANs, and CNPJs with letters.

use super::checks;
use super::digits::{Separator, is_within_word, is_word, separator};
use super::written::{WrittenChar, char_at, is_invisible, plain, visible};

/// The longest local part and the longest domain of an address (RFC 5321, section 4.5.3.1), here in characters.
const MAX_LOCAL: usize = 64;
const MAX_DOMAIN: usize = 255;

/// The start and end of the e-mail address around an at sign. It does not begin before `from`.
pub(super) fn email(text: &str, from: usize, at_sign: WrittenChar) -> Option<(usize, usize)> {
    Some((local_start(text, from, at_sign.start)?, domain_end(text, at_sign.end)?))
}

/// Whether the character may be part of an address's local part.
pub(super) fn is_local(c: char) -> bool {
    is_letter_or_digit(c) || matches!(c, '.' | '_' | '%' | '+' | '-' | '\'')
}

/// Where the local part that ends at `end` begins.
pub(super) fn local_start(text: &str, from: usize, end: usize) -> Option<usize> {
    // An escape is recognised from its start, so the possible characters of local parts are read forwards.
    let is_part = |c| is_local(plain(c)) || is_invisible(c) || matches!(c, '&' | '#' | ';' | '\\');
    let before = text.get(from..end)?.trim_end_matches(is_part).len();
    let read_from = |start| visible(text, start).take_while(|written| written.end <= end);

    let mut start = None;
    let mut len = 0_usize;
    for written in read_from(from + before) {
        if is_local(written.c) {
            if start.is_none() && !matches!(written.c, '.' | '\'' | '-') {
                (start, len) = (Some(written.start), 0);
            }
        } else {
            // "\nick@" ends a line or a folder's name: take all of it, so that neither a letter remains nor a
            // backslash loses its letter.
            let is_doubtful = written.c.is_control() && text.as_bytes().get(written.start) == Some(&b'\\');
            (start, len) = (is_doubtful.then_some(written.start), 0);
        }
        len += 1;
    }
    read_from(start?).nth(len.saturating_sub(MAX_LOCAL)).map(|written| written.start)
}

/// Where the domain that begins at `start` ends: after the last label that may be a top-level domain.
fn domain_end(text: &str, start: usize) -> Option<usize> {
    let mut end = None;
    let mut has_name = false;
    let mut label = Label::new();
    for written in visible(text, start).take(MAX_DOMAIN) {
        match written.c {
            // The full stops of ideographic scripts are also dots of domains (RFC 3490, section 3.1).
            '.' | '\u{3002}' | '\u{ff61}' => {
                has_name |= label.len > 0;
                label = Label::new();
            }
            c if c == '-' || is_letter_or_digit(c) => {
                label.push(c);
                // Invisible characters may separate words, as in "example.com\u{200b}2".
                let goes_on = || c == '-' || char_at(text, written.end).is_some_and(is_letter_or_digit);
                if has_name && label.is_top_level() && !goes_on() {
                    end = Some(written.end);
                }
            }
            _ => break,
        }
    }
    end
}

/// A label of a domain, as far as it has been read.
struct Label {
    len: usize,
    is_alphabetic: bool,
    is_punycode: bool,
}

impl Label {
    const fn new() -> Self {
        Self { len: 0, is_alphabetic: true, is_punycode: true }
    }

    fn push(&mut self, c: char) {
        self.is_alphabetic &= is_letter(c);
        self.is_punycode &= b"xn--".get(self.len).is_none_or(|byte| c.eq_ignore_ascii_case(&char::from(*byte)));
        self.len += 1;
    }

    fn is_top_level(&self) -> bool {
        (self.len >= 2 && self.is_alphabetic) || (self.len > 4 && self.is_punycode)
    }
}

fn is_letter_or_digit(c: char) -> bool {
    is_letter(c) || c.is_numeric()
}

/// Accents may be separate characters.
fn is_letter(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '\u{300}'..='\u{36f}')
}

/// The start and end of the IBAN whose first digit is at `at`. It does not begin before `from`.
pub(super) fn iban(text: &str, from: usize, at: usize) -> Option<(usize, usize)> {
    let mut before = text.get(from..at)?.char_indices().rev().filter(|(_, c)| !is_invisible(*c));
    let (second, first) = (before.next()?, before.next()?);
    let is_country = first.1.is_ascii_alphabetic() && second.1.is_ascii_alphabetic();
    let start = from + first.0;
    if !is_country || is_within_word(text, from, start) {
        return None;
    }
    Some((start, iban_end(text, start)?))
}

/// Where the IBAN that begins with the two letters at `start` ends: without spaces, or in groups of four.
fn iban_end(text: &str, start: usize) -> Option<usize> {
    const MIN: usize = 15;
    const MAX: usize = 34;
    let mut end = None;
    let mut places = [0; MAX];
    let mut len = 0;
    let mut group = 0;
    for written in visible(text, start) {
        if !written.c.is_ascii_alphanumeric() {
            // Only the last group has fewer than four.
            if group != 4 || separator(written.c) != Some(Separator::Space) {
                break;
            }
            group = 0;
            continue;
        }
        let is_check_digit = len == 2 || len == 3;
        if is_check_digit && !written.c.is_ascii_digit() {
            break;
        }
        let Some(place) = places.get_mut(len) else { break };
        *place = written.c as u8;
        len += 1;
        group += 1;
        let is_whole = !char_at(text, written.end).is_some_and(is_word);
        if len >= MIN && is_whole && checks::iban(places.iter().copied().take(len)) {
            end = Some(written.end);
        }
    }
    end
}

/// The customary punctuation of a CNPJ.
const CNPJ: &str = "##.###.###/####-##";

/// The start and end of the CNPJ in its customary punctuation that contains the position `at`; its characters may be
/// letters.
pub(super) fn punctuated_cnpj(text: &str, from: usize, at: usize) -> Option<(usize, usize)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | '-');
    let before = text.get(from..at)?.char_indices().rev().filter(|(_, c)| !is_invisible(*c));
    let starts = before.take(CNPJ.len() - 1).take_while(|(_, c)| is_part(*c)).map(|(i, _)| from + i);
    let mut starts = std::iter::once(at).chain(starts).filter(|start| !is_within_word(text, from, *start));
    starts.find_map(|start| Some((start, punctuated_cnpj_end(text, start)?)))
}

/// Where the CNPJ that begins at `start` ends.
fn punctuated_cnpj_end(text: &str, start: usize) -> Option<usize> {
    let mut places = [0; 14];
    let mut free = places.iter_mut();
    let mut end = start;
    let mut characters = visible(text, start);
    for form in CNPJ.chars() {
        let written = characters.next()?;
        let c = written.c;
        if form == '#' && (c.is_ascii_digit() || c.is_ascii_uppercase()) {
            *free.next()? = c as u8 - b'0';
        } else if form == '#' || c != form {
            return None;
        }
        end = written.end;
    }
    let is_whole = !char_at(text, end).is_some_and(is_word);
    (is_whole && checks::cnpj(&places)).then_some(end)
}
