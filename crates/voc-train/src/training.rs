//! Trains weights on labelled texts and lexicons.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use sha2::{Digest, Sha256};
use voc_nlp::Language;
use voc_nlp::train::regression::{self, FULL, Penalty, Prediction, ROUGH, Sample, Weights};
use voc_nlp::train::{
    COLUMNS, Extractor, Features, LANGUAGE_FEATURES, LearnedWeights, ROW_TOPIC_FEATURES, SENTIMENT_FEATURES,
    SENTIMENTS, TOPIC_CLASSES, TOPIC_FEATURES, TOPICS_IN_ROWS, TRACKS,
};

use crate::corpus::{Domain, LabelledText};

/// Rows of the table.
pub(crate) const ROWS: usize = 63 * 1024;

/// Strength of the regularisation of weights.
const SENTIMENT_PENALTY: Penalty = Penalty { rows: 2.5e-3, features: 1e-4 };
const TOPIC_PENALTY: Penalty = Penalty { rows: 3.2e-5, features: 0.05 };
/// The total weight of texts about other subjects, relative to all topics' texts.
const BACKGROUND: f32 = 0.1;
/// With fewer Portuguese texts with topics than this, the rows learn nothing about Portuguese; with fewer texts with
/// sentiments, the sentiments do not depend on the language.
const ENOUGH_PORTUGUESE: usize = 200;
/// One in this many texts of the training domains is held out to calibrate the confidence for such texts.
const SEEN_FOLDS: usize = 5;
/// Below this score the best topic is dropped.
const LEAST_TOPIC_SCORE: f32 = 0.22;

/// Words of lexicons with their valences by language.
pub(crate) type Words = Vec<(String, [f32; TRACKS])>;

/// Converts texts to samples.
pub(crate) struct Trainer {
    words: Words,
    extractor: Extractor,
}

/// The targets of training.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Targets {
    All,
    Sentiments,
    Topics,
}

/// Some texts of a domain.
pub(crate) struct Part<'a> {
    pub(crate) domain: &'a Domain,
    pub(crate) texts: Vec<&'a LabelledText>,
}

impl<'a> Part<'a> {
    pub(crate) fn whole(domain: &'a Domain) -> Self {
        Self { domain, texts: domain.texts.iter().collect() }
    }
}

type SentimentSample = Sample<SENTIMENT_FEATURES, SENTIMENTS>;
type SentimentWeights = Weights<SENTIMENT_FEATURES, SENTIMENTS>;
/// The topics with columns in the rows, the weights of all topics without rows, and the temperature of the former.
type TopicWeights = (Weights<ROW_TOPIC_FEATURES, TOPICS_IN_ROWS>, Weights<TOPIC_FEATURES, TOPIC_CLASSES>, f32);

impl Trainer {
    pub(crate) fn new(words: Words) -> Self {
        Self { extractor: Extractor::new(words.clone(), ROWS), words }
    }

    /// The file of weights trained on these texts; anything that is not trained is 0.
    pub(crate) fn train(&self, parts: &[Part<'_>], what: Targets) -> Result<Vec<u8>> {
        let (topics, sentiments): (Vec<&Part<'_>>, Vec<&Part<'_>>) =
            parts.iter().partition(|part| part.domain.is_topics());
        if topics.is_empty() || sentiments.is_empty() {
            bail!("weights need texts with sentiments and texts with topics");
        }
        let topics: Vec<ExtractedDomain<'_>> = topics.into_iter().map(|part| self.extract(part)).collect();
        let sentiments: Vec<ExtractedDomain<'_>> = sentiments.into_iter().map(|part| self.extract(part)).collect();

        let (sentiment, sentiment_temperature) =
            if what == Targets::Topics { (Weights::zero(ROWS), 1.0) } else { learn_sentiments(&sentiments) };
        let (topic, topic_alone, topic_temperature) = if what == Targets::Sentiments {
            (Weights::zero(ROWS), Weights::zero(ROWS), 1.0)
        } else {
            learn_topics(&topics, &sentiments)
        };

        let is_portuguese = |(features, _): &&(Features, &LabelledText)| features.language == Language::Pt;
        let portuguese = topics.iter().flat_map(|domain| &domain.texts).filter(is_portuguese).count();
        let rows = sentiment.rows.iter().zip(&topic.rows).map(|(sentiment, topic)| {
            let mut row = [0.0; COLUMNS];
            for (to, from) in row.iter_mut().zip(sentiment.iter().chain(topic)) {
                *to = *from;
            }
            row
        });
        let mut learned = LearnedWeights {
            name: String::new(),
            words: self.words.clone(),
            rows: rows.collect(),
            sentiment_head: sentiment.features,
            sentiment_temperature,
            topic_head: with_topic_prior(topic.features),
            topic_head_alone: with_topic_prior(topic_alone.features),
            topic_temperature,
            topics_in_portuguese: portuguese >= ENOUGH_PORTUGUESE,
            least_topic_score: LEAST_TOPIC_SCORE,
        };
        let digest = Sha256::digest(learned.file());
        learned.name = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        Ok(learned.file())
    }

    fn extract<'a>(&self, part: &Part<'a>) -> ExtractedDomain<'a> {
        let features = |text: &&'a LabelledText| Some((self.extractor.features(&text.text)?, *text));
        ExtractedDomain { file: part.domain.file(), texts: part.texts.iter().filter_map(features).collect() }
    }
}

