//! What to read.

use std::path::PathBuf;

/// What to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileInput {
    /// A file; it can be resumed. What cannot be read twice, such as a named pipe or a device, is read as standard
    /// input is.
    File(PathBuf),
    /// Standard input, read once.
    Stdin,
}

/// What an input is called.
pub(super) fn name_of(input: &FileInput) -> String {
    match input {
        FileInput::File(path) => path.display().to_string(),
        FileInput::Stdin => "standard input".to_owned(),
    }
}
