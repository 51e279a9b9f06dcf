//! Points in time as stored: UTC milliseconds.

mod calendar;
mod error;
mod written;

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Visitor},
};

pub use self::error::TimestampError;
use self::{
    calendar::{MILLIS_PER_DAY, civil_from_days},
    written::DateTimeParts,
};

/// A point in time in milliseconds since 1970-01-01T00:00:00Z.
///
/// [`Timestamp::parse`] reads RFC 3339 with any offset; a text without an offset is UTC. Digits below a millisecond
/// are cut.
///
/// ```
/// use voc_events::Timestamp;
/// let noon = Timestamp::parse("2026-02-02T12:00:00Z")?;
/// assert_eq!(Timestamp::parse("2026-02-02T09:00:00.000999-03:00")?, noon);
/// assert_eq!(Timestamp::parse("2026-02-02 12:00:00")?, noon);
/// assert_eq!(Timestamp::from_epoch(1_770_033_600.0)?, noon);
/// assert_eq!(Timestamp::from_epoch(1_770_033_600_000.0)?, noon);
/// # Ok::<(), voc_events::TimestampError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// Numbers up to this are seconds, numbers above it milliseconds: as seconds it is in the year 2603, as milliseconds
/// in August 1970. pydantic, which the producers' own schemas were written for, uses the same limit.
const MAX_EPOCH_SECONDS: f64 = 2e10;

impl Timestamp {
    /// From milliseconds since the epoch.
    ///
    /// ```
    /// use voc_events::Timestamp;
    ///
    /// let noon = Timestamp::from_millis(1_770_033_600_000);
    /// let later = Timestamp::from_millis(noon.as_millis() + 250);
    /// assert_eq!(later.to_string(), "2026-02-02T12:00:00.250Z");
    /// ```
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// From a number of seconds (up to 2·10¹⁰) or milliseconds (above) since the epoch, fractions allowed. Digits
    /// below a millisecond are cut, so that a time is the same as a number and as a text.
    ///
    /// ```
    /// use voc_events::Timestamp;
    ///
    /// let text = Timestamp::parse("2026-02-02T12:00:00.123900Z")?;
    /// assert_eq!(Timestamp::from_epoch(1_770_033_600.1239)?, text);
    /// assert_eq!(text.to_string(), "2026-02-02T12:00:00.123Z");
    /// # Ok::<(), voc_events::TimestampError>(())
    /// ```
    ///
    /// # Errors
    /// [`TimestampError::OutOfRange`] if it is not a finite number in the range of years 0000 to 9999.
    pub fn from_epoch(number: f64) -> Result<Self, TimestampError> {
        let millis = if number.abs() <= MAX_EPOCH_SECONDS { number * 1000.0 } else { number };
        if !millis.is_finite() || millis.abs() >= 253_402_300_800_000.0 {
            return Err(TimestampError::OutOfRange);
        }
        // A fraction of a second such as 0.001 has no exact binary form, so that cutting it would lose the
        // millisecond: it is first rounded to microseconds, as Python does.
        #[expect(clippy::cast_possible_truncation, reason = "the range was checked above")]
        let micros = (millis * 1000.0).round() as i64;
        Ok(Self(micros.div_euclid(1000)))
    }

