//! The families of this crate, in one list.

use crate::{Family, Presets, Table, activity::Activity, product::Product, quality::Quality, voc::Voc};

/// A family without its types: what programs choose from, and list.
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
    /// What is known of a family.
    #[must_use]
    pub const fn of<F: Family>() -> Self {
        Self { name: F::NAME, table: F::TABLE, presets: F::PRESETS }
    }
}

/// Work that is done for a family that is chosen by its name while the program runs.
pub trait FamilyVisitor {
    /// What the work gives.
    type Output;

    /// Does the work.
    fn visit<F: Family>(self) -> Self::Output;
}

/// Makes the list and the choice from it.
macro_rules! families {
    ($($family:ty),+ $(,)?) => {
        /// The families, the default one first.
        pub const ALL: &[FamilyInfo] = &[$(FamilyInfo::of::<$family>()),+];

        /// Does work for the family of a name; `None` if there is no such family.
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

/// The family that is meant where none is named.
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
