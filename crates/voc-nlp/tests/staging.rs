//! How the stages work together.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use voc_nlp::{Annotation, Annotator, DecidedBy, FastStage, Model, ModelAnswer, ModelError, Topic};

const CONFIDENT: &str = "excellent, great, wonderful";
const UNSURE: &str = "the parcel is on the table";
/// The built-in engine is more certain of the first and less of the second, with any weights.
const THRESHOLD: f32 = 0.75;

/// Answers as instructed, and remembers its questions.
struct Scripted {
    answer: Box<Answer>,
    calls: Mutex<Vec<Vec<String>>>,
}

type Answer = dyn Fn(&[&str]) -> Result<Vec<ModelAnswer>, ModelError> + Send + Sync;

impl Scripted {
    fn new(answer: impl Fn(&[&str]) -> Result<Vec<ModelAnswer>, ModelError> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { answer: Box::new(answer), calls: Mutex::default() })
    }

    /// The same answer for each text.
    fn constant(answer: ModelAnswer) -> Arc<Self> {
        Self::new(move |texts| Ok(vec![answer.clone(); texts.len()]))
    }

    fn calls(&self) -> Vec<Vec<String>> {
        self.calls.lock().unwrap().clone()
    }
}

impl Model for Scripted {
    fn name(&self) -> &str {
        "scripted"
    }

    fn version(&self) -> &str {
        "7"
    }

    fn annotate_batch(&self, texts: &[&str]) -> Result<Vec<ModelAnswer>, ModelError> {
        self.calls.lock().unwrap().push(texts.iter().map(ToString::to_string).collect());
        (self.answer)(texts)
    }
}

fn annotator(model: &Arc<Scripted>) -> Annotator {
    Annotator::builder().model(model.clone()).confidence_threshold(THRESHOLD).build()
}

#[test]
fn without_a_model_the_rules_decide() {
    let annotator = Annotator::default();
    assert!(!annotator.has_model());
    assert!(annotator.version().starts_with("calls-engine-"), "{}", annotator.version());
    assert_eq!(annotator.annotate(UNSURE).decided_by, DecidedBy::Fast);
    annotator.annotate_batch(&[CONFIDENT, UNSURE]);
    let stats = annotator.stats();
    assert_eq!((stats.texts, stats.model_calls), (3, 0));
}

#[test]
fn the_version_names_the_model() {
    let annotator = annotator(&Scripted::constant(ModelAnswer::new(0.0, 1.0)));
    assert!(annotator.has_model());
    assert_eq!(annotator.version(), format!("{}+scripted@7", Annotator::default().version()));
}

#[test]
fn only_uncertain_texts_go_to_the_model() {
    let model = Scripted::constant(ModelAnswer::new(-0.25, 0.75));
    let annotations = annotator(&model).annotate_batch(&[CONFIDENT, UNSURE, "", " \n"]);
    assert_eq!(model.calls(), [[UNSURE]]);
    let decided_by: Vec<DecidedBy> = annotations.iter().map(|annotation| annotation.decided_by).collect();
    assert_eq!(decided_by, [DecidedBy::Fast, DecidedBy::Model, DecidedBy::Fast, DecidedBy::Fast]);
    assert_eq!((annotations[1].sentiment, annotations[1].confidence), (Some(-0.25), 0.75));
    assert_eq!(annotations[2].sentiment, None);
}

#[test]
fn the_threshold_limits_what_is_sent() {
    for (threshold, sent) in [(0.0, 0), (f32::NAN, 0), (1.1, 2)] {
        let model = Scripted::constant(ModelAnswer::new(0.0, 1.0));
        let annotator = Annotator::builder().model(model.clone()).confidence_threshold(threshold).build();
        annotator.annotate_batch(&[CONFIDENT, UNSURE]);
        assert_eq!(model.calls().concat().len(), sent, "{threshold}");
    }
}

#[test]
fn the_models_topic_takes_precedence() {
    let model = Scripted::new(|texts| {
        let answer = |text: &&str| match *text {
            "my bill" => ModelAnswer::new(0.0, 1.0),
            _ => ModelAnswer::new(0.0, 1.0).with_topic(Topic::from("logistics")),
        };
        Ok(texts.iter().map(answer).collect())
    });
    let annotations = annotator(&model).annotate_batch(&["my bill", "my bill is late"]);
    assert_eq!(annotations[0].topic, Some(Topic::BILLING));
    assert_eq!(annotations[1].topic, Some(Topic::from("logistics")));
}

