//! The tables of an engine.

use crate::lexicon::{Lexicon, ListedWord};
use crate::linear::Model;
use crate::linear::rows::Rows;
use crate::weights::Weights;

/// The part that clones of an engine share.
pub(crate) struct Tables {
    pub(crate) lexicon: Lexicon,
    pub(crate) rows: Rows,
    pub(crate) model: Model,
}

impl Tables {
    pub(crate) fn of(weights: Weights) -> Self {
        let Weights { name: _, words, rows, model } = weights;
        let words: Vec<_> = words.iter().map(|(word, valences)| ListedWord { word, valences: *valences }).collect();
        Self { lexicon: Lexicon::of(&words), rows: Rows::of(&rows), model }
    }
}
