//! Answers to questions: what is read is decided here, so that every event counts once.
//!
//! Rows of the same event replace each other only when their parts are merged. Where [parts](parts) overlap in time,
//! as when a producer has sent an event twice or while a replay runs, rows are read as `FINAL`; everything else is
//! read as it is, from the hourly rollups if they have what is asked.

mod cells;
mod clauses;
mod dead_letters;
mod drivers;
mod event_list;
mod expression;
mod freshness;
mod funnel;
mod known_parts;
mod latest;
mod page;
mod parts;
mod parts_now;
mod repeat_contacts;
mod spans;
mod statement;

use std::{sync::Arc, time::Instant};

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};
use voc_events::Table;

pub use self::known_parts::KnownParts;
use self::{
    cells::cells,
    event_list::ListStatement,
    spans::{covers, union, within},
    statement::Statement,
};
use super::{SqlBackend, SqlSession, SqlStore, parse};
use crate::{
    Answer, Cell, CellKind, DeadLetterList, DeadLetterPage, Drivers, EventList, EventPage, EventQueries, EventStream,
    Freshness, Funnel, LedgerFilter, ListedEvent, PartitionLedger, Query, ReadMeter, RepeatContacts, StoreError,
    TenantScope, query::Metric,
};

/// Maximum number of times a query is repeated because rows got versions meanwhile.
const MAX_ATTEMPTS: usize = 10;

#[async_trait]
impl<B: SqlBackend> EventQueries for SqlStore<B> {
    fn metered(self: Arc<Self>, meter: ReadMeter) -> Arc<dyn EventQueries> {
        Arc::new(self.with_meter(meter))
    }

    async fn query(&self, query: &Query) -> Result<Answer, StoreError> {
        if query.is_empty() {
            return Ok(answer_of_none(query));
        }
        let mut session = self.reading(query.tenants()).await?;
        let mut answer = answer_in(&mut *session, query).await;
        if answer.is_err() && session.has_ended() {
            drop(session);
            answer = answer_in(&mut *self.reading(query.tenants()).await?, query).await;
        }
        answer
    }

    async fn events(&self, list: &EventList) -> Result<EventPage, StoreError> {
        let statement = if list.is_empty() { None } else { ListStatement::page(list) };
        let Some(ListStatement { sql, params }) = statement else {
            return Ok(EventPage { events: Vec::new(), truncated: false });
        };
        let rows: Vec<Vec<serde_json::Value>> = self.select_about(list.tenants(), &sql, &params).await?;
        let kinds: Vec<CellKind> = list.columns().map(|(_, kind)| kind).collect();
        let places = list.place_columns().into_iter().map(|column| column.kind.cell());
        let kinds: Vec<CellKind> = kinds.into_iter().chain(places).collect();
        let event = |row| {
            let mut cells = cells(row, &kinds)?;
            let place = cells.split_off(list.fields().len());
            Ok::<_, StoreError>(ListedEvent { cells, place })
        };
        let mut events = rows.into_iter().map(event).collect::<Result<Vec<_>, _>>()?;
        let truncated = events.len() > list.max_events();
        events.truncate(list.max_events());
        Ok(EventPage { events, truncated })
    }

    async fn stream(&self, list: &EventList) -> Result<EventStream, StoreError> {
        let statement = if list.is_empty() { None } else { ListStatement::stream(list) };
        let Some(ListStatement { sql, params }) = statement else { return Ok(stream::empty().boxed()) };
        let kinds: Vec<CellKind> = list.columns().map(|(_, kind)| kind).collect();
        let texts = self.stream_texts(list.tenants().clone(), sql, params);
        Ok(texts.map(move |texts| parse(&texts?)?.into_iter().map(|row| cells(row, &kinds)).collect()).boxed())
    }

    async fn funnel(&self, funnel: &Funnel) -> Result<Answer, StoreError> {
        match funnel::statement(funnel) {
            Some((sql, params)) => {
                funnel::answer(funnel, &self.select_about::<Vec<_>>(funnel.tenants(), &sql, &params).await?)
            }
            None => Ok(funnel::answer_of_none(funnel)),
        }
    }

    async fn drivers(&self, drivers: &Drivers) -> Result<Answer, StoreError> {
        match drivers::statement(drivers) {
            Some((sql, params)) => drivers::answer(drivers, self.select_about(drivers.tenants(), &sql, &params).await?),
            None => Ok(drivers::answer_of_none(drivers)),
        }
    }

    async fn repeat_contacts(&self, question: &RepeatContacts) -> Result<Answer, StoreError> {
        match repeat_contacts::statement(question) {
            Some((sql, params)) => {
                repeat_contacts::answer(question, self.select_about(question.tenants(), &sql, &params).await?)
            }
            None => Ok(repeat_contacts::answer_of_none(question)),
        }
    }

    async fn dead_letters(&self, list: &DeadLetterList) -> Result<DeadLetterPage, StoreError> {
        self.dead_letter_page(list).await
    }

    async fn freshness(&self, table: &Table, tenants: &TenantScope) -> Result<Option<Freshness>, StoreError> {
        self.latest_of(table, tenants).await
    }

    async fn version(&self, table: &Table) -> Result<Option<String>, StoreError> {
        self.version_of(table).await
    }

    async fn ledger(&self, filter: &LedgerFilter) -> Result<Vec<PartitionLedger>, StoreError> {
        self.partition_ledgers(filter).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.check_answer().await
    }
}

/// All statements reach the same server, whose parts are meant.
async fn answer_in(session: &mut (dyn SqlSession + '_), query: &Query) -> Result<Answer, StoreError> {
    let known = session.known_parts();
    let mut parts = known.lately(query.table(), session.parts(query.table())).await?;
    for _ in 0..MAX_ATTEMPTS {
        let versioned = parts.overlaps();
        let Some(statement) = Statement::new(query, &versioned)? else { return Ok(answer_of_none(query)) };
        let rows: Vec<Vec<serde_json::Value>> = session.select(&statement.sql, &statement.params).await?;
        // The answer counts only if no row has got a second version where rows were read as if they had one.
        let parts_now = known.since(Instant::now(), query.table(), session.parts(query.table())).await?;
        let changed = union(parts_now.overlaps().into_iter().chain(parts_now.merged_since(&parts)).collect());
        if covers(&versioned, &within(query.period(), changed)) {
            return answer(query, rows);
        }
        parts = parts_now;
    }
    Err(StoreError::Unavailable("rows are stored again faster than the query is answered".to_owned()))
}

/// The answer if there are no events: without dimensions, there is always one group.
fn answer_of_none(query: &Query) -> Answer {
    let of_none = |metric: &Metric| if metric.counts() { Cell::Integer(0) } else { Cell::Absent };
    let row = || query.metrics().iter().map(of_none).collect();
    let rows = if query.dimensions().is_empty() { vec![row()] } else { Vec::new() };
    Answer { rows, truncated: false }
}

fn answer(query: &Query, rows: Vec<Vec<serde_json::Value>>) -> Result<Answer, StoreError> {
    let kinds: Vec<CellKind> = query.columns().map(|(_, kind)| kind).collect();
    let mut rows = rows.into_iter().map(|row| cells(row, &kinds)).collect::<Result<Vec<_>, _>>()?;
    query.sort(&mut rows);
    let truncated = rows.len() > query.max_groups();
    rows.truncate(query.max_groups());
    Ok(Answer { rows, truncated })
}
