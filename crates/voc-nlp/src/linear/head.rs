//! From features and sums of rows to probabilities.

#[cfg(any(test, feature = "train"))]
use std::ops::Range;

use super::rows::COLUMNS;
use crate::lexicon::TOPICS;

/// Classes of sentiment.
pub(crate) const SENTIMENTS: usize = 3;
/// Topics.
pub(crate) const TOPIC_CLASSES: usize = TOPICS.len();
/// The first of them, which have columns in the table.
pub(crate) const TOPICS_IN_ROWS: usize = COLUMNS - SENTIMENTS;
/// Inputs of the sentiment head besides the rows.
pub(crate) const SENTIMENT_FEATURES: usize = 30;
/// Those of them that depend on the language: whether it is English, whether it is Portuguese, and the rest for
/// Portuguese alone.
#[cfg(any(test, feature = "train"))]
pub(crate) const LANGUAGE_FEATURES: Range<usize> = 24..30;
/// Inputs of the head of all topics.
pub(crate) const TOPIC_FEATURES: usize = 2 * TOPIC_CLASSES + 2;
/// Inputs of the head of the topics in the rows, besides the rows.
pub(crate) const ROW_TOPIC_FEATURES: usize = 2 * TOPICS_IN_ROWS + 2;

/// Weights by feature and class.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Head<const FEATURES: usize, const CLASSES: usize>(pub(crate) [[f32; CLASSES]; FEATURES]);

impl<const FEATURES: usize, const CLASSES: usize> Head<FEATURES, CLASSES> {
    pub(crate) const ZERO: Self = Self([[0.0; CLASSES]; FEATURES]);

    /// The logits of the classes.
    pub(crate) fn logits(&self, features: &[f32; FEATURES]) -> [f32; CLASSES] {
        let mut logits = [0.0; CLASSES];
        // Most features of topics are 0.
        for (feature, weights) in features.iter().zip(&self.0).filter(|(feature, _)| **feature != 0.0) {
            for (logit, weight) in logits.iter_mut().zip(weights) {
                *logit += feature * weight;
            }
        }
        logits
    }
}

/// The factor of a sum of `count` rows, so that long texts are not overrated.
pub(crate) fn damping(count: u32) -> f32 {
    1.0 / (count as f32 + 8.0).sqrt()
}

/// The probabilities of classes of which exactly one is true.
pub(crate) fn softmax<const CLASSES: usize>(logits: [f32; CLASSES]) -> [f32; CLASSES] {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers = logits.map(|logit| (logit - highest).exp());
    let sum: f32 = powers.iter().sum();
    powers.map(|power| power / sum)
}

/// The probabilities of classes of which at most one is true; the logit of none is 0.
pub(crate) fn softmax_or_none<const CLASSES: usize>(logits: [f32; CLASSES]) -> [f32; CLASSES] {
    let highest = logits.iter().copied().fold(0.0, f32::max);
    let powers = logits.map(|logit| (logit - highest).exp());
    let sum: f32 = powers.iter().sum::<f32>() + (-highest).exp();
    powers.map(|power| power / sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_sum_up() {
        for logits in [[0.0, 0.0, 0.0], [1.0, -2.0, 0.5], [1000.0, 999.0, -1000.0], [-1000.0; 3]] {
            let sum: f32 = softmax(logits).iter().sum();
            assert!((sum - 1.0).abs() < 1e-6);
            assert!(softmax_or_none(logits).iter().sum::<f32>() <= 1.0 + 1e-6);
        }
        assert_eq!(softmax_or_none([0.0]), [0.5]);
        assert_eq!(softmax_or_none([-1000.0]), [0.0]);
    }
}
