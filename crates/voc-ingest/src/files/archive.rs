//! Single-stream archives, gzip and Zstandard: detected by their magic bytes and decompressed while they are read.

use std::{
    fmt,
    io::{self, BufRead, Read},
};

use flate2::bufread::GzDecoder;
use zstd::stream::read::Decoder as ZstdDecoder;

/// Number of magic bytes of an archive.
pub(super) const MAGIC_BYTES: usize = 4;

/// The codec of a single-stream archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Codec {
    Gzip,
    Zstd,
}

impl Codec {
    /// The codec of an input with this beginning.
    pub(super) fn of(beginning: &[u8]) -> Option<Self> {
        match beginning {
            [0x1F, 0x8B, ..] => Some(Self::Gzip),
            // A frame, or a skippable frame, with which the output of parallel compressors begins.
            [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// Whether these bytes may be the beginning of the magic bytes.
    pub(super) fn may_begin(beginning: &[u8]) -> bool {
        matches!(
            beginning,
            [] | [0x1F]
                | [0x28]
                | [0x28, 0xB5]
                | [0x28, 0xB5, 0x2F]
                | [0x50..=0x5F]
                | [0x50..=0x5F, 0x2A]
                | [0x50..=0x5F, 0x2A, 0x4D]
        )
    }

    /// Whether another member may begin with `byte`.
    fn begins_with(self, byte: u8) -> bool {
        match self {
            Self::Gzip => byte == 0x1F,
            Self::Zstd => matches!(byte, 0x28 | 0x50..=0x5F),
        }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "gzip",
            Self::Zstd => "Zstandard",
        })
    }
}

/// An archive that cannot be decompressed to its end.
#[derive(Debug, thiserror::Error)]
#[error("the {codec} archive {defect}")]
pub struct Damage {
    pub(super) codec: Codec,
    /// The kind of damage.
    pub defect: Defect,
    /// The error of the decoder.
    #[source]
    reason: io::Error,
}

/// The kinds of damage of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Defect {
    /// It is truncated.
    #[error("is truncated at byte {at}")]
    Truncated {
        /// Its length in bytes.
        at: u64,
    },
    /// Some bytes are corrupt. The checksum or the decoder detects this, but neither locates the bytes.
    #[error("is corrupt somewhere between byte {from} and byte {to}")]
    Corrupt {
        /// Where the damaged member begins.
        from: u64,
        /// Where the damage was detected.
        to: u64,
    },
    /// It needs a larger decompression window than permitted.
    #[error("needs more than 128 MiB of memory to decompress")]
    Window,
    /// Other data follows it.
    #[error("ends at byte {at} and is followed by other data")]
    Followed {
        /// Length of the archive.
        at: u64,
    },
}

/// Decompresses an archive, member by member: the members of one file form one content.
pub(super) struct Decompressor<R: BufRead> {
    codec: Codec,
    member: Member<R>,
    /// Where the current member begins in the archive.
    pub(super) member_at: u64,
    /// Decompressed bytes returned so far.
    pub(super) produced: u64,
    /// Decompressed bytes of the completed members, whose checksums are valid.
    pub(super) complete: u64,
}

enum Member<R: BufRead> {
    NotStarted(CountingReader<R>),
    Gzip(Box<GzDecoder<CountingReader<R>>>),
    Zstd(ZstdDecoder<'static, CountingReader<R>>),
    Finished,
}

impl<R: BufRead> Decompressor<R> {
    pub(super) fn new(codec: Codec, reader: R) -> Self {
        let member = Member::NotStarted(CountingReader { reader, position: 0, has_failed: false });
        Self { codec, member, member_at: 0, produced: 0, complete: 0 }
    }

    /// Begins the next member; `false` if there is none.
    fn begin(&mut self, mut rest: CountingReader<R>) -> io::Result<bool> {
        // Archives on tapes are padded with zeros.
        let may_be_padded = self.codec == Codec::Gzip && self.complete > 0;
        let next = loop {
            match rest.fill_buf()? {
                [0, ..] if may_be_padded => rest.consume(1),
                buffer => break buffer.first().copied(),
            }
        };
        let Some(next) = next else { return Ok(false) };
        self.member_at = rest.position;
        if !self.codec.begins_with(next) {
            let reason = io::Error::new(io::ErrorKind::InvalidData, format!("no member begins with byte {next:#04x}"));
            return Err(self.damage(Defect::Followed { at: rest.position }, reason));
        }
        self.member = match self.codec {
            Codec::Gzip => Member::Gzip(Box::new(GzDecoder::new(rest))),
            Codec::Zstd => Member::Zstd(ZstdDecoder::with_buffer(rest)?.single_frame()),
        };
        Ok(true)
    }

    fn damage(&self, defect: Defect, reason: io::Error) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, Damage { codec: self.codec, defect, reason })
    }

    /// Classifies an error of the decoder; passes errors of the underlying reader through.
    fn classify(&self, error: io::Error, position: u64, has_failed: bool) -> io::Error {
        match error.kind() {
            _ if has_failed => error,
            io::ErrorKind::Interrupted => error,
            // The library has no error kinds.
            _ if self.codec == Codec::Zstd && error.to_string().contains("too much memory") => {
                self.damage(Defect::Window, error)
            }
            io::ErrorKind::UnexpectedEof => self.damage(Defect::Truncated { at: position }, error),
            _ => self.damage(Defect::Corrupt { from: self.member_at, to: position }, error),
        }
    }
}

