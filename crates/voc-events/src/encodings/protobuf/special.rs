//! Well-known messages with a special JSON form.

use super::{
    decode::{Decoder, Scalar, scalar, text},
    plan::{FieldType, Message},
    scan::{Encoded, Entry, scan},
    well_known::Special,
};
use crate::encodings::{
    fault::{Fault, Outcome},
    written,
};

/// Whole numbers up to this are exact as floats.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

impl<'p> Decoder<'p, '_> {
    /// Writes a message that is not written as an object of its fields.
    pub(super) fn special(&mut self, message: &'p Message, parts: &[&[u8]]) -> Outcome<()> {
        let entries = scan(message, parts)?;
        let sent = SentValues { message, entries: &entries };
        match message.special {
            Special::Timestamp => {
                let (seconds, nanos) = sent.seconds_and_nanos();
                match written::instant_of_parts(seconds, nanos) {
                    Some(text) => self.out.string(&(text + "Z")),
                    None => {
                        let found = format!("{seconds} seconds and {nanos} nanoseconds");
                        Err(Fault::new("a time of the years 0000 to 9999", found))
                    }
                }
            }
            Special::Duration => {
                let (seconds, nanos) = sent.seconds_and_nanos();
                let text = duration(seconds, nanos)
                    .ok_or_else(|| Fault::new("a duration", format!("{seconds} seconds and {nanos} nanoseconds")))?;
                self.out.string(&text)
            }
            Special::Struct => match message.field(1) {
                Some((_, fields)) => self.map(fields.of_type, sent.of(1)),
                None => self.out.push("{}"),
            },
            Special::List => match message.field(1) {
                Some((_, values)) => self.list(values.of_type, sent.of(1)),
                None => self.out.push("[]"),
            },
            Special::Value => self.any_json(message, &entries),
            Special::Wrapper => match message.field(1) {
                Some((_, value)) => self.singular(value.of_type, sent.of(1)),
                None => self.out.push("null"),
            },
            Special::FieldMask => {
                let mut paths = Vec::with_capacity(entries.len());
                for entry in sent.of(1) {
                    if let Encoded::Bytes(bytes) = entry.value {
                        paths.push(text(bytes)?);
                    }
                }
                self.out.string(&paths.join(","))
            }
            Special::Any => self.any_message(sent.bytes(1), sent.bytes(2)),
            Special::Decimal => {
                let (unscaled, scale) = (sent.bytes(1), sent.number(3));
                match written::decimal(unscaled, scale) {
                    Some(json) => self.out.push(&json),
                    None => {
                        let found = format!("one of {} bytes with the scale {scale}", unscaled.len());
                        Err(Fault::new("a decimal of at most 64 bytes with a scale of at most 400", found))
                    }
                }
            }
            Special::None => Err(Fault::new("a message of a known kind", "another")),
        }
    }

    /// Writes a `google.protobuf.Value`: the JSON value that it represents. An empty one is null.
    fn any_json(&mut self, message: &'p Message, entries: &[Entry<'_>]) -> Outcome<()> {
        // It is a oneof, so all values that were sent belong to one field.
        let Some((first, field)) = entries.first().and_then(|first| Some((first, message.fields.get(first.field)?)))
        else {
            return self.out.push("null");
        };
        match (field.of_type, entries.last().map_or(first.value, |last| last.value)) {
            (FieldType::Enum(_), _) => self.out.push("null"),
            (FieldType::Double, Encoded::Bits64(bits)) => {
                let number = f64::from_bits(bits);
                // JSON's 5 has become 5.0 on its way here.
                if number.fract() == 0.0 && number.abs() <= MAX_EXACT {
                    #[expect(clippy::cast_possible_truncation, reason = "it is whole, and within the range")]
                    return self.out.plain(number as i64);
                }
                self.out.double(number)
            }
            (of_type, _) => self.singular(of_type, entries),
        }
    }

    /// Writes a `google.protobuf.Any`: the contained message, with its name; its bytes if the schema does not know it.
    fn any_message(&mut self, url: &[u8], bytes: &[u8]) -> Outcome<()> {
        let url = text(url)?;
        let mut separator = self.out.open("{")?;
        self.out.member(&mut separator, "\"@type\":")?;
        self.out.string(url)?;
        let plan = self.plan;
        let known = url.rsplit('/').next().and_then(|name| plan.named(name)).map(|id| plan.message(id));
        match known.filter(|message| message.special == Special::None) {
            Some(message) => self.members(message, &[bytes], &mut separator)?,
            None => {
                self.out.member(&mut separator, "\"value\":")?;
                self.out.base64(bytes)?;
            }
        }
        self.out.close("}")
    }
}

/// The values sent in a message.
struct SentValues<'s, 'd> {
    message: &'s Message,
    /// By field.
    entries: &'s [Entry<'d>],
}

impl<'s, 'd> SentValues<'s, 'd> {
    /// The values of a field.
    fn of(&self, number: u32) -> &'s [Entry<'d>] {
        let Some((place, _)) = self.message.field(number) else { return &[] };
        let begin = self.entries.partition_point(|entry| entry.field < place);
        let end = self.entries.partition_point(|entry| entry.field <= place);
        &self.entries[begin..end]
    }

    /// A whole number; 0 if it was not sent.
    fn number(&self, number: u32) -> i64 {
        let Some(((_, field), last)) = self.message.field(number).zip(self.of(number).last()) else { return 0 };
        match scalar(field.of_type, last.value) {
            Some(Scalar::Signed(number)) => number,
            Some(Scalar::Unsigned(number)) => i64::try_from(number).unwrap_or(i64::MAX),
            _ => 0,
        }
    }

    /// Bytes; empty if they were not sent.
    fn bytes(&self, number: u32) -> &'d [u8] {
        match self.of(number).last() {
            Some(Entry { value: Encoded::Bytes(bytes), .. }) => bytes,
            _ => &[],
        }
    }

    fn seconds_and_nanos(&self) -> (i64, i32) {
        (self.number(1), i32::try_from(self.number(2)).unwrap_or(i32::MAX))
    }
}

/// A duration in Protobuf's own JSON form, such as `-3.5s`; `None` if its parts contradict each other.
fn duration(seconds: i64, nanos: i32) -> Option<String> {
    let are_of_one_sign = seconds.signum() * i64::from(nanos.signum()) >= 0;
    if !are_of_one_sign || nanos.unsigned_abs() > 999_999_999 {
        return None;
    }
    let sign = if seconds < 0 || nanos < 0 { "-" } else { "" };
    let (seconds, nanos) = (seconds.unsigned_abs(), nanos.unsigned_abs());
    Some(match nanos {
        0 => format!("{sign}{seconds}s"),
        _ if nanos.is_multiple_of(1_000_000) => format!("{sign}{seconds}.{:03}s", nanos / 1_000_000),
        _ if nanos.is_multiple_of(1_000) => format!("{sign}{seconds}.{:06}s", nanos / 1_000),
        _ => format!("{sign}{seconds}.{nanos:09}s"),
    })
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_have_the_digits_that_they_need() {
        assert_eq!(duration(3, 500_000_000).unwrap(), "3.500s");
        assert_eq!(duration(-3, -1).unwrap(), "-3.000000001s");
        assert_eq!(duration(0, -1000).unwrap(), "-0.000001s");
        assert_eq!(duration(0, 0).unwrap(), "0s");
        assert_eq!(duration(1, -1), None);
        assert_eq!(duration(0, i32::MIN), None);
        assert_eq!(duration(i64::MIN, 0).unwrap(), "-9223372036854775808s");
    }
}
