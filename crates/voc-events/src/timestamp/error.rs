//! Reasons why a text is not a point in time.

use super::calendar::month_name;

/// Reasons why a timestamp was refused.
///
/// ```
/// use voc_events::{Timestamp, TimestampError};
///
/// let explain = |text| match Timestamp::parse(text) {
///     Ok(time) => time.to_string(),
///     Err(TimestampError::Format) => "write it as 2026-02-02T12:00:00Z".to_owned(),
///     Err(impossible) => impossible.to_string(),
/// };
/// assert_eq!(explain("noon"), "write it as 2026-02-02T12:00:00Z");
/// assert_eq!(explain("2026-02-02T25:00:00Z"), "there is no hour 25");
/// assert_eq!(Timestamp::from_epoch(f64::NAN), Err(TimestampError::OutOfRange));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimestampError {
    /// The text is not a date and time of RFC 3339.
    #[error("not an RFC 3339 date and time")]
    Format,
    /// The month is not one of 1 to 12.
    #[error("there is no month {month}")]
    Month {
        /// Month found.
        month: u8,
    },
    /// The month has no such day.
    #[error("{} {year:04} has no day {day}", month_name(*month))]
    Day {
        /// Year of the month.
        year: u16,
        /// The month, from 1 to 12.
        month: u8,
        /// Day found.
        day: u8,
    },
    /// The hour is past 23.
    #[error("there is no hour {hour}")]
    Hour {
        /// Hour found.
        hour: u8,
    },
    /// The minute is past 59.
    #[error("there is no minute {minute}")]
    Minute {
        /// Minute found.
        minute: u8,
    },
    /// The second is past 60, which is a leap second.
    #[error("there is no second {second}")]
    Second {
        /// Second found.
        second: u8,
    },
    /// The offset from UTC has more than 23 hours or 59 minutes.
    #[error("there is no offset {sign}{hours:02}:{minutes:02}")]
    Offset {
        /// `+` or `-`.
        sign: char,
        /// Hours found.
        hours: u8,
        /// Minutes found.
        minutes: u8,
    },
    /// A number of seconds or milliseconds is not finite, or too far from 1970.
    #[error("out of range")]
    OutOfRange,
}
