//! A family of one's own, of cars in garages, and what it says of good and bad records.
//!
//! ```sh
//! cargo run --package voc-events --example family
//! ```

#![expect(clippy::print_stdout, reason = "it is what the example is for")]

use std::borrow::Cow;

use voc_events::{
    DecodeOptions, Decoded, Envelope, EventFields, Family, FamilyEvent, Invalid, Presets, RowWriter, Table, Timestamp,
    fields,
    fields::{EventType, Fields as _, Id, Tenant},
    record_text,
};

voc_events::fields! {
    /// A car that came or went.
    pub struct Parked<'a> {
        required {
            /// The garage, which is the tenant.
            garage_id: Cow<'a, str> as Tenant,
            /// `entered` or `left`.
            event_type: Cow<'a, str> as EventType,
            /// When.
            timestamp: Timestamp,
            /// The car.
            plate: Cow<'a, str> as Id => Str,
        }
        optional {
            /// What was paid, in cents.
            paid: i64 => OptI64,
        }
        rest extra
    }
}

/// Cars in garages.
struct Parking {
    options: DecodeOptions,
}

impl Family for Parking {
    type Event<'a> = Parked<'a>;

    const NAME: &'static str = "parking";
    const TYPES: &'static [&'static str] = &["entered", "left"];
    const TABLE: Table = Table::new("parking_events", "timestamp")
        .tenant("garage_id")
        .event_type("event_type")
        .payload("payload")
        .promoted(Parked::COLUMNS)
        .sorting_key(&["garage_id", "timestamp", "source_topic", "source_partition", "source_epoch", "source_offset"]);
    const PRESETS: Presets = Presets::new(&["parking.events"], "parking-processor");
    const FIELDS: EventFields = EventFields::of(Parked::OWN_FIELDS);

    fn for_topic(_topic: &str, options: &DecodeOptions) -> Self {
        Self { options: options.clone() }
    }

    fn decode<'a>(&self, text: &'a str, _envelope: &Envelope<'_>) -> Result<Decoded<Parked<'a>>, Invalid> {
        fields::decode(text, &self.options, Some("garage_id"))
    }
}

impl FamilyEvent for Parked<'_> {
    fn tenant_id(&self) -> Option<&str> {
        Some(&self.garage_id)
    }

    fn timestamp(&self) -> Timestamp {
        self.timestamp
    }

    fn event_type(&self) -> &str {
        &self.event_type
    }

    fn write_row<W: RowWriter + ?Sized>(&self, row: &mut W) {
        self.put_columns::<Parking, W>(row);
    }
}

fn main() {
    for column in Parking::TABLE.promoted {
        println!("column {}: {:?}", column.name, column.kind);
    }
    let options = DecodeOptions::default();
    let parking = Parking::for_topic(Parking::PRESETS.topics[0], &options);
    for record in [
        r#"{"garage_id":"north","event_type":"entered","timestamp":"2026-02-02T12:00:00Z","plate":"ABC-123"}"#,
        r#"{"garage_id":"north","event_type":"left","timestamp":"2026-02-02T13:30:00Z","plate":"ABC-123","paid":"450"}"#,
        r#"{"garage_id":"north","event_type":"left","timestamp":"yesterday","plate":"ABC-123","paid":-1}"#,
        r#"{"event_type":"left","timestamp":"2026-02-02T13:30:00Z","plate":""}"#,
    ] {
        match record_text(record.as_bytes(), &options.limits) {
            Ok(text) => describe(&parking, &text),
            Err(invalid) => println!("invalid: {invalid}"),
        }
    }
}

fn describe(parking: &Parking, text: &str) {
    match parking.decode(text, &Envelope::default()) {
        Ok(Decoded { event, coerced, .. }) => println!("{event:?}, coerced: {coerced:?}"),
        Err(invalid) => println!("invalid: {invalid}"),
    }
}
