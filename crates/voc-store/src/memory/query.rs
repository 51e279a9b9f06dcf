//! Answers by a fold over all rows: what questions mean, without an engine.

use std::{cmp::Ordering, collections::BTreeMap, sync::Arc, time::SystemTime};

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};
use voc_events::{Table, Timestamp};

use super::{
    MemoryStore,
    columns::{Columns, RowValue, number_of_cell},
    rows::{EventRow, event_rows},
};
use crate::{
    Answer, Cell, CellKind, DeadLetterList, DeadLetterPage, Dimension, Direction, Drivers, EventList, EventPage,
    EventQueries, EventStream, FieldKind, Freshness, Function, Funnel, LedgerFilter, ListedEvent, Measure, Metric,
    PartitionLedger, Query, ReadMeter, RepeatContacts, StoreError, TenantScope, query::MAX_PAGE_BYTES,
};

/// Events of a batch of a stream.
const STREAMED_EVENTS: usize = 100;

#[async_trait]
impl EventQueries for MemoryStore {
    fn metered(self: Arc<Self>, meter: ReadMeter) -> Arc<dyn EventQueries> {
        Arc::new(Self { shared: Arc::clone(&self.shared), meter })
    }

    async fn query(&self, query: &Query) -> Result<Answer, StoreError> {
        self.check_running()?;
        let (since, until) = (query.period().since, query.period().until);
        let mut groups: BTreeMap<String, Group> = BTreeMap::new();
        let state = self.state();
        self.meter.add(state.rows_of_table(query.table()));
        let latest = state.latest_versions(query.table(), |_| true);
        for (place, (batch, part)) in state.parts.iter().enumerate() {
            let rows = &batch.parts[*part].rows;
            if rows.table() != query.table() || query.is_empty() {
                continue;
            }
            let columns = Columns::new(rows);
            for (number, row) in event_rows(batch, *part).into_iter().enumerate() {
                let is_latest = latest.get(&row.key) == Some(&(place, number));
                let of_tenants =
                    query.table().tenant.is_none() || query.tenants().includes(row.tenant_id.unwrap_or(""));
                let asked = is_latest && of_tenants && (since..until).contains(&row.time);
                if !asked || !query.filters().iter().all(|filter| columns.satisfy(filter, number)) {
                    continue;
                }
                let mut keys: Vec<Vec<Cell>> = vec![Vec::new()];
                for dimension in query.dimensions() {
                    let cells = match dimension {
                        Dimension::Field(field) => columns.value(field, number).each(),
                        Dimension::Time(buckets) => vec![Cell::Time(buckets.start_of(row.time))],
                    };
                    let with = |key: &Vec<Cell>, cell: &Cell| key.iter().chain([cell]).cloned().collect();
                    keys = keys.iter().flat_map(|key| cells.iter().map(move |cell| with(key, cell))).collect();
                }
                for key in keys {
                    let group = groups.entry(format!("{key:?}")).or_insert_with(|| Group::new(key, query));
                    group.add(query, &columns, number, &row);
                }
            }
        }
        if query.dimensions().is_empty() && groups.is_empty() {
            groups.insert(String::new(), Group::new(Vec::new(), query));
        }
        let mut rows: Vec<Vec<Cell>> = groups.into_values().map(|group| group.row(query)).collect();
        rows.retain(|row| query.is_after_beginning(row));
        query.sort(&mut rows);
        let truncated = rows.len() > query.max_groups();
        rows.truncate(query.max_groups());
        Ok(Answer { rows, truncated })
    }

    async fn events(&self, list: &EventList) -> Result<EventPage, StoreError> {
        let mut events = self.listed(list)?;
        events.retain(|event| {
            list.beginning().is_none_or(|place| list.compare(&event.place, place) == Ordering::Greater)
        });
        events.sort_by(|one, other| list.compare(&one.place, &other.place));
        let sizes = events.iter().map(|event| event.cells.iter().map(bytes_of).sum());
        let fitting = on_page(sizes.take(list.max_events()));
        let truncated = fitting < events.len();
        events.truncate(fitting);
        Ok(EventPage { events, truncated })
    }

    async fn reach(&self, list: &EventList, events: usize) -> Result<Option<Timestamp>, StoreError> {
        let mut listed = self.listed(list)?;
        listed.sort_by(|one, other| list.compare(&one.place, &other.place));
        let last = events.checked_sub(1).and_then(|last| listed.get(last));
        Ok(last.and_then(|event| event.place.first()).and_then(Cell::time))
    }

