//! The description of the API, for programs.

use actix_web::{HttpResponse, web};
use utoipa::openapi::OpenApi;

/// Documents that are made once and served unchanged.
pub(crate) struct Documents {
    openapi: web::Bytes,
}

impl Documents {
    pub(crate) fn new(document: &OpenApi) -> Self {
        // The document is plain data, whose serialisation cannot fail.
        Self { openapi: document.to_pretty_json().unwrap_or_default().into() }
    }
}

/// This description of the API.
///
/// OpenAPI 3.1, for generators of clients and for tests.
#[utoipa::path(
    get, path = "/openapi.json", operation_id = "openapi", tag = "service",
    responses((status = 200, description = "The description", content_type = "application/json", body = Object))
)]
pub(crate) async fn openapi(documents: web::Data<Documents>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(documents.openapi.clone())
}
