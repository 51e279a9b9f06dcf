//! The kinds of problems that an answer can name: their statuses, stable codes and titles.

/// A kind of problem, as clients know it (RFC 9457).
///
/// ```
/// let unknown = voc_api::ProblemKind::ALL.iter().find(|kind| kind.code == "not_found").unwrap();
/// assert_eq!((unknown.status, unknown.type_uri().as_str()), (404, "/problems/not-found"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProblemKind {
    /// The answer's HTTP status.
    pub status: u16,
    /// The code, which never changes its meaning.
    pub code: &'static str,
    /// The same for all problems of the kind.
    pub title: &'static str,
    /// When it happens, and what to do, for the documents.
    pub meaning: &'static str,
}

impl ProblemKind {
    /// The `type` of its problems: a relative URI that identifies the kind.
    #[must_use]
    pub fn type_uri(&self) -> String {
        format!("/problems/{}", self.code.replace('_', "-"))
    }
}

macro_rules! kinds {
    ($($name:ident = $status:literal, $code:literal, $title:literal, $meaning:literal;)*) => {
        impl ProblemKind {
            $(pub(crate) const $name: Self = Self { status: $status, code: $code, title: $title, meaning: $meaning };)*

            /// All kinds, by status.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

kinds! {
    INVALID_BODY = 400, "invalid_body", "The body cannot be read",
        "The body is not JSON, or not all of it arrived. `detail` says where.";
    INVALID_CURSOR = 400, "invalid_cursor", "The cursor cannot be used",
        "A cursor belongs to one question and is used unchanged. Begin again without it.";
    INVALID_PATH = 400, "invalid_path", "The path cannot be read",
        "The path is not percent-encoded UTF-8.";
    UNAUTHORIZED = 401, "unauthorized", "Credentials are missing or invalid",
        "Send an API key or a token; one that was sent is unknown, expired or revoked.";
    FORBIDDEN = 403, "forbidden", "The credentials do not allow this",
        "Ask for a key with the scope or tenant that `detail` names.";
    NOT_FOUND = 404, "not_found", "Not found",
        "Nothing is at this path, or nothing that the credentials may see.";
    METHOD_NOT_ALLOWED = 405, "method_not_allowed", "Method not allowed",
        "The header `Allow` lists the methods of this path.";
    NOT_ACCEPTABLE = 406, "not_acceptable", "No format that is accepted",
        "`detail` lists the formats of this path. Change `Accept`, `format` or the path's extension.";
    REQUEST_TIMEOUT = 408, "request_timeout", "The body did not arrive in time",
        "Send the whole body at once.";
    PAYLOAD_TOO_LARGE = 413, "payload_too_large", "The body is too large",
        "`detail` says how many bytes a body can have.";
    UNSUPPORTED_MEDIA_TYPE = 415, "unsupported_media_type", "The body's format is not supported",
        "Send JSON with `Content-Type: application/json`.";
    INVALID_PARAMETERS = 422, "invalid_parameters", "Invalid parameters",
        "Parameters, or parts of the body, are unknown or have invalid values. `detail` lists all mistakes.";
    QUERY_TOO_EXPENSIVE = 422, "query_too_expensive", "The question is too expensive",
        "The question reads more than is allowed at once. `detail` says how to make it smaller.";
    ROWS_USED_UP = 429, "rows_used_up", "The rows that may be read are used up",
        "The key has had as many rows read about the tenant as it may per hour. Wait for the seconds in `Retry-After`; \
         shorter ranges read fewer rows, and answers that the service still has cost none.";
    TOO_MANY_REQUESTS = 429, "too_many_requests", "Too many requests",
        "The limit of the key or the tenant is used up. Wait for the seconds in `Retry-After`.";
    INTERNAL_ERROR = 500, "internal_error", "Internal error",
        "An error of the service or its configuration. The log names the cause next to `instance`.";
    OVERLOADED = 503, "overloaded", "Too many questions at once",
        "The service has as many questions as it can take. Wait for the seconds in `Retry-After`.";
    STORE_UNAVAILABLE = 503, "store_unavailable", "The store cannot answer now",
        "The store cannot be reached, or is overloaded. Wait for the seconds in `Retry-After`.";
    QUERY_TIMEOUT = 504, "query_timeout", "No answer in time",
        "The question took too long, or the store is stuck. Shorten the range, or try again later.";
}
