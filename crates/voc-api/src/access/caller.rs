//! Who asks.

use std::{
    collections::BTreeSet,
    future::{Ready, ready},
    sync::Arc,
};

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload};
use voc_events::{Table, TenantId};
use voc_store::TenantScope;

use super::{refusal::Refusal, scope::Scope, tenants::Tenants};
use crate::problem::Problem;

/// Who asks, and what it may ask. A handler takes it as an argument.
#[derive(Debug, Clone)]
pub(crate) struct Caller(Arc<Identity>);

#[derive(Debug)]
struct Identity {
    id: String,
    scopes: BTreeSet<Scope>,
    tenants: Tenants,
}

impl Caller {
    /// `id` names the credential in logs and is no secret: `key:` and the prefix of a key, or `jwt:` and a subject.
    pub(crate) fn new(id: String, scopes: BTreeSet<Scope>, tenants: Tenants) -> Self {
        Self(Arc::new(Identity { id, scopes, tenants }))
    }

    /// A caller that needs no credentials.
    pub(crate) fn anonymous() -> Self {
        Self::new("anonymous".to_owned(), Scope::ALL.into(), Tenants::All)
    }

    pub(crate) fn id(&self) -> &str {
        &self.0.id
    }

    /// The tenants that the credential is bound to.
    pub(crate) fn bound_to(&self) -> &Tenants {
        &self.0.tenants
    }

    /// Refuses a caller without the scope.
    pub(crate) fn require(&self, scope: Scope) -> Result<(), Refusal> {
        if self.0.scopes.contains(&scope) { Ok(()) } else { Err(Refusal::MissingScope(scope)) }
    }

    /// The tenants that a question is about: the one it names, or all that the caller may ask about.
    pub(crate) fn tenants(&self, named: Option<&TenantId>) -> Result<TenantScope, Refusal> {
        match (&self.0.tenants, named) {
            (Tenants::Only(tenants), _) if tenants.is_empty() => Err(Refusal::NoTenant),
            (tenants, Some(named)) if tenants.include(named) => Ok(TenantScope::Only(vec![named.clone()])),
            (_, Some(_)) => Err(Refusal::TenantNotAllowed),
            (Tenants::All, None) => Ok(TenantScope::All),
            (Tenants::Only(tenants), None) => Ok(TenantScope::Only(tenants.clone())),
        }
    }

    /// Like [`tenants`](Self::tenants), for a question about one table: one without tenants is for callers for all.
    pub(crate) fn tenants_of(&self, table: &Table, named: Option<&TenantId>) -> Result<TenantScope, Refusal> {
        let scope = self.tenants(named)?;
        if table.tenant.is_none() && scope != TenantScope::All { Err(Refusal::NeedsAllTenants) } else { Ok(scope) }
    }

    /// Like [`tenants`](Self::tenants), for what is answered about one tenant, or about all (`None`).
    pub(crate) fn one_tenant(&self, named: Option<&TenantId>) -> Result<Option<TenantId>, Refusal> {
        one_of(self.tenants(named)?)
    }

    /// Like [`tenants_of`](Self::tenants_of), for what is answered about one tenant, or about all (`None`).
    pub(crate) fn one_tenant_of(&self, table: &Table, named: Option<&TenantId>) -> Result<Option<TenantId>, Refusal> {
        one_of(self.tenants_of(table, named)?)
    }
}

fn one_of(tenants: TenantScope) -> Result<Option<TenantId>, Refusal> {
    match tenants {
        TenantScope::All => Ok(None),
        TenantScope::Only(mut tenants) if tenants.len() == 1 => Ok(tenants.pop()),
        TenantScope::Only(_) => Err(Refusal::SeveralTenants),
    }
}

/// The guard put it into the request.
impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(request.extensions().get::<Self>().cloned().ok_or_else(|| Refusal::Unauthenticated.into()))
    }
}
