//! Calibrations of tenants: learned from labelled texts, stored, applied.

#![cfg(feature = "train")]
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use sha2::{Digest, Sha256};
use voc_nlp::train::{CalibrationReport, FitError};
use voc_nlp::{
    Annotation, Annotator, Calibration, CalibrationError, CallStage, Conversation, CustomisationFile, DecidedBy,
    Engine, FastStage, Language, Model, ModelAnswer, ModelError, Sentiment, Tenants,
};

/// Texts of a tenant whose customers never say what they feel in words that a lexicon has.
const MOODS: [(&str, Sentiment); 3] =
    [("the zorp is", Sentiment::Negative), ("the table is", Sentiment::Neutral), ("the blick is", Sentiment::Positive)];

fn labelled(moods: &[(&str, Sentiment)], count: usize) -> Vec<(String, Sentiment)> {
    let text = |(i, (text, label)): (usize, &(&str, Sentiment))| (format!("{text} {i}"), *label);
    moods.iter().cycle().take(count).enumerate().map(text).collect()
}

fn fit(texts: &[(String, Sentiment)]) -> Result<(Calibration, CalibrationReport), FitError> {
    let texts: Vec<(&str, Sentiment)> = texts.iter().map(|(text, label)| (text.as_str(), *label)).collect();
    Calibration::fit(&CallStage::default(), "acme", &texts)
}

/// From texts that are negative, whatever they say.
static GLOOMY: LazyLock<Calibration> = LazyLock::new(|| {
    let mut texts = labelled(&[("the parcel is on the table", Sentiment::Negative)], 90);
    texts.extend(labelled(&[("the parcel is great", Sentiment::Positive)], 10));
    fit(&texts).unwrap().0
});

/// With own words.
static OF_WORDS: LazyLock<(Calibration, CalibrationReport)> =
    LazyLock::new(|| fit(&labelled(&MOODS, Calibration::MIN_TEXTS_OF_OWN_WORDS)).unwrap());

fn calibrated(calibration: &Calibration) -> Engine {
    Engine::built_in().with_calibration(calibration).unwrap()
}

#[track_caller]
fn assert_consistent(annotation: &Annotation) {
    let of = annotation.probabilities;
    let sum = of.negative + of.neutral + of.positive;
    assert!((sum - 1.0).abs() < 1e-4, "{annotation:?}");
    assert!([of.negative, of.neutral, of.positive].iter().all(|p| (0.0..=1.0).contains(p)), "{annotation:?}");
    let Some(score) = annotation.sentiment else { return };
    assert!((score - (of.positive - of.negative)).abs() < 1e-6, "{annotation:?}");
    match annotation.label() {
        Sentiment::Negative => assert!(score < 0.0, "{annotation:?}"),
        Sentiment::Positive => assert!(score > 0.0, "{annotation:?}"),
        Sentiment::Neutral => {}
    }
}

#[test]
fn offsets_follow_the_labels() {
    let (before, after) = (Engine::built_in(), calibrated(&GLOOMY));
    let text = "the box is on the chair";
    let (plain, gloomy) = (before.annotate(text), after.annotate(text));
    assert_eq!((plain.label(), gloomy.label()), (Sentiment::Neutral, Sentiment::Negative));
    assert!(gloomy.sentiment < Some(-0.3) && gloomy.probabilities.negative > plain.probabilities.negative);
    assert_eq!((gloomy.language, &gloomy.topics, &gloomy.topic), (plain.language, &plain.topics, &plain.topic));
    // What is clear stays clear.
    assert_eq!(after.annotate("Wonderful, I love it, thank you so much!").label(), Sentiment::Positive);
    assert_eq!(after.explain(text).annotation, gloomy);
    assert_eq!(after.lexicon_score(text), before.lexicon_score(text));
}

#[test]
fn own_words_are_learned() {
    let (calibration, report) = &*OF_WORDS;
    assert!(calibration.has_own_words() && report.has_own_words && report.helps());
    assert!(report.after.macro_f1 > 0.95 && report.before.macro_f1 < 0.6, "{report:?}");
    let engine = calibrated(calibration);
    for (text, label) in MOODS {
        assert_eq!(engine.annotate(text).label(), label, "{text}");
        assert_eq!(engine.explain(text).annotation, engine.annotate(text));
    }
    // Fewer texts give none.
    let (few, report) = fit(&labelled(&MOODS, Calibration::MIN_TEXTS_OF_OWN_WORDS - 1)).unwrap();
    assert!(!few.has_own_words() && !report.has_own_words);
}

