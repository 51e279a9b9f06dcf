//! The `product` family: what users do in products, by application. The applications are the tenants.
//!
//! The table `ai_analytics_events` has the columns that its users know, and none for the whole event: everything
//! beyond the fields is kept in the column `properties`; see [`ProductEvent::stored_properties`]. Events have no
//! identifier, so a producer's resend is another event.
//!
//! ```
//! use voc_events::{DecodeOptions, Envelope, Family, FamilyEvent, product::Product};
//!
//! let text = r#"{"app_id":"openstream","event_name":"video_buffering","user_id":"u-1",
//!     "timestamp":"2026-02-02T12:00:00Z","properties":{"seconds":3}}"#;
//! let product = Product::for_topic("octane.events", &DecodeOptions::default());
//! let event = product.decode(text, &Envelope::default())?.event;
//! assert_eq!((event.tenant_id(), event.event_type()), (Some("openstream"), "video_buffering"));
//! # Ok::<(), voc_events::Invalid>(())
//! ```

mod event;

pub use event::ProductEvent;

use crate::{
    Column, ColumnKind, DecodeOptions, Decoded, Envelope, EventFields, Family, FamilyEvent, Invalid, Presets,
    RowWriter, Table, Timestamp, Value,
    fields::{self, Fields},
};

/// The `product` [`Family`].
///
/// ```
/// use voc_events::{DecodeOptions, Envelope, Family, product::Product};
///
/// let product = Product::for_topic("octane.events", &DecodeOptions::default());
/// let text = r#"{"app_id":"openstream","event_name":"","timestamp":"2026-02-02T12:00:00Z","user_id":"u-1"}"#;
/// let invalid = product.decode(text, &Envelope::default()).unwrap_err();
/// assert_eq!(invalid.to_string(), "$.event_name: expected a non-empty string, found an empty string");
/// assert_eq!(invalid.tenant_id.as_deref(), Some("openstream"));
/// ```
#[derive(Debug, Clone)]
pub struct Product {
    options: DecodeOptions,
}

impl Product {
    /// The promoted fields, and `properties` in its stored form.
    const PROMOTED: &'static [Column] =
        &[Column::new("user_id", ColumnKind::Str), Column::new("properties", ColumnKind::Str)];
}

impl Family for Product {
    type Event<'a> = ProductEvent<'a>;

    const NAME: &'static str = "product";
    /// None: all types have the same fields.
    const TYPES: &'static [&'static str] = &[];
    const TABLE: Table = Table::new("ai_analytics_events", "timestamp")
        .in_seconds()
        .retention_days(90)
        .tenant("app_id")
        .event_type("event_name")
        .promoted(Self::PROMOTED)
        .properties("properties")
        .customer("user_id")
        .sorting_key(&[
            "app_id",
            "event_name",
            "timestamp",
            "source_topic",
            "source_partition",
            "source_epoch",
            "source_offset",
        ]);
    const PRESETS: Presets =
        Presets::new(&["octane.events"], "analytics-worker").batches(1000, 5.0).metrics_as("analytics");
    const FIELDS: EventFields = EventFields::of(ProductEvent::OWN_FIELDS);

    fn for_topic(_topic: &str, options: &DecodeOptions) -> Self {
        Self { options: options.clone() }
    }

    fn decode<'a>(&self, text: &'a str, _envelope: &Envelope<'_>) -> Result<Decoded<ProductEvent<'a>>, Invalid> {
        fields::decode(text, &self.options, Some("app_id"))
    }
}

impl FamilyEvent for ProductEvent<'_> {
    fn tenant_id(&self) -> Option<&str> {
        Some(&self.app_id)
    }

    fn timestamp(&self) -> Timestamp {
        self.timestamp
    }

    fn event_type(&self) -> &str {
        &self.event_name
    }

    fn write_row<W: RowWriter + ?Sized>(&self, row: &mut W) {
        self.put_columns::<Product, W>(row);
        row.put(const { Product::TABLE.place_of("properties") }, Value::Str(&self.stored_properties()));
    }
}
