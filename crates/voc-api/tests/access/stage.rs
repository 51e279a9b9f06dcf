//! A server with API keys.

use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime},
};

use voc_api::access::{Access, AccessConfig, CallerLimits, IssuedKey, KeyFile, NewKey, Scope, Tenants};
use voc_events::{TenantId, Timestamp};
use voc_store::EventQueries;

use crate::served::{FixedStore, Response, Served};

/// A folder with a file of API keys.
pub(crate) struct KeyStage {
    _folder: tempfile::TempDir,
    pub(crate) file: PathBuf,
}

impl KeyStage {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys.json");
        Self { _folder: folder, file }
    }

    /// A key that may read about a tenant.
    pub(crate) fn reader(&self, tenant: &str) -> String {
        self.create(&format!("reader-of-{tenant}"), [Scope::Read], only(&[tenant])).expose().to_owned()
    }

    /// A key that may read about all tenants.
    pub(crate) fn reader_of_all(&self) -> String {
        self.create("reader-of-all", [Scope::Read], Tenants::All).expose().to_owned()
    }

    pub(crate) fn create(&self, name: &str, scopes: impl Into<BTreeSet<Scope>>, tenants: Tenants) -> IssuedKey {
        let new = NewKey { name: name.to_owned(), scopes: scopes.into(), tenants, lifetime: None };
        KeyFile::edit(&self.file, |keys| keys.create(new, now())).unwrap()
    }

    pub(crate) fn config(&self) -> AccessConfig {
        AccessConfig {
            keys_file: Some(self.file.clone()),
            reload: Duration::from_millis(5),
            limits: CallerLimits { requests_per_second: 1_000_000, ..CallerLimits::default() },
            ..AccessConfig::default()
        }
    }

    pub(crate) fn serve(&self) -> Served {
        self.serve_from(Arc::new(FixedStore::default()))
    }

    pub(crate) fn serve_from(&self, store: Arc<impl EventQueries + 'static>) -> Served {
        Served::guarded(store, Access::new(&self.config()).unwrap())
    }
}

pub(crate) fn only(tenants: &[&str]) -> Tenants {
    Tenants::only(tenants.iter().map(|tenant| TenantId::new(tenant).unwrap()))
}

pub(crate) fn now() -> Timestamp {
    SystemTime::now().into()
}

/// Asks with a credential.
pub(crate) fn ask(api: &Served, credential: &str, path: &str) -> Response {
    api.fetch_with("GET", path, &[("authorization", &format!("Bearer {credential}"))])
}

/// Asks until the status is right.
pub(crate) fn ask_until(api: &Served, credential: &str, path: &str, status: u16) {
    while ask(api, credential, path).status != status {
        std::thread::yield_now();
    }
}

/// The tenants that the store was asked about, in order, each run of equal ones once: an answer may take several
/// questions.
pub(crate) fn asked(store: &FixedStore) -> Vec<Option<String>> {
    let mut tenants: Vec<Option<String>> = store.asked().into_iter().map(|(tenant, _)| tenant).collect();
    tenants.dedup();
    tenants
}
