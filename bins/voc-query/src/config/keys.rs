//! The settings of `keys`: what to do with the file of API keys.

use std::{collections::BTreeSet, path::PathBuf, time::Duration};

use voc_api::access::{NewKey, Scope, Tenants};
use voc_events::TenantId;
use voc_service::config::{
    Expected, Program, Rejected, Setting, Values,
    access::KEYS_FILE,
    parse::{self, span},
};

const GROUP: &str = "Keys";
const VERSION: &str = env!("CARGO_PKG_VERSION");

const NAME: Setting<String> =
    Setting::new("name", &[], "What the key is for, such as dashboard", parse::text).group(GROUP).value_name("NAME");
const SCOPES: Setting<BTreeSet<Scope>> = Setting::new(
    "scopes",
    &[],
    "What it allows, separated by commas: read (ask the API), report (run reports), sql (run restricted SQL), admin \
     (see the keys)",
    scopes,
)
.group(GROUP)
.value_name("SCOPES")
.default("read");
const TENANT: Setting<TenantId> = Setting::new(
    "tenant",
    &[],
    "The tenant that it is bound to; give the flag several times for several tenants",
    parse::tenant,
)
.group(GROUP)
.value_name("TENANT");
const ALL_TENANTS: Setting<bool> =
    Setting::switch("all-tenants", &[], "Let it ask about all tenants, and about families without tenants")
        .group(GROUP);
const EXPIRES: Setting<Duration> = Setting::new("expires", &[], "How long it is valid, such as 90d", span)
    .group(GROUP)
    .value_name("SPAN")
    .default_note("for ever");
const OVERLAP: Setting<Duration> =
    Setting::new("overlap", &[], "How long the old key stays valid, so that callers can change to the new one", span)
        .group(GROUP)
        .value_name("SPAN")
        .default("24h");
const PREFIX: Setting<String> =
    Setting::argument("PREFIX", "The prefix of the key, as keys list shows it; or give --name", parse::text);
const ROTATED: Setting<String> = Setting::argument("NAME", "The name of the key", parse::text);
const REVOKED_NAME: Setting<String> =
    Setting::new("name", &[], "Revoke all keys of this name", parse::text).group(GROUP).value_name("NAME");

/// Work on a file of API keys.
#[derive(Debug)]
pub(crate) struct KeysTask {
    pub(crate) file: PathBuf,
    pub(crate) command: KeysCommand,
}

/// What to do with the keys.
#[derive(Debug)]
pub(crate) enum KeysCommand {
    Create(NewKey),
    List,
    Revoke(Which),
    Rotate { name: String, overlap: Duration },
}

/// Which keys to revoke.
#[derive(Debug)]
pub(crate) enum Which {
    Prefix(String),
    Name(String),
}

pub(super) fn program() -> Program {
    Program::new(
        "keys",
        VERSION,
        "Works on the file of API keys that --api-keys-file (or VOC_API_KEYS_FILE) names.\n\n\
         The file holds no key, only what is needed to recognise one. Running services take changes over within seconds.",
    )
    .command(
        Program::new("create", VERSION, "Creates a key and prints it once; creates the file if there is none")
            .settings([NAME.spec(), SCOPES.spec(), TENANT.spec(), ALL_TENANTS.spec(), EXPIRES.spec()])
            .example(
                "Example: voc-query keys create --api-keys-file keys.json --name dashboard --tenant acme --expires 90d",
            ),
    )
    .command(
        Program::new("list", VERSION, "Lists the keys, with the times of their last use as far as they are known")
            .example("Example: voc-query keys list --api-keys-file keys.json"),
    )
    .command(
        Program::new("revoke", VERSION, "Removes a key, or all keys of a name; services then refuse it within seconds")
            .settings([PREFIX.spec(), REVOKED_NAME.spec()])
            .example("Example: voc-query keys revoke Ab3dE9xz --api-keys-file keys.json"),
    )
    .command(
        Program::new("rotate", VERSION, "Creates a key that replaces another, which expires after an overlap")
            .settings([ROTATED.spec(), OVERLAP.spec()])
            .example("Example: voc-query keys rotate dashboard --overlap 24h --api-keys-file keys.json"),
    )
}

pub(super) fn read(values: &mut Values, command: &str) -> Result<KeysTask, Rejected> {
    let file = values.get(&KEYS_FILE);
    let command = match command {
        "create" => create(values),
        "revoke" => revoke(values),
        "rotate" => {
            let (name, overlap) = (values.get(&ROTATED), values.get(&OVERLAP));
            name.and_then(|name| Ok(KeysCommand::Rotate { name, overlap: overlap? }))
        }
        _ => Ok(KeysCommand::List),
    };
    Ok(KeysTask { file: file?, command: command? })
}

fn create(values: &mut Values) -> Result<KeysCommand, Rejected> {
    let (name, scopes, lifetime) = (values.get(&NAME), values.get(&SCOPES), values.get_optional(&EXPIRES));
    let (all, named) = (values.get(&ALL_TENANTS)?, values.get_each(&TENANT)?);
    let tenants = match (all, named.is_empty()) {
        (true, true) => Ok(Tenants::All),
        (false, false) => Ok(Tenants::only(named)),
        (true, false) => Err(values.reject(&ALL_TENANTS, "either --all-tenants or --tenant, not both")),
        (false, true) => Err(values.reject(&TENANT, "at least one tenant, or --all-tenants")),
    };
    let new = NewKey { name: name?, scopes: scopes?, tenants: tenants?, lifetime: lifetime? };
    Ok(KeysCommand::Create(new))
}

fn revoke(values: &mut Values) -> Result<KeysCommand, Rejected> {
    match (values.get_optional(&PREFIX)?, values.get_optional(&REVOKED_NAME)?) {
        (Some(prefix), None) => Ok(KeysCommand::Revoke(Which::Prefix(prefix))),
        (None, Some(name)) => Ok(KeysCommand::Revoke(Which::Name(name))),
        (Some(_), Some(_)) => Err(values.reject(&PREFIX, "either a prefix or --name, not both")),
        (None, None) => Err(values.reject(&PREFIX, "the prefix of a key, or --name")),
    }
}

fn scopes(value: &str) -> Result<BTreeSet<Scope>, Expected> {
    let named: Result<BTreeSet<Scope>, _> = parse::list(value)?.iter().map(|name| name.parse()).collect();
    named.map_err(|_| Expected::new("read, report, sql or admin, or several of them separated by commas"))
}
