//! Events of the families other than `voc`: users of sites, applications, manufacturing.

mod activity;
mod event_draft;
mod product;
mod quality;

use std::{str::FromStr, sync::Arc};

use voc_events::Timestamp;

use self::{activity::Sites, event_draft::EventDraft};
use super::{GeneratedEvent, Generator, GeneratorConfig, random::Random};

/// The family to generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GeneratedFamily {
    /// Calls, agents, tools, quality of service; see [`Generator`].
    Voc,
    /// What users do on sites.
    Activity,
    /// What happens in applications, which are the tenants.
    Product,
    /// Inspections and manufacturing.
    Quality,
}

impl FromStr for GeneratedFamily {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "voc" => Ok(Self::Voc),
            "activity" => Ok(Self::Activity),
            "product" => Ok(Self::Product),
            "quality" => Ok(Self::Quality),
            _ => Err("one of voc, activity, product, quality".to_owned()),
        }
    }
}

impl GeneratedFamily {
    /// The family's events, in the order of their times; the same configuration produces the same events.
    #[must_use]
    pub fn events(self, config: &GeneratorConfig) -> Box<dyn Iterator<Item = GeneratedEvent> + Send> {
        let write: Write = match self {
            Self::Voc => return Box::new(Generator::new(config)),
            Self::Activity => {
                let mut sites = Sites::default();
                Box::new(move |random, timestamp| sites.event(random, timestamp))
            }
            Self::Product => Box::new(product::event),
            Self::Quality => Box::new(quality::event),
        };
        Box::new(Events { random: Random::new(config.seed), produced: 0, config: config.clone(), write })
    }
}

/// A family's next event, at a time.
type Write = Box<dyn FnMut(&mut Random, Timestamp) -> EventDraft + Send>;

struct Events {
    random: Random,
    produced: u64,
    config: GeneratorConfig,
    write: Write,
}

impl Iterator for Events {
    type Item = GeneratedEvent;

    fn next(&mut self) -> Option<GeneratedEvent> {
        let GeneratorConfig { events, end_ms, days, .. } = self.config;
        if self.produced == events {
            return None;
        }
        let span_ms = f64::from(days.max(1)) * 86_400_000.0;
        let position = (self.produced as f64 + self.random.fraction()) / events as f64;
        let timestamp_ms = end_ms - span_ms as i64 + ((position * span_ms) as i64).min(span_ms as i64 - 1);
        self.produced += 1;
        let event_id = self.random.uuid();
        let EventDraft { event_type, tenant, topic, mut json } =
            (self.write)(&mut self.random, Timestamp::from_millis(timestamp_ms));
        if json.get("event_id").is_some() {
            json["event_id"] = event_id.to_string().into();
        }
        let (json, tenant) = (json.to_string(), Arc::from(tenant));
        Some(GeneratedEvent { json, event_id, tenant, event_type, timestamp_ms, topic })
    }
}
