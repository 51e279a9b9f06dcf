//! What is recorded for every request: an id, a log line, metrics.

use std::{rc::Rc, time::Instant};

use actix_web::{
    Error, HttpMessage as _,
    body::{BoxBody, MessageBody as _},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        ConnectionType, Version,
        header::{HeaderName, HeaderValue},
    },
    middleware::Next,
    web,
};
use tracing::Instrument as _;
use uuid::Uuid;

use crate::{
    connections::Connection,
    current_route, routes,
    state::Shared,
    telemetry::{REQUEST_SECONDS, REQUESTS},
    underway::{Delivery, Underway, class},
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Maximum length of an id accepted from a client, in bytes.
const MAX_ID_BYTES: usize = 128;

/// The request's id, in its extensions.
pub(crate) struct RequestId(pub(crate) String);

/// Assigns an id to the request, which is in all of its log lines and in its answer, and counts the request.
pub(crate) async fn request_log(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let start = Instant::now();
    let id = request_id(&request);
    let span = tracing::error_span!("request", id);
    request.extensions_mut().insert(RequestId(id.clone()));
    let (method, path) = (request.method().clone(), request.path().to_owned());
    let mut underway = Underway::begin(routes::label(request.match_pattern().as_deref()), &method);
    let Underway { route, method: label, .. } = underway;
    let connection = request.conn_data::<Rc<Connection>>().filter(|_| request.version() <= Version::HTTP_10).cloned();
    let shared = request.app_data::<web::Data<Shared>>().cloned();
    let answer = current_route::answering(route, next.call(request)).instrument(span.clone()).await;
    let status = match &answer {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    let elapsed = start.elapsed();
    span.in_scope(|| tracing::debug!(%method, path, status = status.as_u16(), seconds = elapsed.as_secs_f64(), "request answered"));
    metrics::counter!(REQUESTS, "route" => route, "method" => label, "status" => status.as_str().to_owned())
        .increment(1);
    metrics::histogram!(REQUEST_SECONDS, "route" => route, "method" => label, "class" => class(status)).record(elapsed);
    let mut response = answer.inspect_err(|_| underway.finish())?;
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    // The client's next request must find another server.
    if shared.is_some_and(|shared| shared.is_ending()) {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(response.map_body(|_, body| Delivery::new(body, status, underway, connection).boxed()))
}

/// The client's id if it is short and can be a part of a URI, else a new one.
fn request_id(request: &ServiceRequest) -> String {
    let given = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok());
    let in_uri = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:@!$&'()*+,;=/".contains(&byte);
    let usable = given.filter(|id| !id.is_empty() && id.len() <= MAX_ID_BYTES && id.bytes().all(in_uri));
    usable.map_or_else(|| Uuid::new_v4().to_string(), str::to_owned)
}
