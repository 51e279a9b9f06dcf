//! The time column of a table: milliseconds, or whole seconds.

use voc_events::{ColumnKind, Table};

const MILLIS_PER_SECOND: i64 = 1000;

/// The UTC milliseconds of an expression of the type of a table's time column.
pub(super) fn millis_of(table: &Table, expression: &str) -> String {
    match table.time.kind {
        ColumnKind::Seconds => format!("toUnixTimestamp64Milli(toDateTime64({expression}, 3, 'UTC'))"),
        _ => format!("toUnixTimestamp64Milli({expression})"),
    }
}

/// An expression to compare times with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    /// The function that converts a number to its type.
    of_number: &'static str,
    /// What the number counts, in milliseconds.
    unit: i64,
}

impl Clock {
    /// For whole seconds, and for hours.
    pub(super) const SECONDS: Self = Self { of_number: "fromUnixTimestamp", unit: MILLIS_PER_SECOND };
    const MILLIS: Self = Self { of_number: "fromUnixTimestamp64Milli", unit: 1 };

    /// For a table's time column.
    pub(crate) fn of(table: &Table) -> Self {
        match table.time.kind {
            ColumnKind::Seconds => Self::SECONDS,
            _ => Self::MILLIS,
        }
    }

    /// The first number at or after an instant.
    pub(crate) fn number(self, millis: i64) -> i64 {
        millis.div_euclid(self.unit) + i64::from(millis.rem_euclid(self.unit) > 0)
    }

    /// The instant of the number in a parameter.
    pub(super) fn instant(self, parameter: &str) -> String {
        self.instant_of(&format!("{{{parameter}:Int64}}"))
    }

    /// The instant of a number.
    pub(crate) fn instant_of(self, number: &str) -> String {
        format!("{}({number})", self.of_number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_seconds_compare_like_their_numbers() {
        for (millis, number) in [(0, 0), (1, 1), (999, 1), (1000, 1), (1001, 2), (-1, 0), (-1000, -1), (-1001, -1)] {
            assert_eq!(Clock::SECONDS.number(millis), number, "{millis}");
            assert_eq!(Clock::MILLIS.number(millis), millis);
        }
    }
}
