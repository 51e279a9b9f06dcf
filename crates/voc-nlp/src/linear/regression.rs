//! Multinomial logistic regression over hashed rows and dense features.

use super::minimise::minimise;

/// A text from the perspective of the regression.
#[derive(Clone, Debug)]
pub struct Sample<const FEATURES: usize, const CLASSES: usize> {
    /// Rows of the table, as often as they count.
    pub rows: Vec<u32>,
    /// The factor of their sum.
    pub damping: f32,
    /// The other inputs.
    pub features: [f32; FEATURES],
    /// The logits before any training.
    pub prior: [f32; CLASSES],
    /// The share of each class; the rest to 1 belongs to the class that has no column.
    pub target: [f32; CLASSES],
    /// How much the text counts, relative to others.
    pub weight: f32,
}

/// Strength of the regularisation of weights.
#[derive(Clone, Copy, Debug)]
pub struct Penalty {
    /// For rows that are in all texts; rows in fewer texts have a smaller one.
    pub rows: f64,
    /// For features.
    pub features: f64,
}

/// The result of training.
#[derive(Clone, Debug)]
pub struct Weights<const FEATURES: usize, const CLASSES: usize> {
    /// By row and class.
    pub rows: Vec<[f32; CLASSES]>,
    /// By feature and class.
    pub features: [[f32; CLASSES]; FEATURES],
}

/// Number of steps after which weights hardly change. With fewer, topics of texts similar to the training set are
/// wrong in up to three percent more cases.
pub const FULL: usize = 600;
/// Number of steps after which the confidence of probabilities no longer grows.
pub const ROUGH: usize = 100;
const TOLERANCE: f64 = 1e-7;

/// Trains on the samples, in at most this many iterations. `with_rows` is false to train only the features.
pub fn fit<const FEATURES: usize, const CLASSES: usize>(
    samples: &[Sample<FEATURES, CLASSES>],
    row_count: usize,
    with_none: bool,
    with_rows: bool,
    penalty: Penalty,
    iterations: usize,
) -> Weights<FEATURES, CLASSES> {
    // Only rows that occur are variables.
    let mut numbers = vec![u32::MAX; row_count];
    let mut seen: Vec<u32> = Vec::new();
    let mut samples_rows: Vec<Vec<u32>> = Vec::with_capacity(samples.len());
    for sample in samples {
        let rows = if with_rows { sample.rows.as_slice() } else { &[] };
        let numbered = rows.iter().map(|row| {
            let number = &mut numbers[*row as usize];
            if *number == u32::MAX {
                *number = seen.len() as u32;
                seen.push(*row);
            }
            *number
        });
        samples_rows.push(numbered.collect());
    }
    let feature_base = seen.len() * CLASSES;
    let row_penalties = row_penalties(&samples_rows, seen.len(), penalty.rows);
    let mut x = vec![0.0; feature_base + FEATURES * CLASSES];
    let total: f64 = samples.iter().map(|sample| f64::from(sample.weight)).sum();

    minimise(&mut x, iterations, TOLERANCE, |x, gradient| {
        let (row_weights, _) = x[..feature_base].as_chunks::<CLASSES>();
        let (feature_weights, _) = x[feature_base..].as_chunks::<CLASSES>();
        gradient.fill(0.0);
        let (row_gradient, feature_gradient) = gradient.split_at_mut(feature_base);
        let (row_gradient, _) = row_gradient.as_chunks_mut::<CLASSES>();
        let (feature_gradient, _) = feature_gradient.as_chunks_mut::<CLASSES>();
        let mut loss = 0.0;
        for (sample, rows) in samples.iter().zip(&samples_rows) {
            let mut logits = [0.0; CLASSES];
            for row in rows {
                for (logit, weight) in logits.iter_mut().zip(&row_weights[*row as usize]) {
                    *logit += weight;
                }
            }
            let damping = f64::from(sample.damping);
            for (logit, prior) in logits.iter_mut().zip(sample.prior) {
                *logit = *logit * damping + f64::from(prior);
            }
            for (feature, weights) in sample.features.iter().zip(feature_weights) {
                for (logit, weight) in logits.iter_mut().zip(weights) {
                    *logit += f64::from(*feature) * weight;
                }
            }
            let (probabilities, of_none) = probabilities(logits, with_none);
            let weight = f64::from(sample.weight) / total;
            loss += weight * cross_entropy(&sample.target, &probabilities, of_none);

            let mut errors = probabilities;
            for (error, target) in errors.iter_mut().zip(sample.target) {
                *error = weight * (*error - f64::from(target));
            }
            for (feature, gradient) in sample.features.iter().zip(feature_gradient.iter_mut()) {
                for (gradient, error) in gradient.iter_mut().zip(&errors) {
                    *gradient += f64::from(*feature) * error;
                }
            }
            errors.iter_mut().for_each(|error| *error *= damping);
            for row in rows {
                for (gradient, error) in row_gradient[*row as usize].iter_mut().zip(&errors) {
                    *gradient += error;
                }
            }
        }
        let mut add_penalty = |range: std::ops::Range<usize>, strength: f64| {
            for (gradient, x) in gradient[range.clone()].iter_mut().zip(&x[range]) {
                *gradient += strength * x;
                loss += 0.5 * strength * x * x;
            }
        };
        for (row, penalty) in row_penalties.iter().enumerate() {
            add_penalty(row * CLASSES..(row + 1) * CLASSES, *penalty);
        }
        add_penalty(feature_base..x.len(), penalty.features);
        loss
    });

    let (row_weights, _) = x[..feature_base].as_chunks::<CLASSES>();
    let (feature_weights, _) = x[feature_base..].as_chunks::<CLASSES>();
    let mut rows = vec![[0.0; CLASSES]; row_count];
    for (row, weights) in seen.iter().zip(row_weights) {
        rows[*row as usize] = weights.map(|weight| weight as f32);
    }
    let mut features = [[0.0; CLASSES]; FEATURES];
    for (to, from) in features.iter_mut().zip(feature_weights) {
        *to = from.map(|weight| weight as f32);
    }
    Weights { rows, features }
}

