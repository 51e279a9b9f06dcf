//! Times in structured transcripts.

/// A time as a transcript states it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Time {
    #[default]
    Unknown,
    Millis(f64),
    /// A whole number in seconds or milliseconds.
    Bare(f64),
}

/// The unit that the name of a field states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Unknown,
    Nanos,
    Micros,
    /// A hundred nanoseconds.
    Ticks,
    Millis,
    Seconds,
}

/// Milliseconds of a turn that would be too long if they were seconds.
const LONG_TURN: f64 = 250.0;
const DAY_MS: f64 = 86_400_000.0;
/// The longest conversation, by mail.
const LONGEST_MS: f64 = 1000.0 * DAY_MS;
/// An hour; clocks of chats show more than that, offsets in a call hardly ever.
const HOUR_MS: f64 = 3_600_000.0;

impl Time {
    pub(super) fn of_number(number: f64, unit: Unit) -> Self {
        match unit {
            _ if !number.is_finite() || number < 0.0 => Self::Unknown,
            Unit::Nanos => Self::Millis(number / 1e6),
            Unit::Micros => Self::Millis(number / 1e3),
            Unit::Ticks => Self::Millis(number / 1e4),
            Unit::Millis => Self::Millis(number),
            Unit::Seconds => Self::Millis(number * 1e3),
            // Seconds, milliseconds, microseconds since 1970.
            Unit::Unknown if number >= 1e14 => Self::Millis(number / 1e3),
            Unit::Unknown if number >= 1e11 => Self::Millis(number),
            Unit::Unknown if number >= 1e9 || number.fract() != 0.0 => Self::Millis(number * 1e3),
            Unit::Unknown => Self::Bare(number),
        }
    }

    /// `0.54`, `1.2s`, `PT1.2S`, `00:01:02.500`, `10:15 PM`, `2024-05-01T10:00:00Z`.
    pub(super) fn of_text(text: &str, unit: Unit) -> Self {
        let text = text.trim();
        if text.len() > 48 || !text.bytes().any(|byte| byte.is_ascii_digit()) {
            return Self::Unknown;
        }
        if let Ok(number) = text.parse() {
            // "0.0" is written by those who count seconds.
            let unit = if unit == Unit::Unknown && text.contains('.') { Unit::Seconds } else { unit };
            return Self::of_number(number, unit);
        }
        let millis = iso_duration(text).or_else(|| date_and_time(text)).or_else(|| clock(text));
        millis.map_or(Self::Unknown, Self::Millis)
    }

    pub(super) fn plus(self, duration: Self) -> Self {
        match (self, duration) {
            (Self::Millis(start), Self::Millis(duration)) => Self::Millis(start + duration),
            (Self::Bare(start), Self::Bare(duration)) => Self::Bare(start + duration),
            // The start of a whole second.
            (Self::Bare(start), Self::Millis(duration)) => Self::Millis(start * 1e3 + duration),
            _ => Self::Unknown,
        }
    }

    fn millis(self, millis_per_unit: f64) -> Option<f64> {
        match self {
            Self::Unknown => None,
            Self::Millis(millis) => Some(millis),
            Self::Bare(number) => Some(number * millis_per_unit),
        }
    }
}

/// The starts and the ends in milliseconds since the beginning.
pub(super) fn resolve(times: &[(Time, Time)]) -> Vec<(Option<u64>, Option<u64>)> {
    let per_unit = millis_per_unit(times);
    let starts = || times.iter().filter_map(|(start, _)| start.millis(per_unit));
    let first = starts().fold(f64::INFINITY, f64::min);
    let zero = if first.is_finite() && first >= HOUR_MS { first } else { 0.0 };
    let whole = |time: Time| {
        let millis = time.millis(per_unit)? - zero;
        (0.0..=LONGEST_MS).contains(&millis).then(|| millis.round() as u64)
    };
    times.iter().map(|(start, end)| (whole(*start), whole(*end))).collect()
}

/// What numbers without unit are: seconds, unless turns would be too long then.
fn millis_per_unit(times: &[(Time, Time)]) -> f64 {
    let is_fraction = |time: &Time| matches!(time, Time::Millis(_));
    if times.iter().any(|(start, end)| is_fraction(start) || is_fraction(end)) {
        return 1e3;
    }
    let bare = |time: Time| if let Time::Bare(number) = time { Some(number) } else { None };
    let durations: Vec<_> = times.iter().filter_map(|(start, end)| Some(bare(*end)? - bare(*start)?)).collect();
    let mean = if durations.is_empty() {
        let starts = || times.iter().filter_map(|(start, _)| bare(*start));
        let last = starts().fold(0.0, f64::max);
        (last - starts().fold(last, f64::min)) / starts().count().saturating_sub(1).max(1) as f64
    } else {
        durations.iter().sum::<f64>() / durations.len() as f64
    };
    if mean >= LONG_TURN { 1.0 } else { 1e3 }
}

