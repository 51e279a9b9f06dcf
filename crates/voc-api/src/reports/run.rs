//! Runs a report.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use utoipa::ToSchema;
use voc_events::TenantId;
use voc_store::{Period, Statement, Value};

use super::{library::of_range, template::Template};
use crate::{
    access::{Caller, Scope},
    bodies::members,
    formats::Format,
    invalid_parameter::{InvalidParameter, Location},
    parameters::Parameters,
    problem::Problem,
    questions::{Page, Range},
    state::Shared,
    statements::{self, Failure},
};

/// Which report, about what.
#[derive(ToSchema)]
#[schema(example = json!({
    "template": "top_content", "tenant_id": "openstream", "last": "7d", "parameters": {"limit": 10},
}))]
#[expect(dead_code, reason = "only describes the body, which is read member by member")]
pub(crate) struct ReportBody {
    /// The name of the template; `GET /report` lists them.
    template: String,
    /// Values of the template's parameters.
    #[schema(value_type = Option<Object>)]
    parameters: Option<Map<String, Json>>,
    /// Only this tenant. Without it: the tenants of the credentials.
    tenant_id: Option<String>,
    /// The beginning of the range: a date, or an instant in RFC 3339.
    from: Option<String>,
    /// The end of the range. A date is inside, an instant is not.
    to: Option<String>,
    /// The range up to now: `90m`, `24h`, `7d`, `4w`.
    last: Option<String>,
    /// The range up to now in days. Default: 7.
    days: Option<i64>,
    /// The time zone of dates. Default: `UTC`.
    timezone: Option<String>,
    /// The format of the answer, instead of the header `Accept`.
    format: Option<String>,
}

/// An answer in JSON.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReportAnswer {
    /// An object for each row.
    #[schema(value_type = Vec<Object>)]
    data: Vec<Json>,
    meta: ReportMeta,
}

/// What the answer is about.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReportMeta {
    template: String,
    title: String,
    #[schema(value_type = Option<String>)]
    tenant_id: Option<TenantId>,
    /// The first instant inside the range.
    #[schema(format = DateTime)]
    from: String,
    /// The first instant outside the range.
    #[schema(format = DateTime)]
    to: String,
    /// The time zone of the range.
    timezone: String,
    /// Whether there are more rows than an answer can have.
    truncated: bool,
    /// Rows that the store has read for this answer, for a credential of some tenants in blocks of 65536.
    rows_read: u64,
}

/// Runs a report: a named template with parameters, about events of a range.
#[utoipa::path(
    post, path = "/report", operation_id = "report", tag = "reports", request_body = ReportBody,
    responses((status = 200, description = "The rows of the report", body = ReportAnswer, example = json!({
        "data": [{"content_id": "ct-7", "watch_seconds": 5120.0, "viewers": 41, "views": 60}],
        "meta": {
            "template": "top_content", "title": "Top content", "tenant_id": "openstream",
            "from": "2026-02-02T00:00:00+00:00", "to": "2026-02-09T00:05:00+00:00", "timezone": "UTC",
            "truncated": false, "rows_read": 8192,
        },
    })))
)]
pub(crate) async fn report(
    request: HttpRequest,
    caller: Caller,
    shared: web::Data<Shared>,
    body: web::Json<Json>,
) -> Result<HttpResponse, Problem> {
    caller.require(Scope::Report)?;
    // A parameter beside the body would be ignored.
    Parameters::read(request.query_string(), |_| ())?;
    let given = Parameters::read_body(members(body, &caller, &shared)?, |parameters| Given::read(parameters, &shared))?;
    let Given { template: Some(template), values, tenant_id, range, format } = given else {
        return Err(Problem::Internal);
    };
    let tenants = statements::tenants(&caller, template.sql.tables(), tenant_id.as_ref())?;
    let tenant_id = tenant_id.or_else(|| tenants.one().cloned());
    let format = Format::of(&request, format)?;
    let read = if template.with_previous {
        Period { since: range.previous(None).since, until: range.period.until }
    } else {
        range.period
    };
    let values: Vec<_> = values.into_iter().chain(of_range(range.period, range.zone_name())).collect();
    let statement = Statement::new(&template.sql, &tenants, Some(read), &values).map_err(|mistake| {
        tracing::error!(template = template.name, %mistake, "a template cannot be run");
        Problem::Internal
    })?;
    let rows = statements::run(statement, &caller, &shared).await.map_err(|failure| match failure {
        Failure::Refused { reason } => {
            tracing::error!(template = template.name, reason, "the store refuses a template");
            Problem::Internal
        }
        Failure::Problem(problem) => problem,
    })?;
    Page::whole().require_whole(format, rows.truncated)?;
    let meta = ReportMeta {
        template: template.name.clone(),
        title: template.title.clone(),
        tenant_id,
        from: range.since(),
        to: range.until(),
        timezone: range.zone_name().to_owned(),
        truncated: rows.truncated,
        rows_read: caller.rows_read(),
    };
    let envelope = Map::from_iter([("meta".to_owned(), json!(meta))]);
    statements::table("report", rows).with(envelope).respond(format, &request, &shared).await
}

/// What a body gives.
struct Given<'a> {
    /// `None` if it is missing or unknown, which is a mistake.
    template: Option<&'a Template>,
    values: Vec<(String, Value)>,
    tenant_id: Option<TenantId>,
    range: Range,
    format: Option<Format>,
}

impl<'a> Given<'a> {
    fn read(parameters: &mut Parameters, shared: &'a Shared) -> Self {
        let known: Vec<(&str, &Template)> =
            shared.api.reports.templates().map(|template| (template.name.as_str(), template)).collect();
        let template = parameters.required_one_of("template", &known);
        let given = parameters.object("parameters");
        let location = parameters.location("parameters");
        let values = template.map(|template| values(template, given, &location, parameters)).unwrap_or_default();
        Self {
            template,
            values,
            tenant_id: parameters.tenant("tenant_id", None),
            range: Range::read(parameters),
            format: Format::given(parameters),
        }
    }
}

/// A value for each of the template's parameters.
fn values(
    template: &Template,
    mut given: Map<String, Json>,
    location: &Location,
    parameters: &mut Parameters,
) -> Vec<(String, Value)> {
    let mut values = Vec::new();
    for parameter in &template.parameters {
        let location = location.member(&parameter.name);
        let given = given.remove(&parameter.name).filter(|given| !given.is_null());
        match (given, &parameter.default) {
            (Some(given), _) => match parameter.kind.value(&given) {
                Ok(value) => values.push((parameter.name.clone(), value)),
                Err(message) => parameters.mistake(InvalidParameter::new(location, message, "type_error")),
            },
            (None, Some(default)) => values.push((parameter.name.clone(), default.clone())),
            (None, None) => {
                parameters.mistake(InvalidParameter::new(location, "field required", "value_error.missing"));
            }
        }
    }
    let known: Vec<&str> = template.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    for name in given.keys() {
        parameters.mistake(InvalidParameter::unknown(location.member(name), "parameter", name, &known));
    }
    values
}
