//! Reads and writes the headers that make a record a dead letter or a redrive marker.

use base64::{Engine as _, prelude::BASE64_STANDARD};

use crate::Headers;

/// Prefix of our headers.
pub(super) const PREFIX: &str = "voc.";
/// ID of the dead letter: see [`DeadLetter::id`](voc_store::DeadLetter::id).
pub(super) const DEAD_LETTER_ID: &str = "voc.dead_letter.id";
/// The original headers, if many clients could not read them; see [`encode`].
pub(super) const HEADERS: &str = "voc.headers";
/// The event family that could not use the record. Dead letters of older versions lack it.
pub(super) const FAMILY: &str = "voc.family";
pub(super) const ERROR_TYPE: &str = "voc.error.type";
pub(super) const ERROR: &str = "voc.error";
pub(super) const ERROR_PATH: &str = "voc.error.path";
pub(super) const SOURCE_TOPIC: &str = "voc.source.topic";
pub(super) const SOURCE_PARTITION: &str = "voc.source.partition";
/// Absent if unknown.
pub(super) const SOURCE_EPOCH: &str = "voc.source.epoch";
pub(super) const SOURCE_OFFSET: &str = "voc.source.offset";
/// In RFC 3339.
pub(super) const FAILED_AT: &str = "voc.failed.at";
/// Absent if it could not be read.
pub(super) const TENANT_ID: &str = "voc.tenant_id";
/// The parts omitted because the dead letter was too large.
pub(super) const OMITTED: &str = "voc.omitted";
pub(super) const VALUE_BYTES: &str = "voc.value.bytes";
/// In hexadecimal.
pub(super) const VALUE_SHA256: &str = "voc.value.sha256";
/// On a redriven record: ID of its dead letter, `#`, and the number of the attempt.
pub(super) const REDRIVEN: &str = "voc.redriven";
/// Makes a record a redrive marker; in RFC 3339.
pub(super) const REDRIVEN_AT: &str = "voc.redriven.at";

/// Encodes headers in order as JSON: pairs of name and base64 value, or null.
pub(super) fn encode(headers: &Headers) -> String {
    let pair = |(name, value): &(String, Option<Vec<u8>>)| {
        serde_json::json!([name, value.as_ref().map(|value| BASE64_STANDARD.encode(value))])
    };
    serde_json::Value::from_iter(headers.iter().map(pair)).to_string()
}

/// Decodes the output of [`encode`]; `None` for other texts.
pub(super) fn decode(json: &str) -> Option<Headers> {
    let pairs: Vec<(String, Option<String>)> = serde_json::from_str(json).ok()?;
    let decoded = |(name, value): (String, Option<String>)| {
        let value = value.map(|value| BASE64_STANDARD.decode(value)).transpose().ok()?;
        Some((name, value))
    };
    pairs.into_iter().map(decoded).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn headers_round_trip(
            headers in proptest::collection::vec((any::<String>(), any::<Option<Vec<u8>>>()), 0..5),
        ) {
            prop_assert_eq!(decode(&encode(&headers)), Some(headers));
        }
    }

    #[test]
    fn other_texts_are_not_decoded() {
        for json in ["", "{}", "[1]", r#"[["name"]]"#, r#"[["name", "no base64!"]]"#] {
            assert_eq!(decode(json), None, "{json}");
        }
    }
}
