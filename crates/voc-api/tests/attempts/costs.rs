//! What is not there costs the same, whoever has it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use voc_events::{Table, Timestamp};
use voc_store::{
    Answer, DeadLetterList, DeadLetterPage, Drivers, EventList, EventPage, EventQueries, EventStream, Freshness,
    Funnel, LedgerFilter, PartitionLedger, Query, ReadMeter, RepeatContacts, StoreError, TenantScope,
    embedded::EmbeddedStore,
};
use voc_testkit::requirements::engine_or_skip;

use super::{
    listed::Attempt,
    seen,
    stage::{ACME, GLOBEX, NOBODYS, OTHERS, key_of, names, store},
};
use crate::keys::KeyStage;

/// A store that notes what it is asked, and how many rows are read for it.
struct Noted {
    store: Arc<EmbeddedStore>,
    asked: Mutex<Vec<String>>,
    rows_read: Mutex<u64>,
}

impl Noted {
    fn note(&self, question: &impl std::fmt::Debug) {
        self.asked.lock().unwrap().push(format!("{question:?}"));
    }

    /// What was noted since the last time.
    fn taken(&self) -> (Vec<String>, u64) {
        (std::mem::take(&mut *self.asked.lock().unwrap()), std::mem::take(&mut *self.rows_read.lock().unwrap()))
    }
}

/// The same for one question.
struct Metered {
    noted: Arc<Noted>,
    store: Arc<dyn EventQueries>,
}

impl Metered {
    fn of(noted: &Arc<Noted>, meter: ReadMeter) -> Self {
        let rows_read = Arc::clone(noted);
        let meter = ReadMeter::new(move |rows| {
            *rows_read.rows_read.lock().unwrap() += rows;
            meter.add(rows);
        });
        Self { noted: Arc::clone(noted), store: Arc::clone(&noted.store).metered(meter) }
    }
}

#[async_trait]
impl EventQueries for Metered {
    fn metered(self: Arc<Self>, meter: ReadMeter) -> Arc<dyn EventQueries> {
        Arc::new(Self::of(&self.noted, meter))
    }

    async fn query(&self, query: &Query) -> Result<Answer, StoreError> {
        self.noted.note(query);
        self.store.query(query).await
    }

    async fn funnel(&self, funnel: &Funnel) -> Result<Answer, StoreError> {
        self.noted.note(funnel);
        self.store.funnel(funnel).await
    }

    async fn drivers(&self, drivers: &Drivers) -> Result<Answer, StoreError> {
        self.noted.note(drivers);
        self.store.drivers(drivers).await
    }

    async fn repeat_contacts(&self, question: &RepeatContacts) -> Result<Answer, StoreError> {
        self.noted.note(question);
        self.store.repeat_contacts(question).await
    }

    async fn events(&self, list: &EventList) -> Result<EventPage, StoreError> {
        self.noted.note(list);
        self.store.events(list).await
    }

    async fn reach(&self, list: &EventList, events: usize) -> Result<Option<Timestamp>, StoreError> {
        self.noted.note(&(list, events));
        self.store.reach(list, events).await
    }

    async fn stream(&self, list: &EventList) -> Result<EventStream, StoreError> {
        self.noted.note(list);
        self.store.stream(list).await
    }

    async fn dead_letters(&self, list: &DeadLetterList) -> Result<DeadLetterPage, StoreError> {
        self.noted.note(list);
        self.store.dead_letters(list).await
    }

    async fn freshness(&self, table: &Table, tenants: &TenantScope) -> Result<Option<Freshness>, StoreError> {
        self.noted.note(&(table.name, tenants));
        self.store.freshness(table, tenants).await
    }

    async fn version(&self, table: &Table) -> Result<Option<String>, StoreError> {
        self.noted.note(&table.name);
        self.store.version(table).await
    }

    async fn ledger(&self, filter: &LedgerFilter) -> Result<Vec<PartitionLedger>, StoreError> {
        self.noted.note(filter);
        self.store.ledger(filter).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.store.ping().await
    }
}

/// How long an answer takes cannot be compared without chance, but what it takes can: a 404 about what another tenant
/// has takes the same questions as one about what nobody has.
#[test]
fn what_is_not_there_costs_the_same_as_what_is_another_tenants() {
    let Some(engine) = engine_or_skip() else { return };
    let keys = KeyStage::new();
    let (acme, globex) = (key_of(&keys, "acme"), key_of(&keys, "globex"));
    let (secret, nobodys) = (names("secret", OTHERS), names("absent", NOBODYS));
    let store = Arc::new(store(&engine, &[ACME, GLOBEX]));
    let paths = [
        "/api/v1/events/{event}",
        "/api/v1/events/{event}?tenant_id=acme",
        "/api/v1/calls/{call}",
        "/api/v1/calls/{call}?tenant_id=acme",
        "/api/v1/customers/{customer}",
        "/api/v1/customers/{customer}?tenant_id=acme&from=2026-02-01&to=2026-02-28",
    ];
    for path in paths {
        let attempt = Attempt { method: "GET", uri: path.to_owned(), body: None };
        let taken = |key: &str, names: &BTreeMap<&'static str, String>| {
            let (asked, rows_read) = Default::default();
            let noted = Arc::new(Noted { store: Arc::clone(&store), asked, rows_read });
            let api = keys.serve_from(Arc::new(Metered::of(&noted, ReadMeter::default())));
            let answer = seen(&attempt.send(&api, key, names), names);
            let (asked, rows_read) = noted.taken();
            let without_names = |text: String| {
                names.iter().fold(text, |text, (name, value)| text.replace(value.as_str(), &format!("{{{name}}}")))
            };
            (answer, asked.into_iter().map(without_names).collect::<Vec<_>>(), rows_read)
        };
        let (of_secret, of_nobody) = (taken(&acme, &secret), taken(&acme, &nobodys));
        assert_eq!(of_secret.0.0, 404, "{path}: {of_secret:?}");
        assert!(!of_secret.1.is_empty(), "{path} asks the store");
        assert_eq!(of_secret, of_nobody, "{path}");
        if !path.contains("tenant_id") {
            let (answer, _, rows_read) = taken(&globex, &secret);
            assert_eq!((answer.0, rows_read > 0), (200, true), "{path} is there");
        }
    }
}
