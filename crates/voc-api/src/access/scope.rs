//! What a credential allows, apart from tenants.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A permission. None includes another.
///
/// ```
/// use voc_api::access::Scope;
/// assert_eq!("report".parse(), Ok(Scope::Report));
/// assert_eq!(Scope::Sql.to_string(), "sql");
/// assert!("write".parse::<Scope>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Ask the endpoints of the API.
    Read,
    /// Run named reports.
    Report,
    /// Run queries in restricted SQL.
    Sql,
    /// See which API keys there are.
    Admin,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Read, Self::Report, Self::Sql, Self::Admin];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Report => "report",
            Self::Sql => "sql",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text is not the name of a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected read, report, sql or admin")]
pub struct UnknownScope;

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        Self::ALL.into_iter().find(|scope| scope.name() == text).ok_or(UnknownScope)
    }
}
