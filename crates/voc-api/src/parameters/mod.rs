//! Parameters of a query, validated with the messages of FastAPI with pydantic 1.

mod times;

use std::{fmt::Display, ops::RangeInclusive};

use serde_json::Value;
use voc_events::{
    TenantId, TenantIdError,
    families::{self, FamilyInfo},
};
use voc_store::QueryError;

pub(crate) use self::times::{Moment, instant};
use crate::{
    invalid_parameter::{InvalidParameter, Limit, Location},
    percent_encoding,
    problem::Problem,
};

/// More parameters than this are one mistake: the answer names each one that is unknown.
const MAX_GIVEN: usize = 200;
/// Maximum length of a cursor in bytes.
const MAX_CURSOR_BYTES: usize = 8192;
/// Most values of a list.
const MAX_VALUES: usize = 100;

/// Reads the parameters of a request's query.
///
/// Each accessor takes the name of a parameter, which is known from then on: a name in the query that no accessor asks
/// for is a mistake. So a handler asks for all of its parameters, whether or not it needs their values.
pub(crate) struct Parameters {
    root: Location,
    given: Vec<(String, String)>,
    /// How a body writes what is given; a query has only texts, which may mean anything.
    written: Vec<(String, Written)>,
    /// Lists and objects, which only bodies have.
    nested: Vec<(String, Value)>,
    /// Members of a body that are null: the same as not given, but only a known one.
    nulls: Vec<String>,
    known: Vec<&'static str>,
    invalid: Vec<InvalidParameter>,
}

/// What JSON distinguishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    Text,
    Number,
    Boolean,
}

impl Parameters {
    /// Reads with `read`, whose result counts only if nothing is wrong in the whole query.
    pub(crate) fn read<T>(query: &str, read: impl FnOnce(&mut Self) -> T) -> Result<T, Problem> {
        let mut parameters = Self::at(Location::parameters());
        if percent_encoding::pairs(query).count() > MAX_GIVEN {
            let message = format!("at most {MAX_GIVEN} parameters can be given");
            let mistake = InvalidParameter::new(Location::parameters(), message, "value_error");
            return Err(Problem::InvalidParameters(vec![mistake]));
        }
        for pair in percent_encoding::pairs(query) {
            match pair {
                Ok(pair) => parameters.given.push(pair),
                Err(name) => parameters.wrong(&name, "value is not percent-encoded UTF-8", "value_error.encoding"),
            }
        }
        parameters.finish(read)
    }

    /// The same for the members of a body: numbers, booleans and texts are what the parameters of a query are, and a
    /// null is not given.
    pub(crate) fn read_body<T>(
        members: serde_json::Map<String, Value>,
        read: impl FnOnce(&mut Self) -> T,
    ) -> Result<T, Problem> {
        let mut parameters = Self::at(Location::body());
        for (name, value) in members {
            match value {
                Value::Null => parameters.nulls.push(name),
                Value::String(text) => {
                    parameters.written.push((name.clone(), Written::Text));
                    parameters.given.push((name, text));
                }
                Value::Bool(_) => {
                    parameters.written.push((name.clone(), Written::Boolean));
                    parameters.given.push((name, value.to_string()));
                }
                Value::Number(_) => {
                    parameters.written.push((name.clone(), Written::Number));
                    parameters.given.push((name, value.to_string()));
                }
                Value::Array(_) | Value::Object(_) => parameters.nested.push((name, value)),
            }
        }
        parameters.finish(read)
    }

    fn at(root: Location) -> Self {
        Self {
            root,
            given: Vec::new(),
            written: Vec::new(),
            nested: Vec::new(),
            nulls: Vec::new(),
            known: Vec::new(),
            invalid: Vec::new(),
        }
    }

    fn finish<T>(self, read: impl FnOnce(&mut Self) -> T) -> Result<T, Problem> {
        let mut parameters = self;
        let answer = read(&mut parameters);
        parameters.refuse_unknown();
        if parameters.invalid.is_empty() { Ok(answer) } else { Err(Problem::InvalidParameters(parameters.invalid)) }
    }

