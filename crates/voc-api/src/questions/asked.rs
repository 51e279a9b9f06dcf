//! What all questions have in common.

use actix_web::HttpRequest;
use serde_json::{Map, Value, json};
use voc_events::{
    Table, TenantId,
    families::{self, FamilyInfo},
};
use voc_store::{Answer, Direction, Filter, Metric, Period, Query, QueryError, TenantScope};

use super::{Grid, Meta, Range, compared, filters};
use crate::{
    access::{Caller, Scope},
    formats::Format,
    invalid_parameter::{InvalidParameter, Location},
    parameters::Parameters,
    problem::Problem,
    state::Shared,
};

/// The greatest number of rows of an answer.
pub(crate) const MAX_LIMIT: u32 = 10_000;

/// Whose events, when, which of them, and how they are to be shown.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(super) family: FamilyInfo,
    /// The tenant that the question names.
    pub(super) tenant_id: Option<TenantId>,
    pub(super) tenants: TenantScope,
    pub(super) range: Range,
    pub(super) filters: Vec<Filter>,
    /// Whether the period before is to be shown, too.
    pub(super) compare: bool,
    pub(super) format: Format,
    /// Whether there is a row for every bucket of time.
    pub(super) fill: bool,
    caller: Caller,
}

/// What a request gives of it.
struct Given {
    family: FamilyInfo,
    tenant_id: Option<TenantId>,
    range: Range,
    filters: Vec<Filter>,
    compare: bool,
    format: Option<Format>,
}

impl Given {
    fn read(parameters: &mut Parameters, shared: &Shared, asked_of: Families) -> Self {
        let family = match asked_of {
            Families::Any => parameters.family("family").unwrap_or(shared.api.default_family),
            Families::Voc => families::DEFAULT,
        };
        Self {
            family,
            tenant_id: parameters.tenant("tenant_id", Some(&family)),
            range: Range::read(parameters),
            filters: Vec::new(),
            compare: false,
            format: None,
        }
    }

    /// Reads in which form the answer is to be.
    fn read_forms(&mut self, parameters: &mut Parameters) {
        self.compare = parameters.flag("compare").unwrap_or(false);
        self.format = Format::given(parameters);
    }
}

/// The family of a question.
#[derive(Debug, Clone, Copy)]
pub(super) enum Families {
    /// Any; it is a parameter.
    Any,
    /// The one with conversations.
    Voc,
}

impl Asked {
    /// Reads what all questions have in common, and what `more` reads.
    pub(super) fn read<T>(
        request: &HttpRequest,
        caller: &Caller,
        shared: &Shared,
        asked_of: Families,
        more: impl FnOnce(&mut Parameters, &Table, &Range) -> T,
    ) -> Result<(Self, T), Problem> {
        caller.require(Scope::Read)?;
        let (given, more) = Parameters::read(request.query_string(), |parameters| {
            let mut given = Given::read(parameters, shared, asked_of);
            given.read_forms(parameters);
            given.filters = filters::read(parameters, &given.family.table);
            let more = more(parameters, &given.family.table, &given.range);
            (given, more)
        })?;
        Ok((Self::of(given, request, caller)?, more))
    }

    /// The same for an answer of one form.
    pub(super) fn read_fixed(request: &HttpRequest, caller: &Caller, shared: &Shared) -> Result<Self, Problem> {
        caller.require(Scope::Read)?;
        let given = Parameters::read(request.query_string(), |parameters| {
            let mut given = Given::read(parameters, shared, Families::Any);
            given.filters = filters::read(parameters, &given.family.table);
            given
        })?;
        Self::of(given, request, caller)
    }

    /// The same for a body, which has filters in another form.
    pub(super) fn read_body<T>(
        members: Map<String, Value>,
        request: &HttpRequest,
        caller: &Caller,
        shared: &Shared,
        asked_of: Families,
        more: impl FnOnce(&mut Parameters, &Table, &Range) -> T,
    ) -> Result<(Self, T), Problem> {
        caller.require(Scope::Read)?;
        // A parameter beside the body would be ignored.
        Parameters::read(request.query_string(), |_| ())?;
        let (given, more) = Parameters::read_body(members, |parameters| {
            let mut given = Given::read(parameters, shared, asked_of);
            given.read_forms(parameters);
            let more = more(parameters, &given.family.table, &given.range);
            (given, more)
        })?;
        Ok((Self::of(given, request, caller)?, more))
    }

