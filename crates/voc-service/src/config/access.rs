//! The settings of who may ask the API.

use std::path::PathBuf;

use voc_api::access::{AccessConfig, CallerLimits, TokenConfig, TokenKeys};

use super::{Expected, Rejected, Setting, Spec, Values, parse};

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

/// The secret of tokens.
pub const JWT_SECRET_FILE: Setting<PathBuf> = Setting::new(
    "jwt-secret-file",
    &["VOC_JWT_SECRET_FILE"],
    "Accept JWTs signed by HS256 with the secret in this file, of at least 32 bytes",
    parse::path,
)
.group(GROUP)
.value_name("FILE");
/// The public key of tokens.
pub const JWT_PUBLIC_KEY_FILE: Setting<PathBuf> = Setting::new(
    "jwt-public-key-file",
    &["VOC_JWT_PUBLIC_KEY_FILE"],
    "Accept JWTs signed by RS256 or ES256, depending on the public key in this file (PEM)",
    parse::path,
)
.group(GROUP)
.value_name("FILE");
/// The set of public keys of tokens.
pub const JWT_JWKS: Setting<TokenKeys> = Setting::new(
    "jwt-jwks",
    &["VOC_JWT_JWKS"],
    "Accept JWTs signed by RS256 or ES256 with a key of this JSON Web Key Set, a file or an https address",
    key_set,
)
.group(GROUP)
.value_name("FILE|URL");
/// Required audience of tokens.
pub const JWT_AUDIENCE: Setting<String> = Setting::new(
    "jwt-audience",
    &["VOC_JWT_AUDIENCE"],
    "Required among a JWT's audiences (aud); without this setting, a JWT must have none",
    parse::text,
)
.group(GROUP)
.value_name("AUDIENCE");
/// Required issuer of tokens.
pub const JWT_ISSUER: Setting<String> =
    Setting::new("jwt-issuer", &["VOC_JWT_ISSUER"], "Required issuer of a JWT (iss)", parse::text)
        .group(GROUP)
        .value_name("ISSUER")
        .default_note("any");
/// The claim with the tenants of a token.
pub const JWT_TENANT_CLAIM: Setting<String> = Setting::new(
    "jwt-tenant-claim",
    &["VOC_JWT_TENANT_CLAIM"],
    "Claim of a JWT that names its tenant or a list of them; one with voc_all_tenants: true instead is for all",
    parse::text,
)
.group(GROUP)
.value_name("CLAIM")
.default("tenant_id");

/// Requests of a caller.
pub const RATE: Setting<u32> = Setting::new(
    "api-rate",
    &["VOC_API_RATE"],
    "Requests per second of a caller with credentials; twice as many in a burst",
    parse::whole::<u32, 1, 1_000_000>,
)
.group(GROUP)
.value_name("REQUESTS")
.default("50");
/// Rows read for a caller.
pub const ROWS: Setting<u64> = Setting::new(
    "api-rows-per-hour",
    &["VOC_API_ROWS_PER_HOUR"],
    "Rows that the store may read per hour for a caller's questions about a tenant, or about several; 0 for no limit",
    parse::whole::<u64, 0, 1_000_000_000_000_000>,
)
.group(GROUP)
.value_name("ROWS")
.default("10000000000");
/// Questions of a tenant at once.
pub const AT_ONCE: Setting<usize> = Setting::new(
    "api-questions-at-once",
    &["VOC_API_QUESTIONS_AT_ONCE"],
    "Questions about a tenant, or of a caller that asks about several, that the store works on at once",
    parse::whole::<usize, 1, 1000>,
)
.group(GROUP)
.value_name("QUESTIONS")
.default("4");
/// Pages that may ask.
pub const CORS_ORIGINS: Setting<Vec<String>> = Setting::new(
    "cors-origins",
    &["VOC_CORS_ORIGINS"],
    "Origins of pages whose scripts may ask, separated by commas, such as https://dashboard.example",
    origins,
)
.group(GROUP)
.value_name("ORIGINS")
.default_note("none");
/// Whether the audit log holds all values.
pub const AUDIT_QUERIES: Setting<bool> = Setting::switch(
    "audit-queries",
    &["VOC_AUDIT_QUERIES"],
    "Record the values of all parameters in the audit log, also of those that may be personal, such as search words",
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
        vec![
            KEYS_FILE.spec(),
            JWT_SECRET_FILE.spec(),
            JWT_PUBLIC_KEY_FILE.spec(),
            JWT_JWKS.spec(),
            JWT_AUDIENCE.spec(),
            JWT_ISSUER.spec(),
            JWT_TENANT_CLAIM.spec(),
            OPEN.spec(),
            RATE.spec(),
            ROWS.spec(),
            AT_ONCE.spec(),
            CORS_ORIGINS.spec(),
            AUDIT_QUERIES.spec(),
        ]
    }

    /// Reads the group.
    ///
    /// # Errors
    /// [`Rejected`] if a value is wrong, or everyone may ask although credentials are configured.
    pub fn read(values: &mut Values) -> Result<Self, Rejected> {
        let (keys_file, open) = (values.get_optional(&KEYS_FILE), values.get(&OPEN));
        let tokens = tokens(values);
        let (rate, rows, at_once) = (values.get(&RATE), values.get(&ROWS), values.get(&AT_ONCE));
        let (origins, audit_values) = (values.get_optional(&CORS_ORIGINS), values.get(&AUDIT_QUERIES));
        let limits = CallerLimits {
            requests_per_second: rate?,
            rows_per_hour: Some(rows?).filter(|rows| *rows > 0),
            at_once: at_once?,
            ..CallerLimits::default()
        };
        let mut config = AccessConfig {
            keys_file: keys_file?,
            tokens: tokens?,
            limits,
            audit_values: audit_values?,
            cors_origins: origins?.unwrap_or_default(),
            ..AccessConfig::default()
        };
        let open = open?;
        if open && config.needs_credentials() {
            return Err(values.reject(&OPEN, "either credentials or an API that is open to everyone, not both"));
        }
        config.local_only = !open && !config.needs_credentials();
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
        !self.config.local_only
    }
}

