//! The fuzz targets on their seeds and on random bytes: as much fuzzing as stable Rust can do.
#![expect(clippy::unwrap_used, reason = "seeds and schemas are our own")]

mod bodies;

use std::{fs, path::Path};

use proptest::{collection::vec, prelude::*, sample::select};

type Body = fn(&[u8]);

/// The targets, and whose seeds each one uses.
const TARGETS: [(&str, &str, Body); 7] = [
    ("json_voc", "json", bodies::json_voc),
    ("json_activity", "json", bodies::json_activity),
    ("json_product", "json", bodies::json_product),
    ("json_quality", "json", bodies::json_quality),
    ("avro", "avro", bodies::avro),
    ("protobuf", "protobuf", bodies::protobuf),
    ("wire", "wire", bodies::wire),
];

fn seeds() -> Vec<Vec<u8>> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
    let folders = fs::read_dir(corpus).unwrap().map(|folder| folder.unwrap().path());
    let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap()).map(|file| file.unwrap().path());
    files.map(|file| fs::read(file).unwrap()).collect()
}

#[test]
fn every_target_has_seeds_and_a_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (target, corpus, _) in TARGETS {
        assert!(fs::read_dir(root.join("tests/fuzz/corpus").join(corpus)).unwrap().count() > 0, "{target}");
        let file = fs::read_to_string(root.join(format!("fuzz/fuzz_targets/{target}.rs"))).unwrap();
        assert!(file.contains(&format!("bodies::{target}(data)")), "{target}");
    }
}

#[test]
fn seeds_of_all_targets() {
    // The input of one target may be interesting for the others, too.
    for seed in seeds() {
        TARGETS.iter().for_each(|(.., run)| run(&seed));
    }
}

#[test]
fn some_seeds_are_events() {
    use voc_events::{product::ProductEvent, quality::QualityEvent, voc::VocEvent};
    let seeds = seeds();
    assert!(seeds.iter().any(|seed| VocEvent::try_from(seed.as_slice()).is_ok()));
    assert!(seeds.iter().any(|seed| ProductEvent::try_from(seed.as_slice()).is_ok()));
    assert!(seeds.iter().any(|seed| QualityEvent::try_from(seed.as_slice()).is_ok()));
}

/// A seed with some bytes changed, inserted or cut.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let edits = vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 0..6);
    (select(seeds()), edits).prop_map(|(mut seed, edits)| {
        for (place, byte, edit) in edits {
            if seed.is_empty() {
                break;
            }
            let place = place.index(seed.len());
            match edit {
                0 => seed[place] = byte,
                1 => seed.insert(place, byte),
                2 => drop(seed.remove(place)),
                _ => seed.truncate(place),
            }
        }
        seed
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn random_bytes(bytes in prop_oneof![3 => mutated(), 1 => vec(any::<u8>(), 0..300)]) {
        for (.., run) in TARGETS {
            run(&bytes);
        }
    }
}
