//! Detects what ClickHouse could not read in a record, although it is JSON.
//!
//! One such member makes all others unreadable: the JSON functions read nothing of a payload with a number that they
//! cannot hold, and the JSON type accepts no payload with any of these:
//!
//! - a number that fits neither a 64-bit integer nor, written with a fraction or an exponent, a 64-bit float;
//! - a name twice in one object. (It passes if one value is an object and the other is not, but then the result
//!   depends on how it is read.)
//! - a path twice: `{"a.b":1,"a":{"b":2}}` has two values for the path `a.b`, because a name with dots is read like
//!   nested names.
//!
//! The tests of voc-store check this with the engine itself. Its limit of 1024 levels is far beyond
//! [`Limits::max_depth`](crate::Limits::max_depth).
//!
//! [`glance()`] checks the values as they are read. It allocates nothing and clears nearly every record of this;
//! [`inspect()`] decides about all others.

mod glance;
mod inspect;
mod tokens;

pub(crate) use self::{
    glance::{Glance, glance},
    inspect::inspect,
};

/// Whether values of two members of one object may have the same path: their names are equal, or one is the other
/// followed by a dot and more. All values of other members have different paths.
pub(crate) fn meets(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether a number can be read.
pub(crate) fn fits(number: &str) -> bool {
    // Any number with this few digits can.
    const SHORT: usize = 18;
    if number.len() <= SHORT && !has_exponent(number) {
        return true;
    }
    if is_whole(number) {
        return number.parse::<i64>().is_ok() || number.parse::<u64>().is_ok();
    }
    number.parse().is_ok_and(f64::is_finite)
}

/// Whether a number is written as an integer. Others are floats, whatever their value.
fn is_whole(number: &str) -> bool {
    !number.contains('.') && !has_exponent(number)
}

fn has_exponent(number: &str) -> bool {
    number.bytes().any(|byte| byte | 0x20 == b'e')
}
