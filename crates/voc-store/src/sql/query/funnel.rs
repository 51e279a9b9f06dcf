//! A funnel as a statement.

use super::{
    cells::unexpected,
    expression::{Params, all_of, value_of},
    latest::{latest_rows, tenant_and},
    reading::{Manner, Scope},
};
use crate::{Answer, Funnel, Param, StoreError, query::Reached, sql::time::millis_of};

/// A statement with one row: of each step, how many actors reach it, and the median of their times.
///
/// For each event of a step, `q_s…` is the latest start of a chain of events that ends with it: the first step's own
/// time, or the latest start of a chain of the step before that has ended earlier. A later start is never worse, so
/// the shortest chain to each step is among these.
///
/// `None` if the period is empty for the store.
pub(super) fn statement(funnel: &Funnel, manner: Manner<'_>) -> Option<(String, Vec<Param>)> {
    let mut params = Params::default();
    let table = funnel.table();
    let tenant = tenant_and(table);
    let of_step = |filters| all_of(table, filters, &mut params);
    let steps: Vec<String> = funnel
        .steps()
        .map(of_step)
        .map(|condition| condition.map_or("true".to_owned(), |condition| format!("ifNull({condition}, false)")))
        .collect();
    let actor = value_of(table, funnel.actor(), &mut params);
    let others = [format!("isNotNull({actor})"), steps.join(" OR ")];
    let scope = Scope { table, tenants: funnel.tenants(), period: funnel.period() };
    let source = latest_rows(scope, manner, funnel.filters(), &others, &mut params)?;
    let is_step: String = steps.iter().enumerate().map(|(step, is)| format!("{is} AS q_is{step}, ")).collect();
    let time = millis_of(table, table.time.name);
    let mut rows = format!(
        "SELECT {tenant}{actor} AS q_actor, {time} AS q_at, {is_step}if(q_is0, toNullable(q_at), NULL) AS q_s0 {source}"
    );
    let within = params.bind("Int64", funnel.within());
    for (step, before) in (1..steps.len()).zip(0..) {
        rows = format!(
            "SELECT *, if(q_is{step} AND q_at - q_start{step} <= {within}, q_start{step}, NULL) AS q_s{step} FROM \
             (SELECT *, max(q_s{before}) OVER (PARTITION BY {tenant}q_actor ORDER BY q_at \
             RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS q_start{step} FROM ({rows}))"
        );
    }
    let each = |text: &dyn Fn(usize) -> String| (0..steps.len()).map(text).collect::<Vec<_>>().join(", ");
    let times = each(&|step| format!("min(q_at - q_s{step}) AS q_time{step}"));
    let reached = each(&|step| format!("count(q_time{step}), quantileExactInclusive(0.5)(q_time{step})"));
    let settings = manner.settings();
    let sql = format!(
        "SELECT formatRowNoNewline('JSONCompactEachRow', {reached}) FROM \
         (SELECT {times} FROM ({rows}) GROUP BY {tenant}q_actor) {settings}"
    );
    Some((sql, params.0))
}

/// The answer of the statement's row.
pub(super) fn answer(funnel: &Funnel, rows: &[Vec<serde_json::Value>]) -> Result<Answer, StoreError> {
    let steps = funnel.steps().len();
    let row = rows.first().filter(|row| row.len() == 2 * steps).ok_or_else(unexpected)?;
    let reached = |step: &[serde_json::Value]| {
        let [actors, median] = step else { return None };
        Some(Reached { actors: actors.as_i64()?, median: median.as_f64() })
    };
    let reached: Option<Vec<Reached>> = row.chunks(2).map(reached).collect();
    Ok(funnel.answer(&reached.ok_or_else(unexpected)?))
}

/// The answer if there are no events.
pub(super) fn answer_of_none(funnel: &Funnel) -> Answer {
    funnel.answer(&vec![Reached { actors: 0, median: None }; funnel.steps().len()])
}
