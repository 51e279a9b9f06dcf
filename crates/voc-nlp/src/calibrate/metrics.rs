//! Measures of the quality of annotations.

use std::collections::BTreeSet;

/// A text's true class, its predicted class and the confidence that this is right.
#[derive(Clone, Copy, Debug)]
pub struct JudgedText {
    /// The true class.
    pub gold: usize,
    /// `None` if none was predicted.
    pub found: Option<usize>,
    /// How probable it is said to be that the predicted class is right.
    pub confidence: f32,
}

/// The mean of the classes' F1, over all classes that are true for some text.
pub fn macro_f1(judged: &[JudgedText]) -> f64 {
    let classes: BTreeSet<usize> = judged.iter().map(|text| text.gold).collect();
    let f1 = |class: &usize| {
        let count = |of: &dyn Fn(&JudgedText) -> bool| judged.iter().filter(|text| of(text)).count() as f64;
        let right = count(&|text| text.gold == *class && text.found == Some(*class));
        let (gold, found) = (count(&|text| text.gold == *class), count(&|text| text.found == Some(*class)));
        2.0 * right / (gold + found)
    };
    classes.iter().map(f1).sum::<f64>() / classes.len() as f64
}

/// The share of texts whose class was predicted.
pub fn accuracy(judged: &[JudgedText]) -> f64 {
    let right = judged.iter().filter(|text| text.found == Some(text.gold)).count();
    right as f64 / judged.len() as f64
}

/// The expected calibration error: the mean difference of confidence and accuracy in ten equal ranges of the
/// confidence (Naeini et al. 2015).
pub fn calibration_error(judged: &[JudgedText]) -> f64 {
    let mut bins = [(0.0, 0.0); 10];
    for text in judged {
        let bin = ((text.confidence * 10.0) as usize).min(9);
        bins[bin].0 += f64::from(text.confidence);
        bins[bin].1 += f64::from(u8::from(text.found == Some(text.gold)));
    }
    bins.iter().map(|(confidence, right): &(f64, f64)| (confidence - right).abs()).sum::<f64>() / judged.len() as f64
}

/// Pearson's correlation.
pub fn pearson(pairs: &[(f64, f64)]) -> f64 {
    let n = pairs.len() as f64;
    let (mean_a, mean_b) = (pairs.iter().map(|p| p.0).sum::<f64>() / n, pairs.iter().map(|p| p.1).sum::<f64>() / n);
    let covariance: f64 = pairs.iter().map(|(a, b)| (a - mean_a) * (b - mean_b)).sum();
    let (squares_a, squares_b): (f64, f64) =
        pairs.iter().fold((0.0, 0.0), |(a, b), p| (a + (p.0 - mean_a).powi(2), b + (p.1 - mean_b).powi(2)));
    covariance / (squares_a * squares_b).sqrt()
}

/// Spearman's rank correlation; equal values share the mean of their ranks.
pub fn spearman(pairs: &[(f64, f64)]) -> f64 {
    let (first, second): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    pearson(&ranks(&first).into_iter().zip(ranks(&second)).collect::<Vec<_>>())
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    for equal in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let rank = first as f64 + (equal.len() - 1) as f64 / 2.0;
        equal.iter().for_each(|at| ranks[*at] = rank);
        first += equal.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(gold: usize, found: usize, confidence: f32) -> JudgedText {
        JudgedText { gold, found: Some(found), confidence }
    }

    #[test]
    fn known_values() {
        let texts = [judged(0, 0, 0.75), judged(0, 1, 0.75), judged(1, 1, 0.75), judged(1, 1, 0.75)];
        assert_eq!(accuracy(&texts), 0.75);
        // F1 of 0: 2/3; of 1: 4/5.
        assert!((macro_f1(&texts) - (2.0 / 3.0 + 0.8) / 2.0).abs() < 1e-9);
        assert!(calibration_error(&texts) < 1e-6);
        assert!((calibration_error(&[judged(0, 0, 0.5), judged(0, 0, 1.0)]) - 0.25).abs() < 1e-9);
        assert!((pearson(&[(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]) - 1.0).abs() < 1e-9);
        assert!((spearman(&[(0.0, 1.0), (1.0, 30.0), (2.0, 31.0)]) - 1.0).abs() < 1e-9);
        // Ranks 0, 1.5, 1.5, 3 against 0, 1, 3, 2.
        assert!((spearman(&[(0.0, 1.0), (5.0, 2.0), (5.0, 4.0), (9.0, 3.0)]) - 3.0 / 22.5_f64.sqrt()).abs() < 1e-9);
    }
}
