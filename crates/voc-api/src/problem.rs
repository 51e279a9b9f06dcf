//! Answers to requests that cannot be served, all of the form `{"detail": …}`.

use std::fmt;

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use serde_json::json;
use tokio::task::JoinError;
use voc_store::StoreError;

use crate::invalid_parameter::InvalidParameter;

/// Why a request is not served. Internal details go to the log; the client gets only what it can act on.
#[derive(Debug)]
pub(crate) enum Problem {
    NotFound,
    MethodNotAllowed,
    InvalidParameters(Vec<InvalidParameter>),
    StoreUnavailable,
    Internal,
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let is_retryable = error.is_retryable();
        tracing::error!(%error, error_type = error.kind(), is_retryable, "the store did not answer a query");
        if is_retryable { Self::StoreUnavailable } else { Self::Internal }
    }
}

impl From<JoinError> for Problem {
    fn from(error: JoinError) -> Self {
        tracing::error!(%error, "a query ended without an answer");
        Self::Internal
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "Not Found",
            Self::MethodNotAllowed => "Method Not Allowed",
            Self::InvalidParameters(_) => "invalid parameters",
            Self::StoreUnavailable => "the store cannot answer now, try again later",
            Self::Internal => "internal error; the log names its cause next to this answer's x-request-id",
        })
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::InvalidParameters(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::StoreUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        match self {
            Self::InvalidParameters(invalid) => response.json(json!({"detail": invalid})),
            Self::MethodNotAllowed => {
                response.insert_header((header::ALLOW, "GET, HEAD")).json(json!({"detail": self.to_string()}))
            }
            _ => response.json(json!({"detail": self.to_string()})),
        }
    }
}
