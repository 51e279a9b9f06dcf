//! A record that makes the annotator panic does not affect the rows of others.

#![expect(clippy::panic, reason = "the annotator under test panics")]

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use voc_nlp::{Annotation, Annotator, FastStage};

use crate::support::{LaneUnderTest, by_size, event};

/// Panics on texts with a certain word.
struct PanickingStage {
    sound: Annotator,
    panics: Arc<AtomicUsize>,
}

impl FastStage for PanickingStage {
    fn version(&self) -> &'static str {
        "fragile"
    }

    fn annotate(&self, text: &str) -> Annotation {
        if text.contains("great") {
            self.panics.fetch_add(1, Ordering::SeqCst);
            panic!("not able to take praise");
        }
        self.sound.annotate(text)
    }
}

#[tokio::test]
async fn only_the_record_that_makes_the_annotator_panic_becomes_a_dead_letter() {
    let panics = Arc::new(AtomicUsize::new(0));
    let stage = PanickingStage { sound: Annotator::default(), panics: Arc::clone(&panics) };
    let annotator = Annotator::builder().fast_stage(Arc::new(stage)).build();
    let mut lane = LaneUnderTest::with_annotator(annotator, by_size(64, 64));
    let events: Vec<String> = (0..64)
        .map(|offset| if offset == 5 || offset == 40 { event(offset) } else { event(offset).replace("great", "fine") })
        .collect();
    lane.send(lane.chunk(0, events.iter().map(|event| Some(event.as_bytes())))).await;
    lane.end_records();
    lane.ended().await;
    assert_eq!(lane.store.offsets("voc.events", 0), (0..64).filter(|n| ![5, 40].contains(n)).collect::<Vec<_>>());
    assert!(lane.store.texts("decided_by").iter().all(|by| by.contains("fragile")), "each has its own annotation");
    let dead_letters = lane.store.dead_letters();
    assert_eq!(dead_letters.iter().map(|dead_letter| dead_letter.offset).collect::<Vec<_>>(), [5, 40]);
    for dead_letter in dead_letters {
        assert_eq!((dead_letter.error_type.as_str(), dead_letter.tenant_id.as_str()), ("annotator_failed", "acme"));
        assert!(
            dead_letter.error.contains("not able to take praise") && !dead_letter.error.contains("great"),
            "{}",
            dead_letter.error
        );
        assert_eq!(dead_letter.payload, Some(event(dead_letter.offset).into_bytes()));
        assert_eq!(dead_letter.key.as_deref(), Some(&b"key"[..]));
    }
    assert!(panics.load(Ordering::SeqCst) <= 2 * 7, "the texts are halved");
    assert_eq!((lane.tally.consumed(), lane.tally.stored(), lane.tally.dead_lettered()), (64, 62, 2));
    assert_eq!(lane.offsets(), [64]);
}