#[test]
fn calls_are_limited_and_keep_the_order() {
    let model = Scripted::new(|texts| {
        let number = |text: &&str| text.rsplit(' ').next().unwrap().parse::<f32>().unwrap();
        Ok(texts.iter().map(|text| ModelAnswer::new(number(text) / 100.0, 1.0)).collect())
    });
    let annotator =
        Annotator::builder().model(model.clone()).confidence_threshold(THRESHOLD).max_model_batch(3).build();
    let texts: Vec<String> = (0..10).map(|i| format!("parcel {i}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let annotations = annotator.annotate_batch(&texts);
    let sizes: Vec<usize> = model.calls().iter().map(Vec::len).collect();
    assert_eq!(sizes, [3, 3, 3, 1]);
    for (i, annotation) in annotations.iter().enumerate() {
        assert_eq!(annotation.sentiment, Some(i as f32 / 100.0));
    }
}

#[test]
fn a_batch_size_of_zero_is_one() {
    let model = Scripted::constant(ModelAnswer::new(0.0, 1.0));
    let annotator =
        Annotator::builder().model(model.clone()).confidence_threshold(THRESHOLD).max_model_batch(0).build();
    annotator.annotate_batch(&["parcel 1", "parcel 2"]);
    assert_eq!(model.calls().len(), 2);
}

#[test]
fn a_cached_answer_is_not_requested_again() {
    let model = Scripted::constant(ModelAnswer::new(0.5, 0.9));
    let annotator = annotator(&model);
    let first = annotator.annotate(UNSURE);
    let again = annotator.annotate_batch(&[UNSURE, "another parcel"]);
    assert_eq!(model.calls(), [[UNSURE], ["another parcel"]]);
    assert_eq!((first.decided_by, again[0].decided_by), (DecidedBy::Model, DecidedBy::Cache));
    assert_eq!((again[0].sentiment, again[0].confidence), (first.sentiment, first.confidence));
    assert_eq!(annotator.stats().cache_hits, 1);
}

#[test]
fn a_text_is_asked_once_per_batch() {
    let model = Scripted::constant(ModelAnswer::new(0.5, 0.9));
    let annotations = annotator(&model).annotate_batch(&[UNSURE, "parcel", UNSURE]);
    assert_eq!(model.calls(), [[UNSURE, "parcel"]]);
    assert!(annotations.iter().all(|annotation| annotation.sentiment == Some(0.5)));
    assert!(annotations.iter().all(|annotation| annotation.decided_by == DecidedBy::Model));
}

#[test]
fn a_cache_of_size_zero_keeps_nothing() {
    let model = Scripted::constant(ModelAnswer::new(0.5, 0.9));
    let annotator = Annotator::builder().model(model.clone()).confidence_threshold(THRESHOLD).cache_capacity(0).build();
    annotator.annotate(UNSURE);
    annotator.annotate(UNSURE);
    assert_eq!(model.calls().len(), 2);
}

#[test]
fn if_the_model_fails_the_rules_decide() {
    let rules = Annotator::default().annotate("a good parcel");
    for error in [
        ModelError::Unavailable("connection refused".into()),
        ModelError::TimedOut(Duration::from_secs(1)),
        ModelError::BadAnswer("no JSON".into()),
    ] {
        let failing = error.clone();
        let model = Scripted::new(move |_| Err(failing.clone()));
        let annotator = annotator(&model);
        let annotation = annotator.annotate("a good parcel");
        assert_eq!(annotation.decided_by, DecidedBy::Fallback);
        assert_eq!((annotation.sentiment, annotation.confidence), (rules.sentiment, rules.confidence));
        let stats = annotator.stats();
        assert_eq!((stats.model_failures, stats.last_failure), (1, Some(error)));
        // A failure is not cached.
        annotator.annotate("a good parcel");
        assert_eq!(model.calls().len(), 2);
    }
}

#[test]
fn an_outage_ends_the_batch_and_a_bad_answer_does_not() {
    for (error, calls) in [(ModelError::Unavailable("down".into()), 1), (ModelError::BadAnswer("no JSON".into()), 4)] {
        let model = Scripted::new(move |_| Err(error.clone()));
        let annotator =
            Annotator::builder().model(model.clone()).confidence_threshold(THRESHOLD).max_model_batch(1).build();
        let annotations = annotator.annotate_batch(&["parcel 1", "parcel 2", "parcel 3", "parcel 4"]);
        assert_eq!(model.calls().len(), calls);
        assert!(annotations.iter().all(|annotation| annotation.decided_by == DecidedBy::Fallback));
    }
}

#[test]
fn nan_answers_do_not_affect_others() {
    let model = Scripted::new(|texts| {
        let answer = |text: &&str| match *text {
            "parcel 1" => ModelAnswer::new(f32::NAN, 0.9),
            "parcel 2" => ModelAnswer::new(0.5, f32::INFINITY),
            "parcel 3" => ModelAnswer::new(-17.0, 0.9),
            _ => ModelAnswer::new(0.5, 0.9),
        };
        Ok(texts.iter().map(answer).collect())
    });
    let annotator = annotator(&model);
    let texts = ["parcel 1", "parcel 2", "parcel 3", "parcel 4"];
    let annotations = annotator.annotate_batch(&texts);
    for (bad, text) in annotations[..3].iter().zip(texts) {
        let by_fast_stage = Annotator::default().annotate(text).sentiment;
        assert_eq!((bad.sentiment, bad.decided_by), (by_fast_stage, DecidedBy::Fallback));
    }
    assert_eq!((annotations[3].sentiment, annotations[3].decided_by), (Some(0.5), DecidedBy::Model));
    assert_eq!(annotator.stats().bad_answers, 3);
}

#[test]
fn a_wrong_number_of_answers_fails_only_its_call() {
    for wrong in [0, 1, 3] {
        let model = Scripted::new(move |texts| {
            let count = if texts.contains(&"parcel 1") { wrong } else { texts.len() };
            Ok(vec![ModelAnswer::new(0.5, 0.9); count])
        });
        let annotator = Annotator::builder().model(model).confidence_threshold(THRESHOLD).max_model_batch(2).build();
        let annotations = annotator.annotate_batch(&["parcel 1", "parcel 2", "parcel 3", "parcel 4"]);
        let decided_by: Vec<DecidedBy> = annotations.iter().map(|annotation| annotation.decided_by).collect();
        assert_eq!(decided_by, [DecidedBy::Fallback, DecidedBy::Fallback, DecidedBy::Model, DecidedBy::Model]);
        assert_eq!(annotator.stats().last_failure, Some(ModelError::WrongCount { expected: 2, got: wrong }));
    }
}

#[test]
fn the_model_sees_what_the_rules_read() {
    let model = Scripted::constant(ModelAnswer::new(0.5, 0.9));
    let annotation = annotator(&model).annotate(&"ç".repeat(voc_nlp::MAX_CHARS + 1));
    assert!(annotation.truncated);
    assert_eq!(model.calls(), [["ç".repeat(voc_nlp::MAX_CHARS)]]);
}

#[test]
fn the_model_reads_conversations_without_their_format() {
    let said = "Agent: hello\nCustomer: the parcel is on the table";
    let json = r#"[{"role": "agent", "content": "hello", "confidence": 0.9},
        {"role": "customer", "content": "the parcel is on the table", "start_ms": 1200}]"#;
    let json = json.replace("agent", "Agent").replace("customer", "Customer");
    let captions = "WEBVTT\n\n1\n00:00.000 --> 00:01.000\n<v Agent>hello</v>\n\n\
        2\n00:01.200 --> 00:02.000\n<v Customer>the parcel is on the table</v>\n";
    let model = Scripted::constant(ModelAnswer::new(0.5, 0.9));
    let annotator = Annotator::builder().model(model.clone()).confidence_threshold(2.0).build();
    let first = annotator.annotate(&json);
    // What it has answered about one format is known of the others.
    let others = annotator.annotate_batch(&[captions, said, "[00:01] the parcel\n[00:02] is late"]);
    assert_eq!(model.calls(), [[said], ["the parcel\nis late"]]);
    let decided_by: Vec<_> = others.iter().map(|annotation| annotation.decided_by).collect();
    assert_eq!(first.decided_by, DecidedBy::Model);
    assert_eq!(decided_by, [DecidedBy::Cache, DecidedBy::Cache, DecidedBy::Model]);
}

#[test]
fn another_fast_stage_replaces_the_rules() {
    struct Gloomy;
    impl FastStage for Gloomy {
        fn version(&self) -> &str {
            "gloomy-1"
        }
        fn annotate(&self, _text: &str) -> Annotation {
            let mut annotation = Annotation::default();
            annotation.sentiment = Some(-1.0);
            annotation.confidence = 1.0;
            annotation
        }
    }
    let annotator = Annotator::builder().fast_stage(Arc::new(Gloomy)).build();
    assert_eq!(annotator.version(), "gloomy-1");
    assert_eq!(annotator.annotate("great").sentiment, Some(-1.0));
}

#[test]
fn an_annotator_is_shared_among_threads() {
    let model = Scripted::constant(ModelAnswer::new(0.5, 0.9));
    let annotator = Annotator::builder().confidence_threshold(1.0).model(Arc::clone(&model) as _).build();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let annotator = &annotator;
            scope.spawn(move || {
                for i in 0..50 {
                    let annotation = annotator.annotate(&format!("parcel {thread} {i}"));
                    assert_eq!(annotation.sentiment, Some(0.5));
                }
            });
        }
    });
    assert_eq!(annotator.stats().texts, 200);
    assert_eq!(annotator.stats().model_texts, 200);
}
