//! One conversation: what was said, and what happened around it.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use voc_events::families;
use voc_store::{Condition, Direction, EventList, EventPage, Filter, ListedEvent, Period};

use super::{
    stored::{self, present, text},
    transcript::Transcript,
};
use crate::{
    access::{Caller, Scope},
    cost::Cost,
    invalid_parameter::InvalidParameter,
    openapi::parameters as query,
    parameters::Parameters,
    problem::Problem,
    state::Shared,
};

/// Maximum number of events of a conversation that are shown.
const MAX_EVENTS: usize = 1000;
/// Fields that all events of a conversation share.
const SHARED_FIELDS: [&str; 2] = ["tenant_id", "call_id"];

/// One conversation: its turns with their sentiments, and the events that name the call, in the order of time.
///
/// The turns are computed from the stored transcript when they are asked for; `is_stored_version` says whether that
/// is done by the version that has computed what is stored.
#[utoipa::path(
    get, path = "/api/v1/calls/{call_id}", operation_id = "call", tag = "conversations",
    params(("call_id" = String, Path, description = "The call's identifier", example = "call-1"), query::Tenant),
    responses((status = 200, description = "The conversation", body = CallBody, example = json!({
        "data": {
            "call_id": "call-1", "tenant_id": "acme", "started_at": "2026-02-02T12:00:00.000Z",
            "transcripts": [{
                "event_id": "7c7fbbd6-3bd4-4f43-8e8a-3f8a6b6a1a11", "stored_by": "fast@calls-3", "computed_by": "calls-3",
                "is_stored_version": true, "sentiment": -0.4, "language": "en", "truncated": false,
                "turns": [{
                    "role": "customer", "speaker": "Customer", "text": "It is terrible.", "start_ms": 4200,
                    "end_ms": 6100, "sentiment": -0.6,
                    "evidence": [{"start": 6, "end": 14, "text": "terrible", "weight": -2.1, "negated": false}],
                }],
                "speakers": [{"role": "customer", "speaker": "Customer", "turns": 1, "sentiment": -0.6}],
                "topics": [{"topic": "technical", "score": 0.7, "sentiment": -0.6}],
                "quarters": [-0.6, null, null, null], "worst_turn": 0, "escalation_phrases": [], "churn_phrases": [],
            }],
            "timeline": [{
                "timestamp": "2026-02-02T12:00:00.000Z", "event_type": "call",
                "event_id": "7c7fbbd6-3bd4-4f43-8e8a-3f8a6b6a1a11", "sentiment": -0.4, "topic": "technical",
            }],
            "truncated": false,
        },
        "meta": {"rows_read": 8192},
    })))
)]
pub(crate) async fn call(
    request: HttpRequest,
    call_id: web::Path<String>,
    caller: Caller,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, Problem> {
    caller.require(Scope::Read)?;
    let family = families::DEFAULT;
    let tenant = Parameters::read(request.query_string(), |parameters| parameters.tenant("tenant_id", Some(&family)))?;
    let tenants = caller.tenants_of(&family.table, tenant.as_ref())?;
    let wanted = Condition::Is(vec![voc_store::Value::Text(call_id.into_inner())]);
    // A call that there cannot be is one that there is not.
    let is_it = Filter::parse(&family.table, "call_id", wanted).map_err(|_| Problem::NotFound)?;
    let list = stored::whole(EventList::new(family.table, tenants, Period::EVER).filter(is_it).limit(MAX_EVENTS))
        .direction(Direction::Ascending);
    let (queries, asked) = (shared.queries_for(&caller)?, list.clone());
    let found = shared.query(&caller, async move { queries.events(&asked).await }).await?;
    if found.events.is_empty() {
        return Err(Problem::NotFound);
    }
    let of_tenants: BTreeSet<_> = found.events.iter().map(|event| text(&list, event, "tenant_id")).collect();
    if of_tenants.len() > 1 {
        return Err(Problem::InvalidParameters(vec![InvalidParameter::of_several_tenants("call")]));
    }
    // Long transcripts take milliseconds, for which no other request should wait.
    let data = tokio::task::spawn_blocking(move || Conversation::of(&list, &found)).await?;
    Ok(HttpResponse::Ok().json(CallBody { data: data.ok_or(Problem::NotFound)?, meta: Cost::of(&caller) }))
}

#[derive(Serialize, ToSchema)]
struct CallBody {
    data: Conversation,
    meta: Cost,
}

/// A conversation.
#[derive(Serialize, ToSchema)]
struct Conversation {
    call_id: String,
    tenant_id: String,
    /// The time of its first event.
    #[schema(format = DateTime)]
    started_at: String,
    /// The transcripts; a call that was handed on may have several.
    transcripts: Vec<Transcript>,
    /// All events that name the call, in the order of time, each with what is stored of it.
    #[schema(value_type = Vec<Object>)]
    timeline: Vec<Map<String, Value>>,
    /// Whether there are more events than are shown.
    truncated: bool,
}

impl Conversation {
    fn of(list: &EventList, page: &EventPage) -> Option<Self> {
        let first = page.events.first()?;
        let transcript = |event: &ListedEvent| {
            let transcript = stored::transcript(list, event)?;
            let event_id = text(list, event, "event_id").unwrap_or_default();
            Some(Transcript::new(event_id, text(list, event, "decided_by"), &transcript))
        };
        let on_timeline = |event: &ListedEvent| {
            let mut fields = present(list, event);
            fields.retain(|name, _| !SHARED_FIELDS.contains(&name.as_str()));
            fields
        };
        Some(Self {
            call_id: text(list, first, "call_id")?,
            tenant_id: text(list, first, "tenant_id")?,
            started_at: stored::cell(list, first, "timestamp").time()?.to_string(),
            transcripts: page.events.iter().filter_map(transcript).collect(),
            timeline: page.events.iter().map(on_timeline).collect(),
            truncated: page.truncated,
        })
    }
}
