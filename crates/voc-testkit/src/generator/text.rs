//! Appends numbers to a text, several times as fast as formatting them.

/// Appends a number in decimal digits.
pub(super) fn push_integer(out: &mut String, number: u64) {
    push_digits(out, number, 1);
}

/// Appends `number / 10^decimals` with this many decimals.
pub(super) fn push_fixed(out: &mut String, number: u64, decimals: u32) {
    let unit = 10_u64.pow(decimals);
    push_integer(out, number / unit);
    out.push('.');
    push_digits(out, number % unit, decimals as usize);
}

/// Appends a number with at least this many digits.
pub(super) fn push_digits(out: &mut String, number: u64, at_least: usize) {
    let mut digits = [b'0'; 20];
    let mut rest = number;
    let mut start = digits.len();
    while rest > 0 || digits.len() - start < at_least {
        start -= 1;
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    out.push_str(std::str::from_utf8(&digits[start..]).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_formatting_does() {
        let written = |write: &dyn Fn(&mut String)| {
            let mut out = String::new();
            write(&mut out);
            out
        };
        for number in [0, 7, 10, 12_345, u64::MAX] {
            assert_eq!(written(&|out| push_integer(out, number)), number.to_string());
        }
        assert_eq!(written(&|out| push_fixed(out, 1205, 2)), "12.05");
        assert_eq!(written(&|out| push_fixed(out, 5, 3)), "0.005");
    }
}
