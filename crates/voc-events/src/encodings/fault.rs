//! What is wrong with a record, on its way out of the value where it was found.

use std::borrow::Cow;

use crate::{Invalid, InvalidKind, Violation, found::excerpt};

/// What decoding gives. The fault is boxed so that what goes well stays small.
pub(super) type Outcome<T> = Result<T, Box<Fault>>;

/// What is wrong, and where: every level that it passes adds its step.
#[derive(Debug)]
pub(super) struct Fault {
    kind: InvalidKind,
    /// The innermost first.
    steps: Vec<Step>,
    expected: Cow<'static, str>,
    found: Cow<'static, str>,
}

#[derive(Debug)]
enum Step {
    Member(String),
    Element(usize),
}

impl Fault {
    /// Bytes that do not fit the schema.
    pub(super) fn new(expected: impl Into<Cow<'static, str>>, found: impl Into<Cow<'static, str>>) -> Box<Self> {
        Self::of(InvalidKind::Encoding, expected, found)
    }

    /// What is wrong in another way.
    pub(super) fn of(
        kind: InvalidKind,
        expected: impl Into<Cow<'static, str>>,
        found: impl Into<Cow<'static, str>>,
    ) -> Box<Self> {
        Box::new(Self { kind, steps: Vec::new(), expected: expected.into(), found: found.into() })
    }

    /// The same of a member of the object at hand.
    pub(super) fn within_member(mut self: Box<Self>, name: &str) -> Box<Self> {
        self.steps.push(Step::Member(excerpt(name).into_owned()));
        self
    }

    /// The same of an element of the array at hand, counted from 0.
    pub(super) fn within_element(mut self: Box<Self>, number: usize) -> Box<Self> {
        self.steps.push(Step::Element(number));
        self
    }
}

impl From<Box<Fault>> for Invalid {
    fn from(fault: Box<Fault>) -> Self {
        let mut path = String::from("$");
        // That the whole is too large is no matter of the place where it was noticed.
        if fault.kind != InvalidKind::TooLarge {
            for step in fault.steps.iter().rev() {
                match step {
                    Step::Member(name) => path.extend([".", name]),
                    Step::Element(number) => path.push_str(&format!("[{number}]")),
                }
            }
        }
        Self::new(fault.kind, Violation::new(path, fault.expected, fault.found))
    }
}