    fn of(given: Given, request: &HttpRequest, caller: &Caller) -> Result<Self, Problem> {
        let Given { family, tenant_id, range, filters, compare, format } = given;
        let tenants = caller.tenants_of(&family.table, tenant_id.as_ref())?;
        let format = Format::of(request, format)?;
        Ok(Self { caller: caller.clone(), family, tenant_id, tenants, range, filters, compare, format, fill: true })
    }

    /// A question about its events, without metrics and dimensions.
    pub(super) fn query(&self) -> Query {
        let query = Query::new(self.family.table, self.tenants.clone(), self.range.period);
        self.filters.iter().cloned().fold(query, Query::filter)
    }

    /// Asks the store.
    pub(super) async fn answer(&self, query: &Query, shared: &Shared) -> Result<Answer, Problem> {
        let (queries, query) = (shared.queries()?, query.clone());
        shared.query(&self.caller, async move { queries.query(&query).await }).await
    }

    /// The answer as rows, next to that of the previous period, if that is asked for.
    pub(super) async fn grid(&self, query: &Query, shared: &Shared) -> Result<(Grid, Meta), Problem> {
        let answer = self.filled(query, self.answer(query, shared).await?)?;
        let mut meta = Meta::new(self.family.name, self.tenant_id.clone(), &self.range, answer.truncated);
        let grid = Grid::of(query, &answer, &self.range.zone);
        if !self.compare {
            return Ok((grid, meta));
        }
        let period: Period = self.range.previous();
        let before = query.clone().during(period);
        let previous = self.filled(&before, self.answer(&before, shared).await?)?;
        meta.compare_with(period, &self.range);
        Ok((compared::side_by_side(query, &answer, &before, &previous, grid), meta))
    }

    /// The members of an answer in JSON that clients of the first endpoints know, next to its rows.
    pub(super) fn envelope(&self, meta: &Meta) -> Map<String, Value> {
        let mut envelope = meta.envelope();
        envelope.insert("family".to_owned(), json!(self.family.name));
        envelope.insert("tenant_id".to_owned(), json!(self.tenant_id));
        envelope.insert("days".to_owned(), json!(self.range.days));
        envelope
    }

    fn filled(&self, query: &Query, answer: Answer) -> Result<Answer, Problem> {
        if self.fill { query.fill(answer).map_err(|error| too_many(&error)) } else { Ok(answer) }
    }
}

/// A question whose answer has too many buckets.
fn too_many(error: &QueryError) -> Problem {
    Problem::QueryTooExpensive(error.to_string())
}

/// Adds metrics by their names, which are those of constants.
pub(super) fn with_metrics(mut query: Query, names: &[&str]) -> Result<Query, QueryError> {
    for name in names {
        let metric = Metric::parse(query.table(), name)?;
        query = query.metric(metric);
    }
    Ok(query)
}

/// Reads `sort`: a column, the largest first after a `-`.
pub(super) fn sort(parameters: &mut Parameters) -> Option<(String, Direction)> {
    let text = parameters.name("sort", 256)?;
    Some(match text.strip_prefix('-') {
        Some(column) => (column.to_owned(), Direction::Descending),
        None => (text, Direction::Ascending),
    })
}

/// Orders a query as `sort` says.
pub(super) fn sorted(query: Query, sort: Option<(String, Direction)>) -> Result<Query, Problem> {
    sorted_by(query, sort, &Location::query("sort"))
}

/// Orders a query by a column that is given at a location.
pub(super) fn sorted_by(
    query: Query,
    order: Option<(String, Direction)>,
    location: &Location,
) -> Result<Query, Problem> {
    let Some((column, direction)) = order else { return Ok(query) };
    let mistake = |error| Problem::InvalidParameters(vec![InvalidParameter::of_question(location.clone(), &error)]);
    query.order_by(&column, direction).map_err(mistake)
}