    /// The elements of a list in a body; none if it is not given, or invalid.
    pub(crate) fn elements(&mut self, name: &'static str) -> Vec<Value> {
        let nested = self.nested.iter().position(|(known, _)| known == name).map(|place| self.nested.remove(place).1);
        let scalar = self.values(name).pop();
        match (nested, scalar) {
            (Some(Value::Array(elements)), _) if elements.len() <= MAX_VALUES => return elements,
            (Some(Value::Array(_)), _) => {
                let message = format!("ensure this value has at most {MAX_VALUES} items");
                self.beyond(name, message, "value_error.list.max_items", whole_limit(MAX_VALUES));
            }
            (None, None) => {}
            _ => self.wrong(name, "value is not a valid list", "type_error.list"),
        }
        Vec::new()
    }

    /// The members of an object in a body; none if it is not given, or invalid.
    pub(crate) fn object(&mut self, name: &'static str) -> serde_json::Map<String, Value> {
        let nested = self.nested.iter().position(|(known, _)| known == name).map(|place| self.nested.remove(place).1);
        let scalar = self.values(name).pop();
        match (nested, scalar) {
            (Some(Value::Object(members)), _) => return members,
            (None, None) => {}
            _ => self.wrong(name, "value is not a valid object", "type_error.dict"),
        }
        serde_json::Map::new()
    }

    /// Where a parameter is.
    pub(crate) fn location(&self, name: &str) -> Location {
        self.root.member(name)
    }

    /// A mistake anywhere below a parameter.
    pub(crate) fn mistake(&mut self, mistake: InvalidParameter) {
        self.invalid.push(mistake);
    }

    /// A tenant; `None` if it is not given. An empty one is invalid, because a template that lost its value must not
    /// query all tenants. So is one of a `family` without tenants, because an empty answer would look like one about a
    /// tenant without events.
    pub(crate) fn tenant(&mut self, name: &'static str, family: Option<&FamilyInfo>) -> Option<TenantId> {
        let text = self.name(name, TenantId::MAX_BYTES)?;
        if let Some(family) = family.filter(|family| family.table.tenant.is_none()) {
            let message = format!("value must not be given, because the family '{}' has no tenants", family.name);
            self.wrong(name, message, "value_error");
            return None;
        }
        match TenantId::new(&text) {
            Ok(tenant) => return Some(tenant),
            Err(TenantIdError::Empty) => self.wrong(name, "value must not be only white space", "value_error"),
            Err(_) => self.wrong(name, "value must not contain control characters", "value_error"),
        }
        None
    }

    /// A family by its name; `None` if it is not given, or invalid.
    pub(crate) fn family(&mut self, name: &'static str) -> Option<FamilyInfo> {
        let families: Vec<(&str, FamilyInfo)> = families::ALL.iter().map(|family| (family.name, *family)).collect();
        self.one_of(name, &families)
    }

    /// A name with a maximum length in bytes; `None` if it is not given, or invalid, as is an empty one.
    pub(crate) fn name(&mut self, name: &'static str, max_bytes: usize) -> Option<String> {
        let text = self.value(name, Written::Text)?;
        self.short(name, text, max_bytes)
    }

    /// A name as [`name`](Self::name) reads it, which is a mistake if it is not given.
    pub(crate) fn required_name(&mut self, name: &'static str, max_bytes: usize) -> Option<String> {
        self.require(name);
        self.name(name, max_bytes)
    }

    /// Whether there is anything under a name.
    pub(crate) fn is_given(&self, name: &str) -> bool {
        self.given.iter().any(|(given, _)| given == name) || self.nested.iter().any(|(given, _)| given == name)
    }

    fn require(&mut self, name: &'static str) {
        if !self.is_given(name) {
            self.wrong(name, "field required", "value_error.missing");
        }
    }

    /// The values of a list: the parameter is repeated, `topic=billing&topic=sales`. A comma is part of a value,
    /// because identifiers and words may contain one. Empty if it is not given; a value that is given twice counts
    /// once.
    pub(crate) fn list(&mut self, name: &'static str, max_bytes: usize) -> Vec<String> {
        let given = self.values(name);
        if given.len() > MAX_VALUES {
            let message = format!("ensure this value has at most {MAX_VALUES} items");
            self.beyond(name, message, "value_error.list.max_items", whole_limit(MAX_VALUES));
            return Vec::new();
        }
        let mut values = Vec::new();
        for text in given {
            if let Some(value) = self.short(name, text, max_bytes).filter(|value| !values.contains(value)) {
                values.push(value);
            }
        }
        values
    }

