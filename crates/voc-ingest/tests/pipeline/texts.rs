//! Processing of texts in records: personal data, and lexicons of tenants.

use std::sync::Arc;

use voc_nlp::{Annotator, CallStage, CustomisationFile, PersonalData, RedactionChoice, Tenants};
use voc_store::ColumnData;

use crate::support::{LaneUnderTest, by_size, event};

#[tokio::test]
async fn payloads_are_redacted_and_dead_letters_are_kept_as_received() {
    let mut lane = LaneUnderTest::redacting(by_size(10, 10));
    let personal = event(0).replace("this is great!", r"this is great!\nI'm ana@example.com, CPF 111.444.777-35");
    let bad = personal.replace("event_id", "id");
    lane.send(lane.chunk(0, [Some(personal.as_bytes()), Some(bad.as_bytes())])).await;
    lane.end_records();
    lane.ended().await;
    let expected = personal.replace("ana@example.com", "[EMAIL]").replace("111.444.777-35", "[CPF]");
    assert_eq!(lane.store.texts("payload"), [expected]);
    assert_eq!(lane.store.dead_letters()[0].payload, Some(bad.into_bytes()));
}

#[tokio::test]
async fn personal_data_is_redacted_in_any_notation() {
    let mut lane = LaneUnderTest::redacting(by_size(20, 20));
    let said = [
        r"mail joe@example.com \ud800",
        r"mail joe@\u200bexample.com",
        "mail joe@exam\u{ad}ple.com",
        "mail joe%40example.com",
        "mail joe&#64;example.com",
        r"mail joe\\u0040example.com",
    ];
    let spoken = (0..).zip(said).map(|(number, text)| event(number).replace("this is great!", text));
    let numbers = ["4111111111111111", "4111111111111111.0", "4.111111111111111e15", "\"4111111111111111.0\""];
    let typed =
        (10..).zip(numbers).map(|(number, card)| event(number).replacen('{', &format!(r#"{{"card":{card},"#), 1));
    let events: Vec<String> = spoken.chain(typed).collect();
    lane.send(lane.chunk(0, events.iter().map(|event| Some(event.as_bytes())))).await;
    lane.end_records();
    lane.ended().await;
    let payloads = lane.store.texts("payload");
    assert_eq!((payloads.len(), lane.store.dead_letters().len()), (events.len(), 0));
    for payload in payloads {
        assert!(payload.contains("[EMAIL]") || payload.contains("[CARD]"), "{payload}");
        assert!(!payload.contains("joe") && !payload.contains("example") && !payload.contains("1111"), "{payload}");
    }
}

#[tokio::test]
async fn columns_derived_from_texts_are_redacted_too() {
    let mut lane = LaneUnderTest::redacting(by_size(10, 10));
    let id = uuid::Uuid::from_u128(1);
    let base = format!(r#""event_id":"{id}","tenant_id":"acme","timestamp":"2026-02-02T12:00:00Z""#);
    let events = [
        format!(
            r#"{{{base},"event_type":"agent_action","action":"mail ana@example.com","agent_id":"bot@example.com"}}"#
        ),
        format!(r#"{{{base},"event_type":"tool_invocation","tool_name":"send to ana@example.com"}}"#)
            .replace("0001", "0002"),
        format!(r#"{{{base},"event_type":"qos_metric","metric_name":"of ana@example.com","value":4111111111111111}}"#)
            .replace("0001", "0003"),
    ];
    lane.send(lane.chunk(0, events.iter().map(|event| Some(event.as_bytes())))).await;
    lane.end_records();
    lane.ended().await;
    assert_eq!(lane.store.texts("action"), ["mail [EMAIL]", "", ""]);
    assert_eq!(lane.store.texts("tool_name"), ["", "send to [EMAIL]", ""]);
    assert_eq!(lane.store.texts("metric_name"), ["", "", "of [EMAIL]"]);
    // Identities and measurements are kept.
    assert_eq!(lane.store.texts("agent_id"), ["bot@example.com", "", ""]);
    assert!(lane.store.texts("payload").iter().all(|payload| !payload.contains("ana@")));
}

#[tokio::test]
async fn spoken_and_cued_data_are_redacted_and_numbers_of_orders_are_kept() {
    let mut lane = LaneUnderTest::redacting(by_size(10, 10));
    let said = "order 202411301234567, my cvv is two one six, nasci em 12/08/1972, ana arroba uol ponto com";
    let personal = event(0).replace("this is great!", said);
    lane.send(lane.chunk(0, [Some(personal.as_bytes())])).await;
    lane.end_records();
    lane.ended().await;
    let expected = "order 202411301234567, my cvv is [CVV], nasci em [BIRTH_DATE], [EMAIL]";
    assert_eq!(lane.store.texts("payload"), [personal.replace(said, expected)]);
}

#[tokio::test]
async fn each_tenant_chooses_what_is_redacted() {
    let tenants = Tenants::new(CallStage::default());
    let mut choices = [(); 3].map(|()| RedactionChoice::default());
    choices[0].only = Some(vec![PersonalData::Card]);
    choices[1].without = vec![PersonalData::Email];
    choices[2].order_numbers = Some(true);
    let [cards, no_mail, orders] = choices.map(|choice| CustomisationFile::default().redaction(choice));
    let files = [
        ("cards", cards),
        ("no-mail", no_mail),
        ("orders", orders),
        ("words", CustomisationFile::default().word("frobbed", -3.0)),
    ];
    let customised: Vec<_> =
        files.iter().map(|(tenant, file)| ((*tenant).to_owned(), tenants.customise(file).unwrap())).collect();
    tenants.replace(customised);
    let annotator = Annotator::builder().fast_stage(Arc::new(tenants)).build();
    let mut lane = LaneUnderTest::redacting_with(annotator, by_size(10, 10));

    let said = "order 123456789, ana@example.com, 4111 1111 1111 1111";
    let number = |text: &str| text.replacen('{', r#"{"paid_with":4111111111111111,"cpf":11144477735,"#, 1);
    let names = ["cards", "no-mail", "orders", "words", "acme"];
    let of = |tenant: &str, said: &str| {
        number(&event(0).replace("this is great!", said)).replace(r#""acme""#, &format!("\"{tenant}\""))
    };
    let events: Vec<String> = (0_u32..)
        .zip(names)
        .map(|(i, tenant)| of(tenant, said).replace("0000-0000", &format!("{i:04}-0000")))
        .collect();
    lane.send(lane.chunk(0, events.iter().map(|event| Some(event.as_bytes())))).await;
    lane.end_records();
    lane.ended().await;
    let mut payloads = lane.store.texts("payload");
    payloads.sort();
    let redacted = |i: usize, said: &str, kinds: &[(&str, &str)]| {
        let payload = events[i].replace("order 123456789, ana@example.com, 4111 1111 1111 1111", said);
        kinds.iter().fold(payload, |payload, (number, tag)| payload.replace(number, tag))
    };
    let card = (":4111111111111111", ":\"[CARD]\"");
    let cpf = (":11144477735", ":\"[CPF]\"");
    let mut expected = [
        redacted(0, "order 123456789, ana@example.com, [CARD]", &[card]),
        redacted(1, "order 123456789, ana@example.com, [CARD]", &[card, cpf]),
        redacted(2, "order [NUMBER], [EMAIL], [CARD]", &[card, cpf]),
        redacted(3, "order 123456789, [EMAIL], [CARD]", &[card, cpf]),
        redacted(4, "order 123456789, [EMAIL], [CARD]", &[card, cpf]),
    ];
    expected.sort();
    assert_eq!(payloads, expected);
}

#[tokio::test]
async fn without_a_redactor_payloads_are_stored_as_received() {
    let mut lane = LaneUnderTest::start(by_size(10, 10));
    let personal = event(0).replace("this is great!", "I'm ana@example.com");
    lane.send(lane.chunk(0, [Some(personal.as_bytes())])).await;
    lane.end_records();
    lane.ended().await;
    assert_eq!(lane.store.texts("payload"), [personal]);
}

#[tokio::test]
async fn what_is_known_of_a_call_is_stored_with_it() {
    let mut lane = LaneUnderTest::start(by_size(10, 10));
    let call = event(0).replace(
        "Customer: this is great!",
        r"Agent: Hello there!\nCustomer: The invoice is wrong, this is awful. Cancel my account!\nAgent: Done.\nCustomer: Great.",
    );
    let survey = event(1).replace("call\"", "survey\"");
    lane.send(lane.chunk(0, [Some(call.as_bytes()), Some(survey.as_bytes())])).await;
    lane.end_records();
    lane.ended().await;
    let batches = lane.store.batches();
    let column = |name: &str| batches[0].parts[0].rows.column(name).unwrap_or_else(|| panic!("no column {name}"));
    let number = |name: &str| match column(name) {
        ColumnData::OptI64(nulls, values) => {
            assert_eq!(nulls, &[0, 1], "only a call has {name}");
            values[0]
        }
        other => panic!("{name}: {other:?}"),
    };
    let numbers = ["turns", "customer_words", "agent_words", "other_words", "longest_monologue_words"].map(number);
    assert_eq!(numbers, [4, 11, 3, 0, 10]);
    let sentiment = |name: &str| match column(name) {
        ColumnData::OptF32(nulls, values) => {
            assert_eq!(nulls, &[0, 1], "only a call has {name}");
            values[0]
        }
        other => panic!("{name}: {other:?}"),
    };
    let [first, last, change] =
        ["first_quarter_sentiment", "last_quarter_sentiment", "sentiment_change"].map(sentiment);
    assert!(first < -0.3 && last > 0.3 && (change - (last - first)).abs() < 1e-6, "{first} {last} {change}");
    assert!(sentiment("worst_turn_sentiment") < -0.3 && sentiment("customer_sentiment") < 0.0);
    assert!(sentiment("agent_sentiment").abs() < 0.3);
    let list = |name: &str| match column(name) {
        ColumnData::List(ends, values) => {
            assert_eq!(ends[0], ends[1], "only a call has {name}");
            (**values).clone()
        }
        other => panic!("{name}: {other:?}"),
    };
    let texts = |name: &str| match list(name) {
        ColumnData::Str(texts) => texts.iter().map(str::to_owned).collect::<Vec<_>>(),
        other => panic!("{name}: {other:?}"),
    };
    let topics = texts("topics");
    assert_eq!(topics.first().map(String::as_str), Some("cancellation"));
    assert!(topics.iter().any(|topic| topic == "billing"), "{topics:?}");
    let ColumnData::OptF32(nulls, sentiments) = list("topic_sentiments") else { panic!("no sentiments of topics") };
    assert_eq!((nulls.len(), list("topic_scores").rows()), (topics.len(), topics.len()));
    assert!(nulls[0] == 0 && sentiments[0] < -0.3, "{nulls:?} {sentiments:?}");
    assert_eq!(texts("churn_phrases"), ["cancel my account"]);
    assert_eq!(texts("escalation_phrases"), [] as [&str; 0]);
}

/// A call with a transcript, and with turns that say something else.
fn call_with_turns(number: i64) -> String {
    let turns = r#""transcript_turns":[
        {"role":"agent","text":"Hello there, how can I help?","start_ms":0,"end_ms":2000},
        {"role":"Customer","text":"The invoice is wrong, this is awful! I'm ana@example.com.","start_ms":"2500","end_ms":7000.0,
            "words":["awful"]},
        {"role":"AGENT","speaker":"bob@example.com","text":"Sorry.","start_ms":6000,"end_ms":8000},
        {"role":"customer","text":"Great, thank you!","start_ms":9000,"end_ms":9500},
        {"role":"agent","text":"","start_ms":9600,"end_ms":9700}],"#;
    event(number).replacen('{', &format!("{{{turns}"), 1)
}

#[tokio::test]
async fn what_the_times_of_turns_reveal_is_stored_with_the_call() {
    let mut lane = LaneUnderTest::start(by_size(10, 10));
    let (call, untimed) = (call_with_turns(0), event(1));
    lane.send(lane.chunk(0, [Some(call.as_bytes()), Some(untimed.as_bytes())])).await;
    lane.end_records();
    lane.ended().await;
    let batches = lane.store.batches();
    let numbers = |name: &str| match batches[0].parts[0].rows.column(name) {
        Some(ColumnData::OptI64(nulls, values)) => {
            let values = nulls.iter().zip(values).map(|(null, value)| (*null == 0).then_some(*value));
            values.collect::<Vec<_>>()
        }
        other => panic!("{name}: {other:?}"),
    };
    // The transcript of both says one thing only.
    assert_eq!(numbers("turns"), [Some(4), Some(1)]);
    assert_eq!(numbers("agent_words"), [Some(7), Some(0)]);
    for (name, expected) in [
        ("agent_talk_ms", 4000),
        ("customer_talk_ms", 5000),
        ("other_talk_ms", 0),
        ("non_talk_ms", 500 + 1000),
        ("agent_interruptions", 1),
        ("customer_interruptions", 0),
        ("response_ms", 0),
    ] {
        assert_eq!(numbers(name), [Some(expected), None], "{name}");
    }
    assert_eq!(lane.store.texts("payload"), [call, untimed]);
}

#[tokio::test]
async fn turns_are_redacted_like_transcripts() {
    let mut lane = LaneUnderTest::redacting(by_size(10, 10));
    let call = call_with_turns(0);
    lane.send(lane.chunk(0, [Some(call.as_bytes())])).await;
    lane.end_records();
    lane.ended().await;
    assert_eq!(lane.store.dead_letters(), []);
    let expected = call.replace("ana@example.com", "[EMAIL]").replace("bob@example.com", "[EMAIL]");
    assert_eq!(lane.store.texts("payload"), [expected]);
}

#[tokio::test]
async fn the_lexicon_of_a_tenant_applies_to_its_own_events() {
    let tenants = Tenants::new(CallStage::default());
    let file = CustomisationFile::default().word("frobbed", -4.0);
    tenants.replace([("acme".to_owned(), tenants.customise(&file).expect("it is a word"))]);
    let annotator = Annotator::builder().fast_stage(Arc::new(tenants)).build();
    let mut lane = LaneUnderTest::with_annotator(annotator, by_size(10, 10));
    let acme = event(0).replace("this is great!", "it is frobbed");
    let globex = acme.replace("acme", "globex");
    lane.send(lane.chunk(0, [Some(acme.as_bytes()), Some(globex.as_bytes())])).await;
    lane.end_records();
    lane.ended().await;
    let batches = lane.store.batches();
    let Some(ColumnData::OptF32(_, sentiments)) = batches[0].parts[0].rows.column("sentiment") else {
        panic!("sentiments")
    };
    let [of_acme, of_globex] = sentiments[..] else { panic!("two sentiments: {sentiments:?}") };
    assert!(of_acme < -0.3 && of_acme < of_globex, "{of_acme} {of_globex}");
}
