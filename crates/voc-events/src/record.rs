//! Checks that hold for the records of every family.

use std::borrow::Cow;

use crate::{Invalid, InvalidKind, Limits, Violation, surrogates};

/// The text of a record that is decoded and stored, after the checks that need no knowledge of its family: size,
/// UTF-8, content.
///
/// It is the record's own text but for two things that a reader of JSON may change. A byte order mark at its beginning
/// is left out. An escape of half a surrogate pair, which stands for no character, and with which ClickHouse could read
/// nothing of the text, is replaced by that of U+FFFD; only then is the text a copy. Places that
/// [`Family::decode`](crate::Family::decode) names are those of this text, which differ from the record's by the byte
/// order mark alone.
///
/// ```
/// use std::borrow::Cow;
/// use voc_events::{Limits, record_text};
///
/// let limits = Limits::default();
/// assert!(matches!(record_text(br#"{"text":"ok"}"#, &limits)?, Cow::Borrowed(_)));
/// assert_eq!(record_text(br#"{"text":"half an emoji: \ud83d"}"#, &limits)?, r#"{"text":"half an emoji: \ufffd"}"#);
/// # Ok::<(), voc_events::Invalid>(())
/// ```
///
/// # Errors
/// [`InvalidKind::TooLarge`], [`InvalidKind::Empty`] or [`InvalidKind::Utf8`] (with the offset of the first bad byte).
pub fn record_text<'a>(record: &'a [u8], limits: &Limits) -> Result<Cow<'a, str>, Invalid> {
    if record.len() > limits.max_record_bytes {
        return Err(Invalid::too_large(record.len(), limits));
    }
    let text = std::str::from_utf8(record).map_err(|error| {
        let found = format!("an invalid byte at offset {}", error.valid_up_to());
        Invalid::new(InvalidKind::Utf8, Violation::new("$", "UTF-8 text", found))
    })?;
    // A byte order mark, which a reader may ignore (RFC 8259, section 8.1).
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_start_matches([' ', '\t', '\r', '\n']).is_empty() {
        return Err(Invalid::new(InvalidKind::Empty, Violation::new("$", "a JSON object", "an empty record")));
    }
    Ok(surrogates::replace_lone(text))
}

impl Invalid {
    /// The reason for a record of too many bytes; also for one that its transport cut off, so that it cannot be read.
    #[must_use]
    pub fn too_large(bytes: usize, limits: &Limits) -> Self {
        let expected = format!("at most {} bytes", limits.max_record_bytes);
        Self::new(InvalidKind::TooLarge, Violation::new("$", expected, format!("{bytes} bytes")))
    }

    /// The reason for a record that has no value.
    #[must_use]
    pub fn tombstone() -> Self {
        Self::new(InvalidKind::Tombstone, Violation::new("$", "a JSON object", "no value (a tombstone)"))
    }
}