    /// The values of a list whose order counts, and in which a value may be there twice. The parameter is repeated, or
    /// has all values, separated by commas.
    pub(crate) fn sequence(
        &mut self,
        name: &'static str,
        max_bytes: usize,
        length: RangeInclusive<usize>,
    ) -> Vec<String> {
        let mut given = self.values(name);
        if let [one] = given.as_slice() {
            given = one.split(',').map(str::to_owned).collect();
        }
        if given.is_empty() {
            self.wrong(name, "field required", "value_error.missing");
            return Vec::new();
        }
        if !length.contains(&given.len()) {
            let message = format!("ensure this value has {} to {} items", length.start(), length.end());
            self.wrong(name, message, "value_error.list");
            return Vec::new();
        }
        given.into_iter().filter_map(|text| self.short(name, text, max_bytes)).collect()
    }

    /// Some of the permitted values; none if it is not given, or invalid. The parameter is repeated.
    pub(crate) fn several_of(&mut self, name: &'static str, permitted: &[&'static str]) -> Vec<&'static str> {
        let mut found = Vec::new();
        for text in self.list(name, 256) {
            match permitted.iter().find(|value| **value == text) {
                Some(value) => found.push(*value),
                None => self.invalid.push(InvalidParameter::not_permitted(self.location(name), &text, permitted)),
            }
        }
        found
    }

    /// What the permitted values mean; `None` if it is not given, or invalid.
    pub(crate) fn one_of<T: Copy>(&mut self, name: &'static str, permitted: &[(&str, T)]) -> Option<T> {
        let text = self.value(name, Written::Text)?;
        let found = permitted.iter().find(|(value, _)| *value == text).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let values: Vec<&str> = permitted.iter().map(|(value, _)| *value).collect();
            let mistake = InvalidParameter::not_permitted(self.location(name), &text, &values);
            self.invalid.push(mistake);
        }
        found
    }

    /// The same, which is a mistake if it is not given.
    pub(crate) fn required_one_of<T: Copy>(&mut self, name: &'static str, permitted: &[(&str, T)]) -> Option<T> {
        self.require(name);
        self.one_of(name, permitted)
    }

    /// Whether something is to be done; `None` if it is not given, or invalid.
    pub(crate) fn flag(&mut self, name: &'static str) -> Option<bool> {
        let text = self.value(name, Written::Boolean)?;
        match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Some(true),
            "false" | "0" | "no" | "off" => Some(false),
            _ => {
                self.wrong(name, "value could not be parsed to a boolean", "type_error.bool");
                None
            }
        }
    }

    /// A number within `bounds`; `None` if it is not given, or invalid.
    pub(crate) fn number(&mut self, name: &'static str, bounds: RangeInclusive<f64>) -> Option<f64> {
        let text = self.value(name, Written::Number)?;
        let Some(number) = text.trim().parse().ok().filter(|number: &f64| number.is_finite()) else {
            self.wrong(name, "value is not a valid float", "type_error.float");
            return None;
        };
        self.within(name, number, &bounds, Limit::Real)
    }

    /// A whole number within `bounds`; `None` if it is not given, or invalid.
    pub(crate) fn optional_whole(&mut self, name: &'static str, bounds: RangeInclusive<i64>) -> Option<i64> {
        let text = self.value(name, Written::Number)?;
        let Some(number) = whole_number(&text) else {
            self.wrong(name, "value is not a valid integer", "type_error.integer");
            return None;
        };
        self.within(name, number, &bounds, Limit::Whole)
    }

    /// How many rows an answer has at most: 1 to `max`.
    pub(crate) fn limit(&mut self, name: &'static str, default: u32, max: u32) -> u32 {
        let given = self.optional_whole(name, 1..=max.into());
        given.and_then(|given| given.try_into().ok()).unwrap_or(default)
    }

    /// Where the previous page ended, as that page's answer says; `None` if it is not given, or invalid. Only what
    /// made the cursor can say whether it is one of its own ([`Problem::InvalidCursor`]).
    pub(crate) fn cursor(&mut self, name: &'static str) -> Option<String> {
        self.name(name, MAX_CURSOR_BYTES)
    }

    /// The part of a question that a parameter gives; `None` if it cannot be asked, which is a mistake.
    pub(crate) fn checked<T>(&mut self, name: &'static str, part: Result<T, QueryError>) -> Option<T> {
        let location = self.location(name);
        part.map_err(|error| self.invalid.push(InvalidParameter::of_question(location, &error))).ok()
    }

    /// A mistake that no accessor finds, such as two parameters that exclude each other.
    pub(crate) fn wrong(&mut self, name: &str, message: impl Into<String>, kind: &'static str) {
        let mistake = InvalidParameter::new(self.location(name), message, kind);
        self.invalid.push(mistake);
    }

    fn refuse_unknown(&mut self) {
        self.known.sort_unstable();
        self.known.dedup();
        let given = self.given.iter().map(|(name, _)| name.as_str());
        let mut unknown: Vec<&str> = given.chain(self.nulls.iter().map(String::as_str)).collect();
        unknown.retain(|name| !self.known.contains(name));
        let nested = self.nested.iter().map(|(name, _)| name.as_str());
        let (misplaced, unknown_lists): (Vec<&str>, Vec<&str>) = nested.partition(|name| self.known.contains(name));
        unknown.extend(unknown_lists);
        let unknown = unknown
            .into_iter()
            .map(|name| InvalidParameter::unknown(self.location(name), "parameter", name, &self.known));
        let misplaced = misplaced.into_iter().map(|name| {
            InvalidParameter::new(self.location(name), "value must be a text, a number or a boolean", "type_error")
        });
        let mistakes: Vec<InvalidParameter> = unknown.chain(misplaced).collect();
        self.invalid.extend(mistakes);
    }

    /// All values of a parameter, whose name is known from now on.
    fn values(&mut self, name: &'static str) -> Vec<String> {
        self.known.push(name);
        self.given.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
    }

    /// The value of a parameter. One that is given twice is invalid, because two readers of a URL may use different
    /// ones. In a body, a value is written as what it is: a client whose numbers are texts has a mistake that will
    /// show elsewhere.
    fn value(&mut self, name: &'static str, expected: Written) -> Option<String> {
        let mut values = self.values(name);
        if values.len() > 1 {
            let message = format!("value is given {} times, expected once", values.len());
            self.wrong(name, message, "value_error.duplicate");
            return None;
        }
        if self.written.iter().any(|(known, written)| known == name && *written != expected) {
            match expected {
                Written::Text => self.wrong(name, "str type expected", "type_error.str"),
                Written::Number => self.wrong(name, "value is not a valid number", "type_error.number"),
                Written::Boolean => self.wrong(name, "value could not be parsed to a boolean", "type_error.bool"),
            }
            return None;
        }
        values.pop()
    }

    fn short(&mut self, name: &'static str, text: String, max_bytes: usize) -> Option<String> {
        if text.is_empty() {
            let message = "ensure this value has at least 1 characters";
            self.beyond(name, message, "value_error.any_str.min_length", Limit::Whole(1));
            return None;
        }
        if text.len() > max_bytes {
            let message = format!("ensure this value has at most {max_bytes} bytes");
            self.beyond(name, message, "value_error.any_str.max_length", whole_limit(max_bytes));
            return None;
        }
        Some(text)
    }

    fn within<N: PartialOrd + Copy + Display>(
        &mut self,
        name: &'static str,
        number: N,
        bounds: &RangeInclusive<N>,
        limit: impl Fn(N) -> Limit,
    ) -> Option<N> {
        let (least, most) = (*bounds.start(), *bounds.end());
        if number < least {
            let message = format!("ensure this value is greater than or equal to {least}");
            self.beyond(name, message, "value_error.number.not_ge", limit(least));
        } else if number > most {
            let message = format!("ensure this value is less than or equal to {most}");
            self.beyond(name, message, "value_error.number.not_le", limit(most));
        }
        bounds.contains(&number).then_some(number)
    }

    fn beyond(&mut self, name: &str, message: impl Into<String>, kind: &'static str, limit: Limit) {
        let mistake = InvalidParameter::beyond(self.location(name), message, kind, limit);
        self.invalid.push(mistake);
    }
}

