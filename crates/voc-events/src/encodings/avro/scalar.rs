//! How scalars are written, depending on their schemas.

use super::graph::{Meaning, Scalar};
use crate::encodings::contradictions::Contradictions;

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScalarForm {
    Plain,
    /// A whole number or a float as a float.
    Double,
    /// Bytes as text, or vice versa.
    Text,
    Base64,
    /// Bytes for a string of this meaning, whatever they are.
    AnyBytes(Meaning),
    Meaning(Meaning),
}

/// How a scalar is written if there is one schema.
pub(super) fn written(encoded: Scalar, meaning: Meaning) -> ScalarForm {
    match (encoded, meaning) {
        (Scalar::Bytes | Scalar::Fixed { .. }, Meaning::Plain) => ScalarForm::Base64,
        (_, Meaning::Plain) => ScalarForm::Plain,
        (Scalar::String, Meaning::Uuid) => ScalarForm::Plain,
        _ => ScalarForm::Meaning(meaning),
    }
}

/// How a scalar is written if the reader has another type.
pub(super) fn promoted(
    from: Scalar,
    from_meaning: Meaning,
    to: Scalar,
    to_meaning: Meaning,
    contradictions: Contradictions,
) -> ScalarForm {
    use Meaning::{Date, Instant, Json, LocalInstant, Plain, TimeOfDay, Uuid};
    match (from, to) {
        (Scalar::Int | Scalar::Long | Scalar::Float, Scalar::Float | Scalar::Double) if from != to => {
            return ScalarForm::Double;
        }
        (Scalar::Bytes | Scalar::Fixed { .. }, Scalar::String)
            if contradictions == Contradictions::AsWritten && matches!(from_meaning, Plain | Uuid) =>
        {
            return ScalarForm::AnyBytes(if from_meaning == Uuid { Uuid } else { to_meaning });
        }
        (Scalar::Bytes, Scalar::String) if matches!(from_meaning, Plain | Uuid) && to_meaning != Json => {
            return if from_meaning == Uuid { ScalarForm::Meaning(Uuid) } else { ScalarForm::Text };
        }
        (Scalar::String, Scalar::Bytes) if to_meaning == Plain => return ScalarForm::Base64,
        _ => {}
    }
    let meaning = match (from_meaning, to_meaning) {
        // The writer knows its unit.
        (Instant(_) | LocalInstant(_) | Date | TimeOfDay(_), Instant(_) | LocalInstant(_)) => from_meaning,
        (TimeOfDay(_), TimeOfDay(_)) => from_meaning,
        // A number without a unit may be one of seconds as well, which only the family can tell, by its size.
        (Plain, Instant(_) | LocalInstant(_)) if contradictions == Contradictions::AsWritten => Plain,
        (Meaning::Decimal { .. } | Meaning::BigDecimal | Meaning::Duration | Uuid | Json, _) => from_meaning,
        _ => to_meaning,
    };
    written(from, meaning)
}
