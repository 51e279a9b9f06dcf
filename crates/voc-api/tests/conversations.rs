//! Conversations, what is said in them, and whose they are.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

#[expect(dead_code, reason = "shared with other tests, which use more of it")]
mod served;

use std::sync::Arc;

use serde_json::{Value, json};
use served::Served;
use tokio::runtime::Runtime;
use uuid::Uuid;
use voc_events::{DecodeOptions, Decoded, Envelope, Family as _, Timestamp, voc::Voc};
use voc_store::{
    BatchBuilder, DeadLetter, EventQueries, EventStore, InsertBatch, MemoryStore, Migrator, PartitionBy, RowAnnotation,
    SourceRange,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::requirements::engine_or_skip;

/// 2026-02-02T12:00:00Z.
const NOON: i64 = 1_770_033_600_000;
const HOUR: i64 = 3_600_000;
const RANGE: &str = "from=2026-01-01&to=2026-03-01";

/// An event some hours after noon, as its producer writes it.
fn event(number: u64, tenant: &str, hours: i64, members: &Value) -> String {
    let time = Timestamp::from_millis(NOON + hours * HOUR).to_string();
    let mut event = json!({"event_id": Uuid::from_u64_pair(3, number), "tenant_id": tenant, "timestamp": time});
    event.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    event.to_string()
}

fn call(number: u64, tenant: &str, hours: i64, transcript: &str) -> String {
    let (call, customer) = (format!("call-{number}"), format!("customer-{}", number % 2));
    let members = json!({"event_type": "call", "call_id": call, "customer_id": customer, "transcript": transcript,
        "duration_ms": 60_000});
    event(number, tenant, hours, &members)
}

fn batch(payloads: &[String]) -> Arc<InsertBatch> {
    let voc = Voc::for_topic("voc.events", &DecodeOptions::default());
    let mut builder = BatchBuilder::new(Voc::TABLE, PartitionBy::Month);
    for (payload, offset) in payloads.iter().zip(0..) {
        let Ok(Decoded { event, .. }) = voc.decode(payload, &Envelope::default()) else { panic!("{payload}") };
        let annotation = RowAnnotation { sentiment: Some(-0.5), decided_by: "fast@older", ..RowAnnotation::default() };
        builder.push(&event, payload, &annotation, offset).unwrap();
    }
    let last = i64::try_from(payloads.len()).unwrap() - 1;
    let range = SourceRange { family: Voc::NAME, topic: "voc.events".into(), partition: 0, epoch: 0, first: 0, last };
    Arc::new(builder.seal(range, Timestamp::from_millis(NOON)))
}

fn serve<S: EventStore + EventQueries + 'static>(store: S, payloads: &[String]) -> Served {
    Runtime::new().unwrap().block_on(store.insert(batch(payloads))).unwrap();
    Served::start(Arc::new(store), Vec::new())
}

