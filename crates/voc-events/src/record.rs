//! Checks that apply to the records of every family.

use std::borrow::Cow;

use crate::{Invalid, InvalidKind, Limits, Violation, surrogates};

/// The text of a record that is decoded and stored, after the checks that do not depend on its family: size, UTF-8,
/// content.
///
/// It is the record's own text except for two changes that a reader of JSON may make. A leading byte order mark is
/// removed. An escape of half a surrogate pair, which represents no character, and with which ClickHouse could not
/// read any of the text, is replaced by that of U+FFFD; only then is the text a copy. The positions that
/// [`Family::decode`](crate::Family::decode) reports refer to this text, and differ from the record's only by the byte
/// order mark.
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
    /// The reason for a record of too many bytes; also for one that its transport truncated, so that it cannot be
    /// read.
    ///
    /// ```
    /// use voc_events::{Invalid, Limits};
    ///
    /// // The transport says how long a record is that it does not hand over.
    /// let limits = Limits::default().with_max_record_bytes(1000);
    /// assert_eq!(Invalid::too_large(2500, &limits).to_string(), "$: expected at most 1000 bytes, found 2500 bytes");
    /// ```
    #[must_use]
    pub fn too_large(bytes: usize, limits: &Limits) -> Self {
        let expected = format!("at most {} bytes", limits.max_record_bytes);
        Self::new(InvalidKind::TooLarge, Violation::new("$", expected, format!("{bytes} bytes")))
    }

    /// The reason for a record without a value.
    ///
    /// ```
    /// use voc_events::{Invalid, InvalidKind, Limits, record_text};
    ///
    /// let text_of = |value: Option<&'static [u8]>| match value {
    ///     Some(value) => record_text(value, &Limits::default()),
    ///     None => Err(Invalid::tombstone()),
    /// };
    /// assert_eq!(text_of(None).unwrap_err().kind, InvalidKind::Tombstone);
    /// assert_eq!(text_of(Some(b"{}"))?, "{}");
    /// # Ok::<(), Invalid>(())
    /// ```
    #[must_use]
    pub fn tombstone() -> Self {
        Self::new(InvalidKind::Tombstone, Violation::new("$", "a JSON object", "no value (a tombstone)"))
    }
}
