//! Text forms of values that JSON has no type for.

use std::fmt::Write;

use crate::Timestamp;

/// Maximum size of a decimal's unscaled value: 512 bits, 154 digits.
const MAX_DECIMAL_BYTES: usize = 64;

/// Maximum number of digits after or before a decimal's point that are written only because of its scale.
const MAX_SCALE: i64 = 400;

/// Number of decimal digits that a 64-bit float always preserves.
const EXACT_DIGITS: usize = 15;

/// The unit in which points in time are counted.
#[cfg(feature = "avro")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Millis,
    Micros,
    Nanos,
}

#[cfg(feature = "avro")]
impl Unit {
    /// Units per millisecond, and digits below it.
    const fn below_millis(self) -> (i64, usize) {
        match self {
            Self::Millis => (1, 0),
            Self::Micros => (1000, 3),
            Self::Nanos => (1_000_000, 6),
        }
    }
}

/// A point in time in RFC 3339, without the offset; `None` outside of the years 0000 to 9999.
#[cfg(feature = "avro")]
pub(super) fn instant(units: i64, unit: Unit) -> Option<String> {
    let (per_milli, digits) = unit.below_millis();
    with_fraction(units.div_euclid(per_milli), units.rem_euclid(per_milli), digits)
}

/// A point in time in RFC 3339, without the offset, from seconds and nanoseconds, with as many digits as necessary: 3,
/// 6 or 9; `None` outside of the years 0000 to 9999.
#[cfg(feature = "protobuf")]
pub(super) fn instant_of_parts(seconds: i64, nanos: i32) -> Option<String> {
    let nanos = i64::from(nanos);
    if !(0..1_000_000_000).contains(&nanos) {
        return None;
    }
    let (millis, below) = (seconds.checked_mul(1000)?.checked_add(nanos / 1_000_000)?, nanos % 1_000_000);
    match below {
        0 => with_fraction(millis, 0, 0),
        _ if below % 1000 == 0 => with_fraction(millis, below / 1000, 3),
        _ => with_fraction(millis, below, 6),
    }
}

fn with_fraction(millis: i64, below: i64, digits: usize) -> Option<String> {
    const YEARS_0_TO_9999: std::ops::Range<i64> = -62_167_219_200_000..253_402_300_800_000;
    if !YEARS_0_TO_9999.contains(&millis) {
        return None;
    }
    let mut text = Timestamp::from_millis(millis).to_string();
    text.pop();
    if digits > 0 {
        write!(text, "{below:0digits$}").ok()?;
    }
    Some(text)
}

/// A date, such as `2026-02-02`; `None` outside of the years 0000 to 9999.
#[cfg(feature = "avro")]
pub(super) fn date(days: i64) -> Option<String> {
    let mut text = with_fraction(days.checked_mul(86_400_000)?, 0, 0)?;
    text.truncate("2026-02-02".len());
    Some(text)
}

/// A time of day, such as `12:00:00.000`; `None` if a day has no such time.
#[cfg(feature = "avro")]
pub(super) fn time_of_day(units: i64, unit: Unit) -> Option<String> {
    let (per_milli, _) = unit.below_millis();
    if !(0..86_400_000 * per_milli).contains(&units) {
        return None;
    }
    Some(instant(units, unit)?.split_off("1970-01-01T".len()))
}

/// An amount of time in ISO 8601.
#[cfg(feature = "avro")]
pub(super) fn duration(months: u32, days: u32, millis: u32) -> String {
    let (seconds, millis) = (millis / 1000, millis % 1000);
    match millis {
        0 => format!("P{months}M{days}DT{seconds}S"),
        _ => format!("P{months}M{days}DT{seconds}.{millis:03}S"),
    }
}

/// A decimal number as JSON: a number if reading it as a 64-bit integer or float yields exactly this value, else a
/// string. `None` if it has an unreasonable number of digits.
///
/// `unscaled` is in two's complement, the highest byte first, and to be divided by ten to the power of `scale`.
pub(super) fn decimal(unscaled: &[u8], scale: i64) -> Option<String> {
    if unscaled.len() > MAX_DECIMAL_BYTES || !(-MAX_SCALE..=MAX_SCALE).contains(&scale) {
        return None;
    }
    let is_negative = unscaled.first().is_some_and(|byte| *byte >= 0x80);
    let mut digits = digits(magnitude(unscaled, is_negative));
    let after_point = usize::try_from(scale).unwrap_or(0);
    if scale < 0 && digits != "0" {
        digits.extend(std::iter::repeat_n('0', usize::try_from(-scale).ok()?));
    }
    let significant = digits.trim_end_matches('0').len();
    let padding = (after_point + 1).saturating_sub(digits.len());
    digits.insert_str(0, &"0".repeat(padding));
    let sign = if is_negative { "-" } else { "" };
    if after_point == 0 {
        let text = format!("{sign}{digits}");
        let is_exact = text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok();
        return Some(if is_exact { text } else { format!("\"{text}\"") });
    }
    digits.insert(digits.len() - after_point, '.');
    let text = format!("{sign}{digits}");
    // Far from 1, floats preserve fewer digits.
    let is_exact = significant <= EXACT_DIGITS && scale < 300;
    Some(if is_exact { text } else { format!("\"{text}\"") })
}

