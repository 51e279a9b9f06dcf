//! An answer next to that of the previous period.

use std::collections::{HashMap, HashSet};

use jiff::tz::TimeZone;
use voc_store::{Answer, Cell, CellKind, Dimension, Query};

use super::Grid;

/// The answers to a query in two periods.
pub(super) struct Both<'a> {
    pub(super) query: &'a Query,
    pub(super) now: Answer,
    pub(super) before: Query,
    pub(super) then: Answer,
}

impl Both<'_> {
    /// Rows with the previous period's value of each metric, and the difference, and whether there are more of them
    /// than the query's limit. Groups that only the previous period has are rows, too, unless time is a dimension;
    /// buckets of time correspond by their order.
    pub(super) fn side_by_side(self, zone: &TimeZone) -> (Grid, bool) {
        let Self { query, mut now, before, then } = self;
        let dimensions = query.dimensions().len();
        let mut earlier: HashMap<String, Vec<Cell>> = keys(&before, &then).into_iter().zip(then.rows).collect();
        let none = |place: usize| if query.metrics()[place].counts() { Cell::Integer(0) } else { Cell::Absent };
        let metrics: Vec<(String, CellKind)> =
            query.columns().skip(dimensions).map(|(name, kind)| (name.to_owned(), kind)).collect();
        if !query.dimensions().iter().any(|dimension| matches!(dimension, Dimension::Time(_))) {
            let present: HashSet<String> = keys(query, &now).into_iter().collect();
            for (_, row) in earlier.iter().filter(|(key, _)| !present.contains(*key)) {
                let of_none = (0..metrics.len()).map(none);
                now.rows.push(row[..dimensions].iter().cloned().chain(of_none).collect());
            }
        }
        let now = query.page_of(now);
        let found: Vec<Option<Vec<Cell>>> = keys(query, &now).iter().map(|key| earlier.remove(key)).collect();
        let truncated = now.truncated;
        let mut grid = Grid::of(query, now, zone);
        for (place, (name, kind)) in metrics.into_iter().enumerate() {
            let earlier = |row: usize| match found.get(row).and_then(Option::as_ref) {
                Some(cells) => cells.get(dimensions + place).cloned().unwrap_or(Cell::Absent),
                None => none(place),
            };
            grid.add_compared(&name, kind, |row, cells| (cells[dimensions + place].clone(), earlier(row)));
        }
        (grid, truncated)
    }
}

impl Grid {
    /// Adds to each row the previous period's value of each column after those that identify it, and the difference. A
    /// row that was not there then has none.
    pub(super) fn compare(&mut self, before: &Self, identifying: usize) {
        let key = |row: &[Cell]| format!("{:?}", &row[..identifying]);
        let earlier: HashMap<String, &Vec<Cell>> = before.rows().iter().map(|row| (key(row), row)).collect();
        let columns: Vec<(String, CellKind)> = self.columns().skip(identifying).collect();
        for (place, (name, kind)) in columns.into_iter().enumerate() {
            let place = identifying + place;
            let then = |row: &[Cell]| earlier.get(&key(row)).map_or(Cell::Absent, |earlier| earlier[place].clone());
            self.add_compared(&name, kind, |_, row| (row[place].clone(), then(row)));
        }
    }

    /// Adds the previous value of a column to each row, and the difference of numbers. `both` has the value now, and
    /// the previous one.
    pub(super) fn add_compared(&mut self, name: &str, kind: CellKind, both: impl Fn(usize, &[Cell]) -> (Cell, Cell)) {
        self.add(format!("previous_{name}"), kind, |row, cells| both(row, cells).1);
        if matches!(kind, CellKind::Integer | CellKind::Float) {
            self.add(format!("change_{name}"), kind, |row, cells| {
                let (now, then) = both(row, cells);
                difference(&now, &then)
            });
        }
    }
}

fn difference(now: &Cell, before: &Cell) -> Cell {
    match (now, before) {
        (Cell::Integer(now), Cell::Integer(before)) => Cell::Integer(now.saturating_sub(*before)),
        (Cell::Float(now), Cell::Float(before)) => Cell::Float(now - before),
        _ => Cell::Absent,
    }
}

/// What identifies each row of an answer within its period.
fn keys(query: &Query, answer: &Answer) -> Vec<String> {
    let dimensions = query.dimensions();
    let starts = dimensions.iter().find_map(|dimension| match dimension {
        Dimension::Time(buckets) => buckets.starts(query.period()).ok(),
        Dimension::Field(_) => None,
    });
    let ordinal = |cell: &Cell| {
        let start = cell.time()?;
        starts.as_ref()?.binary_search(&start).ok()
    };
    let key = |row: &Vec<Cell>| {
        let cells = dimensions.iter().zip(row).map(|(dimension, cell)| match dimension {
            Dimension::Time(_) => format!("{:?}", ordinal(cell)),
            Dimension::Field(_) => format!("{cell:?}"),
        });
        cells.collect::<Vec<_>>().join("\u{1f}")
    };
    answer.rows.iter().map(key).collect()
}
