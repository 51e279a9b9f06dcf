//! The range of a question: between which instants, in which time zone.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::{Timestamp as Instant, civil::Date, tz::TimeZone};
use voc_events::{MAX_CLOCK_SKEW_MILLIS, Timestamp};
use voc_store::Period;

use crate::parameters::{Moment, Parameters};

const MILLIS_PER_DAY: i64 = 86_400_000;
const MILLIS_PER_HOUR: i64 = 3_600_000;
const MILLIS_PER_MINUTE: i64 = 60_000;
/// Days from which on a range up to now is one of full hours.
const LONG_DAYS: i64 = 2;
const DEFAULT_DAYS: i64 = 7;
pub(crate) const MAX_DAYS: i64 = 90;

/// A span of event time and the time zone it is seen in.
#[derive(Debug, Clone)]
pub(crate) struct Range {
    pub(crate) period: Period,
    pub(super) zone: TimeZone,
    /// The number of days up to now, if that is how the range was given.
    pub(super) days: Option<i64>,
    /// Whether it ends now.
    pub(crate) is_relative: bool,
    /// Whether a request has given it.
    is_given: bool,
}

impl Range {
    /// Reads `from` and `to`, or `last`, or `days`, and `timezone`. Without any, the last seven days.
    pub(crate) fn read(parameters: &mut Parameters) -> Self {
        let zone = parameters.zone("timezone").unwrap_or(TimeZone::UTC);
        let (from, to) = (parameters.moment("from"), parameters.moment("to"));
        let last = parameters.duration("last");
        let days = parameters.optional_whole("days", 1..=MAX_DAYS);
        let given = [from.or(to).is_some(), last.is_some(), days.is_some()];
        if given.into_iter().filter(|given| *given).count() > 1 {
            parameters.wrong("from", "give either 'from' and 'to', or 'last', or 'days'", "value_error.range");
        }
        let now = now();
        let soon = soon(now, MILLIS_PER_MINUTE);
        if let Some(span) = last {
            let since = instant(now).to_zoned_datetime(zone.clone()).checked_sub(span);
            let since = since.map_or(Timestamp::from_millis(0), |since| timestamp(since.timestamp()));
            return Self { period: up_to_now(since, now), zone, days: None, is_relative: true, is_given: true };
        }
        if from.is_none() && to.is_none() {
            let is_given = days.is_some();
            let days = days.unwrap_or(DEFAULT_DAYS);
            let since = Timestamp::from_millis(now.as_millis() - days * MILLIS_PER_DAY);
            return Self { period: up_to_now(since, now), zone, days: Some(days), is_relative: true, is_given };
        }
        let Some(from) = from else {
            parameters.wrong("from", "field required with 'to'", "value_error.missing");
            return Self {
                period: Period { since: soon, until: soon },
                zone,
                days: None,
                is_relative: true,
                is_given: true,
            };
        };
        let since = match from {
            Moment::Instant(instant) => instant,
            Moment::Date(date) => start_of(date, &zone),
        };
        let until = match to {
            None => soon,
            Some(Moment::Instant(instant)) => instant,
            // A range of dates has the last one, too.
            Some(Moment::Date(date)) => date.tomorrow().map_or(soon, |next| start_of(next, &zone)),
        };
        if since >= until {
            parameters.wrong("to", "ensure this value is after 'from'", "value_error.range");
        }
        Self { period: Period { since, until }, zone, days: None, is_relative: to.is_none(), is_given: true }
    }

    /// Makes a range that was not given that of all events up to now.
    pub(super) fn or_ever(&mut self) {
        if !self.is_given {
            self.period.since = Timestamp::from_millis(0);
            self.days = None;
        }
    }

    /// The period of the same length before it.
    pub(crate) fn previous(&self) -> Period {
        let (since, until) = (self.period.since.as_millis(), self.period.until.as_millis());
        // There are no events before 1970.
        let before = since.saturating_sub(until.saturating_sub(since)).max(0);
        Period { since: Timestamp::from_millis(before), until: self.period.since }
    }

    /// The first instant inside, as the time zone writes it.
    pub(crate) fn since(&self) -> String {
        local(self.period.since, &self.zone)
    }

    /// The first instant outside, as the time zone writes it.
    pub(crate) fn until(&self) -> String {
        local(self.period.until, &self.zone)
    }

    /// The name of its time zone.
    pub(crate) fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }
}

/// The range from an instant up to now, in full minutes, or in full hours if it is long. So a question that is
/// repeated within that time is the same, and its answer may be kept; and hourly rollups have all of a long range.
fn up_to_now(since: Timestamp, now: Timestamp) -> Period {
    let is_long = now.as_millis().saturating_sub(since.as_millis()) >= LONG_DAYS * MILLIS_PER_DAY;
    let unit = if is_long { MILLIS_PER_HOUR } else { MILLIS_PER_MINUTE };
    let since = since.as_millis().div_euclid(unit) * unit;
    Period { since: Timestamp::from_millis(since), until: soon(now, unit) }
}

/// The end of a range up to now, which has the events whose clocks are fast, too. An event dated decades ahead would
/// be counted in every range until then.
fn soon(now: Timestamp, unit: i64) -> Timestamp {
    let latest = now.as_millis() + MAX_CLOCK_SKEW_MILLIS;
    Timestamp::from_millis((latest.div_euclid(unit) + 1) * unit)
}

/// An instant in RFC 3339 as a time zone writes it, to the second if it is a full one.
pub(super) fn local(time: Timestamp, zone: &TimeZone) -> String {
    let zoned = instant(time).to_zoned_datetime(zone.clone());
    let format = if time.as_millis() % 1000 == 0 { "%Y-%m-%dT%H:%M:%S%:z" } else { "%Y-%m-%dT%H:%M:%S%.3f%:z" };
    zoned.strftime(format).to_string()
}

fn start_of(date: Date, zone: &TimeZone) -> Timestamp {
    let start = date.to_zoned_datetime(zone.clone());
    Timestamp::from_millis(start.map_or(0, |start| start.timestamp().as_millisecond()))
}

/// The time now.
pub(super) fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX / 2))
}

fn instant(time: Timestamp) -> Instant {
    Instant::from_millisecond(time.as_millis()).unwrap_or(Instant::MAX)
}

fn timestamp(instant: Instant) -> Timestamp {
    Timestamp::from_millis(instant.as_millisecond())
}
