//! Which answers name what other operations ask for, as links of OpenAPI: clients and tests follow them.

use utoipa::openapi::{RefOr, link::Link, path::Operation};

/// An operation, the parameter of another one, and where the answer of the first has its value.
const LINKS: [(&str, &str, &str, &str); 5] = [
    ("calls", "call", "call_id", "$response.body#/data/0/call_id"),
    ("search", "call", "call_id", "$response.body#/data/0/call_id"),
    ("calls", "customer", "customer_id", "$response.body#/data/0/customer_id"),
    ("customer", "call", "call_id", "$response.body#/data/0/call_id"),
    ("events", "event", "event_id", "$response.body#/data/0/event_id"),
];

/// Adds to an operation's answer the links to others.
pub(super) fn add_links(operation: &mut Operation) {
    let id = operation.operation_id.clone().unwrap_or_default();
    let Some(RefOr::T(answer)) = operation.responses.responses.get_mut("200") else { return };
    for (_, to, parameter, value) in LINKS.into_iter().filter(|(from, ..)| *from == id) {
        let link = Link::builder()
            .operation_id(to)
            .parameter(parameter, value)
            .description(format!("The first row's `{parameter}`."))
            .build();
        answer.links.insert(to.to_owned(), link.into());
    }
}
