//! Buckets of time, in a time zone.

use jiff::{Timestamp as Instant, civil::Date, tz::TimeZone};
use voc_events::Timestamp;

use super::QueryError;
use crate::{Period, revision::MILLIS_PER_HOUR};

/// Maximum number of buckets of an answer.
const MAX_BUCKETS: usize = 20_000;

pub(crate) const MILLIS_PER_MINUTE: i64 = 60_000;

/// How long a bucket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Granularity {
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// A day, of 23 or 25 hours if the clocks change.
    Day,
    /// A week.
    Week,
    /// A month.
    Month,
}

impl Granularity {
    /// All of them, the finest first.
    pub const ALL: [Self; 5] = [Self::Minute, Self::Hour, Self::Day, Self::Week, Self::Month];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }
}

/// The first day of a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum WeekStart {
    /// As in ISO 8601.
    #[default]
    Monday,
    /// As in the United States and Brazil.
    Sunday,
}

/// Buckets of one granularity in one time zone.
///
/// ```
/// use voc_events::Timestamp;
/// use voc_store::{Buckets, Granularity, Period, WeekStart};
///
/// // The clocks of New York are set back on 2026-11-01, a day of 25 hours.
/// let days = Buckets::new(Granularity::Day, "America/New_York", WeekStart::Monday)?;
/// let at = |text: &str| Timestamp::parse(text).unwrap();
/// let period = Period { since: at("2026-10-31T12:00:00Z"), until: at("2026-11-02T05:00:00Z") };
/// let starts = days.starts(period)?;
/// assert_eq!(starts, ["2026-10-31T04:00:00Z", "2026-11-01T04:00:00Z"].map(at));
/// # Ok::<(), voc_store::QueryError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Buckets {
    granularity: Granularity,
    zone: TimeZone,
    zone_name: String,
    week_start: WeekStart,
}

impl Buckets {
    /// Buckets in a time zone by its IANA name.
    ///
    /// # Errors
    /// [`QueryError::Zone`] if there is no such time zone.
    pub fn new(granularity: Granularity, zone: &str, week_start: WeekStart) -> Result<Self, QueryError> {
        let unknown = || QueryError::Zone { name: zone.to_owned() };
        let found = TimeZone::get(zone).map_err(|_| unknown())?;
        // A zone without a name is not one of the database, which the store shares.
        let zone_name = found.iana_name().ok_or_else(unknown)?.to_owned();
        Ok(Self { granularity, zone: found, zone_name, week_start })
    }

    /// How long a bucket is.
    #[must_use]
    pub fn granularity(&self) -> Granularity {
        self.granularity
    }

    /// The time zone's IANA name.
    #[must_use]
    pub fn zone(&self) -> &str {
        &self.zone_name
    }

    /// The first day of a week.
    #[must_use]
    pub fn week_start(&self) -> WeekStart {
        self.week_start
    }

    /// The starts of all buckets that have an instant of a period, the first of which may be before the period.
    ///
    /// # Errors
    /// [`QueryError::Buckets`] if there are too many.
    pub fn starts(&self, period: Period) -> Result<Vec<Timestamp>, QueryError> {
        let mut starts = Vec::new();
        if period.since >= period.until {
            return Ok(starts);
        }
        let mut start = self.start_of(period.since);
        while start < period.until {
            if starts.len() == MAX_BUCKETS {
                return Err(QueryError::Buckets { max: MAX_BUCKETS });
            }
            starts.push(start);
            start = self.following(start);
        }
        Ok(starts)
    }

    /// The start of the bucket with an instant.
    #[must_use]
    pub fn start_of(&self, time: Timestamp) -> Timestamp {
        match self.granularity {
            Granularity::Minute => self.start_of_clock(time, MILLIS_PER_MINUTE),
            Granularity::Hour => self.start_of_clock(time, MILLIS_PER_HOUR),
            Granularity::Day | Granularity::Week | Granularity::Month => {
                self.start_of_date(self.first_date(self.date_of(time)))
            }
        }
    }

