//! Types that a caller may convert to.

use sqlparser::ast::DataType;

use super::SqlMistake;

/// The engine's names of types. Those of other databases are in [`of_others`].
const NAMES: [&str; 24] = [
    "Array",
    "Bool",
    "Date",
    "Date32",
    "DateTime",
    "DateTime64",
    "Decimal",
    "Float32",
    "Float64",
    "Int128",
    "Int16",
    "Int32",
    "Int64",
    "Int8",
    "LowCardinality",
    "Map",
    "Nullable",
    "String",
    "Tuple",
    "UInt16",
    "UInt32",
    "UInt64",
    "UInt8",
    "UUID",
];

fn of_others(name: &str) -> Option<&'static str> {
    Some(match name {
        "boolean" => "Bool",
        "bigint" => "Int64",
        "double" => "Float64",
        "float" | "real" => "Float32",
        "int" | "integer" => "Int32",
        "smallint" => "Int16",
        "text" | "varchar" => "String",
        "timestamp" => "DateTime",
        _ => return None,
    })
}

/// A type as the engine writes it. Only words of the list, numbers and the names of time zones get through.
pub(super) fn name_of(data_type: &DataType) -> Result<String, SqlMistake> {
    let text = data_type.to_string();
    let mut written = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(next) = rest.chars().next() {
        let is_word = |character: char| character.is_ascii_alphanumeric();
        let length = match next {
            '(' | ')' | ',' | ' ' => {
                written.push(next);
                1
            }
            '\'' => {
                let is_zone = |character: char| is_word(character) || matches!(character, '/' | '_' | '+' | '-');
                let zone = rest.get(1..).and_then(|rest| rest.split_once('\'')).map_or("", |(zone, _)| zone);
                if zone.is_empty() || !zone.chars().all(is_zone) {
                    return Err(unknown(&text));
                }
                written.push('\'');
                written.push_str(zone);
                written.push('\'');
                zone.len() + 2
            }
            _ => {
                let word = &rest[..rest.find(|character| !is_word(character)).unwrap_or(rest.len())];
                let is_number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
                let lower = word.to_ascii_lowercase();
                let known =
                    NAMES.into_iter().find(|name| name.eq_ignore_ascii_case(word)).or_else(|| of_others(&lower));
                match known {
                    Some(known) => written.push_str(known),
                    None if is_number => written.push_str(word),
                    None => return Err(unknown(&text)),
                }
                word.len()
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    Ok(written)
}

fn unknown(text: &str) -> SqlMistake {
    let known = NAMES.join(", ");
    SqlMistake::new(format!("a value cannot be converted to the type '{text}'; known: {known}"))
}
