//! Pages of answers that are lists.

use voc_store::Direction;

use crate::parameters::Parameters;

/// The greatest number of rows of an answer.
pub(crate) const MAX_LIMIT: u32 = 10_000;

/// Which rows of a list are asked for.
#[derive(Debug)]
pub(super) struct Page {
    /// A column and its direction.
    pub(super) sort: Option<(String, Direction)>,
    pub(super) limit: usize,
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
        let limit = parameters.limit("limit", default_limit, MAX_LIMIT);
        Self { sort: None, limit: limit as usize, cursor: parameters.cursor("cursor") }
    }
}
