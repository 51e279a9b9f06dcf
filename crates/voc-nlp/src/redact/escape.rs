//! Escapes of URLs, HTML, JSON, logs and Markdown.

/// Whether an escape may begin with a byte.
pub(super) const fn is_mark(byte: u8) -> bool {
    matches!(byte, b'%' | b'&' | b'\\')
}

/// The character that a mark and the following text represent, and how many bytes of the latter it takes.
pub(super) fn meaning(mark: char, behind: &[u8]) -> Option<(char, usize)> {
    match mark {
        '%' => bytes("%", behind),
        '&' => entity(behind),
        '\\' => backslashed(behind),
        _ => None,
    }
}

/// A character whose bytes in UTF-8 are written as two hex digits each. The mark of the first has been read.
fn bytes(mark: &str, text: &[u8]) -> Option<(char, usize)> {
    let mut bytes = [0; 4];
    let mut read = 0;
    for len in 1..=bytes.len() {
        *bytes.get_mut(len - 1)? = u8::try_from(number(text.get(read..read + 2)?, 16)?).ok()?;
        read += 2;
        let c = std::str::from_utf8(bytes.get(..len)?).ok().and_then(|text| text.chars().next());
        if let Some(c) = c {
            // "10%11…" is a percentage and a number: among control characters only white space is escaped.
            return (!c.is_ascii_control() || c.is_ascii_whitespace()).then_some((c, read));
        }
        text.get(read..)?.strip_prefix(mark.as_bytes())?;
        read += mark.len();
    }
    None
}

/// The names of characters that are part of addresses and numbers, and of the ampersand, which begins another escape.
const NAMED: &[(&str, char)] = &[
    ("amp;", '&'),
    ("apos;", '\''),
    ("commat;", '@'),
    ("hyphen;", '-'),
    ("lowbar;", '_'),
    ("lpar;", '('),
    ("lrm;", '\u{200e}'),
    ("nbsp;", '\u{a0}'),
    ("percnt;", '%'),
    ("period;", '.'),
    ("plus;", '+'),
    ("rlm;", '\u{200f}'),
    ("rpar;", ')'),
    ("shy;", '\u{ad}'),
    ("sol;", '/'),
    ("zwj;", '\u{200d}'),
    ("zwnj;", '\u{200c}'),
    ("ZeroWidthSpace;", '\u{200b}'),
];

/// A character of HTML after its ampersand.
fn entity(text: &[u8]) -> Option<(char, usize)> {
    if let Some(number) = text.strip_prefix(b"#") {
        return numbered(number).map(|(c, len)| (c, 1 + len));
    }
    NAMED.iter().find(|(name, _)| text.starts_with(name.as_bytes())).map(|(name, c)| (*c, name.len()))
}

/// A character by its number, `64;` or `x40;`. The semicolon may be missing.
fn numbered(text: &[u8]) -> Option<(char, usize)> {
    const MAX_DIGITS: usize = 8;
    let (radix, start) = if matches!(text.first()?, b'x' | b'X') { (16, 1) } else { (10, 0) };
    let digits = text.get(start..)?;
    let len = digits.iter().take(MAX_DIGITS).take_while(|byte| char::from(**byte).is_digit(radix)).count();
    let is_closed = digits.get(len) == Some(&b';');
    // "&#x40example.com": the e is a hex digit, too.
    let zeros = digits.iter().take_while(|byte| **byte == b'0').count();
    let len = if is_closed || radix == 10 { len } else { len.min(zeros + 2) };
    let c = char::from_u32(number(digits.get(..len)?, radix)?).filter(|c| *c != '\0')?;
    Some((c, start + len + usize::from(is_closed)))
}

/// A character of JSON, of logs, or of Markdown after its backslash.
fn backslashed(text: &[u8]) -> Option<(char, usize)> {
    let (first, behind) = text.split_first()?;
    match first {
        b'u' => {
            let code = number(behind.get(..4)?, 16)?;
            // Half of a surrogate pair is not part of an address.
            Some((char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 5))
        }
        b'x' => bytes("\\x", behind).map(|(c, len)| (c, 1 + len)),
        b'n' | b'r' | b't' => Some(('\n', 1)),
        mark => mark.is_ascii_punctuation().then_some((char::from(*mark), 1)),
    }
}

/// The number that these digits form, if all of them are digits.
fn number(digits: &[u8], radix: u32) -> Option<u32> {
    digits
        .iter()
        .try_fold(0_u32, |value, digit| value.checked_mul(radix)?.checked_add(char::from(*digit).to_digit(radix)?))
}
