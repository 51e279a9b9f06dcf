//! Records in JSON that is valid for a JSON Schema.

mod complexity;
mod graph;

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use jsonschema::{
    Draft, JsonType, PatternOptions, Registry, Retrieve, Uri, ValidationError,
    error::{TypeKind, ValidationErrorKind},
    paths::{Location, LocationSegment},
};
use serde_json::Value;

use self::{complexity::Complexity, graph::Graph};
use super::{
    MAX_LEVELS, SchemaError, SchemaText,
    nesting::{Nesting, nesting},
};
use crate::{
    Invalid, InvalidKind, Limits, Violation,
    found::{describe, excerpt, syntax_error},
    record_text,
};

/// Maximum number of violations reported for one record.
const MAX_VIOLATIONS: usize = 16;

/// Maximum number of values for which a record's violations are searched one by one. The library makes a list of all.
const MAX_VALUES: usize = 2000;

/// Maximum number of bytes visited by that search, which may copy the value for each alternative that it does not
/// match.
const MAX_VISITED: usize = 32 << 20;

/// Approximate size of a value in memory, besides its text.
const VALUE_BYTES: usize = 64;

/// Maximum depth of the library's recursion: of subschemas that apply each other, at each level of a record. Each
/// takes up to 240 bytes of the stack, so that this is half of what a thread has.
const MAX_RECURSION: usize = 4096;

/// Maximum number of evaluations of subschemas for one record, of up to 30 ns each. Our own schemas, with fewer than a
/// thousand for a value, accept any record of the default size whose values take more than a few bytes.
const MAX_EVALUATIONS: usize = 300_000_000;

/// The location of a schema that declares none.
const LOCATION: &str = "json-schema:///";

/// Maximum number of references within a schema. The library follows a chain of them on the stack.
const MAX_REFS: usize = 1000;

/// Maximum number of backtracking steps of a pattern.
const BACKTRACK_LIMIT: usize = 100_000;

/// A schema that texts are validated with.
#[derive(Debug)]
pub(super) struct Validator {
    schema: jsonschema::Validator,
    complexity: Complexity,
}

impl Validator {
    pub(super) fn compile(schema: &SchemaText) -> Result<Self, SchemaError> {
        let root: Value = serde_json::from_str(&schema.text).map_err(syntax)?;
        let mut refs = count_refs(&root);
        let mut texts = HashMap::new();
        for reference in &schema.references {
            let value: Value = serde_json::from_str(&reference.text).map_err(syntax)?;
            refs += count_refs(&value);
            texts.insert(reference.name.clone(), value);
        }
        if refs > MAX_REFS {
            return Err(SchemaError::TooComplex { what: "references within it", limit: MAX_REFS });
        }
        let references = References(Arc::new(texts));
        let complexity = complexity(&root, &references)?;
        let options = jsonschema::options()
            .with_retriever(references)
            .with_pattern_options(PatternOptions::fancy_regex().backtrack_limit(BACKTRACK_LIMIT));
        let schema = options.build(&root).map_err(|error| syntax(error.to_string()))?;
        Ok(Self { schema, complexity })
    }

    pub(super) fn event_json<'r>(&self, body: &'r [u8], limits: &Limits) -> Result<Cow<'r, str>, Invalid> {
        let text = record_text(body, limits)?;
        let nesting = nesting(&text);
        let most = limits.max_depth.min(MAX_LEVELS - 1).min(MAX_RECURSION / self.complexity.chain);
        if nesting.levels > most {
            let expected = format!("at most {most} levels of nesting");
            return Err(Invalid::new(InvalidKind::Depth, Violation::new("$", expected, "a deeper value")));
        }
        let of_value = self.complexity.evaluations.max(self.complexity.visits.unwrap_or(1));
        let most = MAX_EVALUATIONS / of_value;
        if nesting.values > most {
            let expected = format!("at most {most} values, because each takes many evaluations of the schema");
            return Err(Invalid::new(InvalidKind::TooLarge, Violation::new("$", expected, "more")));
        }
        let value: Value = serde_json::from_str(&text).map_err(|error| {
            let violation = Violation::new("$", "valid JSON", syntax_error(&error, &text, &text));
            Invalid::new(InvalidKind::Json, violation)
        })?;
        if self.schema.is_valid(&value) {
            return Ok(text);
        }
        Err(Invalid {
            kind: InvalidKind::Encoding,
            violations: self.violations(&value, &text, &nesting),
            tenant_id: None,
        })
    }

    fn violations(&self, value: &Value, text: &str, nesting: &Nesting) -> Vec<Violation> {
        let mut violations: Vec<_> = if self.is_searchable(text, nesting) {
            self.schema.iter_errors(value).take(MAX_VIOLATIONS).map(|error| violation(&error)).collect()
        } else {
            Vec::new()
        };
        if violations.is_empty() {
            violations.push(Violation::new("$", "an event that fits its JSON Schema", "one that does not"));
        }
        violations
    }

    /// Whether the violations of a record can be searched one by one. If a schema is recursive, the search may take
    /// twice as long with each level of the record, whereas whether it is valid is remembered.
    fn is_searchable(&self, text: &str, nesting: &Nesting) -> bool {
        let bytes = nesting.values.saturating_mul(VALUE_BYTES).saturating_add(text.len());
        let visited = self.complexity.visits.map(|visits| visits.saturating_mul(bytes));
        nesting.values <= MAX_VALUES && visited.is_some_and(|visited| visited <= MAX_VISITED)
    }
}

