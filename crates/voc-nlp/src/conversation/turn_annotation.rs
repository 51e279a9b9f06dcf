//! What one turn of a call means.

use serde::Serialize;

use super::Turn;
use crate::annotation::{Annotation, Evidence};

/// What one turn means.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TurnAnnotation<'a> {
    /// Who says what.
    pub turn: Turn<'a>,
    /// What the turn means by itself.
    pub annotation: Annotation,
    /// The score of the turn's valence.
    pub score: f32,
    /// The turn's valence, on the scale of [`Evidence::weight`]. One half of the call's sentiment is that of the sum of all turns'
    /// valences times their weights.
    pub valence: f32,
    /// How much of the valence counts in the call.
    pub weight: f32,
    /// Whether the turn is a flat "no" that counts against the call.
    pub is_refusal: bool,
    /// What the valence consists of, as offsets of the transcript.
    pub evidence: Vec<Evidence>,
}
