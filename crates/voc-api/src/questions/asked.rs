//! What all questions have in common.

use std::{
    fmt::Debug,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use actix_web::{HttpRequest, HttpResponse, http::Method};
use serde_json::{Map, Value, json};
use tokio::sync::OnceCell;
use voc_events::{
    Table, TenantId, Timestamp,
    families::{self, FamilyInfo},
};
use voc_store::{
    Answer, Dimension, Direction, EventList, EventPage, EventQueries, EventStream, Filter, Freshness, Granularity,
    Metric, Period, Query, QueryError, StoreError, TenantScope,
};

use super::{
    Grid, Meta, Range,
    compared::Both,
    cursor, filters,
    page::{MAX_LIMIT, Page},
};
use crate::{
    access::{Caller, Scope, Tenants},
    formats::{Format, TableAnswer},
    hash::hash,
    invalid_parameter::{InvalidParameter, Location},
    parameters::Parameters,
    problem::Problem,
    state::Shared,
};

/// Whose events, when, which of them, and how they are to be shown.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) family: FamilyInfo,
    /// The tenant that the question is about, if it is one.
    pub(super) tenant_id: Option<TenantId>,
    pub(crate) tenants: TenantScope,
    pub(crate) range: Range,
    pub(super) filters: Vec<Filter>,
    /// Whether the period before is to be shown, too.
    pub(super) compare: bool,
    pub(crate) format: Format,
    /// Whether there is a row for every bucket of time.
    pub(super) fill: bool,
    caller: Caller,
    version: OnceCell<Option<String>>,
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
    fn read(parameters: &mut Parameters, shared: &Shared, asked_of: Families, forms: Forms) -> Self {
        let family = match asked_of {
            Families::Any => parameters.family("family").unwrap_or(shared.api.default_family),
            Families::Voc => families::DEFAULT,
            Families::One(family) => *family,
        };
        // A parameter that is not read is an unknown one.
        let tenant_id = match asked_of {
            Families::One(family) if family.table.tenant.is_none() => None,
            _ => parameters.tenant("tenant_id", Some(&family)),
        };
        Self {
            family,
            tenant_id,
            range: Range::read(parameters),
            filters: Vec::new(),
            compare: forms == Forms::Compared && parameters.flag("compare").unwrap_or(false),
            format: if forms == Forms::Fixed { None } else { Format::given(parameters) },
        }
    }
}

/// The forms that an answer can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Forms {
    /// One.
    Fixed,
    /// Those of a table.
    Table,
    /// Those of a table, also next to the one of the period before.
    Compared,
}

