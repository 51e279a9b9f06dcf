//! Repeat contacts: which customers come back soon.

use std::time::Duration;

use voc_events::{Table, Timestamp};

use super::{Answer, Cell, CellKind, Direction, Field, Filter, QueryError, TenantScope};
use crate::Period;

/// How long before the period events are read, in milliseconds: a contact that began then is none of the period's.
const LOOK_BACK: i64 = 86_400_000;

/// Maximum number of groups of an answer, unless the question has another limit.
const DEFAULT_LIMIT: usize = 10_000;

/// The columns of the answer after the group's.
const COLUMNS: [(&str, CellKind); 9] = [
    ("contacts", CellKind::Integer),
    ("repeated", CellKind::Integer),
    ("open", CellKind::Integer),
    ("repeat_share", CellKind::Float),
    ("customers", CellKind::Integer),
    ("returning_customers", CellKind::Integer),
    ("open_customers", CellKind::Integer),
    ("returning_share", CellKind::Float),
    ("p50_return_ms", CellKind::Float),
];

/// How many contacts are followed by another one of the same customer within some days, and how many customers come
/// back.
///
/// A contact is all events with the same value of a field, such as the identifier of a call, that satisfy the
/// conditions of [`contacts`](Self::contacts). It begins with the first of them; its customer, and the value by which
/// it is grouped, are those of the last one that has one. Contacts without a customer do not count. Customers of
/// different tenants are different ones.
///
/// A contact belongs to the period in which it begins. Whether it has begun before the period is looked for in the
/// events of one day before it: an event that comes later than that begins a contact anew.
///
/// A contact that begins in the period is *repeated* if the customer's next contact begins no later than the window
/// after it, also if that is after the period. Otherwise it is *open* if its window has not passed yet at the end of
/// what is known: nobody can tell whether the customer will come back. The share of repeated contacts is that of those
/// that are not open. A customer is returning with a repeated contact, open with an open one and no repeated one.
///
/// The answer has one row, or one for each group, the one with the most contacts first. Its last column is the median
/// time to the next contact of the repeated ones, in milliseconds.
///
/// ```
/// use std::time::Duration;
/// use voc_events::{Family as _, Timestamp, voc::Voc};
/// use voc_store::{Condition, Filter, Period, RepeatContacts, TenantScope, Value};
///
/// let at = |text: &str| Timestamp::parse(text).unwrap();
/// let period = Period { since: at("2026-02-01T00:00:00Z"), until: at("2026-03-01T00:00:00Z") };
/// let week = Duration::from_secs(7 * 86_400);
/// let call = Condition::Is(vec![Value::Text("call".to_owned())]);
/// let question = RepeatContacts::new(Voc::TABLE, TenantScope::All, period, "call_id", "customer_id", week)?
///     .contacts(Filter::parse(&Voc::TABLE, "event_type", call)?)
///     .known_until(at("2026-02-20T00:00:00Z"))
///     .by("topic")?;
/// assert_eq!(question.columns().next().map(|(name, _)| name), Some("topic"));
/// # Ok::<(), voc_store::QueryError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RepeatContacts {
    table: Table,
    tenants: TenantScope,
    period: Period,
    contact: Field,
    customer: Field,
    within: i64,
    contacts: Vec<Filter>,
    filters: Vec<Filter>,
    known_until: Timestamp,
    by: Option<Field>,
    limit: usize,
}

/// What is counted of a group.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Returns {
    pub(crate) contacts: i64,
    pub(crate) repeated: i64,
    pub(crate) open: i64,
    pub(crate) customers: i64,
    pub(crate) returning_customers: i64,
    pub(crate) open_customers: i64,
    pub(crate) median: Option<f64>,
}

impl RepeatContacts {
    /// A question about the contacts of a period by the fields of contact and customer. Everything is known until the
    /// end of time, unless something else is said.
    ///
    /// # Errors
    /// [`QueryError`] if there are no such fields, or if events have lists of their values.
    pub fn new(
        table: Table,
        tenants: TenantScope,
        period: Period,
        contact: &str,
        customer: &str,
        within: Duration,
    ) -> Result<Self, QueryError> {
        Ok(Self {
            table,
            tenants,
            period,
            contact: Field::single(&table, contact)?,
            customer: Field::single(&table, customer)?,
            within: i64::try_from(within.as_millis()).unwrap_or(i64::MAX),
            contacts: Vec::new(),
            filters: Vec::new(),
            known_until: Timestamp::from_millis(i64::MAX),
            by: None,
            limit: DEFAULT_LIMIT,
        })
    }

