//! Calls to the model: gathered over callers, limited in number, size and time, and skipped while the model is down.

#![expect(clippy::unwrap_used, reason = "models under test misbehave")]

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use voc_nlp::{
    Annotation, Annotator, AnnotatorBuilder, AnnotatorStats, BreakerState, DecidedBy, Model, ModelAnswer, ModelBudget,
    ModelError,
};

/// Longer than any test takes.
const FOREVER: Duration = Duration::from_secs(600);

type Answers = Result<Vec<ModelAnswer>, ModelError>;
type Boxed = Box<dyn Fn(&[&str]) -> Answers + Send + Sync>;

/// Answers on command, and remembers its questions.
struct Scripted<F> {
    answer: F,
    calls: Mutex<Vec<Vec<String>>>,
}

impl<F: Fn(&[&str]) -> Answers + Send + Sync + 'static> Scripted<F> {
    fn new(answer: F) -> Arc<Self> {
        Arc::new(Self { answer, calls: Mutex::default() })
    }

    fn calls(&self) -> Vec<Vec<String>> {
        self.calls.lock().unwrap().clone()
    }
}

impl<F: Fn(&[&str]) -> Answers + Send + Sync> Model for Scripted<F> {
    fn name(&self) -> &str {
        "scripted"
    }

    fn version(&self) -> &str {
        "1"
    }

    fn annotate_batch(&self, texts: &[&str]) -> Answers {
        self.calls.lock().unwrap().push(texts.iter().map(ToString::to_string).collect());
        (self.answer)(texts)
    }
}

/// The number at the end of a text, as hundredths.
fn numbers(texts: &[&str]) -> Answers {
    let number = |text: &&str| text.rsplit(' ').next().unwrap().parse::<f32>().unwrap();
    Ok(texts.iter().map(|text| ModelAnswer::new(number(text) / 100.0, 1.0)).collect())
}

/// A model that reports each call and answers it on command.
fn gated() -> (Arc<Scripted<Boxed>>, Receiver<()>, Sender<()>) {
    let (come, has_come) = channel();
    let (open, is_open) = channel::<()>();
    let ends = Mutex::new((come, is_open));
    let answer: Boxed = Box::new(move |texts| {
        let (come, is_open) = &*ends.lock().unwrap();
        come.send(()).unwrap();
        is_open.recv().unwrap();
        numbers(texts)
    });
    (Scripted::new(answer), has_come, open)
}

/// A clock that is moved by hand.
#[derive(Clone)]
struct TestClock(Arc<Mutex<Instant>>);

impl TestClock {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    fn pass(&self, seconds: u64) {
        *self.0.lock().unwrap() += Duration::from_secs(seconds);
    }

    fn set(&self, builder: AnnotatorBuilder) -> AnnotatorBuilder {
        let now = Arc::clone(&self.0);
        builder.model_clock(Arc::new(move || *now.lock().unwrap()))
    }
}

/// An annotator that calls the model for every text.
fn asking<M: Model + 'static>(model: &Arc<M>) -> AnnotatorBuilder {
    Annotator::builder().model(model.clone()).confidence_threshold(2.0).model_timeout(FOREVER)
}

fn parcels(numbers: std::ops::Range<usize>) -> Vec<String> {
    numbers.map(|number| format!("parcel {number}")).collect()
}

fn annotate(annotator: &Annotator, texts: &[String]) -> Vec<Annotation> {
    annotator.annotate_batch(&texts.iter().map(String::as_str).collect::<Vec<_>>())
}

fn decided_by(annotations: &[Annotation]) -> Vec<DecidedBy> {
    annotations.iter().map(|annotation| annotation.decided_by).collect()
}

fn until(annotator: &Annotator, condition: impl Fn(&AnnotatorStats) -> bool) {
    while !condition(&annotator.stats()) {
        thread::yield_now();
    }
}

#[test]
fn callers_share_a_call() {
    let model = Scripted::new(numbers);
    // No call is made before it is full.
    let annotator = asking(&model).max_model_batch(4).model_batch_wait(FOREVER).build();
    thread::scope(|scope| {
        for text in parcels(0..4) {
            let annotator = &annotator;
            scope.spawn(move || {
                let annotation = annotator.annotate(&text);
                assert_eq!(annotation.sentiment, numbers(&[&text]).ok().map(|answers| answers[0].sentiment));
            });
        }
    });
    assert_eq!(model.calls().len(), 1);
    assert_eq!(model.calls().concat().into_iter().collect::<BTreeSet<_>>(), parcels(0..4).into_iter().collect());
}