    async fn stream(&self, list: &EventList) -> Result<EventStream, StoreError> {
        let mut events = self.listed(list)?;
        // The sorting key is the place with its time elsewhere.
        let key = list.table().sorting_key;
        let time = key.iter().position(|name| *name == list.table().time.name).unwrap_or_default();
        let by_key = |event: &ListedEvent| {
            let mut place = event.place.clone();
            place[..=time].rotate_left(1);
            place
        };
        let ascending = list.clone().direction(Direction::Ascending);
        events.sort_by(|one, other| ascending.compare(&by_key(one), &by_key(other)));
        let batches: Vec<_> = events
            .chunks(STREAMED_EVENTS)
            .map(|events| Ok(events.iter().map(|event| event.cells.clone()).collect()))
            .collect();
        Ok(stream::iter(batches).boxed())
    }

    async fn funnel(&self, funnel: &Funnel) -> Result<Answer, StoreError> {
        self.funnel_answer(funnel)
    }

    async fn drivers(&self, drivers: &Drivers) -> Result<Answer, StoreError> {
        self.drivers_answer(drivers)
    }

    async fn repeat_contacts(&self, question: &RepeatContacts) -> Result<Answer, StoreError> {
        self.repeat_contacts_answer(question)
    }

    async fn dead_letters(&self, list: &DeadLetterList) -> Result<DeadLetterPage, StoreError> {
        self.dead_letter_page(list)
    }

    async fn freshness(&self, table: &Table, tenants: &TenantScope) -> Result<Option<Freshness>, StoreError> {
        self.check_running()?;
        let state = self.state();
        self.meter.add(state.rows_of_table(table));
        let of_table = state.parts.iter().filter(|(batch, part)| batch.parts[*part].rows.table() == table);
        let now = Timestamp::from(SystemTime::now());
        let times = of_table.flat_map(|(batch, part)| {
            let rows = event_rows(batch, *part).into_iter();
            let meant = rows.filter(|row| {
                !tenants.is_none_of(table) && (table.tenant.is_none() || tenants.includes(row.tenant_id.unwrap_or("")))
            });
            meant.map(|row| (row.time, batch.processed_at)).filter(|(time, _)| *time <= now).collect::<Vec<_>>()
        });
        Ok(times.max().map(|(latest_event, stored_at)| Freshness { latest_event, stored_at }))
    }

    async fn version(&self, table: &Table) -> Result<Option<String>, StoreError> {
        self.check_running()?;
        let state = self.state();
        let of_table = state.parts.iter().filter(|(batch, part)| batch.parts[*part].rows.table() == table);
        let versions =
            of_table.map(|(batch, part)| format!("{} {:?}", batch.token(&batch.parts[*part]), batch.processed_at));
        Ok(Some(versions.collect::<Vec<_>>().join("/")))
    }

    async fn ledger(&self, filter: &LedgerFilter) -> Result<Vec<PartitionLedger>, StoreError> {
        self.check_running()?;
        let state = self.state();
        self.meter.add(state.ledger.len() as u64);
        Ok(super::ledger::partition_ledgers(&state.ledger, filter))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.check_running()
    }
}

/// A group of rows: its dimensions, and the values of each metric.
struct Group {
    key: Vec<Cell>,
    values: Vec<Vec<Cell>>,
}

impl Group {
    fn new(key: Vec<Cell>, query: &Query) -> Self {
        Self { key, values: vec![Vec::new(); query.metrics().len()] }
    }

    fn add(&mut self, query: &Query, columns: &Columns, number: usize, row: &EventRow<'_>) {
        let time = row.time;
        for (metric, values) in query.metrics().iter().zip(&mut self.values) {
            if !metric.filters().iter().all(|filter| columns.satisfy(filter, number)) {
                continue;
            }
            let value = match metric.measure() {
                Measure::Of(function @ (Function::First | Function::Last), field) => {
                    // Values in the order of their times, and only the outermost one is kept.
                    let value = (Cell::Time(time), columns.value(field, number).one());
                    keep_outermost(*function, values, value);
                    continue;
                }
                Measure::Of(Function::Count, field) if field.kind() == FieldKind::TextList => {
                    if let RowValue::Many(texts) = columns.value(field, number) {
                        values.extend(texts.into_iter().map(Cell::Text));
                    }
                    continue;
                }
                Measure::Of(Function::Unique, field) if field.is_identifier() => {
                    match columns.value(field, number).one() {
                        Cell::Absent => Cell::Absent,
                        value => Cell::Text(format!("{:?}", (row.tenant_id, value))),
                    }
                }
                Measure::Of(_, field) => columns.value(field, number).one(),
                Measure::Events | Measure::FirstEvent | Measure::LastEvent => Cell::Time(time),
            };
            if value != Cell::Absent {
                values.push(value);
            }
        }
    }

