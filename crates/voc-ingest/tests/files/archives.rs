//! Truncated and damaged archives.

use std::fs;

use proptest::prelude::*;
use voc_ingest::{
    PipelineError, SourceError,
    files::{Defect, UnfinishedTail},
};
use voc_store::MemoryStore;

use crate::{
    forms::{Encoding, LAYOUTS, Layout, Packing, gzip, zstd},
    stage::{ids, import_in_a_process, read_whole, run, stored_ids},
};

/// The result of importing a damaged archive.
fn defect(outcome: Result<(), PipelineError>) -> (Defect, String) {
    let Err(PipelineError::Source(error @ SourceError::Damaged { .. })) = outcome else {
        panic!("not the expected outcome: {outcome:?}");
    };
    let message = error.to_string();
    let SourceError::Damaged { source, .. } = error else { unreachable!() };
    (source.defect, message)
}

#[tokio::test]
async fn the_available_part_of_a_truncated_archive_is_stored() {
    for (packing, is_some) in [(Packing::Gzip, true), (Packing::Zstd, false), (Packing::ZstdFrames(2000), true)] {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("events.ndjson.gz");
        let store = MemoryStore::new();
        let archive = packing.pack(Layout::Lines.text(0..1000).as_bytes());
        let cut = archive.len() * 2 / 3;
        fs::write(&file, &archive[..cut]).unwrap();
        for _ in 0..2 {
            let (_, _, outcome) = run(&file, UnfinishedTail::Leave, data.path(), &store).await;
            let (defect, message) = defect(outcome);
            assert_eq!(defect, Defect::Truncated { at: cut as u64 });
            assert!(message.contains("events.ndjson.gz") && message.contains("import a complete copy"), "{message}");
            // Zstandard decompresses by block, and these few events are one block.
            assert_eq!(store.rows() > 500, is_some, "{}", store.rows());
            assert_eq!(store.dead_letters().len(), 0);
        }
        let stored = store.rows() as u64;
        fs::write(&file, &archive).unwrap();
        let (tally, skipped) = read_whole(&file, data.path(), &store).await;
        assert_eq!((tally.stored(), skipped, stored_ids(&store)), (1000 - stored, stored, ids(0..1000)));
    }
}

#[tokio::test]
async fn nothing_of_a_damaged_part_of_an_archive_is_stored() {
    for pack in [gzip, zstd] {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("events");
        let store = MemoryStore::new();
        let parts = [0..300, 300..600, 600..900].map(|part| pack(Layout::Lines.text(part).as_bytes()));
        let (first, second) = (parts[0].len() as u64, parts[1].len() as u64);
        let sound = parts.concat();
        let mut damaged = sound.clone();
        damaged[parts[0].len() + parts[1].len() / 2] ^= 0x10;
        fs::write(&file, damaged).unwrap();
        let (_, _, outcome) = run(&file, UnfinishedTail::Take, data.path(), &store).await;
        let (defect, message) = defect(outcome);
        let Defect::Corrupt { from, to } = defect else { panic!("not damaged: {message}") };
        assert!(from == first && to <= first + second, "{message}");
        assert_eq!(stored_ids(&store), ids(0..300));
        assert!(message.contains("import an intact copy"), "{message}");
        fs::write(&file, sound).unwrap();
        let (tally, skipped) = read_whole(&file, data.path(), &store).await;
        assert_eq!((tally.stored(), skipped, stored_ids(&store)), (600, 300, ids(0..900)));
    }
}

#[tokio::test]
async fn data_after_an_archive_is_reported() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events");
    let store = MemoryStore::new();
    let archive = gzip(Layout::Lines.text(0..10).as_bytes());
    fs::write(&file, [&archive[..], b"-- end of backup --"].concat()).unwrap();
    let (_, _, outcome) = run(&file, UnfinishedTail::Take, data.path(), &store).await;
    assert_eq!(defect(outcome).0, Defect::Followed { at: archive.len() as u64 });
    assert_eq!(store.rows(), 10);
}

#[tokio::test]
async fn double_compression_and_foreign_formats_are_reported() {
    for (content, name) in [
        (gzip(&gzip(Layout::Lines.text(0..10).as_bytes())), "compressed twice"),
        (zstd(b"id,at\n1,2\n1,3\n"), "such as CSV"),
        (gzip(b"%PDF-1.7"), "a PDF document"),
    ] {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("events.gz");
        fs::write(&file, content).unwrap();
        let (tally, _, outcome) = run(&file, UnfinishedTail::Take, data.path(), &MemoryStore::new()).await;
        let message = outcome.unwrap_err().to_string();
        assert!(message.contains(name) && message.contains("events.gz"), "{message}");
        assert_eq!(tally.consumed(), 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever happened to an archive: after the import of an intact copy, exactly its events are stored, once each.
    #[test]
    fn an_intact_copy_of_a_damaged_archive_adds_the_missing_events(
        layout in prop::sample::select(&LAYOUTS[..]),
        encoding in prop::sample::select(vec![Encoding::Utf8, Encoding::Utf16Be]),
        packing in prop::sample::select(vec![
            Packing::Gzip, Packing::Zstd, Packing::GzipMembers(400), Packing::ZstdFrames(400),
        ]),
        place in any::<prop::sample::Index>(),
        flipped in 0..8_u8,
        is_truncated: bool,
        killed_after in prop::option::of(0..60_usize),
    ) {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("events");
        let sound = packing.pack(&encoding.encode(&layout.text(0..40)));
        let mut damaged = sound.clone();
        let place = place.index(sound.len());
        if is_truncated {
            damaged.truncate(place);
        } else {
            damaged[place] ^= 1 << flipped;
        }
        fs::write(&file, damaged).unwrap();
        let store = MemoryStore::new();
        let _ = import_in_a_process(&file, UnfinishedTail::Take, data.path(), &store, 3, killed_after);
        let first = store.rows();
        let _ = import_in_a_process(&file, UnfinishedTail::Take, data.path(), &store, 3, None);
        prop_assert!(store.rows() >= first);
        fs::write(&file, sound).unwrap();
        for _ in 0..2 {
            import_in_a_process(&file, UnfinishedTail::Take, data.path(), &store, 3, None).unwrap();
            prop_assert_eq!(stored_ids(&store), ids(0..40));
        }
    }
}
