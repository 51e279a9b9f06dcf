//! The ledger: whether every record has exactly one outcome.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use voc_events::TenantId;
use voc_store::{Account, LedgerFilter, PartitionLedger};

use crate::{parameters::Parameters, problem::Problem, state::Shared};

/// Maximum length of a topic's name in bytes.
const MAX_TOPIC_BYTES: usize = 249;

/// `/api/v1/ledger`: `{"data":[{family, topic, partition, epoch, extent, account, balanced, tenant_count,
/// tenants}],"totals":{consumed, stored, dead_lettered, duplicates,
/// balanced},"family":…,"topic":…,"partition":…,"tenant_id":…}`.
pub(crate) async fn by_partition(request: HttpRequest, shared: web::Data<Shared>) -> Result<HttpResponse, Problem> {
    let filter = Parameters::read(request.query_string(), |parameters| {
        let family = parameters.family("family");
        LedgerFilter {
            tenant: parameters.tenant("tenant_id", family.as_ref()),
            family: family.map(|family| family.name.to_owned()),
            topic: parameters.name("topic", MAX_TOPIC_BYTES),
            partition: parameters
                .optional_whole("partition", 0..=i32::MAX.into())
                .and_then(|number| number.try_into().ok()),
        }
    })?;
    let queries = shared.queries()?;
    let asked = filter.clone();
    let data = shared.run(async move { queries.ledger(&asked).await }).await??;
    let mut account = Account::default();
    data.iter().for_each(|ledger| account += ledger.account);
    let totals = Totals { account, balanced: data.iter().all(|ledger| ledger.balanced) };
    let LedgerFilter { family, topic, partition, tenant } = filter;
    Ok(HttpResponse::Ok().json(Answer { data, totals, family, topic, partition, tenant_id: tenant }))
}

#[derive(Serialize)]
struct Answer {
    data: Vec<PartitionLedger>,
    totals: Totals,
    family: Option<String>,
    topic: Option<String>,
    partition: Option<i32>,
    tenant_id: Option<TenantId>,
}

#[derive(Serialize)]
struct Totals {
    #[serde(flatten)]
    account: Account,
    balanced: bool,
}
