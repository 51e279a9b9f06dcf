//! Which inputs a text means: paths, folders, patterns, standard input.

use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
};

use super::FileInput;

/// How names end of files in a folder that are read, by format.
const FORMATS: [&str; 3] = [".ndjson", ".jsonl", ".json"];
/// Ends that may follow.
const PACKED: [&str; 2] = [".gz", ".zst"];

/// The inputs that a text means.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// In the order they are read in, each once.
    pub inputs: Vec<FileInput>,
    /// What was found and is not read: in folders what has another name, within folders and patterns other folders.
    pub passed_over: Vec<PathBuf>,
}

/// A text that means no inputs.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SelectionError {
    /// There is no such file.
    #[error("input file {0} does not exist")]
    Missing(String),
    /// The pattern fits no file.
    #[error("no file fits {0}")]
    NoneFits(String),
    /// Nothing in the folder is read.
    #[error(
        "no file in the folder {folder} is read: names must end in .ndjson, .jsonl or .json, and may go on with .gz or \
         .zst; others, and folders in it, are found by a pattern such as {folder}/**/*.log"
    )]
    NoneInFolder {
        /// The folder.
        folder: String,
    },
    /// The pattern is wrong.
    #[error("{pattern} is no file and no pattern")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        source: glob::PatternError,
    },
    /// A folder cannot be read.
    #[error("cannot look into {path}")]
    Io {
        /// The folder.
        path: String,
        /// The system's error.
        source: io::Error,
    },
}

impl Selection {
    /// The inputs of a text: one path, or several texts separated by commas, each of them a path, `-` for standard
    /// input, a folder, or a pattern with `*`, `?`, `[…]` or `**`. A path that exists is that, whatever characters
    /// are in it. Files of folders and patterns come in the order of their names; what is in `own`, which are files
    /// of the program itself, is not read.
    ///
    /// # Errors
    /// [`SelectionError`] if some part of the text means nothing.
    pub fn of(text: &str, own: &[PathBuf]) -> Result<Self, SelectionError> {
        let own = own.iter().filter_map(|path| path.canonicalize().ok()).collect();
        let mut builder = SelectionBuilder { selection: Self::default(), own, seen: HashSet::new() };
        if text == "-" || Path::new(text).exists() {
            builder.add(text)?;
        } else {
            for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
                builder.add(part)?;
            }
        }
        if builder.selection.inputs.is_empty() {
            return Err(SelectionError::Missing(text.to_owned()));
        }
        Ok(builder.selection)
    }
}

/// A selection under way.
struct SelectionBuilder {
    selection: Selection,
    own: HashSet<PathBuf>,
    /// The files that are in it.
    seen: HashSet<PathBuf>,
}

impl SelectionBuilder {
    fn add(&mut self, text: &str) -> Result<(), SelectionError> {
        let path = Path::new(text);
        if text == "-" {
            if !self.selection.inputs.contains(&FileInput::Stdin) {
                self.selection.inputs.push(FileInput::Stdin);
            }
        } else if path.is_dir() {
            self.add_folder(path)?;
        } else if path.exists() {
            self.add_file(path.to_owned());
        } else if text.contains(['*', '?', '[']) {
            self.add_pattern(text)?;
        } else {
            return Err(SelectionError::Missing(text.to_owned()));
        }
        Ok(())
    }

    fn add_folder(&mut self, folder: &Path) -> Result<(), SelectionError> {
        let failed = |source| SelectionError::Io { path: folder.display().to_string(), source };
        let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>).map_err(failed)?;
        let mut paths: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
        paths.sort_unstable();
        let (files, others): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| path.is_file() && is_named(path));
        self.selection.passed_over.extend(others);
        if !self.add_found(files) {
            return Err(SelectionError::NoneInFolder { folder: folder.display().to_string() });
        }
        Ok(())
    }

    fn add_pattern(&mut self, pattern: &str) -> Result<(), SelectionError> {
        let found =
            glob::glob(pattern).map_err(|source| SelectionError::Pattern { pattern: pattern.to_owned(), source })?;
        let mut paths = Vec::new();
        for path in found {
            paths.push(path.map_err(|error| {
                let path = error.path().display().to_string();
                SelectionError::Io { path, source: error.into() }
            })?);
        }
        paths.sort_unstable();
        let (folders, files): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| path.is_dir());
        self.selection.passed_over.extend(folders);
        if !self.add_found(files) {
            return Err(SelectionError::NoneFits(pattern.to_owned()));
        }
        Ok(())
    }

    /// Adds what was found; whether there was anything that is read.
    fn add_found(&mut self, files: Vec<PathBuf>) -> bool {
        let is_own = |path: &PathBuf| path.canonicalize().is_ok_and(|path| self.own.contains(&path));
        let (own, files): (Vec<_>, Vec<_>) = files.into_iter().partition(is_own);
        self.selection.passed_over.extend(own);
        let is_any = !files.is_empty();
        files.into_iter().for_each(|file| self.add_file(file));
        is_any
    }

    fn add_file(&mut self, path: PathBuf) {
        if self.seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())) {
            self.selection.inputs.push(FileInput::File(path));
        }
    }
}

/// Whether a file's name says that it is read.
fn is_named(path: &Path) -> bool {
    let Some(name) = path.file_name() else { return false };
    let name = name.to_string_lossy().to_ascii_lowercase();
    let name = PACKED.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    FORMATS.iter().any(|end| name.ends_with(end))
}
