//! Fields, filters, metrics and buckets as expressions.

use voc_events::{ColumnKind, Table};

use crate::{
    Buckets, Condition, Field, FieldKind, Filter, Function, Granularity, Measure, Metric, Param, Value, WeekStart,
    sql::time::millis_of,
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
pub(super) fn value_of(table: &Table, field: &Field) -> String {
    let column = field.column();
    match field.column_kind() {
        ColumnKind::Str => format!("nullIf(toString({column}), '')"),
        ColumnKind::Uuid => format!("toString({column})"),
        ColumnKind::OptF32 => format!("toFloat64({column})"),
        ColumnKind::OptTimestamp => format!("toUnixTimestamp64Milli({column})"),
        _ if field.kind() == FieldKind::Time => millis_of(table, column),
        _ => column.to_owned(),
    }
}

/// A filter's condition, which may be NULL where it does not hold.
pub(super) fn condition(table: &Table, filter: &Filter, params: &mut Params) -> String {
    let field = filter.field();
    let column = field.column();
    let operand = match field.kind() {
        FieldKind::Time => value_of(table, field),
        _ => column.to_owned(),
    };
    let mut compare = |operator: &str, value: &Value| format!("{operand} {operator} {}", literal(value, params));
    match filter.condition() {
        Condition::Is(values) => one_of(field, &operand, values, params),
        Condition::IsNot(values) => format!("NOT ifNull({}, false)", one_of(field, &operand, values, params)),
        Condition::Contains(texts) => contains(column, texts, params),
        Condition::ContainsNot(texts) => format!("NOT ifNull({}, false)", contains(column, texts, params)),
        Condition::Less(value) => compare("<", value),
        Condition::AtMost(value) => compare("<=", value),
        Condition::More(value) => compare(">", value),
        Condition::AtLeast(value) => compare(">=", value),
        Condition::Present => is_present(field),
        Condition::Absent => format!("NOT {}", is_present(field)),
    }
}

fn is_present(field: &Field) -> String {
    let column = field.column();
    match field.column_kind() {
        ColumnKind::Str => format!("({column} != '')"),
        ColumnKind::StrList => format!("notEmpty({column})"),
        kind if kind.is_optional() => format!("isNotNull({column})"),
        _ => "true".to_owned(),
    }
}

fn one_of(field: &Field, operand: &str, values: &[Value], params: &mut Params) -> String {
    let literals: Vec<String> = values.iter().map(|value| literal(value, params)).collect();
    if field.kind() == FieldKind::TextList {
        return format!("hasAny({operand}, [{}])", literals.join(", "));
    }
    match literals.as_slice() {
        [one] => format!("{operand} = {one}"),
        several => format!("{operand} IN ({})", several.join(", ")),
    }
}

fn contains(column: &str, texts: &[String], params: &mut Params) -> String {
    let alternatives: Vec<String> =
        texts.iter().map(|text| format!("position({column}, {}) > 0", params.bind("String", text))).collect();
    format!("({})", alternatives.join(" OR "))
}

fn literal(value: &Value, params: &mut Params) -> String {
    match value {
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

/// A metric of rows.
pub(super) fn metric_of_rows(table: &Table, metric: &Metric, params: &mut Params) -> String {
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
            let value = value(value_of(table, field));
            match function {
                Function::Count => format!("count({value})"),
                Function::Unique => format!("uniqExact({value})"),
                Function::Sum => format!("sum({value})"),
                Function::Avg => format!("avg({value})"),
                Function::Min => format!("min({value})"),
                Function::Max => format!("max({value})"),
                Function::Stddev => format!("stddevSampStable({value})"),
                Function::Share => format!("avg(toUInt8({value}))"),
                Function::P50 | Function::P75 | Function::P90 | Function::P95 | Function::P99 => {
                    format!("quantileExactInclusive({})({value})", function.quantile().unwrap_or_default())
                }
            }
        }
    }
}

/// The bucket of an instant: a date in the time zone, or UTC milliseconds.
pub(super) fn bucket(buckets: &Buckets, instant: &str, params: &mut Params) -> String {
    let zone = params.bind("String", buckets.zone());
    let of_clock = |function: &str| format!("toInt64(toUnixTimestamp({function}({instant}, {zone}))) * 1000");
    match (buckets.granularity(), buckets.week_start()) {
        (Granularity::Minute, _) => of_clock("toStartOfMinute"),
        (Granularity::Hour, _) => of_clock("toStartOfHour"),
        (Granularity::Day, _) => format!("toString(toDate({instant}, {zone}))"),
        (Granularity::Week, WeekStart::Monday) => format!("toString(toStartOfWeek({instant}, 1, {zone}))"),
        (Granularity::Week, WeekStart::Sunday) => format!("toString(toStartOfWeek({instant}, 0, {zone}))"),
        (Granularity::Month, _) => format!("toString(toStartOfMonth({instant}, {zone}))"),
    }
}
