//! Metrics: what is computed of the events of a group.

use voc_events::Table;

use super::{CellKind, Field, FieldKind, Filter, QueryError};

/// A function of a field's values in a group. Absent values do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Function {
    /// Number of values; of lists, that of their elements.
    Count,
    /// Number of distinct values.
    Unique,
    /// Sum; of whole numbers, at most the greatest and at least the smallest one of 64 bits.
    Sum,
    /// Mean.
    Avg,
    /// Smallest value.
    Min,
    /// Largest value.
    Max,
    /// Standard deviation of the sample; of fewer than two values there is none.
    Stddev,
    /// Share of true values, from 0 to 1.
    Share,
    /// The value of the earliest event that has one; of several at the same time, the smallest.
    First,
    /// The value of the latest event that has one; of several at the same time, the largest.
    Last,
    /// The value that 10 % of the values do not exceed, interpolated linearly between values.
    P10,
    /// Median, interpolated linearly.
    P50,
    /// The value that 75 % of the values do not exceed, interpolated linearly.
    P75,
    /// The same for 90 %.
    P90,
    /// The same for 95 %.
    P95,
    /// The same for 99 %.
    P99,
}

impl Function {
    /// All functions.
    pub const ALL: [Self; 16] = [
        Self::Count,
        Self::Unique,
        Self::Sum,
        Self::Avg,
        Self::Min,
        Self::Max,
        Self::Stddev,
        Self::Share,
        Self::First,
        Self::Last,
        Self::P10,
        Self::P50,
        Self::P75,
        Self::P90,
        Self::P95,
        Self::P99,
    ];

    /// Its name, the first word of a metric's.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Unique => "unique",
            Self::Sum => "sum",
            Self::Avg => "avg",
            Self::Min => "min",
            Self::Max => "max",
            Self::Stddev => "stddev",
            Self::Share => "share",
            Self::First => "first",
            Self::Last => "last",
            Self::P10 => "p10",
            Self::P50 => "p50",
            Self::P75 => "p75",
            Self::P90 => "p90",
            Self::P95 => "p95",
            Self::P99 => "p99",
        }
    }

    /// The share of values that a quantile's value does not fall below; `None` for other functions.
    #[must_use]
    pub const fn quantile(self) -> Option<f64> {
        match self {
            Self::P10 => Some(0.1),
            Self::P50 => Some(0.5),
            Self::P75 => Some(0.75),
            Self::P90 => Some(0.9),
            Self::P95 => Some(0.95),
            Self::P99 => Some(0.99),
            _ => None,
        }
    }

    fn applies_to(self, kind: FieldKind) -> bool {
        let is_number = matches!(kind, FieldKind::Integer | FieldKind::Float);
        match self {
            Self::Count => !matches!(kind, FieldKind::NumberList | FieldKind::Map | FieldKind::Json),
            Self::First | Self::Last => {
                !matches!(kind, FieldKind::TextList | FieldKind::NumberList | FieldKind::Map | FieldKind::Json)
            }
            Self::Unique => matches!(kind, FieldKind::Text | FieldKind::Id | FieldKind::Integer),
            Self::Share => kind == FieldKind::Boolean,
            Self::Min | Self::Max => is_number || kind == FieldKind::Time,
            _ => is_number,
        }
    }
}

/// What a metric measures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measure {
    /// Number of events.
    Events,
    /// Time of the earliest event.
    FirstEvent,
    /// Time of the latest event.
    LastEvent,
    /// A function of a field.
    Of(Function, Field),
}

