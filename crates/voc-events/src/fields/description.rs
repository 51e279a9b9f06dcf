//! Fields as data, for schemas and documentation.

use crate::Column;

/// A field of an event or of an object within one.
///
/// ```
/// use voc_events::{fields::{FieldInfo, FieldType}, voc::CallEvent};
///
/// let described = |field: &FieldInfo| format!("{}: {}", field.name, field.doc.trim());
/// assert_eq!(described(&CallEvent::OWN_FIELDS[0]), "call_id: Unique call identifier.");
///
/// // A field of an object that no macro describes.
/// const PLATE: FieldInfo = FieldInfo::new("plate", FieldType::Text, true, None, "The car's licence plate.");
/// assert!(PLATE.is_required && PLATE.column.is_none());
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct FieldInfo {
    /// Its name in JSON.
    pub name: &'static str,
    /// What it holds.
    pub kind: FieldType,
    /// Whether an event without it is refused.
    pub is_required: bool,
    /// The column it is promoted to.
    pub column: Option<Column>,
    /// What it means.
    pub doc: &'static str,
}

impl FieldInfo {
    /// A field, as created by a line of [`fields!`](crate::fields!).
    #[must_use]
    pub const fn new(
        name: &'static str,
        kind: FieldType,
        is_required: bool,
        column: Option<Column>,
        doc: &'static str,
    ) -> Self {
        Self { name, kind, is_required, column, doc }
    }
}

/// The kind of a field's value.
///
/// ```
/// use voc_events::{fields::FieldType, quality::DefectDetected};
///
/// fn name(kind: &FieldType) -> String {
///     match kind {
///         FieldType::Object(object) => object.name.to_owned(),
///         FieldType::List(element) => format!("list of {}", name(element)),
///         other => format!("{other:?}"),
///     }
/// }
/// let names = DefectDetected::OWN_FIELDS.iter().map(|field| name(&field.kind));
/// assert_eq!(names.collect::<Vec<_>>(), ["Text", "Text", "Text", "Text", "list of Defect"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum FieldType {
    /// A UUID, written as a string.
    Uuid,
    /// Text.
    Text,
    /// A point in time.
    Timestamp,
    /// A whole number of 64 bits.
    Whole,
    /// A finite number.
    Number,
    /// True or false.
    Flag,
    /// A JSON object with any members.
    JsonObject,
    /// An object whose values are all texts.
    TextMap,
    /// An object of these fields.
    Object(&'static ObjectInfo),
    /// A list.
    List(&'static FieldType),
}

/// An object with its own fields.
///
/// ```
/// use voc_events::{activity::{EnrichedEvent, ServiceInfo}, fields::{FieldType, ObjectInfo}};
///
/// const SERVICE: ObjectInfo = ObjectInfo::new("ServiceInfo", ServiceInfo::OWN_FIELDS);
/// let field = EnrichedEvent::OWN_FIELDS.iter().find(|field| field.name == "service_info");
/// assert_eq!(field.map(|field| field.kind), Some(FieldType::Object(&SERVICE)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct ObjectInfo {
    /// The name of its type, such as `Defect`.
    pub name: &'static str,
    /// Its fields.
    pub fields: &'static [FieldInfo],
}

impl ObjectInfo {
    /// An object of this name and these fields.
    #[must_use]
    pub const fn new(name: &'static str, fields: &'static [FieldInfo]) -> Self {
        Self { name, fields }
    }
}
