//! The list of this crate's families.

use crate::{Family, Presets, Table, activity::Activity, product::Product, quality::Quality, voc::Voc};

/// A family without its types, for programs that choose or list families.
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
pub const DEFAULT: FamilyInfo = ALL[0];

/// The tables of all families.
#[must_use]
pub fn tables() -> Vec<Table> {
    ALL.iter().map(|family| family.table).collect()
}

/// The family of a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static FamilyInfo> {
    ALL.iter().find(|family| family.name == name)
}