    /// The start of the next bucket.
    fn following(&self, start: Timestamp) -> Timestamp {
        match self.granularity {
            Granularity::Minute => Timestamp::from_millis(start.as_millis().saturating_add(MILLIS_PER_MINUTE)),
            Granularity::Hour => {
                // Where the clocks change by half an hour, the next bucket begins earlier.
                let next = Timestamp::from_millis(start.as_millis().saturating_add(MILLIS_PER_HOUR));
                let aligned = self.start_of_clock(next, MILLIS_PER_HOUR);
                if aligned > start { aligned } else { next }
            }
            Granularity::Day | Granularity::Week | Granularity::Month => {
                let date = self.date_of(start);
                let next = match self.granularity {
                    Granularity::Month => date.last_of_month().tomorrow(),
                    Granularity::Week => (0..7).try_fold(date, |date, _| date.tomorrow()),
                    _ => date.tomorrow(),
                };
                // After the last date of the calendar there is no bucket.
                next.map_or(Timestamp::from_millis(i64::MAX), |date| self.start_of_date(date))
            }
        }
    }

    /// The start of a date of the zone.
    fn start_of_date(&self, date: Date) -> Timestamp {
        // If a day has no midnight, because the clocks change there, this is its first instant.
        let start = date.to_zoned_datetime(self.zone.clone());
        Timestamp::from_millis(start.map_or(i64::MAX, |start| start.timestamp().as_millisecond()))
    }

    fn first_date(&self, date: Date) -> Date {
        let days_before = match (self.granularity, self.week_start) {
            (Granularity::Month, _) => return date.first_of_month(),
            (Granularity::Week, WeekStart::Monday) => date.weekday().to_monday_zero_offset(),
            (Granularity::Week, WeekStart::Sunday) => date.weekday().to_sunday_zero_offset(),
            _ => 0,
        };
        (0..days_before).fold(date, |date, _| date.yesterday().unwrap_or(date))
    }

    fn date_of(&self, time: Timestamp) -> Date {
        self.zone.to_datetime(instant(time)).date()
    }

    fn start_of_clock(&self, time: Timestamp, unit: i64) -> Timestamp {
        let offset = self.offset_millis(time);
        let local = time.as_millis().saturating_add(offset);
        let start = Timestamp::from_millis(local.div_euclid(unit).saturating_mul(unit).saturating_sub(offset));
        if (self.offset_millis(start) - offset) % unit == 0 {
            return start;
        }
        // The clocks have changed since, by half an hour: the bucket begins there, and the one before ends.
        let change = self.zone.preceding(instant(Timestamp::from_millis(time.as_millis().saturating_add(1)))).next();
        change.map_or(start, |change| start.max(Timestamp::from_millis(change.timestamp().as_millisecond())))
    }

    fn offset_millis(&self, time: Timestamp) -> i64 {
        i64::from(self.zone.to_offset(instant(time)).seconds()) * 1000
    }

    /// Whether all buckets of a period begin at multiples of some milliseconds in UTC.
    pub(crate) fn are_multiples_of(&self, unit: i64, period: Period) -> bool {
        let is_whole = |offset: i64| offset % unit == 0;
        let until = instant(period.until);
        let mut changes = self.zone.following(instant(period.since)).take_while(|change| change.timestamp() < until);
        (self.granularity != Granularity::Minute || unit <= MILLIS_PER_MINUTE)
            && is_whole(self.offset_millis(period.since))
            && changes.all(|change| is_whole(i64::from(change.offset().seconds()) * 1000))
    }
}

/// The instant, or the nearest that calendars know.
fn instant(time: Timestamp) -> Instant {
    let nearest = if time.as_millis() < 0 { Instant::MIN } else { Instant::MAX };
    Instant::from_millisecond(time.as_millis()).unwrap_or(nearest)
}
