//! A tenant's own calibration: what its labelled texts change in the engine's logits of the sentiments.

mod error;
mod file;
mod own_words;

use std::fmt;
use std::sync::Arc;

use crate::annotation::CalibrationVersion;
use crate::linear::head::{Head, SENTIMENT_FEATURES, SENTIMENTS, damping};
pub use error::CalibrationError;
pub(crate) use own_words::{OwnSum, OwnWords};

/// Inputs of a calibration besides own words: the engine's logits, and the features they were computed from.
pub(crate) const CALIBRATION_FEATURES: usize = SENTIMENTS + SENTIMENT_FEATURES;

/// A tenant's own calibration of the sentiment, learned from texts that the tenant has labelled.
///
/// It changes the engine's logits of negative, neutral and positive before they become probabilities. Label, score,
/// probabilities and confidence follow from these as usual, so they always agree. Made from a few hundred texts it has
/// an offset for each sentiment and small weights of the engine's logits and features; from
/// [`MIN_TEXTS_OF_OWN_WORDS`](Self::MIN_TEXTS_OF_OWN_WORDS) texts on, also of hashed words. Topics, language, and the
/// valences of single words and turns stay as they are.
///
/// `cargo xtask calibrate` makes one. It belongs to the engine that it was made with, because it corrects that
/// engine's errors: another engine refuses it ([`CalibrationError::OtherEngine`]). It is applied by
/// [`Engine::with_calibration`](crate::Engine::with_calibration) or, for single tenants, by
/// [`Customisation::with_calibration`](crate::Customisation::with_calibration). Cheap to clone.
#[derive(Clone, PartialEq)]
pub struct Calibration(Arc<Parameters>);

#[derive(Clone, Debug, PartialEq)]
struct Parameters {
    tenant: String,
    /// The version of the engine, without additions.
    engine: String,
    /// The labelled texts by sentiment.
    texts: [u32; SENTIMENTS],
    numbers: Numbers,
    own_words: Option<OwnWords>,
    version: CalibrationVersion,
}

/// What is added to the logits, except own words.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Numbers {
    /// The factor of the engine's logits.
    pub(crate) scale: f32,
    /// The factors of own words, by sentiment.
    pub(crate) own_words_scales: [f32; SENTIMENTS],
    pub(crate) head: Head<CALIBRATION_FEATURES, SENTIMENTS>,
}

impl Numbers {
    /// Changes nothing.
    pub(crate) const NOTHING: Self = Self { scale: 1.0, own_words_scales: [0.0; SENTIMENTS], head: Head::ZERO };

    /// All numbers, in the order of the file.
    fn floats(&mut self) -> impl Iterator<Item = &mut f32> {
        let Self { scale, own_words_scales, head: Head(head) } = self;
        std::iter::once(scale).chain(own_words_scales).chain(head.iter_mut().flatten())
    }
}

impl Calibration {
    /// Fewer labelled texts than this say nothing reliable.
    pub const MIN_TEXTS: usize = 50;
    /// With fewer labelled texts than this a calibration is usually worth little.
    pub const ENOUGH_TEXTS: usize = 300;
    /// From this number of labelled texts on, a calibration may have weights of the tenant's own words.
    pub const MIN_TEXTS_OF_OWN_WORDS: usize = 1_000;
    /// Maximum size of a file, in bytes.
    pub const MAX_SIZE: u64 = 1024 * 1024;

    #[cfg(feature = "train")]
    pub(crate) fn new(
        (tenant, engine): (&str, &str),
        texts: [u32; SENTIMENTS],
        numbers: Numbers,
        own_words: Option<OwnWords>,
    ) -> Result<Self, CalibrationError> {
        let version = CalibrationVersion::default();
        let (tenant, engine) = (tenant.to_owned(), engine.to_owned());
        let parameters = Parameters { tenant, engine, texts, numbers, own_words, version };
        // Whatever can be made can be read.
        Self::read(&parameters.write())
    }

    /// The tenant.
    pub fn tenant(&self) -> &str {
        &self.0.tenant
    }

    /// The version of the engine that it belongs to, without a tenant's words.
    pub fn engine(&self) -> &str {
        &self.0.engine
    }

    /// How many labelled negative, neutral and positive texts it was made from.
    pub fn texts(&self) -> [u32; 3] {
        self.0.texts
    }

    /// Whether it has weights of the tenant's own words.
    pub fn has_own_words(&self) -> bool {
        self.0.own_words.is_some()
    }

    /// Distinguishes it from others.
    pub fn version(&self) -> CalibrationVersion {
        self.0.version
    }

    pub(crate) fn own_words(&self) -> Option<&OwnWords> {
        self.0.own_words.as_ref()
    }

    /// The logits of the sentiments, given those of the engine, its features, and the sum of own words.
    pub(crate) fn logits(
        &self,
        logits: [f32; SENTIMENTS],
        features: &[f32; SENTIMENT_FEATURES],
        own_words: &OwnSum,
    ) -> [f32; SENTIMENTS] {
        let Numbers { scale, own_words_scales, head } = &self.0.numbers;
        let added = head.logits(&inputs(logits, features));
        let (sums, damping) = (own_words.sums(), damping(own_words.count()));
        std::array::from_fn(|i| scale * logits[i] + added[i] + sums[i] as f32 * own_words_scales[i] * damping)
    }
}

impl fmt::Debug for Calibration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calibration")
            .field("tenant", &self.tenant())
            .field("engine", &self.engine())
            .field("version", &self.version())
            .finish_non_exhaustive()
    }
}

/// The inputs of a calibration's head. Only the differences of logits mean something.
pub(crate) fn inputs(logits: [f32; SENTIMENTS], features: &[f32; SENTIMENT_FEATURES]) -> [f32; CALIBRATION_FEATURES] {
    let mean = logits.iter().sum::<f32>() / SENTIMENTS as f32;
    let mut inputs = [0.0; CALIBRATION_FEATURES];
    let from = logits.iter().map(|logit| logit - mean).chain(features.iter().copied());
    inputs.iter_mut().zip(from).for_each(|(to, from)| *to = from);
    inputs
}