/// The penalties of the rows' weights, smaller the fewer texts have the row, as if the row's value in a text were its
/// inverse document frequency. Words in many texts of some kinds say little about texts of others.
fn row_penalties(samples_rows: &[Vec<u32>], row_count: usize, usual: f64) -> Vec<f64> {
    let mut frequencies = vec![0_u32; row_count];
    for rows in samples_rows {
        let mut distinct = rows.clone();
        distinct.sort_unstable();
        distinct.dedup();
        distinct.iter().for_each(|row| frequencies[*row as usize] += 1);
    }
    let texts = samples_rows.len() as f64 + 1.0;
    frequencies.iter().map(|of_row| usual / ((texts / (f64::from(*of_row) + 1.0)).ln() + 1.0).powi(2)).collect()
}

/// The loss of these probabilities for the shares of classes in `target`.
fn cross_entropy<const CLASSES: usize>(target: &[f32; CLASSES], probabilities: &[f64; CLASSES], of_none: f64) -> f64 {
    let cost = |target: f64, probability: f64| if target > 0.0 { -target * probability.max(1e-300).ln() } else { 0.0 };
    let none = 1.0 - target.iter().copied().map(f64::from).sum::<f64>();
    let of_classes: f64 = target.iter().zip(probabilities).map(|(target, p)| cost(f64::from(*target), *p)).sum();
    of_classes + if none > 1e-6 { cost(none, of_none) } else { 0.0 }
}

/// The probabilities of the classes, and of none of them.
pub fn probabilities<const CLASSES: usize>(logits: [f64; CLASSES], with_none: bool) -> ([f64; CLASSES], f64) {
    let highest = logits.iter().copied().fold(if with_none { 0.0 } else { f64::NEG_INFINITY }, f64::max);
    let powers = logits.map(|logit| (logit - highest).exp());
    let of_none = if with_none { (-highest).exp() } else { 0.0 };
    let sum = powers.iter().sum::<f64>() + of_none;
    (powers.map(|power| power / sum), of_none / sum)
}

impl<const FEATURES: usize, const CLASSES: usize> Weights<FEATURES, CLASSES> {
    /// Untrained.
    pub fn zero(row_count: usize) -> Self {
        Self { rows: vec![[0.0; CLASSES]; row_count], features: [[0.0; CLASSES]; FEATURES] }
    }

    /// The logits of the classes.
    pub fn logits(&self, sample: &Sample<FEATURES, CLASSES>) -> [f64; CLASSES] {
        let mut logits = [0.0; CLASSES];
        for row in &sample.rows {
            for (logit, weight) in logits.iter_mut().zip(&self.rows[*row as usize]) {
                *logit += f64::from(*weight);
            }
        }
        for (logit, prior) in logits.iter_mut().zip(sample.prior) {
            *logit = *logit * f64::from(sample.damping) + f64::from(prior);
        }
        for (feature, weights) in sample.features.iter().zip(&self.features) {
            for (logit, weight) in logits.iter_mut().zip(weights) {
                *logit += f64::from(*feature) * f64::from(*weight);
            }
        }
        logits
    }
}

/// What was predicted for a text.
#[derive(Clone, Copy, Debug)]
pub struct Prediction<const CLASSES: usize> {
    /// The logits that are divided by the temperature.
    pub logits: [f64; CLASSES],
    /// What is added to them afterwards.
    pub added: [f64; CLASSES],
    /// The share of each class, as in [`Sample::target`].
    pub target: [f32; CLASSES],
    /// How much the text counts, relative to others.
    pub weight: f64,
}

/// The mean of the losses of predictions whose logits are divided by a temperature.
pub fn loss<const CLASSES: usize>(predictions: &[Prediction<CLASSES>], temperature: f64, with_none: bool) -> f64 {
    let of = |prediction: &Prediction<CLASSES>| {
        let Prediction { logits, added, target, weight } = prediction;
        let logits = std::array::from_fn(|class| logits[class] / temperature + added[class]);
        let (probabilities, of_none) = probabilities(logits, with_none);
        weight * cross_entropy(target, &probabilities, of_none)
    };
    let total: f64 = predictions.iter().map(|prediction| prediction.weight).sum();
    predictions.iter().map(of).sum::<f64>() / total
}

/// The divisor of the logits with which the probabilities are most likely.
pub fn temperature<const CLASSES: usize>(predictions: &[Prediction<CLASSES>], with_none: bool) -> f32 {
    let loss = |temperature: f64| loss(predictions, temperature, with_none);
    // The loss has a single minimum; a golden-section search finds it.
    let (mut low, mut high) = (0.2_f64.ln(), 5.0_f64.ln());
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    for _ in 0..40 {
        let (left, right) = (high - golden * (high - low), low + golden * (high - low));
        if loss(left.exp()) < loss(right.exp()) {
            high = right;
        } else {
            low = left;
        }
    }
    f64::midpoint(low, high).exp() as f32
}
