//! Fields, filters, metrics and buckets as expressions.

use voc_events::{ColumnKind, Table};

use crate::{
    Buckets, Cell, Condition, Direction, Field, FieldKind, Filter, Function, Granularity, Measure, Metric, Param,
    Period, Query, QueryError, Value, query::MILLIS_PER_MINUTE, revision::MILLIS_PER_HOUR, sql::time::millis_of,
};

/// The parameters of a statement.
#[derive(Default)]
pub(super) struct Params(pub(super) Vec<Param>);

impl Params {
    /// Binds a value; the placeholder is to be put into the statement.
    pub(super) fn bind(&mut self, kind: &str, value: impl std::fmt::Display) -> String {
        let name = format!("p{}", self.0.len());
        let placeholder = format!("{{{name}:{kind}}}");
        self.0.push(Param::new(name, value));
        placeholder
    }
}

/// A field's value, NULL if it is absent.
pub(super) fn value_of(table: &Table, field: &Field, params: &mut Params) -> String {
    let column = field.column();
    if let Some(names) = field.member() {
        return member(field, names, params);
    }
    match (field.column_kind(), field.key()) {
        (ColumnKind::Str, _) => format!("nullIf(toString({column}), '')"),
        (ColumnKind::Uuid, _) => format!("toString({column})"),
        (ColumnKind::OptF32, _) => format!("toFloat64({column})"),
        (ColumnKind::OptTimestamp, _) => format!("toUnixTimestamp64Milli({column})"),
        (ColumnKind::StrMap, Some(key)) => format!("nullIf({column}[{}], '')", params.bind("String", key)),
        (ColumnKind::F64Map, Some(key)) => {
            let key = params.bind("String", key);
            format!("if(mapContains({column}, {key}), toNullable({column}[{key}]), NULL)")
        }
        _ if field.kind() == FieldKind::Time => millis_of(table, column),
        _ => column.to_owned(),
    }
}

/// A member of an object as JSON: a number, or a text, which a number or a boolean is, too.
fn member<'n>(field: &Field, names: impl Iterator<Item = &'n str>, params: &mut Params) -> String {
    let names: Vec<String> = names.map(|name| params.bind("String", name)).collect();
    let place = format!("{}, {}", field.column(), names.join(", "));
    let json = format!("JSONExtractRaw({place})");
    if field.kind() == FieldKind::Float {
        return format!("toFloat64OrNull({json})");
    }
    let text = format!("if(startsWith({json}, '\"'), JSONExtractString({place}), {json})");
    format!("if({json} = 'null' OR match({json}, '^[{{[]'), NULL, nullIf({text}, ''))")
}

/// A field's values as a list, NULL where one is absent: one value, unless the field has a list.
pub(super) fn values_of(table: &Table, field: &Field, params: &mut Params) -> String {
    let column = field.column();
    match field.kind() {
        FieldKind::TextList => format!(
            "arrayJoin(if(notEmpty({column}), arrayMap(element -> nullIf(element, ''), arrayDistinct({column})), [NULL]))"
        ),
        _ => value_of(table, field, params),
    }
}

/// A filter's condition, which may be NULL where it does not hold.
pub(super) fn condition(table: &Table, filter: &Filter, params: &mut Params) -> String {
    let field = filter.field();
    // A bare column, where it serves, can use the table's indexes.
    let operand = match field.kind() {
        FieldKind::Time => value_of(table, field, params),
        _ if field.key().is_some() => value_of(table, field, params),
        _ => field.column().to_owned(),
    };
    let mut compare = |operator: &str, value: &Value| format!("{operand} {operator} {}", literal(field, value, params));
    match filter.condition() {
        Condition::Is(values) => one_of(field, &operand, values, params),
        Condition::IsNot(values) => format!("NOT ifNull({}, false)", one_of(field, &operand, values, params)),
        Condition::Contains(texts) => contains(&operand, texts, params),
        Condition::ContainsNot(texts) => format!("NOT ifNull({}, false)", contains(&operand, texts, params)),
        Condition::Less(value) => compare("<", value),
        Condition::AtMost(value) => compare("<=", value),
        Condition::More(value) => compare(">", value),
        Condition::AtLeast(value) => compare(">=", value),
        Condition::Present => is_present(field, &operand),
        Condition::Absent => format!("NOT {}", is_present(field, &operand)),
    }
}

