//! Answers to requests that cannot be served: problems of RFC 9457.

use std::{fmt, time::Duration};

use actix_web::{
    HttpResponse, ResponseError,
    error::JsonPayloadError,
    http::{StatusCode, header},
};
use serde::Serialize;
use tokio::task::JoinError;
use voc_store::{QueryError, StoreError};

use crate::{
    invalid_parameter::{InvalidParameter, Location},
    problem_kind::ProblemKind,
};

/// Seconds after which to ask a store again that cannot answer.
const STORE_RETRY: Duration = Duration::from_secs(5);
/// Seconds after which to ask again when too many questions wait.
const OVERLOAD_RETRY: Duration = Duration::from_secs(1);
/// ClickHouse's codes of a query that reads or returns more rows (158, 396) or bytes (307), or needs more memory
/// (241), than its limits allow.
const TOO_EXPENSIVE_CODES: [i32; 4] = [158, 241, 307, 396];

/// Why a request is not served. Internal details go to the log; the client gets only what it can act on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Problem {
    NotFound,
    /// With the methods that are allowed, separated by commas.
    MethodNotAllowed(String),
    InvalidPath,
    /// Mistakes in the query or the body.
    InvalidParameters(Vec<InvalidParameter>),
    /// With the reason.
    InvalidBody(String),
    RequestTimeout,
    /// With the number of bytes that are allowed.
    PayloadTooLarge(usize),
    UnsupportedMediaType,
    /// With the formats that there are.
    NotAcceptable(&'static [&'static str]),
    InvalidCursor,
    /// With advice on how to ask for less.
    QueryTooExpensive(String),
    /// With what is wrong with the credentials.
    Unauthorized(String),
    /// With what is missing.
    Forbidden(String),
    TooManyRequests {
        detail: String,
        retry_after: Duration,
    },
    RowsUsedUp {
        detail: String,
        retry_after: Duration,
    },
    Overloaded,
    StoreUnavailable,
    QueryTimeout,
    Internal,
}

impl Problem {
    /// The one place that says which status, code and title a problem has.
    pub(crate) fn kind(&self) -> ProblemKind {
        match self {
            Self::NotFound => ProblemKind::NOT_FOUND,
            Self::MethodNotAllowed(_) => ProblemKind::METHOD_NOT_ALLOWED,
            Self::InvalidPath => ProblemKind::INVALID_PATH,
            Self::InvalidParameters(_) => ProblemKind::INVALID_PARAMETERS,
            Self::InvalidBody(_) => ProblemKind::INVALID_BODY,
            Self::RequestTimeout => ProblemKind::REQUEST_TIMEOUT,
            Self::PayloadTooLarge(_) => ProblemKind::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => ProblemKind::UNSUPPORTED_MEDIA_TYPE,
            Self::NotAcceptable(_) => ProblemKind::NOT_ACCEPTABLE,
            Self::InvalidCursor => ProblemKind::INVALID_CURSOR,
            Self::QueryTooExpensive(_) => ProblemKind::QUERY_TOO_EXPENSIVE,
            Self::Unauthorized(_) => ProblemKind::UNAUTHORIZED,
            Self::Forbidden(_) => ProblemKind::FORBIDDEN,
            Self::TooManyRequests { .. } => ProblemKind::TOO_MANY_REQUESTS,
            Self::RowsUsedUp { .. } => ProblemKind::ROWS_USED_UP,
            Self::Overloaded => ProblemKind::OVERLOADED,
            Self::StoreUnavailable => ProblemKind::STORE_UNAVAILABLE,
            Self::QueryTimeout => ProblemKind::QUERY_TIMEOUT,
            Self::Internal => ProblemKind::INTERNAL_ERROR,
        }
    }

    /// The answer to the request with this id.
    pub(crate) fn answer(&self, request_id: Option<&str>) -> HttpResponse {
        let kind = self.kind();
        let mut response = HttpResponse::build(self.status_code());
        response.content_type("application/problem+json");
        match self {
            Self::MethodNotAllowed(allowed) => _ = response.insert_header((header::ALLOW, allowed.as_str())),
            Self::Unauthorized(_) => _ = response.insert_header((header::WWW_AUTHENTICATE, "Bearer")),
            _ => {}
        }
        if let Some(wait) = self.retry_after() {
            // Rounded up: a client that waits less is refused again.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            response.insert_header((header::RETRY_AFTER, seconds.max(1)));
        }
        let detail = match self {
            Self::InvalidParameters(mistakes) => Detail::Mistakes(mistakes),
            _ => Detail::Text(self.to_string()),
        };
        response.json(Body {
            kind: kind.type_uri(),
            title: kind.title,
            status: kind.status,
            detail,
            instance: request_id.map(|id| format!("/requests/{id}")),
            code: kind.code,
        })
    }

