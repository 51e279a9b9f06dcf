//! IPv6 addresses, and UUIDs, which are left alone unless they are keys of payments.

use std::net::Ipv6Addr;

use super::written::{is_invisible, visible};

/// The longest IPv6 address, one that ends in an IPv4 address, in characters.
const MAX_IPV6: usize = 45;

/// The start and end of the IPv6 address around the digit at `at`. It does not begin before `from`.
pub(super) fn ipv6(text: &str, from: usize, at: usize) -> Option<(usize, usize)> {
    let before = text.get(from..at)?.char_indices().rev().filter(|(_, c)| !is_invisible(*c));
    let start = before.take(MAX_IPV6).take_while(|(_, c)| belongs(*c)).last().map_or(at, |(i, _)| from + i);
    ipv6_within(text, from, start, text.len()).or_else(|| {
        // Invisible characters may be next to an address instead of inside it.
        let before = text.get(start..at)?.trim_end_matches(|c| !is_invisible(c)).len();
        let behind = text.get(at..)?.char_indices().take(MAX_IPV6).find(|(_, c)| is_invisible(*c));
        let end = behind.map_or(text.len(), |(i, _)| at + i);
        let is_shorter = before > 0 || end < text.len();
        is_shorter.then(|| ipv6_within(text, from, start + before, end)).flatten()
    })
}

/// The IPv6 address from `start` on, if the run that ends before `end` is one.
fn ipv6_within(text: &str, from: usize, start: usize, end: usize) -> Option<(usize, usize)> {
    let run = || visible(text, start).take_while(|written| written.end <= end && belongs(written.c));
    let mut bytes = [0; MAX_IPV6];
    let mut len = 0;
    let mut group = 0;
    for written in run() {
        group = if written.c.is_ascii_hexdigit() { group + 1 } else { 0 };
        if group > 4 {
            return None;
        }
        // `None` if the run is too long.
        *bytes.get_mut(len)? = written.c as u8;
        len += 1;
    }
    let candidate = std::str::from_utf8(bytes.get(..len)?).ok()?.trim_end_matches('.');
    // Times have colons, too; an address has two consecutive ones, or seven.
    let colons = candidate.bytes().filter(|byte| *byte == b':').count();
    if !(candidate.contains("::") || colons == 7) {
        return None;
    }
    let candidate = candidate.strip_suffix(':').filter(|rest| !rest.ends_with(':')).unwrap_or(candidate);
    let end = run().nth(candidate.len().checked_sub(1)?)?.end;
    let is_whole = !text.get(end..)?.starts_with(|c: char| c.is_alphanumeric())
        && !text.get(from..start)?.ends_with(|c: char| c.is_alphanumeric());
    (is_whole && candidate.parse::<Ipv6Addr>().is_ok()).then_some((start, end))
}

/// Whether the character may be part of an IPv6 address.
fn belongs(c: char) -> bool {
    c.is_ascii_hexdigit() || matches!(c, ':' | '.')
}

/// The start and end of the UUID around the digit at `at`. It does not begin before `from`.
pub(super) fn uuid(text: &str, from: usize, at: usize) -> Option<(usize, usize)> {
    const LEN: usize = 36;
    let belongs = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'-';
    let before = text.as_bytes().get(from..at)?.iter().rev().take(LEN + 1).take_while(belongs).count();
    let behind = text.as_bytes().get(at..)?.iter().take(LEN + 1).take_while(belongs).count();
    let run = text.as_bytes().get(at - before..at + behind)?;
    let is_place = |(i, byte): (usize, &u8)| match i {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    (run.len() == LEN && run.iter().enumerate().all(is_place)).then_some((at - before, at + behind))
}
