//! What becomes of the texts in records: personal data, and the words of tenants.

use std::sync::Arc;

use voc_nlp::{Annotator, CallStage, CustomisationFile, Tenants};
use voc_store::ColumnData;

use crate::support::{LaneUnderTest, by_size, event};

#[tokio::test]
async fn payloads_are_stored_without_personal_data_and_letters_as_received() {
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
async fn without_a_redactor_payloads_are_stored_as_received() {
    let mut lane = LaneUnderTest::start(by_size(10, 10));
    let personal = event(0).replace("this is great!", "I'm ana@example.com");
    lane.send(lane.chunk(0, [Some(personal.as_bytes())])).await;
    lane.end_records();
    lane.ended().await;
    assert_eq!(lane.store.texts("payload"), [personal]);
}

#[tokio::test]
async fn a_tenants_words_count_in_its_own_events() {
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
