//! The `quality` family: inspections, manufacturing, quality, users and services of a chip quality platform.
//!
//! The events arrive on five topics, each with its own [types](Quality::TOPIC_TYPES). An event of any other type is
//! kept as a [`BaseEvent`]. There are no tenants, and not every event has an identifier: the record's coordinates
//! distinguish rows.
//!
//! ```
//! use voc_events::{DecodeOptions, Envelope, Family, FamilyEvent, quality::{Quality, QualityEvent}};
//!
//! let text = r#"{"event_type":"INSPECTION_COMPLETED","timestamp":"2026-02-02T12:00:00Z","inspection_id":"i-7",
//!     "quality_score":0.98}"#;
//! let quality = Quality::for_topic("chip-quality.inspection.events", &DecodeOptions::default());
//! let event = quality.decode(text, &Envelope::default())?.event;
//! assert!(matches!(&event, QualityEvent::InspectionCompleted(event) if event.quality_score == Some(0.98)));
//! assert_eq!((event.tenant_id(), event.event_id()), (None, None));
//! # Ok::<(), voc_events::Invalid>(())
//! ```

mod assessment;
mod base;
mod defect;
mod event;
mod inspection;
mod manufacturing;
mod system;
mod user;

pub use assessment::{AlertTriggered, ComplianceCheck, QualityAssessed, ThresholdViolated};
pub use base::BaseEvent;
pub use defect::Defect;
pub use event::QualityEvent;
pub use inspection::{DefectDetected, InspectionCompleted, InspectionCreated, InspectionFailed, InspectionStarted};
pub use manufacturing::{BatchCompleted, BatchCreated, LotCreated, ProductionMilestone};
pub use system::{ErrorOccurred, HealthCheck, ServiceStarted, ServiceStopped};
pub use user::{AuditAction, PermissionGranted, UserLogin, UserLogout};
use uuid::{Uuid, fmt::Hyphenated};

use crate::{
    Column, ColumnKind, DecodeOptions, Decoded, Envelope, EventFields, Family, FamilyEvent, Invalid, Presets,
    RowWriter, Table, Timestamp, TypeFields, Value,
    fields::{self, Fields, Names, Object, Place, Reader},
};

/// The `quality` [`Family`].
///
/// A type that belongs to other topics of this family is refused, because the readers of a topic may rely on its
/// content. On a topic that is not one of this family's own, for example one renamed by an operator, every type is
/// accepted.
///
/// ```
/// use voc_events::{DecodeOptions, Envelope, Family, quality::Quality};
///
/// let text = r#"{"event_type":"BATCH_CREATED","timestamp":"2026-02-02T12:00:00Z","batch_id":"BATCH-001"}"#;
/// let decode = |topic| Quality::for_topic(topic, &DecodeOptions::default()).decode(text, &Envelope::default());
/// assert!(decode("chip-quality.manufacturing.events").is_ok());
/// assert!(decode("plant-7").is_ok());
/// assert_eq!(
///     decode("chip-quality.user.events").unwrap_err().to_string(),
///     "$.event_type: expected one of the types of chip-quality.user.events (USER_LOGIN, USER_LOGOUT, AUDIT_ACTION, \
///      PERMISSION_GRANTED), found string \"BATCH_CREATED\", which belongs to chip-quality.manufacturing.events",
/// );
/// ```
#[derive(Debug, Clone)]
pub struct Quality {
    options: DecodeOptions,
    /// The topic and its types, if it is one of the family's own.
    topic: Option<&'static (&'static str, &'static [&'static str])>,
}

