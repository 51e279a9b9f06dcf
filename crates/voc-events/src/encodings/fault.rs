//! Errors in a record, on their way out of the value where they were found.

use std::borrow::Cow;

use crate::{Invalid, InvalidKind, Violation, found::excerpt};

/// The result of decoding. The fault is boxed so that the success path stays small.
pub(super) type Outcome<T> = Result<T, Box<Fault>>;

/// An error and its position: every level that it passes adds its step.
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
    /// Bytes that do not match the schema.
    pub(super) fn new(expected: impl Into<Cow<'static, str>>, found: impl Into<Cow<'static, str>>) -> Box<Self> {
        Self::of(InvalidKind::Encoding, expected, found)
    }

    /// An error of another kind.
    pub(super) fn of(
        kind: InvalidKind,
        expected: impl Into<Cow<'static, str>>,
        found: impl Into<Cow<'static, str>>,
    ) -> Box<Self> {
        Box::new(Self { kind, steps: Vec::new(), expected: expected.into(), found: found.into() })
    }

    /// The same within a member of the current object.
    pub(super) fn within_member(mut self: Box<Self>, name: &str) -> Box<Self> {
        self.steps.push(Step::Member(excerpt(name).into_owned()));
        self
    }

    /// The same within an element of the current array, counted from 0.
    pub(super) fn within_element(mut self: Box<Self>, number: usize) -> Box<Self> {
        self.steps.push(Step::Element(number));
        self
    }
}

impl From<Box<Fault>> for Invalid {
    fn from(fault: Box<Fault>) -> Self {
        let mut path = String::from("$");
        // An excessive total size is not an error of the position where it was noticed.
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