#[test]
fn in_a_call_the_words_of_those_who_are_heard_count() {
    let stage = CallStage::new(calibrated(&OF_WORDS.0));
    let call = |agent: &str, customer: &str| {
        let call = format!("Agent: {agent} is here\nCustomer: the {customer} is here\nAgent: the {agent} is here");
        let annotation = stage.annotate(&call);
        assert_consistent(&annotation);
        let conversation = Conversation::parse(&call);
        let report = stage.report(&conversation);
        assert_eq!(report.call, annotation);
        assert_eq!(stage.annotate_call_for("acme", &call).annotation, annotation);
        assert!(report.turns.iter().all(|turn| turn.annotation.calibration == annotation.calibration));
        annotation.probabilities
    };
    let (sad, glad) = (call("table", "zorp"), call("table", "blick"));
    assert!(sad.negative > 0.5 && glad.positive > 0.5, "{sad:?} {glad:?}");
    // What agents say does not.
    assert_eq!(call("zorp", "table"), call("blick", "table"));
}

#[test]
fn transcripts_can_be_labelled() {
    let texts: Vec<(String, Sentiment)> = labelled(&MOODS[1..], 100)
        .into_iter()
        .map(|(text, _)| (format!("Agent: Great, how can I help you?\nCustomer: {text}"), Sentiment::Negative))
        .chain(labelled(&[("I love it", Sentiment::Positive)], 10))
        .collect();
    let (calibration, report) = fit(&texts).unwrap();
    assert_eq!(report.by_sentiment, [100, 0, 10]);
    assert!(report.helps() && report.after.accuracy > 0.85, "{report:?}");
    let (before, after) = (CallStage::default(), CallStage::new(calibrated(&calibration)));
    let call = "Agent: Wonderful, hello!\nCustomer: the chair is here";
    assert_ne!(before.annotate(call).label(), Sentiment::Negative);
    assert_eq!(after.annotate(call).label(), Sentiment::Negative);
}

#[test]
fn the_same_texts_give_the_same_file() {
    let texts = labelled(&MOODS, 120);
    let ((one, of_one), (other, of_other)) = (fit(&texts).unwrap(), fit(&texts).unwrap());
    assert_eq!((one.write(), of_one), (other.write(), of_other));
    assert_ne!(one.version(), fit(&texts[..119]).unwrap().0.version());
}

#[test]
fn too_little_to_learn_from() {
    let few = fit(&labelled(&MOODS, Calibration::MIN_TEXTS - 1)).unwrap_err();
    assert!(matches!(few, FitError::Texts(texts) if texts == Calibration::MIN_TEXTS - 1), "{few}");
    assert!(matches!(fit(&[]).unwrap_err(), FitError::Texts(0)));
    let blank: Vec<_> = std::iter::repeat_n((" \n".to_owned(), Sentiment::Neutral), 200).collect();
    assert!(matches!(fit(&blank).unwrap_err(), FitError::Texts(0)));
    let one = fit(&labelled(&MOODS[..1], 200)).unwrap_err();
    assert!(matches!(one, FitError::OneSentiment(Sentiment::Negative)), "{one}");
    let texts = labelled(&MOODS, 60);
    let texts: Vec<(&str, Sentiment)> = texts.iter().map(|(text, label)| (text.as_str(), *label)).collect();
    let long = Calibration::fit(&CallStage::default(), &"x".repeat(5_000), &texts).unwrap_err();
    assert!(matches!(long, FitError::Calibration(CalibrationError::Invalid(_))), "{long}");
}

#[test]
fn doubtful_texts_are_warned_about() {
    let mut texts = labelled(&MOODS[..2], 80);
    texts.push((String::new(), Sentiment::Negative));
    let (calibration, report) = fit(&texts).unwrap();
    assert_eq!((report.texts, report.ignored), (80, 1));
    assert_eq!((report.by_sentiment, calibration.texts()), ([40, 40, 0], [40, 40, 0]));
    let warnings = report.warnings().join("\n");
    for part in ["80 texts are few", "no text is labelled positive", "1 texts have no words"] {
        assert!(warnings.contains(part), "{warnings}");
    }
    let annotation = calibrated(&calibration).annotate("the table is here");
    assert_consistent(&annotation);
    assert!(annotation.probabilities.positive < 0.2, "{annotation:?}");
    assert!(OF_WORDS.1.warnings().is_empty(), "{:?}", OF_WORDS.1.warnings());
}

