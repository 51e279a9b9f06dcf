//! Inputs that hold no readable events, and how to convert them.

use std::fmt;

use super::scanner::RECORD_SEPARATOR;

/// An unsupported format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForeignFormat {
    /// Compressed in an unsupported format.
    Compressed {
        /// The compressor, such as `xz`.
        with: &'static str,
        /// The command that decompresses it to standard output.
        unpack: &'static str,
    },
    /// A multi-file archive.
    Archive {
        /// Its kind, such as `ZIP`.
        kind: &'static str,
        /// The command that extracts it to standard output or into a folder.
        unpack: &'static str,
    },
    /// Compressed twice.
    CompressedTwice,
    /// UTF-32, or UTF-16 without a byte order mark.
    WideText,
    /// A table or a database.
    Table {
        /// Its format, such as `an Apache Parquet file`.
        format: &'static str,
    },
    /// A document, an image or a program.
    Binary {
        /// Its format, such as `a PDF document`.
        format: &'static str,
    },
    /// A JSON object that contains an array of events.
    Wrapped {
        /// Name of the array.
        array: &'static str,
    },
    /// A text table: values with a separator between them.
    Csv,
    /// XML or HTML.
    Markup,
    /// Text in which no line begins a JSON object, such as prose or a log.
    Text,
}

impl ForeignFormat {
    /// How to convert it to readable events.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::Compressed { unpack, .. } => format!("decompress it: `{unpack} FILE | voc-processor … --input -`"),
            Self::Archive { unpack, .. } => format!("extract it (`{unpack} FILE`), and import the files in it"),
            Self::CompressedTwice => "decompress it once".to_owned(),
            Self::WideText => "convert it: `iconv -t UTF-8 FILE`, with its encoding after -f".to_owned(),
            Self::Wrapped { array } => format!("`jq -c '.{array}[]' FILE` writes one event per line"),
            Self::Table { .. } | Self::Csv | Self::Markup => "export it as JSON, one event per line".to_owned(),
            Self::Binary { .. } => "no events can be read from it".to_owned(),
            Self::Text => "export it as JSON, one event per line; if the lines have JSON after other text, \
                           `sed 's/^[^{]*//' FILE | voc-processor … --input -` cuts that off"
                .to_owned(),
        }
    }

    /// Detects the format by the beginning of the text, after decompression.
    pub(super) fn of_beginning(beginning: &[u8]) -> Option<Self> {
        if let Some((_, format)) = SIGNATURES.iter().find(|(mark, _)| beginning.starts_with(mark)) {
            return Some(*format);
        }
        match beginning {
            // A bzip2 block begins with the digits of pi.
            [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', b'Y', b'&', ..] => {
                Some(Self::Compressed { with: "bzip2", unpack: "bzip2 -dc" })
            }
            // JSON contains no NUL, so this is half of a wide ASCII character.
            [0, 1..=255, ..] | [1..=255, 0, ..] if !is_tar(beginning) => Some(Self::WideText),
            _ => is_tar(beginning).then_some(Self::Archive { kind: "tar", unpack: "tar -xf" }),
        }
    }

    /// Detects markup by the first line that is not blank.
    pub(super) fn of_markup(line: &[u8]) -> Option<Self> {
        let lower = line.get(..16.min(line.len())).unwrap_or_default().to_ascii_lowercase();
        MARKUP.iter().any(|mark| lower.starts_with(mark)).then_some(Self::Markup)
    }

    /// Detects the format by the first lines, if none of them begins an object or an array of objects. A few lines of
    /// text may be damaged events.
    pub(super) fn of_lines(lines: &[&[u8]]) -> Option<Self> {
        let is_tag = |line: &&[u8]| matches!(line, [b'<', b'a'..=b'z' | b'A'..=b'Z', ..]);
        let has_json = lines.iter().any(|line| line.contains(&b'{') || line.starts_with(b"["));
        let first_lines = lines.get(..MANY_LINES).unwrap_or(lines);
        if lines.iter().any(|line| line.iter().any(is_binary)) {
            Some(Self::Binary { format: "a binary file" })
        } else if !has_json && lines.len() > 1 && are_records(first_lines) {
            Some(Self::Csv)
        } else if !has_json && lines.first().is_some_and(is_tag) {
            Some(Self::Markup)
        } else {
            (lines.len() >= MANY_LINES).then_some(Self::Text)
        }
    }
}

