//! What every request passes before its handler.

use std::time::Instant;

use actix_web::{
    Error, HttpMessage as _,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderName, HeaderValue},
    middleware::Next,
    web,
};

use super::{
    audit::{Asked, record},
    caller::Caller,
    control::Access,
};
use crate::{problem::Problem, state::Shared};

/// Routes that hold no tenant's data and are open to everyone.
const OPEN: [&str; 5] = ["/healthz", "/readyz", "/metrics", "/docs", "/openapi.json"];
/// An answer is for its caller: no cache may give it to another one, not even one that knows no `X-Api-Key`.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("private, no-cache");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STATE: HeaderName = HeaderName::from_static("ratelimit");

/// Identifies and counts the caller of everything that is not open, and records what it asked. Handlers find the
/// caller as an argument.
pub(crate) async fn guard<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if request.match_pattern().is_some_and(|route| is_open(&route)) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let start = Instant::now();
    let shared = request.app_data::<web::Data<Shared>>().cloned().ok_or(Problem::Internal)?;
    let access = &shared.api.access;
    let asked = Asked::of(&request, access.audits_values());
    let caller = match access.authenticate(request.headers()).await {
        Ok(caller) => caller,
        Err(refusal) => {
            let mut answer = request.error_response(Problem::from(refusal));
            keep_private(&mut answer);
            record(&asked, None, answer.status(), start);
            return Ok(answer);
        }
    };
    let mut answer = match access.count_request(&caller) {
        Ok(()) => {
            request.extensions_mut().insert(caller.clone());
            next.call(request).await?.map_into_boxed_body()
        }
        Err(refusal) => request.error_response(Problem::from(refusal)),
    };
    state_allowances(access, &caller, &mut answer);
    keep_private(&mut answer);
    record(&asked, Some(&caller), answer.status(), start);
    Ok(answer)
}

fn state_allowances(access: &Access, caller: &Caller, answer: &mut ServiceResponse<BoxBody>) {
    let Some((policy, state)) = access.allowances(caller) else { return };
    for (name, value) in [(POLICY, policy), (STATE, state)] {
        if let Ok(value) = HeaderValue::try_from(value) {
            answer.headers_mut().insert(name, value);
        }
    }
}

fn keep_private(answer: &mut ServiceResponse<BoxBody>) {
    if !answer.headers().contains_key(header::CACHE_CONTROL) {
        answer.headers_mut().insert(header::CACHE_CONTROL, CACHE_CONTROL);
    }
}

fn is_open(route: &str) -> bool {
    OPEN.contains(&route) || route.starts_with("/docs/")
}
