//! The `voc` family: calls, agent actions, tool invocations and quality metrics, for many tenants.
//!
//! An event of any other type is kept as a [`BaseEvent`]: the complete record reaches the store, so nothing is lost if
//! producers are ahead of this crate.
//!
//! ```
//! use voc_events::voc::VocEvent;
//!
//! let record = br#"{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","tenant_id":"acme","timestamp":1770033600,
//!     "event_type":"survey","stars":5}"#;
//! let VocEvent::Other(event) = VocEvent::try_from(&record[..])? else { panic!("it has no fields of its own") };
//! assert_eq!(event.event_type, "survey");
//! assert_eq!((event.extra[0].0.as_ref(), event.extra[0].1.as_str()), ("stars", "5"));
//! # Ok::<(), voc_events::Invalid>(())
//! ```

mod event;
mod ties;
mod turns;

pub use self::{
    event::{AgentActionEvent, BaseEvent, CallEvent, QosMetricEvent, ToolInvocationEvent, VocEvent},
    turns::{TranscriptTurn, TranscriptTurns},
};
use uuid::Uuid;

use crate::{
    DecodeOptions, Decoded, Envelope, EventFields, Family, FamilyEvent, Invalid, Presets, RowWriter, Table, Timestamp,
    fields::{self, Fields},
};

/// The `voc` [`Family`].
///
/// ```
/// use voc_events::{DecodeOptions, Envelope, Family, voc::Voc};
///
/// let text = r#"{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","tenant_id":"acme",
///     "timestamp":"2026-02-02T12:00:00Z","event_type":"agent_action","action":"transfer"}"#;
/// let voc = Voc::for_topic("voc.events", &DecodeOptions::default());
/// let invalid = voc.decode(text, &Envelope::default()).unwrap_err();
/// assert_eq!(invalid.to_string(), "$.agent_id: expected a non-empty string, found nothing");
/// ```
#[derive(Debug, Clone)]
pub struct Voc {
    options: DecodeOptions,
}

impl Family for Voc {
    type Event<'a> = VocEvent<'a>;

    const NAME: &'static str = "voc";
    const TYPES: &'static [&'static str] = VocEvent::TYPES;
    const TABLE: Table = Table::new("voc_events", "ts")
        .tenant("tenant_id")
        .identifier("event_id")
        .event_type("event_type")
        .payload("payload")
        .promoted(VocEvent::COLUMNS)
        .customer("customer_id")
        .call("call_id")
        .annotated()
        .sorting_key(&["tenant_id", "ts", "event_id"]);
    const PRESETS: Presets = Presets::new(&["voc.events"], "voc-processor");
    const FIELDS: EventFields = EventFields::of(BaseEvent::OWN_FIELDS).with_types("event_type", VocEvent::TYPE_FIELDS);

    fn for_topic(_topic: &str, options: &DecodeOptions) -> Self {
        Self { options: options.clone() }
    }

    fn decode<'a>(&self, text: &'a str, _envelope: &Envelope<'_>) -> Result<Decoded<VocEvent<'a>>, Invalid> {
        fields::decode(text, &self.options, Some("tenant_id"))
    }
}

impl FamilyEvent for VocEvent<'_> {
    fn event_id(&self) -> Option<Uuid> {
        Some(self.base().event_id)
    }

    fn tenant_id(&self) -> Option<&str> {
        Some(&self.base().tenant_id)
    }

    fn timestamp(&self) -> Timestamp {
        self.base().timestamp
    }

    fn event_type(&self) -> &str {
        &self.base().event_type
    }

    fn text(&self) -> Option<&str> {
        match self {
            Self::Call(call) => {
                let turns = call.transcript_turns.as_ref().and_then(TranscriptTurns::text);
                turns.or(call.transcript.as_deref())
            }
            _ => None,
        }
    }

    fn write_row<W: RowWriter + ?Sized>(&self, row: &mut W) {
        self.put_columns::<Voc, W>(row);
        ties::put::<Voc, W>(self, row);
    }
}
