//! Who asks.

use std::{
    collections::BTreeSet,
    fmt,
    future::{Ready, ready},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload};
use tokio::time::Instant;
use voc_events::{Table, TenantId};
use voc_store::{ReadMeter, TenantScope};

use super::{
    limiter::{Limiter, Payer, Slot},
    refusal::Refusal,
    scope::Scope,
    tenants::Tenants,
};
use crate::problem::Problem;

/// Rows are counted for callers of some tenants in blocks, and at least one block for a question. The exact number
/// would tell of rows of other tenants, which the store reads where they are stored next to those that are asked for.
const BLOCK: u64 = 65_536;

/// In place of the name of a credential.
const ANONYMOUS: &str = "anonymous";

/// What a credential says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    /// Names the credential in logs and is no secret: `key:` and the prefix of a key, or `jwt:` and a subject.
    pub(super) id: String,
    pub(super) scopes: BTreeSet<Scope>,
    pub(super) tenants: Tenants,
}

impl Identity {
    /// A caller that needs no credentials.
    pub(super) fn anonymous() -> Self {
        Self { id: ANONYMOUS.to_owned(), scopes: Scope::ALL.into(), tenants: Tenants::All }
    }
}

/// The caller of one request, and what it may ask and use. A handler takes it as an argument.
#[derive(Clone)]
pub(crate) struct Caller(Arc<Asking>);

struct Asking {
    identity: Identity,
    limiter: Arc<Limiter>,
    /// Who the question is counted for, once its tenants are known.
    payer: OnceLock<Payer>,
    rows_read: AtomicU64,
    begun: Instant,
    /// What the audit log says about the body.
    body: OnceLock<String>,
}

impl Caller {
    pub(super) fn new(identity: Identity, limiter: Arc<Limiter>) -> Self {
        let (payer, rows_read) = (OnceLock::new(), AtomicU64::new(0));
        Self(Arc::new(Asking { identity, limiter, payer, rows_read, begun: Instant::now(), body: OnceLock::new() }))
    }

    pub(crate) fn id(&self) -> &str {
        &self.0.identity.id
    }

    /// Notes what the audit log is to say about the body.
    pub(super) fn note_body(&self, said: String) {
        // A request has one body.
        let _ = self.0.body.set(said);
    }

    /// What the audit log says about the body, if there is one.
    pub(super) fn body(&self) -> &str {
        self.0.body.get().map_or("", String::as_str)
    }

    /// When the request began.
    pub(crate) fn begun(&self) -> Instant {
        self.0.begun
    }

    /// Whether callers need no credentials.
    pub(super) fn is_anonymous(&self) -> bool {
        self.id() == ANONYMOUS
    }

    /// The tenants that the credential is bound to.
    pub(crate) fn bound_to(&self) -> &Tenants {
        &self.0.identity.tenants
    }

    /// Refuses a caller without the scope.
    pub(crate) fn require(&self, scope: Scope) -> Result<(), Refusal> {
        if self.0.identity.scopes.contains(&scope) { Ok(()) } else { Err(Refusal::MissingScope(scope)) }
    }

    /// The tenants that a question is about: the one it names, or all that the caller may ask about.
    pub(crate) fn tenants(&self, named: Option<&TenantId>) -> Result<TenantScope, Refusal> {
        let scope = match (self.bound_to(), named) {
            (Tenants::Only(tenants), _) if tenants.is_empty() => return Err(Refusal::NoTenant),
            (tenants, Some(named)) if tenants.include(named) => TenantScope::of(named.clone()),
            (_, Some(_)) => return Err(Refusal::TenantNotAllowed),
            (Tenants::All, None) => TenantScope::All,
            (Tenants::Only(tenants), None) => TenantScope::Only(tenants.clone()),
        };
        if let TenantScope::Only(tenants) = &scope
            && let [tenant] = tenants.as_slice()
        {
            // A question that asks for its tenants again gets the same ones.
            let _ = self.0.payer.set(Payer::Tenant(tenant.to_string()));
        }
        Ok(scope)
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

    /// Waits for permission to ask the store; call it once the question's tenants are known. What asks keeps it until
    /// it has its answer.
    pub(crate) async fn slot(&self) -> Result<Slot, Refusal> {
        self.0.limiter.slot(&self.payer()).await
    }

    /// Refuses a caller that has used up its rows; call it once the question's tenants are known.
    pub(crate) fn require_rows(&self) -> Result<(), Refusal> {
        self.0.limiter.rows_left(self.id(), &self.payer())
    }

    /// Counts the rows that are read for one question.
    pub(crate) fn meter(&self) -> ReadMeter {
        let caller = self.clone();
        if *self.bound_to() == Tenants::All {
            return ReadMeter::new(move |rows| caller.spend(rows));
        }
        self.spend(BLOCK);
        let read = AtomicU64::new(0);
        ReadMeter::new(move |rows| {
            let blocks = |rows: u64| rows.div_ceil(BLOCK).max(1);
            let before = read.fetch_add(rows, Ordering::Relaxed);
            caller.spend((blocks(before + rows) - blocks(before)) * BLOCK);
        })
    }

    fn spend(&self, rows: u64) {
        self.0.rows_read.fetch_add(rows, Ordering::Relaxed);
        self.0.limiter.spend(self.id(), &self.payer(), rows);
    }

    /// The rows that were counted so far for the request.
    pub(crate) fn rows_read(&self) -> u64 {
        self.0.rows_read.load(Ordering::Relaxed)
    }

    /// Who the question is counted for: its tenant, or a caller that asks about several.
    pub(super) fn payer(&self) -> Payer {
        self.0.payer.get().cloned().unwrap_or_else(|| Payer::Caller(self.id().to_owned()))
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.identity.fmt(f)
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
