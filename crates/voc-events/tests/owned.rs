//! Events that outlive their records, and conversions from and to other types.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use voc_events::{Timestamp, activity::EnrichedEvent, product::ProductEvent, quality::QualityEvent, voc::VocEvent};

const CALL: &str = r#"{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","tenant_id":"acme","timestamp":"2026-02-02T12:00:00Z","event_type":"call","call_id":"c-1","transcript":"half: \ud800","more":[1]}"#;

#[test]
fn a_record_becomes_an_event() {
    let event = VocEvent::try_from(CALL.as_bytes()).unwrap();
    let VocEvent::Call(call) = &event else { unreachable!("it is a call: {event:?}") };
    // Replacements in a copy of the record outlive that copy.
    assert_eq!(call.transcript.as_deref(), Some("half: \u{fffd}"));
    assert!(VocEvent::try_from(&b"{}"[..]).is_err());
    assert!(VocEvent::try_from(&b"\xff"[..]).is_err());
}

#[test]
fn an_event_is_owned_and_serialises_to_the_same() {
    let owned: VocEvent<'static> = {
        let record = CALL.replace("\\ud800", "ok").into_bytes();
        VocEvent::try_from(record.as_slice()).unwrap().into_owned()
    };
    let json = serde_json::to_string(&owned).unwrap();
    let again: VocEvent<'static> = serde_json::from_str(&json).unwrap();
    assert_eq!(again, owned);
    let error = serde_json::from_str::<VocEvent<'static>>(r#"{"event_type":"call"}"#).unwrap_err().to_string();
    assert!(error.contains("$.call_id: expected a non-empty string, found nothing"), "{error}");
}

#[test]
fn every_family_can_be_read_alone() {
    let product = r#"{"app_id":"a","event_name":"search","user_id":"u","timestamp":1770033600}"#;
    assert_eq!(serde_json::from_str::<ProductEvent<'static>>(product).unwrap().app_id, "a");
    let quality = r#"{"event_type":"BATCH_CREATED","timestamp":1770033600,"batch_id":"B"}"#;
    assert!(matches!(QualityEvent::try_from(quality.as_bytes()), Ok(QualityEvent::BatchCreated(_))));
    let activity = r#"{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","event_type":"click","timestamp":"2026-02-02T12:00:00Z"}"#;
    assert_eq!(EnrichedEvent::try_from(activity.as_bytes()).unwrap().event_type, "click");
}

#[test]
fn times_convert_to_the_millisecond() {
    for millis in [0, 1, 1_770_033_600_123, -1, -1001] {
        let timestamp = Timestamp::from_millis(millis);
        assert_eq!(Timestamp::from(SystemTime::from(timestamp)), timestamp);
        assert_eq!(serde_json::from_value::<Timestamp>(serde_json::to_value(timestamp).unwrap()).unwrap(), timestamp);
    }
    let late = UNIX_EPOCH + Duration::from_nanos(1_999_999);
    assert_eq!(Timestamp::from(late), Timestamp::from_millis(1));
    let early = UNIX_EPOCH - Duration::from_nanos(1);
    assert_eq!(Timestamp::from(early), Timestamp::from_millis(-1));
    assert_eq!(serde_json::from_str::<Timestamp>("1770033600").unwrap(), Timestamp::from_millis(1_770_033_600_000));
    assert!(serde_json::from_str::<Timestamp>("\"soon\"").is_err());
}

#[cfg(feature = "time")]
#[test]
fn times_convert_with_the_crate_time() {
    use time::{OffsetDateTime, macros::datetime};
    let noon = datetime!(2026-02-02 09:00:00.123456 -3);
    let timestamp = Timestamp::from(noon);
    assert_eq!(timestamp, Timestamp::from_millis(1_770_033_600_123));
    assert_eq!(OffsetDateTime::try_from(timestamp).unwrap(), datetime!(2026-02-02 12:00:00.123 UTC));
    assert_eq!(Timestamp::from(datetime!(1969-12-31 23:59:59.9999999 UTC)), Timestamp::from_millis(-1));
}
