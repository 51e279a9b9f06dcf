//! Answers: rows of cells.

use std::cmp::Ordering;

use voc_events::Timestamp;

use super::{Direction, FieldKind};

/// The kind of a column of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CellKind {
    /// Texts.
    Text,
    /// Whole numbers.
    Integer,
    /// Numbers.
    Float,
    /// True or false.
    Boolean,
    /// Instants.
    Time,
    /// Lists of texts.
    Texts,
    /// JSON texts.
    Json,
}

impl CellKind {
    /// The kind of the values of a field.
    pub(crate) fn of(kind: FieldKind) -> Self {
        match kind {
            FieldKind::Integer => Self::Integer,
            FieldKind::Float => Self::Float,
            FieldKind::Boolean => Self::Boolean,
            FieldKind::Time => Self::Time,
            FieldKind::TextList => Self::Texts,
            FieldKind::NumberList | FieldKind::Map | FieldKind::Json => Self::Json,
            FieldKind::Text | FieldKind::Id => Self::Text,
        }
    }
}

/// A value of an answer.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Cell {
    /// No value.
    Absent,
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A finite number.
    Float(f64),
    /// True or false.
    Boolean(bool),
    /// An instant.
    Time(Timestamp),
    /// A list of texts.
    Texts(Vec<String>),
    /// Anything else, as JSON.
    Json(String),
}

impl Cell {
    /// The kind; `None` if there is no value.
    #[must_use]
    pub fn kind(&self) -> Option<CellKind> {
        Some(match self {
            Self::Absent => return None,
            Self::Text(_) => CellKind::Text,
            Self::Integer(_) => CellKind::Integer,
            Self::Float(_) => CellKind::Float,
            Self::Boolean(_) => CellKind::Boolean,
            Self::Time(_) => CellKind::Time,
            Self::Texts(_) => CellKind::Texts,
            Self::Json(_) => CellKind::Json,
        })
    }

    /// The text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, if it is one.
    #[must_use]
    pub fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// The number, if it is one.
    #[must_use]
    pub fn float(&self) -> Option<f64> {
        match self {
            Self::Float(number) => Some(*number),
            #[expect(clippy::cast_precision_loss, reason = "a float was asked for")]
            Self::Integer(number) => Some(*number as f64),
            _ => None,
        }
    }

    /// Whether it is true, if it is true or false.
    #[must_use]
    pub fn boolean(&self) -> Option<bool> {
        match self {
            Self::Boolean(flag) => Some(*flag),
            _ => None,
        }
    }

    /// The instant, if it is one.
    #[must_use]
    pub fn time(&self) -> Option<Timestamp> {
        match self {
            Self::Time(time) => Some(*time),
            _ => None,
        }
    }

    /// The order of answers: absent values are last in both directions.
    pub(crate) fn compare(&self, other: &Self, direction: Direction) -> Ordering {
        let ascending = match (self, other) {
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            (Self::Integer(one), Self::Integer(other)) => one.cmp(other),
            (Self::Float(one), Self::Float(other)) => one.total_cmp(other),
            (Self::Boolean(one), Self::Boolean(other)) => one.cmp(other),
            (Self::Time(one), Self::Time(other)) => one.cmp(other),
            _ => return (*self == Self::Absent).cmp(&(*other == Self::Absent)),
        };
        match direction {
            Direction::Ascending => ascending,
            Direction::Descending => ascending.reverse(),
        }
    }
}

/// The answer to a [`Query`](super::Query).
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// One row per group: its dimensions, then its metrics, in the order of the query.
    pub rows: Vec<Vec<Cell>>,
    /// Whether there are more groups than the query's limit.
    pub truncated: bool,
}
