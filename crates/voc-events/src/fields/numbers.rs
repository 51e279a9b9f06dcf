//! Exact parsing of numbers.

/// A number without its fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whole {
    /// It has no fraction, however it is written: `1500.0` and `1.5e3` are whole.
    Exact(i64),
    /// It had a fraction, which was cut.
    Cut(i64),
    /// It exceeds 64 bits.
    TooLarge,
}

/// The whole part of a number in decimal form, with or without a fraction and an exponent; `None` if it is not a
/// number. A float would be inexact beyond 53 bits.
pub(super) fn whole(text: &str) -> Option<Whole> {
    let (is_negative, unsigned) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        all => (false, all),
    };
    let (before, rest) = digits(unsigned);
    let (after, rest) = match rest {
        [b'.', rest @ ..] => digits(rest),
        _ => (&[][..], rest),
    };
    if before.is_empty() && after.is_empty() {
        return None;
    }
    let exponent = match rest {
        [] => 0,
        [b'e' | b'E', rest @ ..] => exponent(rest)?,
        _ => return None,
    };
    let mut significant = before.iter().chain(after).skip_while(|digit| **digit == b'0').peekable();
    if significant.peek().is_none() {
        return Some(Whole::Exact(0));
    }
    let leading_zeros = before.iter().chain(after).take_while(|digit| **digit == b'0').count();
    // Digits of the whole part; their number is limited by the bytes of the record and the exponent.
    let length = i64::try_from(before.len()).ok()? - i64::try_from(leading_zeros).ok()? + exponent;
    const MAX_DIGITS: i64 = 19;
    if length > MAX_DIGITS {
        return Some(Whole::TooLarge);
    }
    let mut magnitude = 0_i128;
    for _ in 0..length {
        let digit = significant.next().map_or(0, |digit| digit - b'0');
        magnitude = magnitude * 10 + i128::from(digit);
    }
    let has_fraction = significant.any(|digit| *digit != b'0');
    Some(match i64::try_from(if is_negative { -magnitude } else { magnitude }) {
        Ok(whole) if has_fraction => Whole::Cut(whole),
        Ok(whole) => Whole::Exact(whole),
        Err(_) => Whole::TooLarge,
    })
}

/// A finite number in decimal form, as the nearest float.
pub(super) fn float(text: &str) -> Option<f64> {
    // Rust's parser also accepts the names of non-finite values.
    let is_decimal = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    text.parse().ok().filter(|float: &f64| is_decimal && float.is_finite())
}

/// The leading digits of a text, and the rest.
fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().take_while(|byte| byte.is_ascii_digit()).count())
}

/// An exponent, truncated if it is so large that its value does not matter.
fn exponent(text: &[u8]) -> Option<i64> {
    const ENOUGH: i64 = 1 << 40;
    let (sign, unsigned) = match text {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        all => (1, all),
    };
    let (digits, rest) = digits(unsigned);
    if digits.is_empty() || !rest.is_empty() {
        return None;
    }
    let grown = digits.iter().fold(0, |number, digit| ENOUGH.min(number * 10 + i64::from(digit - b'0')));
    Some(sign * grown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_exact_to_the_last_digit() {
        for (text, expected) in [
            ("0", Whole::Exact(0)),
            ("-0.00e99999999999999999999", Whole::Exact(0)),
            ("1500.0", Whole::Exact(1500)),
            ("1.5e3", Whole::Exact(1500)),
            ("15000E-1", Whole::Exact(1500)),
            ("0.0015e+6", Whole::Exact(1500)),
            ("007", Whole::Exact(7)),
            (".5", Whole::Cut(0)),
            ("5.", Whole::Exact(5)),
            ("-1.5", Whole::Cut(-1)),
            ("1e-99999999999999999999", Whole::Cut(0)),
            ("9007199254740993.0", Whole::Exact(9_007_199_254_740_993)),
            ("9223372036854775807.0", Whole::Exact(i64::MAX)),
            ("9223372036854775807.9", Whole::Cut(i64::MAX)),
            ("9.223372036854775807e18", Whole::Exact(i64::MAX)),
            ("-9223372036854775808.0", Whole::Exact(i64::MIN)),
            ("9223372036854775808.0", Whole::TooLarge),
            ("-9223372036854775809", Whole::TooLarge),
            ("1e19", Whole::TooLarge),
            ("-1e99999999999999999999", Whole::TooLarge),
        ] {
            assert_eq!(whole(text), Some(expected), "{text}");
        }
        for text in ["", "-", ".", "e5", "1e", "1e+", "1e5.", "0x10", "1_000", "1,5", "--1", "1 ", "Infinity", "nan"] {
            assert_eq!(whole(text), None, "{text}");
        }
    }

    #[test]
    fn floats_are_finite() {
        assert_eq!(float("-1.5e3"), Some(-1500.0));
        for text in ["", "nan", "inf", "-Infinity", "1e999", "1_0", "e"] {
            assert_eq!(float(text), None, "{text}");
        }
    }
}
