//! Where records are erased from.

use voc_events::families::FamilyInfo;

use crate::{erasure::Erased, sql::quoted};

/// A table from which records are erased.
#[derive(Clone, Copy)]
pub(super) struct Source<'f> {
    pub(super) family: &'f FamilyInfo,
    pub(super) is_dead_letter: bool,
}

impl<'f> Source<'f> {
    pub(super) fn all(families: &'f [FamilyInfo]) -> impl Iterator<Item = Self> {
        let of_family = |family| [true, false].map(|is_dead_letter| Source { family, is_dead_letter });
        families.iter().flat_map(of_family)
    }

    pub(super) fn table(&self) -> &'static str {
        if self.is_dead_letter { "dead_letters" } else { self.family.table.name }
    }

    /// The condition for what is noted of this source.
    pub(super) fn noted(&self) -> String {
        format!("family = {} AND is_dead_letter = {}", quoted(self.family.name), self.is_dead_letter)
    }

    /// The condition for rows of this source.
    pub(super) fn own(&self) -> String {
        if self.is_dead_letter { format!("family = {}", quoted(self.family.name)) } else { "1".to_owned() }
    }

    /// The table's partition of a row, as it is noted. Dead letters are few, and need no partitions.
    pub(super) fn partition(&self) -> &'static str {
        if self.is_dead_letter { "''" } else { "_partition_id" }
    }

    pub(super) fn erased(&self, count: u64) -> Erased {
        if self.is_dead_letter {
            Erased { dead_letters: count, ..Erased::default() }
        } else {
            Erased { rows: count, ..Erased::default() }
        }
    }
}
