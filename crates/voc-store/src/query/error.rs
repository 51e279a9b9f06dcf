//! Questions that cannot be asked.

use super::FieldKind;

/// Why a part of a question is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// A name that the family does not have.
    #[error("unknown {what} '{name}'")]
    Unknown {
        /// What it should name: a metric, a field.
        what: &'static str,
        /// The name.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// A function of a field of the wrong kind, such as the mean of a text.
    #[error("the {function} of '{field}' is not defined, because it is {kind}")]
    Function {
        /// The function.
        function: &'static str,
        /// The field.
        field: String,
        /// The field's kind.
        kind: FieldKind,
    },
    /// A field that cannot be a dimension, because a row has many values of it.
    #[error("'{field}' cannot be a dimension, because it is {kind}")]
    Dimension {
        /// The field.
        field: String,
        /// The field's kind.
        kind: FieldKind,
    },
    /// A condition that does not apply to the field's kind.
    #[error("'{operator}' does not apply to '{field}', because it is {kind}")]
    Operator {
        /// The condition's operator.
        operator: &'static str,
        /// The field.
        field: String,
        /// The field's kind.
        kind: FieldKind,
    },
    /// A value of another kind than the field.
    #[error("'{field}' is {kind}, and cannot be compared with {value}")]
    Value {
        /// The field.
        field: String,
        /// The field's kind.
        kind: FieldKind,
        /// The value.
        value: String,
    },
    /// A list of values that is empty or too long.
    #[error("a filter takes 1 to {max} values, not {given}")]
    Values {
        /// Maximum number.
        max: usize,
        /// Given number.
        given: usize,
    },
    /// More buckets than can be answered at once.
    #[error("the period has more than {max} buckets of this granularity; choose a coarser one, or a shorter period")]
    Buckets {
        /// Maximum number.
        max: usize,
    },
    /// More steps than a funnel can have.
    #[error("a funnel has at most {max} steps")]
    Steps {
        /// Maximum number.
        max: usize,
    },
    /// More factors than can be compared at once.
    #[error("at most {max} factors can be compared")]
    Factors {
        /// Maximum number.
        max: usize,
    },
    /// A question with more conditions and values than a store reads at once.
    #[error(
        "the question is too large: as a statement, it has more than {max} bytes; ask with fewer or shorter values"
    )]
    Size {
        /// Maximum number of bytes.
        max: usize,
    },
    /// A place that no answer to the question has.
    #[error("this is not a place in the order of the answer")]
    Place,
    /// A time zone that does not exist.
    #[error("unknown time zone '{name}'; expected an IANA name, such as 'America/Sao_Paulo'")]
    Zone {
        /// The name.
        name: String,
    },
}