/// A metric: a measure of a group's events, or of some of them.
///
/// Its name is `event_count`, `first_event`, `last_event`, or a function and a field, as `avg_sentiment`.
///
/// ```
/// use voc_events::{Family as _, voc::Voc};
/// use voc_store::{Condition, Filter, Metric, Value};
///
/// let transfer = Condition::Is(vec![Value::Text("transfer".to_owned())]);
/// let transfers = Metric::parse(&Voc::TABLE, "event_count")?
///     .of(vec![Filter::parse(&Voc::TABLE, "action", transfer)?])
///     .named("transfers");
/// assert_eq!(transfers.name(), "transfers");
/// let error = Metric::parse(&Voc::TABLE, "avg_topic").unwrap_err();
/// assert_eq!(error.to_string(), "the avg of 'topic' is not defined, because it is a text");
/// # Ok::<(), voc_store::QueryError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    name: String,
    measure: Measure,
    filters: Vec<Filter>,
}

const EVENT_COUNT: &str = "event_count";
const FIRST_EVENT: &str = "first_event";
const LAST_EVENT: &str = "last_event";

impl Metric {
    /// The metric of this name.
    ///
    /// # Errors
    /// [`QueryError`] if there is no such metric.
    pub fn parse(table: &Table, name: &str) -> Result<Self, QueryError> {
        let measure = match name {
            EVENT_COUNT => Measure::Events,
            FIRST_EVENT => Measure::FirstEvent,
            LAST_EVENT => Measure::LastEvent,
            _ => Self::function(table, name)?,
        };
        Ok(Self { name: name.to_owned(), measure, filters: Vec::new() })
    }

    fn function(table: &Table, name: &str) -> Result<Measure, QueryError> {
        let known = |(function, field): (&str, &str)| {
            let function = Function::ALL.into_iter().find(|known| known.name() == function)?;
            Some((function, Field::find(table, field).ok()?))
        };
        let Some((function, field)) = name.split_once('_').and_then(known) else {
            return Err(QueryError::Unknown { what: "metric", name: name.to_owned(), known: Self::names(table) });
        };
        let field = if function.applies_to(field.kind()) { field } else { field.numeric() };
        if !function.applies_to(field.kind()) {
            let (kind, field) = (field.kind(), field.name().to_owned());
            return Err(QueryError::Function { function: function.name(), field, kind });
        }
        Ok(Measure::Of(function, field))
    }

    /// The names of a table's metrics.
    #[must_use]
    pub fn names(table: &Table) -> Vec<String> {
        let general = [EVENT_COUNT, FIRST_EVENT, LAST_EVENT].map(str::to_owned);
        let of_field = |field: &Field| -> Vec<String> {
            let functions = Function::ALL.into_iter().filter(|function| function.applies_to(field.kind()));
            functions.map(|function| format!("{}_{}", function.name(), field.name())).collect()
        };
        let of_fields = Field::all(table).flat_map(|field| of_field(&field));
        general.into_iter().chain(of_fields).collect()
    }

    /// The same of those events for which all of these conditions hold.
    #[must_use]
    pub fn of(mut self, filters: Vec<Filter>) -> Self {
        self.filters.extend(filters);
        self
    }

    /// The same under another name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Its name: that of the answer's column.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it measures.
    #[must_use]
    pub fn measure(&self) -> &Measure {
        &self.measure
    }

    /// The conditions of the events that it measures.
    #[must_use]
    pub fn filters(&self) -> &[Filter] {
        &self.filters
    }

    /// The kind of its values.
    #[must_use]
    pub fn kind(&self) -> CellKind {
        match &self.measure {
            Measure::Events | Measure::Of(Function::Count | Function::Unique, _) => CellKind::Integer,
            Measure::FirstEvent | Measure::LastEvent => CellKind::Time,
            Measure::Of(Function::Sum | Function::Min | Function::Max | Function::First | Function::Last, field) => {
                CellKind::of(field.kind())
            }
            Measure::Of(..) => CellKind::Float,
        }
    }

    /// Whether it is 0, and not absent, of no events.
    #[must_use]
    pub fn counts(&self) -> bool {
        matches!(self.measure, Measure::Events | Measure::Of(Function::Count | Function::Unique, _))
    }
}
