//! Answers that are tables.

use std::fmt::Display;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        ConnectionType, Version,
        header::{
            self, ContentDisposition, DispositionParam, DispositionType, EntityTag, Header as _, HeaderValue,
            IfNoneMatch, TryIntoHeaderValue as _,
        },
    },
    web,
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Map, Value};
use tokio::time::Instant;
use voc_store::{Cell, StoreError, TenantScope};

use super::{
    body::{Pieces, pump},
    cells::batch_of,
    columns::{Batches, Column, RowsBatch},
    encoder::Encoder,
    negotiation::Format,
};
use crate::{hash::hash, problem::Problem, state::Shared};

/// The longest address of a next page in bytes.
const MAX_LINK_BYTES: usize = 2048;

/// A table with any number of rows.
pub(crate) struct TableAnswer {
    /// The beginning of the name under which a browser saves it.
    name: &'static str,
    columns: Vec<Column>,
    /// The members that JSON has next to the rows.
    pub(crate) envelope: Map<String, Value>,
    rows: Rows,
}

enum Rows {
    Here(Vec<Vec<Cell>>),
    Coming(Batches),
}

impl TableAnswer {
    /// A small table, whose rows are there already.
    pub(crate) fn of_one(name: &'static str, columns: Vec<Column>, rows: Vec<Vec<Cell>>) -> Self {
        Self { name, columns, envelope: Map::new(), rows: Rows::Here(rows) }
    }

    /// A table whose rows are sent while they arrive.
    pub(crate) fn of_many(name: &'static str, columns: Vec<Column>, batches: Batches) -> Self {
        Self { name, columns, envelope: Map::new(), rows: Rows::Coming(batches) }
    }

    /// A table that is sent page after page. `next` gives the page after the first one, and what comes after it.
    pub(crate) fn of_pages<S, F>(
        name: &'static str,
        columns: Vec<Column>,
        first: RowsBatch,
        rest: S,
        next: impl FnMut(S) -> F + Send + 'static,
    ) -> Self
    where
        S: Send + 'static,
        F: Future<Output = Result<Option<(RowsBatch, S)>, Problem>> + Send + 'static,
    {
        let rest = stream::try_unfold(rest, next);
        let rest = rest.map_err(|problem| StoreError::Unavailable(problem.to_string()));
        Self::of_many(name, columns, stream::once(async { Ok(first) }).chain(rest).boxed())
    }

    /// The same with other members next to its rows.
    pub(crate) fn with(mut self, envelope: Map<String, Value>) -> Self {
        self.envelope = envelope;
        self
    }

    /// The same table, and a text that distinguishes what it says; `None` if its rows are not there yet.
    pub(crate) async fn hash_of_content(self) -> Result<(Self, Option<String>), Problem> {
        if let Rows::Coming(_) = self.rows {
            return Ok((self, None));
        }
        // Thousands of rows take milliseconds, for which no other request should wait.
        let hashing = web::block(move || {
            let Rows::Here(rows) = &self.rows else { return (self, None) };
            let hash = hash(&(&self.columns, &self.envelope, rows));
            (self, Some(hash))
        });
        hashing.await.map_err(|error| unwritable(&error))
    }

    /// Answers a question about tenants in a format, or says that the client has the answer already. `state` is what
    /// distinguishes it from other answers to the same question; without one it has no tag.
    pub(crate) async fn respond_if_changed(
        self,
        state: Option<String>,
        tenants: &TenantScope,
        format: Format,
        request: &HttpRequest,
        shared: &Shared,
    ) -> Result<HttpResponse, Problem> {
        let Some(state) = state else { return self.respond(format, request, shared).await };
        let question = format!("{} {} {tenants:?}", request.path(), request.query_string());
        let link = next_page(&self.envelope, request);
        let tag = EntityTag::new_weak(hash(&[state.as_str(), &question, format.name()]));
        let known = match IfNoneMatch::parse(request) {
            Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(&tag)),
            // Any answer will do.
            Ok(IfNoneMatch::Any) => true,
            Err(_) => false,
        };
        let mut response = if known {
            HttpResponse::NotModified().insert_header((header::VARY, "Accept")).finish()
        } else {
            self.respond(format, request, shared).await?
        };
        if let Some(link) = link {
            response.headers_mut().insert(header::LINK, link);
        }
        response.headers_mut().insert(header::ETAG, tag.try_into_value().map_err(|_| Problem::Internal)?);
        Ok(response)
    }

    /// Answers in a format.
    pub(crate) async fn respond(
        self,
        format: Format,
        request: &HttpRequest,
        shared: &Shared,
    ) -> Result<HttpResponse, Problem> {
        let Self { name, columns, envelope, rows } = self;
        let mut response = HttpResponse::Ok();
        response.content_type(format.content_type()).insert_header((header::VARY, "Accept"));
        if format != Format::Json {
            let name = DispositionParam::Filename(format!("{name}.{}", format.name()));
            let disposition = DispositionType::Attachment;
            response.insert_header(ContentDisposition { disposition, parameters: vec![name] });
        }
        match rows {
            Rows::Here(rows) => {
                // Writing takes milliseconds, for which no other request should wait.
                let writing = web::block(move || {
                    let batch = batch_of(&columns, rows);
                    Encoder::new(format, columns, &envelope)?.whole(batch)
                });
                let whole = writing.await.map_err(|error| unwritable(&error))?;
                Ok(response.body(whole.map_err(|error| unwritable(&error))?))
            }
            Rows::Coming(batches) => {
                let encoder = Encoder::new(format, columns, &envelope).map_err(|error| unwritable(&error))?;
                let mut response = response.streaming(pieces(encoder, batches, shared).await?);
                if request.version() < Version::HTTP_11 {
                    // Without chunks, the answer ends with its connection, which is reset if the answer is broken.
                    response.head_mut().no_chunking(true);
                    response.head_mut().set_connection_type(ConnectionType::Close);
                }
                Ok(response)
            }
        }
    }
}

/// The address of the next page, for formats that have no place for it.
fn next_page(envelope: &Map<String, Value>, request: &HttpRequest) -> Option<HeaderValue> {
    let next = envelope.get("meta")?.get("next")?.as_str()?;
    let others = request.query_string().split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
    let others: String = others.map(|pair| format!("{pair}&")).collect();
    let link = format!("<?{others}cursor={next}>; rel=\"next\"");
    // Proxies refuse answers with large heads.
    HeaderValue::from_str(&link).ok().filter(|link| link.len() <= MAX_LINK_BYTES)
}

/// What is written while it is sent. The head waits for the first batch, so that a store that cannot answer is a
/// problem.
async fn pieces(encoder: Encoder, mut batches: Batches, shared: &Shared) -> Result<Pieces, Problem> {
    let asked = async { Ok(shared.run(async move { (batches.next().await, batches) }).await?) };
    let (first, batches) = shared.in_time(Instant::now(), asked).await?;
    let first = first.transpose()?;
    let (pump, pieces) = pump(shared.api.limits.reading);
    // Compression takes milliseconds, for which no other work should wait. On a thread of its own, the memory that one
    // batch needed is there for the next one.
    shared.run_apart(pump.run(encoder, first, batches));
    Ok(pieces)
}

fn unwritable(error: &impl Display) -> Problem {
    tracing::error!(%error, "a table cannot be written");
    Problem::Internal
}