/// A domain's texts with their features.
struct ExtractedDomain<'a> {
    file: &'a str,
    texts: Vec<(Features, &'a LabelledText)>,
}

/// The total weight of a domain's texts: a file is weighted by the square root of its size, and its domains have equal
/// weights.
fn file_weight(domain: &ExtractedDomain<'_>, all: &[ExtractedDomain<'_>]) -> f32 {
    let of_file: Vec<usize> =
        all.iter().filter(|other| other.file == domain.file).map(|other| other.texts.len()).collect();
    (of_file.iter().sum::<usize>() as f32).sqrt() / of_file.len() as f32
}

fn learn_sentiments(sentiments: &[ExtractedDomain<'_>]) -> (SentimentWeights, f32) {
    let domains: Vec<_> = sentiments.iter().map(|of| sentiment_samples(of, file_weight(of, sentiments))).collect();
    let temperature = temperature(&domains, false, false, |samples| fit_sentiments(samples, ROUGH));
    (fit_sentiments(&domains.concat(), FULL), temperature)
}

fn learn_topics(topics: &[ExtractedDomain<'_>], sentiments: &[ExtractedDomain<'_>]) -> TopicWeights {
    let in_rows =
        |(features, text): &(Features, &LabelledText)| topic_sample(features, features.row_topics, Some(text.class()));
    let domains: Vec<_> = topics.iter().map(|of| topic_samples(of, file_weight(of, topics), in_rows)).collect();
    let others = background(sentiments, |features| topic_sample(features, features.row_topics, None));
    // What belongs to a topic is a convention: the training domains show how well it is known, the others how well it
    // generalises.
    let temperature = temperature(&domains, true, true, |samples| fit_topics(samples, &others, true, ROUGH));
    let with_rows = fit_topics(&domains.concat(), &others, true, FULL);

    let alone = |(features, text): &(Features, &LabelledText)| topic_sample(features, features.topics, text.topic());
    let all: Vec<_> = topics.iter().flat_map(|of| topic_samples(of, file_weight(of, topics), alone)).collect();
    let others = background(sentiments, |features| topic_sample(features, features.topics, None));
    (with_rows, fit_topics(&all, &others, false, FULL), temperature)
}

fn fit_sentiments(samples: &[SentimentSample], iterations: usize) -> SentimentWeights {
    let is_portuguese = |sample: &&SentimentSample| sample.features[LANGUAGE_FEATURES.start + 1] != 0.0;
    if samples.iter().filter(is_portuguese).count() >= ENOUGH_PORTUGUESE {
        return regression::fit(samples, ROWS, false, true, SENTIMENT_PENALTY, iterations);
    }
    // A few texts, most likely misjudged, say nothing about a language.
    let of_any_language = |mut sample: SentimentSample| {
        sample.features[LANGUAGE_FEATURES].fill(0.0);
        sample
    };
    let samples: Vec<_> = samples.iter().cloned().map(of_any_language).collect();
    regression::fit(&samples, ROWS, false, true, SENTIMENT_PENALTY, iterations)
}

fn fit_topics<const FEATURES: usize, const CLASSES: usize>(
    samples: &[Sample<FEATURES, CLASSES>],
    background: &[Sample<FEATURES, CLASSES>],
    with_rows: bool,
    iterations: usize,
) -> Weights<FEATURES, CLASSES> {
    let of_background: f32 = background.iter().map(|sample| sample.weight).sum();
    let of_topics: f32 = samples.iter().map(|sample| sample.weight).sum();
    let mut all = samples.to_vec();
    all.extend(background.iter().cloned().map(|mut sample| {
        sample.weight *= BACKGROUND * of_topics / of_background;
        sample
    }));
    // The weights of topics without texts stay what they are a priori.
    let is_unseen = |class: usize| samples.iter().all(|sample| sample.target[class] == 0.0);
    for class in (0..CLASSES).filter(|class| is_unseen(*class)) {
        all.iter_mut().for_each(|sample| sample.prior[class] = f32::NEG_INFINITY);
    }
    regression::fit(&all, ROWS, true, with_rows, TOPIC_PENALTY, iterations)
}

/// The prior weights of the hand-made lists of topics' words: the weights of a topic's own two features, and its
/// constant in any text. The labels of one domain are too special to unlearn that the internet is technical.
const TOPIC_PRIOR: [f32; 3] = [1.2, 1.5, -0.8];

fn topic_prior<const FEATURES: usize, const CLASSES: usize>(features: &[f32; FEATURES]) -> [f32; CLASSES] {
    let [by_weight, by_share, always] = TOPIC_PRIOR;
    std::array::from_fn(|topic| by_weight * features[topic] + by_share * features[topic + CLASSES] + always)
}

fn with_topic_prior<const FEATURES: usize, const CLASSES: usize>(
    mut head: [[f32; CLASSES]; FEATURES],
) -> [[f32; CLASSES]; FEATURES] {
    for topic in 0..CLASSES {
        let [by_weight, by_share, always] = TOPIC_PRIOR;
        head[topic][topic] += by_weight;
        head[topic + CLASSES][topic] += by_share;
        head[2 * CLASSES][topic] += always;
    }
    head
}

/// Samples of one domain. All sentiments have the same total weight, however many texts they have.
fn sentiment_samples(domain: &ExtractedDomain<'_>, weight: f32) -> Vec<SentimentSample> {
    let counts = counts(domain);
    let sample = |(features, text): &(Features, &LabelledText)| Sample {
        rows: features.rows.clone(),
        damping: features.damping,
        features: features.sentiment,
        prior: features.prior,
        target: text.sentiments(),
        weight: weight / (counts.len() * counts[&text.class()]) as f32,
    };
    domain.texts.iter().map(sample).collect()
}

/// Samples of one domain, all with the same weight.
fn topic_samples<const FEATURES: usize, const CLASSES: usize>(
    domain: &ExtractedDomain<'_>,
    weight: f32,
    sample: impl Fn(&(Features, &LabelledText)) -> Sample<FEATURES, CLASSES>,
) -> Vec<Sample<FEATURES, CLASSES>> {
    let weight = weight / domain.texts.len() as f32;
    domain.texts.iter().map(|text| Sample { weight, ..sample(text) }).collect()
}

/// Texts about none of the topics: those that were collected for their sentiment. Only English ones, because without
/// Portuguese texts about topics, Portuguese words would speak against all of them.
fn background<const FEATURES: usize, const CLASSES: usize>(
    sentiments: &[ExtractedDomain<'_>],
    sample: impl Fn(&Features) -> Sample<FEATURES, CLASSES>,
) -> Vec<Sample<FEATURES, CLASSES>> {
    let texts =
        sentiments.iter().flat_map(|domain| &domain.texts).filter(|(features, _)| features.language != Language::Pt);
    texts.map(|(features, _)| sample(features)).collect()
}

fn topic_sample<const FEATURES: usize, const CLASSES: usize>(
    of_text: &Features,
    features: [f32; FEATURES],
    topic: Option<usize>,
) -> Sample<FEATURES, CLASSES> {
    Sample {
        rows: of_text.rows.clone(),
        damping: of_text.damping,
        features,
        prior: topic_prior(&features),
        target: std::array::from_fn(|class| f32::from(u8::from(topic == Some(class)))),
        weight: 1.0,
    }
}

fn counts(domain: &ExtractedDomain<'_>) -> BTreeMap<usize, usize> {
    let mut counts = BTreeMap::new();
    for (_, text) in &domain.texts {
        *counts.entry(text.class()).or_default() += 1;
    }
    counts
}

/// The temperature for texts of unseen domains: each domain in turn is held out. 1 if there is only one.
///
/// With `and_seen` it is calibrated for such texts and an equal number of unseen texts of seen domains.
fn temperature<const FEATURES: usize, const CLASSES: usize>(
    domains: &[Vec<Sample<FEATURES, CLASSES>>],
    with_none: bool,
    and_seen: bool,
    fit: impl Fn(&[Sample<FEATURES, CLASSES>]) -> Weights<FEATURES, CLASSES>,
) -> f32 {
    if domains.len() < 2 {
        return 1.0;
    }
    let mut predictions = Vec::new();
    let mut predict = |is_out: &dyn Fn(usize, usize) -> bool| {
        let numbered = || domains.iter().enumerate().map(|(d, domain)| (d, domain.iter().enumerate()));
        let learned: Vec<_> = numbered()
            .flat_map(|(d, texts)| texts.filter(move |(t, _)| !is_out(d, *t)).map(|(_, sample)| sample.clone()))
            .collect();
        let weights = fit(&learned);
        for (d, texts) in numbered() {
            let out: Vec<_> = texts.filter(|(t, _)| is_out(d, *t)).map(|(_, sample)| sample).collect();
            let weight = 1.0 / out.len() as f64;
            predictions.extend(out.into_iter().map(|sample| Prediction {
                logits: weights.logits(sample),
                added: [0.0; CLASSES],
                target: sample.target,
                weight,
            }));
        }
    };
    for out in 0..domains.len() {
        predict(&|domain, _| domain == out);
    }
    if and_seen {
        predict(&|_, text| text % SEEN_FOLDS == 0);
    }
    regression::temperature(&predictions, with_none)
}

#[cfg(test)]
mod tests {
    use voc_nlp::{Engine, FastStage, Sentiment};

    use super::*;
    use crate::corpus::Gold;

    fn domain(name: &str, texts: &[(&str, Gold)]) -> Domain {
        let labelled =
            |(text, gold): &(&str, Gold)| LabelledText { text: (*text).to_owned(), split: String::new(), gold: *gold };
        Domain { name: name.to_owned(), texts: texts.iter().map(labelled).collect() }
    }

    /// Words that no lexicon contains, repeated often enough to be learned.
    fn domains() -> Vec<Domain> {
        let sentiment = |label| Gold::Sentiment { label, rating: None };
        let moods = [
            ("the zorp is here", sentiment(Sentiment::Negative)),
            ("the table is here", sentiment(Sentiment::Neutral)),
            ("the blick is here", sentiment(Sentiment::Positive)),
        ];
        let topic = |topic| Gold::Topic { topic: Some(topic), in_rows: topic };
        let topics = [("where is the quux", topic(0)), ("where is the fnord", topic(1))];
        vec![
            domain("a", &moods.repeat(20)),
            domain("b", &moods.repeat(10)),
            domain("c", &topics.repeat(20)),
            domain("d", &topics.repeat(10)),
        ]
    }

    fn train(domains: &[Domain]) -> Result<Vec<u8>> {
        Trainer::new(Vec::new()).train(&domains.iter().map(Part::whole).collect::<Vec<_>>(), Targets::All)
    }

    #[test]
    fn the_same_texts_give_the_same_bytes() {
        let (once, again) = (train(&domains()).unwrap(), train(&domains()).unwrap());
        assert_eq!(once, again);
        let others: Vec<Domain> = domains().into_iter().filter(|domain| domain.name != "b").collect();
        assert_ne!(once, train(&others).unwrap());
    }

    #[test]
    fn what_was_learned_is_known() {
        let engine = Engine::load(&train(&domains()).unwrap()).unwrap();
        assert_eq!(engine.annotate("a zorp").label(), Sentiment::Negative);
        assert_eq!(engine.annotate("a blick").label(), Sentiment::Positive);
        let best = |text: &str| engine.annotate(text).topics.first().map(|best| best.topic.to_string());
        assert_eq!(best("the quux").as_deref(), Some("billing"));
        assert_eq!(best("the fnord").as_deref(), Some("technical"));
        // No text is about this one: its list has its prior weights.
        assert_eq!(best("the cashier was rude").as_deref(), Some("staff"));
    }

    #[test]
    fn both_kinds_of_texts_are_needed() {
        let error = train(&domains()[..2]).unwrap_err().to_string();
        assert!(error.contains("texts with topics"), "{error}");
    }
}
