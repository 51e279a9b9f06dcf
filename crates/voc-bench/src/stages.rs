//! The individual stages, on one core.

use std::hint::black_box;

use voc_events::{DecodeOptions, Envelope, Family as _, FamilyEvent as _, Timestamp, record_text, voc::Voc};
use voc_nlp::Annotator;
use voc_store::{BatchBuilder, Block, InsertBatch, PartitionBy, RowAnnotation, SourceRange, encode_native};

use crate::{annotation, measure::Figure};

/// Rows of an encoded batch.
const BATCH_ROWS: usize = 5_000;

pub(crate) fn measure(events: &[String], rounds: usize) -> anyhow::Result<Vec<Figure>> {
    let (options, envelope) = (DecodeOptions::default(), Envelope::default());
    let voc = Voc::for_topic("voc.events", &options);
    let size = |texts: &[&str]| (texts.len(), texts.iter().map(|text| text.len()).sum());
    let all: Vec<&str> = events.iter().map(String::as_str).collect();

    let decode = Figure::best_of(
        "decode and validate",
        rounds,
        size(&all),
        || Ok(()),
        |()| {
            for event in &all {
                black_box(voc.decode(&record_text(event.as_bytes(), &options.limits)?, &envelope)?);
            }
            Ok(())
        },
    )?;

    let mut decoded = Vec::with_capacity(all.len());
    for event in &all {
        decoded.push(voc.decode(event, &envelope)?.event);
    }
    let texts: Vec<&str> = decoded.iter().filter_map(|event| event.text()).collect();
    let of_tenants: Vec<(&str, &str)> = texts.iter().map(|text| ("", *text)).collect();
    let annotator = Annotator::default();
    let annotate = Figure::best_of(
        "annotate (transcripts)",
        rounds,
        size(&texts),
        || Ok(()),
        |()| {
            for chunk in of_tenants.chunks(100) {
                black_box(annotator.annotate_calls_for(chunk));
            }
            Ok(())
        },
    )?;

    let annotation = RowAnnotation {
        sentiment: Some(0.5),
        topic: Some("billing"),
        confidence: Some(0.9),
        language: "en",
        decided_by: "fast",
        ..RowAnnotation::default()
    };
    let build = |events: &[voc_events::voc::VocEvent<'_>], texts: &[&str]| -> anyhow::Result<InsertBatch> {
        let mut builder = BatchBuilder::new(Voc::TABLE, PartitionBy::Month);
        for ((event, payload), offset) in events.iter().zip(texts).zip(0..) {
            builder.push(event, payload, &annotation, offset)?;
        }
        let range = SourceRange { family: Voc::NAME, topic: "bench".into(), partition: 0, epoch: 0, first: 0, last: 0 };
        Ok(builder.seal(range, Timestamp::from_millis(0)))
    };
    let columns = Figure::best_of(
        "rows into columns",
        rounds,
        size(&all),
        || Ok(()),
        |()| {
            for (events, texts) in decoded.chunks(BATCH_ROWS).zip(all.chunks(BATCH_ROWS)) {
                black_box(build(events, texts)?);
            }
            Ok(())
        },
    )?;

    let batches: Vec<std::sync::Arc<InsertBatch>> = decoded
        .chunks(BATCH_ROWS)
        .zip(all.chunks(BATCH_ROWS))
        .map(|(events, texts)| build(events, texts).map(std::sync::Arc::new))
        .collect::<anyhow::Result<_>>()?;
    let encode = Figure::best_of(
        "encode batches (Native)",
        rounds,
        size(&all),
        || Ok(()),
        |()| {
            for batch in &batches {
                for block in (0..batch.parts.len()).filter_map(|part| Block::of_part(batch, part)) {
                    black_box(encode_native(&block));
                }
            }
            Ok(())
        },
    )?;
    let annotate = std::iter::once(annotate).chain(annotation::measure(&texts, rounds)?);
    Ok(std::iter::once(decode).chain(annotate).chain([columns, encode]).collect())
}
