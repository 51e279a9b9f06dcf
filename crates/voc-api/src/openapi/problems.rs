//! Problems in the description of the API.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use utoipa::openapi::{Components, ContentBuilder, Ref, RefOr, Response, ResponseBuilder, schema::Schema};

use crate::problem_kind::ProblemKind;

/// What an operation asks for, on which it depends how it can fail.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asks {
    /// It needs no credentials and no store.
    pub(super) is_open: bool,
    pub(super) has_body: bool,
    /// It is about one thing, which may not exist.
    pub(super) names_one: bool,
    pub(super) has_formats: bool,
    pub(super) has_pages: bool,
}

/// Answers to what does not become a request, which have no body: status, name and description.
const UNREAD: [(u16, &str, &str); 3] = [
    (400, "not_http", "The request is not HTTP, or its URI is longer than 64 KiB. Without a body."),
    (408, "slow_head", "The head of the request did not arrive in time. Without a body."),
    (431, "large_head", "The head of the request is larger than 128 KiB. Without a body."),
];

/// The answers of an operation that fails, by status; `components` gets those that it has not yet.
pub(super) fn responses(asks: Asks, components: &mut Components) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status: BTreeMap<u16, Vec<&ProblemKind>> = BTreeMap::new();
    for kind in ProblemKind::ALL.iter().filter(|kind| is_possible(kind, asks)) {
        by_status.entry(kind.status).or_default().push(kind);
    }
    let unread = UNREAD.into_iter().filter(|(status, ..)| !by_status.contains_key(status));
    let unread: Vec<_> = unread
        .map(|(status, name, description)| {
            components.responses.entry(name.to_owned()).or_insert_with(|| Response::new(description).into());
            (status.to_string(), Ref::from_response_name(name).into())
        })
        .collect();
    let problems = by_status.into_iter().map(|(status, kinds)| {
        let name = kinds.iter().map(|kind| kind.code).collect::<Vec<_>>().join("_or_");
        let reference = Ref::from_response_name(&name);
        components.responses.entry(name).or_insert_with(|| response(&kinds).into());
        (status.to_string(), reference.into())
    });
    problems.chain(unread).collect()
}

fn is_possible(kind: &ProblemKind, asks: Asks) -> bool {
    match *kind {
        ProblemKind::INVALID_PATH | ProblemKind::NOT_FOUND => asks.names_one,
        ProblemKind::INVALID_CURSOR => asks.has_pages,
        ProblemKind::METHOD_NOT_ALLOWED => false,
        ProblemKind::INVALID_BODY
        | ProblemKind::REQUEST_TIMEOUT
        | ProblemKind::PAYLOAD_TOO_LARGE
        | ProblemKind::UNSUPPORTED_MEDIA_TYPE => asks.has_body,
        ProblemKind::NOT_ACCEPTABLE => asks.has_formats,
        _ => !asks.is_open,
    }
}

fn response(kinds: &[&ProblemKind]) -> Response {
    let description: Vec<String> =
        kinds.iter().map(|kind| format!("`{}`: {}. {}", kind.code, kind.title, kind.meaning)).collect();
    let mut content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem")));
    if let Some(kind) = kinds.first() {
        content = content.example(Some(example(kind)));
    }
    ResponseBuilder::new()
        .description(description.join("\n\n"))
        .content("application/problem+json", content.build())
        .build()
}

fn example(kind: &ProblemKind) -> Value {
    let mistake = json!({
        "loc": ["query", "tenant"],
        "msg": "unknown parameter; did you mean 'tenant_id'? known: 'days', 'family', 'tenant_id'",
        "type": "value_error.extra",
    });
    json!({
        "type": kind.type_uri(),
        "title": kind.title,
        "status": kind.status,
        "detail": if *kind == ProblemKind::INVALID_PARAMETERS { json!([mistake]) } else { json!(kind.title) },
        "instance": "/requests/5f0c5a2e-6c0e-4a43-9f0b-0d7c0f1d8f5e",
        "code": kind.code,
    })
}

/// The schemas of a problem and of a mistake.
pub(super) fn add_schemas(components: &mut Components) {
    let codes: Vec<&str> = ProblemKind::ALL.iter().map(|kind| kind.code).collect();
    let problem = json!({
        "type": "object",
        "description": "Why a request is not served (RFC 9457).",
        "required": ["type", "title", "status", "detail", "instance", "code"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference", "description": "Identifies the kind of problem."},
            "title": {"type": "string", "description": "The same for all problems of the kind."},
            "status": {"type": "integer", "description": "The answer's status."},
            "detail": {
                "description": "What is wrong with this request: a text, or all mistakes in its parameters or body.",
                "oneOf": [
                    {"type": "string"},
                    {"type": "array", "items": {"$ref": "#/components/schemas/Mistake"}},
                ],
            },
            "instance": {
                "type": "string", "format": "uri-reference",
                "description": "Names the request by its id, which the log has, too.",
            },
            "code": {"type": "string", "enum": codes, "description": "Never changes its meaning."},
        },
    });
    let mistake = json!({
        "type": "object",
        "description": "A mistake in a parameter or in the body, in FastAPI's form.",
        "required": ["loc", "msg", "type"],
        "properties": {
            "loc": {
                "type": "array",
                "description": "`query` or `body`, and the way from there.",
                "items": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
            },
            "msg": {"type": "string"},
            "type": {"type": "string"},
            "ctx": {
                "type": "object",
                "required": ["limit_value"],
                "properties": {"limit_value": {"type": "number"}},
            },
        },
    });
    components.schemas.insert("Problem".to_owned(), schema(problem).into());
    components.schemas.insert("Mistake".to_owned(), schema(mistake).into());
}

fn schema(value: Value) -> Schema {
    serde_json::from_value(value).unwrap_or_default()
}