fn is_present(field: &Field, operand: &str) -> String {
    match (field.column_kind(), field.key()) {
        (_, Some(_)) => format!("isNotNull({operand})"),
        (ColumnKind::Str, _) => format!("({operand} != '')"),
        (
            ColumnKind::StrList
            | ColumnKind::F32List
            | ColumnKind::OptF32List
            | ColumnKind::StrMap
            | ColumnKind::F64Map,
            _,
        ) => format!("notEmpty({operand})"),
        (kind, _) if kind.is_optional() => format!("isNotNull({operand})"),
        _ => "true".to_owned(),
    }
}

fn one_of(field: &Field, operand: &str, values: &[Value], params: &mut Params) -> String {
    let literals: Vec<String> = values.iter().map(|value| literal(field, value, params)).collect();
    if field.kind() == FieldKind::TextList {
        return format!("hasAny({operand}, [{}])", literals.join(", "));
    }
    match literals.as_slice() {
        [one] => format!("{operand} = {one}"),
        several => format!("{operand} IN ({})", several.join(", ")),
    }
}

fn contains(operand: &str, texts: &[String], params: &mut Params) -> String {
    let alternatives: Vec<String> =
        texts.iter().map(|text| format!("position({operand}, {}) > 0", params.bind("String", text))).collect();
    format!("({})", alternatives.join(" OR "))
}

fn literal(field: &Field, value: &Value, params: &mut Params) -> String {
    match value {
        // The column has the nearest of fewer numbers: -0.3 must find what was stored as -0.3.
        Value::Float(number) if field.column_kind() == ColumnKind::OptF32 => {
            format!("toFloat32({})", params.bind("Float64", number))
        }
        Value::Text(text) => params.bind("String", text),
        Value::Id(id) => params.bind("UUID", id),
        Value::Integer(number) => params.bind("Int64", number),
        Value::Float(number) => params.bind("Float64", number),
        Value::Boolean(flag) => flag.to_string(),
        Value::Time(time) => params.bind("Int64", time.as_millis()),
    }
}

/// All of the conditions; `None` if there are none.
pub(super) fn all_of(table: &Table, filters: &[Filter], params: &mut Params) -> Option<String> {
    let conditions: Vec<String> =
        filters.iter().map(|filter| format!("({})", condition(table, filter, params))).collect();
    (!conditions.is_empty()).then(|| conditions.join(" AND "))
}

/// A metric of a query's rows.
pub(super) fn metric_of_rows(query: &Query, metric: &Metric, params: &mut Params) -> String {
    let table = query.table();
    let condition = all_of(table, metric.filters(), params);
    // Aggregate functions leave out NULL, and are NULL of nothing else.
    let value = |value: String| match &condition {
        Some(condition) => format!("if({condition}, toNullable({value}), NULL)"),
        None => format!("toNullable({value})"),
    };
    match metric.measure() {
        Measure::Events => match &condition {
            Some(condition) => format!("countIf({condition})"),
            None => "count()".to_owned(),
        },
        Measure::FirstEvent => format!("min({})", value(millis_of(table, table.time.name))),
        Measure::LastEvent => format!("max({})", value(millis_of(table, table.time.name))),
        Measure::Of(function, field) => {
            if *function == Function::Count && field.kind() == FieldKind::TextList {
                return format!("toInt64(ifNull(sum({}), 0))", value(format!("length({})", field.column())));
            }
            let value = value(value_of(table, field, params));
            match function {
                Function::Count => format!("count({value})"),
                Function::Unique => match query.tenant_of(metric) {
                    Some(tenant) => format!("uniqExact({tenant}, {value})"),
                    None => format!("uniqExact({value})"),
                },
                // The engine's sums of 64 bits wrap around, also that of a mean.
                Function::Sum if field.kind() == FieldKind::Integer => {
                    within_64_bits(&format!("sum(toInt128({value}))"))
                }
                Function::Avg if field.kind() == FieldKind::Integer => format!("avg(toFloat64({value}))"),
                Function::Sum => format!("sum({value})"),
                Function::Avg => format!("avg({value})"),
                Function::Min => format!("min({value})"),
                Function::Max => format!("max({value})"),
                Function::Stddev => format!("if(count({value}) > 1, stddevSampStable({value}), NULL)"),
                Function::Share => format!("avg(toUInt8({value}))"),
                Function::First => outermost("argMin", &value, table),
                Function::Last => outermost("argMax", &value, table),
                Function::P10 | Function::P50 | Function::P75 | Function::P90 | Function::P95 | Function::P99 => {
                    format!("quantileExactInclusive({})({value})", function.quantile().unwrap_or_default())
                }
            }
        }
    }
}

