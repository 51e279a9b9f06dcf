//! Funnels: how far sessions or users come in a sequence of steps.

use std::time::Duration;

use voc_events::Table;

use super::{Answer, Cell, CellKind, Field, Filter, QueryError, TenantScope};
use crate::Period;

/// Maximum number of steps.
const MAX_STEPS: usize = 10;

/// The columns of the answer.
const COLUMNS: [(&str, CellKind); 6] = [
    ("step", CellKind::Integer),
    ("name", CellKind::Text),
    ("count", CellKind::Integer),
    ("share", CellKind::Float),
    ("share_of_previous", CellKind::Float),
    ("p50_ms", CellKind::Float),
];

/// How many actors, such as sessions, come how far in a sequence of steps.
///
/// An actor reaches a step if it has an event of each step up to this one, each later than the one before, and the
/// last no later than the window after the first. What else happens in between does not matter.
///
/// The answer has a row for each step: its number from 1 on, its name, the number of actors that reach it, their
/// share of those that reach the first step and of those that reach the one before, and the median of the shortest
/// times that they take to it from the first step, in milliseconds. There are no shares of nothing.
///
/// ```
/// use std::time::Duration;
/// use voc_events::{Family as _, Timestamp, activity::Activity};
/// use voc_store::{Condition, Filter, Funnel, Period, TenantScope, Value};
///
/// let table = Activity::TABLE;
/// let period = Period { since: Timestamp::from_millis(0), until: Timestamp::from_millis(86_400_000) };
/// let half_an_hour = Duration::from_secs(1800);
/// let mut funnel = Funnel::new(table, TenantScope::All, period, "session_id", half_an_hour)?;
/// for step in ["page_view", "add_to_cart", "purchase"] {
///     let is_step = Condition::Is(vec![Value::Text(step.to_owned())]);
///     funnel = funnel.step(step, vec![Filter::parse(&table, "event_type", is_step)?])?;
/// }
/// assert_eq!(funnel.columns().next().map(|(name, _)| name), Some("step"));
/// # Ok::<(), voc_store::QueryError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Funnel {
    table: Table,
    tenants: TenantScope,
    period: Period,
    filters: Vec<Filter>,
    actor: Field,
    within: i64,
    steps: Vec<(String, Vec<Filter>)>,
}

/// How many actors reach a step, and the median of their times in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reached {
    pub(crate) actors: i64,
    pub(crate) median: Option<f64>,
}

impl Funnel {
    /// A funnel of the events of a period, without steps and filters. Events of one actor have the same value of a
    /// field, and of the tenant, if there are tenants; events without a value have no actor.
    ///
    /// # Errors
    /// [`QueryError`] if there is no such field, or if events have lists of its values.
    pub fn new(
        table: Table,
        tenants: TenantScope,
        period: Period,
        actor: &str,
        within: Duration,
    ) -> Result<Self, QueryError> {
        let within = i64::try_from(within.as_millis()).unwrap_or(i64::MAX);
        Ok(Self {
            table,
            tenants,
            period,
            filters: Vec::new(),
            actor: Field::single(&table, actor)?,
            within,
            steps: Vec::new(),
        })
    }

    /// Adds a filter of all events; all of them must hold.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filters.push(filter);
        self
    }

    /// Adds a step: the events for which all of these conditions hold. An event may be of several steps.
    ///
    /// # Errors
    /// [`QueryError::Steps`] if there are too many.
    pub fn step(mut self, name: impl Into<String>, filters: Vec<Filter>) -> Result<Self, QueryError> {
        if self.steps.len() == MAX_STEPS {
            return Err(QueryError::Steps { max: MAX_STEPS });
        }
        self.steps.push((name.into(), filters));
        Ok(self)
    }

    /// Names and kinds of the answer's columns.
    pub fn columns(&self) -> impl Iterator<Item = (&str, CellKind)> {
        COLUMNS.into_iter()
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// The tenants.
    #[must_use]
    pub fn tenants(&self) -> &TenantScope {
        &self.tenants
    }

    /// The period.
    #[must_use]
    pub fn period(&self) -> Period {
        self.period
    }

    pub(crate) fn filters(&self) -> &[Filter] {
        &self.filters
    }

    pub(crate) fn actor(&self) -> &Field {
        &self.actor
    }

    /// The window in milliseconds.
    pub(crate) fn within(&self) -> i64 {
        self.within
    }

    /// The conditions of each step.
    pub(crate) fn steps(&self) -> impl ExactSizeIterator<Item = &[Filter]> {
        self.steps.iter().map(|(_, filters)| filters.as_slice())
    }

    /// The answer, if so many actors reach each step.
    pub(crate) fn answer(&self, reached: &[Reached]) -> Answer {
        let share = |part: i64, whole: Option<i64>| match whole {
            #[expect(clippy::cast_precision_loss, reason = "numbers of actors are smaller than 2^52")]
            Some(whole) if whole > 0 => Cell::Float(part as f64 / whole as f64),
            _ => Cell::Absent,
        };
        let first = reached.first().map(|reached| reached.actors);
        let row = |(place, ((name, _), Reached { actors, median })): (usize, (&(String, _), &Reached))| {
            let previous = place.checked_sub(1).and_then(|place| reached.get(place)).map(|previous| previous.actors);
            vec![
                Cell::Integer(i64::try_from(place + 1).unwrap_or(i64::MAX)),
                Cell::Text(name.clone()),
                Cell::Integer(*actors),
                share(*actors, first),
                share(*actors, previous.or(first)),
                median.map_or(Cell::Absent, Cell::Float),
            ]
        };
        Answer { rows: self.steps.iter().zip(reached).enumerate().map(row).collect(), truncated: false }
    }
}
