//! The settings of the schema registry.

use std::{path::PathBuf, time::Duration};

use voc_ingest::registry::{RegistryLogin, RegistrySecret, RegistrySettings};
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
.value_name("URLS");

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
.secret();

const TOKEN: Setting<Secret> = Setting::new(
    "schema-registry-token",
    &["SCHEMA_REGISTRY_TOKEN"],
    "Bearer token, instead of basic authentication; prefer the variable",
    parse::secret,
)
.group(GROUP)
.value_name("TOKEN")
.secret();

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
        let (user, password) = (values.get_optional(&USER), values.get_optional(&PASSWORD));
        let (token, ca_file) = (values.get_optional(&TOKEN), values.get_optional(&CA_FILE));
        let hidden = |secret: &Secret| RegistrySecret::new(secret.expose());
        let login = match (user?, password?, token?) {
            (None, None, None) => RegistryLogin::None,
            (Some(user), Some(password), None) => RegistryLogin::Basic { user, password: hidden(&password) },
            (None, None, Some(token)) => RegistryLogin::Bearer(hidden(&token)),
            (Some(_), None, None) => return Err(values.reject(&PASSWORD, "the password for the user name")),
            (None, Some(_), None) => return Err(values.reject(&USER, "the user name for the password")),
            (_, _, Some(_)) => return Err(values.reject(&TOKEN, "nothing, because basic authentication is configured")),
        };
        let (timeout, ca_file) = (timeout?, ca_file?);
        let Some(urls) = urls? else { return Ok(None) };
        let mut settings = RegistrySettings::new(urls);
        settings.login = login;
        settings.ca_file = ca_file;
        settings.timeout = timeout;
        Ok(Some(settings))
    }
}