    /// Reads `YYYY-MM-DD(T| )hh:mm[:ss[.fraction]][Z|±hh:mm|±hhmm|±hh]`.
    ///
    /// # Errors
    /// [`TimestampError::Format`] if the text has another form, otherwise the first part that does not exist:
    /// [`Month`](TimestampError::Month), [`Day`](TimestampError::Day), [`Hour`](TimestampError::Hour),
    /// [`Minute`](TimestampError::Minute), [`Second`](TimestampError::Second) or [`Offset`](TimestampError::Offset).
    ///
    /// ```
    /// use voc_events::{Timestamp, TimestampError};
    /// let error = Timestamp::parse("2025-02-29T12:00:00Z").unwrap_err();
    /// assert_eq!(error, TimestampError::Day { year: 2025, month: 2, day: 29 });
    /// assert_eq!(error.to_string(), "February 2025 has no day 29");
    /// ```
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        DateTimeParts::read(text).ok_or(TimestampError::Format)?.millis().map(Self)
    }

    /// [`parse`](Self::parse) with further forms that producers write: a date alone, for its midnight in UTC; ISO
    /// 8601's basic form, without hyphens and colons; a comma as the decimal mark; with hyphens and colons, parts of
    /// one digit; a space before the offset; hour 24, for the midnight at the end of the day.
    ///
    /// # Errors
    /// Like [`parse`](Self::parse).
    ///
    /// ```
    /// use voc_events::Timestamp;
    /// let midnight = Timestamp::parse("2026-02-03T00:00:00Z")?;
    /// for text in ["2026-02-03", "20260203", "20260203T0000Z", "2026-2-3T0:00:00,0", "2026-02-02T24:00:00 +00:00"] {
    ///     assert_eq!(Timestamp::parse_lenient(text)?, midnight, "{text}");
    ///     assert!(Timestamp::parse(text).is_err(), "{text}");
    /// }
    /// # Ok::<(), voc_events::TimestampError>(())
    /// ```
    pub fn parse_lenient(text: &str) -> Result<Self, TimestampError> {
        DateTimeParts::read_lenient(text).ok_or(TimestampError::Format)?.millis().map(Self)
    }

    /// Calendar month in UTC as `YYYYMM`, the store's default partition.
    ///
    /// ```
    /// use voc_events::Timestamp;
    ///
    /// assert_eq!(Timestamp::parse("2026-02-28T23:30:00-03:00")?.month(), 202_603);
    /// # Ok::<(), voc_events::TimestampError>(())
    /// ```
    #[must_use]
    pub fn month(self) -> u32 {
        let (year, month, _) = civil_from_days(self.0.div_euclid(MILLIS_PER_DAY));
        u32::try_from(year * 100 + month).unwrap_or(0)
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with milliseconds, such as `2026-02-02T12:00:00.000Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.0.div_euclid(MILLIS_PER_DAY));
        let millis = self.0.rem_euclid(MILLIS_PER_DAY);
        let (hour, minute, second) = (millis / 3_600_000, millis / 60_000 % 60, millis / 1000 % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", millis % 1000)
    }
}

impl From<SystemTime> for Timestamp {
    /// Fractions of a millisecond are cut.
    fn from(time: SystemTime) -> Self {
        let millis = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        match time.duration_since(UNIX_EPOCH) {
            Ok(since) => Self(millis(since)),
            // Rounds towards the past, also before 1970.
            Err(before) => Self(-millis(before.duration() + Duration::from_nanos(999_999))),
        }
    }
}

impl From<Timestamp> for SystemTime {
    fn from(timestamp: Timestamp) -> Self {
        let millis = Duration::from_millis(timestamp.0.unsigned_abs());
        if timestamp.0 < 0 { UNIX_EPOCH - millis } else { UNIX_EPOCH + millis }
    }
}

/// Conversions for users of the crate `time`; with the feature `time`.
#[cfg(feature = "time")]
mod with_time {
    use time::OffsetDateTime;

    use super::Timestamp;

    impl From<OffsetDateTime> for Timestamp {
        /// Fractions of a millisecond are cut.
        fn from(time: OffsetDateTime) -> Self {
            Self(i64::try_from(time.unix_timestamp_nanos().div_euclid(1_000_000)).unwrap_or(i64::MAX))
        }
    }

    impl TryFrom<Timestamp> for OffsetDateTime {
        type Error = time::error::ComponentRange;

        /// # Errors
        /// If the year has more than four digits.
        fn try_from(timestamp: Timestamp) -> Result<Self, Self::Error> {
            Self::from_unix_timestamp_nanos(i128::from(timestamp.0) * 1_000_000)
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    /// From a text as [`Timestamp::parse`] reads it, or a number as [`Timestamp::from_epoch`] takes it.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl Visitor<'_> for Read {
            type Value = Timestamp;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an RFC 3339 date and time, or a number of epoch seconds or milliseconds")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Timestamp, E> {
                Timestamp::parse(text.trim()).map_err(E::custom)
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Timestamp, E> {
                Timestamp::from_epoch(number).map_err(E::custom)
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Timestamp, E> {
                #[expect(clippy::cast_precision_loss, reason = "times within the limits have fewer than 53 bits")]
                self.visit_f64(number as f64)
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Timestamp, E> {
                #[expect(clippy::cast_precision_loss, reason = "times within the limits have fewer than 53 bits")]
                self.visit_f64(number as f64)
            }
        }
        deserializer.deserialize_any(Read)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
