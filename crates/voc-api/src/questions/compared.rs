//! An answer next to that of the previous period.

use std::collections::HashMap;

use voc_store::{Answer, Cell, CellKind, Dimension, Query};

use super::Grid;

/// Adds the previous period's value of each metric, and the difference. Groups that only the previous period has are
/// rows, too, unless time is a dimension; buckets of time correspond by their order.
pub(super) fn side_by_side(query: &Query, answer: &Answer, before: &Query, previous: &Answer, mut grid: Grid) -> Grid {
    let dimensions = query.dimensions().len();
    let metrics: Vec<(String, CellKind)> =
        query.columns().skip(dimensions).map(|(name, kind)| (name.to_owned(), kind)).collect();
    let keys = keys(query, answer);
    let mut earlier: HashMap<String, &Vec<Cell>> =
        self::keys(before, previous).into_iter().zip(&previous.rows).collect();
    let found: Vec<Option<&Vec<Cell>>> = keys.iter().map(|key| earlier.remove(key)).collect();
    let has_time = query.dimensions().iter().any(|dimension| matches!(dimension, Dimension::Time(_)));
    let mut gone: Vec<&Vec<Cell>> = if has_time { Vec::new() } else { earlier.into_values().collect() };
    gone.sort_by_key(|row| format!("{:?}", &row[..dimensions]));
    let none = |place: usize| if query.metrics()[place].counts() { Cell::Integer(0) } else { Cell::Absent };
    for row in &gone {
        let of_none = (0..metrics.len()).map(none);
        grid.push(row[..dimensions].iter().cloned().chain(of_none).collect());
    }
    let found: Vec<Option<&Vec<Cell>>> = found.into_iter().chain(gone.into_iter().map(Some)).collect();
    for (place, (name, kind)) in metrics.into_iter().enumerate() {
        let earlier = |row: usize| match found.get(row).copied().flatten() {
            Some(cells) => cells.get(dimensions + place).cloned().unwrap_or(Cell::Absent),
            None => none(place),
        };
        grid.add(format!("previous_{name}"), kind, |row, _| earlier(row));
        if matches!(kind, CellKind::Integer | CellKind::Float) {
            grid.add(format!("change_{name}"), kind, |row, cells| {
                difference(&cells[dimensions + place], &earlier(row))
            });
        }
    }
    grid
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
