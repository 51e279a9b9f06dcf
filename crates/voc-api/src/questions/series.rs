//! Series over time, and lists of the most frequent values: what the endpoints of single families have in common.

use voc_events::Table;
use voc_store::{Buckets, Dimension, Field, Query};

use super::{Asked, Range, page::MAX_LIMIT, page::Page, trends::buckets};
use crate::parameters::Parameters;

/// Rows of a list of values, unless a limit is given.
const DEFAULT_LIMIT: u32 = 100;

/// The shape of an answer: a row for each bucket of time, for each value of a field, or for both.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) by: Option<Field>,
    pub(super) time: Option<Buckets>,
    pub(super) page: Page,
}

impl Series {
    /// Reads `by`, `granularity`, `week_start` and the page. Without a field there are buckets of time, also without a
    /// granularity. `names` are further names of fields.
    pub(super) fn read(
        parameters: &mut Parameters,
        table: &Table,
        range: &Range,
        names: &[(&'static str, &'static str)],
    ) -> Self {
        let by = parameters.name("by", 256).and_then(|name| {
            let field = names.iter().find(|(short, _)| *short == name).map_or(name.as_str(), |(_, field)| field);
            match parameters.checked("by", Dimension::parse(table, field))? {
                Dimension::Field(field) => Some(field.named(name)),
                Dimension::Time(_) => None,
            }
        });
        let wanted = by.is_none() || parameters.granularity("granularity").is_some();
        let time = buckets(parameters, range).filter(|_| wanted);
        let page = Page::read(parameters, if time.is_some() { MAX_LIMIT } else { DEFAULT_LIMIT });
        Self { by, time, page }
    }

    /// A question about the events that are asked for, by time, or else by the field's values; with `of_values`, by
    /// both, as in the answer.
    pub(super) fn query(&self, asked: &Asked, of_values: bool) -> Query {
        let time = self.time.clone().map(Dimension::Time);
        let by = self.by.clone().filter(|_| of_values).map(Dimension::Field);
        time.into_iter().chain(by).fold(asked.query(), Query::dimension)
    }
}
