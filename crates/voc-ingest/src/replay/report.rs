//! The results of a replay.

use std::collections::BTreeMap;

use serde::Serialize;
use voc_store::{ColumnData, RowBatch, StrColumn};

use super::stored_range::StoredRange;

/// Maximum number of undecodable records to list.
const EXAMPLES: usize = 20;

/// The results of a replay.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ReplayReport {
    /// Records read.
    pub read: u64,
    /// Rows whose annotation stays the same.
    pub unchanged: u64,
    /// Rows whose sentiment or topic changes.
    pub changed: u64,
    /// Dead letters that become rows, and unknown records that were requested.
    pub new: u64,
    /// Rows whose record can no longer be decoded; they stay as they are.
    pub gone_bad: u64,
    /// The first of these: offset and reason.
    pub gone_bad_examples: Vec<String>,
    /// Dead letters that still cannot be decoded.
    pub still_bad: u64,
    /// Records skipped because the store does not know them.
    pub unknown: u64,
    /// Records skipped because their row or dead letter was erased.
    pub erased: u64,
    /// Records skipped because the store has another event at their offset: the topic was recreated since.
    pub another: u64,
    /// Rows by change of sentiment, such as `negative -> neutral`.
    pub sentiments: BTreeMap<String, u64>,
    /// Rows by change of topic, such as `billing -> none`.
    pub topics: BTreeMap<String, u64>,
}

impl ReplayReport {
    pub(super) fn refused(&mut self, offset: i64, error: &str, stored: &StoredRange) {
        if !stored.rows.contains_key(&offset) {
            self.still_bad += 1;
            return;
        }
        self.gone_bad += 1;
        if self.gone_bad_examples.len() < EXAMPLES {
            self.gone_bad_examples.push(format!("{offset}: {error}"));
        }
    }

    pub(super) fn compare(&mut self, rows: &RowBatch, stored: &StoredRange) {
        let (Some(ColumnData::OptF32(no_sentiment, sentiments)), Some(ColumnData::OptStr(no_topic, topics))) =
            (rows.column("sentiment"), rows.column("topic"))
        else {
            // Without an annotation, another version cannot change anything.
            let (stored, new): (Vec<&i64>, Vec<&i64>) =
                rows.offsets().iter().partition(|offset| stored.rows.contains_key(offset));
            self.unchanged += stored.len() as u64;
            self.new += new.len() as u64;
            return;
        };
        for (place, (offset, topic)) in rows.offsets().iter().zip(StrColumn::iter(topics)).enumerate() {
            let Some(stored) = stored.rows.get(offset) else {
                self.new += 1;
                continue;
            };
            let sentiment = (no_sentiment[place] == 0).then_some(sentiments[place]);
            let topic = (no_topic[place] == 0).then_some(topic);
            if (sentiment, topic) == (stored.sentiment, stored.topic.as_deref()) {
                self.unchanged += 1;
                continue;
            }
            self.changed += 1;
            let (before, now) = (label(stored.sentiment), label(sentiment));
            if before != now {
                *self.sentiments.entry(format!("{before} -> {now}")).or_default() += 1;
            }
            let (before, now) = (stored.topic.as_deref().unwrap_or("none"), topic.unwrap_or("none"));
            if before != now {
                *self.topics.entry(format!("{before} -> {now}")).or_default() += 1;
            }
        }
    }
}

/// The label for the sign of a score.
fn label(sentiment: Option<f32>) -> &'static str {
    match sentiment {
        None => "none",
        Some(score) if score < 0.0 => "negative",
        Some(score) if score > 0.0 => "positive",
        Some(_) => "neutral",
    }
}
