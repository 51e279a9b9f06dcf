//! The settings of the schema registry.

use std::{path::PathBuf, time::Duration};

use voc_ingest::registry::{RegistryLogin, RegistrySecret, RegistrySettings, RegistrySettingsError};
use voc_service::config::{Rejected, Secret, Setting, Spec, Values, parse};

const GROUP: &str = "Schema registry";

const URL: Setting<Vec<String>> = Setting::new(
    "schema-registry-url",
    &["SCHEMA_REGISTRY_URL"],
    "Registry of the schemas of records in Avro, Protobuf and JSON Schema: addresses separated by commas, tried in order. \
     Plain JSON needs none",
    parse::list,
)
.group(GROUP)
.value_name("URLS")
// A URL may contain a password, by mistake: errors show it only as far as it is none.
.hidden();

const USER: Setting<String> =
    Setting::new("schema-registry-user", &["SCHEMA_REGISTRY_USER"], "User name for basic authentication", parse::text)
        .group(GROUP)
        .value_name("NAME");

const PASSWORD: Setting<Secret> = Setting::new(
    "schema-registry-password",
    &["SCHEMA_REGISTRY_PASSWORD"],
    "Password for basic authentication; a flag is visible to other users of the machine, so prefer the variable",
    parse::secret,
)
.group(GROUP)
.value_name("PASSWORD")
.secret("schema-registry-password-file", &["SCHEMA_REGISTRY_PASSWORD_FILE"]);

const TOKEN: Setting<Secret> = Setting::new(
    "schema-registry-token",
    &["SCHEMA_REGISTRY_TOKEN"],
    "Bearer token, instead of basic authentication; prefer the variable",
    parse::secret,
)
.group(GROUP)
.value_name("TOKEN")
.secret("schema-registry-token-file", &["SCHEMA_REGISTRY_TOKEN_FILE"]);

const CA_FILE: Setting<PathBuf> = Setting::new(
    "schema-registry-ssl-ca-location",
    &["SCHEMA_REGISTRY_SSL_CA_LOCATION"],
    "File of the accepted certificate authorities, in PEM",
    parse::path,
)
.group(GROUP)
.value_name("FILE")
.default_note("the system's");

const TIMEOUT: Setting<Duration> = Setting::new(
    "schema-registry-timeout-seconds",
    &["SCHEMA_REGISTRY_TIMEOUT_SECONDS"],
    "Timeout of a request; records whose schema is not yet known wait, however many attempts it takes",
    parse::seconds,
)
.group(GROUP)
.value_name("SECONDS")
.default("10");

/// The registry's settings.
pub(super) struct RegistryGroup;

impl RegistryGroup {
    pub(super) fn specs() -> Vec<Spec> {
        vec![URL.spec(), USER.spec(), PASSWORD.spec(), TOKEN.spec(), CA_FILE.spec(), TIMEOUT.spec()]
    }

    /// `None` if there is no registry.
    pub(super) fn read(values: &mut Values) -> Result<Option<RegistrySettings>, Rejected> {
        let (urls, timeout) = (values.get_optional(&URL), values.get(&TIMEOUT));
        let (login, ca_file) = (login(values), values.get_optional(&CA_FILE));
        // One is checked even if the other is rejected already, so that all errors are listed at once.
        let mut settings = RegistrySettings::new(urls.clone().ok().flatten().unwrap_or_default());
        settings.login = login.clone().unwrap_or_default();
        let (mut checked, mut bad_urls) = (Ok(()), Vec::new());
        for error in settings.configuration_errors() {
            match error {
                RegistrySettingsError::Url { url } => bad_urls.push(format!("{url:?}")),
                _ => checked = Err(values.reject(&TOKEN, "a token that HTTP can carry, without line breaks")),
            }
        }
        if !bad_urls.is_empty() {
            let expected = "addresses that begin with http:// or https://, without user names and passwords";
            checked = Err(values.reject(&URL, format!("{expected}, unlike {}", bad_urls.join(", "))));
        }
        settings.ca_file = ca_file?;
        settings.timeout = timeout?;
        let is_configured = urls?.is_some();
        login.and(checked)?;
        Ok(is_configured.then_some(settings))
    }
}

fn login(values: &mut Values) -> Result<RegistryLogin, Rejected> {
    let (user, password) = (values.get_optional(&USER), values.get_optional(&PASSWORD));
    let token = values.get_optional(&TOKEN);
    let hidden = |secret: &Secret| RegistrySecret::new(secret.expose());
    match (user?, password?, token?) {
        (None, None, None) => Ok(RegistryLogin::None),
        (Some(user), Some(password), None) => Ok(RegistryLogin::Basic { user, password: hidden(&password) }),
        (None, None, Some(token)) => Ok(RegistryLogin::Bearer(hidden(&token))),
        (Some(_), None, None) => Err(values.reject(&PASSWORD, "the password for the user name")),
        (None, Some(_), None) => Err(values.reject(&USER, "the user name for the password")),
        (_, _, Some(_)) => Err(values.reject(&TOKEN, "nothing, because basic authentication is configured")),
    }
}
