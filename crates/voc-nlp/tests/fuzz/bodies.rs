//! The bodies of the fuzz targets. The tests run them on the seeds and on random texts, `cargo fuzz` on what it finds.

use std::sync::{Arc, LazyLock};

use sha2::{Digest, Sha256};
use voc_nlp::{
    Calibration, CallStage, Conversation, Engine, FastStage, Language, PersonalData, Probabilities, Redactor, Taxonomy,
    TaxonomyFile, TopicEntry,
};

/// The beginning of files of weights: a word and the version of their format.
pub(crate) const WEIGHTS_HEAD: &[u8] = b"VOCNLPWT\x03\0\0\0";

/// Texts that use many of the weights.
const WEIGHED: [&str; 5] = [
    "The refund never came, and the app is not working. TERRIBLE!!! 😡 :(",
    "Não gostei, a cobrança está errada e ninguém resolve. Ótimo, né? Muito obrigado!",
    "Agent: Happy to help! Customer: My order never arrived, but you were sooo nice.",
    "zzz",
    "",
];

static CALLS: LazyLock<CallStage> = LazyLock::new(CallStage::default);

fn text(data: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(data)
}

/// The engine has an answer to any text, in range, with evidence that is part of it.
pub(crate) fn words(data: &[u8]) {
    let text = text(data);
    let engine = Engine::built_in();
    let explanation = engine.explain(&text);
    assert_eq!(explanation.annotation, engine.annotate(&text));
    assert!(explanation.annotation.sentiment.is_none_or(|score| (-1.0..=1.0).contains(&score)));
    assert!((0.0..=1.0).contains(&explanation.annotation.confidence));
    for evidence in explanation.evidence {
        assert!(text.get(evidence.start..evidence.end).is_some_and(|words| !words.is_empty()), "{evidence:?}");
        assert!(evidence.weight.is_finite());
    }
}

/// Turns are parts of the text, in its order; a call's report agrees with its annotation.
pub(crate) fn turns(data: &[u8]) {
    let text = text(data);
    let mut last = 0;
    let conversation = Conversation::parse(&text);
    for turn in conversation.turns() {
        assert!(last <= turn.start && turn.start < turn.end);
        assert_eq!(conversation.text().get(turn.start..turn.end), Some(turn.text));
        last = turn.end;
    }
    let report = CALLS.report(&conversation);
    assert_eq!(report.call, CALLS.annotate(&text));
    for turn in &report.turns {
        let is_within = |start, end| turn.turn.start <= start && end <= turn.turn.end;
        assert!(turn.evidence.iter().all(|evidence| is_within(evidence.start, evidence.end)));
    }
}

/// Findings are parts of the text, in its order, and are gone from the redacted text.
pub(crate) fn redaction(data: &[u8]) {
    let text = text(data);
    let redactor = Redactor::default();
    let mut expected = String::new();
    let mut last = 0;
    for finding in redactor.find(&text) {
        assert!(last <= finding.start && finding.start < finding.end);
        expected.push_str(&text[last..finding.start]);
        expected.push_str(finding.kind.tag());
        last = finding.end;
    }
    expected.push_str(&text[last..]);
    assert_eq!(redactor.redact(&text), expected);
    let none = PersonalData::ALL.into_iter().fold(redactor, Redactor::without);
    assert_eq!(none.redact(&text), text);
    // Whether orders' numbers are found changes nothing that begins before the first of them.
    let with_orders = redactor.order_numbers(true);
    let (with, without) = (with_orders.find(&text).next(), redactor.find(&text).next());
    assert!(with == without || with.is_some_and(|found| found.kind == PersonalData::Number), "{with:?} {without:?}");
}

/// Each line of the text is a phrase, if it can be; the mentions in the whole are parts of it.
pub(crate) fn taxonomy(data: &[u8]) {
    let text = text(data);
    let topics = text.lines().take(20).enumerate().map(|(i, line)| TopicEntry::new(i.to_string()).phrases([line]));
    let usable = topics.filter(|topic| Taxonomy::new(&TaxonomyFile::new([topic.clone()])).is_ok());
    let taxonomy = Arc::new(Taxonomy::new(&TaxonomyFile::new(usable)).expect("each topic is usable"));
    let mut last = (0, 0);
    for mention in taxonomy.mentions(&text, Language::Unknown) {
        assert!(text.get(mention.start..mention.end).is_some_and(|words| !words.is_empty()), "{mention:?}");
        assert!(last.1 <= mention.start || last == (mention.start, mention.end), "{mention:?} after {last:?}");
        last = (mention.start, mention.end);
    }
    let stage = CallStage::default().with_taxonomy(taxonomy);
    let conversation = Conversation::parse(&text);
    for mention in stage.report(&conversation).topics.iter().flat_map(|topic| &topic.mentions) {
        assert!(conversation.text().get(mention.start..mention.end).is_some(), "{mention:?}");
    }
}

/// Weights are rejected, or yield an engine whose answers are in range. The bytes are a file without its head and its
/// checksum, which would prevent almost any other content from being read.
pub(crate) fn weights(data: &[u8]) {
    let _ = Engine::load(data);
    let mut file = [WEIGHTS_HEAD, data].concat();
    file.extend(Sha256::digest(&file).as_slice());
    let Ok(engine) = Engine::load(&file) else { return };
    let is_share = |share: f32| (0.0..=1.0).contains(&share);
    let long = WEIGHED.concat().repeat(100);
    for text in WEIGHED.into_iter().chain([long.as_str()]) {
        let annotation = engine.annotate(text);
        assert_eq!(engine.explain(text).annotation, annotation);
        assert!(annotation.sentiment.is_none_or(|score| (-1.0..=1.0).contains(&score)), "{annotation:?}");
        let Probabilities { negative, neutral, positive } = annotation.probabilities;
        assert!([negative, neutral, positive, annotation.confidence].into_iter().all(is_share), "{annotation:?}");
        assert!((negative + neutral + positive - 1.0).abs() < 1e-4, "{annotation:?}");
        assert!(annotation.topics.iter().all(|topic| is_share(topic.score)), "{annotation:?}");
        assert!((-1.0..=1.0).contains(&engine.lexicon_score(text)));
    }
}

/// What precedes the counts and numbers of a calibration: an empty tenant, and the built-in engine.
fn calibration_head() -> Vec<u8> {
    let built_in = Engine::built_in();
    let engine = built_in.version();
    [b"VOCNLPCA\x01\0\0\0\0\0\0\0".as_slice(), &(engine.len() as u32).to_le_bytes(), engine.as_bytes()].concat()
}

/// Calibrations are rejected, or yield an engine whose answers are in range. The bytes are a file without its head and
/// its checksum.
pub(crate) fn calibration(data: &[u8]) {
    let _ = Calibration::read(data);
    let mut file = [&calibration_head(), data].concat();
    file.extend(Sha256::digest(&file).as_slice());
    let Ok(calibration) = Calibration::read(&file) else { return };
    assert_eq!(calibration.write(), file);
    let engine = Engine::built_in().with_calibration(&calibration).expect("it was made with this engine");
    for text in WEIGHED {
        let annotation = engine.annotate(text);
        assert_eq!(engine.explain(text).annotation, annotation);
        let Probabilities { negative, neutral, positive } = annotation.probabilities;
        assert!((negative + neutral + positive - 1.0).abs() < 1e-4, "{annotation:?}");
        assert!(annotation.sentiment.is_none_or(|score| (-1.0..=1.0).contains(&score)), "{annotation:?}");
    }
}
