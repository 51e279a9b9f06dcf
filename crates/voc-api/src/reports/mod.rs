//! Reports: named templates, which are files of restricted SQL with a title and typed parameters.
//!
//! A template is read and checked when the service starts. It cannot forget a tenant, the range or duplicates, because
//! its tables have only the rows that a request may see, each event once
//! ([`RestrictedSql`](voc_store::RestrictedSql)).

mod error;
mod library;
pub(crate) mod listing;
pub(crate) mod run;
mod template;

pub use error::{ReportError, ReportsError};
pub use library::Reports;
