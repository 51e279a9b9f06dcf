//! Protobuf's binary encoding: finds the fields of a message before any of them is read.

use super::plan::{Field, FieldType, Message, Shape};
use crate::{
    InvalidKind,
    encodings::{
        MAX_LEVELS,
        fault::{Fault, Outcome},
        wire,
    },
};

/// A value of a field, as it is encoded.
#[derive(Debug, Clone, Copy)]
pub(super) enum Encoded<'d> {
    Varint(u64),
    Bits32(u32),
    Bits64(u64),
    Bytes(&'d [u8]),
    Group(&'d [u8]),
}

/// A value with the position of its field in its message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'d> {
    pub(super) field: usize,
    pub(super) value: Encoded<'d>,
}

/// The values of a message, by field and in the order in which they were sent. Unknown fields are skipped, because
/// their names are unknown.
///
/// The message may be in several parts, which are combined.
pub(super) fn scan<'d>(message: &Message, parts: &[&'d [u8]]) -> Outcome<Vec<Entry<'d>>> {
    let mut entries = Vec::new();
    // The last field sent of each oneof, and the entries before it.
    let mut oneofs: Vec<(usize, usize, usize)> = Vec::new();
    for part in parts {
        let mut rest = *part;
        while !rest.is_empty() {
            let (number, value, after) = next(rest)?;
            rest = after;
            let Some((place, field)) = message.field(number) else { continue };
            if !fits(field, value) {
                return Err(Fault::new(expected(field.of_type), describe(value)).within_member(&field.name));
            }
            if let Some(oneof) = field.oneof {
                match oneofs.iter_mut().find(|(known, ..)| *known == oneof) {
                    Some((_, last, _)) if *last == place => {}
                    // Another field of the oneof clears the previous one.
                    Some(known) => *known = (oneof, place, entries.len()),
                    None => oneofs.push((oneof, place, 0)),
                }
            }
            entries.push(Entry { field: place, value });
        }
    }
    if !oneofs.is_empty() {
        let mut at = 0;
        entries.retain(|entry: &Entry<'_>| {
            at += 1;
            let oneof = message.fields.get(entry.field).and_then(|field| field.oneof);
            let last = oneofs.iter().find(|(known, ..)| Some(*known) == oneof);
            last.is_none_or(|(_, field, before)| *field == entry.field && at > *before)
        });
    }
    entries.sort_by_key(|entry| entry.field);
    Ok(entries)
}

/// The next value: its field's number, the value, and the rest.
fn next(bytes: &[u8]) -> Outcome<(u32, Encoded<'_>, &[u8])> {
    let (tag, rest) = varint(bytes)?;
    let number = u32::try_from(tag >> 3).ok().filter(|number| (1..1 << 29).contains(number));
    let number = number.ok_or_else(|| Fault::new("a field's number", (tag >> 3).to_string()))?;
    let (value, rest) = match tag & 7 {
        0 => {
            let (value, rest) = varint(rest)?;
            (Encoded::Varint(value), rest)
        }
        1 => {
            let (value, rest) = rest.split_first_chunk().ok_or_else(|| ended("8 bytes", rest))?;
            (Encoded::Bits64(u64::from_le_bytes(*value)), rest)
        }
        2 => {
            let (length, rest) = varint(rest)?;
            let length = usize::try_from(length).ok();
            let parts = length.and_then(|length| rest.split_at_checked(length));
            let (value, rest) = parts.ok_or_else(|| ended("as many bytes as the length says", rest))?;
            (Encoded::Bytes(value), rest)
        }
        3 => {
            let (group, rest) = group(rest, number)?;
            (Encoded::Group(group), rest)
        }
        5 => {
            let (value, rest) = rest.split_first_chunk().ok_or_else(|| ended("4 bytes", rest))?;
            (Encoded::Bits32(u32::from_le_bytes(*value)), rest)
        }
        other => return Err(Fault::new("a value of a known form", format!("the form {other} of field {number}"))),
    };
    Ok((number, value, rest))
}

/// The bytes up to the end of the current group, and the rest.
fn group(bytes: &[u8], number: u32) -> Outcome<(&[u8], &[u8])> {
    let mut open = vec![number];
    let mut rest = bytes;
    loop {
        let at = bytes.len() - rest.len();
        let (tag, after) = varint(rest)?;
        let of_field = u32::try_from(tag >> 3).ok();
        match tag & 7 {
            3 => {
                open.push(of_field.ok_or_else(|| Fault::new("a field's number", (tag >> 3).to_string()))?);
                if open.len() > MAX_LEVELS {
                    let expected = format!("at most {MAX_LEVELS} levels of nesting");
                    return Err(Fault::of(InvalidKind::Depth, expected, "a deeper value"));
                }
                rest = after;
            }
            4 => {
                let begun = open.pop();
                if begun != of_field {
                    return Err(Fault::new("the end of the group that has begun", "that of another"));
                }
                if open.is_empty() {
                    return Ok((&bytes[..at], after));
                }
                rest = after;
            }
            _ => (_, _, rest) = next(rest)?,
        }
    }
}

pub(super) fn varint(bytes: &[u8]) -> Outcome<(u64, &[u8])> {
    wire::varint(bytes).ok_or_else(|| {
        let found = if bytes.len() < 10 { "the record's end" } else { "a longer one" };
        Fault::new("a number of at most 64 bits", found)
    })
}

pub(super) fn ended(expected: &'static str, rest: &[u8]) -> Box<Fault> {
    Fault::new(expected, format!("{} before the end", rest.len()))
}

fn fits(field: &Field, value: Encoded<'_>) -> bool {
    use FieldType::{
        Bool, Bytes, Double, Enum, Fixed32, Fixed64, Float, Group, Int32, Int64, Message, Sfixed32, Sfixed64, Sint32,
        Sint64, String, Uint32, Uint64,
    };
    match (value, field.of_type) {
        (Encoded::Varint(_), Int32 | Int64 | Uint32 | Uint64 | Sint32 | Sint64 | Bool | Enum(_)) => true,
        (Encoded::Bits32(_), Fixed32 | Sfixed32 | Float) => true,
        (Encoded::Bits64(_), Fixed64 | Sfixed64 | Double) => true,
        (Encoded::Bytes(_), String | Bytes | Message(_)) => true,
        // Packed, whether the schema says so or not.
        (Encoded::Bytes(_), of_type) => field.shape == Shape::Repeated && !matches!(of_type, Group(_)),
        (Encoded::Group(_), Group(_)) => true,
        _ => false,
    }
}

/// The wire type of a field.
fn expected(of_type: FieldType) -> &'static str {
    match of_type {
        FieldType::Double | FieldType::Fixed64 | FieldType::Sfixed64 => "a value of 64 bits",
        FieldType::Float | FieldType::Fixed32 | FieldType::Sfixed32 => "a value of 32 bits",
        FieldType::String | FieldType::Bytes | FieldType::Message(_) => "a value with its length",
        FieldType::Group(_) => "a group",
        _ => "a number of variable length",
    }
}

fn describe(value: Encoded<'_>) -> &'static str {
    match value {
        Encoded::Varint(_) => "a number of variable length",
        Encoded::Bits32(_) => "a value of 32 bits",
        Encoded::Bits64(_) => "a value of 64 bits",
        Encoded::Bytes(_) => "a value with its length",
        Encoded::Group(_) => "a group",
    }
}
