//! The files that a schema imports.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use prost_reflect::{prost::Message as _, prost_types::FileDescriptorProto};
use protox::{
    Error,
    file::{ChainFileResolver, File, FileResolver, GoogleFileResolver},
};

use crate::encodings::SchemaText;

/// What the schema itself is called among its files.
pub(super) const MAIN: &str = "voc-schema-of-the-record.proto";

/// The files that Confluent's registry takes for known, so that it does not give them as references.
const KNOWN: [(&str, &str); 2] = [
    ("confluent/meta.proto", include_str!("meta.proto")),
    ("confluent/type/decimal.proto", include_str!("decimal.proto")),
];

/// The schema, its references, and the files that are known everywhere.
pub(super) fn resolver(schema: &SchemaText) -> ChainFileResolver {
    let mut files = vec![(MAIN.to_owned(), schema.text.clone())];
    files.extend(schema.references.iter().map(|reference| (reference.name.clone(), reference.text.clone())));
    files.extend(KNOWN.map(|(name, text)| (name.to_owned(), text.to_owned())));
    let mut resolver = ChainFileResolver::new();
    resolver.add(Texts { files });
    resolver.add(GoogleFileResolver::new());
    resolver
}

/// Files by name. Nothing is read from any disk.
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

/// A schema that was compiled before it was registered, as clients in Python and C++ do, and is kept as it came by some
/// registries: its descriptor in base64. `None` if it is the text of a schema, which has other characters.
fn compiled(text: &str) -> Option<Result<FileDescriptorProto, Error>> {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(is_base64) {
        return None;
    }
    let bytes = BASE64_STANDARD.decode(text).map_err(Error::new);
    Some(bytes.and_then(|bytes| FileDescriptorProto::decode(&*bytes).map_err(Error::new)))
}

/// A file under the name by which it is asked for.
fn named(name: &str, mut file: FileDescriptorProto) -> File {
    file.name = Some(name.to_owned());
    File::from_file_descriptor_proto(file)
}
