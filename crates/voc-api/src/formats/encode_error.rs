//! Why a batch cannot be written.

use super::columns::Misfit;

/// Why a batch cannot be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EncodeError {
    #[error(transparent)]
    Misfit(#[from] Misfit),
    #[error("cannot write Parquet: {0}")]
    Parquet(#[from] ::parquet::errors::ParquetError),
    #[error("cannot write JSON: {0}")]
    Json(#[from] serde_json::Error),
}
