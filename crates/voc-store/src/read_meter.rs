//! How many rows are read for questions.

use std::{fmt, sync::Arc};

/// Learns how many rows a store reads, while it reads them. So what a question has cost is known even if it fails, or
/// if nobody waits for its answer any more.
///
/// ```
/// use std::sync::{
///     Arc,
///     atomic::{AtomicU64, Ordering},
/// };
/// use voc_store::ReadMeter;
///
/// let rows = Arc::new(AtomicU64::new(0));
/// let counted = Arc::clone(&rows);
/// let meter = ReadMeter::new(move |rows| _ = counted.fetch_add(rows, Ordering::Relaxed));
/// meter.add(8192);
/// meter.clone().add(100);
/// assert_eq!(rows.load(Ordering::Relaxed), 8292);
/// // By default nobody is told.
/// ReadMeter::default().add(1);
/// ```
#[derive(Clone, Default)]
pub struct ReadMeter(Option<Arc<dyn Fn(u64) + Send + Sync>>);

impl ReadMeter {
    /// A meter that passes on each number of rows.
    pub fn new(report: impl Fn(u64) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(report)))
    }

    /// Rows that were read since the last call.
    pub fn add(&self, rows: u64) {
        if let Some(report) = self.0.as_ref().filter(|_| rows > 0) {
            report(rows);
        }
    }
}

impl fmt::Debug for ReadMeter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReadMeter")
    }
}
