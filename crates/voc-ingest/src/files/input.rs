//! The inputs to read.

use std::path::PathBuf;

/// The inputs to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileInput {
    /// A file, which can be resumed. Files that cannot be read twice, such as named pipes and devices, are read like
    /// standard input.
    File(PathBuf),
    /// Standard input, read once.
    Stdin,
}

/// Name of an input for messages.
pub(super) fn name_of(input: &FileInput) -> String {
    match input {
        FileInput::File(path) => path.display().to_string(),
        FileInput::Stdin => "standard input".to_owned(),
    }
}
