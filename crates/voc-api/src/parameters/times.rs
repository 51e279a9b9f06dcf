//! Times, durations and time zones.

use std::time::Duration;

use jiff::{Span, SpanRelativeTo, civil::Date, tz::TimeZone};
use voc_events::{Timestamp, TimestampError};
use voc_store::{Granularity, WeekStart};

use super::Parameters;

/// Years that a moment can be in: no event is from another one.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2105;
/// The longest duration of a parameter, ten years.
const MAX_DAYS: i64 = 3660;

/// A point in time as a person gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// A day, which begins and ends when the time zone of the question says.
    Date(Date),
    /// The same everywhere.
    Instant(Timestamp),
}

impl Parameters {
    /// A date (`2026-02-28`), or RFC 3339 with an offset; `None` if it is not given, or invalid.
    pub(crate) fn moment(&mut self, name: &'static str) -> Option<Moment> {
        let text = self.name(name, 64)?;
        match moment(text.trim()) {
            Ok(moment) => Some(moment),
            Err(message) => {
                self.wrong(name, message, "value_error.datetime");
                None
            }
        }
    }

    /// A whole number of minutes, hours, days or weeks: `90m`, `24h`, `7d`, `4w`; `None` if it is not given, or
    /// invalid. A day is a calendar day, so it is for the question's time zone to say how long it is.
    pub(crate) fn duration(&mut self, name: &'static str) -> Option<Span> {
        let text = self.name(name, 64)?;
        let span = span(text.trim());
        if span.is_none() {
            let message =
                format!("value is not a duration such as '90m', '24h', '7d' or '4w', from 1 minute to {MAX_DAYS} days");
            self.wrong(name, message, "value_error.duration");
        }
        span
    }

    /// A duration as [`duration`](Self::duration) reads it whose days have 24 hours; the default if it is not given,
    /// or invalid.
    pub(crate) fn window(&mut self, name: &'static str, default: Duration) -> Duration {
        let given = self.duration(name).and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
        given.and_then(|window| window.try_into().ok()).unwrap_or(default)
    }

    /// A time zone by its IANA name, `America/Sao_Paulo`; `None` if it is not given, or invalid.
    pub(crate) fn zone(&mut self, name: &'static str) -> Option<TimeZone> {
        let text = self.name(name, 64)?;
        let zone = TimeZone::get(&text).ok().filter(|zone| !zone.is_unknown());
        if zone.is_none() {
            let message = "value is not an IANA time zone such as 'America/Sao_Paulo' or 'UTC'";
            self.wrong(name, message, "value_error.timezone");
        }
        zone
    }

    /// The first day of a week, `monday` or `sunday`; Monday if it is not given, or invalid.
    pub(crate) fn week_start(&mut self, name: &'static str) -> WeekStart {
        let permitted = [("monday", WeekStart::Monday), ("sunday", WeekStart::Sunday)];
        self.one_of(name, &permitted).unwrap_or_default()
    }

    /// `minute`, `hour`, `day`, `week` or `month`; `None` if it is not given, or invalid.
    pub(crate) fn granularity(&mut self, name: &'static str) -> Option<Granularity> {
        let permitted = Granularity::ALL.map(|granularity| (granularity.name(), granularity));
        self.one_of(name, &permitted)
    }
}

fn moment(text: &str) -> Result<Moment, String> {
    if text.len() == "2026-02-28".len() {
        // The midnight is only parsed for its message, which says what is wrong with the date.
        Timestamp::parse(&format!("{text}T00:00:00Z")).map_err(|error| explained(text, error))?;
        let date: Date = text.parse().map_err(|_| explained(text, TimestampError::Format))?;
        return within_years(date.year()).map(|()| Moment::Date(date));
    }
    let instant = Timestamp::parse(text).map_err(|error| explained(text, error))?;
    let (date, time) = text.split_at_checked("2026-02-28".len()).unwrap_or((text, ""));
    if !time.contains(['Z', 'z', '+', '-']) {
        return Err(
            "value has no offset from UTC: end it with Z or one such as -03:00, or give only the date".to_owned()
        );
    }
    within_years(date.get(..4).and_then(|year| year.parse().ok()).unwrap_or_default())?;
    Ok(Moment::Instant(instant))
}

/// An instant in RFC 3339 with its offset from UTC.
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    match moment(text) {
        Ok(Moment::Instant(instant)) => Some(instant),
        _ => None,
    }
}

fn within_years(year: i16) -> Result<(), String> {
    if YEARS.contains(&year) {
        return Ok(());
    }
    Err(format!("value is not in the years {} to {}", YEARS.start(), YEARS.end()))
}

fn explained(text: &str, error: TimestampError) -> String {
    match error {
        TimestampError::Format if text.contains(' ') => {
            "value is not a date or time in RFC 3339; in a URL, a + is written as %2B".to_owned()
        }
        TimestampError::Format => {
            "value is not a date or time in RFC 3339, such as 2026-02-28 or 2026-02-28T12:00:00Z".to_owned()
        }
        error => format!("value does not exist: {error}"),
    }
}

