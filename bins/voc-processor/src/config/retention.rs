//! The settings of `retention`: how long to keep whose rows.

use voc_events::{
    TenantId,
    families::{self, FamilyInfo},
};
use voc_service::config::{Expected, Program, Rejected, Setting, Values, parse};
use voc_store::{Keep, MAX_RETENTION_DAYS, WantedRetention};

const GROUP: &str = "Retention";

const TENANTS: Setting<Vec<TenantId>> = Setting::new(
    "tenant",
    &[],
    "The tenants whose rows to keep so long, separated by commas; without it, all tenants that have no time of their own",
    tenants,
)
.group(GROUP)
.value_name("TENANTS");
const FAMILIES: Setting<Vec<FamilyInfo>> = Setting::new(
    "of-families",
    &[],
    "The families of events, separated by commas; for tenants, by default all that have tenants",
    parse::families,
)
.group(GROUP)
.value_name("NAMES");
const DAYS: Setting<Keep> = Setting::new(
    "days",
    &[],
    "How many days to keep rows after their event, and dead letters after their failure; forever; or default, which withdraws what \
     was set before",
    keep,
)
.group(GROUP)
.value_name("DAYS");
const BY: Setting<String> = Setting::new("requested-by", &["USER"], "Who wants it, for the record of the change", line)
    .group(GROUP)
    .value_name("NAME");
const EXECUTE: Setting<bool> =
    Setting::switch("execute", &[], "Change it; without it, only show the statements").group(GROUP);

/// What to do about retention.
#[derive(Debug, Clone)]
pub(crate) enum RetentionTask {
    /// List how long rows are kept.
    List,
    /// Show the statements of a change.
    Plan(Box<WantedRetention>),
    /// Make a change.
    Change(Box<WantedRetention>),
    /// Alter the tables once more as it is recorded.
    Repeat,
}

pub(super) fn program() -> Program {
    const VERSION: &str = env!("CARGO_PKG_VERSION");
    Program::new("retention", VERSION, "Shows or changes how long rows and dead letters are kept, by family and tenant")
        .example("Example: voc-processor retention set --tenant acme --days 30 --execute")
        .command(Program::new("list", VERSION, "Lists how long the rows of each family and tenant are kept"))
        .command(Program::new(
            "repeat",
            VERSION,
            "Alters the tables once more as it is recorded: after `set` was interrupted, after somebody altered a TTL by hand, and after \
             a restore",
        ))
        .command(
            Program::new(
                "set",
                VERSION,
                "Changes how long the rows and dead letters of a tenant, or of a family, are kept.\n\n\
                 Without --execute it only shows the statements. The change is recorded, and the TTL of the tables altered: the store \
                 removes older rows within hours, while it runs, and for good. A TTL that moves or compresses parts stays; one that \
                 removes rows is replaced. Rows that are removed do not count as lost, neither after a crash nor in \
                 `voc-processor verify`. Running processors need no restart. The store reads and writes the whole tables once \
                 for each change: give tenants with the same time in one command.",
            )
            .settings([DAYS.spec(), TENANTS.spec(), FAMILIES.spec(), BY.spec(), EXECUTE.spec()])
            .example(
                "Examples:\n\
                 \x20 voc-processor retention set --of-families voc --days 400\n\
                 \x20 voc-processor retention set --of-families voc --days 400 --execute\n\
                 \x20 voc-processor retention set --tenant acme,initech --days 30 --execute\n\
                 \x20 voc-processor retention set --tenant globex --days forever --execute\n\
                 \x20 voc-processor retention set --tenant acme --days default --execute",
            ),
        )
}

pub(super) fn read(values: &mut Values, command: &str) -> Result<RetentionTask, Rejected> {
    match command {
        "list" => return Ok(RetentionTask::List),
        "repeat" => return Ok(RetentionTask::Repeat),
        _ => {}
    }
    let (keep, tenants, families) =
        (values.get_optional(&DAYS), values.get_optional(&TENANTS), values.get_optional(&FAMILIES));
    let (by, execute) = (values.get_optional(&BY), values.get(&EXECUTE));
    let (keep, tenants, families) = (keep?, tenants?, families?);
    let Some(keep) = keep else { return Err(values.reject(&DAYS, "a number of days, forever, or default")) };
    let with_tenants = || families::ALL.iter().copied().filter(|family| family.table.tenant.is_some()).collect();
    let Some(families) = families.or_else(|| tenants.as_ref().map(|_| with_tenants())) else {
        return Err(values.reject(&FAMILIES, "the families, or --tenant"));
    };
    match WantedRetention::new(families, &tenants.unwrap_or_default(), keep, by?.unwrap_or_default()) {
        Ok(wanted) if execute? => Ok(RetentionTask::Change(Box::new(wanted))),
        Ok(wanted) => Ok(RetentionTask::Plan(Box::new(wanted))),
        Err(error) => Err(values.reject(&FAMILIES, error.to_string())),
    }
}

fn keep(value: &str) -> Result<Keep, Expected> {
    let expected = || Expected::new(format!("a number of days from 1 to {MAX_RETENTION_DAYS}, forever, or default"));
    match value.trim() {
        "forever" => Ok(Keep::Forever),
        "default" => Ok(Keep::Default),
        days => {
            let days = days.parse().ok().filter(|days| (1..=MAX_RETENTION_DAYS).contains(days));
            days.map(Keep::Days).ok_or_else(expected)
        }
    }
}

fn tenants(value: &str) -> Result<Vec<TenantId>, Expected> {
    parse::list(value)?.iter().map(|tenant| parse::tenant(tenant)).collect()
}

/// A text without control characters: it is printed in a table.
fn line(value: &str) -> Result<String, Expected> {
    match parse::text(value)? {
        text if text.chars().any(char::is_control) => Err(Expected::new("a text in one line")),
        text => Ok(text),
    }
}
