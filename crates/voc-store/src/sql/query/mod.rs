//! Answers to questions: what is read is decided here, so that every event counts once.
//!
//! Rows of the same event replace each other only when their parts are merged. So a row may have several versions
//! where [parts](parts) overlap in time, or were never merged. The keys there are [looked at](versions), and only
//! hours in which a row really has several, as when a producer has sent an event twice or while a replay runs, are
//! read as `FINAL`; everything else is read as it is, from the hourly rollups if they have what is asked.

mod candidates;
mod cells;
mod clauses;
mod conditions;
mod dead_letters;
mod drivers;
mod event_list;
mod expression;
mod freshness;
mod funnel;
mod hours;
mod known_parts;
mod latest;
mod layout;
mod page;
mod parts;
mod parts_now;
mod reading;
mod repeat_contacts;
mod spans;
mod statement;
mod versions;

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};
use voc_events::{Table, Timestamp};

pub use self::known_parts::KnownParts;
use self::{candidates::Candidates, cells::cells, reading::Scope, statement::statement};
use super::{SqlBackend, SqlStore, check_size, parse};
use crate::{
    Answer, Cell, CellKind, DeadLetterList, DeadLetterPage, Drivers, EventList, EventPage, EventQueries, EventStream,
    Freshness, Funnel, LedgerFilter, ListedEvent, PartitionLedger, Query, QueryError, ReadMeter, RepeatContacts,
    StoreError, TenantScope, query::Metric,
};

#[async_trait]
impl<B: SqlBackend> EventQueries for SqlStore<B> {
    fn metered(self: Arc<Self>, meter: ReadMeter) -> Arc<dyn EventQueries> {
        Arc::new(self.with_meter(meter))
    }

    async fn query(&self, query: &Query) -> Result<Answer, StoreError> {
        if query.is_empty() {
            return Ok(answer_of_none(query));
        }
        let scope = Scope { table: query.table(), tenants: query.tenants(), period: query.period() };
        let few = self.select_once(scope, |manner| hours::statement(query, manner)).await?;
        if let Some(rows) = few.filter(|rows| rows.len() <= query.max_groups()) {
            return if rows.is_empty() { Ok(answer_of_none(query)) } else { answer(query, rows) };
        }
        if let Some(candidates) = self.candidates(query, scope).await? {
            if candidates.are_none() {
                return Ok(answer_of_none(query));
            }
            let rows = match self.select_once(scope, |manner| statement(query, Some(&candidates), manner)).await {
                // Without the candidates, it may be short enough.
                Err(StoreError::Query(QueryError::Size { .. })) => None,
                rows => rows?,
            };
            if let Some(rows) = rows.filter(|rows| candidates.suffice(query, rows)) {
                return answer(query, rows);
            }
        }
        match self.select_once(scope, |manner| statement(query, None, manner)).await? {
            Some(rows) => answer(query, rows),
            None => Ok(answer_of_none(query)),
        }
    }

    async fn events(&self, list: &EventList) -> Result<EventPage, StoreError> {
        let none = EventPage { events: Vec::new(), truncated: false };
        if list.is_empty() {
            return Ok(none);
        }
        let scope = Scope { table: list.table(), tenants: list.tenants(), period: list.period() };
        let rows = self.select_once(scope, |manner| Ok(event_list::page(list, manner))).await?;
        let Some(rows) = rows else { return Ok(none) };
        let kinds: Vec<CellKind> = list.columns().map(|(_, kind)| kind).collect();
        let places = list.place_columns().into_iter().map(|column| column.kind.cell());
        let kinds: Vec<CellKind> = kinds.into_iter().chain(places).collect();
        let event = |row| {
            let mut cells = cells(row, &kinds)?;
            let place = cells.split_off(list.fields().len());
            Ok::<_, StoreError>(ListedEvent { cells, place })
        };
        let found = rows.len();
        let fitting = rows.into_iter().take(list.max_events()).map_while(|row: Option<_>| row);
        let events = fitting.map(event).collect::<Result<Vec<_>, _>>()?;
        let truncated = events.len() < found;
        Ok(EventPage { events, truncated })
    }

    async fn reach(&self, list: &EventList, events: usize) -> Result<Option<Timestamp>, StoreError> {
        let statement =
            if list.is_empty() { None } else { event_list::reach(list, events, self.manner(list.tenants())) };
        let Some((sql, params)) = statement else { return Ok(None) };
        let times: Vec<i64> = self.select_about(list.tenants(), &sql, &params).await?;
        Ok(times.first().copied().map(Timestamp::from_millis))
    }

    async fn stream(&self, list: &EventList) -> Result<EventStream, StoreError> {
        let settings = self.backend().stream_settings();
        let statement =
            if list.is_empty() { None } else { event_list::stream(list, self.manner(list.tenants()), settings) };
        let Some((sql, params)) = statement else { return Ok(stream::empty().boxed()) };
        check_size(&sql, &params)?;
        let kinds: Vec<CellKind> = list.columns().map(|(_, kind)| kind).collect();
        let texts = self.stream_texts(list.tenants().clone(), sql, params);
        Ok(texts.map(move |texts| parse(&texts?)?.into_iter().map(|row| cells(row, &kinds)).collect()).boxed())
    }

    async fn funnel(&self, funnel: &Funnel) -> Result<Answer, StoreError> {
        let scope = Scope { table: funnel.table(), tenants: funnel.tenants(), period: funnel.period() };
        match self.select_once::<Vec<_>>(scope, |manner| Ok(funnel::statement(funnel, manner))).await? {
            Some(rows) => funnel::answer(funnel, &rows),
            None => Ok(funnel::answer_of_none(funnel)),
        }
    }

    async fn drivers(&self, drivers: &Drivers) -> Result<Answer, StoreError> {
        let scope = Scope { table: drivers.table(), tenants: drivers.tenants(), period: drivers.period() };
        match self.select_once(scope, |manner| Ok(drivers::statement(drivers, manner))).await? {
            Some(rows) => drivers::answer(drivers, rows),
            None => Ok(drivers::answer_of_none(drivers)),
        }
    }

    async fn repeat_contacts(&self, question: &RepeatContacts) -> Result<Answer, StoreError> {
        let scope = Scope { table: question.table(), tenants: question.tenants(), period: question.period_read() };
        match self.select_once(scope, |manner| Ok(repeat_contacts::statement(question, manner))).await? {
            Some(rows) => repeat_contacts::answer(question, rows),
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

impl<B: SqlBackend> SqlStore<B> {
    /// The groups that may be on a page, if they can be told by few events.
    async fn candidates(&self, query: &Query, scope: Scope<'_>) -> Result<Option<Candidates>, StoreError> {
        let Some((sql, params)) = candidates::statement(query, self.manner(scope.tenants)) else { return Ok(None) };
        Candidates::of(query, self.select_about(scope.tenants, &sql, &params).await?)
    }
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
