//! Whether an engine to which only this process writes may have got rows since a look at its tables.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Counts statements that may write.
#[derive(Debug, Default)]
pub(crate) struct Writes {
    begun: AtomicU64,
    under_way: AtomicU64,
}

/// A statement that may write, until it is dropped.
#[derive(Debug)]
pub(crate) struct WriteUnderWay(Arc<Writes>);

impl Writes {
    /// To be called before the statement is run, and dropped after its rows are visible.
    pub(crate) fn begin(self: &Arc<Self>) -> WriteUnderWay {
        // In this order, so that `mark` sees one or the other.
        self.under_way.fetch_add(1, Ordering::SeqCst);
        self.begun.fetch_add(1, Ordering::SeqCst);
        WriteUnderWay(Arc::clone(self))
    }

    /// A mark of now, from which it can be told later whether a statement has begun since. `None` while one runs,
    /// whose rows may become visible at any time.
    pub(crate) fn mark(&self) -> Option<u64> {
        let begun = self.begun.load(Ordering::SeqCst);
        (self.under_way.load(Ordering::SeqCst) == 0).then_some(begun)
    }

    /// Whether no statement has begun since a mark.
    pub(crate) fn none_since(&self, mark: u64) -> bool {
        self.begun.load(Ordering::SeqCst) == mark
    }
}

impl Drop for WriteUnderWay {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_holds_until_a_write_begins() {
        let writes = Arc::new(Writes::default());
        let mark = writes.mark().unwrap();
        assert!(writes.none_since(mark));
        let write = writes.begin();
        assert!(!writes.none_since(mark));
        assert_eq!(writes.mark(), None, "its rows may become visible now");
        drop(write);
        assert!(!writes.none_since(mark));
        assert!(writes.none_since(writes.mark().unwrap()));
    }
}
