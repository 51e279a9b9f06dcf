//! The quick check that every nested value gets.

use super::{
    fits, meets,
    tokens::{Token, Tokens},
};

/// Maximum number of names of objects that are open at the same time in a plain value.
const MAX_NAMES: usize = 32;
/// Maximum number of levels with names in a plain value.
const MAX_LEVELS: usize = 8;

/// The result of the quick check of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Glance {
    /// All of it can be read.
    Plain,
    /// It needs a closer inspection.
    Doubtful,
    /// Its objects and arrays are nested too deeply.
    TooDeep,
}

/// Checks a well-formed value that may nest `max_depth` levels deep.
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
                names.open(depth);
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
    names: [&'r str; MAX_NAMES],
    count: usize,
    /// Whether there is a dot in any of them.
    has_dots: bool,
    /// By level, the position of its first name.
    first: [usize; MAX_LEVELS],
}

impl<'r> Names<'r> {
    fn open(&mut self, depth: usize) {
        if let Some(first) = self.first.get_mut(depth - 1) {
            *first = self.count;
        }
    }

    fn close(&mut self, depth: usize) {
        if let Some(first) = self.first.get(depth - 1) {
            self.count = *first;
        }
    }

    /// Takes a name of the innermost object, as it is written; returns whether it certainly collides with none of the
    /// earlier ones.
    fn add(&mut self, literal: &'r str, depth: usize) -> bool {
        let (Some(first), Some(name)) = (self.first.get(depth - 1), literal.get(1..literal.len() - 1)) else {
            return false;
        };
        let others = &self.names[*first..self.count];
        self.has_dots |= name.as_bytes().contains(&b'.');
        // Without dots, names collide if they are equal, which is faster to check.
        let is_met = if self.has_dots { others.iter().any(|other| meets(other, name)) } else { others.contains(&name) };
        let Some(place) = self.names.get_mut(self.count) else { return false };
        *place = name;
        self.count += 1;
        !is_met
    }
}
