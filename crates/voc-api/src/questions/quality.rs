//! Quality of what is manufactured.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use voc_events::{families::FamilyInfo, quality::Quality};
use voc_store::{Cell, CellKind, Condition, FieldKind, Filter, Metric, Query, QueryError, Value};

use super::{Asked, Families, Grid, TableBody, page::MAX_LIMIT, series::Series};
use crate::{access::Caller, openapi::parameters as query, problem::Problem, state::Shared};

/// Further names of fields, which `by` can have.
const NAMES: [(&str, &str); 2] = [("station", "payload.metadata.station"), ("defect_type", "defect_types")];

/// Quality: scores, defects and violated thresholds, over time or by a field.
#[utoipa::path(
    get, path = "/api/v1/quality", operation_id = "quality", tag = "families",
    params(
        query::CommonOfQuality, query::TopBy, query::Granularity, query::WeekStart, query::Compare, query::Sort,
        query::Limit, query::Cursor, query::Format
    ),
    responses((status = 200, description = "A row for each bucket of time, also for those without events; with `by`, \
        a row for each value, the most frequent first: `batch_id`, `inspection_type`, `station` (the member of the \
        event's `metadata`), `defect_type` (in whose rows an event counts once for each of its types) and all other \
        fields. `inspections` are completed ones; `defect_rate` is the share of them with defects, of a type if that \
        is what rows are by; `violations` are measurements beyond a threshold", body = TableBody, example = json!({
        "data": [{
            "station": "A1", "events": 410, "inspections": 96, "inspections_with_defects": 12, "defects": 15,
            "violations": 3, "scored": 130, "avg_quality_score": 0.93, "min_quality_score": 0.71,
            "p10_quality_score": 0.84, "p50_quality_score": 0.94, "defect_rate": 0.125,
        }],
        "meta": {
            "family": "quality", "tenant_id": null, "from": "2026-02-02T00:00:00+00:00",
            "to": "2026-02-09T00:05:00+00:00", "timezone": "UTC", "truncated": false, "rows_read": 8192,
        },
    })))
)]
pub(crate) async fn quality(
    request: HttpRequest,
    caller: Caller,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, Problem> {
    let family = Families::One(const { &FamilyInfo::of::<Quality>() });
    let (mut asked, series) = Asked::read(&request, &caller, &shared, family, |parameters, table, range| {
        Series::read(parameters, table, range, &NAMES)
    })?;
    asked.follow(&series.page)?;
    // An event is in the rows of each of its types of defect: the rate is that of all inspections then.
    let is_by_list = series.by.as_ref().is_some_and(|field| field.kind() == FieldKind::TextList);
    let all = if is_by_list { Some(inspections(&asked, &series, &shared).await?) } else { None };
    let query = with_metrics(series.query(&asked, true), is_by_list)?;
    let finish = move |grid: &mut Grid| add_rate(grid, all.as_ref());
    asked.respond_with_rows("quality", query, series.page, finish, &request, &shared).await
}

fn with_metrics(query: Query, is_by_list: bool) -> Result<Query, QueryError> {
    let table = *query.table();
    let metric = |name: &str| Metric::parse(&table, name);
    let of_type = |name: &str| Filter::parse(&table, "event_type", Condition::Is(vec![Value::Text(name.to_owned())]));
    let with_defects =
        vec![of_type("INSPECTION_COMPLETED")?, Filter::parse(&table, "defect_types", Condition::Present)?];
    let mut query = query
        .metric(metric("event_count")?.named("events"))
        .metric(metric("event_count")?.of(vec![of_type("INSPECTION_COMPLETED")?]).named("inspections"))
        .metric(metric("event_count")?.of(with_defects).named("inspections_with_defects"));
    if !is_by_list {
        // Those of an event are not all of the type that a row is about.
        query = query.metric(metric("count_defect_types")?.named("defects"));
    }
    query = query
        .metric(metric("event_count")?.of(vec![of_type("THRESHOLD_VIOLATED")?]).named("violations"))
        .metric(metric("count_quality_score")?.named("scored"));
    for name in ["avg_quality_score", "min_quality_score", "p10_quality_score", "p50_quality_score"] {
        query = query.metric(metric(name)?);
    }
    Ok(query)
}

/// The numbers of completed inspections by bucket, or of all.
async fn inspections(asked: &Asked, series: &Series, shared: &Shared) -> Result<HashMap<String, f64>, Problem> {
    let query = with_metrics(series.query(asked, false), true)?.limit(MAX_LIMIT as usize);
    let answer = asked.answer(&query, shared).await?;
    let grid = Grid::of(&query, answer, &asked.range.zone);
    let place = grid.place("inspections").unwrap_or_default();
    let count = |row: &Vec<Cell>| (bucket(&grid, row), row.get(place).and_then(Cell::float).unwrap_or_default());
    Ok(grid.rows().iter().map(count).collect())
}

fn bucket(grid: &Grid, row: &[Cell]) -> String {
    let time = grid.place("time").and_then(|place| row.get(place)).and_then(Cell::text);
    time.unwrap_or_default().to_owned()
}

fn add_rate(grid: &mut Grid, all: Option<&HashMap<String, f64>>) {
    let (Some(inspections), Some(with_defects)) = (grid.place("inspections"), grid.place("inspections_with_defects"))
    else {
        return;
    };
    let time = grid.place("time");
    grid.add("defect_rate", CellKind::Float, |_, row| {
        let bucket = time.and_then(|place| row[place].text()).unwrap_or_default();
        let whole = match all {
            Some(all) => all.get(bucket).copied(),
            None => row[inspections].float(),
        };
        match (row[with_defects].float(), whole.filter(|whole| *whole > 0.0)) {
            (Some(part), Some(whole)) => Cell::Float(part / whole),
            _ => Cell::Absent,
        }
    });
}
