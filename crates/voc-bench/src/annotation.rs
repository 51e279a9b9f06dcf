//! The cost of each stage of annotating, on one core.

use std::{hint::black_box, sync::Arc};

use voc_nlp::{Annotator, AnswerCache, CacheKey, CallStage, FastStage as _, Model, ModelAnswer, ModelError};

use crate::measure::Figure;

/// Look-ups per round, over the same keys again.
const LOOKUPS: usize = 100_000;

/// Answers at once, so that only the stages before it are measured.
struct Instant;

impl Model for Instant {
    fn name(&self) -> &str {
        "instant"
    }

    fn version(&self) -> &str {
        "1"
    }

    fn annotate_batch(&self, texts: &[&str]) -> Result<Vec<ModelAnswer>, ModelError> {
        Ok(vec![ModelAnswer::new(0.5, 0.9); texts.len()])
    }
}

pub(crate) fn measure(texts: &[&str], rounds: usize) -> anyhow::Result<Vec<Figure>> {
    let size = (texts.len(), texts.iter().map(|text| text.len()).sum());
    let stage = CallStage::default();
    let fast = Figure::best_of(
        "  fast stage alone",
        rounds,
        size,
        || Ok(()),
        |()| {
            texts.iter().for_each(|text| drop(black_box(stage.annotate(text))));
            Ok(())
        },
    )?;

    let facts = Figure::best_of(
        "  fast stage with facts of calls",
        rounds,
        size,
        || Ok(()),
        |()| {
            texts.iter().for_each(|text| drop(black_box(stage.annotate_call_for("", text))));
            Ok(())
        },
    )?;

    let without_model = Annotator::default();
    let staged = Figure::best_of(
        "  staged, no model",
        rounds,
        size,
        || Ok(()),
        |()| {
            texts.iter().for_each(|text| drop(black_box(without_model.annotate(text))));
            Ok(())
        },
    )?;

    // Every text is in the cache, and none has enough confidence.
    let some = &texts[..texts.len().min(5_000)];
    let with_model = Annotator::builder()
        .model(Arc::new(Instant))
        .confidence_threshold(2.0)
        .cache_capacity(some.len() * 16)
        .model_queue(some.len())
        .build();
    with_model.annotate_batch(some);
    let cached = Figure::best_of(
        "  staged, all answers cached",
        rounds,
        (some.len(), some.iter().map(|text| text.len()).sum()),
        || Ok(()),
        |()| {
            some.iter().for_each(|text| drop(black_box(with_model.annotate(text))));
            Ok(())
        },
    )?;

    let cache = AnswerCache::new(&Instant, 10_000);
    let key = Figure::best_of(
        "  key of a transcript (SHA-256)",
        rounds,
        size,
        || Ok(()),
        |()| {
            texts.iter().for_each(|text| {
                black_box(cache.key(text));
            });
            Ok(())
        },
    )?;

    let keys: Vec<CacheKey> = (0..5_000).map(|number: u32| cache.key(&number.to_string())).collect();
    keys.iter().for_each(|key| cache.insert(*key, ModelAnswer::new(0.5, 0.9)));
    let hit = Figure::best_of(
        "  cached answer, key known",
        rounds,
        (LOOKUPS, LOOKUPS * size_of::<CacheKey>()),
        || Ok(()),
        |()| {
            keys.iter().cycle().take(LOOKUPS).for_each(|key| drop(black_box(cache.get(key))));
            Ok(())
        },
    )?;
    Ok(vec![fast, facts, staged, cached, key, hit])
}
