//! Erasing the events of a customer or of a tenant.

use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use voc_events::{TenantId, Timestamp, families::FamilyInfo};

use crate::{StoreError, hex::hex};

/// Whose events to erase, and who wants it.
///
/// Erased are the rows and dead letters of these families that are about the customer: those whose column
/// [`customer`](voc_events::Table::customer) or whose payload's member of that name says so, and all of the customer's
/// calls.
///
/// ```
/// use voc_events::{TenantId, families};
/// use voc_store::Erasure;
///
/// let voc = *families::find("voc").unwrap();
/// let acme = TenantId::new("acme")?;
/// let erasure = Erasure::new(vec![voc], Some(acme), Some("c-7".to_owned()))?.requested("a.souza", "ticket 4711");
/// assert_eq!(erasure.customer_hash().len(), 64);
/// assert!(Erasure::new(vec![voc], None, Some("c-7".to_owned())).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Erasure {
    pub(crate) id: String,
    pub(crate) families: Vec<FamilyInfo>,
    pub(crate) tenant: Option<TenantId>,
    pub(crate) customer: Option<String>,
    pub(crate) requested_by: String,
    pub(crate) reason: String,
}

impl Erasure {
    /// An erasure of the events of one customer of a tenant; without a customer, of all the tenant's events. Families
    /// without tenants need a customer and no tenant.
    ///
    /// # Errors
    /// [`ErasureError`] if a family's events cannot be told apart like this.
    pub fn new(
        families: Vec<FamilyInfo>,
        tenant: Option<TenantId>,
        customer: Option<String>,
    ) -> Result<Self, ErasureError> {
        for family in &families {
            match (family.table.tenant, &tenant) {
                (Some(_), None) => return Err(ErasureError::NeedsTenant { family: family.name }),
                (None, Some(_)) => return Err(ErasureError::NoTenants { family: family.name }),
                (None, None) if customer.is_none() => return Err(ErasureError::NeedsCustomer { family: family.name }),
                _ if customer.is_some() && family.table.customer.is_none() => {
                    return Err(ErasureError::NoCustomers { family: family.name });
                }
                _ => {}
            }
        }
        // As identifiers in events are.
        let customer = customer.map(|customer| customer.trim().to_owned());
        if customer.as_ref().is_some_and(String::is_empty) {
            return Err(ErasureError::EmptyCustomer);
        }
        let id = Uuid::new_v4().to_string();
        Ok(Self { id, families, tenant, customer, requested_by: String::new(), reason: String::new() })
    }

    /// Says who wants it and why, for the record of it.
    #[must_use]
    pub fn requested(self, by: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { requested_by: by.into(), reason: reason.into(), ..self }
    }

    /// What its record says instead of the customer's identifier: SHA-256 of the tenant, a zero byte and the customer,
    /// in hexadecimal digits. Empty if all of the tenant's events are erased.
    #[must_use]
    pub fn customer_hash(&self) -> String {
        let Some(customer) = &self.customer else { return String::new() };
        let tenant = self.tenant.as_ref().map_or("", TenantId::as_str);
        hex(&Sha256::new().chain_update(tenant).chain_update([0]).chain_update(customer).finalize())
    }
}

/// What cannot be erased as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ErasureError {
    /// The family has tenants, and none is given.
    #[error("events of the family {family} belong to tenants; say whose events to erase")]
    NeedsTenant {
        /// The family.
        family: &'static str,
    },
    /// The family has no tenants, and one is given.
    #[error("events of the family {family} belong to no tenant; name only the customer")]
    NoTenants {
        /// The family.
        family: &'static str,
    },
    /// Neither a tenant nor a customer is given.
    #[error("all events of the family {family} would be erased; name a customer")]
    NeedsCustomer {
        /// The family.
        family: &'static str,
    },
    /// The family's events are about nobody.
    #[error("events of the family {family} are about no customer")]
    NoCustomers {
        /// The family.
        family: &'static str,
    },
    /// An empty identifier stands for events about nobody.
    #[error("the customer's identifier is empty")]
    EmptyCustomer,
}

/// Rows and dead letters that are, or were, about somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Erased {
    /// Records with a row.
    pub rows: u64,
    /// Records with a dead letter.
    pub dead_letters: u64,
}

impl Erased {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl std::ops::AddAssign for Erased {
    fn add_assign(&mut self, other: Self) {
        self.rows += other.rows;
        self.dead_letters += other.dead_letters;
    }
}

/// An erasure that has ended: nothing is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishedErasure {
    /// What its record calls it: the name of the one that it continued, if that was interrupted.
    pub id: String,
    /// What was erased.
    pub erased: Erased,
}

/// The record of an erasure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordedErasure {
    /// Its name.
    pub id: String,
    /// Whose events; empty for families without tenants.
    pub tenant_id: String,
    /// [`Erasure::customer_hash`].
    pub customer_hash: String,
    /// The families.
    pub families: Vec<String>,
    /// Who wanted it.
    pub requested_by: String,
    /// Why.
    pub reason: String,
    /// When it began, in UTC.
    pub requested_at: String,
    /// When everything was gone, in UTC; `None` if it was interrupted or is under way.
    pub finished_at: Option<String>,
    /// What was erased.
    #[serde(flatten)]
    pub erased: Erased,
}

/// Learns how an erasure is going.
pub trait ErasureProgress: Send + Sync {
    /// Something was done, or is waited for.
    fn step(&self, text: &str);
}

/// Tells nobody.
impl ErasureProgress for () {
    fn step(&self, _text: &str) {}
}

/// Why an erasure did not end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EraseFailure {
    /// The store failed. The erasure can be begun again: what is erased stays so.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store could not remove the rows.
    #[error("the store cannot remove rows of {table}: {reason}; end the mutation with KILL MUTATION, and erase again")]
    Mutation {
        /// The table.
        table: String,
        /// The store's reason.
        reason: String,
    },
    /// Events about the customer arrive as fast as they are erased.
    #[error("{rows} rows and {dead_letters} dead letters have arrived meanwhile; erase again once no more arrive")]
    Arriving {
        /// Rows.
        rows: u64,
        /// Dead letters.
        dead_letters: u64,
    },
}

/// The time of a change, by which the later of two counts.
pub(crate) fn change_now() -> u64 {
    u64::try_from(Timestamp::from(std::time::SystemTime::now()).as_millis()).unwrap_or_default()
}
