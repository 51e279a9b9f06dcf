//! Labels: the key of a record says what the record is, so that the oracle need not decode it.

use std::{fmt, str::FromStr};

use uuid::Uuid;

/// The prefixes of keys.
const EVENT: &str = "event";
const RESEND: &str = "resend";
const POISON: &str = "poison";

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label<'t> {
    /// The first record of an event: its series, and its number in the series.
    ///
    /// A series is the events of one type or, in a family with tenants, of one tenant and type.
    Event(&'t str, u32),
    /// A record that repeats an event.
    Resend(&'t str, u32),
    /// A record that is not an event, with its number.
    Poison(u32),
}

impl<'t> Label<'t> {
    /// Parses a key.
    pub(crate) fn parse(key: &'t str) -> Option<Self> {
        let (word, rest) = key.split_once('/')?;
        if word == POISON {
            return Some(Self::Poison(rest.parse().ok()?));
        }
        let (series, number) = rest.rsplit_once('/')?;
        let number = u32::from_str(number).ok()?;
        match word {
            EVENT => Some(Self::Event(series, number)),
            RESEND => Some(Self::Resend(series, number)),
            _ => None,
        }
    }
}

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(series, number) => write!(f, "{EVENT}/{series}/{number}"),
            Self::Resend(series, number) => write!(f, "{RESEND}/{series}/{number}"),
            Self::Poison(number) => write!(f, "{POISON}/{number}"),
        }
    }
}

/// The `event_id` of an event of a series; it encodes the number.
pub(crate) fn event_id(series_index: usize, number: u32) -> Uuid {
    Uuid::from_u64_pair(series_index as u64 + 1, u64::from(number))
}

/// The number of the event with this id, if it is one of ours.
pub(crate) fn number_of(event_id: Uuid) -> Option<u32> {
    u32::try_from(event_id.as_u64_pair().1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_round_trip() {
        for label in [Label::Event("acme", 7), Label::Resend("a/b", 4_000_000_000), Label::Poison(0)] {
            assert_eq!(Label::parse(&label.to_string()), Some(label));
        }
        for key in ["", "event", "event/acme", "event/acme/x", "other/acme/1", "poison/-1"] {
            assert_eq!(Label::parse(key), None, "{key}");
        }
    }

    #[test]
    fn an_event_id_encodes_its_number() {
        assert_eq!(number_of(event_id(3, u32::MAX)), Some(u32::MAX));
        assert_eq!(number_of(Uuid::from_u128(u128::MAX)), None);
        assert_ne!(event_id(0, 1), event_id(1, 1));
    }
}
