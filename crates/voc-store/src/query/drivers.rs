//! Drivers: which properties of conversations go with a better or worse outcome.

use voc_events::Table;

use super::{Answer, Cell, CellKind, Direction, Field, Filter, Function, Measure, Metric, QueryError, TenantScope};
use crate::Period;

/// Maximum number of factors.
const MAX_FACTORS: usize = 20;
/// Maximum number of values that are compared, the most frequent ones.
const MAX_VALUES: usize = 10_000;
/// Fewest subjects on both sides of an interval.
const LEAST_OF_INTERVAL: i64 = 5;

/// The columns of the answer.
const COLUMNS: [(&str, CellKind); 10] = [
    ("factor", CellKind::Text),
    ("value", CellKind::Text),
    ("support", CellKind::Integer),
    ("share", CellKind::Float),
    ("mean_with", CellKind::Float),
    ("mean_without", CellKind::Float),
    ("difference", CellKind::Float),
    ("difference_low", CellKind::Float),
    ("difference_high", CellKind::Float),
    ("effect", CellKind::Float),
];

/// What may go with an outcome.
///
/// ```
/// use voc_events::{Family as _, voc::Voc};
/// use voc_store::Factor;
///
/// let tool = Factor::of_values(&Voc::TABLE, "tool_name")?.named("tool");
/// let quality = Factor::of_bands(&Voc::TABLE, "call_quality.mos", &[3.6, 4.0])?;
/// assert_eq!((tool.name(), quality.name()), ("tool", "call_quality.mos"));
/// assert!(Factor::of_bands(&Voc::TABLE, "topic", &[0.5]).is_err());
/// # Ok::<(), voc_store::QueryError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Factor {
    name: String,
    field: Field,
    bands: Option<Vec<f64>>,
}

impl Factor {
    /// The values of a field: those of all events of a subject.
    ///
    /// # Errors
    /// [`QueryError`] if there is no such field, or if events have lists of its values.
    pub fn of_values(table: &Table, field: &str) -> Result<Self, QueryError> {
        Ok(Self { name: field.to_owned(), field: Field::single(table, field)?, bands: None })
    }

    /// The band of the mean of a number over all events of a subject. Each limit is the beginning of a band.
    ///
    /// # Errors
    /// [`QueryError`] if there is no such field, or if it is no number.
    pub fn of_bands(table: &Table, field: &str, limits: &[f64]) -> Result<Self, QueryError> {
        let mut limits = limits.to_vec();
        limits.sort_by(f64::total_cmp);
        Ok(Self { name: field.to_owned(), field: number(table, field)?, bands: Some(limits) })
    }

    /// The same under another name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Its name, in the answer.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn field(&self) -> &Field {
        &self.field
    }

    /// The limits of the bands, in ascending order.
    pub(crate) fn bands(&self) -> Option<&[f64]> {
        self.bands.as_deref()
    }

    /// The name of a value. A band is known by its number.
    fn value(&self, value: &str) -> String {
        let Some(limits) = &self.bands else { return value.to_owned() };
        let band: usize = value.parse().unwrap_or(0);
        match (limits.get(band.wrapping_sub(1)), limits.get(band)) {
            (None, Some(to)) => format!("below {to}"),
            (Some(from), Some(to)) => format!("{from} to {to}"),
            (Some(from), None) => format!("{from} or more"),
            (None, None) => "any".to_owned(),
        }
    }
}

