//! Drivers as a statement.

use super::{
    cells::unexpected,
    expression::{Params, all_of, value_of},
    latest::{latest_rows, tenant_and},
    reading::{Manner, Scope},
};
use crate::{
    Answer, Drivers, Factor, Param, StoreError,
    query::{Outcomes, OutcomesOfValue},
};

/// The number that stands for all subjects in the place of a factor's.
const ALL: i64 = -1;

/// A statement whose rows are the number of a factor, a value, and the number, the sum and the sum of squares of the
/// outcomes of the subjects that have it. The first row is that of all subjects, the others are the most frequent
/// ones.
///
/// `None` if the period is empty for the store.
pub(super) fn statement(drivers: &Drivers, manner: Manner<'_>) -> Option<(String, Vec<Param>)> {
    let mut params = Params::default();
    let table = drivers.table();
    let tenant = tenant_and(table);
    let subject = value_of(table, drivers.subject(), &mut params);
    let outcome = value_of(table, drivers.outcome(), &mut params);
    let counts = all_of(table, drivers.filters(), &mut params).unwrap_or_else(|| "true".to_owned());
    let values = drivers.factors().iter().map(|factor| values_of(drivers, factor, &mut params));
    let values: Vec<String> =
        values.enumerate().map(|(place, values)| format!(", {values} AS q_values{place}")).collect();
    let scope = Scope { table, tenants: drivers.tenants(), period: drivers.period() };
    let is_subject = [format!("isNotNull({subject})")];
    let source = latest_rows(scope, manner, &[], &is_subject, &mut params)?;
    let subjects = format!(
        "SELECT avg(if({counts}, toNullable(toFloat64({outcome})), NULL)) AS q_outcome{} {source} \
         GROUP BY {tenant}{subject} HAVING isNotNull(q_outcome)",
        values.concat()
    );
    let pairs = (0..drivers.factors().len())
        .map(|place| format!("arrayMap(value -> (toInt64({place}), value), q_values{place})"));
    let pairs: Vec<String> = std::iter::once(format!("[(toInt64({ALL}), '')]")).chain(pairs).collect();
    let least = params.bind("Int64", drivers.least_support());
    let settings = manner.settings();
    let sql = format!(
        "SELECT formatRowNoNewline('JSONCompactEachRow', q_factor, q_value, q_count, q_sum, q_squares) FROM \
         (SELECT q_pair.1 AS q_factor, q_pair.2 AS q_value, count() AS q_count, sum(q_outcome) AS q_sum, \
         sum(q_outcome * q_outcome) AS q_squares FROM \
         (SELECT assumeNotNull(q_outcome) AS q_outcome, arrayJoin(arrayConcat({})) AS q_pair FROM ({subjects})) \
         GROUP BY q_factor, q_value HAVING q_factor = {ALL} OR q_count >= {least}) \
         ORDER BY q_factor = {ALL} DESC, q_count DESC, q_factor, q_value LIMIT {} {settings}",
        pairs.join(", "),
        // One more than the greatest number, which says that there are more, and the row of all subjects.
        drivers.max_values().saturating_add(2),
    );
    Some((sql, params.0))
}

/// A subject's values of a factor, each once, as texts.
fn values_of(drivers: &Drivers, factor: &Factor, params: &mut Params) -> String {
    let value = value_of(drivers.table(), factor.field(), params);
    match factor.bands() {
        None => format!("groupUniqArrayIf(toString(assumeNotNull({value})), isNotNull({value}))"),
        Some(limits) => {
            let limits: Vec<String> = limits.iter().map(f64::to_string).collect();
            let limits = params.bind("Array(Float64)", format!("[{}]", limits.join(",")));
            let mean = format!("avg(toNullable(toFloat64({value})))");
            let band = format!("toString(arrayCount(limit -> limit <= assumeNotNull({mean}), {limits}))");
            format!("if(isNull({mean}), CAST([], 'Array(String)'), [{band}])")
        }
    }
}

/// The answer of the statement's rows.
pub(super) fn answer(drivers: &Drivers, rows: Vec<Vec<serde_json::Value>>) -> Result<Answer, StoreError> {
    let mut all = Outcomes::default();
    let mut values = Vec::new();
    for row in rows {
        let [factor, value, count, sum, squares] = row.as_slice() else { return Err(unexpected()) };
        let outcomes = || Some(Outcomes { count: count.as_i64()?, sum: sum.as_f64()?, squares: squares.as_f64()? });
        let (Some(factor), Some(outcomes)) = (factor.as_i64(), outcomes()) else { return Err(unexpected()) };
        match usize::try_from(factor) {
            Err(_) => all = outcomes,
            Ok(factor) => {
                let value = value.as_str().ok_or_else(unexpected)?.to_owned();
                values.push(OutcomesOfValue { factor, value, outcomes });
            }
        }
    }
    Ok(drivers.answer(all, values))
}

/// The answer if there are no events.
pub(super) fn answer_of_none(drivers: &Drivers) -> Answer {
    drivers.answer(Outcomes::default(), Vec::new())
}
