//! What users may expect of the types, whatever their implementation.

use std::fmt::Debug;

use voc_nlp::{
    Annotation, Annotator, AnnotatorBuilder, AnswerCache, CallStage, Conversation, Customisation, Engine, Explanation,
    Findings, Redactor, Taxonomy, Tenants, TopTopics, WeightsError,
};

/// Used from many threads, moved among them, and shown in logs.
fn is_shared<T: Send + Sync + Debug>() {}

fn is_cloned<T: Clone>() {}

#[test]
fn types_are_shared_among_threads() {
    is_shared::<Annotation>();
    is_shared::<Annotator>();
    is_shared::<AnnotatorBuilder>();
    is_shared::<AnswerCache>();
    is_shared::<CallStage>();
    is_shared::<Conversation<'_>>();
    is_shared::<Customisation>();
    is_shared::<Engine>();
    is_shared::<Explanation>();
    is_shared::<Findings<'_>>();
    is_shared::<Redactor>();
    is_shared::<Taxonomy>();
    is_shared::<Tenants>();
    is_shared::<TopTopics>();
    is_shared::<WeightsError>();
}

#[test]
fn stages_and_results_are_cloned() {
    is_cloned::<Annotation>();
    is_cloned::<CallStage>();
    is_cloned::<Conversation<'_>>();
    is_cloned::<Customisation>();
    is_cloned::<Engine>();
    is_cloned::<Explanation>();
}

#[test]
fn a_debug_form_is_short() {
    for form in [format!("{:?}", Engine::built_in()), format!("{:?}", CallStage::default())] {
        assert!(form.len() < 200, "{form}");
    }
}
