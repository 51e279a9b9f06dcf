//! All rows of an answer, however many: what an export of a list is.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use jiff::tz::TimeZone;
use voc_store::{Direction, EventQueries, Granularity, Query, QueryError};

use super::{
    Asked, Grid, Meta,
    asked::{granularity_of, sorted_by},
    page::{MAX_LIMIT, Page},
};
use crate::{
    formats::{Format, TableAnswer},
    invalid_parameter::Location,
    problem::Problem,
    state::{ExportSlots, Shared},
};

impl Asked {
    /// Answers with a page of a question's rows. A format that has no place for a cursor has all of them, unless a
    /// page is asked for; beyond the rows of one answer, they are sent while they are asked for, without empty buckets
    /// of time. `finish` completes the rows of each page.
    pub(super) async fn respond_with_rows(
        &self,
        name: &'static str,
        query: Query,
        page: Page,
        finish: impl Fn(&mut Grid) + Send + Sync + 'static,
        request: &HttpRequest,
        shared: &web::Data<Shared>,
    ) -> Result<HttpResponse, Problem> {
        let granularity = granularity_of(&query).map(Granularity::name);
        let one = |mut grid: Grid, meta: Meta| {
            finish(&mut grid);
            grid.into_table(name, meta.with_granularity(granularity).envelope())
        };
        if self.format == Format::Json || self.compare || page.is_given() {
            let (grid, meta) = self.page(query, page, shared).await?;
            return self.respond(one(grid, meta), request, shared).await;
        }
        let by_keys = page.sort.is_none();
        let all = sorted_by(query, page.sort, &Location::query("sort"))?.limit(MAX_LIMIT as usize);
        let answer = self.answer(&all, shared).await?;
        if !answer.truncated {
            let answer = self.filled(&all, answer)?;
            let grid = Grid::of(&all, answer, &self.range.zone);
            return self.respond(one(grid, self.meta_of(all.period(), false)), request, shared).await;
        }
        // A row that comes to another place in the order meanwhile would be there twice, or not at all. Keys stay.
        let all = if by_keys { ordered_by_keys(all)? } else { all };
        let rows = Rows {
            shared: shared.clone(),
            queries: shared.queries_for(self.caller())?,
            slots: shared.slots_for_export(self.caller()).await?,
            zone: self.range.zone.clone(),
            finish: Box::new(finish),
            next: Some(all),
        };
        self.respond(rows.into_table(name).await?, request, shared).await
    }
}

fn ordered_by_keys(query: Query) -> Result<Query, QueryError> {
    let first = query.dimensions().first().map(|dimension| dimension.name().to_owned());
    match first {
        Some(first) => query.order_by(&first, Direction::Ascending),
        None => Ok(query),
    }
}

/// The rows that are still to be sent.
struct Rows {
    shared: web::Data<Shared>,
    queries: Arc<dyn EventQueries>,
    slots: ExportSlots,
    zone: TimeZone,
    finish: Box<dyn Fn(&mut Grid) + Send + Sync>,
    /// The question about the next ones.
    next: Option<Query>,
}

impl Rows {
    async fn into_table(mut self, name: &'static str) -> Result<TableAnswer, Problem> {
        let (columns, first) = self.next().await?.ok_or(Problem::Internal)?.into_batch();
        Ok(TableAnswer::of_pages(name, columns, first, self, |mut rows| async move {
            let grid = rows.next().await?;
            Ok(grid.map(|grid| (grid.into_batch().1, rows)))
        }))
    }

    async fn next(&mut self) -> Result<Option<Grid>, Problem> {
        let Some(query) = self.next.take() else { return Ok(None) };
        let (queries, asked) = (Arc::clone(&self.queries), query.clone());
        let answer = self.shared.query_in(&self.slots, async move { queries.query(&asked).await }).await?;
        let last = answer.rows.last().filter(|_| answer.truncated);
        self.next = last.map(|last| query.clone().after(query.place_of(last))).transpose()?;
        let mut grid = Grid::of(&query, answer, &self.zone);
        (self.finish)(&mut grid);
        Ok(Some(grid))
    }
}
