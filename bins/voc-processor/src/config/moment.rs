//! Moments: a time, or how long ago.

use std::time::{SystemTime, UNIX_EPOCH};

use voc_events::Timestamp;
use voc_service::config::Expected;

const UNITS: [(char, i64); 4] = [('s', 1_000), ('m', 60_000), ('h', 3_600_000), ('d', 86_400_000)];

/// Reads RFC 3339, or a number of seconds, minutes, hours or days before now, such as `2h`.
pub(super) fn moment(text: &str) -> Result<Timestamp, Expected> {
    let text = text.trim();
    let ago = || {
        let (unit, millis) = UNITS.into_iter().find(|(unit, _)| text.ends_with(*unit))?;
        text.strip_suffix(unit)?.parse::<u32>().ok().and_then(|count| i64::from(count).checked_mul(millis))
    };
    if let Some(ago) = ago() {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        return Ok(Timestamp::from_millis(i64::try_from(now).unwrap_or(i64::MAX).saturating_sub(ago)));
    }
    Timestamp::parse(text)
        .map_err(|_| Expected::new("a time such as 2026-02-02T12:00:00Z, or how long ago such as 30m, 2h or 7d"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_distances_are_read() {
        assert_eq!(moment("1970-01-01T00:00:01Z"), Ok(Timestamp::from_millis(1000)));
        let (day, hours) = (moment("1d").unwrap().as_millis(), moment("24h").unwrap().as_millis());
        assert!((day - hours).abs() < 60_000, "{day} {hours}");
        for nonsense in ["", "h", "-2h", "2w", "hh", "yesterday", "2hh"] {
            assert!(moment(nonsense).is_err(), "{nonsense}");
        }
    }
}
