//! The description of the API, for programs and for people. It needs no other server, and no scripts.

mod page;

use actix_web::{HttpResponse, http::header, web};
use serde_json::Value;
use utoipa::openapi::OpenApi;

/// What the page may load: its style, from here.
const PAGE_POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Documents that are made once and served unchanged.
pub(crate) struct Documents {
    openapi: web::Bytes,
    page: web::Bytes,
}

impl Documents {
    pub(crate) fn new(document: &OpenApi) -> Self {
        // The document is plain data, whose serialisation cannot fail.
        let openapi = document.to_pretty_json().unwrap_or_default();
        let page = page::page(&serde_json::from_str(&openapi).unwrap_or(Value::Null));
        Self { openapi: openapi.into(), page: page.into() }
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

/// This description of the API as a page.
#[utoipa::path(
    get, path = "/docs", operation_id = "docs", tag = "service",
    responses((status = 200, description = "The page", content_type = "text/html", body = String))
)]
pub(crate) async fn docs(documents: web::Data<Documents>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, PAGE_POLICY))
        .body(documents.page.clone())
}

/// How the page looks.
#[utoipa::path(
    get, path = "/docs/style.css", operation_id = "docs_style", tag = "service",
    responses((status = 200, description = "The style", content_type = "text/css", body = String))
)]
pub(crate) async fn style() -> HttpResponse {
    HttpResponse::Ok().content_type("text/css; charset=utf-8").body(include_str!("style.css"))
}
