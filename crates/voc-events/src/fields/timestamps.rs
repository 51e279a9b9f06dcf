//! Points in time as producers write them.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::{
    Place, Reader,
    json_text::{between_quotes, string},
    numbers::{self, Whole},
};
use crate::{Timestamp, TimestampError, found::describe};

/// Reads a point in time that is within the limits.
pub(super) fn read(value: &RawValue, place: &Place<'_>, reader: &mut Reader<'_, '_>) -> Option<Timestamp> {
    let limits = &reader.options().limits;
    let range = limits.min_timestamp..=limits.max_timestamp;
    let problem = match exact(value.get()) {
        Ok(timestamp) if range.contains(&timestamp) => return Some(timestamp),
        Ok(_) => TimestampError::OutOfRange,
        Err(problem) => problem,
    };
    // An ambiguous text is read strictly, if that gives a time within the limits.
    let problem = match lenient(value.get()).filter(|_| !reader.options().is_strict) {
        Some(Ok(timestamp)) if range.contains(&timestamp) => {
            reader.may_coerce(place);
            return Some(timestamp);
        }
        // The text has a known form, if not the strict one.
        Some(Ok(_)) if problem == TimestampError::Format => TimestampError::OutOfRange,
        Some(Err(other)) if problem == TimestampError::Format => other,
        _ => problem,
    };
    match problem {
        TimestampError::OutOfRange => {
            let expected = format!("a time from {} to {}", range.start(), range.end());
            reader.refuse_value(place, expected, value.get());
        }
        TimestampError::Format => {
            let expected = "an RFC 3339 date and time, or a number of epoch seconds or milliseconds";
            reader.refuse_value(place, expected, value.get());
        }
        impossible => {
            let found = format!("{}: {impossible}", describe(value.get()));
            reader.refuse(place, "a date and time that exist", found);
        }
    }
    None
}

fn exact(json: &str) -> Result<Timestamp, TimestampError> {
    if let Some(text) = between_quotes(json) {
        // No form of a time contains an escape.
        return match Timestamp::parse(text) {
            Err(TimestampError::Format) if text.contains('\\') => {
                Timestamp::parse(&string(json).ok_or(TimestampError::Format)?)
            }
            read => read,
        };
    }
    serde_json::from_str(json).map_err(|_| TimestampError::Format).and_then(Timestamp::from_epoch)
}

/// Other forms of a time: numbers as strings, micro- and nanoseconds, those of [`Timestamp::parse_lenient`], white
/// space around it. `None` if it has none of them.
fn lenient(json: &str) -> Option<Result<Timestamp, TimestampError>> {
    let is_string = json.starts_with('"');
    let text = if is_string { string(json)? } else { Cow::Borrowed(json) };
    let text = text.trim();
    // Eight digits of a string are a date in the basic form, not seconds of 1970.
    let written = if is_string { Timestamp::parse_lenient(text) } else { Err(TimestampError::Format) };
    match written {
        Err(TimestampError::Format) if numbers::float(text).is_some() => {
            Some(epoch(text).ok_or(TimestampError::OutOfRange))
        }
        Err(TimestampError::Format) => None,
        written => Some(written),
    }
}

/// A number of seconds, or of milli-, micro- or nanoseconds, whichever is the largest unit with which the time is not
/// far in the future. pydantic 1 does the same, but continues to ever smaller units.
fn epoch(text: &str) -> Option<Timestamp> {
    const MAX_MILLIS: f64 = 2e13;
    const MAX_MICROS: f64 = 2e16;
    const MAX_NANOS: f64 = 2e19;
    let number = numbers::float(text)?;
    let per_milli = match number.abs() {
        ..=MAX_MILLIS => return Timestamp::from_epoch(number).ok(),
        ..=MAX_MICROS => 1_000,
        ..=MAX_NANOS => 1_000_000,
        _ => return None,
    };
    // A float does not represent nanoseconds exactly, so the last digit may belong to the previous millisecond.
    match numbers::whole(text)? {
        Whole::Exact(whole) | Whole::Cut(whole) => Some(Timestamp::from_millis(whole.div_euclid(per_milli))),
        Whole::TooLarge => None,
    }
}
