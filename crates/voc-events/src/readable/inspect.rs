//! The closer inspection, which names what cannot be read.

use std::{
    borrow::Cow,
    collections::HashSet,
    hash::{BuildHasher, DefaultHasher, Hash, Hasher, RandomState},
};

use super::{
    fits, is_whole,
    tokens::{Token, Tokens},
};
use crate::{
    Violation,
    found::{describe, excerpt},
    json::unescaped,
};

/// Maximum number of violations reported.
const MAX_VIOLATIONS: usize = 20;

/// Reports what cannot be read in a record that is well-formed JSON. Time and memory are bounded by the record's size.
pub(crate) fn inspect(record: &str) -> Vec<Violation> {
    let mut inspection = Inspection::default();
    Tokens::of(record).for_each(|token| inspection.take(token));
    inspection.violations
}

#[derive(Default)]
struct Inspection<'r> {
    open: Vec<Level<'r>>,
    /// Paths that have a value, as hashes. They are keyed, so that an attacker cannot make two paths collide, and 64
    /// bits long, so that two of a record's paths do not collide by chance; the paths themselves may be far longer
    /// than the record.
    values: HashSet<u64>,
    roots: Roots,
    violations: Vec<Violation>,
}

/// The prefixes of independent sets of paths: those of the record and of the objects in arrays.
#[derive(Default)]
struct Roots {
    keys: RandomState,
    count: usize,
}

impl Roots {
    fn next(&mut self) -> DefaultHasher {
        self.count += 1;
        let mut path = self.keys.build_hasher();
        self.count.hash(&mut path);
        path
    }
}

enum Level<'r> {
    Object(Box<Members<'r>>),
    Array {
        /// Elements so far.
        count: usize,
    },
}

/// An object's members so far.
struct Members<'r> {
    path: DefaultHasher,
    names: HashSet<Cow<'r, str>>,
    /// Name of the current member.
    name: Cow<'r, str>,
    /// Path of the current member.
    member_path: DefaultHasher,
}

impl<'r> Inspection<'r> {
    fn take(&mut self, token: Token<'r>) {
        match token {
            Token::Object => {
                let path = self.path_of_object();
                let member_path = path.clone();
                let members = Members { path, names: HashSet::new(), name: Cow::Borrowed(""), member_path };
                self.open.push(Level::Object(Box::new(members)));
            }
            Token::Array => {
                self.value();
                self.open.push(Level::Array { count: 0 });
            }
            Token::End => drop(self.open.pop()),
            Token::Name { literal, .. } => self.name(unescaped(literal).unwrap_or(Cow::Borrowed(literal))),
            Token::Number(number) => {
                self.value();
                if !fits(number) {
                    let expected = if is_whole(number) {
                        "a whole number of 64 bits"
                    } else {
                        "a number that a 64-bit float can hold"
                    };
                    self.report(expected, describe(number));
                }
            }
            Token::Other => self.value(),
            // Null is no value: a path may have one in addition.
            Token::Null => self.count_element(),
        }
    }

    fn path_of_object(&mut self) -> DefaultHasher {
        self.count_element();
        match self.open.last() {
            Some(Level::Object(members)) => members.member_path.clone(),
            _ => self.roots.next(),
        }
    }

    fn name(&mut self, name: Cow<'r, str>) {
        let Some(Level::Object(members)) = self.open.last_mut() else { return };
        let is_new = members.names.insert(name.clone());
        // The content of a member that should not be there is compared with nothing else.
        members.member_path = if is_new { joined(members.path.clone(), &name) } else { self.roots.next() };
        members.name = name;
        if !is_new {
            self.report("the name once", "the name twice");
        }
    }

    /// A value that is not an object.
    fn value(&mut self) {
        self.count_element();
        if let Some(Level::Object(members)) = self.open.last()
            && !self.values.insert(members.member_path.finish())
        {
            self.report("the path once", "the path twice, by a name with dots");
        }
    }

    fn count_element(&mut self) {
        if let Some(Level::Array { count }) = self.open.last_mut() {
            *count += 1;
        }
    }

    /// Reports the current member or element.
    fn report(&mut self, expected: &'static str, found: impl Into<Cow<'static, str>>) {
        if self.violations.len() == MAX_VIOLATIONS {
            return;
        }
        let path = self.open.iter().fold("$".to_owned(), |path, level| match level {
            Level::Object(members) => path + "." + &excerpt(&members.name),
            Level::Array { count } => format!("{path}[{}]", count.saturating_sub(1)),
        });
        let violation = Violation::new(path, expected, found);
        if !self.violations.contains(&violation) {
            self.violations.push(violation);
        }
    }
}

/// The path of a member. A dot in a name is equivalent to one between two names.
fn joined(mut path: DefaultHasher, name: &str) -> DefaultHasher {
    name.split('.').for_each(|part| part.hash(&mut path));
    path
}
