//! Parsers of values. Each states what it expects, so that an error can name it.

use std::{path::PathBuf, time::Duration};

use voc_events::{
    TenantId,
    families::{self, FamilyInfo},
};

use super::Secret;

/// What was expected of a value; it follows the word "expected".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected(String);

impl Expected {
    /// From a phrase such as "a port number".
    #[must_use]
    pub fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }

    pub(crate) fn into_words(self) -> String {
        self.0
    }
}

/// A text with at least one visible character.
///
/// # Errors
/// [`Expected`] if it has none.
pub fn text(value: &str) -> Result<String, Expected> {
    if value.trim().is_empty() { Err(Expected::new("a text that is not empty")) } else { Ok(value.to_owned()) }
}

/// A secret text; it may be empty.
///
/// # Errors
/// Never.
pub fn secret(value: &str) -> Result<Secret, Expected> {
    Ok(Secret::new(value))
}

/// A path in the file system, which need not exist.
///
/// # Errors
/// [`Expected`] if it is empty.
pub fn path(value: &str) -> Result<PathBuf, Expected> {
    if value.is_empty() { Err(Expected::new("a path")) } else { Ok(PathBuf::from(value)) }
}

/// A whole number from `MIN` to `MAX`, which must fit into `T`.
///
/// # Errors
/// [`Expected`] if it is not a number or out of range.
pub fn whole<T: TryFrom<u64>, const MIN: u64, const MAX: u64>(value: &str) -> Result<T, Expected> {
    let number = value.trim().parse::<u64>().ok().filter(|number| (MIN..=MAX).contains(number));
    number
        .and_then(|number| T::try_from(number).ok())
        .ok_or_else(|| Expected::new(format!("a whole number from {MIN} to {MAX}")))
}

/// A duration in seconds, possibly fractional: above 0, at most a day.
///
/// # Errors
/// [`Expected`] if it is not a number or out of range.
pub fn seconds(value: &str) -> Result<Duration, Expected> {
    let number = value.trim().parse::<f64>().ok().filter(|number| *number > 0.0 && *number <= 86_400.0);
    let duration = number.map(Duration::from_secs_f64).filter(|duration| !duration.is_zero());
    duration.ok_or_else(|| Expected::new("a number of seconds above 0, at most 86400, such as 2.5"))
}

/// The same, or 0.
///
/// # Errors
/// [`Expected`] if it is not a number or out of range.
pub fn seconds_or_none(value: &str) -> Result<Duration, Expected> {
    if value.trim().parse() == Ok(0.0) {
        return Ok(Duration::ZERO);
    }
    seconds(value).map_err(|_| Expected::new("a number of seconds from 0 to 86400, such as 2.5"))
}

/// A span of time: a whole number of seconds, minutes, hours or days, such as `45s`, `30m`, `24h` or `90d`.
///
/// # Errors
/// [`Expected`] if it is not one, or longer than a hundred years.
pub fn span(value: &str) -> Result<Duration, Expected> {
    const UNITS: [(char, u64); 4] = [('s', 1), ('m', 60), ('h', 3600), ('d', 86_400)];
    let split = UNITS.iter().find_map(|(unit, seconds)| Some((value.trim().strip_suffix(*unit)?, seconds)));
    let seconds = split.and_then(|(number, unit)| number.parse::<u64>().ok()?.checked_mul(*unit));
    let seconds = seconds.filter(|seconds| (1..=100 * 366 * 86_400).contains(seconds));
    seconds.map(Duration::from_secs).ok_or_else(|| Expected::new("a span of time such as 90d, 24h, 30m or 45s"))
}

/// `true` or `false`, also as 1 or 0, yes or no, on or off, in any case.
///
/// # Errors
/// [`Expected`] if it is none of them.
pub fn boolean(value: &str) -> Result<bool, Expected> {
    match value.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err(Expected::new("true or false")),
    }
}

/// Names separated by commas. Surrounding white space is trimmed, and empty names are dropped.
///
/// # Errors
/// [`Expected`] if no name is left.
pub fn list(value: &str) -> Result<Vec<String>, Expected> {
    let names: Vec<String> =
        value.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    if names.is_empty() { Err(Expected::new("one or more names separated by commas")) } else { Ok(names) }
}

