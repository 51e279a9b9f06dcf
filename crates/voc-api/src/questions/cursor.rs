//! Cursors: where the next page of an answer begins.
//!
//! A cursor belongs to one question of one scope of tenants: it has a hash of the question, and the question's period,
//! because a range up to now moves on between two pages.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use voc_events::Timestamp;
use voc_store::{Cell, Period, Query};

use crate::{hash::hash, problem::Problem};

/// By how many milliseconds a range up to now may have been longer, because it begins and ends with full hours.
const LONGER: i64 = 3_600_000;
/// By how many it may have been shorter; clocks may change within it, too.
const SHORTER: i64 = 2 * LONGER;

/// What a cursor says.
#[derive(Serialize, Deserialize)]
struct Cursor {
    /// Of the question.
    hash: String,
    /// The question's period in UTC milliseconds.
    period: (i64, i64),
    /// The place of the last row.
    place: Vec<Option<Written>>,
}

/// A cell that has a value.
#[derive(Serialize, Deserialize)]
enum Written {
    #[serde(rename = "s")]
    Text(String),
    #[serde(rename = "i")]
    Integer(i64),
    #[serde(rename = "f")]
    Float(f64),
    #[serde(rename = "b")]
    Boolean(bool),
    #[serde(rename = "t")]
    Time(i64),
}

/// A cursor for a place in an answer to what has this hash, about a period.
pub(crate) fn write(hash: String, period: Period, place: &[Cell]) -> Option<String> {
    let written = |cell: &Cell| match cell {
        Cell::Text(text) => Some(Written::Text(text.clone())),
        Cell::Integer(number) => Some(Written::Integer(*number)),
        Cell::Float(number) => Some(Written::Float(*number)),
        Cell::Boolean(flag) => Some(Written::Boolean(*flag)),
        Cell::Time(time) => Some(Written::Time(time.as_millis())),
        _ => None,
    };
    let Period { since, until } = period;
    let place = place.iter().map(written).collect();
    let cursor = Cursor { hash, period: (since.as_millis(), until.as_millis()), place };
    serde_json::to_vec(&cursor).ok().map(|json| URL_SAFE_NO_PAD.encode(json))
}

/// The period and the place of a cursor for what has this hash, about a period, which has moved on since if it ends
/// now.
pub(crate) fn read(text: &str, hash: &str, period: Period, is_relative: bool) -> Result<(Period, Vec<Cell>), Problem> {
    let (of_cursor, cursor) = decoded(text, period, is_relative)?;
    if cursor.hash != hash {
        return Err(Problem::InvalidCursor);
    }
    let cell = |written: Option<Written>| match written {
        None => Cell::Absent,
        Some(Written::Text(text)) => Cell::Text(text),
        Some(Written::Integer(number)) => Cell::Integer(number),
        Some(Written::Float(number)) => Cell::Float(number),
        Some(Written::Boolean(flag)) => Cell::Boolean(flag),
        Some(Written::Time(millis)) => Cell::Time(Timestamp::from_millis(millis)),
    };
    Ok((of_cursor, cursor.place.into_iter().map(cell).collect()))
}

/// The period of a cursor for a question about a period, which has moved on since if it ends now.
pub(super) fn period_of(text: &str, period: Period, is_relative: bool) -> Result<Period, Problem> {
    Ok(decoded(text, period, is_relative)?.0)
}

fn decoded(text: &str, period: Period, is_relative: bool) -> Result<(Period, Cursor), Problem> {
    let json = URL_SAFE_NO_PAD.decode(text).map_err(|_| Problem::InvalidCursor)?;
    let cursor: Cursor = serde_json::from_slice(&json).map_err(|_| Problem::InvalidCursor)?;
    let (since, until) = cursor.period;
    let of_cursor = Period { since: Timestamp::from_millis(since), until: Timestamp::from_millis(until) };
    // A range up to now ends later on the next page. It is as long, or has the same beginning, if that was given.
    let length = |period: Period| period.until.as_millis().saturating_sub(period.since.as_millis());
    let (was, is) = (length(of_cursor), length(period));
    let is_as_long = was <= is.saturating_add(LONGER) && is <= was.saturating_add(SHORTER);
    let has_moved_on =
        is_relative && of_cursor.until <= period.until && (is_as_long || of_cursor.since == period.since);
    if of_cursor != period && !has_moved_on {
        return Err(Problem::InvalidCursor);
    }
    Ok((of_cursor, cursor))
}

/// The cursor of the page after a row.
pub(super) fn after(query: &Query, row: &[Cell]) -> Option<String> {
    write(hash_of(query), query.period(), &query.place_of(row))
}

/// The question whose answer is the page that a cursor names. `is_relative` says whether its period ends now.
pub(super) fn page(query: &Query, text: &str, is_relative: bool) -> Result<Query, Problem> {
    let (period, place) = read(text, &hash_of(query), query.period(), is_relative)?;
    query.clone().during(period).after(place).map_err(|_| Problem::InvalidCursor)
}

/// What distinguishes a question from all others, whatever its period and its limit.
fn hash_of(query: &Query) -> String {
    let ever = Period { since: Timestamp::from_millis(0), until: Timestamp::from_millis(0) };
    hash(&query.clone().during(ever).limit(0).from_beginning())
}
