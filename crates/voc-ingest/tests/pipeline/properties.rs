//! Each record has exactly one fate, whatever the records, their chunks and the failures of the store.

use std::collections::BTreeSet;

use proptest::{collection::vec, prelude::*};
use voc_store::MemoryStore;

use crate::support::{LaneUnderTest, by_size, event};

#[derive(Debug, Clone)]
enum Kind {
    Event(i64),
    Bad,
    Tombstone,
}

fn kinds() -> impl Strategy<Value = Vec<Kind>> {
    // Few IDs, so that some events are resent.
    vec(prop_oneof![6 => (0_i64..150).prop_map(Kind::Event), 1 => Just(Kind::Bad), 1 => Just(Kind::Tombstone)], 1..200)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_record_is_stored_or_dead_lettered_or_a_duplicate(
        kinds in kinds(),
        chunk_len in 1_usize..20,
        size in 1_usize..40,
        fail_first in any::<bool>(),
        lose_first in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let store = MemoryStore::new();
            store.fail_next(usize::from(fail_first));
            store.lose_next_answers(usize::from(lose_first));
            let mut lane = LaneUnderTest::with_store(store, by_size(size, size), Vec::new());
            let values: Vec<Option<Vec<u8>>> = kinds
                .iter()
                .map(|kind| match kind {
                    Kind::Event(number) => Some(event(*number).into_bytes()),
                    Kind::Bad => Some(b"{}".to_vec()),
                    Kind::Tombstone => None,
                })
                .collect();
            let mut first = 0;
            for values in values.chunks(chunk_len.min(size)) {
                lane.send(lane.chunk(first, values.iter().map(Option::as_deref))).await;
                first += i64::try_from(values.len()).unwrap();
            }
            lane.end_records();
            lane.ended().await;

            let mut known = BTreeSet::new();
            let is_first = |kind: &Kind, known: &mut BTreeSet<i64>| matches!(kind, Kind::Event(id) if known.insert(*id));
            let expected: Vec<i64> =
                (0..).zip(&kinds).filter(|(_, kind)| is_first(kind, &mut known)).map(|(offset, _)| offset).collect();
            let bad = kinds.iter().filter(|kind| !matches!(kind, Kind::Event(_))).count();
            prop_assert_eq!(lane.stored_offsets(), expected.clone());
            prop_assert_eq!(lane.store.dead_letters().len(), bad);
            prop_assert_eq!(lane.offsets().last().copied(), i64::try_from(kinds.len()).ok());
            let tally = &lane.tally;
            prop_assert_eq!(tally.consumed(), kinds.len() as u64);
            prop_assert_eq!(tally.consumed(), tally.stored() + tally.dead_lettered() + tally.duplicates());
            prop_assert_eq!(lane.budget.held_bytes(), 0);
            Ok(())
        })?;
    }
}