#[test]
fn a_call_has_its_turns_and_what_happened_around_it() {
    let said = "Agent: Hello!\nCustomer: It is terrible, I was charged twice.\nAgent: I am sorry.";
    let api = serve(
        MemoryStore::new(),
        &[
            call(1, "acme", 0, said),
            event(
                2,
                "acme",
                1,
                &json!({"event_type": "tool_invocation", "tool_name": "crm", "success": false,
                    "metadata": {"call_id": "call-1"}}),
            ),
            call(1, "globex", 0, "Customer: Perfect."),
            call(3, "acme", 0, "Customer: Something else."),
        ],
    );
    let answer = api.get("/api/v1/calls/call-1?tenant_id=acme");
    assert_eq!(answer.status, 200, "{answer:?}");
    let data = &answer.body["data"];
    let [transcript] = data["transcripts"].as_array().unwrap().as_slice() else { panic!("{data}") };
    let turns = transcript["turns"].as_array().unwrap();
    let roles: Vec<&str> = turns.iter().map(|turn| turn["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["agent", "customer", "agent"]);
    assert!(turns[1]["sentiment"].as_f64().unwrap() < 0.0);
    assert!(turns[1]["evidence"].as_array().unwrap().iter().any(|part| part["text"] == "terrible"), "{transcript}");
    assert_eq!((&transcript["stored_by"], &transcript["is_stored_version"]), (&json!("fast@older"), &json!(false)));
    let timeline = data["timeline"].as_array().unwrap();
    let types: Vec<&str> = timeline.iter().map(|event| event["event_type"].as_str().unwrap()).collect();
    assert_eq!(types, ["call", "tool_invocation"]);
    assert_eq!((&timeline[1]["tool_name"], &timeline[1]["success"]), (&json!("crm"), &json!(false)));

    let of_several = api.get("/api/v1/calls/call-1");
    assert_eq!((of_several.status, &of_several.body["detail"][0]["loc"]), (422, &json!(["query", "tenant_id"])));
    for missing in ["/api/v1/calls/call-9", "/api/v1/calls/call-3?tenant_id=globex"] {
        assert_eq!(api.get(missing).status, 404, "{missing}");
    }
}

/// A call with a transcript and with turns, which say something else.
fn call_with_turns() -> String {
    let turns = json!([
        {"role": "agent", "speaker": "Ana", "text": "Hello, about the refund?", "start_ms": 0, "end_ms": 1500},
        {"role": "customer", "text": "It is terrible, I was charged twice.", "start_ms": "1900", "end_ms": 4000, "words": 7},
        {"channel": "left", "text": " "},
        {"role": "agent", "text": "The late fee is gone."},
    ]);
    let members = json!({"event_type": "call", "call_id": "call-1", "transcript": "Customer: Nothing of this.",
        "transcript_turns": turns});
    event(1, "acme", 0, &members)
}

fn check_turns(api: &Served) {
    let answer = api.get("/api/v1/calls/call-1");
    assert_eq!(answer.status, 200, "{answer:?}");
    let transcript = &answer.body["data"]["transcripts"][0];
    let shown = |name: &str| -> Vec<Value> {
        transcript["turns"].as_array().unwrap().iter().map(|turn| turn[name].clone()).collect()
    };
    assert_eq!(shown("role"), ["agent", "customer", "agent"]);
    assert_eq!(shown("text")[1..], ["It is terrible, I was charged twice.", "The late fee is gone."]);
    assert_eq!(shown("start_ms"), [json!(0), json!(1900), Value::Null]);
    assert_eq!(shown("end_ms"), [json!(1500), json!(4000), Value::Null]);
    assert_eq!(transcript["turns"][1]["evidence"][0]["text"], "terrible");
    for (parameters, calls) in [
        ("q=%22late+fee%22", &["call-1"][..]),
        ("q=refund&speaker=agent", &["call-1"]),
        ("q=refund&speaker=customer", &[]),
        ("q=nothing", &[]),
        ("q=words", &[]),
    ] {
        assert_eq!(found(api, parameters, 10), calls, "{parameters}");
    }
}

#[test]
fn turns_that_were_sent_are_shown_with_their_times_and_searched() {
    check_turns(&serve(MemoryStore::new(), &[call_with_turns()]));
    let Some(engine) = engine_or_skip() else { return };
    let options = EmbeddedOptions::default().with_database(engine.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(engine.engine(), options).unwrap());
    Runtime::new().unwrap().block_on(Migrator::new(&store, PartitionBy::Month).up()).unwrap();
    check_turns(&serve(store, &[call_with_turns()]));
}

/// Calls of two tenants, some with texts that are written in other ways than they are searched for.
fn calls_to_search() -> Vec<String> {
    let escaped = call(4, "acme", 4, "PLACE").replace("PLACE", "Cliente: Quero cancelar a cobran\\u00e7a.");
    let forms = "Cliente: A 2ª via, nº 7, o ﬁm, x², ⑩ ou 1⑪111. мой λόγος 한국 が.";
    let units = |letter: char| {
        let mut units = [0; 2];
        let escaped = letter.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}"));
        escaped.collect::<String>()
    };
    let escaped_forms: String =
        forms.chars().map(|letter| if letter.is_ascii() { letter.to_string() } else { units(letter) }).collect();
    let decomposed = call(5, "acme", 5, "Cliente: A COBRANC\u{327}A esta\u{301} errada.");
    vec![
        call(1, "acme", 1, "Agent: About the late fee?\nCustomer: I want a refund of the late fee!"),
        call(2, "acme", 2, "Agent: You get a refund.\nCustomer: The fee came late."),
        call(3, "globex", 3, "Customer: A refund of the late fee, please."),
        escaped,
        decomposed,
        call(7, "acme", 7, forms),
        call(8, "acme", 8, "PLACE").replace("PLACE", &escaped_forms),
        event(6, "acme", 6, &json!({"event_type": "agent_action", "agent_id": "ana", "action": "refund"})),
    ]
}

/// The identifiers of the calls that are found, page by page.
fn found(api: &Served, parameters: &str, limit: usize) -> Vec<String> {
    let (mut calls, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = api.get(&format!("/api/v1/search?{RANGE}&limit={limit}&{parameters}{cursor}"));
        assert_eq!(answer.status, 200, "{answer:?}");
        let rows = answer.body["data"].as_array().unwrap().clone();
        assert!(rows.len() <= limit);
        calls.extend(rows.iter().map(|row| row["call_id"].as_str().unwrap().to_owned()));
        match answer.body["meta"]["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return calls,
        }
    }
}

fn check_search(api: &Served) {
    for (parameters, calls) in [
        ("q=refund", &["call-3", "call-2", "call-1"][..]),
        ("q=REFUND&tenant_id=acme", &["call-2", "call-1"]),
        ("q=%22late+fee%22&tenant_id=acme", &["call-1"]),
        ("q=late+fee&tenant_id=acme", &["call-2", "call-1"]),
        ("q=refund&speaker=customer&tenant_id=acme", &["call-1"]),
        ("q=refund&speaker=agent", &["call-2"]),
        ("q=cobranca", &["call-5", "call-4"]),
        ("q=cobran%C3%A7a", &["call-5", "call-4"]),
        ("q=%C3%89st%C3%A1", &["call-5"]),
        ("q=cobr*", &["call-5", "call-4"]),
        ("q=cobr", &[]),
        ("q=cancel*+cobran%C3%A7a", &["call-4"]),
        ("q=2%C2%AA+via", &["call-8", "call-7"]),
        ("q=2A+VIA", &["call-8", "call-7"]),
        ("q=n%C2%BA", &["call-8", "call-7"]),
        ("q=no", &["call-8", "call-7"]),
        ("q=%EF%AC%81m", &["call-8", "call-7"]),
        ("q=FIM", &["call-8", "call-7"]),
        ("q=x2", &["call-8", "call-7"]),
        ("q=10", &["call-8", "call-7"]),
        ("q=111111", &["call-8", "call-7"]),
        ("q=%D0%9C%D0%9E%D0%99", &["call-8", "call-7"]),
        ("q=%CE%BB%CF%8C%CE%B3%CE%BF%CF%82", &["call-8", "call-7"]),
        ("q=%CE%BB%CE%BF%CE%B3%CE%BF%CF%82", &["call-8", "call-7"]),
        ("q=%ED%95%9C%EA%B5%AD", &["call-8", "call-7"]),
        ("q=%ED%95%9C*", &["call-8", "call-7"]),
        ("q=%E3%81%8B", &["call-8", "call-7"]),
        ("q=refund&sentiment_min=0", &[]),
    ] {
        for limit in [1, 100] {
            assert_eq!(found(api, parameters, limit), calls, "{parameters} {limit}");
        }
    }
    let answer = api.get(&format!("/api/v1/search?{RANGE}&q=%22late%20fee%22&tenant_id=acme"));
    let row = &answer.body["data"][0];
    assert_eq!(row["matches"], json!(2));
    let snippet = &row["snippets"][1];
    assert_eq!((&snippet["role"], &snippet["turn"]), (&json!("customer"), &json!(1)));
    let (text, place) = (snippet["text"].as_str().unwrap(), &snippet["highlights"][0]);
    let (from, to) = (place[0].as_u64().unwrap() as usize, place[1].as_u64().unwrap() as usize);
    assert_eq!(text.chars().skip(from).take(to - from).collect::<String>(), "late fee");
    for wrong in ["q=", "q=%22late", "q=...", "speaker=customer", "q=a&speaker=nobody", "q=a&cursor=AAAA"] {
        let status = api.get(&format!("/api/v1/search?{RANGE}&{wrong}")).status;
        assert!(status == 422 || status == 400, "{wrong} {status}");
    }
}

#[test]
fn words_are_found_however_they_are_written() {
    check_search(&serve(MemoryStore::new(), &calls_to_search()));
}

#[test]
fn the_engine_finds_them_too() {
    let Some(engine) = engine_or_skip() else { return };
    let options = EmbeddedOptions::default().with_database(engine.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(engine.engine(), options).unwrap());
    Runtime::new().unwrap().block_on(Migrator::new(&store, PartitionBy::Month).up()).unwrap();
    check_search(&serve(store, &calls_to_search()));
}

#[test]
fn a_customer_has_contacts_over_time() {
    let calls = [1, 3, 5, 2].map(|number| call(number, "acme", number.cast_signed() * 24, "Customer: Hello."));
    let foreign = call(7, "globex", 0, "Customer: Hello.");
    let api = serve(MemoryStore::new(), &[&calls[..], &[foreign]].concat());
    let answer = api.get("/api/v1/customers/customer-1?tenant_id=acme&limit=2");
    assert_eq!(answer.status, 200, "{answer:?}");
    let of_page = |answer: &Value| {
        let rows = answer["data"].as_array().unwrap().iter();
        rows.map(|row| row["call_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(of_page(&answer.body), ["call-5", "call-3"]);
    let customer = &answer.body["customer"];
    assert_eq!((&customer["contacts"], &customer["days_between_contacts"]), (&json!(3), &json!(2.0)));
    assert_eq!(customer["duration_ms"], json!(180_000));
    let next = answer.body["meta"]["next"].as_str().unwrap();
    let second = api.get(&format!("/api/v1/customers/customer-1?tenant_id=acme&limit=2&cursor={next}"));
    assert_eq!(of_page(&second.body), ["call-1"]);
    assert_eq!(api.get("/api/v1/customers/customer-9?tenant_id=acme").status, 404);
    assert_eq!(api.get("/api/v1/customers/customer-1?tenant_id=initech").status, 404);
}

fn dead_letter(offset: i64, tenant: &str, error_type: &str) -> DeadLetter {
    DeadLetter {
        family: "voc",
        error_type: error_type.to_owned(),
        error: format!("record {offset} is wrong"),
        path: String::new(),
        tenant_id: tenant.to_owned(),
        topic: "voc.events".to_owned(),
        partition: 0,
        epoch: 0,
        offset,
        key: None,
        payload: Some(b"{\xff".to_vec()),
        headers: Vec::new(),
        failed_at: Timestamp::from_millis(NOON + offset / 2),
    }
}

fn check_dead_letters<S: EventStore + EventQueries + 'static>(store: S) {
    let dead_letters = [("acme", "invalid_json"), ("globex", "missing_field"), ("", "invalid_json")];
    let dead_letters: Vec<DeadLetter> = (0..9)
        .map(|offset| {
            let (tenant, error_type) = dead_letters[usize::try_from(offset).unwrap() % 3];
            dead_letter(offset, tenant, error_type)
        })
        .collect();
    let insert = store.insert_dead_letters(dead_letters.into());
    Runtime::new().unwrap().block_on(insert).unwrap();
    let api = Served::start(Arc::new(store), Vec::new());
    let listed = |parameters: &str, limit: usize| {
        let (mut offsets, mut cursor) = (Vec::new(), String::new());
        loop {
            let answer = api.get(&format!("/api/v1/dead-letters?{RANGE}&limit={limit}&{parameters}{cursor}"));
            assert_eq!(answer.status, 200, "{answer:?}");
            offsets.extend(answer.body["data"].as_array().unwrap().iter().map(|row| row["offset"].as_i64().unwrap()));
            match answer.body["meta"]["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return offsets,
            }
        }
    };
    for limit in [2, 100] {
        assert_eq!(listed("", limit), [8, 7, 6, 5, 4, 3, 2, 1, 0]);
        assert_eq!(listed("tenant_id=acme", limit), [6, 3, 0]);
        assert_eq!(listed("error_type=invalid_json&family=voc&topic=voc.events", limit), [8, 6, 5, 3, 2, 0]);
        assert_eq!(listed("family=quality", limit), [0; 0]);
    }
    let row = &api.get(&format!("/api/v1/dead-letters?{RANGE}&limit=1")).body["data"][0];
    assert_eq!((&row["id"], &row["tenant_id"], &row["path"]), (&json!("voc.events/0/8"), &Value::Null, &Value::Null));
    assert_eq!((&row["payload"], &row["error"]), (&json!("{\u{fffd}"), &json!("record 8 is wrong")));
}

#[test]
fn dead_letters_are_listed() {
    check_dead_letters(MemoryStore::new());
    let Some(engine) = engine_or_skip() else { return };
    let options = EmbeddedOptions::default().with_database(engine.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(engine.engine(), options).unwrap());
    Runtime::new().unwrap().block_on(Migrator::new(&store, PartitionBy::Month).up()).unwrap();
    check_dead_letters(store);
}

fn check_identifiers(api: &Served) {
    let unique = |tenant: Option<&str>| {
        let metrics = ["unique_call_id", "unique_customer_id"];
        let body = json!({"from": "2026-01-01", "to": "2026-03-01", "tenant_id": tenant, "metrics": metrics});
        let headers = [("content-type", "application/json")];
        let answer = api.send("POST", "/api/v1/query", &headers, Some(&body.to_string())).json();
        metrics.map(|metric| answer["data"][0][metric].as_i64().unwrap_or_else(|| panic!("{answer}")))
    };
    assert_eq!(unique(None), [3, 2]);
    assert_eq!(unique(Some("acme")), [2, 1]);
    let of_several = api.get(&format!("/api/v1/customers/customer-1?{RANGE}"));
    assert_eq!((of_several.status, &of_several.body["detail"][0]["loc"]), (422, &json!(["query", "tenant_id"])));
    let of_one = api.get(&format!("/api/v1/customers/customer-1?{RANGE}&tenant_id=acme"));
    let (contacts, rows) = (&of_one.body["customer"]["contacts"], of_one.body["data"].as_array().unwrap());
    assert_eq!((of_one.status, contacts, rows.len()), (200, &json!(2), 2));
}

#[test]
fn equal_identifiers_of_two_tenants_are_different() {
    let calls = [call(1, "acme", 1, "Customer: Hello."), call(1, "globex", 2, "Customer: Hello.")];
    let calls = [calls.as_slice(), &[call(3, "acme", 3, "Customer: Hello.")]].concat();
    check_identifiers(&serve(MemoryStore::new(), &calls));
    let Some(engine) = engine_or_skip() else { return };
    let options = EmbeddedOptions::default().with_database(engine.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(engine.engine(), options).unwrap());
    Runtime::new().unwrap().block_on(Migrator::new(&store, PartitionBy::Month).up()).unwrap();
    check_identifiers(&serve(store, &calls));
}

/// What tells how fresh data is, and one event that is dated ahead by years.
fn fresh_events() -> Vec<String> {
    let mut events = calls_to_search();
    events.push(call(9, "globex", 24 * 365 * 50, "Customer: I call from the future."));
    events
}

fn check_freshness(api: &Served) {
    for (tenant, hours) in [("&tenant_id=acme", 8), ("&tenant_id=globex", 3), ("", 8)] {
        let meta = &api.get(&format!("/api/v1/summary?{RANGE}{tenant}")).body["meta"];
        let latest = Timestamp::from_millis(NOON + hours * HOUR).to_string();
        assert_eq!((&meta["latest_event"], meta["stored_at"].is_string()), (&json!(latest), true), "{tenant} {meta}");
    }
    let meta = &api.get(&format!("/api/v1/summary?{RANGE}&tenant_id=initech")).body["meta"];
    assert_eq!(meta.get("latest_event"), None);
}

#[test]
fn answers_say_how_fresh_they_are() {
    check_freshness(&serve(MemoryStore::new(), &fresh_events()));
    let Some(engine) = engine_or_skip() else { return };
    let options = EmbeddedOptions::default().with_database(engine.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(engine.engine(), options).unwrap());
    Runtime::new().unwrap().block_on(Migrator::new(&store, PartitionBy::Month).up()).unwrap();
    check_freshness(&serve(store, &fresh_events()));
}
