//! The list of this crate's families.
//!
//! ```
//! use voc_events::families;
//!
//! // Which family reads a topic?
//! let of_topic = |topic| families::ALL.iter().find(|family| family.presets.topics.contains(&topic));
//! assert_eq!(of_topic("octane.events").map(|family| family.name), Some("product"));
//! assert_eq!(of_topic("octane.events").map(|family| family.table.name), Some("ai_analytics_events"));
//! assert_eq!(of_topic("other.events"), None);
//! ```

use crate::{Family, Presets, Table, activity::Activity, product::Product, quality::Quality, voc::Voc};

/// A family without its types, for programs that choose or list families.
///
/// ```
/// use voc_events::{families::FamilyInfo, quality::Quality};
///
/// const QUALITY: FamilyInfo = FamilyInfo::of::<Quality>();
/// assert_eq!((QUALITY.name, QUALITY.table.name), ("quality", "quality_events"));
/// assert_eq!(QUALITY.presets.group_id, "chip-quality-processor");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct FamilyInfo {
    /// Its [name](Family::NAME).
    pub name: &'static str,
    /// Its [table](Family::TABLE).
    pub table: Table,
    /// Its [presets](Family::PRESETS).
    pub presets: Presets,
}

impl FamilyInfo {
    /// The description of a family.
    #[must_use]
    pub const fn of<F: Family>() -> Self {
        Self { name: F::NAME, table: F::TABLE, presets: F::PRESETS }
    }
}

/// Work for a family that is chosen by its name at run time.
///
/// ```
/// use voc_events::{DecodeOptions, Envelope, Family, families::{FamilyVisitor, visit}};
///
/// struct IsValid<'r> {
///     topic: &'r str,
///     text: &'r str,
/// }
/// impl FamilyVisitor for IsValid<'_> {
///     type Output = bool;
///     fn visit<F: Family>(self) -> bool {
///         F::for_topic(self.topic, &DecodeOptions::default()).decode(self.text, &Envelope::default()).is_ok()
///     }
/// }
/// assert_eq!(visit("activity", IsValid { topic: "user-activity-events", text: "{}" }), Some(false));
/// ```
pub trait FamilyVisitor {
    /// The result of the work.
    type Output;

    /// Does the work.
    fn visit<F: Family>(self) -> Self::Output;
}

/// Defines the list and the choice from it.
macro_rules! families {
    ($($family:ty),+ $(,)?) => {
        /// The families, the default one first.
        ///
        /// ```
        /// use voc_events::families;
        ///
        /// let names: Vec<_> = families::ALL.iter().map(|family| family.name).collect();
        /// assert_eq!(names, ["voc", "activity", "product", "quality"]);
        /// ```
        pub const ALL: &[FamilyInfo] = &[$(FamilyInfo::of::<$family>()),+];

        /// Does work for the family of this name; `None` if there is no such family.
        ///
        /// ```
        /// use voc_events::{Family, families::{FamilyVisitor, visit}};
        ///
        /// struct TableName;
        /// impl FamilyVisitor for TableName {
        ///     type Output = &'static str;
        ///     fn visit<F: Family>(self) -> &'static str {
        ///         F::TABLE.name
        ///     }
        /// }
        /// assert_eq!(visit("voc", TableName), Some("voc_events"));
        /// assert_eq!(visit("other", TableName), None);
        /// ```
        pub fn visit<V: FamilyVisitor>(name: &str, visitor: V) -> Option<V::Output> {
            match name {
                $(<$family>::NAME => Some(visitor.visit::<$family>()),)+
                _ => None,
            }
        }
    };
}

families![Voc, Activity, Product, Quality];

/// The default family.
///
/// ```
/// use voc_events::families::{DEFAULT, find};
///
/// let configured: Option<&str> = None;
/// assert_eq!(find(configured.unwrap_or(DEFAULT.name)), Some(&DEFAULT));
/// ```
pub const DEFAULT: FamilyInfo = ALL[0];

/// The tables of all families.
///
/// ```
/// use voc_events::families;
///
/// let expiring = families::tables().into_iter().filter(|table| table.retention_days.is_some());
/// assert_eq!(expiring.map(|table| table.name).collect::<Vec<_>>(), ["ai_analytics_events"]);
/// ```
#[must_use]
pub fn tables() -> Vec<Table> {
    ALL.iter().map(|family| family.table).collect()
}

/// The family of a name.
///
/// ```
/// use voc_events::families::find;
///
/// assert_eq!(find("activity").map(|family| family.presets.topics), Some(&["user-activity-events"][..]));
/// assert_eq!(find("Activity"), None);
/// ```
#[must_use]
pub fn find(name: &str) -> Option<&'static FamilyInfo> {
    ALL.iter().find(|family| family.name == name)
}
