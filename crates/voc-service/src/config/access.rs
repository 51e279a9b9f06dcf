//! The settings of who may ask the API.

use std::path::PathBuf;

use voc_api::access::AccessConfig;

use super::{Rejected, Setting, Spec, Values, parse};

const GROUP: &str = "Access";

/// The file of API keys.
pub const KEYS_FILE: Setting<PathBuf> = Setting::new(
    "api-keys-file",
    &["VOC_API_KEYS_FILE"],
    "File of API keys, which voc-query keys create makes; changes take effect within seconds",
    parse::path,
)
.group(GROUP)
.value_name("FILE")
.default_note("no keys");
/// Whether everyone may ask everything.
pub const OPEN: Setting<bool> = Setting::switch(
    "api-open",
    &["VOC_API_OPEN"],
    "Let everyone who reaches the port ask about all tenants. Without this and without credentials, only this machine \
     can reach it",
)
.group(GROUP);

/// Who may ask the API.
#[derive(Debug, Clone)]
pub struct AccessSettings {
    /// The credentials and limits of callers.
    pub config: AccessConfig,
    /// Whether everyone who reaches the port may ask everything, which is an explicit choice.
    pub open: bool,
}

impl AccessSettings {
    /// The settings of this group.
    #[must_use]
    pub fn specs() -> Vec<Spec> {
        vec![KEYS_FILE.spec(), OPEN.spec()]
    }

    /// Reads the group.
    ///
    /// # Errors
    /// [`Rejected`] if a value is wrong, or everyone may ask although credentials are configured.
    pub fn read(values: &mut Values) -> Result<Self, Rejected> {
        let (keys_file, open) = (values.get_optional(&KEYS_FILE), values.get(&OPEN));
        let config = AccessConfig { keys_file: keys_file?, ..AccessConfig::default() };
        let open = open?;
        if open && config.needs_credentials() {
            return Err(values.reject(&OPEN, "either credentials or an API that is open to everyone, not both"));
        }
        Ok(Self { config, open })
    }

    /// Who may ask, for the log.
    #[must_use]
    pub fn describe(&self) -> &'static str {
        match (self.config.needs_credentials(), self.open) {
            (true, _) => "callers need an API key or a token",
            (false, true) => "open: everyone who reaches the port may ask about all tenants (VOC_API_OPEN)",
            (false, false) => "no credentials are configured: everyone on this machine may ask about all tenants",
        }
    }

    /// Whether the API may be reached from other machines.
    #[must_use]
    pub fn allows_other_machines(&self) -> bool {
        self.open || self.config.needs_credentials()
    }
}
