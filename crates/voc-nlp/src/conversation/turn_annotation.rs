//! The meaning of a single turn of a call.

use serde::Serialize;

use super::Turn;
use crate::annotation::{Annotation, Evidence};

/// The meaning of one turn.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TurnAnnotation<'a> {
    /// Who says what.
    pub turn: Turn<'a>,
    /// The turn on its own.
    pub annotation: Annotation,
    /// The score of the turn's valence.
    pub score: f32,
    /// The turn's valence, on the scale of [`Evidence::weight`]. The weighted sum of all turns' valences shifts the
    /// probabilities of the call's sentiment.
    pub valence: f32,
    /// The weight of the valence in the call. A valence above 0 counts only if the call's score is that of the
    /// speaker.
    pub weight: f32,
    /// Whether the turn is a flat "no" that counts against the call.
    pub is_refusal: bool,
    /// The evidence behind the valence, as offsets in the transcript.
    pub evidence: Vec<Evidence>,
}
