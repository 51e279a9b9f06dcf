//! Dates and times in their text forms.

use super::{
    calendar::{MILLIS_PER_DAY, days_from_civil, days_in_month},
    error::TimestampError,
};

/// The parts of a date and time as they are written, whether that time exists or not.
pub(super) struct DateTimeParts {
    year: u16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    millis: i64,
    offset: Offset,
    /// Whether hour 24 is the midnight at the end of the day.
    has_hour_24: bool,
}

struct Offset {
    sign: char,
    hours: u8,
    minutes: u8,
}

impl DateTimeParts {
    /// Reads the parts; `None` if the text has another form.
    pub(super) fn read(text: &str) -> Option<Self> {
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
            if cursor.byte(b".").is_some() {
                millis = cursor.fraction_millis()?;
            }
        }
        let offset = cursor.offset()?;
        let has_hour_24 = false;
        cursor.rest.is_empty().then_some(Self { year, month, day, hour, minute, second, millis, offset, has_hour_24 })
    }

    /// Reads the parts in one of several forms, which may omit the separators, the time, and its seconds. With
    /// separators a part may have one digit.
    pub(super) fn read_lenient(text: &str) -> Option<Self> {
        let mut cursor = Cursor { rest: text.as_bytes() };
        let year = u16::from(cursor.two_digits()?) * 100 + u16::from(cursor.two_digits()?);
        let is_extended = cursor.byte(b"-").is_some();
        let separator = |cursor: &mut Cursor<'_>, byte| !is_extended || cursor.byte(byte).is_some();
        let part = |cursor: &mut Cursor<'_>| if is_extended { cursor.one_or_two_digits() } else { cursor.two_digits() };
        let month = part(&mut cursor)?;
        separator(&mut cursor, b"-").then_some(())?;
        let day = part(&mut cursor)?;
        let (mut hour, mut minute, mut second, mut millis, mut offset) = (0, 0, 0, 0, Offset::UTC);
        if cursor.byte(b"Tt ").is_some() {
            hour = part(&mut cursor)?;
            separator(&mut cursor, b":").then_some(())?;
            minute = part(&mut cursor)?;
            let has_seconds = if is_extended {
                cursor.byte(b":").is_some()
            } else {
                cursor.rest.first().is_some_and(u8::is_ascii_digit)
            };
            if has_seconds {
                second = part(&mut cursor)?;
                if cursor.byte(b".,").is_some() {
                    millis = cursor.fraction_millis()?;
                }
            }
            while cursor.byte(b" ").is_some() {}
            offset = cursor.offset()?;
        }
        let has_hour_24 = hour == 24 && (minute, second, millis) == (0, 0, 0);
        cursor.rest.is_empty().then_some(Self { year, month, day, hour, minute, second, millis, offset, has_hour_24 })
    }

    /// Milliseconds since the epoch, if the time exists.
    pub(super) fn millis(&self) -> Result<i64, TimestampError> {
        let &Self { year, month, day, hour, minute, second, millis, .. } = self;
        if !(1..=12).contains(&month) {
            return Err(TimestampError::Month { month });
        }
        if !(1..=days_in_month(year, month)).contains(&day) {
            return Err(TimestampError::Day { year, month, day });
        }
        if hour > 23 && !self.has_hour_24 {
            return Err(TimestampError::Hour { hour });
        }
        if minute > 59 {
            return Err(TimestampError::Minute { minute });
        }
        // A leap second is written as 60; it coincides with the first second of the next minute.
        if second > 60 {
            return Err(TimestampError::Second { second });
        }
        let days = days_from_civil(year.into(), month.into(), day.into());
        let minutes = i64::from(hour) * 60 + i64::from(minute) - self.offset.minutes()?;
        Ok(days * MILLIS_PER_DAY + (minutes * 60 + i64::from(second)) * 1000 + millis)
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

/// Reads what is requested, or returns `None` and stays in place.
struct Cursor<'a> {
    rest: &'a [u8],
}

impl Cursor<'_> {
    fn two_digits(&mut self) -> Option<u8> {
        let [tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] = self.rest else { return None };
        self.rest = rest;
        Some((tens - b'0') * 10 + (ones - b'0'))
    }

    fn one_or_two_digits(&mut self) -> Option<u8> {
        self.two_digits().or_else(|| self.byte(b"0123456789").map(|digit| digit - b'0'))
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
