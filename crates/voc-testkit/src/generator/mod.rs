//! Realistic, reproducible events: for the demo, for tests that compare counts, for benchmarks.
//!
//! Several tenants that differ in size, language (English, Brazilian Portuguese) and mood; calls with transcripts of
//! many turns, agent actions, tool invocations, metrics and a few events of other types, spread over several days with
//! busy and quiet hours. Actions and invocations belong to calls, some customers call again, and what questions are
//! about is there to be found: a topic that grows, agents, tools and lines that go with a bad mood, and tools that
//! often fail.
//!
//! ```
//! use voc_testkit::generator::{Generator, GeneratorConfig, Tally};
//!
//! let mut expected = Tally::default();
//! let mut lines = String::new();
//! for event in Generator::new(&GeneratorConfig { seed: 7, events: 1000, ..GeneratorConfig::ending_at(1_790_000_000_000) }) {
//!     expected.count(&event);
//!     lines.push_str(&event.json);
//!     lines.push('\n');
//! }
//! assert_eq!(expected.events(), 1000);
//! assert_eq!(lines.lines().count(), 1000);
//! ```
//!
//! [`GeneratedFamily`] generates the events of the other families; [`Records`] mixes in bad records of known kinds;
//! [`command`] is the generator as a subcommand.

mod bad;
mod calls;
pub mod command;
mod conversation;
mod event;
mod family;
mod random;
mod tally;
mod tenant;
mod text;

use std::sync::Arc;

use uuid::Uuid;
use voc_events::{Family as _, Timestamp, voc::Voc};

pub use self::bad::{BadKind, BadRecord, Record, Records};
pub use self::family::GeneratedFamily;
pub use self::tally::Tally;
use self::{event::Head, event::Writer, random::Random, tenant::Tenants};

/// What to generate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratorConfig {
    /// Another seed produces other events.
    pub seed: u64,
    /// Number of events.
    pub events: u64,
    /// Number of tenants, at least 1. Five have their own names and characters; further ones are ever smaller.
    pub tenants: usize,
    /// Events are before this time, in milliseconds since the epoch.
    pub end_ms: i64,
    /// Events are at most this many days before the end, at least 1.
    pub days: u32,
}

impl GeneratorConfig {
    /// 20 000 events of five tenants in the 30 days before this time, in milliseconds since the epoch.
    #[must_use]
    pub const fn ending_at(end_ms: i64) -> Self {
        Self { seed: 1, events: 20_000, tenants: 5, end_ms, days: 30 }
    }
}

/// An event as a producer would send it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedEvent {
    /// The event as JSON, in one line.
    pub json: String,
    /// Its `event_id`, if its family has one.
    pub event_id: Uuid,
    /// Its tenant; empty if its family has none.
    pub tenant: Arc<str>,
    /// Its `event_type`.
    pub event_type: &'static str,
    /// Its `timestamp`, in milliseconds since the epoch.
    pub timestamp_ms: i64,
    /// The topic of its family that it is sent to.
    pub topic: &'static str,
}

/// An iterator over generated events, in the order of their times except for a few seconds, because producers
/// sometimes deliver late.
pub struct Generator {
    random: Random,
    tenants: Tenants,
    writer: Writer,
    produced: u64,
    events: u64,
    start_ms: i64,
    span_ms: i64,
    days: u32,
}

/// Maximum disorder of events.
const LATE_MS: u32 = 5_000;

/// Event types with their share per thousand events.
const MIX: [(&str, u32); 6] = [
    ("call", 150),
    ("agent_action", 250),
    ("tool_invocation", 300),
    ("qos_metric", 290),
    ("survey_response", 6),
    ("chat_message", 4),
];

impl Generator {
    /// A generator at its start.
    #[must_use]
    pub fn new(config: &GeneratorConfig) -> Self {
        let days = config.days.max(1);
        let span_ms = i64::from(days) * MILLIS_PER_DAY;
        Self {
            random: Random::new(config.seed),
            tenants: Tenants::new(config.tenants),
            writer: Writer::new(),
            produced: 0,
            events: config.events,
            start_ms: config.end_ms - span_ms,
            span_ms,
            days,
        }
    }

    fn timestamp(&mut self) -> Timestamp {
        // Evenly over the days, then within each day by its busy and quiet hours.
        let position = (self.produced as f64 + self.random.fraction()) / self.events as f64 * f64::from(self.days);
        let day = position.floor().min(f64::from(self.days - 1));
        let offset_ms = (day + time_of_day(position - day)) * MILLIS_PER_DAY as f64;
        let late = i64::from(self.random.below(LATE_MS));
        let offset_ms = (offset_ms as i64 - late).clamp(0, self.span_ms - 1);
        Timestamp::from_millis(self.start_ms + offset_ms)
    }
}

impl Iterator for Generator {
    type Item = GeneratedEvent;

    fn next(&mut self) -> Option<GeneratedEvent> {
        if self.produced == self.events {
            return None;
        }
        let timestamp = self.timestamp();
        self.produced += 1;
        let event_id = self.random.uuid();
        let event_type = event_type(self.random.below(1000));
        // Something has broken before the last quarter of the events.
        let trouble = (self.produced > self.events / 4 * 3).then_some("technical");
        let tenant = self.tenants.pick(&mut self.random);
        let mut json = String::with_capacity(if event_type == "call" { 2048 } else { 384 });
        self.writer.write(&mut json, &mut self.random, &mut Head { event_id, tenant, timestamp, event_type, trouble });
        let timestamp_ms = timestamp.as_millis();
        let tenant = Arc::clone(&tenant.id);
        Some(GeneratedEvent { json, event_id, tenant, event_type, timestamp_ms, topic: Voc::PRESETS.topics[0] })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::try_from(self.events - self.produced).ok();
        (left.unwrap_or(usize::MAX), left)
    }
}

const MILLIS_PER_DAY: i64 = 86_400_000;

/// Maps an even distribution over the day to one that is five times as dense at noon as at midnight. Monotonic; uses
/// only operations whose results are the same on every platform.
fn time_of_day(even: f64) -> f64 {
    let curve = even * (1.0 - even) * (1.0 - 2.0 * even);
    (even + 1.2 * curve).clamp(0.0, 1.0)
}

fn event_type(mut roll: u32) -> &'static str {
    for (event_type, share) in MIX {
        if roll < share {
            return event_type;
        }
        roll -= share;
    }
    MIX[0].0
}

#[cfg(test)]
mod tests;
