//! Characters as a reader perceives them, in whatever form they are written.

use super::escape;

/// How often a character may be escaped: JSON within JSON doubles its backslashes.
const MAX_ESCAPES: usize = 8;

/// A character, and the bytes that write it: itself, a lookalike, or an escape.
#[derive(Clone, Copy, Debug)]
pub(super) struct WrittenChar {
    pub(super) c: char,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl WrittenChar {
    /// The character that begins at `start`, a character boundary.
    #[inline]
    pub(super) fn at(text: &str, start: usize) -> Option<Self> {
        let byte = *text.as_bytes().get(start)?;
        if byte.is_ascii() && !escape::is_mark(byte) {
            return Some(Self { c: char::from(byte), start, end: start + 1 });
        }
        Self::disguised(text, start)
    }

    fn disguised(text: &str, start: usize) -> Option<Self> {
        let mut c = char_at(text, start)?;
        let mut end = start + c.len_utf8();
        // A character that means a mark may itself begin an escape: "%2540" is "%40", and that is "@".
        for _ in 0..MAX_ESCAPES {
            let Some((meant, len)) = escape::meaning(c, text.as_bytes().get(end..)?) else { break };
            c = meant;
            end += len;
        }
        Some(Self { c: plain(c), start, end })
    }

    /// The character that ends at `end`, a character boundary. Escapes are not decoded.
    pub(super) fn before(text: &str, end: usize) -> Option<Self> {
        let c = char_before(text, end)?;
        Some(Self { c: plain(c), start: end - c.len_utf8(), end })
    }

    /// Whether it is written as an escape.
    pub(super) fn is_escaped(&self, text: &str) -> bool {
        self.end - self.start > 1 && text.as_bytes().get(self.start).is_some_and(|byte| escape::is_mark(*byte))
    }
}

/// The character at `at`, a character boundary.
pub(super) fn char_at(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

/// The character before `at`, a character boundary.
fn char_before(text: &str, at: usize) -> Option<char> {
    text.get(..at)?.chars().next_back()
}

/// The characters from `start` on, without the invisible ones.
#[inline]
pub(super) fn visible(text: &str, start: usize) -> impl Iterator<Item = WrittenChar> {
    let mut at = start;
    let written = std::iter::from_fn(move || {
        let written = WrittenChar::at(text, at)?;
        at = written.end;
        Some(written)
    });
    written.filter(|written| !is_invisible(written.c))
}

/// Soft hyphens, zero-width characters and directional marks, which copied text may contain: those that Unicode calls
/// ignorable by default, except those of single scripts.
#[inline]
pub(super) fn is_invisible(c: char) -> bool {
    !c.is_ascii()
        && matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// The ASCII character for which input methods and word processors substitute another one.
pub(super) fn plain(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xff01 + u32::from('!')).unwrap_or(c),
        '\u{3000}' => ' ',
        '\u{fe6b}' => '@',
        '\u{fe52}' => '.',
        '\u{2010}' | '\u{2011}' | '\u{fe63}' => '-',
        '\u{2019}' => '\'',
        _ => c,
    }
}
