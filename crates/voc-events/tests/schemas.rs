//! The files of schemas match the descriptions. `UPDATE_SCHEMAS=1` writes them.

use std::{collections::BTreeSet, fs, path::Path};

use voc_events::{
    Family,
    families::{self, FamilyVisitor},
    schemas::TopicSchema,
};

/// All schemas of a family.
struct Schemas;

impl FamilyVisitor for Schemas {
    type Output = Vec<TopicSchema>;

    fn visit<F: Family>(self) -> Vec<TopicSchema> {
        F::PRESETS.topics.iter().flat_map(|topic| TopicSchema::all::<F>(topic)).collect()
    }
}

#[test]
fn the_files_are_those_of_the_descriptions() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    let is_updated = std::env::var_os("UPDATE_SCHEMAS").is_some();
    let mut expected = BTreeSet::new();
    for family in families::ALL {
        let folder = folder.join(family.name);
        for schema in families::visit(family.name, Schemas).unwrap() {
            let path = folder.join(schema.file_name());
            if is_updated {
                fs::create_dir_all(&folder).unwrap();
                fs::write(&path, &schema.text).unwrap();
            }
            let written = fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(written, schema.text, "{}: write it with UPDATE_SCHEMAS=1", path.display());
            expected.insert(path);
        }
    }
    let found = fs::read_dir(&folder).unwrap().flat_map(|family| fs::read_dir(family.unwrap().path()).unwrap());
    let found: BTreeSet<_> = found.map(|file| file.unwrap().path()).collect();
    assert_eq!(found, expected, "a file of no topic");
}