/// Which values go with a better or worse outcome: the mean of a number over subjects, such as the sentiment of calls.
///
/// A subject is all events with the same value of a field, and of the tenant, if there are tenants. Its outcome is the
/// mean of a number over those of its events that satisfy the filters; subjects without one do not count. It has a
/// value of a factor if any of its events in the period has.
///
/// The answer has a row for each value of each factor: how many subjects have it, their share, the mean outcome of
/// those with and without it, the difference, the bounds of the difference with a probability of 95 % (Welch's
/// interval, if there are five subjects or more with the value and without), and the effect, which is share times
/// difference: what the value adds to the mean of all, if nothing else differs. The largest effect of either sign is
/// first.
///
/// ```
/// use voc_events::{Family as _, Timestamp, voc::Voc};
/// use voc_store::{Condition, Drivers, Factor, Filter, Period, TenantScope, Value};
///
/// let period = Period { since: Timestamp::from_millis(0), until: Timestamp::from_millis(86_400_000) };
/// let call = Condition::Is(vec![Value::Text("call".to_owned())]);
/// let drivers = Drivers::new(Voc::TABLE, TenantScope::All, period, "call_id", "sentiment")?
///     .filter(Filter::parse(&Voc::TABLE, "event_type", call)?)
///     .factor(Factor::of_values(&Voc::TABLE, "topic")?)?
///     .min_support(30);
/// assert_eq!(drivers.columns().next().map(|(name, _)| name), Some("factor"));
/// # Ok::<(), voc_store::QueryError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Drivers {
    table: Table,
    tenants: TenantScope,
    period: Period,
    filters: Vec<Filter>,
    subject: Field,
    outcome: Field,
    factors: Vec<Factor>,
    min_support: i64,
    limit: usize,
}

/// Outcomes of some subjects.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Outcomes {
    pub(crate) count: i64,
    pub(crate) sum: f64,
    pub(crate) squares: f64,
}

/// The outcomes of the subjects that have a value of a factor, which is known by its number.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OutcomesOfValue {
    pub(crate) factor: usize,
    pub(crate) value: String,
    pub(crate) outcomes: Outcomes,
}

impl Drivers {
    /// A question about the subjects of a period, without factors and filters.
    ///
    /// # Errors
    /// [`QueryError`] if there are no such fields, or if the outcome is no number.
    pub fn new(
        table: Table,
        tenants: TenantScope,
        period: Period,
        subject: &str,
        outcome: &str,
    ) -> Result<Self, QueryError> {
        Ok(Self {
            table,
            tenants,
            period,
            filters: Vec::new(),
            subject: Field::single(&table, subject)?,
            outcome: number(&table, outcome)?,
            factors: Vec::new(),
            min_support: 1,
            limit: MAX_VALUES,
        })
    }

    /// Adds a filter of the events whose outcome counts; all of them must hold.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filters.push(filter);
        self
    }

    /// Adds a factor.
    ///
    /// # Errors
    /// [`QueryError::Factors`] if there are too many.
    pub fn factor(mut self, factor: Factor) -> Result<Self, QueryError> {
        if self.factors.len() == MAX_FACTORS {
            return Err(QueryError::Factors { max: MAX_FACTORS });
        }
        self.factors.push(factor);
        Ok(self)
    }

    /// Leaves out values that fewer subjects have.
    #[must_use]
    pub fn min_support(mut self, subjects: u32) -> Self {
        self.min_support = subjects.into();
        self
    }

    /// Limits the number of rows.
    #[must_use]
    pub fn limit(mut self, rows: usize) -> Self {
        self.limit = rows;
        self
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

    pub(crate) fn subject(&self) -> &Field {
        &self.subject
    }

    pub(crate) fn outcome(&self) -> &Field {
        &self.outcome
    }

    pub(crate) fn factors(&self) -> &[Factor] {
        &self.factors
    }

    /// The fewest subjects that a value of the answer has.
    pub(crate) fn least_support(&self) -> i64 {
        self.min_support
    }

    /// The greatest number of values to compare.
    pub(crate) fn max_values(&self) -> usize {
        MAX_VALUES
    }

    /// The answer, if these are the outcomes of all subjects, and of those with each value, the most frequent first.
    pub(crate) fn answer(&self, all: Outcomes, mut values: Vec<OutcomesOfValue>) -> Answer {
        let mut truncated = values.len() > MAX_VALUES;
        values.truncate(MAX_VALUES);
        let mut rows: Vec<Vec<Cell>> = values.iter().filter_map(|value| self.row(all, value)).collect();
        let effect = |row: &[Cell]| match row.last().and_then(Cell::float) {
            Some(effect) => Cell::Float(effect.abs()),
            None => Cell::Absent,
        };
        rows.sort_by(|one, other| {
            let by_effect = effect(one).compare(&effect(other), Direction::Descending);
            let by = |place: usize| one[place].compare(&other[place], Direction::Ascending);
            by_effect.then_with(|| by(0)).then_with(|| by(1))
        });
        truncated |= rows.len() > self.limit;
        rows.truncate(self.limit);
        Answer { rows, truncated }
    }

    fn row(&self, all: Outcomes, of_value: &OutcomesOfValue) -> Option<Vec<Cell>> {
        let factor = self.factors.get(of_value.factor)?;
        let with = of_value.outcomes;
        let without =
            Outcomes { count: all.count - with.count, sum: all.sum - with.sum, squares: all.squares - with.squares };
        let float = |number: Option<f64>| number.map_or(Cell::Absent, Cell::Float);
        let share = with.size() / all.size();
        let difference = with.mean().zip(without.mean()).map(|(with, without)| with - without);
        let margin = with.margin(without);
        let bound = |side: f64| float(difference.zip(margin).map(|(difference, margin)| difference + side * margin));
        Some(vec![
            Cell::Text(factor.name.clone()),
            Cell::Text(factor.value(&of_value.value)),
            Cell::Integer(with.count),
            Cell::Float(share),
            float(with.mean()),
            float(without.mean()),
            float(difference),
            bound(-1.0),
            bound(1.0),
            float(difference.map(|difference| share * difference)),
        ])
    }
}

