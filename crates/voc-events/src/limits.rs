//! Limits on events.

use crate::Timestamp;

/// How far a producer's clock may be ahead, in milliseconds: five minutes, as in Kerberos and many others.
///
/// An event dated later is a future event: it is valid and stored, but counted as such, and not in any window of time
/// that ends now.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use voc_events::{MAX_CLOCK_SKEW_MILLIS, Timestamp};
///
/// let is_future = |event: Timestamp, now: Timestamp| event.as_millis() - now.as_millis() > MAX_CLOCK_SKEW_MILLIS;
/// let now = SystemTime::now();
/// assert!(!is_future((now + Duration::from_secs(300)).into(), now.into()));
/// assert!(is_future((now + Duration::from_secs(301)).into(), now.into()));
/// ```
pub const MAX_CLOCK_SKEW_MILLIS: i64 = 5 * 60 * 1000;

/// Limits on records and events. Anything beyond them is invalid, so that one faulty producer cannot fill the store.
///
/// ```
/// use voc_events::{InvalidKind, Limits, Timestamp, record_text};
///
/// let mut limits = Limits::default().with_max_record_bytes(16);
/// limits.min_timestamp = Timestamp::parse("2020-01-01T00:00:00Z")?;
/// let invalid = record_text(br#"{"text":"too long"}"#, &limits).unwrap_err();
/// assert_eq!(invalid.kind, InvalidKind::TooLarge);
/// assert_eq!(limits.max_depth, 64);
/// # Ok::<(), voc_events::TimestampError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Largest record in bytes. Default 1 MiB, Kafka's own default for a message.
    pub max_record_bytes: usize,
    /// Maximum nesting of objects and arrays, the event itself being level 1. Default 64; ClickHouse reads up to 1024.
    pub max_depth: usize,
    /// Earliest accepted timestamp. Default 2000-01-01T00:00:00Z: an earlier one comes from a clock at zero or a wrong
    /// unit.
    pub min_timestamp: Timestamp,
    /// Latest accepted timestamp. Default 2105-12-31T23:59:59.999Z, because the store counts the hours of its rollups
    /// in 32 bits.
    pub max_timestamp: Timestamp,
}

impl Limits {
    /// The defaults with another maximum record size in bytes.
    #[must_use]
    pub fn with_max_record_bytes(mut self, bytes: usize) -> Self {
        self.max_record_bytes = bytes;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_record_bytes: 1024 * 1024,
            max_depth: 64,
            min_timestamp: Timestamp::from_millis(946_684_800_000),
            max_timestamp: Timestamp::from_millis(4_291_747_199_999),
        }
    }
}
