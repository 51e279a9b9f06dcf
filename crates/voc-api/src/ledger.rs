//! The ledger: whether every record has exactly one outcome.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;
use voc_events::TenantId;
use voc_store::{Account, Erased, LedgerFilter, PartitionLedger};

use crate::{
    access::{Caller, Scope},
    cost::Cost,
    openapi::parameters as query,
    parameters::Parameters,
    problem::Problem,
    state::Shared,
};

/// Maximum length of a topic's name in bytes.
const MAX_TOPIC_BYTES: usize = 249;

/// What became of the records, by partition and tenant.
///
/// Every record of a source has exactly one outcome: it is stored, kept as a dead letter, or dropped as a duplicate.
/// An account that does not balance means that records are missing, or are being processed. Rows and dead letters that
/// were erased at somebody's request keep their place in the account, and are counted under `erased`.
#[utoipa::path(
    get, path = "/api/v1/ledger", operation_id = "ledger", tag = "operation",
    params(query::Family, query::Tenant, query::KafkaTopic, query::Partition),
    responses((status = 200, description = "A ledger for each partition, and their sums", body = LedgerAnswer,
        example = json!({
            "data": [{
                "family": "voc", "topic": "voc.events", "partition": 0, "epoch": 1,
                "extent": {
                    "first_offset": 0, "last_offset": 9, "batches": 1, "records": 10,
                    "gaps": {"offsets": 0, "ranges": 0, "first": []},
                },
                "account": {"consumed": 10, "stored": 8, "dead_lettered": 1, "duplicates": 1},
                "erased": {"rows": 2, "dead_letters": 0}, "balanced": true, "tenant_count": 1,
                "tenants": [{
                    "tenant_id": "acme", "consumed": 10, "stored": 8, "dead_lettered": 1, "duplicates": 1,
                    "erased": {"rows": 2, "dead_letters": 0}, "balanced": true,
                }],
            }],
            "totals": {
                "consumed": 10, "stored": 8, "dead_lettered": 1, "duplicates": 1,
                "erased": {"rows": 2, "dead_letters": 0}, "balanced": true,
            },
            "family": null, "topic": null, "partition": null, "tenant_id": null, "meta": {"rows_read": 24},
        })))
)]
pub(crate) async fn by_partition(
    request: HttpRequest,
    caller: Caller,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, Problem> {
    caller.require(Scope::Read)?;
    let mut filter = Parameters::read(request.query_string(), |parameters| {
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
    // A caller that is bound to a tenant gets that tenant's accounts only: everything else counts others' records.
    filter.tenant = caller.one_tenant(filter.tenant.as_ref())?;
    let queries = shared.queries_for(&caller)?;
    let asked = filter.clone();
    let data = shared.query(&caller, async move { queries.ledger(&asked).await }).await?;
    let mut account = Account::default();
    data.iter().for_each(|ledger| account += ledger.account);
    let mut erased = Erased::default();
    data.iter().for_each(|ledger| erased += ledger.erased);
    let totals = Totals { account, erased, balanced: data.iter().all(|ledger| ledger.balanced) };
    let LedgerFilter { family, topic, partition, tenant } = filter;
    Ok(HttpResponse::Ok().json(LedgerAnswer {
        data,
        totals,
        family,
        topic,
        partition,
        tenant_id: tenant,
        meta: Cost::of(&caller),
    }))
}

#[derive(Serialize, ToSchema)]
struct LedgerAnswer {
    #[schema(value_type = Vec<Object>)]
    data: Vec<PartitionLedger>,
    #[schema(value_type = Object)]
    totals: Totals,
    family: Option<String>,
    topic: Option<String>,
    partition: Option<i32>,
    #[schema(value_type = Option<String>)]
    tenant_id: Option<TenantId>,
    meta: Cost,
}

#[derive(Serialize)]
struct Totals {
    #[serde(flatten)]
    account: Account,
    erased: Erased,
    balanced: bool,
}
