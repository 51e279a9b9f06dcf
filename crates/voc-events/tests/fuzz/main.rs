//! The fuzz targets on their seeds and on random bytes: as much fuzzing as stable Rust can do.
#![expect(clippy::unwrap_used, reason = "seeds and schemas are our own")]

mod bodies;
mod seeds;

use std::{collections::BTreeSet, fs, path::Path};

use proptest::{collection::vec, prelude::*, sample::select};

type Body = fn(&[u8]) -> bool;

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

/// What the names of seeds begin with that no target accepts.
const BROKEN: &str = "broken";

/// The seeds of a folder by name.
fn seeds_of(corpus: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(corpus);
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap());
    files.map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap())).collect()
}

fn seeds() -> Vec<Vec<u8>> {
    let folders = BTreeSet::from_iter(TARGETS.map(|(_, corpus, _)| corpus));
    folders.into_iter().flat_map(seeds_of).map(|(_, seed)| seed).collect()
}

#[test]
fn every_target_has_seeds_and_a_file() {
    for (target, corpus, accepts) in TARGETS {
        assert!(seeds_of(corpus).iter().any(|(_, seed)| accepts(seed)), "{target}");
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fuzz/fuzz_targets/{target}.rs"));
        assert!(fs::read_to_string(file).unwrap().contains(&format!("bodies::{target}(data)")), "{target}");
    }
}

#[test]
fn seeds_are_events_unless_they_are_broken() {
    for (_, corpus, _) in TARGETS {
        let targets: Vec<Body> =
            TARGETS.into_iter().filter(|(_, own, _)| *own == corpus).map(|(.., body)| body).collect();
        for (name, seed) in seeds_of(corpus) {
            let is_accepted = targets.iter().any(|accepts| accepts(&seed));
            assert_eq!(is_accepted, !name.starts_with(BROKEN), "{corpus}/{name}");
        }
    }
}

#[test]
fn seeds_of_all_targets() {
    // The input of one target may be interesting for the others, too.
    for seed in seeds() {
        TARGETS.iter().for_each(|(.., run)| _ = run(&seed));
    }
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
            _ = run(&bytes);
        }
    }
}
