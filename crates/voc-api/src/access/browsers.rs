//! What browsers need to know: which pages' scripts may ask (CORS), and what may be done with an answer.

use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web,
};

use crate::state::Shared;

/// Headers of every answer that has none of its own: it is data, and no page.
const SECURITY: [(HeaderName, &str); 3] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
];
const METHODS: &str = "GET, HEAD, POST";
const REQUEST_HEADERS: &str = "authorization, content-type, if-none-match, x-api-key, x-request-id";
const ANSWER_HEADERS: &str = "etag, link, ratelimit, ratelimit-policy, retry-after, x-request-id";
/// How long a browser remembers which requests it may make.
const REMEMBERED_SECONDS: &str = "600";

/// Adds the headers, and answers a browser that asks whether it may ask.
pub(crate) async fn browsers<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let shared = request.app_data::<web::Data<Shared>>().cloned();
    let configured = shared.as_ref().map(|shared| shared.api.access.cors_origins()).unwrap_or_default();
    let origin = request.headers().get(header::ORIGIN).cloned();
    let allowed = origin.filter(|origin| configured.iter().any(|allowed| origin.as_bytes() == allowed.as_bytes()));
    let is_preflight =
        request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut answer = if is_preflight && allowed.is_some() {
        let mut answer = request.into_response(HttpResponse::NoContent().finish());
        set(answer.headers_mut(), header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        set(answer.headers_mut(), header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
        set(answer.headers_mut(), header::ACCESS_CONTROL_MAX_AGE, REMEMBERED_SECONDS);
        answer
    } else {
        next.call(request).await?.map_into_boxed_body()
    };
    let headers = answer.headers_mut();
    for (name, value) in SECURITY {
        if !headers.contains_key(&name) {
            set(headers, name, value);
        }
    }
    if !configured.is_empty() {
        // A cache must not give one origin's answer to another.
        headers.append(header::VARY, HeaderValue::from_static("origin"));
    }
    if let Some(origin) = allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        set(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, ANSWER_HEADERS);
    }
    Ok(answer)
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}