#[test]
fn a_text_of_several_callers_is_asked_once() {
    let model = Scripted::new(numbers);
    let annotator = asking(&model).max_model_batch(2).model_batch_wait(FOREVER).build();
    thread::scope(|scope| {
        for text in ["parcel 1", "parcel 1", "parcel 1", "parcel 2"] {
            let annotator = &annotator;
            scope.spawn(move || assert_ne!(annotator.annotate(text).decided_by, DecidedBy::Fallback));
        }
    });
    assert_eq!(model.calls().len(), 1);
    assert_eq!(annotator.stats().model_texts, 2);
}

#[test]
fn a_partial_call_is_made_when_the_wait_is_over() {
    let model = Scripted::new(numbers);
    let annotator = asking(&model).model_batch_wait(Duration::from_millis(1)).build();
    assert_eq!(annotator.annotate("parcel 7").sentiment, Some(0.07));
}

#[test]
fn answers_reach_their_callers() {
    let model = Scripted::new(numbers);
    let annotator =
        asking(&model).max_model_batch(7).max_concurrent_calls(3).model_batch_wait(Duration::from_micros(50)).build();
    thread::scope(|scope| {
        for caller in 0..6 {
            let annotator = &annotator;
            scope.spawn(move || {
                for round in 0..20 {
                    let texts: Vec<String> = (0..9).map(|i| format!("caller {caller} {round} {}", i * 11)).collect();
                    for (i, annotation) in annotate(annotator, &texts).iter().enumerate() {
                        assert_eq!(annotation.sentiment, Some((i * 11) as f32 / 100.0));
                    }
                }
            });
        }
    });
    assert!(model.calls().iter().all(|texts| (1..=7).contains(&texts.len())));
    assert_eq!(model.calls().concat().into_iter().collect::<BTreeSet<_>>().len(), 6 * 20 * 9);
    assert_eq!(annotator.stats().model_texts, 6 * 20 * 9);
}

#[test]
fn a_batch_is_annotated_like_its_texts_alone() {
    let texts = ["good parcel 3", "parcel 1", "", "parcel 1", "bad 99", " ! "];
    let model = Scripted::new(numbers);
    let together = asking(&model).build().annotate_batch(&texts);
    for (text, found) in texts.iter().zip(&together) {
        assert_eq!(asking(&model).build().annotate(text), *found, "{text}");
    }
}

#[test]
fn calls_are_concurrent() {
    let both = Barrier::new(2);
    let model = Scripted::new(move |texts| {
        both.wait();
        numbers(texts)
    });
    let annotator = asking(&model).max_model_batch(1).max_concurrent_calls(2).build();
    assert_eq!(decided_by(&annotate(&annotator, &parcels(0..6))), [DecidedBy::Model; 6]);
}

/// Annotates until the model is called, without waiting for the answer.
fn begin_in_vain(annotator: &Annotator, texts: &[String], has_come: &Receiver<()>) {
    loop {
        let annotations = annotate(annotator, texts);
        assert!(annotations.iter().all(|annotation| annotation.decided_by == DecidedBy::Fallback));
        if has_come.try_recv().is_ok() {
            return;
        }
    }
}

#[test]
fn callers_do_not_wait_for_a_slow_model_and_its_late_answer_is_cached() {
    let (model, has_come, open) = gated();
    let timeout = Duration::from_millis(20);
    let annotator = asking(&model).model_timeout(timeout).build();
    begin_in_vain(&annotator, &parcels(50..51), &has_come);
    let annotation = annotator.annotate("parcel 51");
    assert_eq!(annotation.sentiment, Annotator::default().annotate("parcel 51").sentiment);
    assert!(annotator.stats().timed_out > 0);

    // By now the call takes longer than any caller waits, and no other question is queued behind it.
    let before = annotator.stats().timed_out;
    assert_eq!(annotator.annotate("parcel 52").decided_by, DecidedBy::Fallback);
    assert!(annotator.stats().stalled > 0);
    assert_eq!(annotator.stats().timed_out, before);

    open.send(()).unwrap();
    until(&annotator, |stats| stats.model_failures == 1);
    assert_eq!(annotator.stats().last_failure, Some(ModelError::TimedOut(timeout)));
    let annotation = annotator.annotate("parcel 50");
    assert_eq!((annotation.sentiment, annotation.decided_by), (Some(0.5), DecidedBy::Cache));
}

