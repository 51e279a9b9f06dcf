//! IPv6 addresses, and UUIDs, which are to be left alone.

use std::net::Ipv6Addr;

/// The longest IPv6 address, one that ends in an IPv4 address, in bytes.
const MAX_IPV6: usize = 45;

/// Where the IPv6 address around the digit at `at` begins and ends. It does not begin before `from`.
pub(super) fn ipv6(text: &str, from: usize, at: usize) -> Option<(usize, usize)> {
    let belongs = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b':' || *byte == b'.';
    let (start, end) = run_around(text, from, at, MAX_IPV6, belongs)?;
    let candidate = text.get(start..end)?.trim_end_matches('.');
    // Times have colons too; an address has two together, or seven.
    let colons = candidate.bytes().filter(|byte| *byte == b':').count();
    if !(candidate.contains("::") || colons == 7) {
        return None;
    }
    let candidate = candidate.strip_suffix(':').filter(|rest| !rest.ends_with(':')).unwrap_or(candidate);
    let end = start + candidate.len();
    let is_whole = !text.get(end..)?.starts_with(|c: char| c.is_alphanumeric())
        && !text.get(..start)?.ends_with(|c: char| c.is_alphanumeric());
    (is_whole && candidate.parse::<Ipv6Addr>().is_ok()).then_some((start, end))
}

/// Where the UUID around the digit at `at` ends. It does not begin before `from`.
pub(super) fn uuid_end(text: &str, from: usize, at: usize) -> Option<usize> {
    const LEN: usize = 36;
    let (start, end) = run_around(text, from, at, LEN, |byte| byte.is_ascii_alphanumeric() || *byte == b'-')?;
    let run = text.as_bytes().get(start..end)?;
    let is_place = |(i, byte): (usize, &u8)| match i {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    (run.len() == LEN && run.iter().enumerate().all(is_place)).then_some(end)
}

/// The run of bytes that belong together around `at`; `None` if it is longer than `max`.
fn run_around(text: &str, from: usize, at: usize, max: usize, belongs: impl Fn(&u8) -> bool) -> Option<(usize, usize)> {
    let before = text.as_bytes().get(from..at)?.iter().rev().take(max + 1).take_while(|byte| belongs(byte)).count();
    let behind = text.as_bytes().get(at..)?.iter().take(max + 1).take_while(|byte| belongs(byte)).count();
    (before + behind <= max).then_some((at - before, at + behind))
}