impl Quality {
    /// The topics, and the types that belong to each.
    pub const TOPIC_TYPES: &'static [(&'static str, &'static [&'static str])] = &[
        (
            "chip-quality.inspection.events",
            &[
                InspectionCreated::TYPE,
                InspectionStarted::TYPE,
                InspectionCompleted::TYPE,
                InspectionFailed::TYPE,
                DefectDetected::TYPE,
                QualityAssessed::TYPE,
            ],
        ),
        (
            "chip-quality.manufacturing.events",
            &[BatchCreated::TYPE, LotCreated::TYPE, BatchCompleted::TYPE, ProductionMilestone::TYPE],
        ),
        (
            "chip-quality.quality.events",
            &[QualityAssessed::TYPE, ThresholdViolated::TYPE, AlertTriggered::TYPE, ComplianceCheck::TYPE],
        ),
        ("chip-quality.user.events", &[UserLogin::TYPE, UserLogout::TYPE, AuditAction::TYPE, PermissionGranted::TYPE]),
        (
            "chip-quality.system.events",
            &[ServiceStarted::TYPE, ServiceStopped::TYPE, HealthCheck::TYPE, ErrorOccurred::TYPE],
        ),
    ];

    const TOPICS: &'static [&'static str] = {
        const TOPICS: [&str; Quality::TOPIC_TYPES.len()] = {
            let mut topics = [""; Quality::TOPIC_TYPES.len()];
            let mut place = 0;
            while place < topics.len() {
                topics[place] = Quality::TOPIC_TYPES[place].0;
                place += 1;
            }
            topics
        };
        &TOPICS
    };

    /// Promoted columns that no field's line defines: the identifier, which is a text because it may be absent, and
    /// the defects, in two parallel lists.
    const MORE_COLUMNS: [Column; 3] = [
        Column::new("event_id", ColumnKind::Str),
        Column::new("defect_types", ColumnKind::StrList),
        Column::new("defect_severities", ColumnKind::StrList),
    ];

    const PROMOTED: &'static [Column] = {
        const FIELDS: &[Column] = QualityEvent::COLUMNS;
        const COLUMNS: [Column; FIELDS.len() + Quality::MORE_COLUMNS.len()] = {
            let mut columns = [Quality::MORE_COLUMNS[0]; FIELDS.len() + Quality::MORE_COLUMNS.len()];
            let mut place = 0;
            while place < columns.len() {
                columns[place] =
                    if place < FIELDS.len() { FIELDS[place] } else { Quality::MORE_COLUMNS[place - FIELDS.len()] };
                place += 1;
            }
            columns
        };
        &COLUMNS
    };

    /// Refuses a type that belongs to other topics.
    fn check_topic<'a>(&self, object: &Object<'a, QualityEvent<'a>>, reader: &mut Reader<'a, '_>) {
        const SLOT: usize = <QualityEvent<'static> as Names>::NAMES.slot_of("event_type");
        let Some((topic, types)) = self.topic else { return };
        let Some(event_type) = object.peek_text(SLOT, reader.options()) else { return };
        let belongs = |types: &[&str]| types.contains(&&*event_type);
        if belongs(types) || !belongs(Self::TYPES) {
            return;
        }
        let topics: Vec<&str> =
            Self::TOPIC_TYPES.iter().filter(|(_, types)| belongs(types)).map(|(topic, _)| *topic).collect();
        let expected = format!("one of the types of {topic} ({})", types.join(", "));
        let found = format!("string \"{event_type}\", which belongs to {}", topics.join(" and "));
        reader.refuse(&Place::EVENT.of_field("event_type"), expected, found);
    }
}

impl Family for Quality {
    type Event<'a> = QualityEvent<'a>;

    const NAME: &'static str = "quality";
    const TYPES: &'static [&'static str] = QualityEvent::TYPES;
    const TABLE: Table = Table::new("quality_events", "timestamp")
        .event_type("event_type")
        .payload("payload")
        .promoted(Self::PROMOTED)
        .customer("user_id")
        .sorting_key(&["event_type", "timestamp", "source_topic", "source_partition", "source_epoch", "source_offset"]);
    const PRESETS: Presets = Presets::new(Self::TOPICS, "chip-quality-processor");
    const FIELDS: EventFields =
        EventFields::of(BaseEvent::OWN_FIELDS).with_types("event_type", QualityEvent::TYPE_FIELDS);

    fn types_on(topic: &str) -> Vec<TypeFields> {
        let own = Self::TOPIC_TYPES.iter().find(|(own, _)| *own == topic);
        let is_on = |name: &str| own.is_none_or(|(_, types)| types.contains(&name));
        QualityEvent::TYPE_FIELDS.iter().copied().filter(|(name, _)| is_on(name)).collect()
    }

    fn for_topic(topic: &str, options: &DecodeOptions) -> Self {
        Self { options: options.clone(), topic: Self::TOPIC_TYPES.iter().find(|(name, _)| *name == topic) }
    }

    fn decode<'a>(&self, text: &'a str, _envelope: &Envelope<'_>) -> Result<Decoded<QualityEvent<'a>>, Invalid> {
        fields::decode_checked(text, &self.options, None, |object, reader| self.check_topic(object, reader))
    }
}

impl FamilyEvent for QualityEvent<'_> {
    fn event_id(&self) -> Option<Uuid> {
        self.base().event_id
    }

    fn timestamp(&self) -> Timestamp {
        self.base().timestamp
    }

    fn event_type(&self) -> &str {
        &self.base().event_type
    }

    fn write_row<W: RowWriter + ?Sized>(&self, row: &mut W) {
        self.put_columns::<Quality, W>(row);
        if let Some(id) = self.base().event_id {
            let mut text = [0; Hyphenated::LENGTH];
            let id = id.as_hyphenated().encode_lower(&mut text);
            row.put(const { Quality::TABLE.place_of("event_id") }, Value::Str(id));
        }
        if !self.defects().is_empty() {
            // A missing member of a defect becomes empty, so that both lists stay parallel.
            let types: Vec<&str> =
                self.defects().iter().map(|defect| defect.defect_type.as_deref().unwrap_or_default()).collect();
            let severities: Vec<&str> =
                self.defects().iter().map(|defect| defect.severity.as_deref().unwrap_or_default()).collect();
            row.put(const { Quality::TABLE.place_of("defect_types") }, Value::StrList(&types));
            row.put(const { Quality::TABLE.place_of("defect_severities") }, Value::StrList(&severities));
        }
    }
}
