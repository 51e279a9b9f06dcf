//! Messages as JSON.

use std::collections::HashMap;

use super::{
    plan::{EnumId, Field, FieldType, Message, MessageId, Plan, Shape},
    scan::{Encoded, Entry, ended, scan, varint},
    well_known::Special,
};
use crate::{
    InvalidKind,
    encodings::{
        MAX_LEVELS,
        fault::{Fault, Outcome},
        output::{Output, Separator},
    },
    found::excerpt,
};

/// Maximum number of messages within each other. A level of JSON takes at most two: a `google.protobuf.Value` and the
/// `Struct` in it, and a last `Value` takes none.
const MAX_MESSAGES: usize = 2 * MAX_LEVELS + 1;

pub(super) struct Decoder<'p, 'o> {
    pub(super) plan: &'p Plan,
    pub(super) out: &'o mut Output,
    /// Messages that the current one is within.
    depth: usize,
}

impl<'p, 'o> Decoder<'p, 'o> {
    pub(super) fn new(plan: &'p Plan, out: &'o mut Output) -> Self {
        Self { plan, out, depth: 0 }
    }

    /// Writes a message, which may be in several parts.
    pub(super) fn message(&mut self, id: MessageId, parts: &[&[u8]]) -> Outcome<()> {
        // Messages that write no level of JSON are not bounded by the output, but take room on the stack all the same.
        if self.depth == MAX_MESSAGES {
            let expected = format!("at most {MAX_MESSAGES} messages within each other");
            return Err(Fault::of(InvalidKind::Depth, expected, "a deeper value"));
        }
        self.depth += 1;
        let outcome = self.message_within(id, parts);
        self.depth -= 1;
        outcome
    }

    fn message_within(&mut self, id: MessageId, parts: &[&[u8]]) -> Outcome<()> {
        let plan = self.plan;
        let message = plan.message(id);
        match message.special {
            Special::None => {
                let mut separator = self.out.open("{")?;
                self.members(message, parts, &mut separator)?;
                self.out.close("}")
            }
            _ => self.special(message, parts),
        }
    }

    /// Writes the fields of a message.
    pub(super) fn members(&mut self, message: &'p Message, parts: &[&[u8]], separator: &mut Separator) -> Outcome<()> {
        let entries = scan(message, parts)?;
        let (mut rest, mut expected) = (entries.as_slice(), message.expected.as_slice());
        // Only the fields that were sent or are expected: a message of a few bytes may have thousands of others.
        while let Some(place) = next_place(rest, expected) {
            let (sent, others) = rest.split_at(rest.partition_point(|entry| entry.field <= place));
            rest = others;
            expected = expected.strip_prefix(&[place]).unwrap_or(expected);
            let Some(field) = message.fields.get(place) else { continue };
            self.field(field, sent, separator).map_err(|fault| fault.within_member(&field.name))?;
        }
        Ok(())
    }

