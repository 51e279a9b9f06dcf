//! The data directory: whether it can be written to, and has room.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tokio::task::spawn_blocking;

use super::section::Verdict;

const SETTING: &str = "VOC_DATA_DIR";
/// Free room below which there is a warning, and below which the disk is full.
const LITTLE_ROOM: u64 = 1 << 30;
const NO_ROOM: u64 = 64 << 20;

/// Whether the directory, or the one that it will be created in, can be written to and has room.
pub(super) async fn directory(directory: PathBuf) -> Verdict<()> {
    let examined = spawn_blocking(move || examine(&directory)).await;
    examined.unwrap_or_else(|panic| Verdict::failed(panic.to_string(), format!("name another directory in {SETTING}")))
}

fn examine(directory: &Path) -> Verdict<()> {
    // Of a relative path the last ancestor is empty: the working directory.
    let absolute = std::path::absolute(directory).unwrap_or_else(|_| directory.to_owned());
    let existing = absolute.ancestors().find(|ancestor| ancestor.exists()).unwrap_or(Path::new("/"));
    let shown = existing.display();
    if let Err(error) = write_probe(existing) {
        return Verdict::failed(
            format!("nothing can be written to {shown}: {error}"),
            format!(
                "give the user of this process the right to write there, mount it writable (in Kubernetes a volume, with \
                 fsGroup), or name another directory in {SETTING}"
            ),
        );
    }
    let found = match existing == absolute {
        true => format!("{shown} can be written to"),
        false => format!("{} will be created in {shown}", absolute.display()),
    };
    let Ok(about) = rustix::fs::statvfs(existing) else { return Verdict::ok(found, ()) };
    let free = about.f_bavail.saturating_mul(about.f_frsize);
    let found = format!("{found}; {} MiB are free", free >> 20);
    let remedy = format!("free room on its file system, or name another directory in {SETTING}");
    match free {
        ..NO_ROOM => Verdict::failed(found, remedy),
        NO_ROOM..LITTLE_ROOM => Verdict::warning(found, remedy, ()),
        LITTLE_ROOM.. => Verdict::ok(found, ()),
    }
}

/// Writes a file and removes it.
fn write_probe(directory: &Path) -> io::Result<()> {
    let probe = directory.join(format!(".voc-doctor-{}", std::process::id()));
    let written = fs::write(&probe, b"voc-processor doctor");
    let removed = fs::remove_file(&probe);
    written.and(removed)
}
