//! Answers that are tables.

use actix_web::{
    HttpResponse,
    http::header::{self, ContentDisposition, DispositionParam, DispositionType},
};
use futures_util::{StreamExt as _, stream};
use serde_json::{Map, Value};

use super::{
    body::pump,
    columns::{Batches, Column, RowsBatch},
    encoder::Encoder,
    negotiation::Format,
};
use crate::{problem::Problem, state::Shared};

/// A table with any number of rows.
pub(crate) struct TableAnswer {
    /// The beginning of the name under which a browser saves it.
    pub(crate) name: &'static str,
    pub(crate) columns: Vec<Column>,
    /// The members that JSON has next to the rows.
    pub(crate) envelope: Map<String, Value>,
    pub(crate) batches: Batches,
}

impl TableAnswer {
    /// A small table, whose rows are there already.
    pub(crate) fn of_one(name: &'static str, columns: Vec<Column>, batch: RowsBatch) -> Self {
        Self { name, columns, envelope: Map::new(), batches: stream::iter([Ok(batch)]).boxed() }
    }

    /// The same with other members next to its rows.
    pub(crate) fn with(mut self, envelope: Map<String, Value>) -> Self {
        self.envelope = envelope;
        self
    }

    /// Answers in a format. The head waits for the first batch, so that a store that cannot answer is a problem.
    pub(crate) async fn respond(self, format: Format, shared: &Shared) -> Result<HttpResponse, Problem> {
        let Self { name, columns, envelope, mut batches } = self;
        let encoder = Encoder::new(format, columns, &envelope).map_err(|error| {
            tracing::error!(%error, "a table cannot be written");
            Problem::Internal
        })?;
        let asked = shared.run(async move { (batches.next().await, batches) });
        let (first, batches) = tokio::time::timeout(shared.api.limits.question, asked)
            .await
            .map_err(|_elapsed| Problem::QueryTimeout)??;
        let first = first.transpose()?;
        let (pump, pieces) = pump(shared.api.limits.reading);
        shared.spawn(pump.run(encoder, first, batches));
        let mut response = HttpResponse::Ok();
        response.content_type(format.content_type()).insert_header((header::VARY, "Accept"));
        if format != Format::Json {
            let name = DispositionParam::Filename(format!("{name}.{}", format.name()));
            let disposition = DispositionType::Attachment;
            response.insert_header(ContentDisposition { disposition, parameters: vec![name] });
        }
        Ok(response.streaming(pieces))
    }
}
