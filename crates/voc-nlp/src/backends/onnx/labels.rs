//! The meaning of a classifier's labels.

use crate::annotation::Probabilities;
use crate::model::ModelAnswer;

/// A classifier's labels, each with the sentiment it stands for, from -1 to 1.
#[derive(Debug, PartialEq)]
pub(super) struct Labels(Vec<f32>);

impl Labels {
    /// Interprets labels by their names; `None` if that is impossible.
    pub(super) fn named(names: &[&str]) -> Option<Self> {
        let names: Vec<String> = names.iter().map(|name| name.trim().to_lowercase()).collect();
        let valences = stars(&names).or_else(|| numbered(&names)).or_else(|| polarities(&names))?;
        let has_both = valences.iter().any(|valence| *valence < 0.0) && valences.iter().any(|valence| *valence > 0.0);
        has_both.then_some(Self(valences))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The answer for one text's logits.
    pub(super) fn answer(&self, logits: &[f32]) -> ModelAnswer {
        let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let powers: Vec<f32> = logits.iter().map(|logit| (logit - largest).exp()).collect();
        let sum: f32 = powers.iter().sum();
        let mut probabilities = Probabilities { negative: 0.0, neutral: 0.0, positive: 0.0 };
        let mut sentiment = 0.0;
        for (power, valence) in powers.iter().zip(&self.0) {
            let probability = power / sum;
            sentiment += probability * valence;
            let class = match valence {
                valence if *valence < 0.0 => &mut probabilities.negative,
                valence if *valence > 0.0 => &mut probabilities.positive,
                _ => &mut probabilities.neutral,
            };
            *class += probability;
        }
        ModelAnswer { sentiment, ..ModelAnswer::from_probabilities(probabilities) }
    }
}

/// `1 star` … `5 stars`, or another number of them from one upwards.
fn stars(names: &[String]) -> Option<Vec<f32>> {
    let most = names.len().checked_sub(1).filter(|most| *most > 0)?;
    names
        .iter()
        .map(|name| {
            let number = name.trim_end_matches('s').trim_end_matches("star").trim().parse::<usize>().ok()?;
            let place = number.checked_sub(1).filter(|place| *place <= most)?;
            Some(2.0 * place as f32 / most as f32 - 1.0)
        })
        .collect()
}

/// `label_0`, `label_1`, …: two, three or five, from negative to positive.
fn numbered(names: &[String]) -> Option<Vec<f32>> {
    let are_numbered = names.iter().enumerate().all(|(number, name)| *name == format!("label_{number}"));
    let most = match names.len() {
        count @ (2 | 3 | 5) if are_numbered => count - 1,
        _ => return None,
    };
    Some((0..=most).map(|place| 2.0 * place as f32 / most as f32 - 1.0).collect())
}

/// Self-explanatory names, in English, Portuguese, Spanish and similar languages.
fn polarities(names: &[String]) -> Option<Vec<f32>> {
    let is_very = |name: &str| ["very", "extremely", "muito", "muy"].iter().any(|word| name.starts_with(word));
    let mild = if names.iter().any(|name| is_very(name)) { 0.5 } else { 1.0 };
    names
        .iter()
        .map(|name| {
            let size = if is_very(name) { 1.0 } else { mild };
            match name {
                name if name.contains("neg") => Some(-size),
                name if name.contains("pos") => Some(size),
                name if name.contains("neu") || name.contains("mixed") => Some(0.0),
                _ => None,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn valences(names: &[&str]) -> Option<Vec<f32>> {
        Labels::named(names).map(|labels| labels.0)
    }

    #[test]
    fn labels_are_understood() {
        for (names, expected) in [
            (&["NEGATIVE", "POSITIVE"][..], vec![-1.0, 1.0]),
            (&["positive", "neutral", "negative"], vec![1.0, 0.0, -1.0]),
            (&["NEG", "NEU", "POS"], vec![-1.0, 0.0, 1.0]),
            (&["Negativo", "Neutro", "Positivo"], vec![-1.0, 0.0, 1.0]),
            (&["LABEL_0", "LABEL_1"], vec![-1.0, 1.0]),
            (&["LABEL_0", "LABEL_1", "LABEL_2"], vec![-1.0, 0.0, 1.0]),
            (&["1 star", "2 stars", "3 stars", "4 stars", "5 stars"], vec![-1.0, -0.5, 0.0, 0.5, 1.0]),
            (&["5", "4", "3", "2", "1"], vec![1.0, 0.5, 0.0, -0.5, -1.0]),
            (&["Very Negative", "Negative", "Neutral", "Positive", "Very Positive"], vec![-1.0, -0.5, 0.0, 0.5, 1.0]),
        ] {
            assert_eq!(valences(names), Some(expected), "{names:?}");
        }
    }

    #[test]
    fn ambiguous_labels_are_rejected() {
        for names in [
            &[][..],
            &["positive"],
            &["entailment", "neutral", "contradiction"],
            &["LABEL_0", "LABEL_1", "LABEL_2", "LABEL_3"],
            &["LABEL_1", "LABEL_0"],
            &["neutral", "positive"],
            &["6 stars", "1 star"],
            &["joy", "anger"],
        ] {
            assert_eq!(valences(names), None, "{names:?}");
        }
    }

    #[test]
    fn answers_are_expectations_over_labels() {
        let labels = Labels::named(&["1 star", "2 stars", "3 stars", "4 stars", "5 stars"]).unwrap();
        // Probabilities 0.1, 0.2, 0.1, 0.2, 0.4.
        let logits = [0.1_f32, 0.2, 0.1, 0.2, 0.4].map(|probability| probability.ln() + 100.0);
        let answer = labels.answer(&logits);
        let close = |found: f32, expected: f32| assert!((found - expected).abs() < 1e-4, "{found} {expected}");
        close(answer.sentiment, 0.3);
        close(answer.probabilities.negative, 0.3);
        close(answer.probabilities.neutral, 0.1);
        close(answer.probabilities.positive, 0.6);
        close(answer.confidence, 0.6);
    }

    #[test]
    fn logits_that_are_nan_are_no_answer() {
        let labels = Labels::named(&["negative", "positive"]).unwrap();
        for logits in [[f32::NAN, 0.0], [f32::NEG_INFINITY; 2], [f32::INFINITY, 0.0]] {
            assert_eq!(labels.answer(&logits).checked(), None, "{logits:?}");
        }
        assert_eq!(labels.answer(&[f32::NEG_INFINITY, 0.0]).sentiment, 1.0);
    }
}
