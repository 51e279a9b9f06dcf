//! The users of an endpoint.

/// A user of an endpoint.
#[derive(Debug, Clone)]
pub struct Account {
    /// User name.
    pub user: String,
    /// Password.
    pub password: String,
    /// Whether the user is read-only (`readonly = 2`: settings may be changed).
    pub read_only: bool,
}

impl Account {
    /// A user with all rights.
    #[must_use]
    pub fn new(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self { user: user.into(), password: password.into(), read_only: false }
    }

    /// The same user, read-only.
    #[must_use]
    pub fn read_only(self) -> Self {
        Self { read_only: true, ..self }
    }
}

/// The users of an endpoint; without any, everyone may connect and do anything.
#[derive(Debug, Clone, Default)]
pub struct Accounts(Vec<Account>);

impl Accounts {
    /// These users and no others.
    #[must_use]
    pub fn new(accounts: impl IntoIterator<Item = Account>) -> Self {
        Self(accounts.into_iter().collect())
    }

    /// Whether the user may connect, and if so with which rights.
    pub(super) fn admit(&self, user: &str, password: &str) -> Option<Admission> {
        if self.0.is_empty() {
            return Some(Admission { read_only: false });
        }
        let account = self.0.iter().find(|account| account.user == user && account.password == password)?;
        Some(Admission { read_only: account.read_only })
    }
}

/// The rights of an admitted user.
pub(super) struct Admission {
    pub(super) read_only: bool,
}
