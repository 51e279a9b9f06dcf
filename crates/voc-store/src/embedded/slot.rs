//! The single slot of a process for an open engine.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

/// Refers to the open value as long as someone else keeps it alive.
pub(super) struct Slot<T: 'static> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

enum State<T> {
    Free,
    /// Being opened.
    Opening,
    /// Open, or being closed if no handle is left.
    Open(Weak<T>),
    /// Never to be taken again.
    Ended,
}

/// The result of [`Slot::take`].
pub(super) enum Place<T: 'static> {
    /// The right to open something.
    Free(SlotGuard<T>),
    /// The open value.
    Open(Arc<T>),
}

impl<T> Slot<T> {
    pub(super) const fn new() -> Self {
        Self { state: Mutex::new(State::Free), changed: Condvar::new() }
    }

    /// The open value, or the right to open one; waits while one is being opened or closed. `None` once the slot has
    /// [ended](Self::end).
    pub(super) fn take(&'static self) -> Option<Place<T>> {
        let mut state = self.lock();
        loop {
            match &*state {
                State::Free => {
                    *state = State::Opening;
                    return Some(Place::Free(SlotGuard(self)));
                }
                State::Opening => {}
                State::Open(open) => {
                    if let Some(open) = open.upgrade() {
                        return Some(Place::Open(open));
                    }
                }
                State::Ended => return None,
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Sets the value that the holder of the guard has opened.
    pub(super) fn set_open(&self, open: &Arc<T>) {
        self.set(State::Open(Arc::downgrade(open)));
    }

    /// Waits until nothing is open and ends the slot. Returns whether it has within `patience`.
    pub(super) fn end(&self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        let mut state = self.lock();
        while matches!(*state, State::Opening | State::Open(_)) {
            let Some(left) = deadline.checked_duration_since(Instant::now()) else { return false };
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        *state = State::Ended;
        drop(state);
        self.changed.notify_all();
        true
    }

    fn set(&self, state: State<T>) {
        *self.lock() = state;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Frees the slot when it is dropped.
pub(super) struct SlotGuard<T: 'static>(&'static Slot<T>);

impl<T> Drop for SlotGuard<T> {
    fn drop(&mut self) {
        self.0.set(State::Free);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An open value, which releases its slot with its last handle.
    struct Opened(#[expect(dead_code, reason = "held for its drop")] SlotGuard<Opened>);

    fn open(slot: &'static Slot<Opened>) -> Arc<Opened> {
        let Some(Place::Free(guard)) = slot.take() else { panic!("the slot is not free") };
        let opened = Arc::new(Opened(guard));
        slot.set_open(&opened);
        opened
    }

    #[test]
    fn a_slot_ends_when_nothing_is_open_and_is_never_taken_again() {
        static SLOT: Slot<Opened> = Slot::new();
        let opened = open(&SLOT);
        assert!(matches!(SLOT.take(), Some(Place::Open(_))));
        assert!(!SLOT.end(Duration::ZERO), "it is open");
        let ending = std::thread::spawn(|| SLOT.end(Duration::from_secs(60)));
        drop(opened);
        assert!(ending.join().unwrap());
        assert!(SLOT.take().is_none());
        assert!(SLOT.end(Duration::ZERO), "the second call has nothing to do");
    }
}