    fn field(&mut self, field: &'p Field, sent: &[Entry<'_>], separator: &mut Separator) -> Outcome<()> {
        match (field.shape, sent) {
            (Shape::Repeated | Shape::Map | Shape::IfSent, []) => Ok(()),
            (Shape::Required, []) => Err(Fault::new("a field that is required", "nothing")),
            (Shape::Always, []) => {
                self.out.member(separator, &field.key)?;
                self.unset(field.of_type)
            }
            (Shape::Repeated, _) => {
                self.out.member(separator, &field.key)?;
                self.list(field.of_type, sent)
            }
            (Shape::Map, _) => {
                self.out.member(separator, &field.key)?;
                self.map(field.of_type, sent)
            }
            (Shape::Always | Shape::IfSent | Shape::Required, _) => {
                self.out.member(separator, &field.key)?;
                self.singular(field.of_type, sent)
            }
        }
    }

    /// Writes the value of a singular field: the last one sent, or all parts of a message combined.
    pub(super) fn singular(&mut self, of_type: FieldType, sent: &[Entry<'_>]) -> Outcome<()> {
        match (of_type, sent) {
            // The common case of one part needs no list.
            (
                FieldType::Message(id) | FieldType::Group(id),
                [Entry { value: Encoded::Bytes(bytes) | Encoded::Group(bytes), .. }],
            ) => self.message(id, &[bytes]),
            (FieldType::Message(id) | FieldType::Group(id), _) => {
                let parts = sent.iter().filter_map(|entry| match entry.value {
                    Encoded::Bytes(bytes) | Encoded::Group(bytes) => Some(bytes),
                    _ => None,
                });
                self.message(id, &parts.collect::<Vec<_>>())
            }
            (_, [.., last]) => self.value(of_type, last.value),
            (_, []) => self.unset(of_type),
        }
    }

    /// Writes the elements of a list, several of which may have been sent packed.
    pub(super) fn list(&mut self, of_type: FieldType, sent: &[Entry<'_>]) -> Outcome<()> {
        let mut separator = self.out.open("[")?;
        let mut number = 0;
        for entry in sent {
            let is_packed = !matches!(of_type, FieldType::String | FieldType::Bytes | FieldType::Message(_));
            match entry.value {
                Encoded::Bytes(mut rest) if is_packed => {
                    while !rest.is_empty() {
                        let (value, after) = unpacked(of_type, rest).map_err(|fault| fault.within_element(number))?;
                        rest = after;
                        self.element(of_type, value, &mut number, &mut separator)?;
                    }
                }
                value => self.element(of_type, value, &mut number, &mut separator)?,
            }
        }
        self.out.close("]")
    }

    fn element(
        &mut self,
        of_type: FieldType,
        value: Encoded<'_>,
        number: &mut usize,
        separator: &mut Separator,
    ) -> Outcome<()> {
        self.out.element(separator)?;
        self.value(of_type, value).map_err(|fault| fault.within_element(*number))?;
        *number += 1;
        Ok(())
    }

    /// Writes the entries of a map: the last one for each key.
    pub(super) fn map(&mut self, of_type: FieldType, sent: &[Entry<'_>]) -> Outcome<()> {
        let FieldType::Message(id) = of_type else { return Err(Fault::new("a map", "no map")) };
        let plan = self.plan;
        let entry = plan.message(id);
        let (Some((key_place, key)), Some((value_place, value))) = (entry.field(1), entry.field(2)) else {
            return Err(Fault::new("a map", "no map"));
        };
        let mut members = Vec::with_capacity(sent.len());
        let mut last: HashMap<String, usize> = HashMap::with_capacity(sent.len());
        for entry_sent in sent {
            let Encoded::Bytes(bytes) = entry_sent.value else { continue };
            let entries = scan(entry, &[bytes])?;
            let sent_key = entries.iter().rev().find(|entry| entry.field == key_place).map(|entry| entry.value);
            last.insert(self.key(key.of_type, sent_key)?, members.len());
            members.push(bytes);
        }
        let mut in_order: Vec<(String, usize)> = last.into_iter().collect();
        in_order.sort_unstable_by_key(|(_, place)| *place);
        let mut separator = self.out.open("{")?;
        for (name, place) in in_order {
            let entries = scan(entry, &[members[place]])?;
            let values = &entries[entries.partition_point(|entry| entry.field < value_place)..];
            let written = self.out.member_named(&mut separator, &name);
            let written = written.and_then(|()| self.singular(value.of_type, values));
            written.map_err(|fault| fault.within_member(&name))?;
        }
        self.out.close("}")
    }

    /// A map's key as a name.
    fn key(&self, of_type: FieldType, sent: Option<Encoded<'_>>) -> Outcome<String> {
        Ok(match (of_type, sent) {
            (FieldType::String, None) => String::new(),
            (FieldType::String, Some(Encoded::Bytes(bytes))) => text(bytes)?.to_owned(),
            (FieldType::Bool, None) => "false".to_owned(),
            (_, None) => "0".to_owned(),
            (of_type, Some(value)) => match scalar(of_type, value) {
                Some(Scalar::Signed(number)) => number.to_string(),
                Some(Scalar::Unsigned(number)) => number.to_string(),
                Some(Scalar::Flag(flag)) => flag.to_string(),
                _ => return Err(Fault::new("a key", "a value that is none")),
            },
        })
    }

    /// Writes one value.
    pub(super) fn value(&mut self, of_type: FieldType, value: Encoded<'_>) -> Outcome<()> {
        match (of_type, value) {
            (FieldType::String, Encoded::Bytes(bytes)) => self.out.string(text(bytes)?),
            (FieldType::Bytes, Encoded::Bytes(bytes)) => self.out.base64(bytes),
            (FieldType::Message(id) | FieldType::Group(id), Encoded::Bytes(bytes) | Encoded::Group(bytes)) => {
                self.message(id, &[bytes])
            }
            _ => match scalar(of_type, value) {
                Some(Scalar::Signed(number)) => self.out.plain(number),
                Some(Scalar::Unsigned(number)) => self.out.plain(number),
                Some(Scalar::Double(number)) => self.out.double(number),
                Some(Scalar::Float(number)) => self.out.float(number),
                Some(Scalar::Flag(flag)) => self.out.push(if flag { "true" } else { "false" }),
                Some(Scalar::Enum(id, number)) => self.enum_value(id, number),
                // The scan has ensured that the wire types match.
                None => Err(Fault::new("a value of the field's type", "one of another")),
            },
        }
    }

    fn enum_value(&mut self, id: EnumId, number: i32) -> Outcome<()> {
        match self.plan.enum_name(id, number) {
            Some(json) => self.out.push(json),
            None => self.out.plain(number),
        }
    }

    /// Writes the value of a field that was not sent.
    pub(super) fn unset(&mut self, of_type: FieldType) -> Outcome<()> {
        match of_type {
            FieldType::String | FieldType::Bytes => self.out.push("\"\""),
            FieldType::Bool => self.out.push("false"),
            FieldType::Double | FieldType::Float => self.out.push("0.0"),
            FieldType::Enum(id) => self.enum_value(id, 0),
            FieldType::Message(id) | FieldType::Group(id) => self.message(id, &[]),
            _ => self.out.push("0"),
        }
    }
}

/// The position of the next field that was sent or is expected.
fn next_place(sent: &[Entry<'_>], expected: &[usize]) -> Option<usize> {
    let sent = sent.first().map(|entry| entry.field);
    match (sent, expected.first().copied()) {
        (Some(sent), Some(expected)) => Some(sent.min(expected)),
        (sent, expected) => sent.or(expected),
    }
}

/// A value that is neither text, nor bytes, nor a message.
pub(super) enum Scalar {
    Signed(i64),
    Unsigned(u64),
    Double(f64),
    Float(f32),
    Flag(bool),
    Enum(EnumId, i32),
}

/// The value of a number as it is encoded. If a number is longer than its type, its lower bits count.
#[expect(clippy::cast_possible_truncation, reason = "so says Protobuf's specification")]
pub(super) fn scalar(of_type: FieldType, value: Encoded<'_>) -> Option<Scalar> {
    let zigzag = |bits: u64| (bits >> 1).cast_signed() ^ -(bits & 1).cast_signed();
    Some(match (of_type, value) {
        (FieldType::Int32, Encoded::Varint(bits)) => Scalar::Signed((bits as u32).cast_signed().into()),
        (FieldType::Int64, Encoded::Varint(bits)) => Scalar::Signed(bits.cast_signed()),
        (FieldType::Uint32, Encoded::Varint(bits)) => Scalar::Unsigned((bits as u32).into()),
        (FieldType::Uint64, Encoded::Varint(bits)) => Scalar::Unsigned(bits),
        (FieldType::Sint32, Encoded::Varint(bits)) => Scalar::Signed(zigzag((bits as u32).into())),
        (FieldType::Sint64, Encoded::Varint(bits)) => Scalar::Signed(zigzag(bits)),
        (FieldType::Bool, Encoded::Varint(bits)) => Scalar::Flag(bits != 0),
        (FieldType::Enum(id), Encoded::Varint(bits)) => Scalar::Enum(id, (bits as u32).cast_signed()),
        (FieldType::Fixed32, Encoded::Bits32(bits)) => Scalar::Unsigned(bits.into()),
        (FieldType::Sfixed32, Encoded::Bits32(bits)) => Scalar::Signed(bits.cast_signed().into()),
        (FieldType::Float, Encoded::Bits32(bits)) => Scalar::Float(f32::from_bits(bits)),
        (FieldType::Fixed64, Encoded::Bits64(bits)) => Scalar::Unsigned(bits),
        (FieldType::Sfixed64, Encoded::Bits64(bits)) => Scalar::Signed(bits.cast_signed()),
        (FieldType::Double, Encoded::Bits64(bits)) => Scalar::Double(f64::from_bits(bits)),
        _ => return None,
    })
}

/// The next of several packed values, and the rest.
fn unpacked(of_type: FieldType, bytes: &[u8]) -> Outcome<(Encoded<'_>, &[u8])> {
    Ok(match of_type {
        FieldType::Double | FieldType::Fixed64 | FieldType::Sfixed64 => {
            let (value, rest) = bytes.split_first_chunk().ok_or_else(|| ended("8 bytes", bytes))?;
            (Encoded::Bits64(u64::from_le_bytes(*value)), rest)
        }
        FieldType::Float | FieldType::Fixed32 | FieldType::Sfixed32 => {
            let (value, rest) = bytes.split_first_chunk().ok_or_else(|| ended("4 bytes", bytes))?;
            (Encoded::Bits32(u32::from_le_bytes(*value)), rest)
        }
        _ => {
            let (value, rest) = varint(bytes)?;
            (Encoded::Varint(value), rest)
        }
    })
}

/// Bytes as text.
pub(super) fn text(bytes: &[u8]) -> Outcome<&str> {
    std::str::from_utf8(bytes).map_err(|error| {
        let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        Fault::new("UTF-8 text", format!("an invalid byte after \"{}\"", excerpt(&before)))
    })
}
