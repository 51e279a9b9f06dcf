//! An engine whose events are inserted in parts, and stored again by a replay.

use std::{cell::Cell, collections::BTreeMap, sync::Arc};

use tokio::runtime::Runtime;
use voc_events::{Family as _, voc::Voc};
use voc_store::{
    EventStore as _, Migrator, OffsetSpan, PartitionBy, Revision, Revisions as _, SqlBackend as _,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::{merges::merge_versions, requirements::TestEngine};

use crate::event::{Event, sealed};

pub(crate) struct Stage {
    runtime: Runtime,
    store: Arc<EmbeddedStore>,
    next_offset: Cell<i64>,
    /// When the next batch is processed; the later version of a row counts.
    clock: Cell<i64>,
}

impl Stage {
    pub(crate) fn new(engine: &TestEngine) -> Self {
        let runtime = Runtime::new().unwrap();
        let options = EmbeddedOptions::default().with_database(engine.fresh_database());
        let store = EmbeddedStore::new(EmbeddedBackend::open(engine.engine(), options).unwrap());
        runtime.block_on(Migrator::new(&store, PartitionBy::Month).up()).unwrap();
        Self { runtime, store: Arc::new(store), next_offset: Cell::new(0), clock: Cell::new(1_800_000_000_000) }
    }

    pub(crate) fn store(&self) -> Arc<EmbeddedStore> {
        Arc::clone(&self.store)
    }

    fn execute(&self, sql: &str) {
        self.runtime.block_on(self.store.backend().execute(sql, &[])).unwrap();
    }

    /// Removes all events; whether parts are merged from now on is a parameter.
    pub(crate) fn clear(&self, merging: bool) {
        self.execute("TRUNCATE TABLE voc_events");
        self.execute(if merging { "SYSTEM START MERGES voc_events" } else { "SYSTEM STOP MERGES voc_events" });
    }

    fn tick(&self) -> i64 {
        self.clock.replace(self.clock.get() + 1)
    }

    /// Inserts batches, and returns their offsets. `events` are the latest versions by number.
    pub(crate) fn insert(&self, batches: &[Vec<Event>], events: &mut BTreeMap<u64, Event>) -> OffsetSpan {
        let first = self.next_offset.get();
        for batch in batches {
            let sealed = sealed(batch, self.next_offset.get(), self.tick());
            self.next_offset.set(self.next_offset.get() + i64::try_from(batch.len()).unwrap());
            self.runtime.block_on(self.store.insert(sealed)).unwrap();
            events.extend(batch.iter().map(|event| (event.number, event.clone())));
        }
        OffsetSpan { topic: "voc.events".into(), partition: 0, first, end: self.next_offset.get() }
    }

    pub(crate) fn open_replay(&self, offsets: OffsetSpan) -> Revision {
        // Versions that are not merged.
        self.execute("SYSTEM STOP MERGES voc_events");
        let replay = Revision::new(format!("again-{}", offsets.first), Voc::NAME, &Voc::TABLE, offsets);
        self.runtime.block_on(self.store.save_revision(&replay)).unwrap();
        replay
    }

    /// Stores second versions of events, from an offset of the replay on.
    pub(crate) fn insert_again(
        &self,
        again: &[Event],
        place: usize,
        replay: &Revision,
        events: &mut BTreeMap<u64, Event>,
    ) {
        if again.is_empty() {
            return;
        }
        // Different rows from the same offset would be taken for a batch that is sent again.
        let batch = sealed(again, replay.offsets.first + i64::try_from(place).unwrap(), self.tick());
        self.runtime.block_on(self.store.insert_revised(batch, replay)).unwrap();
        events.extend(again.iter().map(|event| (event.number, event.clone())));
    }

    pub(crate) fn close_replay(&self, replay: &Revision) {
        self.execute("SYSTEM START MERGES voc_events");
        self.runtime.block_on(merge_versions(&*self.store, &Voc::TABLE, replay));
        self.runtime.block_on(self.store.save_revision(&replay.opened(false))).unwrap();
    }
}
