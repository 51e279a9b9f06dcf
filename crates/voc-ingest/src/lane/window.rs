//! The recent window of a lane that takes over a partition: what the previous owner knew, as far as it is stored.
//!
//! Without it, resends after a change of owners would be stored, and a re-inserted batch would store resends that its
//! first attempt had dropped.

use std::{ops::RangeInclusive, time::Duration};

use voc_events::{Family, Timestamp};
use voc_store::{RecentEvent, RecentRange};

use super::LaneContext;
use crate::{RecentSettings, TopicPartition, backoff::Backoff, clock::now_utc};

/// How long to wait for the store. The lane takes no records before the answer, so it must not wait for an unavailable
/// store.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The waits between attempts: short enough that a store that is back in time is asked in time.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// The newest events before an offset. Empty, with a warning, if the store does not answer in time.
pub(super) async fn newest_events<F: Family>(
    context: &LaneContext,
    partition: &TopicPartition,
    epochs: RangeInclusive<i64>,
    before: i64,
) -> Vec<RecentEvent> {
    let RecentSettings { events, keep } = context.recent;
    if events == 0 {
        return Vec::new();
    }
    let since = now_utc().as_millis().saturating_sub(i64::try_from(keep.as_millis()).unwrap_or(i64::MAX));
    let range = RecentRange {
        table: F::TABLE,
        topic: partition.topic.clone(),
        partition: partition.partition,
        epochs,
        before,
        // As many as a window holds at most. Knowing more than the previous owner is harmless, because these events
        // are stored.
        events: events.saturating_mul(2),
        since: Timestamp::from_millis(since),
    };
    let mut reason = format!("no answer within {TIMEOUT:?}");
    let answer = async {
        let mut backoff = Backoff::new(FIRST_WAIT, LONGEST_WAIT);
        loop {
            match context.store.recent_events(&range).await {
                Ok(newest) => return Some(newest),
                Err(error) => {
                    reason = error.to_string();
                    if !error.is_retryable() {
                        return None;
                    }
                }
            }
            tokio::time::sleep(backoff.next_wait()).await;
        }
    };
    if let Ok(Some(newest)) = tokio::time::timeout(TIMEOUT, answer).await {
        return newest;
    }
    tracing::warn!(%partition, reason, "the recent window begins empty: resent events may be stored again");
    Vec::new()
}
