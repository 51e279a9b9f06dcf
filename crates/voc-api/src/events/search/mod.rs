//! Search: calls in whose transcripts words and phrases occur.

pub(crate) mod bounds;
mod pattern;
mod snippets;
mod terms;
mod words;

use std::time::{Duration, Instant};

use actix_web::{HttpRequest, HttpResponse, web};
use voc_events::{Table, Timestamp};
use voc_nlp::{Conversation, Role, Turn};
use voc_store::{Cell, CellKind, Condition, Direction, EventList, Field, Filter, ListedEvent, Period, Value};

use self::{
    bounds::{MAX_LIMIT, MAX_SEARCH_BYTES},
    pattern::pattern,
    snippets::snippets,
    terms::Terms,
};
use super::stored;
use crate::{
    access::Caller,
    formats::{TableAnswer, columns_of},
    hash::hash,
    openapi::parameters as query,
    parameters::Parameters,
    problem::Problem,
    questions::{
        Asked, Families, TableBody,
        cursor::{read, write},
    },
    state::Shared,
};

const DEFAULT_LIMIT: u32 = 20;
/// Events that are examined at once.
const EXAMINED_AT_ONCE: usize = 200;
/// Events that are examined for one page at most.
const MAX_EXAMINED: usize = 2000;
/// After this time, a page ends although it is not full: a client shows what it has got, and goes on with the next.
const PATIENCE: Duration = Duration::from_millis(100);
/// How many calls the first span of time has in which events are looked for, from the latest on; each further span has
/// more, because words that are rare in the first one will be in the next.
const FIRST_CALLS: usize = 1000;
/// By how much, up to what is read in the time that a page has.
const GROWTH: usize = 4;
const MOST_CALLS: usize = 8000;
/// Words by which the store leaves out events.
const WORDS_OF_STORE: usize = 2;

/// The fields of a row before those of the search.
const FIELDS: [&str; 9] =
    ["timestamp", "tenant_id", "event_id", "call_id", "agent_id", "customer_id", "language", "topic", "sentiment"];

const ROLES: [(&str, Role); 4] =
    [("customer", Role::Customer), ("agent", Role::Agent), ("bot", Role::Bot), ("other", Role::Other)];

/// What is asked for.
struct Wanted {
    text: String,
    terms: Option<Terms>,
    speaker: Option<Role>,
    limit: usize,
    cursor: Option<String>,
}

impl Wanted {
    fn read(parameters: &mut Parameters) -> Self {
        let text = parameters.required_name("q", MAX_SEARCH_BYTES).unwrap_or_default();
        let terms = match Terms::parse(&text) {
            Ok(terms) => Some(terms),
            // Nothing at all, or too much, is a mistake already.
            Err(_) if text.is_empty() => None,
            Err(error) => {
                parameters.wrong("q", error.to_string(), "value_error");
                None
            }
        };
        Self {
            text,
            terms,
            speaker: parameters.one_of("speaker", &ROLES),
            limit: parameters.limit("limit", DEFAULT_LIMIT, MAX_LIMIT) as usize,
            cursor: parameters.cursor("cursor"),
        }
    }
}

