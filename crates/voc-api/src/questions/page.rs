//! Pages of answers that are lists.

use voc_store::Direction;

use crate::{formats::Format, parameters::Parameters, problem::Problem};

/// The greatest number of rows of an answer.
pub(crate) const MAX_LIMIT: u32 = 10_000;

/// Which rows of a list are asked for.
#[derive(Debug)]
pub(crate) struct Page {
    /// A column and its direction.
    pub(super) sort: Option<(String, Direction)>,
    /// The number of rows, if it is given.
    limit: Option<usize>,
    default_limit: usize,
    /// Whether a limit can be given.
    has_limit: bool,
    /// Where the page begins.
    pub(super) cursor: Option<String>,
}

impl Page {
    /// Reads `sort`, a column with the largest first after a `-`; `limit`; and `cursor`.
    pub(super) fn read(parameters: &mut Parameters, default_limit: u32) -> Self {
        let sort = parameters.name("sort", 256).map(|text| match text.strip_prefix('-') {
            Some(column) => (column.to_owned(), Direction::Descending),
            None => (text, Direction::Ascending),
        });
        Self { sort, ..Self::read_size(parameters, default_limit) }
    }

    /// Reads `limit` and `cursor`.
    pub(super) fn read_size(parameters: &mut Parameters, default_limit: u32) -> Self {
        Self { cursor: parameters.cursor("cursor"), ..Self::read_limit(parameters, default_limit) }
    }

    /// Reads `limit`, for an answer that has one page.
    pub(crate) fn read_limit(parameters: &mut Parameters, default_limit: u32) -> Self {
        let limit = parameters.optional_whole("limit", 1..=MAX_LIMIT.into());
        let limit = limit.and_then(|limit| limit.try_into().ok());
        Self { sort: None, limit, default_limit: default_limit as usize, has_limit: true, cursor: None }
    }

    /// All rows that an answer may have.
    pub(crate) fn whole() -> Self {
        Self { sort: None, limit: None, default_limit: MAX_LIMIT as usize, has_limit: false, cursor: None }
    }

    /// Whether a page is asked for.
    pub(super) fn is_given(&self) -> bool {
        self.limit.is_some() || self.cursor.is_some()
    }

    /// The number of rows in a format. One that cannot say where the next page begins has as many as an answer may.
    pub(crate) fn limit(&self, format: Format) -> usize {
        let open = if format == Format::Json || self.is_given() { self.default_limit } else { MAX_LIMIT as usize };
        self.limit.unwrap_or(open)
    }

    /// Refuses an answer that would be cut without saying so: only JSON has a place for that.
    pub(crate) fn require_whole(&self, format: Format, truncated: bool) -> Result<(), Problem> {
        if truncated && format != Format::Json && !self.is_given() {
            let instead = if self.has_limit { "give a 'limit'" } else { "ask for JSON" };
            let advice = format!("the answer has more than {MAX_LIMIT} rows; add a filter, or {instead}");
            return Err(Problem::QueryTooExpensive(advice));
        }
        Ok(())
    }
}