/// The family of a question.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Families {
    /// Any; it is a parameter.
    Any,
    /// The one with conversations.
    Voc,
    /// Another one.
    One(&'static FamilyInfo),
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
        Self::read_as(request, caller, shared, (asked_of, Forms::Compared), more)
    }

    /// The same for a list whose rows cannot be compared with those of another period.
    pub(crate) fn read_list<T>(
        request: &HttpRequest,
        caller: &Caller,
        shared: &Shared,
        asked_of: Families,
        more: impl FnOnce(&mut Parameters, &Table, &Range) -> T,
    ) -> Result<(Self, T), Problem> {
        Self::read_as(request, caller, shared, (asked_of, Forms::Table), more)
    }

    /// The same for an answer of one form.
    pub(super) fn read_fixed(request: &HttpRequest, caller: &Caller, shared: &Shared) -> Result<Self, Problem> {
        let (asked, ()) = Self::read_as(request, caller, shared, (Families::Any, Forms::Fixed), |_, _, _| ())?;
        Ok(asked)
    }

    fn read_as<T>(
        request: &HttpRequest,
        caller: &Caller,
        shared: &Shared,
        (asked_of, forms): (Families, Forms),
        more: impl FnOnce(&mut Parameters, &Table, &Range) -> T,
    ) -> Result<(Self, T), Problem> {
        caller.require(Scope::Read)?;
        let (given, more) = Parameters::read(request.query_string(), |parameters| {
            let mut given = Given::read(parameters, shared, asked_of, forms);
            given.filters = filters::read(parameters, &given.family.table);
            let more = more(parameters, &given.family.table, &given.range);
            (given, more)
        })?;
        Ok((Self::of(given, request, caller)?, more))
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
            let given = Given::read(parameters, shared, asked_of, Forms::Compared);
            let more = more(parameters, &given.family.table, &given.range);
            (given, more)
        })?;
        Ok((Self::of(given, request, caller)?, more))
    }

    fn of(given: Given, request: &HttpRequest, caller: &Caller) -> Result<Self, Problem> {
        let Given { family, tenant_id, range, filters, compare, format } = given;
        let tenants = caller.tenants_of(&family.table, tenant_id.as_ref())?;
        let tenant_id = tenant_id.or_else(|| tenants.one().cloned());
        let format = Format::of(request, format)?;
        Ok(Self {
            caller: caller.clone(),
            family,
            tenant_id,
            tenants,
            range,
            filters,
            compare,
            format,
            fill: true,
            version: OnceCell::new(),
        })
    }

    /// Who asks.
    pub(super) fn caller(&self) -> &Caller {
        &self.caller
    }

    /// A question about its events, without metrics and dimensions.
    pub(super) fn query(&self) -> Query {
        let query = Query::new(self.family.table, self.tenants.clone(), self.range.period);
        self.filters.iter().cloned().fold(query, Query::filter)
    }

    /// A list of its events, without fields.
    pub(crate) fn list(&self) -> EventList {
        let list = EventList::new(self.family.table, self.tenants.clone(), self.range.period);
        self.filters.iter().cloned().fold(list, EventList::filter)
    }

    /// A page of a list.
    pub(crate) async fn events(&self, list: &EventList, shared: &Shared) -> Result<EventPage, Problem> {
        let (queries, list) = (shared.queries_for(&self.caller)?, list.clone());
        shared.query(&self.caller, async move { queries.events(&list).await }).await
    }

    /// How far a number of a list's events reach.
    pub(crate) async fn reach(
        &self,
        list: &EventList,
        events: usize,
        shared: &Shared,
    ) -> Result<Option<Timestamp>, Problem> {
        let (queries, list) = (shared.queries_for(&self.caller)?, list.clone());
        shared.query(&self.caller, async move { queries.reach(&list, events).await }).await
    }

    /// All events of a list.
    pub(crate) async fn stream(&self, list: &EventList, shared: &Shared) -> Result<EventStream, Problem> {
        // The version belongs to the answer's head. What has a slot must not wait for another one.
        self.version(shared).await?;
        shared.stream(&self.caller, list.clone()).await
    }

    /// The answer to a question of the same version of the data as all others of this request.
    pub(super) async fn answer(&self, query: &Query, shared: &Shared) -> Result<Answer, Problem> {
        self.answer_to(query, shared, |queries, query| async move { queries.query(&query).await }).await
    }

    /// The same for any description of a question, which `ask` knows how to ask.
    pub(super) async fn answer_to<Q, F>(
        &self,
        question: &Q,
        shared: &Shared,
        ask: impl Fn(Arc<dyn EventQueries>, Q) -> F,
    ) -> Result<Answer, Problem>
    where
        Q: Debug + Clone,
        F: Future<Output = Result<Answer, StoreError>> + Send + 'static,
    {
        let version = self.version(shared).await?;
        let described = version.map(|version| (format!("{question:?}"), version));
        if let Some((described, version)) = &described
            && let Some(kept) = shared.answers.kept(described, version).await
        {
            return Ok(Arc::unwrap_or_clone(kept));
        }
        // An answer that is kept costs nothing.
        self.caller.require_rows()?;
        let has_asked = AtomicBool::new(false);
        let ask = async || {
            has_asked.store(true, Ordering::Relaxed);
            let asking = ask(shared.metered_queries(&self.caller)?, question.clone());
            shared.query(&self.caller, asking).await
        };
        let Some((described, version)) = described else { return ask().await };
        match shared.answers.answer(&described, version, ask()).await {
            Ok(answer) => Ok(Arc::unwrap_or_clone(answer)),
            // Another caller was refused, or had waited too long, who asked the same at the same time.
            Err(Problem::TooManyRequests { .. } | Problem::QueryTimeout) if !has_asked.load(Ordering::Relaxed) => {
                ask().await
            }
            Err(problem) => Err(problem),
        }
    }

    /// The version of the data that the request is answered from, if the store can tell. It is asked for all callers.
    async fn version(&self, shared: &Shared) -> Result<Option<&String>, Problem> {
        let table = self.family.table;
        let ask = async {
            let queries = shared.queries()?;
            shared.query_for_all(async move { queries.version(&table).await }).await
        };
        let version = self.version.get_or_try_init(|| shared.answers.version(table.name, ask)).await?;
        Ok(version.as_ref())
    }

    /// How fresh the data is. Only an answer that there is asks for it, so nobody is refused it.
    async fn freshness(&self, version: Option<&String>, shared: &Shared) -> Result<Option<Freshness>, Problem> {
        let (table, tenants) = (self.family.table, self.tenants.clone());
        let ask = async {
            let queries = shared.metered_queries(&self.caller)?;
            shared.query_for_all(async move { queries.freshness(&table, &tenants).await }).await
        };
        match version {
            Some(version) => shared.answers.freshness(&self.family.table, &self.tenants, version, ask).await,
            None => ask.await,
        }
    }

    /// Sends a table, or says that it has not changed since the client got it.
    pub(crate) async fn respond(
        &self,
        mut table: TableAnswer,
        request: &HttpRequest,
        shared: &Shared,
    ) -> Result<HttpResponse, Problem> {
        let version = self.version(shared).await?;
        // Only JSON has a place for it.
        if self.format == Format::Json {
            let freshness = self.freshness(version, shared).await?;
            Meta::add_freshness(&mut table.envelope, freshness);
        }
        let state = if request.method() == Method::POST {
            None
        } else {
            let of_content;
            (table, of_content) = table.hash_of_content().await?;
            of_content.or_else(|| self.hash_of_data(version))
        };
        // A tag is about what the answer says, not about the rows that were read for it.
        Meta::add_cost(&mut table.envelope, self.caller.rows_read());
        table.respond_if_changed(state, &self.tenants, self.format, request, shared).await
    }

    /// What changes with the data that a list is sent from. It changes with that of all tenants, which is not for
    /// everybody to know.
    fn hash_of_data(&self, version: Option<&String>) -> Option<String> {
        let version = version.filter(|_| *self.caller.bound_to() == Tenants::All)?;
        let Period { since, until } = self.range.period;
        Some(hash(&(version, since, until)))
    }

    /// The answer as rows, next to that of the previous period, if that is asked for.
    pub(super) async fn grid(&self, query: &Query, shared: &Shared) -> Result<(Grid, Meta), Problem> {
        if self.compare {
            return self.compared(query, shared).await;
        }
        let answer = self.filled(query, self.answer(query, shared).await?)?;
        let meta = self.meta(query, answer.truncated);
        Ok((Grid::of(query, answer, &self.range.zone), meta))
    }

    /// Asks about the period of the page's cursor, so that all answers of this request are about the same one.
    pub(super) fn follow(&mut self, page: &Page) -> Result<(), Problem> {
        if let Some(cursor) = &page.cursor {
            self.range.period = cursor::period_of(cursor, self.range.period, self.range.is_relative)?;
        }
        Ok(())
    }

    /// A page of the answer, and where the next one begins.
    pub(super) async fn page(&self, query: Query, page: Page, shared: &Shared) -> Result<(Grid, Meta), Problem> {
        let limit = page.limit(self.format);
        let query = sorted_by(query, page.sort.clone(), &Location::query("sort"))?.limit(limit);
        if self.compare {
            if page.cursor.is_some() {
                let message = "an answer that is compared with the period before has one page; raise 'limit'";
                let mistake = InvalidParameter::new(Location::query("cursor"), message, "value_error");
                return Err(Problem::InvalidParameters(vec![mistake]));
            }
            let (grid, meta) = self.compared(&query, shared).await?;
            // Two periods may have more groups together than one answer.
            page.require_whole(self.format, meta.is_truncated())?;
            return Ok((grid, meta));
        }
        let query = match &page.cursor {
            Some(cursor) => cursor::page(&query, cursor, self.range.is_relative)?,
            None => query,
        };
        let answer = self.page_of(&query, shared).await?;
        let next = answer.rows.last().filter(|_| answer.truncated).and_then(|last| cursor::after(&query, last));
        let meta = self.meta(&query, answer.truncated).with_next(next);
        Ok((Grid::of(&query, answer, &self.range.zone), meta))
    }

    /// The answer to a page. If it has a row for every bucket, pages are cut from the whole answer; if that is too
    /// long, they have only groups with events.
    async fn page_of(&self, query: &Query, shared: &Shared) -> Result<Answer, Problem> {
        if self.fill && granularity_of(query).is_some() {
            let whole = query.clone().from_beginning().limit(MAX_LIMIT as usize);
            let answer = self.answer(&whole, shared).await?;
            if !answer.truncated {
                return Ok(query.page_of(self.filled(&whole, answer)?));
            }
        }
        self.answer(query, shared).await
    }

    async fn compared(&self, query: &Query, shared: &Shared) -> Result<(Grid, Meta), Problem> {
        // Each group is looked for in the other period, so both answers must be whole.
        let whole = query.clone().limit(MAX_LIMIT as usize);
        let before = whole.clone().during(self.range.previous(granularity_of(query)));
        let (now, then) = (self.answer(&whole, shared).await?, self.answer(&before, shared).await?);
        if now.truncated || then.truncated {
            return Err(too_many_groups());
        }
        let (now, then) = (self.filled(&whole, now)?, self.filled(&before, then)?);
        let period = before.period();
        let (grid, truncated) = Both { query, now, before, then }.side_by_side(&self.range.zone);
        let mut meta = self.meta(query, truncated);
        meta.compare_with(period, &self.range);
        Ok((grid, meta))
    }

    /// The answer to a question of another kind than [`Query`], next to that of the previous period, if that is asked
    /// for. `ask` asks about a period, for so many rows at most, which their first `identifying` columns identify.
    pub(super) async fn beside_previous(
        &self,
        page: &Page,
        identifying: usize,
        ask: impl AsyncFn(Period, usize) -> Result<(Grid, bool), Problem>,
    ) -> Result<(Grid, Meta), Problem> {
        let (mut grid, truncated) = ask(self.range.period, page.limit(self.format)).await?;
        page.require_whole(self.format, truncated)?;
        let mut meta = self.meta_of(self.range.period, truncated);
        if self.compare {
            let before = self.range.previous(None);
            let (then, is_cut) = ask(before, MAX_LIMIT as usize).await?;
            if is_cut {
                return Err(too_many_groups());
            }
            grid.compare(&then, identifying);
            meta.compare_with(before, &self.range);
        }
        Ok((grid, meta))
    }

    fn meta(&self, query: &Query, truncated: bool) -> Meta {
        self.meta_of(query.period(), truncated)
    }

    /// What an answer about a period says about itself.
    pub(crate) fn meta_of(&self, period: Period, truncated: bool) -> Meta {
        Meta::new(Some(self.family.name), self.tenant_id.clone(), &self.range, period, truncated)
    }

    /// The members of an answer in JSON that clients of the first endpoints know, next to its rows.
    pub(super) fn envelope(&self, meta: &Meta) -> Map<String, Value> {
        let mut envelope = meta.envelope();
        envelope.insert("family".to_owned(), json!(self.family.name));
        envelope.insert("tenant_id".to_owned(), json!(self.tenant_id));
        envelope.insert("days".to_owned(), json!(self.range.days));
        envelope
    }

    pub(super) fn filled(&self, query: &Query, answer: Answer) -> Result<Answer, Problem> {
        if self.fill { query.fill(answer).map_err(|error| too_many(&error)) } else { Ok(answer) }
    }
}

/// An answer that cannot be compared, because it is not whole.
fn too_many_groups() -> Problem {
    let advice = format!("more than {MAX_LIMIT} groups cannot be compared; add a filter, or shorten the range");
    Problem::QueryTooExpensive(advice)
}

/// A question whose answer has too many buckets.
fn too_many(error: &QueryError) -> Problem {
    Problem::QueryTooExpensive(error.to_string())
}

/// The length of a question's buckets, if time is a dimension.
pub(super) fn granularity_of(query: &Query) -> Option<Granularity> {
    query.dimensions().iter().find_map(|dimension| match dimension {
        Dimension::Time(buckets) => Some(buckets.granularity()),
        Dimension::Field(_) => None,
    })
}

/// Adds metrics by their names, which are those of constants.
pub(super) fn with_metrics(mut query: Query, names: &[&str]) -> Result<Query, QueryError> {
    for name in names {
        let metric = Metric::parse(query.table(), name)?;
        query = query.metric(metric);
    }
    Ok(query)
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