/// The complexity of a schema with its references, which are found as the compiler does.
fn complexity(root: &Value, references: &References) -> Result<Complexity, SchemaError> {
    let draft = Draft::default().detect(root);
    let invalid = |error: jsonschema::ReferencingError| syntax(error.to_string());
    let builder = Registry::new().retriever(references.clone()).draft(draft);
    let registry = builder.add(LOCATION, root).and_then(|builder| builder.prepare()).map_err(invalid)?;
    let location = jsonschema::uri::from_str(LOCATION).map_err(invalid)?;
    Complexity::of(&Graph::of(&registry, location))
}

fn syntax(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> SchemaError {
    SchemaError::Syntax { source: source.into() }
}

/// The registry's references; nothing else is fetched.
#[derive(Clone)]
struct References(Arc<HashMap<String, Value>>);

impl Retrieve for References {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let uri = uri.as_str();
        // A name such as `address.json` is relative to the location that the schema declares for itself.
        let is_named = |name: &str| {
            let path = uri.strip_suffix(relative(name));
            path.is_some_and(|before| before.is_empty() || before.ends_with('/'))
        };
        // Of `address.json` and `v2/address.json`, the longer one says more about the location.
        let named = self.0.iter().filter(|(name, _)| is_named(name));
        match named.max_by_key(|(name, _)| relative(name).len()) {
            Some((_, schema)) => Ok(schema.clone()),
            None => Err(format!("{uri} is not among the schema's references").into()),
        }
    }
}

/// The name of a reference without its beginning `./`, which no location has.
fn relative(name: &str) -> &str {
    name.trim_start_matches("./")
}

fn count_refs(schema: &Value) -> usize {
    match schema {
        Value::Object(members) => {
            let own = members.keys().filter(|name| matches!(name.as_str(), "$ref" | "$dynamicRef" | "$recursiveRef"));
            own.count() + members.values().map(count_refs).sum::<usize>()
        }
        Value::Array(elements) => elements.iter().map(count_refs).sum(),
        _ => 0,
    }
}

fn violation(error: &ValidationError<'_>) -> Violation {
    let path = path(error.instance_path());
    let found = |value: &Value| match value {
        Value::Object(_) => Cow::Borrowed("an object"),
        Value::Array(_) => Cow::Borrowed("an array"),
        scalar => describe(&scalar.to_string()),
    };
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            Violation::new(format!("{path}.{}", excerpt(name)), "a value", "nothing")
        }
        ValidationErrorKind::Type { kind } => Violation::new(path, type_name(kind), found(error.instance())),
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            let name = unexpected.first().map(String::as_str).unwrap_or_default();
            Violation::new(format!("{path}.{}", excerpt(name)), "no further member", "one")
        }
        ValidationErrorKind::Format { format } => {
            Violation::new(path, format!("a string of the format {}", excerpt(format)), found(error.instance()))
        }
        other => {
            let place = error.schema_path().as_str().to_owned();
            let expected = format!("what `{}` asks for at {place} of the schema", excerpt(other.keyword()));
            Violation::new(path, expected, found(error.instance()))
        }
    }
}

fn path(location: &Location) -> String {
    let mut path = String::from("$");
    for segment in location.segments() {
        match segment {
            LocationSegment::Property(name) => path.extend([".", &excerpt(&name)]),
            LocationSegment::Index(number) => path.push_str(&format!("[{number}]")),
        }
    }
    path
}

fn type_name(kind: &TypeKind) -> String {
    let name = |of_type: JsonType| match of_type {
        JsonType::Array => "an array",
        JsonType::Boolean => "a boolean",
        JsonType::Integer => "a whole number",
        JsonType::Null => "null",
        JsonType::Number => "a number",
        JsonType::Object => "an object",
        JsonType::String => "a string",
    };
    match kind {
        TypeKind::Single(of_type) => name(*of_type).to_owned(),
        TypeKind::Multiple(types) => types.iter().map(name).collect::<Vec<_>>().join(" or "),
    }
}
