//! Changes of a schema before the library parses it.
//!
//! - It does not see the defaults of fields: it would check each one with all nested defaults, so that a few hundred
//!   records, each the default of a field of the next, overflow its stack.
//! - It sees no namespace with characters that only it refuses: Java's implementation checks none, so there are
//!   schemas of `com.my-company.events`. Here namespaces are only compared, for which any unambiguous form will do.

use serde_json::{Map, Value};

use crate::encodings::SchemaError;

/// The name of a field's default while the library parses the schema.
pub(super) const DEFAULT_PROPERTY: &str = "voc.default";

/// Maximum number of aliases of a type. The library copies the whole type for each.
const MAX_ALIASES: usize = 64;

/// Prepares a schema for the library. Schemas that it cannot parse in reasonable memory are refused.
pub(super) fn prepare(schema: &mut Value) -> Result<(), SchemaError> {
    match schema {
        Value::Array(branches) => branches.iter_mut().try_for_each(prepare),
        Value::String(reference) => {
            escape_namespace_of(reference);
            Ok(())
        }
        Value::Object(members) => {
            prepare_names(members)?;
            for field in members.get_mut("fields").and_then(Value::as_array_mut).into_iter().flatten() {
                if let Some(field) = field.as_object_mut() {
                    prepare_field(field)?;
                }
            }
            ["type", "items", "values"].into_iter().try_for_each(|part| members.get_mut(part).map_or(Ok(()), prepare))
        }
        _ => Ok(()),
    }
}

/// Prepares a field. Its own name and aliases have no namespace. The defaults of enums, which are elsewhere, stay.
fn prepare_field(field: &mut Map<String, Value>) -> Result<(), SchemaError> {
    field.remove(DEFAULT_PROPERTY);
    if let Some(default) = field.remove("default") {
        field.insert(DEFAULT_PROPERTY.to_owned(), default);
    }
    field.get_mut("type").map_or(Ok(()), prepare)
}

/// Prepares the names of a type.
fn prepare_names(members: &mut Map<String, Value>) -> Result<(), SchemaError> {
    if let Some(Value::String(namespace)) = members.get_mut("namespace") {
        *namespace = escaped(namespace);
    }
    if let Some(Value::String(name)) = members.get_mut("name") {
        escape_namespace_of(name);
    }
    let Some(Value::Array(aliases)) = members.get_mut("aliases") else { return Ok(()) };
    if aliases.len() > MAX_ALIASES {
        return Err(SchemaError::TooComplex { what: "aliases of a type", limit: MAX_ALIASES });
    }
    for alias in aliases {
        if let Value::String(alias) = alias {
            escape_namespace_of(alias);
        }
    }
    Ok(())
}

/// Escapes the namespace before a name, if there is one.
fn escape_namespace_of(name: &mut String) {
    if let Some((namespace, simple)) = name.rsplit_once('.') {
        *name = format!("{}.{simple}", escaped(namespace));
    }
}

/// A namespace in which each character that the library refuses at its place is replaced by its number.
fn escaped(namespace: &str) -> String {
    let mut escaped = String::with_capacity(namespace.len());
    let mut is_first = true;
    for character in namespace.chars() {
        match character {
            '.' | '_' | 'a'..='z' | 'A'..='Z' => escaped.push(character),
            '0'..='9' if !is_first => escaped.push(character),
            _ => escaped.push_str(&format!("_x{:x}_", u32::from(character))),
        }
        is_first = character == '.';
    }
    escaped
}
