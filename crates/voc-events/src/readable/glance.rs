//! The first look, which every nested value gets.

use super::{
    fits,
    tokens::{Token, Tokens},
};

/// Most names of objects that are open at the same time; a value with more is not plain.
const MOST_NAMES: usize = 32;
/// Most levels of a plain value.
const MOST_LEVELS: usize = 8;

/// What a first look shows of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Glance {
    /// All of it can be read.
    Plain,
    /// It must be looked at more closely.
    Doubtful,
    /// Objects and arrays nest too deep in it.
    TooDeep,
}

/// Looks at a well-formed value that may nest `max_depth` levels deep.
#[inline]
pub(crate) fn glance(value: &str, max_depth: usize) -> Glance {
    match value.as_bytes().first() {
        Some(b'{' | b'[') => glance_within(value, max_depth),
        Some(b'-' | b'0'..=b'9') if !fits(value) => Glance::Doubtful,
        _ => Glance::Plain,
    }
}

fn glance_within(value: &str, max_depth: usize) -> Glance {
    let mut names = Names::default();
    let (mut depth, mut is_plain) = (0_usize, true);
    for token in Tokens::of(value) {
        match token {
            Token::Object | Token::Array => {
                depth += 1;
                if depth > max_depth {
                    return Glance::TooDeep;
                }
                is_plain = is_plain && names.open(depth);
            }
            Token::End => {
                names.close(depth);
                depth -= 1;
            }
            Token::Name { literal, is_escaped } => is_plain = is_plain && !is_escaped && names.add(literal, depth),
            Token::Number(number) => is_plain = is_plain && fits(number),
            Token::Other | Token::Null => {}
        }
    }
    if is_plain { Glance::Plain } else { Glance::Doubtful }
}

/// The names of the objects that are open.
#[derive(Default)]
struct Names<'r> {
    names: [&'r str; MOST_NAMES],
    count: usize,
    /// By level, the place of its first name.
    first: [usize; MOST_LEVELS],
}

impl<'r> Names<'r> {
    /// Begins an object or array; whether it can be followed that deep.
    fn open(&mut self, depth: usize) -> bool {
        let Some(first) = self.first.get_mut(depth - 1) else { return false };
        *first = self.count;
        true
    }

    fn close(&mut self, depth: usize) {
        if let Some(first) = self.first.get(depth - 1) {
            self.count = *first;
        }
    }

    /// Takes a name of the innermost object, as it is written; whether it is certainly none of those before it, and no path.
    fn add(&mut self, name: &'r str, depth: usize) -> bool {
        let Some(first) = self.first.get(depth - 1).copied() else { return false };
        if self.count == MOST_NAMES || name.as_bytes().contains(&b'.') || self.names[first..self.count].contains(&name)
        {
            return false;
        }
        self.names[self.count] = name;
        self.count += 1;
        true
    }
}