/// The identifier of a tenant; surrounding white space is trimmed, as it is in events.
///
/// # Errors
/// [`Expected`] if it cannot be one.
pub fn tenant(value: &str) -> Result<TenantId, Expected> {
    TenantId::new(value.trim()).map_err(|_| Expected::new("the identifier of a tenant"))
}

/// Names of families separated by commas, each once.
///
/// # Errors
/// [`Expected`] if there is no such family, or one is named twice.
pub fn families(value: &str) -> Result<Vec<FamilyInfo>, Expected> {
    let expected = || {
        let names: Vec<&str> = families::ALL.iter().map(|family| family.name).collect();
        Expected::new(format!("one or more of {}, each once, separated by commas", names.join(", ")))
    };
    let mut named: Vec<FamilyInfo> = Vec::new();
    for name in list(value).map_err(|_| expected())? {
        let family = families::find(&name).ok_or_else(expected)?;
        if named.iter().any(|known| known.name == family.name) {
            return Err(expected());
        }
        named.push(*family);
    }
    Ok(named)
}

/// One of several words, in any case. For parsers of enumerations:
///
/// ```
/// use voc_service::config::{Expected, parse};
/// #[derive(Debug, Clone, PartialEq)]
/// enum Reset { Earliest, Latest }
/// fn reset(value: &str) -> Result<Reset, Expected> {
///     parse::one_of(value, &[("earliest", Reset::Earliest), ("latest", Reset::Latest)])
/// }
/// assert_eq!(reset("Latest"), Ok(Reset::Latest));
/// assert_eq!(reset("never"), Err(Expected::new("earliest or latest")));
/// ```
///
/// # Errors
/// [`Expected`] that names all words if it is none of them.
pub fn one_of<T: Clone>(value: &str, words: &[(&str, T)]) -> Result<T, Expected> {
    if let Some((_, choice)) = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(value.trim())) {
        return Ok(choice.clone());
    }
    let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    Err(Expected::new(match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => names.join(""),
    }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn seconds_accept_fractions_and_reject_nonsense() {
        assert_eq!(seconds("2.5"), Ok(Duration::from_millis(2500)));
        assert_eq!(seconds("86400"), Ok(Duration::from_secs(86_400)));
        for nonsense in ["", "0", "-1", "nan", "inf", "1e300", "1e-300", "86401", "2s"] {
            assert!(seconds(nonsense).is_err(), "{nonsense}");
        }
        assert_eq!((seconds_or_none("0"), seconds_or_none("2.5")), (Ok(Duration::ZERO), seconds("2.5")));
        assert!(seconds_or_none("-1").is_err());
    }

    #[test]
    fn spans_have_units() {
        assert_eq!(span("90d"), Ok(Duration::from_hours(24 * 90)));
        assert_eq!((span("24h"), span("45s")), (Ok(Duration::from_hours(24)), Ok(Duration::from_secs(45))));
        for nonsense in ["", "90", "d", "0d", "-1d", "1.5h", "9w", "99999999999999999999d", "36601d"] {
            assert!(span(nonsense).is_err(), "{nonsense}");
        }
    }

    #[test]
    fn lists_are_split_at_commas() {
        assert_eq!(list("voc.calls, voc.actions,,"), Ok(vec!["voc.calls".to_owned(), "voc.actions".to_owned()]));
        assert!(list(" , ").is_err());
    }

    #[test]
    fn booleans_have_the_usual_spellings() {
        assert_eq!(boolean("Yes"), Ok(true));
        assert_eq!(boolean("0"), Ok(false));
        assert_eq!(boolean("maybe"), Err(Expected::new("true or false")));
    }

    proptest! {
        #[test]
        fn whole_numbers_must_be_in_range(number: i64) {
            let inside = (5..=200).contains(&number);
            prop_assert_eq!(whole::<u8, 5, 200>(&number.to_string()).is_ok(), inside);
        }

        #[test]
        fn seconds_never_panic(text in "\\PC{0,12}") {
            let _ = seconds(&text);
        }
    }
}
