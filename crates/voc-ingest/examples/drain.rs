//! Measures reading alone.
#![allow(missing_docs, clippy::all, clippy::unwrap_used, clippy::print_stdout)]
use tokio_util::sync::CancellationToken;
use voc_ingest::{MemoryBudget, Source, files::*};
#[tokio::main]
async fn main() {
    let file = std::env::args().nth(1).unwrap();
    let t = std::time::Instant::now();
    let dir = tempfile::tempdir().unwrap();
    let checkpoints = Checkpoints::open(dir.path().join("c")).unwrap();
    let settings =
        FileSettings { unfinished: Unfinished::Take, chunk_records: 1000, budget: MemoryBudget::new(256 << 20) };
    let mut source =
        FileSource::start(vec![FileInput::File(file.into())], settings, &checkpoints, CancellationToken::new())
            .unwrap();
    let (mut n, mut bytes) = (0, 0);
    while let Some(mut a) = source.next_assignment().await.unwrap() {
        while let Some(chunk) = a.records.recv().await {
            n += chunk.len();
            bytes += chunk.bytes();
        }
        drop(a);
    }
    println!("new {n} {bytes} {:.3}", t.elapsed().as_secs_f64());
}
