//! The parts of a question in a body: metrics, dimensions, filters and order.

use serde_json::Value;
use voc_events::Table;
use voc_store::{
    Buckets, Condition, Dimension, Direction, Field, FieldKind, Filter, Granularity, Metric, QueryError,
    Value as Wanted, WeekStart,
};

use super::Range;
use crate::{
    invalid_parameter::{InvalidParameter, Location},
    parameters::{Parameters, instant},
};

/// The operators of filters that take values.
const OPERATORS: [&str; 8] = ["is", "is_not", "contains", "contains_not", "less", "at_most", "more", "at_least"];
/// The operators of filters that take none.
const BARE_OPERATORS: [&str; 2] = ["present", "absent"];
/// Bytes of the names of all columns.
const MAX_COLUMNS_BYTES: usize = 4096;
/// What the dimension of time begins with.
const TIME: &str = "time:";

/// Reads elements and collects their mistakes.
pub(super) struct Body<'p> {
    parameters: &'p mut Parameters,
    table: Table,
}

impl<'p> Body<'p> {
    pub(super) fn new(parameters: &'p mut Parameters, table: &Table) -> Self {
        Self { parameters, table: *table }
    }

    /// `"event_count"`, or `{"name": …, "metric": …, "filters": […]}`.
    pub(super) fn metrics(&mut self) -> Vec<Metric> {
        self.each("metrics", |body, element, location| match element {
            Value::String(name) => body.part(location, Metric::parse(&body.table, &name)),
            Value::Object(mut members) => {
                let mut text = |name: &str| match members.remove(name) {
                    Some(Value::String(text)) if !text.is_empty() => Some(text),
                    _ => None,
                };
                let (name, metric) = (text("name"), text("metric"));
                let filters = match members.remove("filters") {
                    Some(Value::Array(filters)) => filters,
                    None => Vec::new(),
                    Some(_) => {
                        body.wrong(location.member("filters"), "value is not a valid list", "type_error.list");
                        Vec::new()
                    }
                };
                for unknown in members.keys() {
                    let known = ["filters", "metric", "name"];
                    let mistake = InvalidParameter::unknown(location.member(unknown), "member", unknown, &known);
                    body.parameters.mistake(mistake);
                }
                let Some(metric) = metric else {
                    body.wrong(location.member("metric"), "field required", "value_error.missing");
                    return None;
                };
                let metric = body.part(location.member("metric"), Metric::parse(&body.table, &metric))?;
                let filters = filters.into_iter().enumerate();
                let filters = filters
                    .filter_map(|(place, filter)| body.filter(filter, location.member("filters").element(place)));
                let metric = metric.of(filters.collect());
                Some(match name {
                    Some(name) => metric.named(name),
                    None => metric,
                })
            }
            _ => {
                body.wrong(location, "value is neither the name of a metric nor an object", "type_error");
                None
            }
        })
    }

