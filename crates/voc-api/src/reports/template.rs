//! A template: a file of SQL whose first lines describe it.

use std::path::Path;

use serde_json::Value as Json;
use voc_events::{Table, Timestamp};
use voc_store::{FieldKind, Placeholder, RestrictedSql, Value};

use super::error::ReportError;
use crate::parameters::instant;

/// Values that every template can use: the beginning and the end of the range, and its time zone.
const OF_RANGE: [(&str, FieldKind); 3] =
    [("from", FieldKind::Time), ("to", FieldKind::Time), ("timezone", FieldKind::Text)];
/// Most parameters of a template.
const MAX_PARAMETERS: usize = 50;
/// Longest text as the value of a parameter, in bytes.
const MAX_VALUE_BYTES: usize = 4096;
/// What describes a template.
const KEYS: [&str; 4] = ["title", "description", "period", "parameter"];

/// A template that can be run.
#[derive(Debug, Clone)]
pub(super) struct Template {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) parameters: Vec<TemplateParameter>,
    /// Whether the tables also have the period before the range.
    pub(super) with_previous: bool,
    pub(super) sql: RestrictedSql,
}

/// What a request can set.
#[derive(Debug, Clone)]
pub(super) struct TemplateParameter {
    pub(super) name: String,
    pub(super) kind: ParameterKind,
    pub(super) default: Option<Value>,
    pub(super) meaning: String,
}

/// What the values of a parameter are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ParameterKind {
    Text,
    /// A whole number between two bounds.
    Integer(i64, i64),
    Number,
    Boolean,
    Time,
}

impl Template {
    /// Reads a template. `path` is named in errors; its stem is the template's name.
    pub(super) fn read(path: &Path, text: &str, tables: &[Table]) -> Result<Self, ReportError> {
        let wrong = |line: Option<u64>, message: String| ReportError::new(path, line, message);
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if !is_name(name) {
            let message = "a template's file is named after it, with 1 to 64 of a-z, 0-9 and _, and ends in .sql";
            return Err(wrong(None, message.to_owned()));
        }
        let mut title = None;
        let mut description: Vec<&str> = Vec::new();
        let mut parameters: Vec<TemplateParameter> = Vec::new();
        let mut with_previous = false;
        for (number, line) in (1..).zip(text.lines()) {
            let Some(comment) = line.trim_start().strip_prefix("--") else {
                if line.trim().is_empty() {
                    continue;
                }
                break;
            };
            let wrong = |message: String| wrong(Some(number), message);
            let Some((key, value)) = comment.split_once(':') else {
                let message = format!("found {:?}, expected one of {} and a colon", comment.trim(), KEYS.join(", "));
                return Err(wrong(message));
            };
            let value = value.trim();
            match key.trim() {
                "title" if title.is_none() && !value.is_empty() => title = Some(value.to_owned()),
                "title" => return Err(wrong("a template has one title, which is not empty".to_owned())),
                "description" => description.push(value),
                "period" if value == "previous" => with_previous = true,
                "period" => {
                    return Err(wrong(format!("period: found {value:?}, expected 'previous', or no such line")));
                }
                "parameter" => {
                    let parameter = TemplateParameter::read(value).map_err(&wrong)?;
                    let names =
                        parameters.iter().map(|known| known.name.as_str()).chain(OF_RANGE.map(|(name, _)| name));
                    if names.into_iter().any(|known| known == parameter.name) {
                        return Err(wrong(format!("there already is a parameter '{}'", parameter.name)));
                    }
                    if parameters.len() == MAX_PARAMETERS {
                        return Err(wrong(format!("a template has at most {MAX_PARAMETERS} parameters")));
                    }
                    parameters.push(parameter);
                }
                other => {
                    return Err(wrong(format!("unknown key '{other}'; known: {}", KEYS.join(", "))));
                }
            }
        }
        let title = title.ok_or_else(|| wrong(Some(1), "there is no title; begin with '-- title: …'".to_owned()))?;
        let of_range = OF_RANGE.map(|(name, kind)| Placeholder { name: name.to_owned(), kind });
        let own = parameters
            .iter()
            .map(|parameter| Placeholder { name: parameter.name.clone(), kind: parameter.kind.field() });
        let placeholders: Vec<Placeholder> = of_range.into_iter().chain(own).collect();
        let sql = RestrictedSql::parse(text, tables, &placeholders)
            .map_err(|mistake| wrong(mistake.line(), mistake.message().to_owned()))?;
        if sql.tables().is_empty() {
            return Err(wrong(None, "a template reads a table of events at least".to_owned()));
        }
        let description = description.join(" ");
        Ok(Self { name: name.to_owned(), title, description, parameters, with_previous, sql })
    }

