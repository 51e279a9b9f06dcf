//! The findings about an event while it is read.

use std::{borrow::Cow, fmt};

use crate::{DecodeOptions, Invalid, InvalidKind, Violation, found::describe};

/// Collects, while an event is read, its errors and the values that were accepted in an unexpected form.
///
/// ```
/// use voc_events::{DecodeOptions, fields::{Place, Reader, decode_checked}, product::ProductEvent};
///
/// // A check that accepts an event's old name unless it is strict.
/// let rename = |reader: &mut Reader<'_, '_>| {
///     let place = Place::EVENT.of_field("event_name");
///     if !reader.may_coerce(&place) {
///         reader.refuse_value(&place, "the event's new name", r#""find""#);
///     }
/// };
/// let text = r#"{"app_id":"openstream","event_name":"find","timestamp":1770033600,"user_id":"u-1"}"#;
/// let decode = |options| decode_checked::<ProductEvent>(text, &options, None, |_, reader| rename(reader));
/// assert_eq!(decode(DecodeOptions::default())?.coerced, ["event_name"]);
/// let invalid = decode(DecodeOptions::default().strict(true)).unwrap_err();
/// assert_eq!(invalid.to_string(), r#"$.event_name: expected the event's new name, found string "find""#);
/// # Ok::<(), voc_events::Invalid>(())
/// ```
pub struct Reader<'a, 'o> {
    pub(super) text: &'a str,
    options: &'o DecodeOptions,
    violations: Vec<Violation>,
    /// Number of violations beyond those that are kept.
    omitted: usize,
    coerced: Vec<&'static str>,
    is_too_deep: bool,
}

/// Maximum number of violations that are kept of an event: a list of a million wrong elements would otherwise take
/// hours, and become an error text much longer than the record.
const MAX_VIOLATIONS: usize = 100;

impl<'a, 'o> Reader<'a, 'o> {
    /// Without findings yet. `text` is the record's.
    #[must_use]
    pub fn new(text: &'a str, options: &'o DecodeOptions) -> Self {
        Self { text, options, violations: Vec::new(), omitted: 0, coerced: Vec::new(), is_too_deep: false }
    }

    /// The options of decoding.
    #[must_use]
    pub fn options(&self) -> &'o DecodeOptions {
        self.options
    }

    /// Reports a different expectation at a place. Beyond 100 of an event they are only counted.
    pub fn refuse(
        &mut self,
        place: &Place<'_>,
        expected: impl Into<Cow<'static, str>>,
        found: impl Into<Cow<'static, str>>,
    ) {
        if self.is_full() {
            self.omitted += 1;
            return;
        }
        let violation = Violation::new(place.to_string(), expected, found);
        // A number that no type can hold is already reported before its field is read.
        let is_known = |other: &Violation| other.path == violation.path && other.found == violation.found;
        if !self.violations.iter().any(is_known) {
            self.violations.push(violation);
        }
    }

    /// [`refuse`](Self::refuse) with a description of the JSON value that was found.
    pub fn refuse_value(&mut self, place: &Place<'_>, expected: impl Into<Cow<'static, str>>, json: &str) {
        // Not described in vain.
        let found = if self.is_full() { Cow::Borrowed("") } else { describe(json) };
        self.refuse(place, expected, found);
    }

    /// Whether a value may be accepted in an unexpected form. If so, it is counted under the name of the field that it
    /// belongs to, the innermost one: `severity` for `$.defects[2].severity`.
    pub fn may_coerce(&mut self, place: &Place<'_>) -> bool {
        if self.options.is_strict {
            return false;
        }
        let field = place.field();
        if !self.coerced.contains(&field) {
            self.coerced.push(field);
        }
        true
    }

    pub(super) fn too_deep(&mut self, place: &Place<'_>) {
        self.is_too_deep = true;
        let expected = format!("at most {} levels of nesting", self.options.limits.max_depth);
        self.refuse(place, expected, "a deeper value");
    }

    fn is_full(&self) -> bool {
        self.violations.len() >= MAX_VIOLATIONS
    }

    pub(super) fn is_too_deep(&self) -> bool {
        self.is_too_deep
    }

    pub(super) fn add(&mut self, violations: Vec<Violation>) {
        self.violations.extend(violations);
    }

    /// The names of fields that were accepted in an unexpected form, or all errors.
    pub(super) fn finish(mut self) -> Result<Vec<&'static str>, Invalid> {
        if self.violations.is_empty() {
            return Ok(self.coerced);
        }
        if self.omitted > 0 {
            let expected = format!("an event with at most {MAX_VIOLATIONS} errors");
            self.violations.push(Violation::new("$", expected, format!("{} more", self.omitted)));
        }
        let kind = if self.is_too_deep { InvalidKind::Depth } else { InvalidKind::Schema };
        Err(Invalid { kind, violations: self.violations, tenant_id: None })
    }
}

/// The place of a value in an event. Displays as a JSON path, such as `$.defects[2].severity`.
///
/// ```
/// use voc_events::fields::Place;
///
/// let defects = Place::EVENT.of_field("defects");
/// let third = defects.of_element(2);
/// assert_eq!(third.of_field("severity").to_string(), "$.defects[2].severity");
/// assert_eq!(third.of_member("made up by a producer").to_string(), "$.defects[2].made up by a producer");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Place<'p> {
    parent: Option<&'p Place<'p>>,
    step: Step<'p>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'p> {
    Event,
    Field(&'static str),
    Member(&'p str),
    Element(usize),
}

impl<'p> Place<'p> {
    /// The event itself.
    pub const EVENT: Place<'static> = Place { parent: None, step: Step::Event };

    /// A field of the object at this place.
    #[must_use]
    pub fn of_field(&'p self, name: &'static str) -> Self {
        Self { parent: Some(self), step: Step::Field(name) }
    }

    /// A member of the object at this place, with any name.
    #[must_use]
    pub fn of_member(&'p self, name: &'p str) -> Self {
        Self { parent: Some(self), step: Step::Member(name) }
    }

    /// An element of the list at this place, counted from 0.
    #[must_use]
    pub fn of_element(&'p self, number: usize) -> Self {
        Self { parent: Some(self), step: Step::Element(number) }
    }

    /// The name of the nearest field.
    fn field(&self) -> &'static str {
        match (self.step, self.parent) {
            (Step::Field(name), _) => name,
            (_, Some(parent)) => parent.field(),
            (_, None) => "$",
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parent.map_or(Ok(()), |parent| parent.fmt(f))?;
        match self.step {
            Step::Event => f.write_str("$"),
            Step::Field(name) => write!(f, ".{name}"),
            Step::Member(name) => write!(f, ".{}", crate::found::excerpt(name)),
            Step::Element(number) => write!(f, "[{number}]"),
        }
    }
}
