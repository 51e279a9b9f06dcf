//! All combinations of forms of events: layout, text encoding and compression.

use std::{
    fs::{self, File},
    io::Write as _,
};

use proptest::prelude::*;
use rustix::fs::{CWD, Mode, mkfifoat};
use voc_ingest::files::UnfinishedTail;
use voc_store::MemoryStore;

use crate::stage::{event, ids, import_in_a_process, read_whole, stored_ids};

/// Layouts of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    Lines,
    Array,
    ArrayOnOneLine,
    Pretty,
    PrettyArray,
    ListedLines,
    Glued,
    ArraysOnLines,
    /// Lines that end with a carriage return only.
    CarriageReturns,
    NulSeparated,
    /// A JSON text sequence (RFC 7464).
    Sequence,
}

pub(crate) const LAYOUTS: [Layout; 11] = [
    Layout::Lines,
    Layout::Array,
    Layout::ArrayOnOneLine,
    Layout::Pretty,
    Layout::PrettyArray,
    Layout::ListedLines,
    Layout::Glued,
    Layout::ArraysOnLines,
    Layout::CarriageReturns,
    Layout::NulSeparated,
    Layout::Sequence,
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    Utf8WithMark,
    Utf16Le,
    Utf16Be,
}

pub(crate) const ENCODINGS: [Encoding; 4] =
    [Encoding::Utf8, Encoding::Utf8WithMark, Encoding::Utf16Le, Encoding::Utf16Be];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    None,
    Gzip,
    Zstd,
    /// In members of this many bytes.
    GzipMembers(usize),
    ZstdFrames(usize),
}

pub(crate) const PACKINGS: [Packing; 5] =
    [Packing::None, Packing::Gzip, Packing::Zstd, Packing::GzipMembers(100), Packing::ZstdFrames(100)];

impl Layout {
    pub(crate) fn text(self, numbers: std::ops::Range<u128>) -> String {
        let events: Vec<String> = numbers.map(event).collect();
        let pretty = |event: &String| {
            serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(event).unwrap()).unwrap()
        };
        match self {
            Self::Lines => events.join("\n") + "\n",
            Self::Array => format!("[\n{}\n]\n", events.join(",\n")),
            Self::ArrayOnOneLine => format!("[{}]", events.join(",")),
            Self::Pretty => events.iter().map(|event| pretty(event) + "\n").collect(),
            Self::PrettyArray => {
                let events = events.iter().map(|event| serde_json::from_str(event).unwrap()).collect();
                serde_json::to_string_pretty(&serde_json::Value::Array(events)).unwrap()
            }
            Self::ListedLines => events.join(",\n") + ",\n",
            Self::Glued => events.concat(),
            Self::ArraysOnLines => events.chunks(3).map(|events| format!("[{}]\n", events.join(","))).collect(),
            Self::CarriageReturns => events.join("\r") + "\r",
            Self::NulSeparated => events.join("\0") + "\0",
            Self::Sequence => events.iter().map(|event| format!("\u{1e}{event}\n")).collect(),
        }
    }
}

impl Encoding {
    pub(crate) fn encode(self, text: &str) -> Vec<u8> {
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Utf8WithMark => format!("\u{feff}{text}").into_bytes(),
            Self::Utf16Le => units.flat_map(u16::to_le_bytes).collect(),
            Self::Utf16Be => units.flat_map(u16::to_be_bytes).collect(),
        }
    }
}

pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// Like `zstd`, with a checksum.
pub(crate) fn zstd(content: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

impl Packing {
    pub(crate) fn pack(self, content: &[u8]) -> Vec<u8> {
        match self {
            Self::None => content.to_vec(),
            Self::Gzip => gzip(content),
            Self::Zstd => zstd(content),
            Self::GzipMembers(bytes) => content.chunks(bytes).flat_map(gzip).collect(),
            Self::ZstdFrames(bytes) => content.chunks(bytes).flat_map(zstd).collect(),
        }
    }
}

#[tokio::test]
async fn every_form_is_read() {
    for layout in LAYOUTS {
        for encoding in ENCODINGS {
            for packing in PACKINGS {
                let form = format!("{layout:?} {encoding:?} {packing:?}");
                let data = tempfile::tempdir().unwrap();
                // The name does not reveal the form.
                let file = data.path().join("events.dat");
                let store = MemoryStore::new();
                fs::write(&file, packing.pack(&encoding.encode(&layout.text(0..25)))).unwrap();
                let (tally, _) = read_whole(&file, data.path(), &store).await;
                assert_eq!((tally.stored(), tally.dead_lettered()), (25, 0), "{form}");
                assert_eq!(stored_ids(&store), ids(0..25), "{form}");
                let (tally, skipped) = read_whole(&file, data.path(), &store).await;
                assert_eq!((tally.consumed(), skipped), (0, 25), "{form}");
            }
        }
    }
}

#[tokio::test]
async fn a_single_event_is_read_in_any_layout() {
    for layout in LAYOUTS {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("events.json");
        let store = MemoryStore::new();
        fs::write(&file, layout.text(7..8)).unwrap();
        read_whole(&file, data.path(), &store).await;
        assert_eq!((stored_ids(&store), store.dead_letters().len()), (ids(7..8), 0), "{layout:?}");
    }
}

/// An empty array has no event and is not an error.
#[tokio::test]
async fn empty_inputs_have_no_events_in_any_form() {
    for text in ["", "\n", "[]", "[\n]\n", " [ ]"] {
        for packing in PACKINGS {
            let data = tempfile::tempdir().unwrap();
            let file = data.path().join("events.json");
            fs::write(&file, packing.pack(text.as_bytes())).unwrap();
            let (tally, _) = read_whole(&file, data.path(), &MemoryStore::new()).await;
            assert_eq!(tally.consumed(), 0, "{text:?} {packing:?}");
        }
    }
}

#[tokio::test]
async fn a_text_is_recognised_in_any_compression_and_encoding() {
    for layout in [Layout::Lines, Layout::PrettyArray] {
        let data = tempfile::tempdir().unwrap();
        let store = MemoryStore::new();
        let write = |name: &str, numbers, encoding: Encoding, packing: Packing| {
            let file = data.path().join(name);
            fs::write(&file, packing.pack(&encoding.encode(&layout.text(numbers)))).unwrap();
            file
        };
        let packed = write("events.gz", 0..20, Encoding::Utf8, Packing::Gzip);
        read_whole(&packed, data.path(), &store).await;
        for (encoding, packing) in [
            (Encoding::Utf8, Packing::None),
            (Encoding::Utf8, Packing::ZstdFrames(64)),
            (Encoding::Utf16Le, Packing::None),
            (Encoding::Utf16Be, Packing::GzipMembers(999)),
        ] {
            let other = write("other", 0..20, encoding, packing);
            let (tally, skipped) = read_whole(&other, data.path(), &store).await;
            assert_eq!((tally.consumed(), skipped), (0, 20), "{layout:?} {encoding:?} {packing:?}");
        }
        // The appended part is new.
        if layout == Layout::Lines {
            let longer = write("longer", 0..27, Encoding::Utf16Le, Packing::Zstd);
            let (tally, skipped) = read_whole(&longer, data.path(), &store).await;
            assert_eq!((tally.stored(), skipped), (7, 20));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pipes_support_every_form() {
    for (layout, encoding, packing) in [
        (Layout::Lines, Encoding::Utf8, Packing::Gzip),
        (Layout::PrettyArray, Encoding::Utf8, Packing::ZstdFrames(1000)),
        (Layout::Pretty, Encoding::Utf16Be, Packing::None),
        (Layout::ArrayOnOneLine, Encoding::Utf16Le, Packing::GzipMembers(50)),
        (Layout::ListedLines, Encoding::Utf8WithMark, Packing::None),
    ] {
        for at_a_time in [1, 3, 1000] {
            let data = tempfile::tempdir().unwrap();
            let pipe = data.path().join("pipe");
            mkfifoat(CWD, &pipe, Mode::RUSR | Mode::WUSR).unwrap();
            let store = MemoryStore::new();
            let content = packing.pack(&encoding.encode(&layout.text(0..30)));
            let writing = std::thread::spawn({
                let pipe = pipe.clone();
                move || {
                    let mut pipe = fs::OpenOptions::new().write(true).open(pipe).unwrap();
                    content.chunks(at_a_time).for_each(|piece| pipe.write_all(piece).unwrap());
                }
            });
            let (tally, _) = read_whole(&pipe, data.path(), &store).await;
            writing.join().unwrap();
            assert_eq!((tally.stored(), tally.dead_lettered()), (30, 0), "{layout:?} {encoding:?} {packing:?}");
        }
    }
}

#[tokio::test]
async fn unpaired_utf16_surrogates_become_a_dead_letter() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.ndjson");
    let store = MemoryStore::new();
    let text = format!("{}{}\n", Layout::Lines.text(0..2), event(2).replace("note", "n\u{e000}te"));
    let mut content = Encoding::Utf16Le.encode(&text);
    // An unpaired surrogate in its place.
    let place = content.windows(2).position(|pair| pair == 0xE000_u16.to_le_bytes()).unwrap();
    content[place..place + 2].copy_from_slice(&0xD83D_u16.to_le_bytes());
    fs::write(&file, content).unwrap();
    read_whole(&file, data.path(), &store).await;
    let dead_letters = store.dead_letters();
    assert_eq!((store.rows(), dead_letters.len(), dead_letters[0].offset), (2, 1, 2));
    assert_eq!(dead_letters[0].error_type, "invalid_utf8");
}

/// One import of a file.
fn kill() -> impl Strategy<Value = (Option<usize>, usize)> {
    (prop::option::weighted(0.8, 0..80_usize), 1..6_usize)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_import_killed_again_and_again_stores_every_event_once(
        layout in prop::sample::select(&LAYOUTS[..]),
        encoding in prop::sample::select(&ENCODINGS[..]),
        packing in prop::sample::select(&PACKINGS[..]),
        events in 1..60_u128,
        kills in prop::collection::vec(kill(), 3..8),
    ) {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("events");
        fs::write(&file, packing.pack(&encoding.encode(&layout.text(0..events)))).unwrap();
        let store = MemoryStore::new();
        for (killed_after, size) in kills.into_iter().chain([(None, 3), (None, 3)]) {
            import_in_a_process(&file, UnfinishedTail::Take, data.path(), &store, size, killed_after).unwrap();
        }
        prop_assert_eq!(stored_ids(&store), ids(0..events));
        prop_assert_eq!(store.dead_letters().len(), 0);
        prop_assert!(store.recorded().iter().all(voc_store::LedgerEntry::is_balanced));
    }

    /// A file that grows by any bytes, or an archive by members with them.
    #[test]
    fn an_input_that_grows_is_stored_once(
        layout in prop::sample::select(&LAYOUTS[..]),
        encoding in prop::sample::select(&ENCODINGS[..]),
        pack in prop::option::weighted(0.4, prop::sample::select(vec![gzip as fn(&[u8]) -> Vec<u8>, zstd])),
        events in 1..30_u128,
        runs in prop::collection::vec((0..1000_usize, any::<bool>(), kill()), 1..8),
    ) {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("events");
        let content = encoding.encode(&layout.text(0..events));
        let store = MemoryStore::new();
        let mut rest = content.as_slice();
        let mut append = |bytes: usize| {
            let (grown, left) = rest.split_at(bytes.min(rest.len()));
            rest = left;
            let grown = pack.map_or_else(|| grown.to_vec(), |pack| pack(grown));
            File::options().append(true).create(true).open(&file).unwrap().write_all(&grown).unwrap();
        };
        for (grown, takes, (killed_after, size)) in runs {
            append(grown);
            let unfinished = if takes { UnfinishedTail::Take } else { UnfinishedTail::Leave };
            // The end within an event is reported.
            let _ = import_in_a_process(&file, unfinished, data.path(), &store, size, killed_after);
        }
        append(usize::MAX);
        for _ in 0..2 {
            import_in_a_process(&file, UnfinishedTail::Take, data.path(), &store, 3, None).unwrap();
            prop_assert_eq!(stored_ids(&store), ids(0..events));
        }
        prop_assert!(store.recorded().iter().all(voc_store::LedgerEntry::is_balanced));
    }
}