fn span(text: &str) -> Option<Span> {
    let unit = text.chars().next_back()?;
    let digits = text.strip_suffix(unit)?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count: i64 = digits.parse().ok()?;
    let (span, minutes) = match unit {
        'm' => (Span::new().try_minutes(count), 1),
        'h' => (Span::new().try_hours(count), 60),
        'd' => (Span::new().try_days(count), 24 * 60),
        'w' => (Span::new().try_weeks(count), 7 * 24 * 60),
        _ => return None,
    };
    let minutes = count.checked_mul(minutes)?;
    span.ok().filter(|_| (1..=MAX_DAYS * 24 * 60).contains(&minutes))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use voc_events::Timestamp;

    use voc_store::Granularity;

    use super::{Moment, Parameters};
    use crate::problem::Problem;

    fn read<T>(query: &str, read: impl FnOnce(&mut Parameters) -> T) -> Result<T, Value> {
        Parameters::read(query, read).map_err(|problem| match problem {
            Problem::InvalidParameters(mistakes) => json!(mistakes),
            other => json!(other.to_string()),
        })
    }

    #[test]
    fn moments_are_dates_or_have_an_offset() {
        let moment = |text: &str| read(&format!("from={text}"), |parameters| parameters.moment("from"));
        let noon = Moment::Instant(Timestamp::from_millis(1_772_280_000_000));
        for text in ["2026-02-28T12:00:00Z", "2026-02-28T09:00:00-03:00", "2026-02-28T14:00:00%2B02:00"] {
            assert_eq!(moment(text), Ok(Some(noon)), "{text}");
        }
        assert_eq!(moment("2026-02-28"), Ok(Some(Moment::Date(jiff::civil::date(2026, 2, 28)))));
        for (text, message) in [
            ("2026-02-30", "value does not exist: February 2026 has no day 30"),
            ("2026-02-30T12:00:00Z", "value does not exist: February 2026 has no day 30"),
            ("20260228T1", "value is not a date or time in RFC 3339, such as 2026-02-28 or 2026-02-28T12:00:00Z"),
            ("yesterday", "value is not a date or time in RFC 3339, such as 2026-02-28 or 2026-02-28T12:00:00Z"),
            ("2026-02-28T12:00:00+01:00", "value is not a date or time in RFC 3339; in a URL, a + is written as %2B"),
            (
                "2026-02-28T12:00:00",
                "value has no offset from UTC: end it with Z or one such as -03:00, or give only the date",
            ),
            ("1969-12-31", "value is not in the years 1970 to 2105"),
            ("2106-01-01T00:00:00Z", "value is not in the years 1970 to 2105"),
            ("0000-01-01", "value is not in the years 1970 to 2105"),
        ] {
            let expected = json!([{"loc": ["query", "from"], "msg": message, "type": "value_error.datetime"}]);
            assert_eq!(moment(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn durations_have_a_unit() {
        let duration = |text: &str| {
            let span = read(&format!("last={text}"), |parameters| parameters.duration("last"));
            span.map(|span| span.map(|span| span.fieldwise()))
        };
        let span = jiff::Span::new;
        for (text, expected) in
            [("90m", span().minutes(90)), ("24h", span().hours(24)), ("7d", span().days(7)), ("4w", span().weeks(4))]
        {
            assert_eq!(duration(text), Ok(Some(expected.fieldwise())), "{text}");
        }
        for text in ["7", "d", "0d", "-1d", "%2B1d", "1.5d", "7D", "7 d", "3661d", "99999999999999999999w", "1ü"] {
            assert_eq!(duration(text).unwrap_err()[0]["type"], "value_error.duration", "{text}");
        }
    }

    #[test]
    fn zones_are_of_the_iana_database() {
        let zone = |text: &str| {
            let zone = read(&format!("timezone={text}"), |parameters| parameters.zone("timezone"));
            zone.map(|zone| zone.and_then(|zone| zone.iana_name().map(str::to_owned)))
        };
        for text in ["America/Sao_Paulo", "UTC", "Asia/Kathmandu"] {
            assert_eq!(zone(text), Ok(Some(text.to_owned())));
        }
        for text in ["Mars/Olympus", "Etc/Unknown", "%2B02:00", "../UTC", "BRT3"] {
            assert_eq!(zone(text).unwrap_err()[0]["type"], "value_error.timezone", "{text}");
        }
    }

    #[test]
    fn granularities_are_enumerated() {
        let granularity = |text: &str| read(&format!("by={text}"), |parameters| parameters.granularity("by"));
        assert_eq!(granularity("week"), Ok(Some(Granularity::Week)));
        let message = "value is not a valid enumeration member; permitted: 'minute', 'hour', 'day', 'week', 'month'; \
                       did you mean 'hour'?";
        assert_eq!(granularity("hourly").unwrap_err()[0]["msg"], message);
    }
}
