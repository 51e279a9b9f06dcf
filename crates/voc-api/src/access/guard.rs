//! What every request passes before its handler.

use actix_web::{
    Error, HttpMessage as _,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web,
};

use crate::{problem::Problem, state::Shared};

/// Paths that hold no tenant's data and are open to everyone.
const OPEN: [&str; 5] = ["/healthz", "/readyz", "/metrics", "/docs", "/openapi.json"];

/// Identifies the caller of every route that is not open. Handlers find it as an argument.
pub(crate) async fn guard<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let is_open = request.match_pattern().is_none_or(|route| is_open(&route));
    if !is_open {
        let shared = request.app_data::<web::Data<Shared>>().cloned().ok_or(Problem::Internal)?;
        match shared.api.access.authenticate(request.headers()).await {
            Ok(caller) => _ = request.extensions_mut().insert(caller),
            Err(refusal) => return Ok(request.error_response(Problem::from(refusal))),
        }
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

fn is_open(route: &str) -> bool {
    OPEN.contains(&route) || route.starts_with("/docs/")
}
