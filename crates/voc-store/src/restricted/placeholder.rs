//! Values that a text leaves open.

use crate::{FieldKind, Param, Value};

/// A value that a text leaves open, written as `:name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder {
    /// The name.
    pub name: String,
    /// The kind of its values: text, whole number, number, boolean or time.
    pub kind: FieldKind,
}

impl Placeholder {
    /// The name of the parameter that has its value.
    pub(super) fn parameter(&self) -> String {
        format!("value_{}", self.name)
    }

    /// The expression in a statement.
    pub(super) fn expression(&self) -> String {
        let name = self.parameter();
        match self.kind {
            FieldKind::Integer => format!("{{{name}:Int64}}"),
            FieldKind::Float => format!("{{{name}:Float64}}"),
            FieldKind::Boolean => format!("{{{name}:Bool}}"),
            FieldKind::Time => format!("fromUnixTimestamp64Milli({{{name}:Int64}}, 'UTC')"),
            _ => format!("{{{name}:String}}"),
        }
    }

    /// The parameter that gives it a value.
    pub(super) fn bind(&self, value: &Value) -> Param {
        let text = match value {
            Value::Text(text) => text.clone(),
            Value::Time(time) => time.as_millis().to_string(),
            value => value.to_string(),
        };
        Param::new(self.parameter(), text)
    }
}
