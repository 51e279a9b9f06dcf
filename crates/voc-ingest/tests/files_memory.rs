//! Archives that are made to exhaust memory, in a process of their own, whose memory is measured.

#![expect(clippy::unwrap_used, reason = "helpers of tests end them this way")]

use std::{fs, path::Path, sync::Arc};

use tokio_util::sync::CancellationToken;
use voc_events::{Family as _, voc::Voc};
use voc_ingest::{
    MemoryBudget, Pipeline, StoreDeadLetters,
    files::{Checkpoints, FileInput, FileSettings, FileSource, UnfinishedTail},
};
use voc_nlp::Annotator;
use voc_store::MemoryStore;

/// Peak memory of this process.
fn peak_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap() * 1024
}

/// Compresses a pattern repeated up to this many MiB.
fn pack(is_gzip: bool, beginning: &str, filling: u8, mebibytes: usize) -> Vec<u8> {
    let filling = vec![filling; 1 << 20];
    let mut packed = Vec::new();
    let mut encoder: Box<dyn std::io::Write> = if is_gzip {
        Box::new(flate2::write::GzEncoder::new(&mut packed, flate2::Compression::fast()))
    } else {
        Box::new(zstd::Encoder::new(&mut packed, 1).unwrap().auto_finish())
    };
    encoder.write_all(beginning.as_bytes()).unwrap();
    (0..mebibytes).for_each(|_| encoder.write_all(&filling).unwrap());
    drop(encoder);
    packed
}

async fn import(file: &Path, data: &Path, store: Arc<MemoryStore>) {
    let checkpoints = Checkpoints::open(data.join("checkpoints.ndjson"), Voc::NAME).unwrap();
    let settings =
        FileSettings { unfinished: UnfinishedTail::Take, chunk_records: 100, budget: MemoryBudget::new(16 << 20) };
    let inputs = vec![FileInput::File(file.to_owned())];
    let source = FileSource::start(inputs, settings, &checkpoints, CancellationToken::new()).unwrap();
    let dead_letters = Arc::new(StoreDeadLetters::new(Arc::clone(&store) as Arc<_>));
    // The missing end of an array is reported.
    let _ = Pipeline::<Voc>::new(store, Arc::new(Annotator::default()), dead_letters).run(source).await;
}

/// An endless line, event and array, and endless empty ones.
#[tokio::test]
async fn an_archive_larger_than_memory_is_streamed() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("bomb");
    // Byte-by-byte processing is slow in test builds.
    for (beginning, filling, mebibytes) in
        [("", b'x', 300), ("[{\"a\":\"", b'x', 300), ("[", b' ', 10), ("[", b'[', 10), ("", b'\n', 2)]
    {
        for is_gzip in [true, false] {
            fs::write(&file, pack(is_gzip, beginning, filling, mebibytes)).unwrap();
            assert!(fs::metadata(&file).unwrap().len() < 8 << 20);
            let store = Arc::new(MemoryStore::new());
            import(&file, data.path(), Arc::clone(&store)).await;
            assert_eq!(store.rows(), 0);
            let dead_letters = store.dead_letters();
            assert!(dead_letters.iter().all(|dead_letter| dead_letter.error_type == "too_large"), "{filling}");
        }
    }
    // 16 MiB are kept of a value, in a few places at a time.
    assert!(peak_bytes() < 256 << 20, "{} bytes", peak_bytes());
}
