//! The event of a row as a record's text.

use std::collections::BTreeMap;

use serde_json::value::{RawValue, to_raw_value};
use voc_events::Timestamp;
use voc_store::adoption::{OldDocument, OldRow};

/// The event that a row has as JSON, with the members that it lacks taken from the row's columns.
///
/// What it does have stays as it is: if the same event also arrives from Kafka, it must have the same time. JSON that
/// is no object stays as it is, too, and becomes a dead letter.
pub(super) fn text_of(row: &OldRow) -> Vec<u8> {
    let built;
    let document = match &row.document {
        OldDocument::Event(event) => event,
        OldDocument::Member(name, value) => {
            built = object_of(name, value);
            &built
        }
    };
    completed(document, row).unwrap_or_else(|| document.clone())
}

/// The completed text; `None` if nothing is lacking, or the text is no JSON object.
fn completed(document: &[u8], row: &OldRow) -> Option<Vec<u8>> {
    let mut members: BTreeMap<String, &RawValue> = serde_json::from_slice(document).ok()?;
    let time = Timestamp::from_millis(row.millis).to_string();
    let columns = row.members.iter().map(|(name, value)| (*name, value.as_str()));
    let is_lacking = |name: &str| members.get(name).is_none_or(|value| value.get() == "null");
    let lacking = columns.chain([(row.time_member, time.as_str())]).filter(|(name, _)| is_lacking(name));
    let lacking: Vec<(&str, Box<RawValue>)> =
        lacking.map(|(name, value)| Some((name, to_raw_value(value).ok()?))).collect::<Option<_>>()?;
    if lacking.is_empty() {
        return None;
    }
    members.extend(lacking.iter().map(|(name, value)| ((*name).to_owned(), &**value)));
    serde_json::to_vec(&members).ok()
}

/// An object with one member, or none if the member's text is empty. A text that is no JSON is a string.
fn object_of(name: &str, value: &[u8]) -> Vec<u8> {
    if value.is_empty() {
        return b"{}".to_vec();
    }
    let text = String::from_utf8_lossy(value);
    let raw = RawValue::from_string(text.to_string()).or_else(|_| to_raw_value(&*text));
    raw.and_then(|raw| serde_json::to_vec(&BTreeMap::from([(name, raw)]))).unwrap_or_else(|_| value.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(document: OldDocument) -> String {
        let row = OldRow {
            identity: String::new(),
            millis: 1_770_033_600_123,
            members: vec![("event_id", "e-1".to_owned()), ("tenant_id", "a\"b".to_owned())],
            time_member: "timestamp",
            document,
        };
        String::from_utf8(text_of(&row)).unwrap()
    }

    fn of_event(event: &str) -> String {
        text(OldDocument::Event(event.as_bytes().to_vec()))
    }

    #[test]
    fn a_whole_event_stays_as_it_is() {
        let event = r#"{ "timestamp":1.50, "event_id":"x","tenant_id":7,"more":[1e0] }"#;
        assert_eq!(of_event(event), event);
        for no_object in ["", "[1]", "null", "not json", r#"{"a":NaN}"#] {
            assert_eq!(of_event(no_object), no_object);
        }
    }

    #[test]
    fn what_an_event_lacks_comes_from_the_columns() {
        let time = r#""timestamp":"2026-02-02T12:00:00.123Z""#;
        assert_eq!(of_event("{}"), format!(r#"{{"event_id":"e-1","tenant_id":"a\"b",{time}}}"#));
        let event = r#"{"timestamp": null, "value": 1e0, "event_id": "x", "tenant_id": "t"}"#;
        assert_eq!(of_event(event), format!(r#"{{"event_id":"x","tenant_id":"t",{time},"value":1e0}}"#));
    }

    #[test]
    fn a_member_may_be_all_that_a_row_has_as_json() {
        let with = |value: &str| text(OldDocument::Member("properties", value.as_bytes().to_vec()));
        assert!(with(r#"{"a": 1.0}"#).contains(r#""properties":{"a": 1.0},"#));
        assert!(with("{'a': 1}").contains(r#""properties":"{'a': 1}","#));
        // What looks like further members is no JSON.
        assert!(with(r#"{},"tenant_id":"other""#).contains(r#""tenant_id":"a\"b""#));
        assert!(!with("").contains("properties"));
    }
}
