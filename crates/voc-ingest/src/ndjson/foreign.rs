//! Telling what an input is that is not NDJSON, before thousands of its lines become dead letters.

use std::fmt;

use serde::de::IgnoredAny;

/// Lines that are looked at, at most.
const MAX_LINES: usize = 3;
/// Bytes of each that are looked at.
const MAX_BYTES: usize = 64 * 1024;

/// A format that is not NDJSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForeignFormat {
    /// Compressed by a program that begins its files with a mark.
    Compressed {
        /// What it is compressed with, such as `gzip`.
        with: &'static str,
        /// The command that unpacks it to standard output.
        unpack: &'static str,
    },
    /// UTF-16 or UTF-32.
    WideText,
    /// A table of Apache Parquet.
    Parquet,
    /// A file of Apache Avro.
    Avro,
    /// A JSON array, on one line or many.
    JsonArray,
    /// JSON objects over several lines.
    PrettyJson,
    /// A table as text: values with a separator between them.
    Csv,
    /// XML or HTML.
    Markup,
}

impl ForeignFormat {
    /// What makes NDJSON of it.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::Compressed { unpack, .. } => format!("unpack it: `{unpack} FILE | voc-processor … --input -`"),
            Self::WideText => "convert it: `iconv -t UTF-8 FILE`, with its encoding behind -f".to_owned(),
            Self::JsonArray => "`jq -c '.[]' FILE` writes an event a line".to_owned(),
            Self::PrettyJson => "`jq -c . FILE` writes an event a line".to_owned(),
            Self::Parquet | Self::Avro | Self::Csv | Self::Markup => "export it as NDJSON".to_owned(),
        }
    }
}

impl fmt::Display for ForeignFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compressed { with, .. } => write!(f, "compressed with {with}"),
            Self::WideText => f.write_str("text in UTF-16 or UTF-32"),
            Self::Parquet => f.write_str("an Apache Parquet file"),
            Self::Avro => f.write_str("an Apache Avro file"),
            Self::JsonArray => f.write_str("a JSON array"),
            Self::PrettyJson => f.write_str("JSON over several lines"),
            Self::Csv => f.write_str("a table as text, such as CSV"),
            Self::Markup => f.write_str("XML or HTML"),
        }
    }
}

/// What files begin with.
const MARKS: [(&[u8], ForeignFormat); 10] = [
    (b"\x1F\x8B", ForeignFormat::Compressed { with: "gzip", unpack: "gzip -dc" }),
    (b"\x28\xB5\x2F\xFD", ForeignFormat::Compressed { with: "Zstandard", unpack: "zstd -dc" }),
    (b"BZh", ForeignFormat::Compressed { with: "bzip2", unpack: "bzip2 -dc" }),
    (b"\xFD7zXZ", ForeignFormat::Compressed { with: "xz", unpack: "xz -dc" }),
    (b"\x04\x22\x4D\x18", ForeignFormat::Compressed { with: "LZ4", unpack: "lz4 -dc" }),
    (b"PK\x03\x04", ForeignFormat::Compressed { with: "ZIP", unpack: "unzip -p" }),
    (b"PAR1", ForeignFormat::Parquet),
    (b"Obj\x01", ForeignFormat::Avro),
    (b"\xFF\xFE", ForeignFormat::WideText),
    (b"\xFE\xFF", ForeignFormat::WideText),
];

/// The first lines of an input.
#[derive(Debug, Default)]
pub(super) struct Head {
    lines: Vec<Vec<u8>>,
    /// Whether the last of them is only the beginning of a line, as far as can be told.
    is_unfinished: bool,
    is_known: bool,
}

impl Head {
    /// Whether it is known by now that the input is NDJSON, as far as can be told.
    pub(super) fn is_known(&self) -> bool {
        self.is_known
    }

    /// Looks at the next line that is not blank, if it still matters.
    pub(super) fn look(&mut self, line: &[u8], is_terminated: bool) -> Result<(), ForeignFormat> {
        if self.is_known {
            return Ok(());
        }
        self.is_unfinished = !is_terminated;
        self.lines.push(line[..line.len().min(MAX_BYTES)].trim_ascii().to_vec());
        // The first object line says what the input is, unless nothing but the brace is on it.
        let has_object = self.lines.last().is_some_and(|line| line.starts_with(b"{") && line.len() > 1);
        self.is_known = has_object || self.lines.len() >= MAX_LINES;
        self.format(false).map_or(Ok(()), Err)
    }

