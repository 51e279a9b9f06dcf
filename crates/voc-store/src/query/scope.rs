//! Whose events a question is about.

use voc_events::{Table, TenantId};

/// The tenants whose events a question is about.
///
/// ```
/// use voc_events::TenantId;
/// use voc_store::TenantScope;
///
/// let acme = TenantScope::of(TenantId::new("acme")?);
/// assert!(acme.includes("acme") && !acme.includes("globex"));
/// assert!(TenantScope::All.includes("globex"));
/// # Ok::<(), voc_events::TenantIdError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TenantScope {
    /// Events of all tenants, or of a family without tenants.
    All,
    /// Events of these tenants only; of none, if the list is empty.
    Only(Vec<TenantId>),
}

impl TenantScope {
    /// One tenant.
    #[must_use]
    pub fn of(tenant: TenantId) -> Self {
        Self::Only(vec![tenant])
    }

    /// Whether no event of a table can be meant: no tenants, or not all of them, and the table has none.
    pub(crate) fn is_none_of(&self, table: &Table) -> bool {
        match self {
            Self::All => false,
            Self::Only(tenants) => tenants.is_empty() || table.tenant.is_none(),
        }
    }

    /// The tenant, if events of one can be meant only.
    #[must_use]
    pub fn one(&self) -> Option<&TenantId> {
        match self {
            Self::Only(tenants) => match tenants.as_slice() {
                [tenant] => Some(tenant),
                _ => None,
            },
            Self::All => None,
        }
    }

    /// Whether events of a tenant are meant.
    #[must_use]
    pub fn includes(&self, tenant: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(tenants) => tenants.iter().any(|known| known.as_str() == tenant),
        }
    }
}

impl From<Option<TenantId>> for TenantScope {
    fn from(tenant: Option<TenantId>) -> Self {
        tenant.map_or(Self::All, Self::of)
    }
}
