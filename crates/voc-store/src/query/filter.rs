//! Filters: which events a question is about.

use std::fmt;

use uuid::Uuid;
use voc_events::{Table, Timestamp};

use super::{Field, FieldKind, QueryError};

/// Maximum number of values of a filter.
const MAX_VALUES: usize = 100;

/// A value that a field is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A text.
    Text(String),
    /// A UUID.
    Id(Uuid),
    /// A whole number.
    Integer(i64),
    /// A number.
    Float(f64),
    /// True or false.
    Boolean(bool),
    /// An instant.
    Time(Timestamp),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Id(id) => id.fmt(f),
            Self::Integer(number) => number.fmt(f),
            Self::Float(number) => number.fmt(f),
            Self::Boolean(flag) => flag.fmt(f),
            Self::Time(time) => time.fmt(f),
        }
    }
}

/// What must hold for a field. An absent value satisfies only `Absent`, `IsNot` and `ContainsNot`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Condition {
    /// It is one of these values; a list has one of them.
    Is(Vec<Value>),
    /// It is none of these values, or absent; a list has none of them.
    IsNot(Vec<Value>),
    /// It contains one of these texts, with regard to case.
    Contains(Vec<String>),
    /// It contains none of these texts, or is absent.
    ContainsNot(Vec<String>),
    /// It is less than the value.
    Less(Value),
    /// It is the value or less.
    AtMost(Value),
    /// It is more than the value.
    More(Value),
    /// It is the value or more.
    AtLeast(Value),
    /// It has a value.
    Present,
    /// It has none.
    Absent,
}

impl Condition {
    /// The operator's name in questions.
    #[must_use]
    pub fn operator(&self) -> &'static str {
        match self {
            Self::Is(_) => "is",
            Self::IsNot(_) => "is_not",
            Self::Contains(_) => "contains",
            Self::ContainsNot(_) => "contains_not",
            Self::Less(_) => "less",
            Self::AtMost(_) => "at_most",
            Self::More(_) => "more",
            Self::AtLeast(_) => "at_least",
            Self::Present => "present",
            Self::Absent => "absent",
        }
    }
}

/// A condition on a field.
///
/// ```
/// use voc_events::{Family as _, voc::Voc};
/// use voc_store::{Condition, Filter, QueryError, Value};
///
/// let long = Condition::AtLeast(Value::Integer(600_000));
/// assert!(Filter::parse(&Voc::TABLE, "duration_ms", long.clone()).is_ok());
/// let error = Filter::parse(&Voc::TABLE, "topic", long).unwrap_err();
/// assert_eq!(error.to_string(), "'at_least' does not apply to 'topic', because it is a text");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    field: Field,
    condition: Condition,
}

impl Filter {
    /// A condition on the field of this name.
    ///
    /// # Errors
    /// [`QueryError`] if there is no such field, or the condition does not apply to it.
    pub fn parse(table: &Table, field: &str, condition: Condition) -> Result<Self, QueryError> {
        let field = Field::find(table, field)?;
        let is_of_numbers = match &condition {
            Condition::Less(_) | Condition::AtMost(_) | Condition::More(_) | Condition::AtLeast(_) => true,
            Condition::Is(values) | Condition::IsNot(values) => {
                values.iter().any(|value| matches!(value, Value::Integer(_) | Value::Float(_)))
            }
            _ => false,
        };
        let field = if is_of_numbers { field.numeric() } else { field };
        let kind = field.kind();
        let unfit = || QueryError::Operator { operator: condition.operator(), field: field.name().to_owned(), kind };
        let applies = match &condition {
            Condition::Contains(_) | Condition::ContainsNot(_) => kind == FieldKind::Text,
            Condition::Less(_) | Condition::AtMost(_) | Condition::More(_) | Condition::AtLeast(_) => {
                matches!(kind, FieldKind::Integer | FieldKind::Float | FieldKind::Time)
            }
            Condition::Is(_) | Condition::IsNot(_) => {
                !matches!(kind, FieldKind::NumberList | FieldKind::Map | FieldKind::Json)
            }
            Condition::Present | Condition::Absent => true,
        };
        if !applies {
            return Err(unfit());
        }
        let values: &[Value] = match &condition {
            Condition::Is(values) | Condition::IsNot(values) => values,
            Condition::Less(value) | Condition::AtMost(value) | Condition::More(value) | Condition::AtLeast(value) => {
                std::slice::from_ref(value)
            }
            _ => &[],
        };
        if let Some(value) = values.iter().find(|value| !fits(kind, value)) {
            return Err(QueryError::Value { field: field.name().to_owned(), kind, value: value.to_string() });
        }
        let given = match &condition {
            Condition::Is(values) | Condition::IsNot(values) => values.len(),
            Condition::Contains(texts) | Condition::ContainsNot(texts) => texts.len(),
            _ => 1,
        };
        if !(1..=MAX_VALUES).contains(&given) {
            return Err(QueryError::Values { max: MAX_VALUES, given });
        }
        Ok(Self { field, condition })
    }

    /// The field.
    #[must_use]
    pub fn field(&self) -> &Field {
        &self.field
    }

    /// What must hold for it.
    #[must_use]
    pub fn condition(&self) -> &Condition {
        &self.condition
    }
}

fn fits(kind: FieldKind, value: &Value) -> bool {
    match (kind, value) {
        // An empty text is an absent one.
        (FieldKind::Text | FieldKind::TextList, Value::Text(text)) => !text.is_empty(),
        (FieldKind::Id, Value::Id(_))
        | (FieldKind::Boolean, Value::Boolean(_))
        | (FieldKind::Time, Value::Time(_))
        | (FieldKind::Integer | FieldKind::Float, Value::Integer(_)) => true,
        (FieldKind::Integer | FieldKind::Float, Value::Float(number)) => number.is_finite(),
        _ => false,
    }
}
