//! Which API keys there are.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use voc_events::Timestamp;

use super::{caller::Caller, scope::Scope, tenants::Tenants};
use crate::{parameters::Parameters, problem::Problem, state::Shared};

/// The API keys, without their secrets.
///
/// A caller sees the keys that are bound to its own tenants.
#[utoipa::path(
    get, path = "/api/v1/keys", operation_id = "keys", tag = "operation",
    responses((status = 200, description = "The keys", body = Object, example = json!({"data": [{
        "name": "dashboard", "prefix": "voc_1a2b", "scopes": ["read"], "tenants": ["acme"],
        "created": "2026-02-02T12:00:00.000Z", "expires": null, "replaces": null,
        "last_used": "2026-02-08T17:30:00.250Z",
    }]})))
)]
pub(crate) async fn list_keys(
    request: HttpRequest,
    caller: Caller,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, Problem> {
    caller.require(Scope::Admin)?;
    Parameters::read(request.query_string(), |_| ())?;
    let keys = shared.api.access.keys().into_iter();
    let visible = keys.filter(|(key, _)| caller.bound_to().include_all(&key.tenants));
    let data: Vec<Listed> = visible
        .map(|(key, last_used)| Listed {
            name: key.name,
            prefix: key.prefix,
            scopes: key.scopes,
            tenants: key.tenants,
            created: key.created,
            expires: key.expires,
            replaces: key.replaces,
            last_used,
        })
        .collect();
    Ok(HttpResponse::Ok().json(Keys { data }))
}

#[derive(Serialize)]
struct Keys {
    data: Vec<Listed>,
}

#[derive(Serialize)]
struct Listed {
    name: String,
    prefix: String,
    scopes: BTreeSet<Scope>,
    tenants: Tenants,
    created: Timestamp,
    expires: Option<Timestamp>,
    replaces: Option<String>,
    last_used: Option<Timestamp>,
}