    /// Checks that each column has a name of its own, and that the names, which every row repeats, are short.
    pub(super) fn check_columns(&mut self, dimensions: &[Dimension], metrics: &[Metric]) {
        let names = || dimensions.iter().map(Dimension::name).chain(metrics.iter().map(Metric::name));
        let bytes: usize = names().map(str::len).sum();
        if bytes > MAX_COLUMNS_BYTES {
            let message = format!("the names of all columns have {bytes} bytes; at most are {MAX_COLUMNS_BYTES}");
            self.parameters.wrong("metrics", message, "value_error.any_str.max_length");
            return;
        }
        let mut sorted: Vec<&str> = names().collect();
        sorted.sort_unstable();
        let Some(name) = sorted.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0]) else { return };
        let (part, message) = if metrics.iter().any(|metric| metric.name() == name) {
            ("metrics", format!("two columns are named '{name}'; give the metric another name"))
        } else {
            ("dimensions", format!("'{name}' is named twice"))
        };
        self.parameters.wrong(part, message, "value_error.duplicate");
    }

    /// The names of fields, and `time:day`.
    pub(super) fn dimensions(&mut self, range: &Range, week_start: WeekStart) -> Vec<Dimension> {
        let mut has_time = false;
        self.each("dimensions", |body, element, location| {
            let Value::String(name) = element else {
                body.wrong(location, "value is not the name of a field", "type_error.str");
                return None;
            };
            let Some(granularity) = name.strip_prefix(TIME) else {
                return body.part(location, Dimension::parse(&body.table, &name));
            };
            if std::mem::replace(&mut has_time, true) {
                body.wrong(location, "time can be a dimension only once", "value_error.duplicate");
                return None;
            }
            let Some(granularity) = Granularity::ALL.into_iter().find(|known| known.name() == granularity) else {
                let permitted = Granularity::ALL.map(|granularity| format!("{TIME}{}", granularity.name()));
                let permitted: Vec<&str> = permitted.iter().map(String::as_str).collect();
                body.parameters.mistake(InvalidParameter::not_permitted(location, &name, &permitted));
                return None;
            };
            let buckets = body.part(location.clone(), Buckets::new(granularity, range.zone_name(), week_start))?;
            body.part(location, buckets.starts(range.period))?;
            Some(Dimension::Time(buckets))
        })
    }

    /// `["is", "topic", ["billing"]]`, `["at_least", "sentiment", -0.5]`, `["present", "agent_id"]`.
    pub(super) fn filters(&mut self) -> Vec<Filter> {
        self.each("filters", Self::filter)
    }

    /// `["event_count", "desc"]`.
    pub(super) fn order(&mut self) -> Option<(String, Direction)> {
        let orders = self.each("order_by", |body, element, location| {
            let direction = |word: &Value| match word.as_str() {
                Some("asc") => Some(Direction::Ascending),
                Some("desc") => Some(Direction::Descending),
                _ => None,
            };
            let order = match element.as_array().map(Vec::as_slice) {
                Some([Value::String(column), word]) => direction(word).map(|direction| (column.clone(), direction)),
                _ => None,
            };
            if order.is_none() {
                body.wrong(
                    location,
                    "value is not a column with 'asc' or 'desc', such as [\"event_count\", \"desc\"]",
                    "type_error",
                );
            }
            order
        });
        if orders.len() > 1 {
            self.parameters.wrong("order_by", "ensure this value has at most 1 items", "value_error.list.max_items");
        }
        orders.into_iter().next()
    }

    fn filter(&mut self, element: Value, location: Location) -> Option<Filter> {
        let Value::Array(parts) = element else {
            self.wrong(
                location,
                "value is not a filter, such as [\"is\", \"topic\", [\"billing\"]]",
                "type_error.list",
            );
            return None;
        };
        let mut parts = parts.into_iter();
        let (operator, field) = match (parts.next(), parts.next()) {
            (Some(Value::String(operator)), Some(Value::String(field))) => (operator, field),
            _ => {
                self.wrong(location, "a filter begins with an operator and the name of a field", "type_error");
                return None;
            }
        };
        let (value, more) = (parts.next(), parts.next().is_some());
        let known: Vec<&str> = OPERATORS.into_iter().chain(BARE_OPERATORS).collect();
        if !known.contains(&operator.as_str()) {
            self.parameters.mistake(InvalidParameter::not_permitted(location.element(0), &operator, &known));
            return None;
        }
        let takes_value = OPERATORS.contains(&operator.as_str());
        if more || value.is_some() != takes_value {
            let message =
                if takes_value { "this operator takes one value or list" } else { "this operator takes no value" };
            self.wrong(location, message, "value_error");
            return None;
        }
        let found = self.part(location.element(1), Field::find(&self.table, &field))?;
        let is_list = matches!(operator.as_str(), "is" | "is_not" | "contains" | "contains_not");
        let values = match value {
            None => Vec::new(),
            Some(Value::Array(values)) if is_list => values,
            Some(Value::Array(_)) => {
                self.wrong(location.element(2), "this operator takes one value", "type_error");
                return None;
            }
            Some(value) => vec![value],
        };
        let wanted = values.iter().enumerate().map(|(place, value)| match wanted(&found, value) {
            Some(wanted) => Some(wanted),
            None => {
                let message = format!("'{}' is {}, and cannot be compared with {value}", found.name(), found.kind());
                let at = location.element(2);
                self.wrong(if values.len() > 1 { at.element(place) } else { at }, message, "type_error");
                None
            }
        });
        let wanted = wanted.collect::<Vec<Option<Wanted>>>().into_iter().collect::<Option<Vec<Wanted>>>()?;
        let one = || wanted.first().cloned();
        let texts =
            || wanted.iter().map(|value| if let Wanted::Text(text) = value { text.clone() } else { value.to_string() });
        let condition = match operator.as_str() {
            "is" => Condition::Is(wanted),
            "is_not" => Condition::IsNot(wanted),
            "contains" => Condition::Contains(texts().collect()),
            "contains_not" => Condition::ContainsNot(texts().collect()),
            "less" => Condition::Less(one()?),
            "at_most" => Condition::AtMost(one()?),
            "more" => Condition::More(one()?),
            "at_least" => Condition::AtLeast(one()?),
            "present" => Condition::Present,
            _ => Condition::Absent,
        };
        self.part(location, Filter::parse(&self.table, &field, condition))
    }

    /// Reads each element of a list.
    fn each<T>(&mut self, name: &'static str, mut read: impl FnMut(&mut Self, Value, Location) -> Option<T>) -> Vec<T> {
        let elements = self.parameters.elements(name);
        let list = self.parameters.location(name);
        elements
            .into_iter()
            .enumerate()
            .filter_map(|(place, element)| read(self, element, list.element(place)))
            .collect()
    }

    fn part<T>(&mut self, location: Location, part: Result<T, QueryError>) -> Option<T> {
        part.map_err(|error| self.parameters.mistake(InvalidParameter::of_question(location, &error))).ok()
    }

    fn wrong(&mut self, location: Location, message: impl Into<String>, kind: &'static str) {
        self.parameters.mistake(InvalidParameter::new(location, message, kind));
    }
}

/// A JSON value as a value of a field's kind.
fn wanted(field: &Field, value: &Value) -> Option<Wanted> {
    Some(match (field.kind(), value) {
        (FieldKind::Text | FieldKind::TextList, Value::String(text)) => Wanted::Text(text.clone()),
        (FieldKind::Id, Value::String(text)) => Wanted::Id(text.parse().ok()?),
        (FieldKind::Boolean, Value::Bool(flag)) => Wanted::Boolean(*flag),
        (FieldKind::Time, Value::String(text)) => Wanted::Time(instant(text)?),
        (FieldKind::Integer | FieldKind::Float, Value::Number(number)) => match number.as_i64() {
            Some(number) => Wanted::Integer(number),
            None => Wanted::Float(number.as_f64()?),
        },
        _ => return None,
    })
}