/// A larger whole number as the nearest one of 64 bits.
fn within_64_bits(number: &str) -> String {
    let (least, most) = (i64::MIN, i64::MAX);
    format!("multiIf({number} > {most}, toInt64({most}), {number} < {least}, toInt64({least}), toInt64({number}))")
}

/// The value of the latest row that has one.
pub(super) fn last_of(value: &str, table: &Table) -> String {
    outermost("argMax", &format!("toNullable({value})"), table)
}

/// The value at one end of time. Of several at the same time it is that end's, so that it is always the same one.
fn outermost(function: &str, value: &str, table: &Table) -> String {
    let time = table.time.name;
    format!("{function}OrNullIf(assumeNotNull({value}), ({time}, assumeNotNull({value})), isNotNull({value}))")
}

/// The order of a group after a place; the columns are those of the answer.
pub(super) fn after(order: &[(usize, Direction)], place: &[Cell], params: &mut Params) -> String {
    let literals: Vec<String> = place.iter().map(|cell| cell_literal(cell, params)).collect();
    let mut alternatives = Vec::new();
    for (last, (column, direction)) in order.iter().enumerate() {
        // Absent values are last, and nothing is after them.
        if place[last] == Cell::Absent {
            continue;
        }
        let equal = order[..last].iter().enumerate().map(|(earlier, (column, _))| match &place[earlier] {
            Cell::Absent => format!("isNull(c{column})"),
            _ => format!("ifNull(c{column} = {}, false)", literals[earlier]),
        });
        let operator = if *direction == Direction::Ascending { ">" } else { "<" };
        let beyond = format!("(isNull(c{column}) OR c{column} {operator} {})", literals[last]);
        alternatives.push(equal.chain([beyond]).collect::<Vec<_>>().join(" AND "));
    }
    if alternatives.is_empty() { "false".to_owned() } else { format!("({})", alternatives.join(") OR (")) }
}

fn cell_literal(cell: &Cell, params: &mut Params) -> String {
    match cell {
        // Answers are in the order of neither lists nor JSON, so a place has none.
        Cell::Absent | Cell::Texts(_) | Cell::Json(_) => "NULL".to_owned(),
        Cell::Text(text) => params.bind("String", text),
        Cell::Integer(number) => params.bind("Int64", number),
        Cell::Float(number) => params.bind("Float64", number),
        Cell::Boolean(flag) => flag.to_string(),
        Cell::Time(time) => params.bind("Int64", time.as_millis()),
    }
}

/// The start of the bucket of an instant, both in UTC milliseconds. Only this program knows time zones, because the
/// engine's database may be of another version.
///
/// # Errors
/// [`QueryError::Buckets`] if there are too many.
pub(super) fn bucket(
    buckets: &Buckets,
    period: Period,
    instant: &str,
    params: &mut Params,
) -> Result<String, QueryError> {
    let unit = match buckets.granularity() {
        Granularity::Minute => Some(MILLIS_PER_MINUTE),
        Granularity::Hour => Some(MILLIS_PER_HOUR),
        Granularity::Day | Granularity::Week | Granularity::Month => None,
    };
    let starts = buckets.starts(period)?;
    Ok(match unit.filter(|unit| buckets.are_multiples_of(*unit, period)) {
        Some(unit) => format!("intDiv({instant}, {unit}) * {unit}"),
        None => {
            // A parameter is part of a statement, whose length servers limit, so the starts are written shortly: in
            // seconds after the first one. No time zone has offsets of fractions of a second.
            let first = starts.first().map_or(0, |start| start.as_millis());
            let starts: Vec<String> =
                starts.iter().map(|start| ((start.as_millis() - first) / 1000).to_string()).collect();
            let starts = params.bind("Array(Int64)", format!("[{}]", starts.join(",")));
            format!("roundDown(intDiv({instant} - {first}, 1000), {starts}) * 1000 + {first}")
        }
    })
}
