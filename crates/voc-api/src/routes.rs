//! The handlers of all paths.

use actix_web::{
    FromRequest, Handler, Resource, Responder,
    web::{self, ServiceConfig},
};

use crate::{health, ledger, problem::Problem, state::Shared, summaries};

/// Registers every route. Unknown paths are answered with 404, methods other than GET and HEAD with 405.
pub(crate) fn register(config: &mut ServiceConfig, shared: &web::Data<Shared>) {
    config.app_data(shared.clone());
    config.service(get("/healthz", health::healthz));
    config.service(get("/readyz", health::readyz));
    config.service(get("/metrics", health::metrics));
    if shared.api.queries.is_some() {
        config.service(get("/api/v1/summary", summaries::by_type));
        config.service(get("/api/v1/topics", summaries::by_topic));
        config.service(get("/api/v1/ledger", ledger::by_partition));
        config.service(get("/metrics/summary", summaries::rows));
    }
    config.default_service(web::to(|| async { Err::<&str, Problem>(Problem::NotFound) }));
}

fn get<F, Args>(path: &str, handler: F) -> Resource
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::resource(path)
        .route(web::get().to(handler.clone()))
        .route(web::head().to(handler))
        .default_service(web::to(|| async { Err::<&str, Problem>(Problem::MethodNotAllowed) }))
}
