//! What turns batches of rows into the bytes of a format.

use super::{
    columns::{Column, RowsBatch},
    csv::Csv,
    encode_error::EncodeError,
    json::{Json, Ndjson},
    negotiation::Format,
    parquet::Parquet,
};

/// Writes a table. The pieces, in order, are the whole of it.
pub(crate) enum Encoder {
    Json(Json),
    Ndjson(Ndjson),
    Csv(Csv),
    Parquet(Box<Parquet>),
}

impl Encoder {
    /// JSON has the members of `envelope` next to the rows; the other formats have no place for them.
    pub(crate) fn new(
        format: Format,
        columns: Vec<Column>,
        envelope: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<Self, EncodeError> {
        Ok(match format {
            Format::Json => Self::Json(Json::new(columns, envelope)),
            Format::Ndjson => Self::Ndjson(Ndjson::new(columns)),
            Format::Csv => Self::Csv(Csv::new(columns)),
            Format::Parquet => Self::Parquet(Box::new(Parquet::new(columns)?)),
        })
    }

    /// The next piece, which may be empty.
    pub(crate) fn batch(&mut self, batch: RowsBatch) -> Result<Vec<u8>, EncodeError> {
        match self {
            Self::Json(json) => json.batch(&batch),
            Self::Ndjson(ndjson) => ndjson.batch(&batch),
            Self::Csv(csv) => csv.batch(&batch),
            Self::Parquet(parquet) => parquet.batch(batch),
        }
    }

    /// The last piece.
    pub(crate) fn end(self) -> Result<Vec<u8>, EncodeError> {
        match self {
            Self::Json(json) => Ok(json.end()),
            Self::Ndjson(_) => Ok(Vec::new()),
            Self::Csv(csv) => Ok(csv.end()),
            Self::Parquet(parquet) => parquet.end(),
        }
    }

    /// A table of one batch.
    pub(crate) fn whole(mut self, batch: RowsBatch) -> Result<Vec<u8>, EncodeError> {
        let mut whole = self.batch(batch)?;
        whole.append(&mut self.end()?);
        Ok(whole)
    }
}
