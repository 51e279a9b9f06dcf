//! Changes of a schema before the library parses it.
//!
//! - It does not see the defaults of fields: it would check each one with all nested defaults, so that a few hundred
//!   records, each the default of a field of the next, overflow its stack.
//! - It does not see the aliases of types: it would copy the whole type for each. The library accepts an alias as a
//!   name, so a reference that is no type's own name, but an alias, becomes the name of that type.
//! - It does not see a schema whose named types are nested so much that its copies of them would take too much
//!   memory: it keeps a copy of each, with all types within it.
//! - It sees no namespace with characters that only it refuses: Java's implementation checks none, so there are
//!   schemas of `com.my-company.events`. Here namespaces are only compared, for which any unambiguous form will do.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::encodings::{MAX_SCHEMA_BYTES, SchemaError};

/// The name of a field's default while the library parses the schema.
pub(super) const DEFAULT_PROPERTY: &str = "voc.default";

/// The names that stand for themselves.
const TYPES: [&str; 13] =
    ["null", "boolean", "int", "long", "float", "double", "bytes", "string", "record", "enum", "fixed", "array", "map"];

/// The full names of a type's aliases while the library parses the schema.
pub(super) const ALIASES_PROPERTY: &str = "voc.aliases";

/// Maximum number of aliases of a type, more than any real one has.
const MAX_ALIASES: usize = 64;

/// Maximum size of the copies that the library makes of named types, in bytes of JSON. A byte becomes about thirty
/// in memory.
const MAX_COPIED_BYTES: usize = 4 * MAX_SCHEMA_BYTES;

/// The size of the library's copies of a schema that is within this number of named types, in bytes of JSON.
fn copied_bytes(schema: &Value, types_around: usize) -> usize {
    match schema {
        Value::Array(elements) => {
            elements.iter().map(|element| types_around + copied_bytes(element, types_around)).sum()
        }
        Value::Object(members) => {
            let types = types_around + usize::from(is_named_type(members));
            members.iter().map(|(name, value)| types * (name.len() + 4) + copied_bytes(value, types)).sum()
        }
        Value::String(text) => types_around * (text.len() + 2),
        _ => types_around,
    }
}

/// The named types of the schemas prepared so far.
#[derive(Default)]
pub(super) struct Preparation {
    names: HashSet<String>,
    /// The types' names by their aliases.
    aliases: HashMap<String, String>,
}

impl Preparation {
    /// Refuses a schema whose copies would take too much memory.
    pub(super) fn check_copies(schema: &Value) -> Result<(), SchemaError> {
        if copied_bytes(schema, 0) > MAX_COPIED_BYTES {
            let what = "bytes in types within types, counted once for each type around them";
            return Err(SchemaError::TooComplex { what, limit: MAX_COPIED_BYTES });
        }
        Ok(())
    }

    /// Prepares a schema, or a part of one within this namespace. Types with too many aliases are refused.
    pub(super) fn prepare(&mut self, schema: &mut Value, namespace: &str) -> Result<(), SchemaError> {
        match schema {
            Value::Array(branches) => branches.iter_mut().try_for_each(|branch| self.prepare(branch, namespace)),
            Value::String(reference) => {
                self.prepare_reference(reference, namespace);
                Ok(())
            }
            Value::Object(members) => {
                let within = self.prepare_names(members, namespace)?;
                let within = within.as_deref().unwrap_or(namespace);
                for field in members.get_mut("fields").and_then(Value::as_array_mut).into_iter().flatten() {
                    if let Some(field) = field.as_object_mut() {
                        self.prepare_field(field, within)?;
                    }
                }
                for part in ["type", "items", "values"] {
                    members.get_mut(part).map_or(Ok(()), |part| self.prepare(part, within))?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn prepare_reference(&self, reference: &mut String, namespace: &str) {
        escape_namespace_of(reference);
        let full = full_name(reference, namespace);
        if !TYPES.contains(&reference.as_str())
            && !self.names.contains(&full)
            && let Some(name) = self.aliases.get(&full)
        {
            // The dot makes it independent of the namespace around it.
            *reference = if name.contains('.') { name.clone() } else { format!(".{name}") };
        }
    }

    /// Prepares a field. Its own name and aliases have no namespace. The defaults of enums, which are elsewhere, stay.
    fn prepare_field(&mut self, field: &mut Map<String, Value>, namespace: &str) -> Result<(), SchemaError> {
        field.remove(DEFAULT_PROPERTY);
        if let Some(default) = field.remove("default") {
            field.insert(DEFAULT_PROPERTY.to_owned(), default);
        }
        field.get_mut("type").map_or(Ok(()), |part| self.prepare(part, namespace))
    }

    /// Prepares the names of a type, and returns the namespace within it if it is a named one.
    fn prepare_names(
        &mut self,
        members: &mut Map<String, Value>,
        namespace: &str,
    ) -> Result<Option<String>, SchemaError> {
        members.remove(ALIASES_PROPERTY);
        if !is_named_type(members) {
            return Ok(None);
        }
        let own_namespace = match members.get_mut("namespace") {
            Some(Value::String(own)) => {
                *own = escaped(own);
                own.clone()
            }
            _ => namespace.to_owned(),
        };
        let Some(Value::String(name)) = members.get_mut("name") else { return Ok(None) };
        escape_namespace_of(name);
        let name = full_name(name, &own_namespace);
        let within = name.rsplit_once('.').map_or("", |(namespace, _)| namespace).to_owned();
        let aliases = aliases(members, &within)?;
        for alias in &aliases {
            self.aliases.insert(alias.clone(), name.clone());
        }
        self.names.insert(name);
        if !aliases.is_empty() {
            members.insert(ALIASES_PROPERTY.to_owned(), aliases.into());
        }
        Ok(Some(within))
    }
}

fn is_named_type(members: &Map<String, Value>) -> bool {
    matches!(members.get("type").and_then(Value::as_str), Some("record" | "enum" | "fixed"))
}

/// Takes the aliases out of a type of this namespace. Returns their full names.
fn aliases(members: &mut Map<String, Value>, namespace: &str) -> Result<Vec<String>, SchemaError> {
    let Some(Value::Array(aliases)) = members.remove("aliases") else { return Ok(Vec::new()) };
    if aliases.len() > MAX_ALIASES {
        return Err(SchemaError::TooComplex { what: "aliases of a type", limit: MAX_ALIASES });
    }
    let full = |alias: &str| {
        let mut alias = alias.to_owned();
        escape_namespace_of(&mut alias);
        full_name(&alias, namespace)
    };
    Ok(aliases.iter().filter_map(Value::as_str).map(full).collect())
}

/// The full name of a type by its name where this is the namespace. One with a dot at its start has none.
fn full_name(name: &str, namespace: &str) -> String {
    match name.rsplit_once('.') {
        Some(("", simple)) => simple.to_owned(),
        None if !namespace.is_empty() => format!("{namespace}.{name}"),
        _ => name.to_owned(),
    }
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
