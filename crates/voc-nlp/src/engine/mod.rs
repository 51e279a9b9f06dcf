//! The built-in fast stage.

mod call;
#[cfg(feature = "train")]
pub(crate) mod features;
mod language;
mod marks;
mod names;
#[cfg(feature = "train")]
pub(crate) mod observation;
mod own_words;
mod prior;
mod reader;
mod reading;
mod runs;
mod tables;
mod track;

use std::cell::Cell;
use std::fmt;
use std::io::Read;
use std::sync::{Arc, LazyLock};

use crate::annotation::{Annotation, Evidence, Explanation, Language, truncate};
use crate::calibration::{Calibration, CalibrationError, OwnSum, OwnWords};
use crate::call_facts::AnnotatedCall;
use crate::lexicon::{ExtraWordError, ExtraWords, MAX_PHRASE, TRACKS};
use crate::linear::rows::Place;
use crate::redact::Redactor;
use crate::weights::{Weights, WeightsError};
use crate::words::Span;
pub(crate) use call::CallTurn;
use own_words::OwnWordsSink;
pub(crate) use reader::PartReading;
use reader::{Reader, Sink};
use reading::Reading;
pub(crate) use reading::score_of;
use tables::Tables;
use track::Weighed;

/// The cheap stage, which reads every text.
///
/// ```
/// use voc_nlp::{Annotation, Engine, FastStage};
///
/// /// The engine without topics it is not sure of.
/// struct SureOfTopics(Engine);
///
/// impl FastStage for SureOfTopics {
///     fn version(&self) -> &str { "sure-of-topics-1" }
///
///     fn annotate(&self, text: &str) -> Annotation {
///         let mut annotation = self.0.annotate(text);
///         if annotation.topics.first().is_none_or(|best| best.score < 0.5) {
///             annotation.topic = None;
///         }
///         annotation
///     }
/// }
///
/// assert_eq!(SureOfTopics(Engine::built_in()).annotate("hm, well").topic, None);
/// ```
pub trait FastStage: Send + Sync {
    /// Distinguishes this stage's answers from those of other stages and versions.
    fn version(&self) -> &str;

    /// The meaning of the text. Reads at most [`MAX_CHARS`](crate::MAX_CHARS) and reports whether there was more.
    fn annotate(&self, text: &str) -> Annotation;

    /// The meaning of the text to a tenant. It is the same for everyone, unless the stage knows tenant-specific words
    /// or topics, as [`Tenants`](crate::Tenants) does.
    fn annotate_for(&self, _tenant: &str, text: &str) -> Annotation {
        self.annotate(text)
    }

    /// The same with what is known of a conversation beyond its annotation, if the stage distinguishes speakers.
    fn annotate_call_for(&self, tenant: &str, text: &str) -> AnnotatedCall {
        AnnotatedCall::new(self.annotate_for(tenant, text), None)
    }

    /// The redactor for a tenant's texts: `base`, unless the stage knows of the tenant's own choice, as
    /// [`Tenants`](crate::Tenants) does.
    fn redactor_for(&self, _tenant: &str, base: Redactor) -> Redactor {
        base
    }
}