    /// Adds a condition of the events that make contacts; all of them must hold.
    #[must_use]
    pub fn contacts(mut self, filter: Filter) -> Self {
        self.contacts.push(filter);
        self
    }

    /// Adds a filter of the contacts that count: one of their events must satisfy all of them. The next contact may be
    /// any.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filters.push(filter);
        self
    }

    /// The end of what is known: later contacts may not be stored yet.
    #[must_use]
    pub fn known_until(mut self, time: Timestamp) -> Self {
        self.known_until = time;
        self
    }

    /// Groups the contacts by the last value of a field.
    ///
    /// # Errors
    /// [`QueryError`] if there is no such field, or if events have lists of its values.
    pub fn by(mut self, field: &str) -> Result<Self, QueryError> {
        self.by = Some(Field::single(&self.table, field)?);
        Ok(self)
    }

    /// Limits the number of groups.
    #[must_use]
    pub fn limit(mut self, groups: usize) -> Self {
        self.limit = groups;
        self
    }

    /// Names and kinds of the answer's columns.
    pub fn columns(&self) -> impl Iterator<Item = (&str, CellKind)> {
        self.by.iter().map(|field| (field.name(), CellKind::of(field.kind()))).chain(COLUMNS)
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

    /// The period in which the contacts begin.
    #[must_use]
    pub fn period(&self) -> Period {
        self.period
    }

    /// The period in which the next contacts begin, too.
    #[must_use]
    pub fn period_with_returns(&self) -> Period {
        let Period { since, until } = self.period;
        Period { since, until: Timestamp::from_millis(until.as_millis().saturating_add(self.within)) }
    }

    /// The period whose events are read.
    pub(crate) fn period_read(&self) -> Period {
        let Period { since, until } = self.period_with_returns();
        Period { since: Timestamp::from_millis(since.as_millis().saturating_sub(LOOK_BACK)), until }
    }

    pub(crate) fn contact(&self) -> &Field {
        &self.contact
    }

    pub(crate) fn customer(&self) -> &Field {
        &self.customer
    }

    /// The window in milliseconds.
    pub(crate) fn within(&self) -> i64 {
        self.within
    }

    /// The conditions of the events that make contacts.
    pub(crate) fn of_contacts(&self) -> &[Filter] {
        &self.contacts
    }

    pub(crate) fn filters(&self) -> &[Filter] {
        &self.filters
    }

    /// When the last window that has passed begins, in UTC milliseconds.
    pub(crate) fn last_closed(&self) -> i64 {
        self.known_until.as_millis().saturating_sub(self.within)
    }

    pub(crate) fn group(&self) -> Option<&Field> {
        self.by.as_ref()
    }

    pub(crate) fn max_groups(&self) -> usize {
        self.limit
    }

    /// The answer, if this is counted of each group. Without groups, there is one.
    pub(crate) fn answer(&self, mut groups: Vec<(Option<Cell>, Returns)>) -> Answer {
        if self.by.is_none() && groups.is_empty() {
            groups.push((None, Returns::default()));
        }
        let row = |(group, returns): (Option<Cell>, Returns)| {
            let float = |number: Option<f64>| number.map_or(Cell::Absent, Cell::Float);
            #[expect(clippy::cast_precision_loss, reason = "numbers of contacts are smaller than 2^52")]
            let share = |part: i64, whole: i64| float((whole > 0).then(|| part as f64 / whole as f64));
            let counted = [
                Cell::Integer(returns.contacts),
                Cell::Integer(returns.repeated),
                Cell::Integer(returns.open),
                share(returns.repeated, returns.contacts - returns.open),
                Cell::Integer(returns.customers),
                Cell::Integer(returns.returning_customers),
                Cell::Integer(returns.open_customers),
                share(returns.returning_customers, returns.customers - returns.open_customers),
                float(returns.median),
            ];
            group.into_iter().chain(counted).collect::<Vec<Cell>>()
        };
        let mut rows: Vec<Vec<Cell>> = groups.into_iter().map(row).collect();
        let contacts = usize::from(self.by.is_some());
        rows.sort_by(|one, other| {
            let by = |place: usize, direction| one[place].compare(&other[place], direction);
            by(contacts, Direction::Descending).then_with(|| by(0, Direction::Ascending))
        });
        let truncated = rows.len() > self.limit;
        rows.truncate(self.limit);
        Answer { rows, truncated }
    }
}
