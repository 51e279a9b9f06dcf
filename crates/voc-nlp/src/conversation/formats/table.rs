//! Tables with a turn in each row.

use super::decoded::{Piece, short};
use super::fields::{Field, field, is_any};
use super::markup;
use super::roles::role_of;
use super::times::{Time, Unit, resolve};

/// The longest name of a speaker, in bytes.
const LONGEST_NAME: usize = 48;

/// The names of columns that number rows.
const NUMBERS: [&str; 8] = ["id", "number", "numero", "index", "turn", "seq", "row", "callid"];

/// What the columns of a table have.
#[derive(Clone, Copy, Debug, Default)]
struct Columns {
    text: usize,
    speaker: Option<usize>,
    role: Option<usize>,
    start: Option<(usize, Unit)>,
    end: Option<(usize, Unit)>,
}

/// The turns of a table, with a head or without; `None` if no column names speakers.
pub(super) fn turns(rows: &[Vec<String>]) -> Option<Vec<Piece>> {
    let (head, body) = rows.split_first()?;
    if has_head(head) {
        // Files that were joined have a head each.
        return pieces(Columns::of_head(head)?, body.iter().filter(|row| *row != head));
    }
    pieces(Columns::guess(rows)?, rows.iter())
}

/// What is said in a table whose head names a column of texts, but no speakers.
pub(super) fn texts(rows: &[Vec<String>]) -> Option<String> {
    let (head, body) = rows.split_first()?;
    let column = text_column(head)?;
    let texts: Vec<_> = body.iter().filter_map(|row| row.get(column)).map(|text| text.trim()).collect();
    Some(texts.join("\n"))
}

/// Whether a row names columns: one of texts, and one of anything else that belongs to a turn.
pub(super) fn has_head(row: &[impl AsRef<str>]) -> bool {
    let is_known = |cell: &&_| {
        let name = AsRef::<str>::as_ref(*cell).trim();
        field(name).is_some() || is_any(name, &NUMBERS)
    };
    let is_short = |cell: &str| cell.len() <= LONGEST_NAME && cell.matches(' ').count() <= 2;
    row.iter().all(|cell| is_short(cell.as_ref().trim()))
        && text_column(row).is_some()
        && row.iter().filter(is_known).count() >= 2
}

/// The column of texts: "data" is one only if no other is, for it means "date" in Portuguese.
fn text_column(head: &[impl AsRef<str>]) -> Option<usize> {
    let ranks = head.iter().enumerate().filter_map(|(column, name)| match field(name.as_ref().trim()) {
        Some(Field::Text(rank)) => Some((rank, column)),
        _ => None,
    });
    ranks.min().map(|(_, column)| column)
}

impl Columns {
    fn of_head(head: &[String]) -> Option<Self> {
        let mut columns = Self { text: text_column(head)?, ..Self::default() };
        let mut best = u8::MAX;
        for (column, name) in head.iter().enumerate().filter(|(column, _)| *column != columns.text) {
            let name = name.trim();
            match field(name) {
                Some(Field::Speaker(rank)) if rank < best => {
                    best = rank;
                    columns.speaker = Some(column);
                }
                Some(Field::SpeakerId | Field::Channel) if columns.speaker.is_none() => {
                    columns.speaker = Some(column);
                }
                Some(Field::Role) => columns.role = Some(column),
                Some(Field::Kind) if columns.role.is_none() => columns.role = Some(column),
                Some(Field::Start(_, unit)) if columns.start.is_none() => columns.start = Some((column, unit)),
                Some(Field::Text(_)) if is_any(name, &["data"]) => columns.start = Some((column, Unit::Unknown)),
                Some(Field::End(unit)) => columns.end = Some((column, unit)),
                // "agent" or "customer" before their names is no speaker, but "atendente/cliente" is.
                None if columns.speaker.is_none() && name.split('/').filter_map(role_of).count() >= 2 => {
                    columns.speaker = Some(column);
                }
                _ => {}
            }
        }
        (columns.speaker.is_some() || columns.role.is_some()).then_some(columns)
    }

    /// The columns of a table without a head: roles or names that come again, the longest texts, times.
    fn guess(rows: &[Vec<String>]) -> Option<Self> {
        let width = rows.first()?.len();
        if rows.len() < 2 || width < 2 || rows.iter().any(|row| row.len() != width) {
            return None;
        }
        let cells = |column: usize| rows.iter().filter_map(move |row| row.get(column)).map(|cell| cell.trim());
        let is_time = |column: &usize| {
            cells(*column).all(|cell| cell.contains(':') && Time::of_text(cell, Unit::Unknown) != Time::Unknown)
        };
        let start = (0..width).find(is_time);
        let others = || (0..width).filter(|column| Some(*column) != start);
        let text = others().max_by_key(|column| cells(*column).map(str::len).sum::<usize>())?;
        let are_roles = |column: &usize| {
            let named = cells(*column).filter(|cell| cell.len() <= LONGEST_NAME && role_of(cell).is_some());
            named.count() * 2 >= rows.len()
        };
        let are_names = |column: &usize| {
            let mut names: Vec<_> = cells(*column).collect();
            let is_name = |name: &&str| !name.is_empty() && name.len() <= LONGEST_NAME && !name.ends_with(['.', '?']);
            let are_short = names.iter().all(is_name);
            names.sort_unstable();
            names.dedup();
            are_short && names.len() >= 2 && names.len() * 2 <= rows.len()
        };
        let columns = || others().filter(|column| *column != text);
        let speaker = columns().find(are_roles).or_else(|| columns().find(are_names))?;
        let start = start.map(|column| (column, Unit::Unknown));
        Some(Self { text, speaker: Some(speaker), start, ..Self::default() })
    }
}

fn pieces<'r>(columns: Columns, rows: impl Iterator<Item = &'r Vec<String>> + Clone) -> Option<Vec<Piece>> {
    let time = |row: &[String], column: Option<(usize, Unit)>| {
        column.and_then(|(column, unit)| Some(Time::of_text(row.get(column)?, unit))).unwrap_or_default()
    };
    let times: Vec<_> = rows.clone().map(|row| (time(row, columns.start), time(row, columns.end))).collect();
    let times = resolve(&times);
    let cell = |row: &[String], column: Option<usize>| {
        let text = column.and_then(|column| row.get(column)).map(|cell| cell.trim().trim_end_matches(':').trim_end());
        text.filter(|text| !text.is_empty()).map(|text| short(text).to_owned())
    };
    let mut pieces = Vec::new();
    for (row, (start_ms, end_ms)) in rows.zip(times) {
        let text = row.get(columns.text).map(|text| markup::plain(text.trim())).unwrap_or_default();
        if text.is_empty() {
            continue;
        }
        let stated = cell(row, columns.role);
        let name = cell(row, columns.speaker);
        let role = stated.as_deref().and_then(role_of).or_else(|| name.as_deref().and_then(role_of));
        pieces.push(Piece { role, speaker: name.or(stated), text, start_ms, end_ms });
    }
    (!pieces.is_empty()).then_some(pieces)
}
