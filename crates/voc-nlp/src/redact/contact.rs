//! E-mail addresses, IBANs, and CNPJs with letters.

use super::checks;
use super::digits::{char_at, char_before, is_word};

/// The longest local part and the longest domain of an address, in bytes (RFC 5321, section 4.5.3.1).
pub(super) const MAX_LOCAL: usize = 64;
const MAX_DOMAIN: usize = 255;

/// Where the e-mail address around the `@` at `at` begins and ends. It does not begin before `from`.
pub(super) fn email(text: &str, from: usize, at: usize) -> Option<(usize, usize)> {
    let local = text.get(from..at)?;
    let mut start = at;
    for c in local.chars().rev() {
        let is_local = c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-' | '\'');
        if !is_local || at - start >= MAX_LOCAL {
            break;
        }
        start -= c.len_utf8();
    }
    let local = text.get(start..at)?;
    start += local.len() - local.trim_start_matches(['.', '\'', '-']).len();

    let domain_start = at + 1;
    let mut end = domain_start;
    for c in text.get(domain_start..)?.chars() {
        if !(c.is_alphanumeric() || matches!(c, '.' | '-')) || end - domain_start >= MAX_DOMAIN {
            break;
        }
        end += c.len_utf8();
    }
    let domain = text.get(domain_start..end)?.trim_end_matches(['.', '-']);
    let (name, last) = domain.rsplit_once('.')?;
    let is_domain = !name.is_empty() && last.chars().count() >= 2 && last.chars().all(char::is_alphabetic);
    (start < at && is_domain).then_some((start, domain_start + domain.len()))
}

/// Where the IBAN that begins at `start` ends: without spaces, or in groups of four.
pub(super) fn iban(text: &str, start: usize) -> Option<usize> {
    const LENGTHS: std::ops::RangeInclusive<usize> = 15..=34;
    if char_before(text, start).is_some_and(is_word) {
        return None;
    }
    let rest = text.as_bytes().get(start..)?;
    let [first, second, third, fourth] = *rest.first_chunk()?;
    if !(first.is_ascii_alphabetic()
        && second.is_ascii_alphabetic()
        && third.is_ascii_digit()
        && fourth.is_ascii_digit())
    {
        return None;
    }
    let mut best = None;
    let mut places = 0;
    let mut end = 0;
    loop {
        let group =
            rest.get(end..)?.iter().take(*LENGTHS.end() + 1).take_while(|byte| byte.is_ascii_alphanumeric()).count();
        places += group;
        end += group;
        let is_valid = || checks::iban(rest.iter().take(end).copied().filter(u8::is_ascii_alphanumeric));
        let is_whole = !char_at(text, start + end).is_some_and(is_word);
        if LENGTHS.contains(&places) && is_whole && is_valid() {
            best = Some(start + end);
        }
        // Only the last group has fewer than four.
        if group != 4 || places > *LENGTHS.end() || rest.get(end) != Some(&b' ') {
            return best;
        }
        end += 1;
    }
}

/// Where the CNPJ in its customary punctuation that the place `at` is part of begins and ends; its places may be letters.
pub(super) fn punctuated_cnpj(text: &str, from: usize, at: usize) -> Option<(usize, usize)> {
    const FORM: &[u8; 18] = b"##.###.###/####-##";
    let bytes = text.as_bytes();
    let fits = |start: usize| {
        let candidate = bytes.get(start..start + FORM.len())?;
        let fits = |(byte, form): (&u8, &u8)| match form {
            b'#' => byte.is_ascii_digit() || byte.is_ascii_uppercase(),
            mark => byte == mark,
        };
        candidate.iter().zip(FORM).all(fits).then_some(candidate)
    };
    (from.max(at.saturating_sub(FORM.len() - 1))..=at).find_map(|start| {
        let mut places = [0; 14];
        let alphanumeric = fits(start)?.iter().filter(|byte| byte.is_ascii_alphanumeric());
        for (place, byte) in places.iter_mut().zip(alphanumeric) {
            *place = byte - b'0';
        }
        let end = start + FORM.len();
        let is_whole = !char_before(text, start).is_some_and(is_word) && !char_at(text, end).is_some_and(is_word);
        (is_whole && checks::cnpj(&places)).then_some((start, end))
    })
}
