//! Which reports there are.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;
use voc_events::{Table, families};
use voc_store::Value;

use super::template::{ParameterKind, Template, TemplateParameter};
use crate::{
    access::{Caller, Scope},
    parameters::Parameters,
    problem::Problem,
    state::Shared,
};

/// The reports, with their parameters.
#[utoipa::path(
    get, path = "/report", operation_id = "reports", tag = "reports",
    responses((status = 200, description = "The templates by name", body = Listing, example = json!({
        "data": [{
            "template": "top_content", "title": "Top content", "description": "What is watched most.",
            "families": ["product"],
            "parameters": [{
                "name": "limit", "type": "integer", "minimum": 1, "maximum": 10000, "required": false, "default": 100,
                "description": "The greatest number of rows.",
            }],
        }],
    })))
)]
pub(crate) async fn reports(
    request: HttpRequest,
    caller: Caller,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, Problem> {
    caller.require(Scope::Report)?;
    Parameters::read(request.query_string(), |_| ())?;
    let data = shared.api.reports.templates().map(Listed::of).collect();
    Ok(HttpResponse::Ok().json(Listing { data }))
}

#[derive(Serialize, ToSchema)]
struct Listing {
    data: Vec<Listed>,
}

#[derive(Serialize, ToSchema)]
struct Listed {
    /// The name by which it is run.
    template: String,
    title: String,
    description: String,
    /// The families whose events it reads.
    families: Vec<&'static str>,
    parameters: Vec<ListedParameter>,
}

#[derive(Serialize, ToSchema)]
struct ListedParameter {
    name: String,
    /// `text`, `integer`, `number`, `boolean` or `time`.
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    minimum: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum: Option<i64>,
    required: bool,
    /// The value if none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Value>)]
    default: Option<serde_json::Value>,
    description: String,
}

impl Listed {
    fn of(template: &Template) -> Self {
        let reads = |table: Table| template.sql.tables().contains(&table);
        Self {
            template: template.name.clone(),
            title: template.title.clone(),
            description: template.description.clone(),
            families: families::ALL.iter().filter(|family| reads(family.table)).map(|family| family.name).collect(),
            parameters: template.parameters.iter().map(ListedParameter::of).collect(),
        }
    }
}

impl ListedParameter {
    fn of(parameter: &TemplateParameter) -> Self {
        let (minimum, maximum) = match parameter.kind {
            ParameterKind::Integer(least, most) => {
                (Some(least).filter(|least| *least != i64::MIN), Some(most).filter(|most| *most != i64::MAX))
            }
            _ => (None, None),
        };
        Self {
            name: parameter.name.clone(),
            kind: parameter.kind.name(),
            minimum,
            maximum,
            required: parameter.default.is_none(),
            default: parameter.default.as_ref().map(json),
            description: parameter.meaning.clone(),
        }
    }
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Integer(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::Boolean(flag) => (*flag).into(),
        Value::Text(text) => text.as_str().into(),
        other => other.to_string().into(),
    }
}