/// `12.5s`, `PT1M2.5S`.
fn iso_duration(text: &str) -> Option<f64> {
    let mut millis = 0.0;
    let mut rest = match text.strip_prefix("PT") {
        Some(rest) => rest,
        None => text.strip_suffix('s').filter(|number| number.parse::<f64>().is_ok()).map(|_| text)?,
    };
    while !rest.is_empty() {
        let len = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, unit) = rest.split_at_checked(len)?;
        let number: f64 = number.parse().ok()?;
        millis += number
            * match unit.as_bytes().first()? {
                b'H' => HOUR_MS,
                b'M' => 60e3,
                b'S' | b's' => 1e3,
                _ => return None,
            };
        rest = unit.get(1..)?;
    }
    Some(millis)
}

/// `01:02.500`, `00:01:02,500`, `10:15 PM`, `10:15:02.5Z`.
pub(super) fn clock(text: &str) -> Option<f64> {
    let len = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | ','))).unwrap_or(text.len());
    let (digits, after) = text.split_at_checked(len)?;
    let mut seconds = 0.0;
    let mut parts = 0;
    for part in digits.split(':') {
        let part: f64 = part.replace(',', ".").parse().ok()?;
        seconds = seconds * 60.0 + part;
        parts += 1;
    }
    let half = after.trim().trim_end_matches('.');
    let is_half = |name: &str| half.eq_ignore_ascii_case(name) || half.eq_ignore_ascii_case(&format!("{name}."));
    let is_pm = is_half("pm") || is_half("p.m");
    let is_am = is_half("am") || is_half("a.m");
    match parts {
        // An hour and minutes.
        2 if is_pm || is_am => Some((seconds % 720.0 + if is_pm { 720.0 } else { 0.0 }) * 60e3),
        3 if is_pm || is_am => Some((seconds % 43_200.0 + if is_pm { 43_200.0 } else { 0.0 }) * 1e3),
        2 | 3 => Some(seconds * 1e3),
        _ => None,
    }
}

/// Milliseconds since 1970 of `2024-05-01T10:00:00.5Z`, `2024-05-01 10:00:00`. Zones are ignored: those of a
/// transcript are all the same.
fn date_and_time(text: &str) -> Option<f64> {
    let (date, time) = text.split_at_checked(10)?;
    let mut parts = date.split('-').map(str::parse::<i64>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Days from a civil date, with years that begin in March.
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468;
    let time = time.trim_start_matches(['T', ' ']);
    let of_day = if time.is_empty() { 0.0 } else { clock(time)? };
    let clock = time.split(['+', '-', 'Z']).next().unwrap_or_default();
    let has_seconds = clock.bytes().filter(|byte| *byte == b':').count() > 1;
    let of_day = if has_seconds { of_day } else { of_day * 60.0 };
    Some(days as f64 * DAY_MS + of_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Time {
        Time::of_text(text, Unit::Unknown)
    }

    #[test]
    fn times_as_text() {
        for (written, millis) in [
            ("0.54", 540.0),
            ("1.200s", 1200.0),
            ("PT1M2.5S", 62_500.0),
            ("00:01:02,500", 62_500.0),
            ("01:02.5", 62_500.0),
            ("10:15 PM", 80_100_000.0),
            ("12:00:01 am", 1000.0),
            ("2024-05-01T10:00:00.5Z", 1_714_557_600_500.0),
            ("1970-01-01 00:01", 60_000.0),
        ] {
            assert_eq!(text(written), Time::Millis(millis), "{written}");
        }
        assert_eq!(text("5"), Time::Bare(5.0));
        assert_eq!(text("soon"), Time::Unknown);
        assert_eq!(text("inf"), Time::Unknown);
    }

    #[test]
    fn bare_numbers_get_the_likely_unit() {
        let bare = |start, end| (Time::Bare(start), Time::Bare(end));
        let millis = [(Some(0), Some(2400)), (Some(2500), Some(5000))];
        assert_eq!(resolve(&[bare(0.0, 2400.0), bare(2500.0, 5000.0)]), millis);
        assert_eq!(resolve(&[bare(0.0, 2.0), bare(3.0, 5.0)]), [(Some(0), Some(2000)), (Some(3000), Some(5000))]);
        assert_eq!(
            resolve(&[(text("2024-05-01T10:00:00Z"), Time::Unknown), (text("2024-05-01T10:00:07Z"), Time::Unknown)]),
            [(Some(0), None), (Some(7000), None)]
        );
    }
}