    /// The problem of a question that exceeds a limit, if that is what a code of the store means.
    pub(crate) fn too_expensive(code: i32) -> Option<Self> {
        TOO_EXPENSIVE_CODES.contains(&code).then(|| {
            let advice = "the question reads, returns or needs more than one answer may; shorten its range, add a \
                          filter, or ask for fewer rows";
            Self::QueryTooExpensive(advice.to_owned())
        })
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooManyRequests { retry_after, .. } | Self::RowsUsedUp { retry_after, .. } => Some(*retry_after),
            Self::Overloaded => Some(OVERLOAD_RETRY),
            Self::StoreUnavailable => Some(STORE_RETRY),
            _ => None,
        }
    }
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: Detail<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    code: &'static str,
}

/// A text as RFC 9457 says, or FastAPI's list of mistakes, which clients of the services before this one read.
#[derive(Serialize)]
#[serde(untagged)]
enum Detail<'a> {
    Text(String),
    Mistakes(&'a [InvalidParameter]),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "Not Found",
            Self::MethodNotAllowed(_) => "Method Not Allowed",
            Self::InvalidPath => "the path is not percent-encoded UTF-8",
            Self::InvalidParameters(_) => "invalid parameters",
            Self::RequestTimeout => "the body did not arrive in time",
            Self::PayloadTooLarge(most) => return write!(f, "a body can have at most {most} bytes"),
            Self::UnsupportedMediaType => "the body must be JSON, with the header Content-Type: application/json",
            Self::NotAcceptable(formats) => return write!(f, "the formats of this path are {}", formats.join(", ")),
            Self::InvalidCursor => "the cursor is not one that this question's answer gave; begin again without it",
            Self::InvalidBody(detail)
            | Self::QueryTooExpensive(detail)
            | Self::Unauthorized(detail)
            | Self::Forbidden(detail)
            | Self::TooManyRequests { detail, .. }
            | Self::RowsUsedUp { detail, .. } => detail,
            Self::Overloaded => "too many questions are waiting for the store, try again later",
            Self::StoreUnavailable => "the store cannot answer now, try again later",
            Self::QueryTimeout => "the store did not answer in time; ask about a shorter range, or try again later",
            Self::Internal => "internal error; the log names its cause next to this answer's x-request-id",
        })
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.kind().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        self.answer(None)
    }
}

/// A question of the program's own making is wrong; what a request gives is checked where it is read.
impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Self {
        tracing::error!(%error, "a question is wrong");
        Self::Internal
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if let StoreError::Query(error @ QueryError::Size { .. }) = &error {
            return Self::QueryTooExpensive(error.to_string());
        }
        let is_retryable = error.is_retryable();
        tracing::error!(%error, error_type = error.kind(), is_retryable, "the store did not answer a query");
        match error {
            StoreError::TimedOut { .. } => Self::QueryTimeout,
            StoreError::Rejected { code, .. } => Self::too_expensive(code).unwrap_or(Self::Internal),
            _ if is_retryable => Self::StoreUnavailable,
            _ => Self::Internal,
        }
    }
}

impl From<JoinError> for Problem {
    fn from(error: JoinError) -> Self {
        tracing::error!(%error, "a query ended without an answer");
        Self::Internal
    }
}

impl From<&JsonPayloadError> for Problem {
    fn from(error: &JsonPayloadError) -> Self {
        match error {
            JsonPayloadError::Overflow { limit } | JsonPayloadError::OverflowKnownLength { limit, .. } => {
                Self::PayloadTooLarge(*limit)
            }
            JsonPayloadError::ContentType => Self::UnsupportedMediaType,
            JsonPayloadError::Deserialize(error) if error.is_data() => {
                let mistake = InvalidParameter::new(Location::body(), error.to_string(), "value_error");
                Self::InvalidParameters(vec![mistake])
            }
            JsonPayloadError::Deserialize(error) => Self::InvalidBody(format!("the body is not JSON: {error}")),
            _ => Self::InvalidBody("the body cannot be read as JSON".to_owned()),
        }
    }
}