impl fmt::Display for ForeignFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compressed { with, .. } => write!(f, "compressed with {with}"),
            Self::Archive { kind, .. } => write!(f, "a {kind} archive"),
            Self::CompressedTwice => f.write_str("compressed twice"),
            Self::WideText => f.write_str("text in UTF-32, or in UTF-16 without a byte order mark"),
            Self::Table { format } | Self::Binary { format } => f.write_str(format),
            Self::Wrapped { array } => write!(f, "a JSON object with an array of {array}"),
            Self::Csv => f.write_str("a text table, such as CSV"),
            Self::Markup => f.write_str("XML or HTML"),
            Self::Text => f.write_str("text whose lines do not begin with JSON objects"),
        }
    }
}

/// Length of the beginning that contains every signature.
pub(super) const SIGNATURE_BYTES: usize = 262;

/// Number of lines from which on text without objects is a format of its own.
const MANY_LINES: usize = 20;

/// Signatures of file formats.
const SIGNATURES: [(&[u8], ForeignFormat); 27] = [
    (b"\x1F\x8B", ForeignFormat::CompressedTwice),
    (b"\x28\xB5\x2F\xFD", ForeignFormat::CompressedTwice),
    (b"\xFD7zXZ", ForeignFormat::Compressed { with: "xz", unpack: "xz -dc" }),
    (b"\x04\x22\x4D\x18", ForeignFormat::Compressed { with: "LZ4", unpack: "lz4 -dc" }),
    (b"\x1F\x9D", ForeignFormat::Compressed { with: "compress", unpack: "gzip -dc" }),
    (b"\xFF\x06\0\0sNaPpY", ForeignFormat::Compressed { with: "Snappy", unpack: "snzip -dc" }),
    (b"PK\x03\x04", ForeignFormat::Archive { kind: "ZIP", unpack: "unzip" }),
    (b"7z\xBC\xAF\x27\x1C", ForeignFormat::Archive { kind: "7-Zip", unpack: "7z x" }),
    (b"Rar!\x1A\x07", ForeignFormat::Archive { kind: "RAR", unpack: "unrar x" }),
    (b"PAR1", ForeignFormat::Table { format: "an Apache Parquet file" }),
    (b"Obj\x01", ForeignFormat::Table { format: "an Apache Avro file" }),
    (b"ORC", ForeignFormat::Table { format: "an Apache ORC file" }),
    (b"ARROW1", ForeignFormat::Table { format: "an Apache Arrow file" }),
    (b"SQLite format 3\0", ForeignFormat::Table { format: "an SQLite database" }),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", ForeignFormat::Table { format: "a legacy Microsoft Office document" }),
    (b"%PDF-", ForeignFormat::Binary { format: "a PDF document" }),
    (b"\x89PNG", ForeignFormat::Binary { format: "a PNG image" }),
    (b"\xFF\xD8\xFF", ForeignFormat::Binary { format: "a JPEG image" }),
    (b"GIF8", ForeignFormat::Binary { format: "a GIF image" }),
    (b"RIFF", ForeignFormat::Binary { format: "a RIFF media file" }),
    (b"OggS", ForeignFormat::Binary { format: "an Ogg audio file" }),
    (b"ID3", ForeignFormat::Binary { format: "an MP3 audio file" }),
    (b"\x7FELF", ForeignFormat::Binary { format: "a program" }),
    (b"\xFF\xFE", ForeignFormat::WideText),
    (b"\xFE\xFF", ForeignFormat::WideText),
    (b"\0\0\xFE\xFF", ForeignFormat::WideText),
    (b"{\\rtf", ForeignFormat::Binary { format: "an RTF document" }),
];

/// Beginnings of markup documents, in lower case.
const MARKUP: [&[u8]; 3] = [b"<?xml", b"<!doctype", b"<html"];

/// Whether the text begins with the header of a tar archive, whose signature follows the name of the first file.
fn is_tar(beginning: &[u8]) -> bool {
    beginning.get(257..SIGNATURE_BYTES).is_some_and(|mark| mark == b"ustar")
}

/// Whether a byte does not occur in text of any encoding that includes ASCII: a control character that is neither
/// white space nor used in terminals and JSON text sequences.
fn is_binary(byte: &u8) -> bool {
    *byte < b' ' && !matches!(*byte, 0x07..=0x0D | 0x1B | RECORD_SEPARATOR)
}

/// Whether every line has the same number of values, at least two.
fn are_records(lines: &[&[u8]]) -> bool {
    b",;\t|".iter().any(|separator| {
        let mut counts = lines.iter().map(|line| line.iter().filter(|byte| *byte == separator).count());
        counts.next().is_some_and(|first| first > 0 && counts.all(|count| count == first))
    })
}
