//! Restricted SQL.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use utoipa::ToSchema;
use voc_events::{Table, TenantId, families};
use voc_store::{RestrictedSql, Statement, StatementLimits};

use crate::{
    access::{Caller, Refusal, Scope, Tenants},
    bodies::members,
    formats::Format,
    invalid_parameter::{InvalidParameter, Location},
    parameters::Parameters,
    problem::Problem,
    questions::Page,
    state::Shared,
    statements::{self, Failure},
};

/// Longest statement in bytes.
const MAX_BYTES: usize = 64 * 1024;
const DEFAULT_LIMIT: u32 = 1000;

/// A statement.
#[derive(ToSchema)]
#[schema(example = json!({
    "sql": "SELECT topic, count() AS calls FROM voc_events WHERE topic IS NOT NULL GROUP BY topic ORDER BY calls DESC",
    "tenant_id": "acme", "limit": 100,
}))]
#[expect(dead_code, reason = "only describes the body, which is read member by member")]
pub(crate) struct SqlBody {
    /// One SELECT over the tables of the families, in ClickHouse's SQL.
    sql: String,
    /// Only this tenant. Without it: the tenants of the credentials.
    tenant_id: Option<String>,
    /// The greatest number of rows. Default: 1000 in JSON, 10 000 in other formats.
    limit: Option<i64>,
    /// The format of the answer, instead of the header `Accept`.
    format: Option<String>,
}

/// An answer in JSON.
#[derive(Serialize, ToSchema)]
pub(crate) struct SqlAnswer {
    /// An object for each row.
    #[schema(value_type = Vec<Object>)]
    data: Vec<Json>,
    meta: SqlMeta,
}

/// What the answer is about.
#[derive(Serialize, ToSchema)]
pub(crate) struct SqlMeta {
    #[schema(value_type = Option<String>)]
    tenant_id: Option<TenantId>,
    /// Whether there are more rows than the limit.
    truncated: bool,
    /// Rows that the store has read for this answer, for a credential of some tenants in blocks of 65536.
    rows_read: u64,
}

/// Runs one SELECT in restricted SQL.
///
/// The statement may read the tables of the families, and nothing else: no other tables, table functions, settings or
/// formats, and of ClickHouse's functions those that compute with values. Its tables have the rows of the caller's
/// tenants only, each event once.
#[utoipa::path(
    post, path = "/query", operation_id = "sql", tag = "reports", request_body = SqlBody,
    responses((status = 200, description = "The rows of the statement", body = SqlAnswer, example = json!({
        "data": [{"topic": "billing", "calls": 61}],
        "meta": {"tenant_id": "acme", "truncated": false, "rows_read": 8192},
    })))
)]
pub(crate) async fn sql(
    request: HttpRequest,
    caller: Caller,
    shared: web::Data<Shared>,
    body: web::Json<Json>,
) -> Result<HttpResponse, Problem> {
    caller.require(Scope::Sql)?;
    // A parameter beside the body would be ignored.
    Parameters::read(request.query_string(), |_| ())?;
    let (sql, tenant_id, page, format) = Parameters::read_body(members(body, &caller, &shared)?, |parameters| {
        let sql = parameters.required_name("sql", MAX_BYTES);
        let sql = sql.and_then(|text| match RestrictedSql::parse(&text, &families::tables(), &[]) {
            Ok(sql) => Some(sql),
            Err(mistake) => {
                parameters.wrong("sql", mistake.to_string(), "value_error.sql");
                None
            }
        });
        let tenant_id = parameters.tenant("tenant_id", None);
        (sql, tenant_id, Page::read_limit(parameters, DEFAULT_LIMIT), Format::given(parameters))
    })?;
    let sql = sql.ok_or(Problem::Internal)?;
    let refused = |message: String| {
        let mistake = InvalidParameter::new(Location::body().member("sql"), message, "value_error.sql");
        Problem::InvalidParameters(vec![mistake])
    };
    let tenants = statements::tenants(&caller, sql.tables(), tenant_id.as_ref())?;
    let tenant_id = tenant_id.or_else(|| tenants.one().cloned());
    require_enforcement(&caller, &shared, sql.tables()).await?;
    let format = Format::of(&request, format)?;
    let limits = StatementLimits { rows: page.limit(format), ..StatementLimits::default() };
    let statement = Statement::new(&sql, &tenants, None, &[]).map_err(|mistake| refused(mistake.to_string()))?;
    let rows = statements::run(statement.limited(limits), &caller, &shared).await.map_err(|failure| match failure {
        Failure::Refused { reason } => refused(format!("the store refuses the statement: {reason}")),
        Failure::Problem(problem) => problem,
    })?;
    page.require_whole(format, rows.truncated)?;
    let meta = SqlMeta { tenant_id, truncated: rows.truncated, rows_read: caller.rows_read() };
    let envelope = Map::from_iter([("meta".to_owned(), json!(meta))]);
    statements::table("query", rows).with(envelope).respond(format, &request, &shared).await
}

/// What a caller writes is checked, but nobody has to rely on the check alone: unless the store itself enforces
/// tenants, only callers for all of them may write SQL.
async fn require_enforcement(caller: &Caller, shared: &Shared, tables: &[Table]) -> Result<(), Problem> {
    if *caller.bound_to() == Tenants::All {
        return Ok(());
    }
    let (store, tables) = (shared.statements_for(caller)?, tables.to_vec());
    let enforces = shared.query(caller, async move { store.enforces_tenants(&tables).await }).await?;
    if enforces { Ok(()) } else { Err(Refusal::NeedsAllTenants.into()) }
}
