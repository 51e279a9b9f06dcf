//! Scalars as JSON.

use std::fmt::Display;

use uuid::Uuid;

use super::{graph::Meaning, input::Input, scalar::ScalarForm};
use crate::{
    encodings::{
        fault::{Fault, Outcome},
        output::Output,
        written,
    },
    found::excerpt,
};

/// A scalar as it was read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Raw<'d> {
    Null,
    Boolean(bool),
    Whole(i64),
    Float(f32),
    Double(f64),
    Text(&'d str),
    Bytes(&'d [u8]),
}

/// Writes a scalar.
pub(super) fn write(raw: Raw<'_>, how: ScalarForm, out: &mut Output) -> Outcome<()> {
    match (how, raw) {
        (ScalarForm::Double, Raw::Whole(number)) => {
            #[expect(clippy::cast_precision_loss, reason = "that is what the reader's schema asks for")]
            let number = number as f64;
            out.double(number)
        }
        (ScalarForm::Text, Raw::Bytes(bytes)) => out.string(text(bytes)?),
        (ScalarForm::AnyBytes(meaning), Raw::Bytes(bytes)) => any_bytes(bytes, meaning, out),
        (ScalarForm::Base64, Raw::Text(text)) => out.base64(text.as_bytes()),
        (ScalarForm::Meaning(meaning), _) => with_meaning(raw, meaning, out),
        (_, Raw::Null) => out.push("null"),
        (_, Raw::Boolean(flag)) => out.push(if flag { "true" } else { "false" }),
        (_, Raw::Whole(number)) => out.plain(number),
        (_, Raw::Float(number)) => out.float(number),
        (_, Raw::Double(number)) => out.double(number),
        (_, Raw::Text(text)) => out.string(text),
        (_, Raw::Bytes(bytes)) => out.base64(bytes),
    }
}

/// Writes the meaning of the value, or the value itself if its type cannot have that meaning.
fn with_meaning(raw: Raw<'_>, meaning: Meaning, out: &mut Output) -> Outcome<()> {
    match (meaning, raw) {
        (Meaning::Json, Raw::Text(text)) => out.json_or_string(text),
        (Meaning::Json, Raw::Bytes(bytes)) => out.json_or_string(text(bytes)?),
        (Meaning::Uuid, Raw::Bytes(bytes)) => match Uuid::from_slice(bytes) {
            Ok(uuid) => out.string(&uuid.to_string()),
            Err(_) => Err(Fault::new("a UUID in 16 bytes", format!("{} bytes", bytes.len()))),
        },
        (Meaning::Decimal { scale }, Raw::Bytes(bytes)) => {
            decimal(bytes, i64::try_from(scale).unwrap_or(i64::MAX), out)
        }
        (Meaning::BigDecimal, Raw::Bytes(bytes)) => {
            let mut parts = Input::of(bytes);
            let unscaled = parts.bytes()?;
            decimal(unscaled, parts.long()?, out)
        }
        (Meaning::Duration, Raw::Bytes(&[a, b, c, d, e, f, g, h, i, j, k, l])) => {
            let [months, days, millis] = [[a, b, c, d], [e, f, g, h], [i, j, k, l]].map(u32::from_le_bytes);
            out.string(&written::duration(months, days, millis))
        }
        (Meaning::Date, Raw::Whole(days)) => time(written::date(days), "a date of the years 0000 to 9999", days, out),
        (Meaning::TimeOfDay(unit), Raw::Whole(units)) => {
            time(written::time_of_day(units, unit), "a time of day", units, out)
        }
        (Meaning::Instant(unit), Raw::Whole(units)) => {
            let utc = written::instant(units, unit).map(|text| text + "Z");
            time(utc, "a time of the years 0000 to 9999", units, out)
        }
        (Meaning::LocalInstant(unit), Raw::Whole(units)) => {
            time(written::instant(units, unit), "a time of the years 0000 to 9999", units, out)
        }
        _ => write(raw, ScalarForm::Plain, out),
    }
}

/// Writes bytes as a string of that meaning if they can be one, else as bytes are written elsewhere.
fn any_bytes(bytes: &[u8], meaning: Meaning, out: &mut Output) -> Outcome<()> {
    if meaning == Meaning::Uuid
        && let Ok(uuid) = Uuid::from_slice(bytes)
    {
        return out.string(&uuid.to_string());
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if meaning == Meaning::Json => out.json_or_string(text),
        Ok(text) => out.string(text),
        Err(_) => out.base64(bytes),
    }
}

fn time(text: Option<String>, expected: &'static str, found: impl Display, out: &mut Output) -> Outcome<()> {
    match text {
        Some(text) => out.string(&text),
        None => Err(Fault::new(expected, found.to_string())),
    }
}

fn decimal(unscaled: &[u8], scale: i64, out: &mut Output) -> Outcome<()> {
    match written::decimal(unscaled, scale) {
        Some(json) => out.push(&json),
        None => {
            let found = format!("one of {} bytes with the scale {scale}", unscaled.len());
            Err(Fault::new("a decimal of at most 64 bytes with a scale of at most 400", found))
        }
    }
}

/// Bytes as text.
pub(super) fn text(bytes: &[u8]) -> Outcome<&str> {
    std::str::from_utf8(bytes).map_err(|error| {
        let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        Fault::new("UTF-8 text", format!("an invalid byte after \"{}\"", excerpt(&before)))
    })
}