impl Outcomes {
    pub(crate) fn add(&mut self, outcome: f64) {
        self.count += 1;
        self.sum += outcome;
        self.squares += outcome * outcome;
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers of subjects are smaller than 2^52")]
    fn size(self) -> f64 {
        self.count as f64
    }

    fn mean(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.size())
    }

    /// The square of the mean's standard error.
    fn error(self) -> f64 {
        let n = self.size();
        ((self.squares - self.sum * self.sum / n) / (n - 1.0)).max(0.0) / n
    }

    /// Half of Welch's interval of the difference of two means, with a probability of 95 %.
    fn margin(self, other: Self) -> Option<f64> {
        if self.count.min(other.count) < LEAST_OF_INTERVAL {
            return None;
        }
        let (one, two) = (self.error(), other.error());
        let errors = one * one / (self.size() - 1.0) + two * two / (other.size() - 1.0);
        if errors <= 0.0 {
            return Some(0.0);
        }
        Some(quantile_of_t((one + two) * (one + two) / errors) * (one + two).sqrt())
    }
}

/// The 97.5 % quantile of Student's distribution, by its expansion at the normal distribution's (Abramowitz and
/// Stegun, 26.7.5), which is exact to 0.04 % from four degrees of freedom on.
fn quantile_of_t(degrees: f64) -> f64 {
    const NORMAL: f64 = 1.959_963_984_540_054;
    const TERMS: [f64; 4] = [2.372_271_23, 2.822_498_62, 2.555_849_68, 1.589_534_05];
    let by_powers = TERMS.iter().rev().fold(0.0, |sum, term| (sum + term) / degrees);
    NORMAL + by_powers
}

/// The field of a number.
fn number(table: &Table, field: &str) -> Result<Field, QueryError> {
    match Metric::parse(table, &format!("{}_{field}", Function::Avg.name()))?.measure() {
        Measure::Of(_, field) => Ok(field.clone()),
        _ => Field::find(table, field),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (degrees, expected) in [(4.0, 2.776_445), (5.0, 2.570_582), (10.0, 2.228_139), (30.0, 2.042_272)] {
            let found = quantile_of_t(degrees);
            assert!((found - expected).abs() < 0.0004 * expected, "{degrees}: {found}");
        }
        assert!((quantile_of_t(1e9) - 1.959_964).abs() < 1e-6);
    }
}
