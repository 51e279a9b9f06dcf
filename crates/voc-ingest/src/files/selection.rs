//! Resolves a text to inputs: paths, folders, patterns, standard input.

use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
};

use super::FileInput;

/// File name extensions, by format, that are read from folders.
const FORMATS: [&str; 3] = [".ndjson", ".jsonl", ".json"];
/// Extensions that may follow.
const PACKED: [&str; 2] = [".gz", ".zst"];

/// The inputs that a text selects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Each input once, in reading order.
    pub inputs: Vec<FileInput>,
    /// Paths that were found but are not read: in folders, other names; in folders and patterns, subfolders.
    pub skipped_paths: Vec<PathBuf>,
}

/// Why a text selects no inputs.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SelectionError {
    /// There is no such file.
    #[error("input file {0} does not exist, or is a link to a file that does not")]
    Missing(String),
    /// The pattern matches no file.
    #[error("no file matches {0}")]
    NoneFits(String),
    /// Everything that was found belongs to the program.
    #[error(
        "every file of {0} is in the folder where the program keeps its own files, which is skipped; move the files to \
         another folder, or name each of them"
    )]
    OnlyOwn(String),
    /// Nothing in the folder is read.
    #[error(
        "no file in the folder {folder} is read: names must end in .ndjson, .jsonl or .json, optionally followed by .gz or \
         .zst; select other files and subfolders with a pattern such as {folder}/**/*.log"
    )]
    NoneInFolder {
        /// The folder.
        folder: String,
    },
    /// The pattern is invalid.
    #[error("{pattern} is neither a file nor a pattern")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        source: glob::PatternError,
    },
    /// A path that was named, or a folder, cannot be read.
    #[error("cannot read {path}")]
    Io {
        /// The path.
        path: String,
        /// The system's error.
        source: io::Error,
    },
}

impl Selection {
    /// Resolves a text: one path, or several parts separated by commas, each a path, `-` for standard input, a folder,
    /// or a pattern with `*`, `?`, `[…]` or `**`. An existing path is taken literally, whatever characters it
    /// contains. Files from folders and patterns are sorted by name. Of these, the files in `own`, which belong to the
    /// program, are skipped, and so is everything below the folders in `own`. A file that is found but cannot be read
    /// is selected, so that the source reports it and reads the others.
    ///
    /// # Errors
    /// [`SelectionError`] if any part of the text selects nothing.
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

/// A selection in progress.
struct SelectionBuilder {
    selection: Selection,
    own: Vec<PathBuf>,
    /// The files selected so far.
    seen: HashSet<PathBuf>,
}

impl SelectionBuilder {
    fn add(&mut self, text: &str) -> Result<(), SelectionError> {
        if text == "-" {
            if !self.selection.inputs.contains(&FileInput::Stdin) {
                self.selection.inputs.push(FileInput::Stdin);
            }
            return Ok(());
        }
        let path = Path::new(text);
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => self.add_folder(path),
            Ok(_) => {
                self.add_file(path.to_owned());
                Ok(())
            }
            Err(_) if text.contains(['*', '?', '[']) => self.add_pattern(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(SelectionError::Missing(text.to_owned())),
            Err(source) => Err(SelectionError::Io { path: text.to_owned(), source }),
        }
    }

    fn add_folder(&mut self, folder: &Path) -> Result<(), SelectionError> {
        let failed = |source| SelectionError::Io { path: folder.display().to_string(), source };
        let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>).map_err(failed)?;
        let mut paths: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
        paths.sort_unstable();
        // What cannot be read, such as a link that leads nowhere, is reported when its turn comes.
        let may_be_file = |path: &Path| fs::metadata(path).map_or(true, |found| found.is_file());
        let (files, others): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| is_named(path) && may_be_file(path));
        self.selection.skipped_paths.extend(others);
        let name = folder.display().to_string();
        self.add_found(&name, files, || SelectionError::NoneInFolder { folder: name.clone() })
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
        self.selection.skipped_paths.extend(folders);
        self.add_found(pattern, files, || SelectionError::NoneFits(pattern.to_owned()))
    }

    /// Adds the files that were found for a text; an error if none of them is read.
    fn add_found(
        &mut self,
        text: &str,
        files: Vec<PathBuf>,
        none: impl Fn() -> SelectionError,
    ) -> Result<(), SelectionError> {
        if files.is_empty() {
            return Err(none());
        }
        let (own, files): (Vec<_>, Vec<_>) = files.into_iter().partition(|path| self.is_own(path));
        self.selection.skipped_paths.extend(own);
        if files.is_empty() {
            return Err(SelectionError::OnlyOwn(text.to_owned()));
        }
        files.into_iter().for_each(|file| self.add_file(file));
        Ok(())
    }

    fn is_own(&self, path: &Path) -> bool {
        path.canonicalize().is_ok_and(|path| self.own.iter().any(|own| path.starts_with(own)))
    }

    fn add_file(&mut self, path: PathBuf) {
        if self.seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())) {
            self.selection.inputs.push(FileInput::File(path));
        }
    }
}

/// Whether a file is read according to its name.
fn is_named(path: &Path) -> bool {
    let Some(name) = path.file_name() else { return false };
    let name = name.to_string_lossy().to_ascii_lowercase();
    let name = PACKED.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    FORMATS.iter().any(|end| name.ends_with(end))
}
