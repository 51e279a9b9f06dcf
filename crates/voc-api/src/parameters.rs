//! Query parameters, validated with the messages of FastAPI with pydantic 1.

use std::ops::RangeInclusive;

use actix_web::web::Query;
use voc_events::{
    TenantId, TenantIdError,
    families::{self, FamilyInfo},
};

use crate::{invalid_parameter::InvalidParameter, problem::Problem};

/// Reads the parameters of a request's query. Unknown ones are ignored.
pub(crate) struct Parameters {
    given: Vec<(String, String)>,
    invalid: Vec<InvalidParameter>,
}

impl Parameters {
    /// Reads with `read`, whose result counts only if no parameter was invalid.
    pub(crate) fn read<T>(query: &str, read: impl FnOnce(&mut Self) -> T) -> Result<T, Problem> {
        let given = Query::<Vec<(String, String)>>::from_query(query).map(Query::into_inner).unwrap_or_default();
        let mut parameters = Self { given, invalid: Vec::new() };
        let answer = read(&mut parameters);
        if parameters.invalid.is_empty() { Ok(answer) } else { Err(Problem::InvalidParameters(parameters.invalid)) }
    }

    /// A tenant; `None` if it is not given. An empty one is invalid, because a template that lost its value must not
    /// query all tenants. So is one of a `family` without tenants, because an empty answer would look like one about a
    /// tenant without events.
    pub(crate) fn tenant(&mut self, name: &'static str, family: Option<&FamilyInfo>) -> Option<TenantId> {
        let text = self.name(name, TenantId::MAX_BYTES)?;
        if let Some(family) = family.filter(|family| family.table.tenant.is_none()) {
            let message = format!("value must not be given, because the family '{}' has no tenants", family.name);
            self.wrong(name, &message, "value_error");
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
        let text = self.text(name)?;
        let found = families::find(&text).copied();
        if found.is_none() {
            let names: Vec<String> = families::ALL.iter().map(|family| format!("'{}'", family.name)).collect();
            let message = format!("value is not a valid enumeration member; permitted: {}", names.join(", "));
            self.wrong(name, &message, "type_error.enum");
        }
        found
    }

    /// A name with a maximum length in bytes; `None` if it is not given, or invalid, as is an empty one.
    pub(crate) fn name(&mut self, name: &'static str, max_bytes: usize) -> Option<String> {
        let text = self.text(name)?;
        if text.is_empty() {
            self.beyond(name, "ensure this value has at least 1 characters", "value_error.any_str.min_length", 1);
            return None;
        }
        if text.len() > max_bytes {
            let message = format!("ensure this value has at most {max_bytes} bytes");
            let limit = max_bytes.try_into().unwrap_or(i64::MAX);
            self.beyond(name, &message, "value_error.any_str.max_length", limit);
            return None;
        }
        Some(text)
    }

    /// A whole number within `bounds`; `default` if it is not given.
    pub(crate) fn whole(&mut self, name: &'static str, bounds: RangeInclusive<i64>, default: i64) -> i64 {
        self.optional_whole(name, bounds).unwrap_or(default)
    }

    /// A whole number within `bounds`; `None` if it is not given.
    pub(crate) fn optional_whole(&mut self, name: &'static str, bounds: RangeInclusive<i64>) -> Option<i64> {
        let text = self.text(name)?;
        let Some(number) = whole_number(&text) else {
            self.wrong(name, "value is not a valid integer", "type_error.integer");
            return None;
        };
        let (least, most) = (*bounds.start(), *bounds.end());
        if number < least {
            let message = format!("ensure this value is greater than or equal to {least}");
            self.beyond(name, &message, "value_error.number.not_ge", least);
        } else if number > most {
            let message = format!("ensure this value is less than or equal to {most}");
            self.beyond(name, &message, "value_error.number.not_le", most);
        }
        Some(number)
    }

    fn text(&mut self, name: &'static str) -> Option<String> {
        let mut values = self.given.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone());
        let first = values.next()?;
        let more = values.count();
        if more == 0 {
            return Some(first);
        }
        self.wrong(name, &format!("value is given {} times, expected once", more + 1), "value_error.duplicate");
        None
    }

    fn wrong(&mut self, name: &'static str, message: &str, kind: &'static str) {
        self.invalid.push(InvalidParameter::new(name, message, kind));
    }

    fn beyond(&mut self, name: &'static str, message: &str, kind: &'static str, limit_value: i64) {
        self.invalid.push(InvalidParameter::beyond(name, message, kind, limit_value));
    }
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
