//! The files that a schema imports.

use prost_reflect::prost_types::FileDescriptorProto;
use protox::{
    Error,
    file::{ChainFileResolver, File, FileResolver, GoogleFileResolver},
};

use super::compiled::compiled;
use crate::encodings::SchemaText;

/// The name of the schema itself among its files.
pub(super) const MAIN: &str = "voc-schema-of-the-record.proto";

/// The files that Confluent's registry considers well-known, so that it does not list them as references.
const KNOWN: [(&str, &str); 2] = [
    ("confluent/meta.proto", include_str!("meta.proto")),
    ("confluent/type/decimal.proto", include_str!("decimal.proto")),
];

/// The schema, its references, and the well-known files.
pub(super) fn resolver(schema: &SchemaText) -> ChainFileResolver {
    let mut files = vec![(MAIN.to_owned(), schema.text.clone())];
    files.extend(schema.references.iter().map(|reference| (reference.name.clone(), reference.text.clone())));
    files.extend(KNOWN.map(|(name, text)| (name.to_owned(), text.to_owned())));
    let mut resolver = ChainFileResolver::new();
    resolver.add(Texts { files });
    resolver.add(GoogleFileResolver::new());
    resolver
}

/// Files by name. No disk is accessed.
struct Texts {
    files: Vec<(String, String)>,
}

impl FileResolver for Texts {
    fn open_file(&self, name: &str) -> Result<File, Error> {
        match self.files.iter().find(|(known, _)| known == name) {
            Some((_, text)) => match compiled(text) {
                Some(file) => file.map(|file| named(name, file)),
                None => File::from_source(name, text),
            },
            None => Err(Error::file_not_found(name)),
        }
    }
}

/// A file under the requested name.
fn named(name: &str, mut file: FileDescriptorProto) -> File {
    file.name = Some(name.to_owned());
    File::from_file_descriptor_proto(file)
}