/// The built-in fast stage: a lexicon of English and Brazilian Portuguese with rules, and a linear model, in one pass
/// over the text.
///
/// **The lexicon.** Words are compared without case and accents, and as whole words: "bill" does not occur in
/// "ability". The sum of the words' valences follows VADER (C. Hutto & E. Gilbert, *VADER: A Parsimonious Rule-based
/// Model for Sentiment Analysis of Social Media Text*, ICWSM 2014):
///
/// - a negator among the three preceding words inverts a valence and weakens it (× -0.74): "not good", "não gostei",
///   "never happy";
/// - intensifiers and diminishers among the three preceding words add or subtract 0.293, less from further away: "very
///   good", "meio ruim", and so do drawn-out letters, "soooo";
/// - after "but" and similar words a valence counts 1.5 times, before it half;
/// - a valence in capitals counts 0.733 more, unless the whole text is in capitals;
/// - exclamation marks, up to four, add 0.292 each in the direction of the sum, and two or more question marks add
///   less;
/// - the sum x becomes a score of x / √(x² + 15): [`lexicon_score`](Self::lexicon_score).
///
/// Punctuation limits the reach of negators. Some words have a valence only when negated ("not working"); some phrases
/// have their own valence, which replaces that of their words ("waste of time", "deixa a desejar", "good morning"). A
/// word of one language also counts in a text of the other unless it has another meaning there ("no", "legal"). In
/// Portuguese several negators are one negation ("não tenho nada").
///
/// **Cues.** Some words and phrases tell more than a valence: that something is unresolved ("for three weeks",
/// "ninguém retornou"), that a text is a request ("please"), that thanks are a formula, that praise is not meant ("só
/// que não"). They and the idioms add fixed numbers to the result of the linear model.
///
/// **Names** have no valence, and the linear model sees all of them as one: "@somebody", what follows "my name is" and
/// similar words, words that begin with a capital letter within a sentence unless they are emphasised ("very Good") or
/// all of them do, and companies from a list ("Best Buy", "a Vivo"). Addresses of pages and mailboxes and names of
/// files are one word each; markup is none, `<br>` and `\n` end a sentence, and HTML entities are the characters they
/// stand for. A word or symbol counts at most three times in a row, a phrase twice.
///
/// **The linear model.** Words, their first letters and pairs of words are hashed to rows of small weights. Their
/// sums, together with some thirty numbers from the rules, yield the probabilities of the sentiments. They are
/// calibrated on kinds of texts that the model was not trained on. The score is the probability of positive minus that
/// of negative. The probabilities of topics are computed likewise, from words and from hand-made lists of words for
/// the topics; five of them are found by these lists alone. A text of which the lexicon knows no word has no topic.
///
/// **The language** is that of the frequent words and accents, and in doubt of the words' endings. Words that Spanish
/// shares with Portuguese count little. A text in another language, or with too little evidence, is of an unknown
/// language: its confidence is below 0.6, and the more of its words speak for another language the less they count. A
/// text in another language is neutral, with a score near 0 and without topics, unless its emoji say more.
///
/// **A calibration** of a tenant ([`with_calibration`](Self::with_calibration)) changes the probabilities of the
/// sentiments, and with them label, score and confidence.
///
/// Annotating allocates nothing and takes time proportional to the part of the text that is read, whatever its
/// content. Clones share everything. The origin and the quality of the built-in weights are described in
/// docs/model-card.md of the repository.
///
/// ```
/// use voc_nlp::{Engine, FastStage, Language, Sentiment};
///
/// let engine = Engine::built_in();
/// let annotation = engine.annotate("Not good, the invoice is wrong again.");
/// assert_eq!(annotation.label(), Sentiment::Negative);
/// assert_eq!(annotation.topic.as_deref(), Some("billing"));
///
/// let engine = engine.with_extra_words(&[("laggy", -3.0)], Language::Unknown)?;
/// assert!(engine.annotate("so laggy").sentiment < Some(-0.3));
/// # Ok::<(), voc_nlp::ExtraWordError>(())
/// ```
#[derive(Clone)]
pub struct Engine {
    version: Arc<str>,
    tables: Arc<Tables>,
    extra: Option<Arc<ExtraWords>>,
    calibration: Option<Calibration>,
}

impl Engine {
    /// The stage with the built-in weights, which are expanded on the first call, in a few milliseconds.
    pub fn built_in() -> Self {
        static BUILT_IN: LazyLock<Engine> = LazyLock::new(|| Engine::of(Weights::built_in()));
        BUILT_IN.clone()
    }

    /// The stage with other weights, as produced by `cargo xtask train`.
    ///
    /// # Errors
    /// [`WeightsError`] if `weights` is not a complete file of weights of this version.
    pub fn load(weights: &[u8]) -> Result<Self, WeightsError> {
        Weights::read(weights).map(Self::of)
    }

