//! The turns of a call through the public interface.

#![expect(clippy::expect_used, reason = "helpers of tests fail this way")]

use voc_events::{
    DecodeOptions, Decoded, Envelope, Family, FamilyEvent, Invalid, Timestamp,
    voc::{BaseEvent, CallEvent, TranscriptTurn, TranscriptTurns, Voc, VocEvent},
};

/// A call with these members.
fn call(members: &str) -> String {
    format!(
        r#"{{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","tenant_id":"acme","timestamp":"2026-02-02T12:00:00.000Z","event_type":"call","call_id":"c-1",{members}}}"#
    )
}

fn with_turns(turns: &str) -> String {
    call(&format!(r#""transcript_turns":{turns}"#))
}

fn decode(text: &str, is_strict: bool) -> Result<Decoded<VocEvent<'_>>, Invalid> {
    Voc::for_topic("voc.events", &DecodeOptions::default().strict(is_strict)).decode(text, &Envelope::default())
}

/// Both readers accept the turns, write them as they were sent, and these have this text.
#[track_caller]
fn accepts(turns: &str, text: Option<&str>) {
    let record = with_turns(turns);
    for is_strict in [true, false] {
        let decoded = decode(&record, is_strict).expect("the event is valid");
        assert_eq!(decoded.event.text(), text);
        assert!(decoded.coerced.is_empty(), "{:?}", decoded.coerced);
        let written = serde_json::to_string(&decoded.event).expect("it is JSON");
        assert!(written.contains(&format!(r#""transcript_turns":{turns}"#)), "{written}");
        assert_eq!(decode(&written, is_strict).expect("it is valid").event, decoded.event);
        let owned = decoded.event.clone().into_owned();
        assert_eq!((&owned, owned.text()), (&decoded.event, text));
    }
}

/// A strict reader refuses the turns, and a lenient one reads them as this text, and names the field.
#[track_caller]
fn coerces(turns: &str, field: &str, text: &str, violation: &str) {
    let record = with_turns(turns);
    let decoded = decode(&record, false).expect("the event is valid");
    assert_eq!((decoded.event.text(), decoded.coerced.as_slice()), (Some(text), [field].as_slice()));
    assert_eq!(decode(&record, true).expect_err("it is lenient").to_string(), violation);
}

#[track_caller]
fn refuses(turns: &str, violations: &[&str]) {
    for is_strict in [true, false] {
        let invalid = decode(&with_turns(turns), is_strict).expect_err("the event should be refused");
        let found: Vec<String> = invalid.violations.iter().map(ToString::to_string).collect();
        assert_eq!(found, violations);
    }
}

#[test]
fn turns_say_who_says_what_and_when() {
    let turns =
        r#"[{"text":"Hi, \"Ana\" here.","role":"agent","speaker":"Ana","start_ms":0,"end_ms":900},{"text":"Olá!"}]"#;
    accepts(turns, Some(turns));
    let record = with_turns(turns);
    let Decoded { event: VocEvent::Call(call), .. } = decode(&record, true).expect("it is valid") else {
        panic!("not a call")
    };
    assert_eq!(call.transcript_turns.expect("it has turns").json().as_str(), turns);
}

#[test]
fn nothing_but_what_is_known_is_text() {
    let turns = r#"[{"text":"Hi.","speaker":"Ana","words":[{"text":"Hi"}],"content":"HI","sentiment":0.5}]"#;
    accepts(turns, Some(r#"[{"text":"Hi.","speaker":"Ana"}]"#));
    // Null is the same as absent.
    let turns = r#"[null,{"text":"Hi.","role":null,"speaker":null,"channel":null,"start_ms":null,"end_ms":null}]"#;
    accepts(turns, Some(r#"[{"text":"Hi."}]"#));
    // Nobody speaks before the call begins.
    accepts(r#"[{"text":"Hi.","start_ms":-1,"end_ms":-9223372036854775808}]"#, Some(r#"[{"text":"Hi."}]"#));
}

#[test]
fn a_channel_stands_for_a_speaker_who_is_not_known() {
    accepts(r#"[{"text":"Hi.","channel":"left"}]"#, Some(r#"[{"text":"Hi.","speaker":"left"}]"#));
    accepts(r#"[{"text":"Hi.","channel":"left","role":" "}]"#, Some(r#"[{"text":"Hi.","role":" ","speaker":"left"}]"#));
    accepts(r#"[{"text":"Hi.","channel":"left","role":"agent"}]"#, Some(r#"[{"text":"Hi.","role":"agent"}]"#));
    accepts(r#"[{"text":"Hi.","channel":"left","speaker":"Ana"}]"#, Some(r#"[{"text":"Hi.","speaker":"Ana"}]"#));
}

#[test]
fn turns_in_which_nothing_is_said_are_no_text() {
    for turns in ["[]", "[null]", r#"[{"text":""}]"#, r#"[{"text":" \n"},{"text":""}]"#] {
        accepts(turns, None);
    }
    accepts(r#"[{"text":""},{"text":"Hi."}]"#, Some(r#"[{"text":"Hi."}]"#));
}

#[test]
fn turns_are_preferred_to_a_transcript() {
    let text = |members: &str| {
        let record = call(members);
        let decoded = decode(&record, true).expect("the event is valid");
        decoded.event.text().map(str::to_owned)
    };
    let transcript = r#""transcript":"Customer: Hello!""#;
    assert_eq!(
        text(&format!(r#"{transcript},"transcript_turns":[{{"text":"Hi."}}]"#)).as_deref(),
        Some(r#"[{"text":"Hi."}]"#)
    );
    for none in ["null", "[]", r#"[{"text":" "}]"#] {
        let members = format!(r#"{transcript},"transcript_turns":{none}"#);
        assert_eq!(text(&members).as_deref(), Some("Customer: Hello!"), "{none}");
    }
    assert_eq!(text(r#""transcript_turns":[{"text":" "}]"#), None);
}

#[test]
fn harmless_forms_are_accepted_by_a_lenient_reader() {
    let text = r#"[{"text":"Hi.","start_ms":1200}]"#;
    let path = "$.transcript_turns[0]";
    for (start, found) in
        [(r#""1200""#, r#"string "1200""#), (r#"" 1200.7 ""#, r#"string " 1200.7 ""#), ("1200.7", "number 1200.7")]
    {
        coerces(
            &format!(r#"[{{"text":"Hi.","start_ms":{start}}}]"#),
            "start_ms",
            text,
            &format!("{path}.start_ms: expected a whole number of 64 bits, found {found}"),
        );
    }
    // Producers that know floats only.
    accepts(r#"[{"text":"Hi.","start_ms":1200.0}]"#, Some(text));
    accepts(r#"[{"text":"Hi.","role":"AGENT"}]"#, Some(r#"[{"text":"Hi.","role":"AGENT"}]"#));
    coerces(
        r#"[{"text":"Hi.","speaker":0}]"#,
        "speaker",
        r#"[{"text":"Hi.","speaker":"0"}]"#,
        &format!("{path}.speaker: expected a string, found number 0"),
    );
    coerces(
        r#"[{"text":42}]"#,
        "text",
        r#"[{"text":"42"}]"#,
        &format!("{path}.text: expected a string, found number 42"),
    );
}

#[test]
fn violations_say_where_they_are() {
    refuses(r#"{"turns":[]}"#, &["$.transcript_turns: expected a list, found an object"]);
    refuses(r#""Agent: Hi.""#, &[r#"$.transcript_turns: expected a list, found string "Agent: Hi.""#]);
    refuses(
        r#"[{"text":"Hi."},"Hi.",{"role":"agent"},{"text":{"a":1},"start_ms":"soon"},{"text":null,"speaker":[]}]"#,
        &[
            r#"$.transcript_turns[1]: expected an object, found string "Hi.""#,
            "$.transcript_turns[2].text: expected a string, found nothing",
            "$.transcript_turns[3].text: expected a string, found an object",
            r#"$.transcript_turns[3].start_ms: expected a whole number of 64 bits, found string "soon""#,
            "$.transcript_turns[4].text: expected a string, found null",
            "$.transcript_turns[4].speaker: expected a string, found an array",
        ],
    );
    refuses(
        r#"[{"text":"Hi.","end_ms":18446744073709551615}]"#,
        &["$.transcript_turns[0].end_ms: expected a whole number from -9223372036854775808 to 9223372036854775807, \
            found number 18446744073709551615"],
    );
}

#[test]
fn an_event_with_turns_can_be_produced() {
    let id = uuid::Uuid::from_u128(7);
    let base = BaseEvent::new(id, "acme", Timestamp::from_millis(1_770_033_600_000), CallEvent::TYPE);
    let mut turn = TranscriptTurn::new("It works, thank you!");
    (turn.role, turn.channel) = (Some("customer".into()), Some("1".into()));
    (turn.start_ms, turn.end_ms) = (Some(0), Some(i64::MAX));
    let mut call = CallEvent::new(base, "c-1");
    call.transcript_turns = Some(TranscriptTurns::new(&[turn, TranscriptTurn::new("")]));
    let event = VocEvent::Call(call);
    let record = serde_json::to_vec(&event).expect("it is JSON");
    let decoded = VocEvent::try_from(&record[..]).expect("it is valid");
    assert_eq!((&decoded, decoded.text()), (&event, event.text()));
    let text = r#"[{"text":"It works, thank you!","role":"customer","start_ms":0,"end_ms":9223372036854775807}]"#;
    assert_eq!(event.text(), Some(text));
}
