//! Schemas in JSON Schema.

use super::{
    fields::{ObjectNames, plain},
    tree::Tree,
};
use crate::fields::{FieldInfo, FieldType, ObjectInfo};

/// The schema of events in JSON Schema, draft 2020-12: the common fields, and those of a type if the field `tag` has
/// its name.
///
/// It describes how events should be written; the families accept some others as well. Additional members and further
/// types of event are allowed.
///
/// ```
/// use voc_events::{encodings::export::json_schema, voc::{BaseEvent, VocEvent}};
///
/// let schema = json_schema("VocEvent", "event_type", BaseEvent::OWN_FIELDS, VocEvent::TYPE_FIELDS);
/// assert!(schema.contains("https://json-schema.org/draft/2020-12/schema"));
/// ```
#[must_use]
pub fn json_schema(title: &str, tag: &str, common: &[FieldInfo], types: &[(&str, &[FieldInfo])]) -> String {
    let mut writer = Writer { names: ObjectNames::with_event(""), definitions: Vec::new() };
    let mut members = vec![
        ("$schema".to_owned(), Tree::text("https://json-schema.org/draft/2020-12/schema")),
        ("title".to_owned(), Tree::text(title)),
    ];
    members.extend(writer.object(common));
    let conditions: Vec<_> = types.iter().map(|(name, fields)| writer.condition(tag, name, fields)).collect();
    if !conditions.is_empty() {
        members.push(("allOf".to_owned(), Tree::Array(conditions)));
    }
    if !writer.definitions.is_empty() {
        members.push(("$defs".to_owned(), Tree::Object(writer.definitions)));
    }
    Tree::Object(members).pretty()
}

struct Writer {
    names: ObjectNames,
    definitions: Vec<(String, Tree)>,
}

impl Writer {
    fn object(&mut self, fields: &[FieldInfo]) -> Vec<(String, Tree)> {
        let mut members = vec![("type".to_owned(), Tree::text("object"))];
        members.extend(self.properties(fields));
        members.push(("additionalProperties".to_owned(), Tree::Flag(true)));
        members
    }

    /// The members `properties` and `required`.
    fn properties(&mut self, fields: &[FieldInfo]) -> Vec<(String, Tree)> {
        let properties = fields.iter().map(|field| (field.name.to_owned(), self.property(field))).collect();
        let required: Vec<_> = fields.iter().filter(|field| field.is_required).map(|field| field.name).collect();
        let mut members = vec![("properties".to_owned(), Tree::Object(properties))];
        if !required.is_empty() {
            members.push(("required".to_owned(), Tree::texts(required)));
        }
        members
    }

    fn condition(&mut self, tag: &str, type_name: &str, fields: &[FieldInfo]) -> Tree {
        let of_type = Tree::object([("const", Tree::text(type_name))]);
        let is_of_type =
            Tree::object([("properties", Tree::object([(tag, of_type)])), ("required", Tree::texts([tag]))]);
        Tree::object([("if", is_of_type), ("then", Tree::Object(self.properties(fields)))])
    }

    fn property(&mut self, field: &FieldInfo) -> Tree {
        let schema = self.schema(&field.kind);
        let mut schema = if field.is_required { schema } else { or_null(schema) };
        if let Tree::Object(members) = &mut schema {
            members.insert(0, ("description".to_owned(), Tree::Text(plain(field.doc))));
        }
        schema
    }

    fn schema(&mut self, kind: &FieldType) -> Tree {
        let of_type = |name| Tree::object([("type", Tree::text(name))]);
        let string = |format| Tree::object([("type", Tree::text("string")), ("format", Tree::text(format))]);
        match kind {
            FieldType::Uuid => string("uuid"),
            FieldType::Text => of_type("string"),
            FieldType::Timestamp => string("date-time"),
            FieldType::Whole => of_type("integer"),
            FieldType::Number => of_type("number"),
            FieldType::Flag => of_type("boolean"),
            FieldType::JsonObject => of_type("object"),
            FieldType::TextMap => {
                Tree::object([("type", Tree::text("object")), ("additionalProperties", of_type("string"))])
            }
            FieldType::List(element) => Tree::object([("type", Tree::text("array")), ("items", self.schema(element))]),
            FieldType::Object(object) => self.reference(object),
        }
    }

    fn reference(&mut self, object: &ObjectInfo) -> Tree {
        let (name, is_new) = self.names.name(object);
        if is_new {
            let definition = Tree::Object(self.object(object.fields));
            self.definitions.push((name.clone(), definition));
        }
        Tree::object([("$ref", Tree::Text(format!("#/$defs/{name}")))])
    }
}

/// The same or null, which is equivalent to absent.
fn or_null(schema: Tree) -> Tree {
    match schema {
        Tree::Object(mut members) => match members.iter_mut().find(|(name, _)| name == "type") {
            Some((_, of_type)) => {
                if let Tree::Text(name) = of_type {
                    *of_type = Tree::texts([name.as_str(), "null"]);
                }
                Tree::Object(members)
            }
            None => {
                let null = Tree::object([("type", Tree::text("null"))]);
                Tree::object([("anyOf", Tree::Array(vec![Tree::Object(members), null]))])
            }
        },
        other => other,
    }
}
