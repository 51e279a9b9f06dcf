//! Errors in query parameters, in the form of FastAPI with pydantic 1.

use serde::Serialize;

/// One invalid parameter, an element of FastAPI's `detail`.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct InvalidParameter {
    loc: [&'static str; 2],
    msg: String,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ctx: Option<Context>,
}

#[derive(Debug, PartialEq, Serialize)]
struct Context {
    limit_value: i64,
}

impl InvalidParameter {
    /// A parameter with an invalid value.
    pub(crate) fn new(name: &'static str, message: &str, kind: &'static str) -> Self {
        Self { loc: ["query", name], msg: message.to_owned(), kind, ctx: None }
    }

    /// A parameter whose value exceeds a limit.
    pub(crate) fn beyond(name: &'static str, message: &str, kind: &'static str, limit_value: i64) -> Self {
        Self { ctx: Some(Context { limit_value }), ..Self::new(name, message, kind) }
    }
}
