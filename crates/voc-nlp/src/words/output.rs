//! Collects findings for the visitor.

use super::batch::{Batch, Word};
use super::key::Key;
use super::span::Span;
use super::visitor::Visitor;

/// Collects words in a batch, and passes it on before anything that must follow them.
pub(super) struct Output<'a, V> {
    /// Findings that have not been passed on.
    pub(super) batch: &'a mut Batch,
    pub(super) visitor: &'a mut V,
}

impl<V: Visitor> Output<'_, V> {
    pub(super) fn word(&mut self, key: Key, span: Span) {
        if self.batch.room().is_empty() {
            self.show();
        }
        if let Some(place) = self.batch.room().first_mut() {
            *place = Word { key, span };
            self.batch.filled(1);
        }
    }

    pub(super) fn elongated(&mut self, twice: Key, once: Key, span: Span) {
        self.show();
        let key = self.visitor.elongated(twice, once);
        self.word(key, span);
    }

    pub(super) fn symbol(&mut self, symbol: char, span: Span) {
        self.show();
        self.visitor.symbol(symbol, span);
    }

    /// Passes the findings on.
    #[inline(never)]
    pub(super) fn show(&mut self) {
        if !self.batch.is_empty() {
            self.visitor.words(self.batch);
            self.batch.clear();
        }
    }
}
