//! What archives unpack to that are made to exhaust memory; alone in its process, whose memory is measured.

#![expect(clippy::unwrap_used, reason = "helpers of tests end them this way")]

use std::{fs, io::Write as _, sync::Arc};

use tokio_util::sync::CancellationToken;
use voc_events::voc::Voc;
use voc_ingest::{
    MemoryBudget, Pipeline, StoreDeadLetters,
    files::{Checkpoints, FileInput, FileSettings, FileSource, Unfinished},
};
use voc_nlp::Annotator;
use voc_store::MemoryStore;

/// Most memory that this process has had.
fn peak_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap() * 1024
}

/// Two GiB: a line without an end, and an array of one event that does not end.
#[test]
fn an_archive_that_unpacks_to_more_than_memory_only_streams() {
    for (beginning, filling) in [("", b"x"), ("[{\"a\":\"", b"x"), ("[", b" "), ("[", b"["), ("", b"\n")] {
        for pack in [pack_gzip, pack_zstd] {
            let data = tempfile::tempdir().unwrap();
            let file = data.path().join("bomb");
            fs::write(&file, pack(beginning, &[filling[0]; 1 << 20], 300)).unwrap();
            let store = MemoryStore::new();
            // As large as it may be of a program that has only started.
            let before = peak_bytes();
            let _ = import_in_a_process(&file, Unfinished::Take, data.path(), &store, 10, None);
            let grown = peak_bytes() - before;
            assert!(grown < 200 << 20, "{grown} bytes for {beginning:?} {filling:?}");
            assert_eq!(store.rows(), 0);
        }
    }
}

fn pack_gzip(beginning: &str, filling: &[u8], times: usize) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(beginning.as_bytes()).unwrap();
    (0..times).for_each(|_| encoder.write_all(filling).unwrap());
    encoder.finish().unwrap()
}

fn pack_zstd(beginning: &str, filling: &[u8], times: usize) -> Vec<u8> {
    let mut encoder = ::zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.write_all(beginning.as_bytes()).unwrap();
    (0..times).for_each(|_| encoder.write_all(filling).unwrap());
    encoder.finish().unwrap()
}