#[test]
fn abandoned_questions_are_not_asked() {
    let (model, has_come, open) = gated();
    let annotator = asking(&model).model_timeout(Duration::from_millis(20)).max_model_batch(1).build();
    // The first is being asked; the others wait behind it.
    begin_in_vain(&annotator, &parcels(0..3), &has_come);
    open.send(()).unwrap();
    until(&annotator, |stats| stats.model_failures == 1);
    // From now on the model answers at once.
    (0..1000).for_each(|_| open.send(()).unwrap());
    while annotator.annotate("parcel 9").decided_by == DecidedBy::Fallback {}
    let asked: BTreeSet<String> = model.calls().concat().into_iter().collect();
    assert_eq!(asked, BTreeSet::from(["parcel 0", "parcel 9"].map(str::to_owned)));
}

#[test]
fn questions_beyond_the_queue_fall_back_at_once() {
    let model = Scripted::new(numbers);
    let annotator = asking(&model).model_queue(2).max_model_batch(1).build();
    let annotations = annotate(&annotator, &parcels(0..5));
    use DecidedBy::{Fallback, Model};
    assert_eq!(decided_by(&annotations), [Model, Model, Fallback, Fallback, Fallback]);
    assert_eq!(annotator.stats().queue_full, 3);
}

#[test]
fn a_failing_model_is_not_called_for_a_while() {
    let clock = TestClock::new();
    let is_up = Arc::new(Mutex::new(false));
    let model = {
        let is_up = Arc::clone(&is_up);
        Scripted::new(move |texts| match *is_up.lock().unwrap() {
            true => numbers(texts),
            false => Err(ModelError::Unavailable("connection refused".to_owned())),
        })
    };
    let annotator = clock.set(asking(&model)).model_breaker(2, Duration::from_secs(10)).build();
    let state = |calls, breaker_open, breaker| {
        let stats = annotator.stats();
        assert_eq!((stats.model_calls, stats.breaker_open, stats.breaker), (calls, breaker_open, breaker));
    };

    annotate(&annotator, &parcels(0..1));
    state(1, 0, BreakerState::Closed);
    annotate(&annotator, &parcels(0..1));
    state(2, 0, BreakerState::Open);
    clock.pass(9);
    assert_eq!(decided_by(&annotate(&annotator, &parcels(0..3))), [DecidedBy::Fallback; 3]);
    state(2, 3, BreakerState::Open);

    // One call shows that it is still down.
    clock.pass(1);
    annotate(&annotator, &parcels(0..1));
    annotate(&annotator, &parcels(0..1));
    state(3, 4, BreakerState::Open);

    *is_up.lock().unwrap() = true;
    clock.pass(10);
    assert_eq!(decided_by(&annotate(&annotator, &parcels(0..2))), [DecidedBy::Model; 2]);
    state(4, 4, BreakerState::Closed);
}

#[test]
fn no_caller_waits_while_one_call_probes_the_model() {
    let clock = TestClock::new();
    let (come, has_come) = channel();
    let (open, is_open) = channel::<bool>();
    let ends = Mutex::new((come, is_open));
    let model = Scripted::new(move |texts| {
        let (come, is_open) = &*ends.lock().unwrap();
        come.send(()).unwrap();
        if is_open.recv().unwrap() { numbers(texts) } else { Err(ModelError::BadAnswer("no JSON".to_owned())) }
    });
    let annotator = clock.set(asking(&model)).model_breaker(1, Duration::from_secs(10)).build();
    open.send(false).unwrap();
    annotator.annotate("parcel 1");
    has_come.recv().unwrap();
    assert_eq!(annotator.stats().breaker, BreakerState::Open);

    clock.pass(10);
    thread::scope(|scope| {
        let trial = scope.spawn(|| annotator.annotate("parcel 1"));
        has_come.recv().unwrap();
        assert_eq!(annotator.stats().breaker, BreakerState::HalfOpen);
        assert_eq!(annotator.annotate("parcel 2").decided_by, DecidedBy::Fallback);
        // Not even the same text waits for a model that may be down.
        assert_eq!(annotator.annotate("parcel 1").decided_by, DecidedBy::Fallback);
        open.send(true).unwrap();
        assert_eq!(trial.join().unwrap().decided_by, DecidedBy::Model);
    });
    assert_eq!((annotator.stats().breaker, annotator.stats().breaker_open), (BreakerState::Closed, 2));
}

#[test]
fn a_models_retry_time_is_respected() {
    let clock = TestClock::new();
    let model = Scripted::new(|_| Err(ModelError::Overloaded { retry_after: Some(Duration::from_secs(30)) }));
    let annotator = clock.set(asking(&model)).build();
    for (passes, calls) in [(0, 1), (29, 1), (1, 2)] {
        clock.pass(passes);
        annotator.annotate("parcel 1");
        assert_eq!(model.calls().len(), calls, "{passes}");
    }
}