/// Calls in whose transcripts all of the words and phrases occur, the latest first.
///
/// Case and accents do not matter. A phrase is in quotation marks; `*` at the end stands for the rest of a word. A
/// page may have fewer rows than the limit although there are more: its `next` then goes on where the search has
/// stopped, so that one request never takes long.
#[utoipa::path(
    get, path = "/api/v1/search", operation_id = "search", tag = "conversations",
    params(query::Search, query::Speaker, query::Common, query::SearchLimit, query::Cursor, query::Format),
    responses((status = 200, description = "A row for each call. `matches` is how often the words occur; each snippet \
        has the place of its turn, the speaker, a part of what is said, and the characters to highlight. `next` in \
        `meta` is the cursor of the next page", body = TableBody, example = json!({
        "data": [{
            "timestamp": "2026-02-02T12:00:00.000Z", "tenant_id": "acme",
            "event_id": "7c7fbbd6-3bd4-4f43-8e8a-3f8a6b6a1a11", "call_id": "call-1", "agent_id": "agent-7",
            "customer_id": "customer-3", "language": "en", "topic": "billing", "sentiment": -0.4, "matches": 2,
            "snippets": [{
                "turn": 3, "role": "customer", "speaker": "Customer", "text": "…about the late fee, I want a refund…",
                "highlights": [[11, 19]],
            }],
        }],
        "meta": {
            "family": "voc", "tenant_id": "acme", "from": "2026-02-02T00:00:00+00:00",
            "to": "2026-02-09T00:05:00+00:00", "timezone": "UTC", "truncated": true, "next": "eyJoYXNoIjoi",
            "rows_read": 8192,
        },
    })))
)]
pub(crate) async fn search(
    request: HttpRequest,
    caller: Caller,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, Problem> {
    let (asked, wanted) =
        Asked::read_list(&request, &caller, &shared, Families::Voc, |parameters, _, _| Wanted::read(parameters))?;
    let Wanted { text, terms: Some(terms), speaker, limit, cursor } = wanted else { return Err(Problem::Internal) };
    let list = list_of(&asked, &terms)?;
    let hash = hash(&(list.clone().during(Period::EVER), &text, &speaker));
    let mut search = Search { terms, speaker, limit, period: asked.range.period, reached: Vec::new() };
    if let Some(cursor) = cursor {
        (search.period, search.reached) = read(&cursor, &hash, search.period, asked.range.is_relative)?;
    }
    let rows = search.page(&asked, &list, &shared).await?;
    let next = (!search.reached.is_empty()).then(|| write(hash, search.period, &search.reached)).flatten();
    let meta = asked.meta_of(search.period, next.is_some()).with_next(next);
    let fields = list.columns().filter(|(name, _)| FIELDS.contains(name));
    let columns = columns_of(fields.chain([("matches", CellKind::Integer), ("snippets", CellKind::Json)]));
    asked.respond(TableAnswer::of_one("search", columns, rows).with(meta.envelope()), &request, &shared).await
}

/// The calls that may be found, the latest first.
fn list_of(asked: &Asked, terms: &Terms) -> Result<EventList, Problem> {
    let table: &Table = &asked.family.table;
    let call = Condition::Is(vec![Value::Text("call".to_owned())]);
    let mut list = asked.list().filter(Filter::parse(table, "event_type", call)?).direction(Direction::Descending);
    for name in FIELDS {
        list = list.field(Field::find(table, name)?);
    }
    let list = Field::payload(table).into_iter().fold(list, EventList::field);
    Ok(terms.longest(WORDS_OF_STORE).into_iter().fold(list, |list, word| list.matching(pattern(word))))
}

/// A search for one page.
struct Search {
    terms: Terms,
    speaker: Option<Role>,
    limit: usize,
    period: Period,
    /// Where the search has stopped: the place of an event, or an instant at which all later events were examined.
    /// Empty at the beginning, and at the end.
    reached: Vec<Cell>,
}

impl Search {
    /// The rows of the page.
    async fn page(&mut self, asked: &Asked, list: &EventList, shared: &Shared) -> Result<Vec<Vec<Cell>>, Problem> {
        let begun = Instant::now();
        let (mut rows, mut examined, mut calls) = (Vec::new(), 0, FIRST_CALLS);
        let Period { since, until } = self.period;
        let (mut upto, mut after) = match (self.reached.first().and_then(Cell::time), self.reached.len()) {
            (None, _) => (until, None),
            (Some(instant), 1) => (instant, None),
            (Some(time), _) => (later(time, 1), Some(self.reached.clone())),
        };
        while upto > since {
            let rest = list.clone().during(Period { since, until: upto });
            let from = asked.reach(&rest, calls, shared).await?.unwrap_or(since);
            let mut part = rest.during(Period { since: from, until: upto }).limit(EXAMINED_AT_ONCE);
            if let Some(place) = after.take() {
                part = part.after(place).map_err(|_| Problem::InvalidCursor)?;
            }
            let found = asked.events(&part, shared).await?;
            for event in &found.events {
                rows.extend(self.row(list, event));
                examined += 1;
                if rows.len() == self.limit {
                    self.reached.clone_from(&event.place);
                    return Ok(rows);
                }
            }
            match found.events.last().filter(|_| found.truncated) {
                Some(last) => {
                    self.reached.clone_from(&last.place);
                    after = Some(last.place.clone());
                }
                None => {
                    self.reached = vec![Cell::Time(from)];
                    (upto, calls) = (from, calls.saturating_mul(GROWTH).min(MOST_CALLS));
                }
            }
            if upto > since && (examined >= MAX_EXAMINED || begun.elapsed() > PATIENCE) {
                return Ok(rows);
            }
        }
        self.reached.clear();
        Ok(rows)
    }

    /// The row of an event, if everything that is searched for occurs in its transcript.
    fn row(&self, list: &EventList, event: &ListedEvent) -> Option<Vec<Cell>> {
        let transcript = stored::transcript(list, event)?;
        let conversation = Conversation::parse(&transcript);
        let turns = conversation.turns().into_iter().enumerate();
        let turns: Vec<(usize, Turn<'_>)> =
            turns.filter(|(_, turn)| self.speaker.is_none_or(|role| role == turn.role)).collect();
        let found = self.terms.find(turns.iter().map(|(_, turn)| turn.text))?;
        let matches: usize = found.iter().map(Vec::len).sum();
        let snippets = serde_json::to_string(&snippets(&turns, &found)).ok()?;
        let fields = FIELDS.iter().map(|name| stored::cell(list, event, name).clone());
        let matches = Cell::Integer(i64::try_from(matches).unwrap_or(i64::MAX));
        Some(fields.chain([matches, Cell::Json(snippets)]).collect())
    }
}

fn later(time: Timestamp, millis: i64) -> Timestamp {
    Timestamp::from_millis(time.as_millis().saturating_add(millis))
}