    /// Values for all parameters, to find out whether the store understands the template.
    pub(super) fn sample(&self) -> Vec<(String, Value)> {
        self.parameters.iter().map(|parameter| (parameter.name.clone(), parameter.sample())).collect()
    }
}

impl TemplateParameter {
    /// Reads `limit integer 1..1000 = 20 -- The greatest number of rows.`
    fn read(text: &str) -> Result<Self, String> {
        let (declared, meaning) = text.split_once("--").unwrap_or((text, ""));
        let (declared, default) = match declared.split_once('=') {
            Some((declared, default)) => (declared, Some(default.trim())),
            None => (declared, None),
        };
        let mut words = declared.split_whitespace();
        let name = words.next().unwrap_or_default();
        if !is_name(name) {
            return Err(format!("a parameter's name has 1 to 64 of a-z, 0-9 and _; found {name:?}"));
        }
        let kind = ParameterKind::read(words.next().unwrap_or_default(), words.next())?;
        if let Some(word) = words.next() {
            return Err(format!("found '{word}' after the kind; write '= {word}' if it is the default"));
        }
        let default = default.map(|written| {
            let json = serde_json::from_str(written).map_err(|_| format!("the default {written} is not JSON"))?;
            kind.value(&json).map_err(|message| format!("the default {written} does not fit: {message}"))
        });
        Ok(Self { name: name.to_owned(), kind, default: default.transpose()?, meaning: meaning.trim().to_owned() })
    }

    fn sample(&self) -> Value {
        self.default.clone().unwrap_or(match self.kind {
            ParameterKind::Text => Value::Text(String::new()),
            ParameterKind::Integer(least, _) => Value::Integer(least.max(1)),
            ParameterKind::Number => Value::Float(1.0),
            ParameterKind::Boolean => Value::Boolean(false),
            ParameterKind::Time => Value::Time(Timestamp::from_millis(0)),
        })
    }
}

impl ParameterKind {
    fn read(name: &str, bounds: Option<&str>) -> Result<Self, String> {
        let kind = match name {
            "text" => Self::Text,
            "integer" => match bounds {
                None => return Ok(Self::Integer(i64::MIN, i64::MAX)),
                Some(bounds) => {
                    let read = bounds
                        .split_once("..")
                        .and_then(|(least, most)| Some((least.parse().ok()?, most.parse().ok()?)));
                    return match read {
                        Some((least, most)) if least <= most => Ok(Self::Integer(least, most)),
                        _ => Err(format!("found the bounds '{bounds}', expected two numbers such as 1..1000")),
                    };
                }
            },
            "number" => Self::Number,
            "boolean" => Self::Boolean,
            "time" => Self::Time,
            other => return Err(format!("found the kind '{other}', expected text, integer, number, boolean or time")),
        };
        match bounds {
            Some(word) => Err(format!("found '{word}' after the kind; write '= {word}' if it is the default")),
            None => Ok(kind),
        }
    }

    /// The name in the list of templates.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer(..) => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Time => "time",
        }
    }

    fn field(self) -> FieldKind {
        match self {
            Self::Text => FieldKind::Text,
            Self::Integer(..) => FieldKind::Integer,
            Self::Number => FieldKind::Float,
            Self::Boolean => FieldKind::Boolean,
            Self::Time => FieldKind::Time,
        }
    }

    /// The value that JSON writes, or why it is none of this kind.
    pub(super) fn value(self, json: &Json) -> Result<Value, String> {
        match (self, json) {
            (Self::Text, Json::String(text)) if text.len() <= MAX_VALUE_BYTES => Ok(Value::Text(text.clone())),
            (Self::Text, Json::String(_)) => Err(format!("ensure this value has at most {MAX_VALUE_BYTES} bytes")),
            (Self::Text, _) => Err("str type expected".to_owned()),
            (Self::Integer(least, most), json) => match json.as_i64() {
                Some(number) if (least..=most).contains(&number) => Ok(Value::Integer(number)),
                Some(_) => Err(format!("ensure this value is between {least} and {most}")),
                None => Err("value is not a valid integer".to_owned()),
            },
            (Self::Number, json) => {
                json.as_f64().map(Value::Float).ok_or_else(|| "value is not a valid float".to_owned())
            }
            (Self::Boolean, json) => {
                json.as_bool().map(Value::Boolean).ok_or_else(|| "value could not be parsed to a boolean".to_owned())
            }
            (Self::Time, json) => {
                let time = json.as_str().and_then(instant);
                time.map(Value::Time)
                    .ok_or_else(|| "value is not an instant in RFC 3339 with its offset from UTC".to_owned())
            }
        }
    }
}

fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}
