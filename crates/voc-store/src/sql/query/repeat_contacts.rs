//! Repeat contacts as a statement.

use super::{
    cells::{cells, unexpected},
    expression::{Params, all_of, last_of, value_of},
    latest::{latest_rows, tenant_and},
    reading::{Manner, Scope},
};
use crate::{Answer, CellKind, Param, RepeatContacts, StoreError, query::Returns, sql::time::millis_of};

/// A statement whose rows are groups: the group's value, if there are groups, then what is counted.
///
/// `None` if the period is empty for the store.
pub(super) fn statement(question: &RepeatContacts, manner: Manner<'_>) -> Option<(String, Vec<Param>)> {
    let mut params = Params::default();
    let table = question.table();
    let tenant = tenant_and(table);
    let contact = value_of(table, question.contact(), &mut params);
    let customer = last_of(&value_of(table, question.customer(), &mut params), table);
    let group = question.group().map(|field| last_of(&value_of(table, field, &mut params), table));
    let group_column = if group.is_some() { "q_group, " } else { "" };
    let group = group.map(|group| format!("{group} AS q_group, ")).unwrap_or_default();
    let counts = all_of(table, question.filters(), &mut params);
    let counts = counts.map_or("true".to_owned(), |condition| format!("countIf({condition}) > 0"));
    let is_contact = [format!("isNotNull({contact})")];
    let scope = Scope { table, tenants: question.tenants(), period: question.period_read() };
    let source = latest_rows(scope, manner, question.of_contacts(), &is_contact, &mut params)?;
    // Contacts that began earlier are the next ones of none that counts.
    let since = params.bind("Int64", question.period().since.as_millis());
    let contacts = format!(
        "SELECT {tenant}{contact} AS q_contact, min({}) AS q_start, {customer} AS q_customer, {group}\
         {counts} AS q_counts {source} GROUP BY {tenant}q_contact HAVING isNotNull(q_customer) AND q_start >= {since}",
        millis_of(table, table.time.name),
    );
    let following = format!(
        "SELECT {tenant}q_customer, {group_column}q_start, q_counts, min(toNullable(q_start)) OVER (PARTITION BY \
         {tenant}q_customer ORDER BY q_start, q_contact ROWS BETWEEN 1 FOLLOWING AND 1 FOLLOWING) AS q_next \
         FROM ({contacts})"
    );
    let within = params.bind("Int64", question.within());
    let until = params.bind("Int64", question.period().until.as_millis());
    let last_closed = params.bind("Int64", question.last_closed());
    let customers = format!(
        "SELECT {group_column}count() AS q_contacts, countIf(q_repeated) AS q_repeats, \
         countIf(NOT q_repeated AND q_start > {last_closed}) AS q_open, \
         groupArrayIf(assumeNotNull(q_next - q_start), q_repeated) AS q_times FROM \
         (SELECT *, ifNull(q_next - q_start <= {within}, false) AS q_repeated FROM ({following}) \
         WHERE q_counts AND q_start < {until}) GROUP BY {group_column}{tenant}q_customer"
    );
    let counted = "sum(q_contacts) AS q_all, sum(q_repeats), sum(q_open), count(), countIf(q_repeats > 0), \
        countIf(q_repeats = 0 AND q_open > 0), quantileExactInclusiveArray(0.5)(q_times)";
    let grouping =
        if group_column.is_empty() { "" } else { " GROUP BY q_group ORDER BY q_all DESC, q_group ASC NULLS LAST" };
    let settings = manner.settings();
    let sql = format!(
        "SELECT formatRowNoNewline('JSONCompactEachRow', {group_column}{counted}) FROM ({customers}){grouping} \
         LIMIT {} {settings}",
        question.max_groups().saturating_add(1),
    );
    Some((sql, params.0))
}

/// The answer of the statement's rows.
pub(super) fn answer(question: &RepeatContacts, rows: Vec<Vec<serde_json::Value>>) -> Result<Answer, StoreError> {
    let kind = question.group().and_then(|_| question.columns().next().map(|(_, kind)| kind));
    let groups = rows.into_iter().map(|row| group(row, kind)).collect::<Result<Vec<_>, _>>()?;
    Ok(question.answer(groups))
}

fn group(
    mut row: Vec<serde_json::Value>,
    kind: Option<CellKind>,
) -> Result<(Option<crate::Cell>, Returns), StoreError> {
    let counted = row.split_off(usize::from(kind.is_some()).min(row.len()));
    let group = kind.map(|kind| cells(row, &[kind])).transpose()?.and_then(|mut cells| cells.pop());
    let [contacts, repeated, open, customers, returning, open_customers, median] = counted.as_slice() else {
        return Err(unexpected());
    };
    let count = |value: &serde_json::Value| value.as_i64().ok_or_else(unexpected);
    let returns = Returns {
        contacts: count(contacts)?,
        repeated: count(repeated)?,
        open: count(open)?,
        customers: count(customers)?,
        returning_customers: count(returning)?,
        open_customers: count(open_customers)?,
        median: median.as_f64(),
    };
    Ok((group, returns))
}

/// The answer if there are no events.
pub(super) fn answer_of_none(question: &RepeatContacts) -> Answer {
    question.answer(Vec::new())
}
