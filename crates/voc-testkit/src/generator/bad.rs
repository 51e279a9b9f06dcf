//! Records that are not valid events, each of a known kind.

use voc_events::InvalidKind;

use super::{GeneratedEvent, Generator, random::Random};

/// The defect of a bad record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BadKind {
    /// An event cut off in the middle.
    InvalidJson,
    /// A byte that cannot occur in UTF-8.
    InvalidUtf8,
    /// JSON, but not an object.
    NotAnObject,
    /// A required field is missing.
    MissingField,
    /// A field has a value of the wrong type.
    MistypedField,
    /// The tenant is an empty text.
    EmptyTenant,
    /// The tenant is a text of 300 bytes.
    OversizedTenant,
    /// The timestamp is not a time.
    NonsenseTimestamp,
    /// A number is `NaN`, which JSON does not have.
    NotANumber,
    /// A number is too large for a 64-bit float.
    NumberOverflow,
    /// 1000 nested arrays.
    TooDeep,
    /// 2 MiB of an otherwise valid event.
    TooLarge,
    /// No value at all.
    Tombstone,
    /// No bytes, or only blanks.
    Empty,
}

impl BadKind {
    /// All kinds.
    pub const ALL: [Self; 14] = [
        Self::InvalidJson,
        Self::InvalidUtf8,
        Self::NotAnObject,
        Self::MissingField,
        Self::MistypedField,
        Self::EmptyTenant,
        Self::OversizedTenant,
        Self::NonsenseTimestamp,
        Self::NotANumber,
        Self::NumberOverflow,
        Self::TooDeep,
        Self::TooLarge,
        Self::Tombstone,
        Self::Empty,
    ];

    /// Name for reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidJson => "invalid_json",
            Self::InvalidUtf8 => "invalid_utf8",
            Self::NotAnObject => "not_an_object",
            Self::MissingField => "missing_field",
            Self::MistypedField => "mistyped_field",
            Self::EmptyTenant => "empty_tenant",
            Self::OversizedTenant => "oversized_tenant",
            Self::NonsenseTimestamp => "nonsense_timestamp",
            Self::NotANumber => "not_a_number",
            Self::NumberOverflow => "number_overflow",
            Self::TooDeep => "too_deep",
            Self::TooLarge => "too_large",
            Self::Tombstone => "tombstone",
            Self::Empty => "empty",
        }
    }

    /// The reason for which `voc-events` refuses it under its default limits.
    #[must_use]
    pub const fn refused_as(self) -> InvalidKind {
        match self {
            Self::InvalidJson | Self::NotANumber => InvalidKind::Json,
            Self::InvalidUtf8 => InvalidKind::Utf8,
            Self::TooDeep => InvalidKind::Depth,
            Self::TooLarge => InvalidKind::TooLarge,
            Self::Tombstone => InvalidKind::Tombstone,
            Self::Empty => InvalidKind::Empty,
            Self::NotAnObject
            | Self::MissingField
            | Self::MistypedField
            | Self::EmptyTenant
            | Self::OversizedTenant
            | Self::NonsenseTimestamp
            | Self::NumberOverflow => InvalidKind::Schema,
        }
    }

    fn value(self, random: &mut Random) -> Option<Vec<u8>> {
        let event = GoodEvent::new(random);
        let choice = random.below(u32::MAX) as usize;
        let among = |choices: &[&'static str]| choices[choice % choices.len()];
        let text = match self {
            Self::Tombstone => return None,
            Self::Empty => among(&["", " ", "\t "]).to_owned(),
            Self::InvalidJson => {
                let text = event.json();
                text[..1 + choice % (text.len() - 1)].to_owned()
            }
            Self::InvalidUtf8 => {
                let mut bytes = event.with("metric_name", r#""latência""#).into_bytes();
                // The second byte of `ê`, without which the first is invalid.
                bytes.retain(|&byte| byte != 0xaa);
                return Some(bytes);
            }
            Self::NotAnObject => among(&["[]", "42", "\"an event\"", "null", "true"]).to_owned(),
            Self::MissingField => {
                event.without(among(&["event_id", "tenant_id", "timestamp", "event_type", "metric_name", "value"]))
            }
            Self::MistypedField => {
                let (field, value) = [
                    ("event_id", "\"not-a-uuid\""),
                    ("tenant_id", "[7]"),
                    ("event_type", "{}"),
                    ("metric_name", "[\"latency\"]"),
                    ("value", "\"fast\""),
                ][choice % 5];
                event.with(field, value)
            }
            Self::EmptyTenant => event.with("tenant_id", "\"\""),
            Self::OversizedTenant => event.with("tenant_id", &format!("\"{}\"", "t".repeat(300))),
            Self::NonsenseTimestamp => event.with(
                "timestamp",
                among(&["\"yesterday\"", "\"2026-13-45T99:00:00Z\"", "-1", "\"\"", "1e30", "null", "[2026,1,1]"]),
            ),
            Self::NotANumber => event.with("value", among(&["NaN", "Infinity", "-Infinity"])),
            Self::NumberOverflow => event.with("value", among(&["1e999", "-1e400"])),
            Self::TooDeep => event.with("metadata", &format!("{{\"a\":{}{}}}", "[".repeat(1000), "]".repeat(1000))),
            Self::TooLarge => event.with("metadata", &format!("{{\"blob\":\"{}\"}}", "x".repeat(2 * 1024 * 1024))),
        };
        Some(text.into_bytes())
    }
}

/// A record that is not a valid event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRecord {
    /// Its defect.
    pub kind: BadKind,
    /// Its bytes, without line feeds; `None` for a tombstone, which only Kafka can carry.
    pub value: Option<Vec<u8>>,
}