    /// The input has ended.
    pub(super) fn end(&mut self) -> Result<(), ForeignFormat> {
        if self.is_known {
            return Ok(());
        }
        self.is_known = true;
        self.format(true).map_or(Ok(()), Err)
    }

    /// What the lines show, so far.
    fn format(&self, has_ended: bool) -> Option<ForeignFormat> {
        let first = self.lines.first()?;
        if self.lines.len() == 1 {
            if let Some((_, format)) = MARKS.iter().find(|(mark, _)| first.starts_with(mark)) {
                return Some(*format);
            }
            // JSON has no NUL: the other half of an ASCII character.
            if first.iter().take(2).any(|byte| *byte == 0) {
                return Some(ForeignFormat::WideText);
            }
            if first.starts_with(b"<") {
                return Some(ForeignFormat::Markup);
            }
            if first == b"{" && !self.is_unfinished {
                return Some(ForeignFormat::PrettyJson);
            }
            return is_array(first, has_ended).then_some(ForeignFormat::JsonArray);
        }
        let is_over = has_ended || self.lines.len() >= MAX_LINES;
        (is_over && are_records(&self.lines)).then_some(ForeignFormat::Csv)
    }
}

/// Whether a document that begins with this line is an array of objects. One that is whole may be a bad record among
/// good ones, if something follows.
fn is_array(line: &[u8], is_all: bool) -> bool {
    let Some(inside) = line.strip_prefix(b"[") else { return false };
    let begins_one = matches!(inside.trim_ascii_start().first(), None | Some(b'{' | b']'));
    begins_one && (is_all || serde_json::from_slice::<IgnoredAny>(line).is_err())
}

/// Whether every line has the same number of values, more than one, and none is JSON.
fn are_records(lines: &[Vec<u8>]) -> bool {
    let is_json = |line: &Vec<u8>| line.contains(&b'{') || line.starts_with(b"[");
    if lines.iter().any(is_json) {
        return false;
    }
    b",;\t|".iter().any(|separator| {
        let mut counts = lines.iter().map(|line| line.iter().filter(|byte| *byte == separator).count());
        counts.next().is_some_and(|first| first > 0 && counts.all(|count| count == first))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format_of(input: &[u8]) -> Option<ForeignFormat> {
        let mut head = Head::default();
        let mut lines = input.split_inclusive(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
        lines.try_for_each(|line| head.look(line, line.ends_with(b"\n"))).and_then(|()| head.end()).err()
    }

    #[test]
    fn formats_are_told_by_their_first_lines() {
        let gzip = ForeignFormat::Compressed { with: "gzip", unpack: "gzip -dc" };
        for (input, expected) in [
            (&b"\x1F\x8B\x08\x00\x00"[..], gzip),
            (b"PAR1\x15\x04", ForeignFormat::Parquet),
            (b"\xFF\xFE{\0\"\0", ForeignFormat::WideText),
            (b"{\0\"\0a\0", ForeignFormat::WideText),
            (b"\0{\0\"\0a", ForeignFormat::WideText),
            (b"[\n{\"a\":1},\n{\"a\":2}\n]", ForeignFormat::JsonArray),
            (b"[{\"a\":1},\n{\"a\":2}]", ForeignFormat::JsonArray),
            (b"\n [ {\"a\":1}, {\"a\":2} ]\n", ForeignFormat::JsonArray),
            (b"[]", ForeignFormat::JsonArray),
            (b"{\n  \"a\": 1\n}\n", ForeignFormat::PrettyJson),
            (b"id,tenant,at\n1,acme,2026\n2,acme,2026\n3,acme,2026", ForeignFormat::Csv),
            (b"id;tenant\n1;acme", ForeignFormat::Csv),
            (b"<?xml version=\"1.0\"?>\n<a/>", ForeignFormat::Markup),
        ] {
            assert_eq!(format_of(input), Some(expected), "{}", String::from_utf8_lossy(input));
        }
    }

    #[test]
    fn bad_lines_do_not_make_another_format() {
        for input in [
            &b""[..],
            b"{\"a\":1}\n[1,2]\nx,y\n1,2",
            b"[{\"a\":1}]\n{\"a\":2}",
            b"[INFO] starting, now\n{\"a\":1}",
            b"x,y\n{\"a\":1}",
            b"half\":1}\n{\"a\":1}",
            b"oops\noops\noops",
            b"a,b,c",
            b"null",
            b"{",
            b"  {",
        ] {
            assert_eq!(format_of(input), None, "{}", String::from_utf8_lossy(input));
        }
    }
}
