//! The tenants that a credential is bound to.

use std::fmt;

use serde::{Deserialize, Serialize};
use voc_events::TenantId;

/// The word that stands for all tenants in a file of keys.
const ALL: &str = "all";

/// The tenants that a credential is bound to.
///
/// ```
/// use voc_api::access::Tenants;
/// use voc_events::TenantId;
///
/// let [acme, globex] = ["acme", "globex"].map(|id| TenantId::new(id).unwrap());
/// let tenants = Tenants::only([globex.clone(), acme.clone(), acme.clone()]);
/// assert_eq!(tenants, Tenants::Only(vec![acme.clone(), globex]));
/// assert!(tenants.include(&acme) && Tenants::All.include(&acme) && !Tenants::only([]).include(&acme));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Written", try_from = "Written")]
pub enum Tenants {
    /// Every tenant, and the families without tenants.
    All,
    /// These, sorted, each once. None at all is possible, and allows nothing.
    Only(Vec<TenantId>),
}

impl Tenants {
    /// These tenants only.
    #[must_use]
    pub fn only(tenants: impl IntoIterator<Item = TenantId>) -> Self {
        let mut tenants: Vec<TenantId> = tenants.into_iter().collect();
        tenants.sort();
        tenants.dedup();
        Self::Only(tenants)
    }

    /// Whether a tenant is one of them.
    #[must_use]
    pub fn include(&self, tenant: &TenantId) -> bool {
        match self {
            Self::All => true,
            Self::Only(tenants) => tenants.binary_search(tenant).is_ok(),
        }
    }

    /// Whether all of `others` are among them.
    #[must_use]
    pub fn include_all(&self, others: &Self) -> bool {
        match (self, others) {
            (Self::All, _) => true,
            (Self::Only(_), Self::All) => false,
            (Self::Only(_), Self::Only(others)) => others.iter().all(|tenant| self.include(tenant)),
        }
    }
}

/// `all`, or the tenants separated by commas.
impl fmt::Display for Tenants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str(ALL),
            Self::Only(tenants) => {
                let names: Vec<&str> = tenants.iter().map(TenantId::as_str).collect();
                f.write_str(&names.join(","))
            }
        }
    }
}

/// The tenants in a file: the word `all`, or a list.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Word(String),
    List(Vec<String>),
}

impl From<Tenants> for Written {
    fn from(tenants: Tenants) -> Self {
        match tenants {
            Tenants::All => Self::Word(ALL.to_owned()),
            Tenants::Only(tenants) => Self::List(tenants.iter().map(ToString::to_string).collect()),
        }
    }
}

impl TryFrom<Written> for Tenants {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        match written {
            Written::Word(word) if word == ALL => Ok(Self::All),
            Written::Word(word) => Err(format!("tenants: found {word:?}, expected \"all\" or a list of tenants")),
            Written::List(names) if names.is_empty() => {
                Err("tenants: found an empty list, expected \"all\" or a list of tenants".to_owned())
            }
            Written::List(names) => {
                let tenant = |name: &String| TenantId::new(name).map_err(|error| format!("tenants: found {error}"));
                Ok(Self::only(names.iter().map(tenant).collect::<Result<Vec<_>, _>>()?))
            }
        }
    }
}