/// A record of a topic or file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A valid event.
    Event(GeneratedEvent),
    /// A bad record.
    Bad(BadRecord),
}

/// An iterator over generated events with bad records in between.
pub struct Records<I = Generator> {
    events: I,
    random: Random,
    bad_per_mille: u32,
    kinds: Vec<BadKind>,
}

impl<I: Iterator<Item = GeneratedEvent>> Records<I> {
    /// Each event is preceded, with a probability of `bad_per_mille` in a thousand, by a bad record of one of the
    /// `kinds`. The events are the same as without them.
    #[must_use]
    pub fn new(events: I, seed: u64, bad_per_mille: u32, kinds: &[BadKind]) -> Self {
        Self { events, random: Random::new(!seed), bad_per_mille, kinds: kinds.to_vec() }
    }
}

impl<I: Iterator<Item = GeneratedEvent>> Iterator for Records<I> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        if !self.kinds.is_empty() && self.random.per_mille(self.bad_per_mille) {
            let kind = *self.random.pick(&self.kinds);
            return Some(Record::Bad(BadRecord { kind, value: kind.value(&mut self.random) }));
        }
        self.events.next().map(Record::Event)
    }
}

/// A small valid event, to be corrupted.
struct GoodEvent([(&'static str, String); 6]);

impl GoodEvent {
    fn new(random: &mut Random) -> Self {
        Self([
            ("event_id", format!("\"{}\"", random.uuid())),
            ("tenant_id", "\"acme-telecom\"".to_owned()),
            ("timestamp", "\"2026-02-02T12:00:00Z\"".to_owned()),
            ("event_type", "\"qos_metric\"".to_owned()),
            ("metric_name", "\"latency_p99\"".to_owned()),
            ("value", format!("{}.5", random.below(900))),
        ])
    }

    fn json(&self) -> String {
        self.without("")
    }

    fn without(&self, field: &str) -> String {
        let fields = self.0.iter().filter(|(name, _)| *name != field);
        format!("{{{}}}", fields.map(|(name, value)| format!("\"{name}\":{value}")).collect::<Vec<_>>().join(","))
    }

    fn with(&self, field: &str, value: &str) -> String {
        let mut text = self.without(field);
        text.truncate(text.len() - 1);
        format!("{text},\"{field}\":{value}}}")
    }
}