    /// The same from a reader.
    ///
    /// # Errors
    /// As for [`load`](Self::load), and if reading fails. Reads at most [`MAX_WEIGHTS_SIZE`](Self::MAX_WEIGHTS_SIZE)
    /// bytes.
    pub fn load_from(reader: impl Read) -> Result<Self, WeightsError> {
        let mut weights = Vec::new();
        reader.take(Self::MAX_WEIGHTS_SIZE).read_to_end(&mut weights)?;
        Self::load(&weights)
    }

    /// Maximum size of a file of weights, in bytes.
    pub const MAX_WEIGHTS_SIZE: u64 = 16 * 1024 * 1024;

    fn of(weights: Weights) -> Self {
        let version = format!("engine-{}-{}", env!("CARGO_PKG_VERSION"), weights.name);
        Self { version: version.into(), tables: Arc::new(Tables::of(weights)), extra: None, calibration: None }
    }

    /// The same stage with valences, from -4 to 4, for additional words, or other valences for known words. A valence
    /// of 0 makes a word neutral. With [`Language::Unknown`] they apply to texts in every language. Shares all tables
    /// with this stage, and replaces any extra words it had.
    ///
    /// # Errors
    /// [`ExtraWordError`] for an entry that is not a single word, or an invalid valence.
    pub fn with_extra_words<W: AsRef<str>>(
        &self,
        words: &[(W, f32)],
        language: Language,
    ) -> Result<Self, ExtraWordError> {
        self.with_extra_words_and_brands(words, &[], language)
    }

    /// The same with names of companies and products of one or more words, which have no valence:
    /// [`CustomisationFile`] says how they are recognised.
    ///
    /// # Errors
    /// As for [`with_extra_words`](Self::with_extra_words), and for a name with something else than words.
    ///
    /// [`CustomisationFile`]: crate::CustomisationFile
    pub(crate) fn with_extra_words_and_brands<W: AsRef<str>>(
        &self,
        words: &[(W, f32)],
        brands: &[String],
        language: Language,
    ) -> Result<Self, ExtraWordError> {
        let extra = ExtraWords::new(&self.tables.lexicon, words, brands, language)?;
        Ok(Self { extra: Some(Arc::new(extra)), ..self.clone() }.versioned())
    }

    /// The same stage with a tenant's own calibration, which replaces any that it had. It shares all tables with this
    /// stage.
    ///
    /// # Errors
    /// [`CalibrationError::OtherEngine`] if the calibration was made with another version of the engine, or with other
    /// weights. A tenant's words and brands make no other engine.
    pub fn with_calibration(&self, calibration: &Calibration) -> Result<Self, CalibrationError> {
        let engine = self.base_version();
        if calibration.engine() != engine {
            return Err(CalibrationError::OtherEngine {
                tenant: calibration.tenant().to_owned(),
                made_with: calibration.engine().to_owned(),
                engine: engine.to_owned(),
            });
        }
        Ok(Self { calibration: Some(calibration.clone()), ..self.clone() }.versioned())
    }

    /// The same stage as it was before any calibration.
    #[cfg(feature = "train")]
    pub(crate) fn without_calibration(&self) -> Self {
        Self { calibration: None, ..self.clone() }.versioned()
    }

    /// The version without extra words and calibration.
    pub(crate) fn base_version(&self) -> &str {
        self.version.split('+').next().unwrap_or_default()
    }

    /// The same with the version that follows from its parts.
    fn versioned(self) -> Self {
        let mut version = self.base_version().to_owned();
        if let Some(extra) = &self.extra {
            version.push_str(&format!("+{}", extra.fingerprint()));
        }
        if let Some(calibration) = &self.calibration {
            version.push_str(&format!("+{}", calibration.version()));
        }
        Self { version: version.into(), ..self }
    }

    /// The meaning of the text, and its parts that are evidence of its sentiment.
    pub fn explain(&self, text: &str) -> Explanation {
        let (text, truncated) = truncate(text);
        let mut findings = Findings::default();
        let reading = self.read(text, &mut findings);
        let evidence = findings.evidence(reading.track);
        Explanation { annotation: Annotation { truncated, ..self.annotation_of(&reading) }, evidence }
    }

