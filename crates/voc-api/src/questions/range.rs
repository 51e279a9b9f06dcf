//! The range of a question: between which instants, in which time zone.

use std::time::SystemTime;

use jiff::{Span, SpanRelativeTo, Timestamp as Instant, civil::Date, tz::TimeZone};
use voc_events::{MAX_CLOCK_SKEW_MILLIS, Timestamp};
use voc_store::{Granularity, Period};

use crate::parameters::{Moment, Parameters};

const MILLIS_PER_DAY: i64 = 86_400_000;
const MILLIS_PER_HOUR: i64 = 3_600_000;
const MILLIS_PER_MINUTE: i64 = 60_000;
/// Days from which on a range up to now is one of full hours.
const LONG_DAYS: i64 = 2;
const DEFAULT_DAYS: i64 = 7;
pub(crate) const MAX_DAYS: i64 = 90;
/// More units than any range has that is shown in buckets of them.
const MAX_UNITS: i64 = 100_000;

/// A span of event time and the time zone it is seen in.
#[derive(Debug, Clone)]
pub(crate) struct Range {
    pub(crate) period: Period,
    pub(super) zone: TimeZone,
    /// The number of days up to now, if that is how the range was given.
    pub(super) days: Option<i64>,
    /// Its length, if that is how the range was given; it ends a little later, because it ends now.
    length: Option<Span>,
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
            let period = up_to_now(since, now);
            return Self { period, zone, days: None, length: Some(span), is_relative: true, is_given: true };
        }
        // One that is wrong is a mistake already, and not a missing one.
        let is_wrong = from.is_none() && parameters.is_given("from");
        if from.is_none() && (to.is_none() || is_wrong) {
            let is_given = days.is_some();
            let days = days.unwrap_or(DEFAULT_DAYS);
            let since = Timestamp::from_millis(now.as_millis() - days * MILLIS_PER_DAY);
            let (period, length) = (up_to_now(since, now), Span::new().try_days(days).ok());
            return Self { period, zone, days: Some(days), length, is_relative: true, is_given };
        }
        let Some(from) = from else {
            parameters.wrong("from", "field required with 'to'", "value_error.missing");
            return Self {
                period: Period { since: soon, until: soon },
                zone,
                days: None,
                length: None,
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
            match to {
                Some(_) => parameters.wrong("to", "ensure this value is after 'from'", "value_error.range"),
                None => parameters.wrong("from", "ensure this value is not in the future", "value_error.range"),
            }
        }
        let period = Period { since, until };
        Self { period, zone, days: None, length: None, is_relative: to.is_none(), is_given: true }
    }

    /// Its length in hours as it was given, so that all pages of an answer agree about it.
    pub(super) fn hours(&self) -> i64 {
        let given = self.length.and_then(|length| length.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
        let exact = self.period.until.as_millis() - self.period.since.as_millis();
        given.map_or(exact / MILLIS_PER_HOUR, |given| given.as_hours())
    }

    /// Makes a range that was not given that of all events up to now.
    pub(super) fn or_ever(&mut self) {
        if !self.is_given {
            self.period.since = Timestamp::from_millis(0);
            self.days = None;
            self.length = None;
        }
    }

    /// The period before it, whose buckets correspond to those of this one by their order: this one is moved back by
    /// its length in buckets, rounded up. Without buckets, days are the unit of a range of whole days, and any other
    /// range is moved back by its exact length.
    pub(crate) fn previous(&self, granularity: Option<Granularity>) -> Period {
        let Period { since, until } = self.period;
        let length = self.length_in(granularity);
        let back = |time: Timestamp| {
            let moved = instant(time).to_zoned_datetime(self.zone.clone()).checked_sub(length);
            // There are no events before 1970.
            moved.map_or(0, |moved| moved.timestamp().as_millisecond()).max(0)
        };
        let until = back(until).min(since.as_millis());
        Period { since: Timestamp::from_millis(back(since)), until: Timestamp::from_millis(until) }
    }

    fn length_in(&self, granularity: Option<Granularity>) -> Span {
        let Period { since, until } = self.period;
        let exact = Span::new().try_milliseconds(until.as_millis().saturating_sub(since.as_millis()));
        let exact = self.length.or(exact.ok()).unwrap_or_default();
        let start = instant(since).to_zoned_datetime(self.zone.clone());
        let Ok(end) = start.checked_add(exact) else { return exact };
        let whole = |unit: Granularity| {
            let units = (1..=MAX_UNITS).map_while(|count| match unit {
                Granularity::Minute => Span::new().try_minutes(count).ok(),
                Granularity::Hour => Span::new().try_hours(count).ok(),
                Granularity::Day => Span::new().try_days(count).ok(),
                Granularity::Week => Span::new().try_weeks(count).ok(),
                Granularity::Month => Span::new().try_months(count).ok(),
            });
            let mut moved = units.map_while(|span| Some((span, start.checked_add(span).ok()?)));
            moved.find(|(_, moved)| *moved >= end)
        };
        match granularity {
            Some(unit) => whole(unit).map_or(exact, |(span, _)| span),
            None => whole(Granularity::Day).filter(|(_, moved)| *moved == end).map_or(exact, |(span, _)| span),
        }
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
    Timestamp::from(SystemTime::now())
}

fn instant(time: Timestamp) -> Instant {
    Instant::from_millisecond(time.as_millis()).unwrap_or(Instant::MAX)
}

fn timestamp(instant: Instant) -> Timestamp {
    Timestamp::from_millis(instant.as_millisecond())
}

#[cfg(test)]
mod tests {
    use voc_store::Granularity;

    use super::{MILLIS_PER_DAY, MILLIS_PER_HOUR, Range};
    use crate::parameters::Parameters;

    fn range(query: &str) -> Range {
        Parameters::read(query, Range::read).unwrap_or_else(|problem| panic!("{query}: {problem}"))
    }

    /// How far the beginnings of a range and of the one before it are apart, and how far the one before is from it.
    fn moved(query: &str, granularity: Option<Granularity>) -> (i64, i64) {
        let range = range(query);
        let (now, then) = (range.period, range.previous(granularity));
        let apart = |one: voc_events::Timestamp, other: voc_events::Timestamp| one.as_millis() - other.as_millis();
        (apart(now.since, then.since), apart(now.since, then.until))
    }

    #[test]
    fn a_range_up_to_now_is_moved_back_by_the_length_that_was_given() {
        for granularity in [None, Some(Granularity::Day), Some(Granularity::Hour)] {
            assert_eq!(moved("last=7d", granularity), (7 * MILLIS_PER_DAY, 0), "{granularity:?}");
            assert_eq!(moved("days=30", granularity), (30 * MILLIS_PER_DAY, 0), "{granularity:?}");
        }
        assert_eq!(moved("last=10d", Some(Granularity::Week)).0, 14 * MILLIS_PER_DAY);
        assert_eq!(moved("last=90m", None), (MILLIS_PER_HOUR * 3 / 2, 0));
    }
}
