//! What bodies of requests have in common with the query: the same parameters, and none that are unknown.

use utoipa::openapi::{
    Components, RefOr,
    path::Operation,
    schema::{AdditionalProperties, Object, Schema, SchemaType, Type},
};

/// Describes the body of an operation, whose schema is in `components`: a member with the name of a shared parameter
/// has that parameter's values, or is null, which is the same as not to give it.
pub(super) fn complete_body(operation: &Operation, components: &mut Components) {
    let Components { schemas, parameters, .. } = components;
    for name in schema_names(operation) {
        let Some(RefOr::T(Schema::Object(body))) = schemas.get_mut(name) else { continue };
        body.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        for (member, schema) in &mut body.properties {
            let RefOr::T(Schema::Object(schema)) = schema else { continue };
            if let Some(parameter) = parameters.get(member).and_then(plain)
                && let Some(RefOr::T(Schema::Object(of_parameter))) = &parameter.schema
            {
                *schema = or_null(of_parameter, schema.description.take());
            }
        }
    }
}

/// The names of the members of an operation's body.
pub(super) fn members<'a>(operation: &'a Operation, components: &'a Components) -> impl Iterator<Item = &'a str> {
    let bodies = schema_names(operation).filter_map(|name| match components.schemas.get(name) {
        Some(RefOr::T(Schema::Object(body))) => Some(body),
        _ => None,
    });
    bodies.flat_map(|body| body.properties.keys().map(String::as_str))
}

/// The names of the schemas of an operation's body, one for each media type.
fn schema_names(operation: &Operation) -> impl Iterator<Item = &str> {
    let contents = operation.request_body.iter().filter_map(plain).flat_map(|body| body.content.values());
    contents.filter_map(plain).filter_map(|content| match &content.schema {
        Some(RefOr::Ref(reference)) => reference.ref_location.rsplit('/').next(),
        _ => None,
    })
}

fn plain<T>(described: &RefOr<T>) -> Option<&T> {
    match described {
        RefOr::T(described) => Some(described),
        RefOr::Ref(_) => None,
    }
}

fn or_null(of_parameter: &Object, description: Option<String>) -> Object {
    let mut schema = of_parameter.clone();
    schema.description = description;
    if let SchemaType::Type(kind) = &schema.schema_type {
        schema.schema_type = SchemaType::Array(vec![kind.clone(), Type::Null]);
    }
    if let Some(values) = &mut schema.enum_values {
        values.push(serde_json::Value::Null);
    }
    schema
}
