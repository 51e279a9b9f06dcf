//! Which API keys there are.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, web};
use serde::Serialize;
use voc_events::Timestamp;

use super::{caller::Caller, scope::Scope, tenants::Tenants};
use crate::{problem::Problem, state::Shared};

/// `/api/v1/keys`: `{"data":[{name, prefix, scopes, tenants, created, expires, replaces, last_used}]}`. A caller sees
/// the keys that are bound to its own tenants.
pub(crate) async fn list_keys(caller: Caller, shared: web::Data<Shared>) -> Result<HttpResponse, Problem> {
    caller.require(Scope::Admin)?;
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
