//! Sentiment, topic and language of customer conversations, in English and Brazilian Portuguese.
//!
//! A text goes through stages, the cheap one first:
//!
//! 1. A [`FastStage`] reads every text in one pass at memory speed. [`Engine`] is the built-in one: a lexicon with
//!    negation, intensifiers and phrases, and a linear model whose probabilities are calibrated. [`CallStage`] is the
//!    same for transcripts: it distinguishes speakers and returns the score of the customer.
//! 2. Texts on which the fast stage is uncertain ([`Annotation::confidence`] below a threshold) go to a [`Model`] if
//!    there is one, from all threads together in batches. Its answers are kept in a bounded cache, so that a repeated
//!    text does not cost another call. If the model is slow, down or over its budget, the fast stage's uncertain
//!    answer is kept, and [`Annotation::decided_by`] says so.
//!
//! [`Annotator`] combines the stages, with [`CallStage`] as the default fast stage. Everything here is synchronous. A
//! [`Model`] may block, so asynchronous callers check [`Annotator::has_model`] and move such work off their own
//! threads.
//!
//! In addition:
//!
//! - [`Conversation`] splits a transcript into turns; [`CallStage::report`] annotates each of them, each speaker and
//!   the course of the call. [`Annotator::annotate_calls_for`] finds the most important figures of it in the same pass
//!   as the annotation.
//! - A [`Taxonomy`] finds custom topics by their phrases, [`Tenants`] adds tenant-specific words and topics to the
//!   shared ones, and [`Engine::with_extra_words`] and [`Engine::load`] change the engine itself.
//! - A [`Calibration`] corrects the probabilities of a tenant's texts; it is learned from labelled ones.
//! - [`Engine::explain`] shows which parts of a text are evidence of its sentiment.
//! - A [`Redactor`] replaces personal data by tags, spoken or written; [`Tenants`] may choose its kinds.
//!
//! # Example
//!
//! ```
//! use voc_nlp::{Annotator, Language};
//!
//! let annotator = Annotator::default();
//!
//! let happy = annotator.annotate("The refund came the next day. Great!");
//! assert!(happy.sentiment > Some(0.5));
//! assert_eq!(happy.language, Language::En);
//! assert_eq!(happy.topic.as_deref(), Some("billing"));
//!
//! let unhappy = annotator.annotate("Não gostei, o aplicativo não funciona.");
//! assert!(unhappy.sentiment < Some(-0.5));
//! assert_eq!(unhappy.language, Language::Pt);
//! assert_eq!(unhappy.topic.as_deref(), Some("technical"));
//!
//! // A text without words has nothing to say.
//! assert_eq!(annotator.annotate("  ").sentiment, None);
//! ```
//!
//! # A model behind the fast stage
//!
//! ```
//! use std::sync::Arc;
//! use voc_nlp::{Annotator, DecidedBy, Model, ModelAnswer, ModelError};
//!
//! struct Optimist;
//!
//! impl Model for Optimist {
//!     fn name(&self) -> &str { "optimist" }
//!     fn version(&self) -> &str { "1" }
//!     fn annotate_batch(&self, texts: &[&str]) -> Result<Vec<ModelAnswer>, ModelError> {
//!         Ok(texts.iter().map(|_| ModelAnswer::new(0.9, 0.95)).collect())
//!     }
//! }
//!
//! let annotator = Annotator::builder().model(Arc::new(Optimist)).build();
//! let annotation = annotator.annotate("the parcel is on the table");
//! assert_eq!(annotation.decided_by, DecidedBy::Model);
//! assert_eq!(annotation.sentiment, Some(0.9));
//! assert_eq!(annotator.stats().model_texts, 1);
//! ```
//!
//! # Features
//!
//! None is enabled by default: the crate then needs no C compiler and does no I/O. `files` reads taxonomies and
//! tenants' words from files. The others each add a ready-made [`Model`] in `backends`: `http` a remote service, `llm`
//! a large language model behind a chat endpoint, `onnx` a local exported classifier. `train` is for producing
//! weights and calibrations, and promises no stable interface.

#![forbid(unsafe_code)]

mod annotation;
mod annotator;
#[cfg(any(feature = "http", feature = "llm", feature = "onnx"))]
pub mod backends;
mod bytes;
mod cache;
#[cfg(feature = "train")]
mod calibrate;
mod calibration;
mod call_facts;
mod call_phrases;
mod conversation;
mod engine;
mod lexicon;
mod linear;
mod model;
mod redact;
mod taxonomy;
mod tenants;
#[cfg(feature = "train")]
pub mod train;
mod weights;
mod words;

pub use annotation::{
    Annotation, CalibrationVersion, DecidedBy, Evidence, Explanation, Language, MAX_CHARS, Probabilities, Sentiment,
    TopTopics, Topic, TopicScore,
};
pub use annotator::{Annotator, AnnotatorBuilder, AnnotatorStats};
pub use cache::{AnswerCache, CacheKey};
pub use calibration::{Calibration, CalibrationError};
pub use call_facts::{AnnotatedCall, CallFacts, CallTiming};
pub use conversation::{
    CallAnnotation, CallStage, Conversation, GivenTurn, Role, SpeakerScore, TopicMention, TopicSentiment,
    TranscriptFormat, Turn, TurnAnnotation,
};
pub use engine::{Engine, FastStage};
pub use lexicon::ExtraWordError;
pub use model::{BreakerState, Model, ModelAnswer, ModelBudget, ModelError};
pub use redact::{Finding, Findings, PersonalData, Redactor};
pub use taxonomy::{Mention, PhraseEntry, Taxonomy, TaxonomyError, TaxonomyFile, TopicEntry};
pub use tenants::{Customisation, CustomisationError, CustomisationFile, RedactionChoice, Tenants};
pub use weights::WeightsError;

/// The examples of the README are tested, too. One of them reads a file.
#[cfg(all(doctest, feature = "files"))]
#[doc = include_str!("../README.md")]
struct Readme;