fn tokens(values: &mut Values) -> Result<Option<TokenConfig>, Rejected> {
    let secret = values.get_optional(&JWT_SECRET_FILE).map(|file| file.map(TokenKeys::Secret));
    let public_key = values.get_optional(&JWT_PUBLIC_KEY_FILE).map(|file| file.map(TokenKeys::PublicKey));
    let key_set = values.get_optional(&JWT_JWKS);
    let (audience, issuer) = (values.get_optional(&JWT_AUDIENCE), values.get_optional(&JWT_ISSUER));
    let tenant_claim = values.get(&JWT_TENANT_CLAIM);
    let mut keys = [secret?, public_key?, key_set?].into_iter().flatten();
    let (first, second) = (keys.next(), keys.next());
    if second.is_some() {
        let expected = "one of --jwt-secret-file, --jwt-public-key-file and --jwt-jwks, not several";
        let is_set = values.is_given(&JWT_JWKS);
        return Err(if is_set {
            values.reject(&JWT_JWKS, expected)
        } else {
            values.reject(&JWT_PUBLIC_KEY_FILE, expected)
        });
    }
    let Some(keys) = first else {
        // Whoever sets these expects tokens to be accepted.
        let expected = "the keys of JWTs, too: --jwt-secret-file, --jwt-public-key-file or --jwt-jwks";
        for setting in [&JWT_AUDIENCE, &JWT_ISSUER] {
            if values.is_given(setting) {
                return Err(values.reject(setting, expected));
            }
        }
        return Ok(None);
    };
    Ok(Some(TokenConfig {
        audience: audience?,
        issuer: issuer?,
        tenant_claim: tenant_claim?,
        ..TokenConfig::new(keys)
    }))
}

/// Origins as browsers send them: a scheme and a host, without a path.
fn origins(value: &str) -> Result<Vec<String>, Expected> {
    let is_origin = |origin: &String| {
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '*', '?', '#', '@', ' ']))
    };
    parse::list(value)?.into_iter().map(|origin| Some(origin).filter(is_origin)).collect::<Option<Vec<_>>>().ok_or_else(
        || Expected::new("origins such as https://dashboard.example, without paths and patterns, separated by commas"),
    )
}

/// A file, or an address. An address without TLS is accepted on this machine only, because who can change the answer
/// can sign tokens.
fn key_set(value: &str) -> Result<TokenKeys, Expected> {
    const LOCAL: [&str; 3] = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    let is_local = LOCAL.iter().any(|local| {
        value.strip_prefix(local).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
            && !value.contains('@')
    });
    match value {
        _ if value.starts_with("https://") || is_local => Ok(TokenKeys::SetUrl(value.to_owned())),
        _ if value.is_empty() || value.contains("://") => Err(Expected::new("a file or an https address")),
        _ => Ok(TokenKeys::SetFile(PathBuf::from(value))),
    }
}