    fn row(self, query: &Query) -> Vec<Cell> {
        let metrics = query.metrics().iter().zip(self.values).map(|(metric, values)| measure(metric, &values));
        self.key.into_iter().chain(metrics).collect()
    }
}

/// Keeps the value of the earliest or the latest time, which is next to it.
fn keep_outermost(function: Function, kept: &mut Vec<Cell>, (time, value): (Cell, Cell)) {
    if value == Cell::Absent {
        return;
    }
    let is_better = match kept.as_slice() {
        [known, known_time] => {
            let order = time.compare(known_time, Direction::Ascending).then(value.compare(known, Direction::Ascending));
            if function == Function::First { order.is_lt() } else { order.is_gt() }
        }
        _ => true,
    };
    if is_better {
        *kept = vec![value, time];
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of tests are smaller than 2^52")]
fn measure(metric: &Metric, values: &[Cell]) -> Cell {
    let count = |values: usize| Cell::Integer(i64::try_from(values).unwrap_or(i64::MAX));
    let by = |pick: fn(&f64, &f64) -> std::cmp::Ordering, values: &[Cell]| {
        let numbers = values.iter().filter_map(|cell| Some((number_of_cell(cell)?, cell)));
        numbers.max_by(|one, other| pick(&one.0, &other.0)).map_or(Cell::Absent, |(_, cell)| cell.clone())
    };
    let smallest = |values: &[Cell]| by(|one, other| other.total_cmp(one), values);
    let largest = |values: &[Cell]| by(f64::total_cmp, values);
    let mut numbers: Vec<f64> = values.iter().filter_map(number_of_cell).collect();
    let n = numbers.len() as f64;
    let sum: f64 = numbers.iter().sum();
    match metric.measure() {
        Measure::Events | Measure::Of(Function::Count, _) => count(values.len()),
        Measure::FirstEvent | Measure::Of(Function::Min, _) => smallest(values),
        Measure::LastEvent | Measure::Of(Function::Max, _) => largest(values),
        Measure::Of(Function::Unique, _) => {
            let distinct: std::collections::BTreeSet<String> = values.iter().map(|cell| format!("{cell:?}")).collect();
            count(distinct.len())
        }
        Measure::Of(Function::First | Function::Last, _) => values.first().cloned().unwrap_or(Cell::Absent),
        _ if numbers.is_empty() => Cell::Absent,
        Measure::Of(Function::Sum, _) if metric.kind() == CellKind::Integer => {
            let sum: i128 = values.iter().filter_map(Cell::integer).map(i128::from).sum();
            let most = if sum < 0 { i64::MIN } else { i64::MAX };
            Cell::Integer(i64::try_from(sum).unwrap_or(most))
        }
        Measure::Of(Function::Sum, _) => Cell::Float(sum),
        Measure::Of(Function::Avg | Function::Share, _) => Cell::Float(sum / n),
        Measure::Of(Function::Stddev, _) if numbers.len() < 2 => Cell::Absent,
        Measure::Of(Function::Stddev, _) => {
            let squares: f64 = numbers.iter().map(|number| (number - sum / n).powi(2)).sum();
            Cell::Float((squares / (n - 1.0)).sqrt())
        }
        Measure::Of(function, _) => {
            numbers.sort_by(f64::total_cmp);
            let place = function.quantile().unwrap_or_default() * (n - 1.0);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a position in the list")]
            let below = place.floor() as usize;
            let (low, high) = (numbers[below], numbers[(below + 1).min(numbers.len() - 1)]);
            Cell::Float(low + (high - low) * place.fract())
        }
    }
}

/// How many rows of these sizes in bytes are on a page: it ends with the one with which it is full.
pub(super) fn on_page(sizes: impl Iterator<Item = usize>) -> usize {
    let before = sizes.scan(0, |bytes, size| Some(std::mem::replace(bytes, *bytes + size)));
    before.take_while(|bytes| *bytes < MAX_PAGE_BYTES).count()
}

/// The bytes of a text.
fn bytes_of(cell: &Cell) -> usize {
    match cell {
        Cell::Text(text) | Cell::Json(text) => text.len(),
        _ => 0,
    }
}