/// The absolute value of a number in two's complement, the highest byte first.
fn magnitude(unscaled: &[u8], is_negative: bool) -> Vec<u8> {
    let mut bytes = unscaled.to_vec();
    if is_negative {
        let mut carry = true;
        for byte in bytes.iter_mut().rev() {
            (*byte, carry) = (!*byte).overflowing_add(u8::from(carry));
        }
    }
    bytes
}

/// The decimal digits of a whole number, the highest byte first.
fn digits(mut bytes: Vec<u8>) -> String {
    let mut reversed = Vec::new();
    while bytes.iter().any(|byte| *byte != 0) {
        let mut remainder = 0_u32;
        for byte in &mut bytes {
            let part = remainder << 8 | u32::from(*byte);
            *byte = u8::try_from(part / 10).unwrap_or(u8::MAX);
            remainder = part % 10;
        }
        reversed.push(char::from_digit(remainder, 10).unwrap_or('0'));
    }
    if reversed.is_empty() {
        return "0".to_owned();
    }
    reversed.iter().rev().collect()
}

#[cfg(all(test, feature = "avro", feature = "protobuf"))]
mod tests {
    use super::*;

    #[test]
    fn times_have_the_digits_of_their_unit() {
        assert_eq!(instant(1_770_033_600_123, Unit::Millis).unwrap(), "2026-02-02T12:00:00.123");
        assert_eq!(instant(1_770_033_600_123_456, Unit::Micros).unwrap(), "2026-02-02T12:00:00.123456");
        assert_eq!(instant(-1, Unit::Nanos).unwrap(), "1969-12-31T23:59:59.999999999");
        assert_eq!(instant(i64::MIN, Unit::Millis), None);
        assert_eq!(instant(i64::MAX, Unit::Nanos).unwrap(), "2262-04-11T23:47:16.854775807");
        assert_eq!(instant_of_parts(1_770_033_600, 0).unwrap(), "2026-02-02T12:00:00.000");
        assert_eq!(instant_of_parts(1_770_033_600, 1_000).unwrap(), "2026-02-02T12:00:00.000001");
        assert_eq!(instant_of_parts(1_770_033_600, 1).unwrap(), "2026-02-02T12:00:00.000000001");
        assert_eq!(instant_of_parts(i64::MAX, 0), None);
        assert_eq!(instant_of_parts(0, -1), None);
        assert_eq!(date(20_486).unwrap(), "2026-02-02");
        assert_eq!(date(-719_528).unwrap(), "0000-01-01");
        assert_eq!(date(-719_529), None);
        assert_eq!(time_of_day(43_200_001, Unit::Millis).unwrap(), "12:00:00.001");
        assert_eq!(time_of_day(43_200_000_001, Unit::Micros).unwrap(), "12:00:00.000001");
        assert_eq!(time_of_day(86_400_000, Unit::Millis), None);
        assert_eq!(time_of_day(-1, Unit::Millis), None);
        assert_eq!(duration(1, 2, 3004), "P1M2DT3.004S");
        assert_eq!(duration(0, 0, 3000), "P0M0DT3S");
    }

    #[test]
    fn decimals_are_numbers_while_they_are_exact() {
        let of = |number: i128, scale| decimal(&number.to_be_bytes(), scale).unwrap();
        assert_eq!(of(12_345, 2), "123.45");
        assert_eq!(of(-5, 2), "-0.05");
        assert_eq!(of(0, 2), "0.00");
        assert_eq!(of(7, 0), "7");
        assert_eq!(of(7, -2), "700");
        assert_eq!(of(0, -2), "0");
        assert_eq!(of(i64::MIN.into(), 0), "-9223372036854775808");
        assert_eq!(of(u64::MAX.into(), 0), "18446744073709551615");
        assert_eq!(of(i128::from(u64::MAX) + 1, 0), "\"18446744073709551616\"");
        assert_eq!(of(i128::MIN, 3), "\"-170141183460469231731687303715884105.728\"");
        assert_eq!(of(123_456_789_012_345, 5), "1234567890.12345");
        assert_eq!(of(1_234_567_890_123_456, 5), "\"12345678901.23456\"");
        assert_eq!(decimal(&[], 0).unwrap(), "0");
        assert_eq!(decimal(&[0xff], 1).unwrap(), "-0.1");
        assert_eq!(decimal(&[0x80], 0).unwrap(), "-128");
        assert_eq!(decimal(&[1; 65], 0), None);
        assert_eq!(decimal(&[1], i64::MAX), None);
        assert_eq!(decimal(&[1], i64::MIN), None);
        assert_eq!(decimal(&[0x7f; 64], 0).unwrap().len(), 156);
    }
}