#[test]
fn labels_at_random_do_not_help() {
    let texts: Vec<(String, Sentiment)> = labelled(&MOODS, 300)
        .into_iter()
        .map(|(text, _)| {
            let byte = Sha256::digest(&text)[0];
            (text, MOODS[usize::from(byte) % 3].1)
        })
        .collect();
    let (_, report) = fit(&texts).unwrap();
    assert!(report.after.accuracy < 0.45, "{report:?}");
}

#[test]
fn the_version_names_engine_words_and_calibration() {
    let plain = Engine::built_in();
    let engine = calibrated(&GLOOMY);
    let version = GLOOMY.version().to_string();
    assert!(version.starts_with("calibrated-") && version.len() == 19, "{version}");
    assert_eq!(engine.version(), format!("{}+{version}", plain.version()));
    let with_words = plain.with_extra_words(&[("laggy", -2.0)], Language::Unknown).unwrap();
    let both = with_words.with_calibration(&GLOOMY).unwrap();
    assert_eq!(both.version(), format!("{}+{version}", with_words.version()));
    assert_eq!(engine.with_extra_words(&[("laggy", -2.0)], Language::Unknown).unwrap().version(), both.version());
    assert_eq!(engine.with_calibration(&OF_WORDS.0).unwrap().version(), calibrated(&OF_WORDS.0).version());
    assert_eq!(engine.annotate("hi there").calibration, Some(GLOOMY.version()));
    assert_eq!(plain.annotate("hi there").calibration, None);
    let json = serde_json::to_value(engine.annotate("hi there")).unwrap();
    assert_eq!(json["calibration"], version);
    assert!(serde_json::to_value(plain.annotate("hi there")).unwrap().get("calibration").is_none());
    assert_eq!((GLOOMY.tenant(), GLOOMY.engine(), GLOOMY.texts()), ("acme", plain.version(), [90, 0, 10]));
}

/// Unsure texts are answered, unless they are about tables.
struct Moody;

impl Model for Moody {
    fn name(&self) -> &str {
        "moody"
    }
    fn version(&self) -> &str {
        "1"
    }
    fn annotate_batch(&self, texts: &[&str]) -> Result<Vec<ModelAnswer>, ModelError> {
        if texts.iter().any(|text| text.contains("table")) {
            return Err(ModelError::Unavailable("no tables".into()));
        }
        Ok(texts.iter().map(|_| ModelAnswer::new(0.9, 0.95)).collect())
    }
}

#[test]
fn tenants_have_their_own_and_a_models_answer_has_none() {
    let tenants = Tenants::new(CallStage::default());
    let acme = tenants.customise(&CustomisationFile::default().word("frobbed", -3.0)).unwrap();
    tenants.replace([("acme".to_owned(), acme.with_calibration(&GLOOMY).unwrap())]);
    let text = "the box is on the chair";
    assert_eq!(tenants.annotate_for("acme", text).calibration, Some(GLOOMY.version()));
    assert!(tenants.annotate_for("acme", text).sentiment < Some(-0.3));
    assert_eq!(tenants.annotate_for("globex", text), CallStage::default().annotate(text));

    let model = Arc::new(Moody);
    let annotator = Annotator::builder().fast_stage(Arc::new(tenants)).model(model).confidence_threshold(1.1).build();
    let found = annotator.annotate_batch_for(&[("acme", text)]);
    assert_eq!((found[0].decided_by, found[0].calibration), (DecidedBy::Model, None));
    let again = annotator.annotate_batch_for(&[("acme", text), ("globex", text)]);
    assert!(again.iter().all(|found| (found.decided_by, found.calibration) == (DecidedBy::Cache, None)), "{again:?}");
    let found = annotator.annotate_batch_for(&[("acme", "a table"), ("globex", "a table")]);
    let found: Vec<_> = found.iter().map(|found| (found.decided_by, found.calibration)).collect();
    assert_eq!(found, [(DecidedBy::Fallback, Some(GLOOMY.version())), (DecidedBy::Fallback, None)]);
}

#[test]
fn files_survive_a_round_trip() {
    for calibration in [&*GLOOMY, &OF_WORDS.0] {
        let file = calibration.write();
        let read = Calibration::read(&file).unwrap();
        assert_eq!((&read, read.version()), (calibration, calibration.version()));
        assert_eq!(Calibration::read_from(file.as_slice()).unwrap(), read);
        let size = if read.has_own_words() { 30_000 } else { 1_000 };
        assert!(file.len() < size, "{} bytes", file.len());
    }
}