impl<R: BufRead> Read for Decompressor<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let read = match &mut self.member {
                Member::NotStarted(_) => Ok(0),
                Member::Gzip(decoder) => decoder.read(buffer),
                Member::Zstd(decoder) => decoder.read(buffer),
                Member::Finished => return Ok(0),
            };
            match read {
                Ok(0) => {}
                Ok(length) => {
                    self.produced += length as u64;
                    return Ok(length);
                }
                Err(error) => {
                    let (position, has_failed) = match &self.member {
                        Member::Gzip(decoder) => decoder.get_ref().state(),
                        Member::Zstd(decoder) => decoder.get_ref().state(),
                        Member::NotStarted(reader) => reader.state(),
                        Member::Finished => (0, true),
                    };
                    return Err(self.classify(error, position, has_failed));
                }
            }
            self.complete = self.produced;
            let rest = match std::mem::replace(&mut self.member, Member::Finished) {
                Member::NotStarted(rest) => rest,
                Member::Gzip(decoder) => decoder.into_inner(),
                Member::Zstd(decoder) => decoder.finish(),
                Member::Finished => return Ok(0),
            };
            if !self.begin(rest)? {
                return Ok(0);
            }
        }
    }
}

/// Counts the bytes read.
struct CountingReader<R> {
    reader: R,
    position: u64,
    /// Whether the last error came from the reader.
    has_failed: bool,
}

impl<R> CountingReader<R> {
    fn state(&self) -> (u64, bool) {
        (self.position, self.has_failed)
    }
}

impl<R: BufRead> Read for CountingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let length = available.len().min(buffer.len());
        buffer[..length].copy_from_slice(&available[..length]);
        self.consume(length);
        Ok(length)
    }
}

impl<R: BufRead> BufRead for CountingReader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let filled = self.reader.fill_buf();
        self.has_failed = filled.is_err();
        filled
    }

    fn consume(&mut self, amount: usize) {
        self.position += amount as u64;
        self.reader.consume(amount);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::{BufReader, Write as _};

    use super::*;

    pub(in crate::files) fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    pub(in crate::files) fn zstd(content: &[u8]) -> Vec<u8> {
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
        encoder.include_checksum(true).unwrap();
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    pub(in crate::files) fn content(seed: u32) -> Vec<u8> {
        (0..40_000_u32).flat_map(|number| format!("{:x} ", number.wrapping_mul(seed | 1)).into_bytes()).collect()
    }

    fn unpack(archive: &[u8]) -> (Vec<u8>, Option<Defect>) {
        let codec = Codec::of(archive).unwrap();
        let mut content = Vec::new();
        let outcome = Decompressor::new(codec, BufReader::with_capacity(100, archive)).read_to_end(&mut content);
        (content, outcome.err().map(|error| error.downcast::<Damage>().unwrap().defect))
    }

    #[test]
    fn members_form_one_content() {
        for pack in [gzip, zstd] {
            let (one, other) = (content(3), content(5));
            let archive = [pack(&one), pack(b""), pack(&other)].concat();
            assert_eq!(unpack(&archive), ([one, other].concat(), None));
        }
        let padded = [gzip(b"events"), vec![0; 1000]].concat();
        assert_eq!(unpack(&padded), (b"events".to_vec(), None));
        let skippable = [&b"\x5A\x2A\x4D\x18\x02\0\0\0xx"[..], &zstd(b"events")].concat();
        assert_eq!(unpack(&skippable), (b"events".to_vec(), None));
    }

    #[test]
    fn truncation_and_trailing_data_are_located() {
        for pack in [gzip, zstd] {
            let (one, archive) = (content(3), pack(&content(3)));
            let (first, second) = (archive.len() as u64, archive.len() / 2);
            let cut = [&archive[..], &archive[..second]].concat();
            let (found, defect) = unpack(&cut);
            assert_eq!(defect, Some(Defect::Truncated { at: cut.len() as u64 }));
            assert!(found.len() >= one.len() && [&one[..], &one[..]].concat().starts_with(&found));
            let followed = [&archive[..], b"more"].concat();
            assert_eq!(unpack(&followed), (one, Some(Defect::Followed { at: first })));
        }
    }

    /// A reader that fails is not a damaged archive.
    #[test]
    fn errors_of_the_reader_are_passed_through() {
        struct FailingReader;
        impl Read for FailingReader {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::from(io::ErrorKind::StaleNetworkFileHandle))
            }
        }
        for pack in [gzip, zstd] {
            let archive = pack(&content(3));
            let reader = BufReader::new(archive[..archive.len() / 2].chain(FailingReader));
            let mut unpacked = Decompressor::new(Codec::of(&archive).unwrap(), reader);
            let error = unpacked.read_to_end(&mut Vec::new()).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::StaleNetworkFileHandle);
        }
    }
}
