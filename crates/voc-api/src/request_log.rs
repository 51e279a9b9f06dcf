//! What is recorded for every request: an id, a log line, metrics.

use std::time::Instant;

use actix_web::{
    Error, HttpMessage as _,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
};
use tracing::Instrument as _;
use uuid::Uuid;

use crate::telemetry::{REQUEST_SECONDS, REQUESTS};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Maximum length of an id accepted from a client, in bytes.
const MAX_ID_BYTES: usize = 128;

/// The request's id, in its extensions.
pub(crate) struct RequestId(pub(crate) String);

/// Assigns an id to the request, which is in all of its log lines and in its answer, and counts the request.
pub(crate) async fn request_log<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let start = Instant::now();
    let id = request_id(&request);
    let span = tracing::error_span!("request", id);
    request.extensions_mut().insert(RequestId(id.clone()));
    let (method, path) = (request.method().clone(), request.path().to_owned());
    let route = request.match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let mut answer = next.call(request).instrument(span.clone()).await;
    let status = match &answer {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    let elapsed = start.elapsed();
    span.in_scope(|| tracing::debug!(%method, path, status = status.as_u16(), seconds = elapsed.as_secs_f64(), "request answered"));
    metrics::counter!(REQUESTS, "route" => route.clone(), "status" => status.as_str().to_owned()).increment(1);
    metrics::histogram!(REQUEST_SECONDS, "route" => route).record(elapsed);
    if let (Ok(response), Ok(id)) = (&mut answer, HeaderValue::try_from(id)) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    answer
}

/// The client's id if it is short and can be a part of a URI, else a new one.
fn request_id(request: &ServiceRequest) -> String {
    let given = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok());
    let in_uri = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:@!$&'()*+,;=/".contains(&byte);
    let usable = given.filter(|id| !id.is_empty() && id.len() <= MAX_ID_BYTES && id.bytes().all(in_uri));
    usable.map_or_else(|| Uuid::new_v4().to_string(), str::to_owned)
}