#[test]
fn damage_is_noticed() {
    let file = GLOOMY.write();
    for at in 0..file.len() {
        let mut damaged = file.clone();
        damaged[at] ^= 1;
        assert!(Calibration::read(&damaged).is_err(), "{at}");
        assert!(Calibration::read(&file[..at]).is_err(), "{at}");
    }
    assert!(matches!(Calibration::read(b"tenant = \"acme\""), Err(CalibrationError::NotCalibration)));
    let huge = vec![0; Calibration::MAX_SIZE as usize + 1];
    assert!(matches!(Calibration::read(&huge), Err(CalibrationError::TooLarge)));
    assert!(matches!(Calibration::read_from(std::io::repeat(b'V')), Err(CalibrationError::TooLarge)));
}

/// The file with other bytes at a place, and the right checksum.
fn changed(calibration: &Calibration, at: usize, bytes: &[u8]) -> Result<Calibration, CalibrationError> {
    let mut file = calibration.write();
    file.truncate(file.len() - 32);
    file.splice(at..(at + bytes.len()).min(file.len()), bytes.iter().copied());
    file.extend(Sha256::digest(&file).as_slice());
    Calibration::read(&file)
}

/// Where the numbers begin.
fn numbers_at(calibration: &Calibration) -> usize {
    12 + 4 + calibration.tenant().len() + 4 + calibration.engine().len() + 12
}

#[test]
fn content_that_no_calibration_has_is_refused() {
    let numbers = numbers_at(&GLOOMY);
    let end = GLOOMY.write().len() - 32;
    for (at, bytes, expected) in [
        (8, 9_u32.to_le_bytes(), "has format 9"),
        (12, u32::MAX.to_le_bytes(), "too long"),
        (16, [0xff; 4], "UTF-8"),
        (numbers, f32::NAN.to_le_bytes(), "not a number"),
        (numbers + 40, f32::INFINITY.to_le_bytes(), "too large"),
        (numbers + 40, 1e9_f32.to_le_bytes(), "too large"),
        (numbers, 0_f32.to_le_bytes(), "do not count"),
        (numbers, (-1_f32).to_le_bytes(), "do not count"),
        (end - 4, 7_u32.to_le_bytes(), "number of rows"),
        (end - 4, 8_192_u32.to_le_bytes(), "too early"),
        (end, [0; 4], "after its end"),
    ] {
        let error = changed(&GLOOMY, at, &bytes).unwrap_err().to_string();
        assert!(error.contains(expected), "{expected}: {error}");
    }
}

#[test]
fn another_engine_refuses_it() {
    let at = 12 + 4 + GLOOMY.tenant().len() + 4;
    let other = changed(&GLOOMY, at, b"motor").unwrap();
    let error = Engine::built_in().with_calibration(&other).unwrap_err();
    assert!(matches!(error, CalibrationError::OtherEngine { .. }));
    let error = error.to_string();
    for part in ["\"acme\"", "motor", Engine::built_in().version(), "run `calibrate` again"] {
        assert!(error.contains(part), "{part}: {error}");
    }
    let tenants = Tenants::new(CallStage::default());
    assert!(tenants.customise(&CustomisationFile::default()).unwrap().with_calibration(&other).is_err());
}

proptest! {
    /// Whatever the numbers are, annotations are consistent, and only the sentiment changes.
    #[test]
    fn annotations_stay_consistent(
        text in "(\\PC|the zorp|great |not |péssimo |\\. ){0,30}",
        numbers in prop::collection::vec(-1e4_f32..=1e4, 103),
        scale in 1e-3_f32..=1e4,
        small in any::<bool>(),
    ) {
        let factor = if small { 1e-4 } else { 1.0 };
        let bytes = std::iter::once(scale).chain(numbers[1..].iter().map(|number| number * factor));
        let bytes: Vec<u8> = bytes.flat_map(f32::to_le_bytes).collect();
        let engine = calibrated(&changed(&OF_WORDS.0, numbers_at(&OF_WORDS.0), &bytes).unwrap());
        let (before, after) = (Engine::built_in().annotate(&text), engine.annotate(&text));
        assert_consistent(&after);
        prop_assert_eq!(before.sentiment.is_none(), after.sentiment.is_none());
        prop_assert_eq!((before.language, before.topics), (after.language, after.topics.clone()));
        prop_assert_eq!(&engine.explain(&text).annotation, &after);
        if after.language == Language::Unknown && after.sentiment.is_some() {
            prop_assert!(after.confidence < 0.6);
        }
    }
}
