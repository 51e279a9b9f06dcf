//! Replaces a file as a whole, so that a reader sees the old content or the new one.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _, chown},
    path::{Path, PathBuf},
};

/// The mode of a new file: readable and writable by its owner only.
const MODE: u32 = 0o600;

/// Writes `content` to a new file beside `target` and renames it to `target`. An existing file's mode is kept, and its
/// owner, if the system allows that.
pub(super) fn replace(target: &Path, content: &[u8]) -> io::Result<()> {
    let existing = fs::metadata(target).ok();
    let temporary = beside(target, &format!(".{}.new", std::process::id()));
    let written = write(&temporary, content, existing.as_ref()).and_then(|()| fs::rename(&temporary, target));
    if written.is_err() {
        // Nothing else can be done about it, and the error above says more.
        drop(fs::remove_file(&temporary));
        return written;
    }
    // Makes the rename durable.
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn write(path: &Path, content: &[u8], existing: Option<&fs::Metadata>) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;

    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(MODE).open(path)?;
    if let Some(existing) = existing {
        // Only the system's administrator may give files away; anybody else already owns what it may edit.
        drop(chown(path, Some(existing.uid()), Some(existing.gid())));
        file.set_permissions(fs::Permissions::from_mode(existing.mode()))?;
    }
    file.write_all(content)?;
    file.sync_all()
}

/// The file that a link leads to, or the file itself: a link must stay a link, and one file has one lock.
pub(super) fn resolved(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// A file of the same name with a suffix.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
