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
        Written::read(text).ok_or(TimestampError::Format)?.timestamp()
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

/// The parts of a date and time as they are written, whether there is such a time or not.
struct Written {
    year: u16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    millis: i64,
    offset: Offset,
}

struct Offset {
    sign: char,
    hours: u8,
    minutes: u8,
}

impl Written {
    /// Reads the parts; `None` if the text has another form.
    fn read(text: &str) -> Option<Self> {
        let mut cursor = Cursor { rest: text.as_bytes() };
        let year = u16::from(cursor.two_digits()?) * 100 + u16::from(cursor.two_digits()?);
        cursor.byte(b"-")?;
        let month = cursor.two_digits()?;
        cursor.byte(b"-")?;
        let day = cursor.two_digits()?;
        cursor.byte(b"Tt ")?;
        let hour = cursor.two_digits()?;
        cursor.byte(b":")?;
        let minute = cursor.two_digits()?;
        let (mut second, mut millis) = (0, 0);
        if cursor.byte(b":").is_some() {
            second = cursor.two_digits()?;
            if cursor.byte(b".,").is_some() {
                millis = cursor.fraction_millis()?;
            }
        }
        let offset = cursor.offset()?;
        cursor.rest.is_empty().then_some(Self { year, month, day, hour, minute, second, millis, offset })
    }

    fn timestamp(&self) -> Result<Timestamp, TimestampError> {
        let &Self { year, month, day, hour, minute, second, millis, .. } = self;
        if !(1..=12).contains(&month) {
            return Err(TimestampError::Month { month });
        }
        if !(1..=days_in_month(year, month)).contains(&day) {
            return Err(TimestampError::Day { year, month, day });
        }
        if hour > 23 {
            return Err(TimestampError::Hour { hour });
        }
        if minute > 59 {
            return Err(TimestampError::Minute { minute });
        }
        // A leap second is written as 60; it falls on the first second of the next minute.
        if second > 60 {
            return Err(TimestampError::Second { second });
        }
        let days = days_from_civil(year.into(), month.into(), day.into());
        let minutes = i64::from(hour) * 60 + i64::from(minute) - self.offset.minutes()?;
        Ok(Timestamp(days * MILLIS_PER_DAY + (minutes * 60 + i64::from(second)) * 1000 + millis))
    }
}

impl Offset {
    const UTC: Self = Self { sign: '+', hours: 0, minutes: 0 };

    fn minutes(&self) -> Result<i64, TimestampError> {
        let &Self { sign, hours, minutes } = self;
        if hours > 23 || minutes > 59 {
            return Err(TimestampError::Offset { sign, hours, minutes });
        }
        let minutes = i64::from(hours) * 60 + i64::from(minutes);
        Ok(if sign == '-' { -minutes } else { minutes })
    }
}

/// Reads what it is asked for, or says `None` and stays.
struct Cursor<'a> {
    rest: &'a [u8],
}

impl Cursor<'_> {
    fn two_digits(&mut self) -> Option<u8> {
        let [tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] = self.rest else { return None };
        self.rest = rest;
        Some((tens - b'0') * 10 + (ones - b'0'))
    }

    /// One of the candidates.
    fn byte(&mut self, candidates: &[u8]) -> Option<u8> {
        let (first, rest) = self.rest.split_first().filter(|(first, _)| candidates.contains(first))?;
        self.rest = rest;
        Some(*first)
    }

    fn fraction_millis(&mut self) -> Option<i64> {
        let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (fraction, rest) = self.rest.split_at(digits);
        self.rest = rest;
        let digit = |place| fraction.get(place).map_or(0, |digit| i64::from(digit - b'0'));
        (!fraction.is_empty()).then(|| (0..3).fold(0, |millis, place| millis * 10 + digit(place)))
    }

    fn offset(&mut self) -> Option<Offset> {
        if self.rest.is_empty() || self.byte(b"Zz").is_some() {
            return Some(Offset::UTC);
        }
        let sign = char::from(self.byte(b"+-")?);
        let hours = self.two_digits()?;
        let minutes = if self.rest.is_empty() {
            0
        } else {
            self.byte(b":");
            self.two_digits()?
        };
        Some(Offset { sign, hours, minutes })
    }
}

fn is_leap_year(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_in_month(year: u16, month: u8) -> u8 {
    match month {
        2 if is_leap_year(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn month_name(month: u8) -> &'static str {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    NAMES.get(usize::from(month).wrapping_sub(1)).copied().unwrap_or("the month")
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
