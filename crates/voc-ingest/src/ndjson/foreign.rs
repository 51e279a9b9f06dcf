//! Telling what an input is that is not NDJSON, before thousands of its lines become dead letters.

use std::fmt;

/// Lines that are looked at, at most.
const MAX_LINES: usize = 20;
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
const MARKS: [(&[u8], ForeignFormat); 9] = [
    (b"\x1F\x8B", ForeignFormat::Compressed { with: "gzip", unpack: "gzip -dc" }),
    (b"\x28\xB5\x2F\xFD", ForeignFormat::Compressed { with: "Zstandard", unpack: "zstd -dc" }),
    (b"\xFD7zXZ", ForeignFormat::Compressed { with: "xz", unpack: "xz -dc" }),
    (b"\x04\x22\x4D\x18", ForeignFormat::Compressed { with: "LZ4", unpack: "lz4 -dc" }),
    (b"PK\x03\x04", ForeignFormat::Compressed { with: "ZIP", unpack: "unzip -p" }),
    (b"PAR1", ForeignFormat::Parquet),
    (b"Obj\x01", ForeignFormat::Avro),
    (b"\xFF\xFE", ForeignFormat::WideText),
    (b"\xFE\xFF", ForeignFormat::WideText),
];
const BZIP2: ForeignFormat = ForeignFormat::Compressed { with: "bzip2", unpack: "bzip2 -dc" };
/// What documents of markup begin with, in lower case.
const MARKUP: [&[u8]; 3] = [b"<?xml", b"<!doctype", b"<html"];

/// The first lines of an input.
#[derive(Debug, Default)]
pub(super) struct Head {
    lines: Vec<Vec<u8>>,
    is_known: bool,
}

impl Head {
    /// Whether it is known by now that the input is NDJSON, as far as can be told.
    pub(super) fn is_known(&self) -> bool {
        self.is_known
    }

    /// The input is taken for NDJSON, whatever comes.
    pub(super) fn accept(&mut self) {
        self.is_known = true;
        self.lines.clear();
    }

    /// Looks at the next line that is not blank, if it still matters.
    pub(super) fn look(&mut self, line: &[u8], is_terminated: bool) -> Result<(), ForeignFormat> {
        if self.is_known {
            return Ok(());
        }
        self.lines.push(shortened(line.trim_ascii_start()));
        // Half of a line may be anything.
        if let Some(format) = self.first_format().or_else(|| self.document(!is_terminated)) {
            return Err(format);
        }
        // An object says that the input is NDJSON; before one, some bad lines do not say that it is not.
        if self.lines.iter().any(|line| is_whole_object(line)) {
            self.accept();
        } else if self.lines.len() >= MAX_LINES {
            return self.end();
        }
        Ok(())
    }

    /// The input has ended.
    pub(super) fn end(&mut self) -> Result<(), ForeignFormat> {
        let is_array = matches!(&self.lines[..], [line] if begins_array(line));
        let is_table = self.lines.len() > 1 && are_records(&self.lines);
        self.accept();
        match (is_array, is_table) {
            (true, _) => Err(ForeignFormat::JsonArray),
            (_, true) => Err(ForeignFormat::Csv),
            _ => Ok(()),
        }
    }

