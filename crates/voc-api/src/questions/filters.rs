//! Filters in parameters: a parameter for each field with texts, and bounds of the sentiment.

use voc_events::Table;
use voc_store::{Condition, Field, FieldKind, Filter, Value};

use crate::parameters::Parameters;

/// Parameters that are not named after their column.
const SHORT_NAMES: [(&str, &str); 2] = [("tool", "tool_name"), ("metric", "metric_name")];
/// Maximum length of a value in bytes.
pub(crate) const MAX_VALUE_BYTES: usize = 1024;

/// The parameters that filter the events of a table, each with its field.
pub(crate) fn names(table: &Table) -> Vec<(&'static str, Field)> {
    let of_field = |field: Field| {
        let column = field.column();
        if field.kind() != FieldKind::Text || field.name() == "tenant_id" {
            return None;
        }
        let short = SHORT_NAMES.iter().find(|(_, long)| *long == column).map(|(short, _)| *short);
        let role = if field.name() == "event_type" { "event_type" } else { column };
        Some((short.unwrap_or(role), field))
    };
    Field::all(table).filter_map(of_field).collect()
}

/// Reads all filters. A value that is repeated is one of several alternatives.
pub(super) fn read(parameters: &mut Parameters, table: &Table) -> Vec<Filter> {
    let mut filters = Vec::new();
    for (name, field) in names(table) {
        let values = parameters.list(name, MAX_VALUE_BYTES);
        if values.is_empty() {
            continue;
        }
        let wanted = Condition::Is(values.into_iter().map(Value::Text).collect());
        match Filter::parse(table, field.name(), wanted) {
            Ok(filter) => filters.push(filter),
            Err(error) => parameters.wrong(name, error.to_string(), "value_error"),
        }
    }
    if table.annotated {
        let least = parameters.number("sentiment_min", -1.0..=1.0).map(|least| Condition::AtLeast(Value::Float(least)));
        let most = parameters.number("sentiment_max", -1.0..=1.0).map(|most| Condition::AtMost(Value::Float(most)));
        let bounds = [least, most].into_iter().flatten();
        filters.extend(bounds.filter_map(|bound| Filter::parse(table, "sentiment", bound).ok()));
    }
    filters
}
