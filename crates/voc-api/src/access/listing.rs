//! Which API keys there are.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;
use voc_events::Timestamp;

use super::{caller::Caller, scope::Scope, tenants::Tenants};
use crate::{parameters::Parameters, problem::Problem, state::Shared};

/// The API keys, without their secrets.
///
/// A caller sees the keys that are bound to its own tenants.
#[utoipa::path(
    get, path = "/api/v1/keys", operation_id = "keys", tag = "operation",
    responses((status = 200, description = "The keys", body = KeysAnswer, example = json!({"data": [{
        "name": "dashboard", "prefix": "Ab3dE9xz", "scopes": ["read"], "tenants": ["acme"],
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
    let data: Vec<ListedKey> = visible
        .map(|(key, last_used)| ListedKey {
            expires: key.ends(),
            name: key.name,
            prefix: key.prefix,
            scopes: key.scopes,
            tenants: key.tenants,
            created: key.created,
            replaces: key.replaces,
            last_used,
        })
        .collect();
    Ok(HttpResponse::Ok().json(KeysAnswer { data }))
}

#[derive(Serialize, ToSchema)]
struct KeysAnswer {
    /// In the order of their creation.
    data: Vec<ListedKey>,
}

#[derive(Serialize, ToSchema)]
struct ListedKey {
    /// What the key is for.
    name: String,
    /// The part of its text that may be shown.
    prefix: String,
    /// What it allows.
    #[schema(value_type = Vec<Scope>)]
    scopes: BTreeSet<Scope>,
    /// The tenants it is bound to: a list, or the word `all`.
    #[schema(value_type = serde_json::Value)]
    tenants: Tenants,
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// When it stops being valid, if ever.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires: Option<Timestamp>,
    /// The prefix of the key that it replaces.
    replaces: Option<String>,
    /// When this service last saw it, if ever.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used: Option<Timestamp>,
}
