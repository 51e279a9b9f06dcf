//! JSON text, written piece by piece, with a size limit.

use std::fmt::Display;

use base64::{display::Base64Display, engine::general_purpose::STANDARD};

use super::{
    MAX_EXPANSION, MAX_LEVELS,
    fault::{Fault, Outcome},
};
use crate::{Invalid, InvalidKind, Limits};

/// JSON text that does not grow beyond its limits.
pub(super) struct Output {
    text: String,
    max_bytes: usize,
    level: usize,
    max_level: usize,
}

/// The state within an object or array: whether an element precedes.
#[derive(Clone, Copy, Default)]
pub(super) struct Separator {
    is_behind_one: bool,
}

/// A position to which the text can be taken back.
#[cfg(feature = "avro")]
pub(super) struct Mark {
    bytes: usize,
    level: usize,
}

impl Output {
    /// Empty, for the event of a record of this many bytes.
    pub(super) fn for_record(record: &[u8], limits: &Limits) -> Result<Self, Invalid> {
        if record.len() > limits.max_record_bytes {
            return Err(Invalid::too_large(record.len(), limits));
        }
        let mut out = Self::bounded(limits.max_record_bytes.saturating_mul(MAX_EXPANSION), limits.max_depth);
        out.text.reserve(record.len());
        Ok(out)
    }

    /// Empty, with limits on bytes and levels.
    pub(super) fn bounded(max_bytes: usize, max_level: usize) -> Self {
        Self { text: String::new(), max_bytes, level: 0, max_level: max_level.min(MAX_LEVELS) }
    }

    /// Maximum length of this text.
    #[cfg(feature = "avro")]
    pub(super) fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// Writes a piece of JSON unchanged.
    pub(super) fn push(&mut self, json: &str) -> Outcome<()> {
        if json.len() > self.max_bytes.saturating_sub(self.text.len()) {
            let expected = format!("at most {} bytes as JSON", self.max_bytes);
            return Err(Fault::of(InvalidKind::TooLarge, expected, "more"));
        }
        self.text.push_str(json);
        Ok(())
    }

    /// Writes `{` or `[`.
    pub(super) fn open(&mut self, bracket: &str) -> Outcome<Separator> {
        self.check_levels(1)?;
        self.level += 1;
        self.push(bracket)?;
        Ok(Separator::default())
    }

    /// Writes `}` or `]`.
    pub(super) fn close(&mut self, bracket: &str) -> Outcome<()> {
        self.level = self.level.saturating_sub(1);
        self.push(bracket)
    }

    fn check_levels(&self, more: usize) -> Outcome<()> {
        if self.level + more > self.max_level {
            let expected = format!("at most {} levels of nesting", self.max_level);
            return Err(Fault::of(InvalidKind::Depth, expected, "a deeper value"));
        }
        Ok(())
    }

    /// Starts the next element.
    pub(super) fn element(&mut self, separator: &mut Separator) -> Outcome<()> {
        if std::mem::replace(&mut separator.is_behind_one, true) { self.push(",") } else { Ok(()) }
    }

    /// Starts the next member, whose name is given as JSON with the colon.
    pub(super) fn member(&mut self, separator: &mut Separator, name: &str) -> Outcome<()> {
        self.element(separator)?;
        self.push(name)
    }

    /// Starts the next member, with any text as its name.
    pub(super) fn member_named(&mut self, separator: &mut Separator, name: &str) -> Outcome<()> {
        self.element(separator)?;
        self.string(name)?;
        self.push(":")
    }

    /// Writes the separator before the next value.
    #[cfg(feature = "avro")]
    pub(super) fn mark(&self) -> Mark {
        Mark { bytes: self.text.len(), level: self.level }
    }

    /// Takes back what was written since the mark.
    #[cfg(feature = "avro")]
    pub(super) fn take_back(&mut self, mark: &Mark) {
        self.text.truncate(mark.bytes);
        self.level = mark.level;
    }

    /// Writes a value whose `Display` form is JSON: short, and without anything to escape.
    pub(super) fn plain(&mut self, value: impl Display) -> Outcome<()> {
        self.push(&value.to_string())
    }

