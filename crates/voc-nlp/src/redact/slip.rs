//! The lines of bank slips ("boletos").

use super::digits::digit_at;
use super::number::Number;
use super::written::visible;

/// Number of digits of a slip's bar code, of its line, and of the line for public services (FEBRABAN).
const LENGTHS: [usize; 3] = [44, 47, 48];
/// More digits than those of a line.
const MAX: usize = 60;
/// Fewer digits than the first groups of a line have.
const SHORT: usize = 20;

/// Where the line of a slip ends that begins with the number at `at`: digits with single dots, dashes and spaces.
pub(super) fn slip_end(text: &str, number: &Number, at: usize) -> Option<usize> {
    if number.digit_count() < SHORT || number.is_attached() {
        return None;
    }
    let (mut count, mut end, mut is_joined) = (0, at, true);
    for written in visible(text, at).take(2 * MAX) {
        match digit_at(text, written.start) {
            Some(_) => {
                count += 1;
                end = written.end;
                is_joined = true;
            }
            None if is_joined && matches!(written.c, ' ' | '.' | '-') => is_joined = false,
            None if written.c.is_alphabetic() && is_joined => return None,
            None => break,
        }
        // No first group has as few as four digits.
        if !is_joined && count < 5 {
            return None;
        }
    }
    LENGTHS.contains(&count).then_some(end)
}