    /// What the first line shows by itself.
    fn first_format(&self) -> Option<ForeignFormat> {
        let [first] = &self.lines[..] else { return None };
        if let Some((_, format)) = MARKS.iter().find(|(mark, _)| first.starts_with(mark)) {
            return Some(*format);
        }
        let lower = first.get(..16.min(first.len())).unwrap_or_default().to_ascii_lowercase();
        match &first[..] {
            // A block begins with the digits of pi.
            [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', b'Y', b'&', ..] => Some(BZIP2),
            // JSON has no NUL: the other half of an ASCII character.
            [0, 1..=255, ..] | [1..=255, 0, ..] => Some(ForeignFormat::WideText),
            _ if MARKUP.iter().any(|mark| lower.starts_with(mark)) => Some(ForeignFormat::Markup),
            _ => None,
        }
    }

    /// What the last line goes on with, if the lines are of one document.
    fn document(&self, is_unfinished: bool) -> Option<ForeignFormat> {
        let (last, before) = self.lines.split_last()?;
        let last = last.trim_ascii_end();
        match before {
            [] => {
                let goes_on = matches!(last.last(), Some(b'[' | b'{' | b','));
                (begins_array(last) && goes_on && !is_unfinished).then_some(ForeignFormat::JsonArray)
            }
            [first] => {
                let first = first.trim_ascii_end();
                let goes_on = match first.last() {
                    Some(b'{' | b',') => last.starts_with(b"\""),
                    Some(b'[') => matches!(last.first(), Some(b'{' | b'[')),
                    _ => false,
                };
                (first.starts_with(b"{") && goes_on).then_some(ForeignFormat::PrettyJson)
            }
            _ => None,
        }
    }
}

/// A line's beginning, and what it ends with: that says whether it goes on.
fn shortened(line: &[u8]) -> Vec<u8> {
    let Some((beginning, rest)) = line.split_at_checked(MAX_BYTES) else { return line.to_vec() };
    beginning.iter().chain(rest.trim_ascii_end().last()).copied().collect()
}

/// Whether a line may be an event: an object with something in it, and not one of several with commas between them.
fn is_whole_object(line: &[u8]) -> bool {
    let line = line.trim_ascii_end();
    line.starts_with(b"{") && line.len() > 1 && !matches!(line.last(), Some(b'[' | b'{' | b','))
}

/// Whether a line begins an array of objects.
fn begins_array(line: &[u8]) -> bool {
    let Some(inside) = line.strip_prefix(b"[") else { return false };
    matches!(inside.trim_ascii_start().first(), None | Some(b'{' | b']'))
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
        let long_array = format!("[{{\"a\":\"{}\"}}]", "x".repeat(2 * MAX_BYTES));
        for (input, expected) in [
            (&b"\x1F\x8B\x08\x00\x00"[..], gzip),
            (b"BZh91AY&SY\x00", BZIP2),
            (b"PAR1\x15\x04", ForeignFormat::Parquet),
            (b"\xFF\xFE{\0\"\0", ForeignFormat::WideText),
            (b"{\0\"\0a\0", ForeignFormat::WideText),
            (b"\0{\0\"\0a", ForeignFormat::WideText),
            (b"[\n{\"a\":1},\n{\"a\":2}\n]", ForeignFormat::JsonArray),
            (b"[{\"a\":1},\n{\"a\":2}]", ForeignFormat::JsonArray),
            (b"[{\n\"a\":1}]", ForeignFormat::JsonArray),
            (b"\n [ {\"a\":1}, {\"a\":2} ]\n", ForeignFormat::JsonArray),
            (b"[]", ForeignFormat::JsonArray),
            (long_array.as_bytes(), ForeignFormat::JsonArray),
            (b"{\n  \"a\": 1\n}\n", ForeignFormat::PrettyJson),
            (b"{ \"a\": 1,\n  \"b\": 1\n}\n", ForeignFormat::PrettyJson),
            (b"{\"events\":[\n{\"a\":1},\n{\"a\":2}]}", ForeignFormat::PrettyJson),
            (b"id,tenant,at\n1,acme,2026\n2,acme,2026\n3,acme,2026", ForeignFormat::Csv),
            (b"id\ttenant\tat\r\n1\tacme\t\r\n2\tacme\t\r\n", ForeignFormat::Csv),
            (b"id;tenant\n1;acme", ForeignFormat::Csv),
            (b"<?xml version=\"1.0\"?>\n<a/>", ForeignFormat::Markup),
            (b"<!DOCTYPE html>", ForeignFormat::Markup),
        ] {
            assert_eq!(format_of(input), Some(expected), "{}", String::from_utf8_lossy(&input[..input.len().min(80)]));
        }
    }

    #[test]
    fn bad_lines_do_not_make_another_format() {
        let long_array = format!("[{{\"a\":\"{}\"}}]\n{{\"a\":1}}", "x".repeat(2 * MAX_BYTES));
        // Whatever stands where no more is looked at.
        let long_object = format!("{{\"a\":\"{}\"}}\n{{\"a\":1}}", "[".repeat(2 * MAX_BYTES));
        for input in [
            &b""[..],
            b"{\"a\":1}\n[1,2]\nx,y\n1,2",
            b"[{\"a\":1}]\n{\"a\":2}",
            long_array.as_bytes(),
            long_object.as_bytes(),
            b"[INFO] starting, now\n{\"a\":1}",
            b"[{}] starting\n{\"a\":1}",
            b"[{\"event_id\":\"x\",\"te\n{\"a\":1}",
            b"x,y\n{\"a\":1}",
            b"10:00:01,1 INFO\n10:00:01,2 INFO\n10:00:01,3 INFO\n{\"a\":1}",
            b"<14>Nov 28\n{\"a\":1}",
            b"<!-- exported -->\n{\"a\":1}",
            b"BZh job starts\n{\"a\":1}",
            b"\0\0\0\0\n{\"a\":1}",
            b"{\n{\"a\":1}",
            b"half\":1}\n{\"a\":1}",
            b"oops\noops\noops",
            b"a,b,c",
            b"null",
            b"{",
            b"  {",
            b"{\"a\":",
        ] {
            assert_eq!(format_of(input), None, "{}", String::from_utf8_lossy(&input[..input.len().min(80)]));
        }
    }
}
