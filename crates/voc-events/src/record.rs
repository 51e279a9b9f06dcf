//! Checks that hold for the records of every family.

use crate::{Invalid, InvalidKind, Limits, Violation};

/// The text of a record, after the checks that need no knowledge of its family: size, content, UTF-8.
///
/// # Errors
/// [`InvalidKind::TooLarge`], [`InvalidKind::Empty`] or [`InvalidKind::Utf8`] (with the offset of the first bad byte).
pub fn record_text<'a>(record: &'a [u8], limits: &Limits) -> Result<&'a str, Invalid> {
    if record.len() > limits.max_record_bytes {
        return Err(Invalid::new(
            InvalidKind::TooLarge,
            Violation::new(
                "$",
                format!("at most {} bytes", limits.max_record_bytes),
                format!("{} bytes", record.len()),
            ),
        ));
    }
    let text = std::str::from_utf8(record).map_err(|error| {
        let found = format!("an invalid byte at offset {}", error.valid_up_to());
        Invalid::new(InvalidKind::Utf8, Violation::new("$", "UTF-8 text", found))
    })?;
    if text.trim_start_matches([' ', '\t', '\r', '\n']).is_empty() {
        return Err(Invalid::new(InvalidKind::Empty, Violation::new("$", "a JSON object", "an empty record")));
    }
    Ok(text)
}

impl Invalid {
    /// The reason for a record that has no value.
    #[must_use]
    pub fn tombstone() -> Self {
        Self::new(InvalidKind::Tombstone, Violation::new("$", "a JSON object", "no value (a tombstone)"))
    }
}