    /// Writes a string.
    pub(super) fn string(&mut self, text: &str) -> Outcome<()> {
        self.push("\"")?;
        let mut copied = 0;
        for (at, byte) in text.bytes().enumerate() {
            let control;
            let escape = match byte {
                b'"' => "\\\"",
                b'\\' => "\\\\",
                b'\n' => "\\n",
                b'\r' => "\\r",
                b'\t' => "\\t",
                0..0x20 => {
                    control = format!("\\u{byte:04x}");
                    &control
                }
                _ => continue,
            };
            self.push(&text[copied..at])?;
            self.push(escape)?;
            copied = at + 1;
        }
        self.push(&text[copied..])?;
        self.push("\"")
    }

    /// Writes a string of bytes in base64.
    pub(super) fn base64(&mut self, bytes: &[u8]) -> Outcome<()> {
        self.push("\"")?;
        // Encoding all bytes at once would make a second copy.
        for part in bytes.chunks(3 * 256) {
            self.plain(Base64Display::new(part, &STANDARD))?;
        }
        self.push("\"")
    }

    /// Writes a 64-bit float; JSON has only finite ones.
    pub(super) fn double(&mut self, number: f64) -> Outcome<()> {
        if number.is_finite() { self.push(&format!("{number:?}")) } else { Err(not_finite(number)) }
    }

    /// Writes a 32-bit float with the digits that this type needs.
    pub(super) fn float(&mut self, number: f32) -> Outcome<()> {
        if number.is_finite() { self.push(&format!("{number:?}")) } else { Err(not_finite(number.into())) }
    }

    /// Writes the JSON value of a text, or the text as a string if it is not JSON.
    #[cfg(feature = "avro")]
    pub(super) fn json_or_string(&mut self, text: &str) -> Outcome<()> {
        match serde_json::from_str::<&serde_json::value::RawValue>(text) {
            Ok(json) => {
                self.check_levels(super::nesting::nesting(json.get()).levels)?;
                self.push(&crate::surrogates::replace_lone(json.get()))
            }
            Err(_) => self.string(text),
        }
    }
}

fn not_finite(number: f64) -> Box<Fault> {
    Fault::new("a finite number", number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(max_record_bytes: usize) -> Output {
        Output::for_record(b"", &Limits::default().with_max_record_bytes(max_record_bytes)).unwrap()
    }

    #[test]
    fn strings_are_those_of_serde_json() {
        let text: String = (0..0x3000).filter_map(char::from_u32).chain("\\\"🦀".chars()).collect();
        let mut out = output(1 << 20);
        out.string(&text).unwrap();
        assert_eq!(serde_json::from_str::<String>(&out.into_text()).unwrap(), text);
    }

    #[test]
    fn bytes_are_in_base64_with_padding() {
        for length in [0, 1, 2, 3, 767, 768, 769, 3000] {
            let bytes = vec![0xfb; length];
            let mut out = output(1 << 20);
            out.base64(&bytes).unwrap();
            assert_eq!(out.into_text(), format!("\"{}\"", Base64Display::new(&bytes, &STANDARD)));
        }
    }

    #[test]
    fn floats_are_written_as_json() {
        for number in [0.0, -0.0, 1.0, 0.1, 1e21, 1e-7, f64::MAX, f64::MIN_POSITIVE, 5e-324] {
            let mut out = output(100);
            out.double(number).unwrap();
            assert_eq!(serde_json::from_str::<f64>(&out.into_text()).unwrap(), number);
        }
        let mut out = output(100);
        out.float(0.1).unwrap();
        assert_eq!(out.into_text(), "0.1");
        assert!(output(100).double(f64::NAN).is_err());
        assert!(output(100).float(f32::NEG_INFINITY).is_err());
    }

    #[test]
    fn the_text_is_bounded() {
        let mut out = output(10);
        out.push(&"x".repeat(40)).unwrap();
        assert!(out.push("x").is_err());
        assert_eq!(out.into_text().len(), 40);
        // Escapes count.
        assert!(output(10).string(&"\n".repeat(20)).is_err());
    }
}