    /// The score from the lexicon's words and rules alone, from -1 to 1: the counterpart of VADER's compound score. 0
    /// for a text without words.
    pub fn lexicon_score(&self, text: &str) -> f32 {
        self.read(truncate(text).0, &mut ()).lexicon_score()
    }

    /// The annotation with the choice of topics restricted to those that have columns in the table of weights.
    #[cfg(feature = "train")]
    pub(crate) fn annotate_in_rows(&self, text: &str) -> Annotation {
        let (text, truncated) = truncate(text);
        Annotation { truncated, ..self.read(text, &mut ()).annotation_in_rows(&self.tables.model) }
    }

    fn annotation_of(&self, reading: &Reading) -> Annotation {
        reading.annotation(&self.tables.model, self.calibration.as_ref())
    }

    fn read(&self, text: &str, sink: &mut impl Sink) -> Reading {
        match self.own_words() {
            None => self.read_with(text, sink),
            Some(words) => {
                let mut sink = OwnWordsSink { sink, words, is_heard: &Cell::new(true), sum: OwnSum::default() };
                let reading = self.read_with(text, &mut sink);
                Reading { own_words: sink.sum, ..reading }
            }
        }
    }

    /// The weights of the tenant's own words, if its calibration has some.
    fn own_words(&self) -> Option<&OwnWords> {
        self.calibration.as_ref().and_then(Calibration::own_words)
    }

    fn read_with(&self, text: &str, sink: &mut impl Sink) -> Reading {
        match &self.extra {
            None => Reader::<_, false>::new(text, &self.tables, None, sink).read(),
            Some(extra) => Reader::<_, true>::new(text, &self.tables, Some(extra), sink).read(),
        }
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::built_in()
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("version", &self.version).finish_non_exhaustive()
    }
}

impl FastStage for Engine {
    fn version(&self) -> &str {
        &self.version
    }

    fn annotate(&self, text: &str) -> Annotation {
        let (text, truncated) = truncate(text);
        Annotation { truncated, ..self.annotation_of(&self.read(text, &mut ())) }
    }
}

/// A number of words that no phrase exceeds.
const STARTS: usize = MAX_PHRASE.next_power_of_two();

/// Collects the evidence of the sentiment.
#[derive(Default)]
struct Findings {
    /// Where the last words begin, by the lowest bits of their positions: as many as the longest phrase has, or more.
    starts: [usize; STARTS],
    found: Vec<(Span, Weighed)>,
}

impl Findings {
    fn evidence(&self, track: usize) -> Vec<Evidence> {
        let of_track = |(span, weighed): &(Span, Weighed)| {
            let (valence, negated) = (*weighed.valences.get(track)?, *weighed.negated.get(track)?);
            (valence != 0.0).then_some(Evidence { start: span.start, end: span.end, weight: valence, negated })
        };
        self.found.iter().filter_map(of_track).collect()
    }
}

impl Sink for Findings {
    const WANTS_WORDS: bool = true;
    const WANTS_ROWS: bool = false;

    fn word(&mut self, position: u32, start: usize) {
        if let Some(place) = self.starts.get_mut(position as usize % STARTS) {
            *place = start;
        }
    }

    fn words_evidence(&mut self, first: u32, end: usize, weighed: Weighed) {
        let start = self.starts.get(first as usize % STARTS).copied().unwrap_or(end);
        self.found.push((Span { start, end }, weighed));
    }

    fn take_back(&mut self, first: u32) {
        let start = self.starts.get(first as usize % STARTS).copied().unwrap_or_default();
        while self.found.pop_if(|(span, _)| span.start >= start).is_some() {}
    }

    fn rows(&mut self, _places: &[Place]) {}

    fn symbol_evidence(&mut self, span: Span, valence: f32) {
        self.found.push((span, Weighed::plain([valence; TRACKS])));
    }
}
