//! The settings of `erase`: whose events to erase.

use voc_events::{
    TenantId,
    families::{self, FamilyInfo},
};
use voc_store::Erasure;

use super::{Program, Rejected, Setting, Values, parse};

const GROUP: &str = "Erasing";

const TENANT: Setting<TenantId> =
    Setting::new("tenant", &[], "The tenant whose events, or whose customer's events, to erase", parse::tenant)
        .group(GROUP)
        .value_name("TENANT");
const CUSTOMER: Setting<String> = Setting::new(
    "customer",
    &[],
    "The customer (customer_id of voc, user_id of other families) whose events to erase; without it, all of the tenant's",
    parse::text,
)
.group(GROUP)
.value_name("CUSTOMER");
const FAMILIES: Setting<Vec<FamilyInfo>> = Setting::new(
    "from-families",
    &[],
    "The families of events to erase from, separated by commas; by default all that have tenants",
    parse::families,
)
.group(GROUP)
.value_name("NAMES");
const REASON: Setting<String> =
    Setting::new("reason", &[], "Why, for the record of the erasure; do not name the customer here", parse::text)
        .group(GROUP)
        .value_name("TEXT");
const BY: Setting<String> =
    Setting::new("requested-by", &["USER"], "Who wants it, for the record of the erasure", parse::text)
        .group(GROUP)
        .value_name("NAME");
const EXECUTE: Setting<bool> =
    Setting::switch("execute", &[], "Erase; without it, only report what would be erased").group(GROUP);
const AGAIN: Setting<bool> = Setting::switch(
    "again",
    &[],
    "Erase again what was erased before and has been stored since, as when a topic was read again from its beginning",
)
.group(GROUP);
const LIST: Setting<bool> = Setting::switch("list", &[], "List the erasures, as JSON, one a line").group(GROUP);

/// What to do about erasures.
#[derive(Debug, Clone)]
pub enum EraseTask {
    /// Report what would be erased.
    Find(Box<Erasure>),
    /// Erase.
    Erase(Box<Erasure>),
    /// Erase again what was erased and is stored again.
    Again,
    /// List the erasures.
    List,
}

impl EraseTask {
    /// The subcommand `erase` of a program of this version.
    #[must_use]
    pub fn program(program: &str, version: &'static str) -> Program {
        let about = "Erases a customer's or a tenant's events: rows, with their calls and annotations, and dead letters.\n\n\
             Without --execute it only counts them. The ledger keeps the records' numbers, so that accounts still balance, and a \
             record of the erasure that names the customer by a hash alone. Events that are inserted again after a crash stay \
             erased. Records in Kafka are not touched, nor are copies, backups and logs of the server. It needs a user of ClickHouse who \
             may ALTER DELETE and INSERT, as the processor's may.";
        let example = format!(
            "Example: {program} erase --tenant acme --customer c-4711 --reason \"ticket 812\" --execute\n\
             \n\
             A customer's events are those whose customer_id is the customer's, in the event or anywhere in its\n\
             metadata, and all events of the customer's calls. Of dead letters that are no JSON, those that contain\n\
             the identifier. The status is 0 if nothing of the customer is left.\n\
             Run `{program} erase --again --execute` after a topic was read again."
        );
        Program::new("erase", version, about)
            .settings([
                TENANT.spec(),
                CUSTOMER.spec(),
                FAMILIES.spec(),
                REASON.spec(),
                BY.spec(),
                EXECUTE.spec(),
                AGAIN.spec(),
                LIST.spec(),
            ])
            .example(example.leak())
    }

    /// Reads what the subcommand is about.
    ///
    /// # Errors
    /// [`Rejected`] if a value is invalid, or the values do not go together.
    pub fn read(values: &mut Values) -> Result<Self, Rejected> {
        let (tenant, customer) = (values.get_optional(&TENANT), values.get_optional(&CUSTOMER));
        let (families, reason) = (values.get_optional(&FAMILIES), values.get_optional(&REASON));
        let (by, execute) = (values.get_optional(&BY), values.get(&EXECUTE));
        let (again, list) = (values.get(&AGAIN)?, values.get(&LIST)?);
        let (tenant, customer, families, execute) = (tenant?, customer?, families?, execute?);
        if again || list {
            let names_events = tenant.is_some() || customer.is_some() || families.is_some() || reason?.is_some();
            if names_events || again == list {
                return Err(values.reject(&AGAIN, "nothing beside --again --execute, or beside --list"));
            }
            if again && !execute {
                return Err(values.reject(&AGAIN, "--execute, too: what was erased before needs no second look"));
            }
            return Ok(if again { Self::Again } else { Self::List });
        }
        if tenant.is_none() && customer.is_none() {
            return Err(values.reject(&TENANT, "whose events to erase: --tenant, --customer, or both"));
        }
        let with_tenants = || families::ALL.iter().copied().filter(|family| family.table.tenant.is_some()).collect();
        let families = families.unwrap_or_else(with_tenants);
        match Erasure::new(families, tenant, customer) {
            Ok(erasure) => {
                let erasure = Box::new(erasure.requested(by?.unwrap_or_default(), reason?.unwrap_or_default()));
                Ok(if execute { Self::Erase(erasure) } else { Self::Find(erasure) })
            }
            Err(error) => Err(values.reject(&FAMILIES, error.to_string())),
        }
    }
}
