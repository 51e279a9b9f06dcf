//! Lists of events.

use futures_util::TryStreamExt as _;
use proptest::{collection::vec, prelude::*, test_runner::TestRunner};
use tokio::runtime::Runtime;
use voc_events::{Family as _, voc::Voc};
use voc_store::{
    Cell, Direction, EventList, EventPage, EventQueries, EventStore as _, Field, MemoryStore, Migrator, PartitionBy,
    SqlBackend as _,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::{merges::merge_parts, requirements::engine_or_skip};

use super::sample::{START, batches, filter, period, sealed, tenants};

/// Fields of every kind.
fn fields() -> Vec<Field> {
    Field::all(&Voc::TABLE).chain(Field::payload(&Voc::TABLE)).collect()
}

fn list() -> impl Strategy<Value = EventList> {
    let direction = prop_oneof![Just(Direction::Ascending), Just(Direction::Descending)];
    (tenants(), period(), vec(filter(), 0..3), direction).prop_map(|(tenants, period, filters, direction)| {
        let list = EventList::new(Voc::TABLE, tenants, period).direction(direction);
        let list = fields().into_iter().fold(list, EventList::field);
        filters.into_iter().fold(list, EventList::filter)
    })
}

async fn streamed(store: &impl EventQueries, list: &EventList) -> Vec<Vec<Cell>> {
    let batches: Vec<Vec<Vec<Cell>>> = store.stream(list).await.unwrap().try_collect().await.unwrap();
    batches.concat()
}

/// The events of all pages.
async fn paged(store: &impl EventQueries, list: &EventList, limit: usize) -> Vec<Vec<Cell>> {
    let (mut page, mut found) = (list.clone().limit(limit), Vec::new());
    loop {
        let EventPage { events, truncated } = store.events(&page).await.unwrap();
        assert!(events.len() <= limit);
        let last = events.last().map(|event| event.place.clone());
        found.extend(events.into_iter().map(|event| event.cells));
        match last.filter(|_| truncated) {
            Some(place) => page = page.after(place).unwrap(),
            None => return found,
        }
    }
}

#[test]
fn lists_are_those_of_a_fold() {
    let Some(test) = engine_or_skip() else { return };
    let runtime = Runtime::new().unwrap();
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
    runtime.block_on(Migrator::new(&store, PartitionBy::Month).up()).unwrap();
    let execute = |sql: &str| runtime.block_on(store.backend().execute(sql, &[])).unwrap();
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() });
    let next_offset = std::cell::Cell::new(0);
    runner
        .run(&(batches(), vec(list(), 6), any::<bool>()), |(batches, lists, merging)| {
            let memory = MemoryStore::new();
            execute("TRUNCATE TABLE voc_events");
            execute(if merging { "SYSTEM START MERGES voc_events" } else { "SYSTEM STOP MERGES voc_events" });
            for (place, events) in batches.iter().enumerate() {
                let batch = sealed(events, next_offset.get(), START + place as i64);
                next_offset.set(next_offset.get() + events.len() as i64);
                runtime.block_on(store.insert(batch.clone())).unwrap();
                runtime.block_on(memory.insert(batch)).unwrap();
            }
            for list in &lists {
                let fold = runtime.block_on(memory.events(&list.clone().limit(10_000))).unwrap();
                assert!(!fold.truncated);
                let fold: Vec<Vec<Cell>> = fold.events.into_iter().map(|event| event.cells).collect();
                let limit = fold.len() / 3 + 1;
                assert_eq!(runtime.block_on(paged(&store, list, limit)), fold);
                assert_eq!(runtime.block_on(paged(&memory, list, limit)), fold);
                let of_engine = runtime.block_on(streamed(&store, list));
                assert_eq!(of_engine.len(), fold.len());
                assert_eq!(of_engine, runtime.block_on(streamed(&memory, list)));
            }
            if merging {
                // Then no event is stored several times.
                runtime.block_on(merge_parts(store.backend(), "voc_events"));
                for list in &lists {
                    let events = runtime.block_on(memory.events(&list.clone().limit(10_000))).unwrap().events.len();
                    for count in [1, events / 2, events, events + 1] {
                        let of_engine = runtime.block_on(store.reach(list, count)).unwrap();
                        assert_eq!(of_engine, runtime.block_on(memory.reach(list, count)).unwrap());
                        assert_eq!(of_engine.is_some(), (1..=events).contains(&count));
                    }
                }
            }
            Ok(())
        })
        .unwrap();
}