#[test]
fn a_budget_of_texts_is_respected() {
    let clock = TestClock::new();
    let model = Scripted::new(numbers);
    let annotator = clock.set(asking(&model)).model_budget(ModelBudget::TextsPerMinute(3)).max_model_batch(2).build();
    let annotations = annotate(&annotator, &parcels(0..5));
    use DecidedBy::{Cache, Fallback, Model};
    assert_eq!(decided_by(&annotations), [Model, Model, Model, Fallback, Fallback]);
    clock.pass(40);
    let annotations = annotate(&annotator, &parcels(0..6));
    assert_eq!(decided_by(&annotations), [Cache, Cache, Cache, Model, Model, Fallback]);
    assert_eq!((annotator.stats().over_budget, annotator.stats().model_texts), (3, 5));
}

#[test]
fn a_budget_of_calls_is_respected() {
    let clock = TestClock::new();
    let model = Scripted::new(numbers);
    let annotator = clock.set(asking(&model)).model_budget(ModelBudget::CallsPerMinute(2)).max_model_batch(3).build();
    let annotations = annotate(&annotator, &parcels(0..8));
    assert_eq!(decided_by(&annotations), [[DecidedBy::Model; 6].as_slice(), &[DecidedBy::Fallback; 2]].concat());
    assert_eq!(model.calls().len(), 2);
}

#[test]
fn a_lost_connection_is_retried_once() {
    for (losses, decided, calls) in [(1, DecidedBy::Model, 2), (2, DecidedBy::Fallback, 2)] {
        let left = Mutex::new(losses);
        let model = Scripted::new(move |texts| {
            let mut left = left.lock().unwrap();
            if *left == 0 {
                return numbers(texts);
            }
            *left -= 1;
            Err(ModelError::ConnectionLost)
        });
        let annotator = asking(&model).build();
        assert_eq!(annotator.annotate("parcel 1").decided_by, decided);
        let stats = annotator.stats();
        assert_eq!((stats.model_calls, stats.model_retries), (calls, 1));
        assert_eq!(stats.model_failures, losses - 1);
    }
}

#[test]
fn a_retry_counts_towards_the_budget() {
    let clock = TestClock::new();
    let model = Scripted::new(|_| Err(ModelError::ConnectionLost));
    let annotator = clock.set(asking(&model)).model_budget(ModelBudget::CallsPerMinute(1)).build();
    annotator.annotate("parcel 1");
    assert_eq!((annotator.stats().model_calls, annotator.stats().model_retries), (1, 0));
}

#[test]
fn a_panicking_model_fails_only_its_call() {
    let model = Scripted::new(|texts| match texts {
        ["parcel 1"] => panic!("secret parcel"),
        _ => numbers(texts),
    });
    let annotator = asking(&model).max_model_batch(1).build();
    let annotations = annotate(&annotator, &parcels(0..3));
    assert_eq!(decided_by(&annotations), [DecidedBy::Model, DecidedBy::Fallback, DecidedBy::Model]);
    let failure = annotator.stats().last_failure.unwrap().to_string();
    assert!(failure.contains("panicked") && !failure.contains("secret"), "{failure}");
}

#[test]
fn every_text_is_counted_once() {
    let model = Scripted::new(|texts| match texts {
        ["parcel 3"] => Err(ModelError::BadAnswer("no JSON".to_owned())),
        ["parcel 4"] => Ok(vec![ModelAnswer::new(f32::NAN, 1.0)]),
        _ => numbers(texts),
    });
    let annotator = asking(&model).max_model_batch(1).model_queue(5).build();
    annotator.annotate("parcel 0");
    let texts = [parcels(0..9), parcels(0..9), vec![String::new()]].concat();
    let annotations = annotate(&annotator, &texts);
    let stats = annotator.stats();
    let fallbacks: u64 = stats.fallbacks().iter().map(|(_, texts)| texts).sum();
    assert_eq!((stats.failed, stats.bad_answers, stats.queue_full), (2, 2, 6));
    assert_eq!((stats.cache_hits, stats.model_answers, fallbacks), (2, 7, 10));
    assert_eq!(stats.texts, 20);
    let fell_back = annotations.iter().filter(|annotation| annotation.decided_by == DecidedBy::Fallback);
    assert_eq!(fell_back.count() as u64, fallbacks);
}

#[test]
fn an_annotator_can_be_dropped_while_its_model_hangs() {
    let (model, has_come, open) = gated();
    let annotator = asking(&model).model_timeout(Duration::from_millis(1)).build();
    begin_in_vain(&annotator, &parcels(0..1), &has_come);
    drop(annotator);
    // The call ends after all, and with it its thread, the last owner of the model.
    open.send(()).unwrap();
    while Arc::strong_count(&model) > 1 {
        thread::yield_now();
    }
}
