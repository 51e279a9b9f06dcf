//! Points in time as the store keeps them: UTC milliseconds.

use std::fmt;

use serde::{Serialize, Serializer};

/// A point in time in milliseconds since 1970-01-01T00:00:00Z.
///
/// [`Timestamp::parse`] reads RFC 3339 with any offset; a text without an offset is UTC. Digits below a millisecond are cut.
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

const MILLIS_PER_DAY: i64 = 86_400_000;

/// Numbers up to this are seconds, above it milliseconds: as seconds it is the year 2603, as milliseconds August 1970.
/// pydantic, which the producers' own schemas were written for, draws the line at the same place.
const MAX_EPOCH_SECONDS: f64 = 2e10;

impl Timestamp {
    /// From milliseconds since the epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// From a number of seconds (up to 2·10¹⁰) or milliseconds (above) since the epoch, fractions allowed.
    ///
    /// # Errors
    /// [`TimestampError::OutOfRange`] for what is not a finite number in the range of years 0000 to 9999.
    pub fn from_epoch(number: f64) -> Result<Self, TimestampError> {
        let millis = if number.abs() <= MAX_EPOCH_SECONDS { number * 1000.0 } else { number };
        if !millis.is_finite() || millis.abs() >= 253_402_300_800_000.0 {
            return Err(TimestampError::OutOfRange);
        }
        // A fraction of a second such as 0.001 has no exact binary form, so cutting would lose the millisecond.
        #[expect(clippy::cast_possible_truncation, reason = "the range was checked above")]
        Ok(Self(millis.round() as i64))
    }

    /// Reads `YYYY-MM-DD(T| )hh:mm[:ss[.fraction]][Z|±hh:mm|±hhmm|±hh]`.
    ///
    /// # Errors
    /// [`TimestampError::Format`] if the text has another form, [`TimestampError::OutOfRange`] if a part is not possible, such
    /// as a thirteenth month.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        let mut cursor = Cursor { rest: text.as_bytes() };
        let year = cursor.digits(4)?;
        cursor.byte(b'-')?;
        let month = cursor.digits(2)?;
        cursor.byte(b'-')?;
        let day = cursor.digits(2)?;
        if !cursor.skip_any(b"Tt ") {
            return Err(TimestampError::Format);
        }
        let hour = cursor.digits(2)?;
        cursor.byte(b':')?;
        let minute = cursor.digits(2)?;
        let mut second = 0;
        let mut millis = 0;
        if cursor.skip_any(b":") {
            second = cursor.digits(2)?;
            if cursor.skip_any(b".,") {
                millis = cursor.fraction_millis()?;
            }
        }
        let offset_minutes = cursor.offset_minutes()?;
        if !cursor.rest.is_empty() {
            return Err(TimestampError::Format);
        }
        // A leap second is written as 60; it falls on the first second of the next minute.
        let possible = (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day)
            && hour <= 23
            && minute <= 59
            && second <= 60;
        if !possible {
            return Err(TimestampError::OutOfRange);
        }
        let days = days_from_civil(year, month, day);
        let seconds = (hour * 60 + minute - offset_minutes) * 60 + second;
        Ok(Self(days * MILLIS_PER_DAY + seconds * 1000 + millis))
    }

    /// Calendar month in UTC as `YYYYMM`, the store's default partition.
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

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Why a timestamp was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimestampError {
    /// The text is not a date and time of RFC 3339.
    #[error("not an RFC 3339 date and time")]
    Format,
    /// The parts do not name a point in time.
    #[error("out of range")]
    OutOfRange,
}

struct Cursor<'a> {
    rest: &'a [u8],
}

impl Cursor<'_> {
    fn digits(&mut self, count: usize) -> Result<i64, TimestampError> {
        let (digits, rest) = self.rest.split_at_checked(count).ok_or(TimestampError::Format)?;
        let mut number = 0;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return Err(TimestampError::Format);
            }
            number = number * 10 + i64::from(digit - b'0');
        }
        self.rest = rest;
        Ok(number)
    }

    fn byte(&mut self, expected: u8) -> Result<(), TimestampError> {
        if self.skip_any(&[expected]) { Ok(()) } else { Err(TimestampError::Format) }
    }

    fn skip_any(&mut self, candidates: &[u8]) -> bool {
        match self.rest.split_first() {
            Some((first, rest)) if candidates.contains(first) => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn fraction_millis(&mut self) -> Result<i64, TimestampError> {
        let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return Err(TimestampError::Format);
        }
        let millis = (0..3).fold(0, |millis, place| {
            let digit = if place < digits { i64::from(self.rest[place] - b'0') } else { 0 };
            millis * 10 + digit
        });
        self.rest = &self.rest[digits..];
        Ok(millis)
    }

    fn offset_minutes(&mut self) -> Result<i64, TimestampError> {
        let sign = match self.rest.first() {
            None => return Ok(0),
            Some(b'Z' | b'z') => {
                self.rest = &self.rest[1..];
                return Ok(0);
            }
            Some(b'+') => 1,
            Some(b'-') => -1,
            Some(_) => return Err(TimestampError::Format),
        };
        self.rest = &self.rest[1..];
        let hours = self.digits(2)?;
        let minutes = if self.rest.is_empty() {
            0
        } else {
            self.skip_any(b":");
            self.digits(2)?
        };
        if hours > 23 || minutes > 59 {
            return Err(TimestampError::OutOfRange);
        }
        Ok(sign * (hours * 60 + minutes))
    }
}

fn is_leap_year(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap_year(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar (Howard Hinnant, "chrono-compatible low-level date
/// algorithms", `days_from_civil`).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_civil`]: year, month, day.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}
