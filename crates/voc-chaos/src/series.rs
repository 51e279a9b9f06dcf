//! Event numbers and resends.

use std::collections::VecDeque;

use crate::{
    label::{Label, event_id},
    message::Message,
    random::Random,
};

/// Maximum number of records between an event and its resend.
const RESEND_WITHIN: u32 = 20_000;

/// The last number of each series.
#[derive(Debug, Default)]
pub(crate) struct Numbers(Vec<(String, u32)>);

impl Numbers {
    /// The next number of a series, and the `event_id` that encodes it.
    pub(crate) fn next(&mut self, series: &str) -> (u32, String) {
        let index = self.0.iter().position(|(name, _)| name == series).unwrap_or_else(|| {
            self.0.push((series.to_owned(), 0));
            self.0.len() - 1
        });
        let number = &mut self.0[index].1;
        *number += 1;
        (*number, event_id(index, *number).to_string())
    }
}

/// Pending resends and when they are due.
#[derive(Debug, Default)]
pub(crate) struct Resends {
    waiting: VecDeque<(u64, Message)>,
    sent: u64,
}

impl Resends {
    /// The resend that is due, if any. Call once per record.
    pub(crate) fn due(&mut self) -> Option<Message> {
        self.sent += 1;
        let is_due = self.waiting.front().is_some_and(|(due, _)| *due <= self.sent);
        is_due.then(|| self.waiting.pop_front()).flatten().map(|(_, message)| message)
    }

    /// Schedules a resend of an event to the same partition, because a producer that repeats itself keeps its
    /// partition.
    pub(crate) fn add(&mut self, random: &mut Random, series: &str, number: u32, message: &Message) {
        let due = self.sent + 1 + u64::from(random.below(RESEND_WITHIN));
        let message = Message { key: Label::Resend(series, number).to_string(), ..message.clone() };
        let place = self.waiting.partition_point(|(other, _)| *other <= due);
        self.waiting.insert(place, (due, message));
    }
}