fn whole_limit(limit: usize) -> Limit {
    Limit::Whole(limit.try_into().unwrap_or(i64::MAX))
}

/// Digits with an optional sign, ignoring surrounding white space; a number beyond `i64` is clamped.
fn whole_number(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Parameters;
    use crate::problem::Problem;

    fn read<T>(query: &str, read: impl FnOnce(&mut Parameters) -> T) -> Result<T, Value> {
        Parameters::read(query, read).map_err(|problem| match problem {
            Problem::InvalidParameters(mistakes) => json!(mistakes),
            other => json!(other.to_string()),
        })
    }

    #[test]
    fn the_values_of_a_list_are_repeated() {
        let list = |query: &str| read(query, |parameters| parameters.list("topic", 8));
        assert_eq!(list(""), Ok(Vec::new()));
        assert_eq!(list("topic=a,b&topic=c+d&topic=a%2Cb"), Ok(vec!["a,b".to_owned(), "c d".to_owned()]));
        assert_eq!(list("topic=").unwrap_err()[0]["type"], "value_error.any_str.min_length");
        assert_eq!(list("topic=123456789").unwrap_err()[0]["ctx"]["limit_value"], 8);
        let many: String = (0..101).map(|index| format!("topic={index}&")).collect();
        assert_eq!(list(&many).unwrap_err()[0]["msg"], "ensure this value has at most 100 items");
    }

    #[test]
    fn numbers_are_finite_and_bounded() {
        let number = |text: &str| read(&format!("min={text}"), |parameters| parameters.number("min", -1.0..=1.0));
        for (text, expected) in [("-0.5", -0.5), ("1", 1.0), ("1e-1", 0.1)] {
            assert_eq!(number(text), Ok(Some(expected)), "{text}");
        }
        for text in ["", "NaN", "inf", "1e999", "0,5", "half"] {
            assert_eq!(number(text).unwrap_err()[0]["type"], "type_error.float", "{text}");
        }
        let expected = json!([{
            "loc": ["query", "min"],
            "msg": "ensure this value is less than or equal to 1",
            "type": "value_error.number.not_le",
            "ctx": {"limit_value": 1.0},
        }]);
        assert_eq!(number("1.01"), Err(expected));
    }

    #[test]
    fn flags_are_words_for_yes_and_no() {
        let flag = |text: &str| read(&format!("compare={text}"), |parameters| parameters.flag("compare"));
        assert_eq!(
            (flag("true"), flag("1"), flag("No"), flag("off")),
            (Ok(Some(true)), Ok(Some(true)), Ok(Some(false)), Ok(Some(false)))
        );
        assert_eq!(flag("").unwrap_err()[0]["type"], "type_error.bool");
    }

    #[test]
    fn values_of_a_body_are_written_as_what_they_are() {
        let read = |body: Value| {
            let Value::Object(members) = body else { panic!("{body}") };
            let values = Parameters::read_body(members, |parameters| {
                (parameters.name("name", 8), parameters.number("least", 0.0..=1.0), parameters.flag("fill"))
            });
            values.map_err(|problem| match problem {
                Problem::InvalidParameters(mistakes) => json!(mistakes),
                other => json!(other.to_string()),
            })
        };
        let values = Ok((Some("7".to_owned()), Some(0.5), Some(true)));
        assert_eq!(read(json!({"name": "7", "least": 0.5, "fill": true})), values);
        assert_eq!(read(json!({"name": null})), Ok((None, None, None)));
        let mistakes = read(json!({"nome": null})).unwrap_err();
        assert_eq!(mistakes[0]["msg"], "unknown parameter; did you mean 'name'? known: 'fill', 'least', 'name'");
        let mistakes = read(json!({"name": 7, "least": "0.5", "fill": 0})).unwrap_err();
        let expected = json!([
            {"loc": ["body", "name"], "msg": "str type expected", "type": "type_error.str"},
            {"loc": ["body", "least"], "msg": "value is not a valid number", "type": "type_error.number"},
            {"loc": ["body", "fill"], "msg": "value could not be parsed to a boolean", "type": "type_error.bool"},
        ]);
        assert_eq!(mistakes, expected);
    }

    #[test]
    fn pages_have_a_limit_and_a_cursor() {
        let page =
            |query: &str| read(query, |parameters| (parameters.limit("limit", 50, 1000), parameters.cursor("cursor")));
        assert_eq!(page(""), Ok((50, None)));
        assert_eq!(page("limit=1000&cursor=abc"), Ok((1000, Some("abc".to_owned()))));
        assert_eq!(page("limit=0").unwrap_err()[0]["type"], "value_error.number.not_ge");
        assert_eq!(page("limit=1001").unwrap_err()[0]["type"], "value_error.number.not_le");
        let long = "x".repeat(8193);
        assert_eq!(page(&format!("cursor={long}")).unwrap_err()[0]["type"], "value_error.any_str.max_length");
    }
}
