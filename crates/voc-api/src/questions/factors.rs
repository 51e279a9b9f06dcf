//! What may drive the sentiment of calls.

use voc_events::Table;
use voc_store::{Factor, QueryError};

/// The kinds of values that are compared.
pub(crate) const KINDS: [&str; 4] = ["topic", "agent", "tool", "quality"];
/// Where the bands of the mean opinion score begin in which nearly all users are dissatisfied, many, some, none, and
/// in which they are very satisfied (ITU-T G.107, Annex B).
const MOS_BANDS: [f64; 5] = [2.58, 3.1, 3.6, 4.03, 4.34];

/// A kind as a factor of the store.
pub(super) fn factor(table: &Table, kind: &str) -> Result<Factor, QueryError> {
    let factor = match kind {
        "agent" => Factor::of_values(table, "agent_id")?,
        "tool" => Factor::of_values(table, "tool_name")?,
        "quality" => Factor::of_bands(table, "call_quality.mos", &MOS_BANDS)?,
        _ => Factor::of_values(table, "topic")?,
    };
    Ok(factor.named(kind))
}
