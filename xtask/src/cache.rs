//! The cache folder, and the only place that defines its layout.
//!
//! ```text
//! $VOC_CACHE_DIR, else $XDG_CACHE_HOME/voc, else ~/.cache/voc
//! ├── deployment-tools/                   kubectl, Helm, and checks of Kubernetes' manifests
//! ├── engine/26.7.3-stable.1/libchdb.so   the embedded engine; `voc-store` looks here when VOC_ENGINE_LIB is not set
//! ├── kafka/4.1.0/libs/*.jar              Apache Kafka and its tools
//! ├── onnxruntime/1.30.0/                 the library of the ONNX Runtime
//! ├── registry/2.6.13.Final/              Apicurio Registry
//! ├── run/{kafka,clickhouse,registry}/    data, log and pid file of the servers started by `up`
//! ├── semver-checks/0.51.0/               cargo-semver-checks
//! │                                       virtual environments of Python, with
//! ├── clickhouse-driver/                  a client of ClickHouse
//! ├── cyclonedx/                          the validator of bills of materials
//! ├── deployment/                         Kubernetes' schemas
//! ├── hadolint/                           the linter of Dockerfiles
//! ├── python/                             clients of Kafka, and Arrow
//! └── schemathesis/                       the sender of requests
//! ```
//!
//! Downloads are completed under another name, marked, and renamed into place, so a reader finds either all or
//! nothing. A lock file next to it keeps two processes from fetching the same thing.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// Name of the file that records the content of a fetched folder.
const MARKER: &str = ".complete";

/// The root of the cache folder; not created here.
pub(crate) fn root() -> Result<PathBuf> {
    root_from(|name| std::env::var_os(name).filter(|value| !value.is_empty()))
}

fn root_from(variable: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf> {
    if let Some(dir) = variable("VOC_CACHE_DIR") {
        return std::path::absolute(PathBuf::from(dir)).context("VOC_CACHE_DIR is not a usable path");
    }
    if let Some(dir) = variable("XDG_CACHE_HOME") {
        return Ok(PathBuf::from(dir).join("voc"));
    }
    match variable("HOME") {
        Some(home) => Ok(PathBuf::from(home).join(".cache/voc")),
        None => bail!("no place for the cache: neither VOC_CACHE_DIR, XDG_CACHE_HOME nor HOME is set"),
    }
}

/// Ensures that `folder` exists with the content `marker`, and calls `fill` on an empty folder if it does not.
///
/// `fill` runs at most once at a time over all processes; a folder with another marker is replaced.
pub(crate) fn ensure(folder: &Path, marker: &str, fill: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    if is_complete(folder, marker) {
        return Ok(());
    }
    let parent = folder.parent().context("a cached folder has a parent")?;
    fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
    let _lock = lock(&with_suffix(folder, ".lock"))?;
    if is_complete(folder, marker) {
        return Ok(());
    }

    let partial = with_suffix(folder, ".partial");
    remove_dir(&partial)?;
    fs::create_dir(&partial).with_context(|| format!("cannot create {}", partial.display()))?;
    if let Err(error) = fill(&partial) {
        remove_dir(&partial)?;
        return Err(error);
    }
    fs::write(partial.join(MARKER), marker)?;
    remove_dir(folder)?;
    fs::rename(&partial, folder).with_context(|| format!("cannot move {} into place", folder.display()))
}

/// Waits for the lock of this file; it is held until the returned file is dropped.
pub(crate) fn lock(path: &Path) -> Result<File> {
    let file = File::create(path).with_context(|| format!("cannot create {}", path.display()))?;
    if file.try_lock().is_err() {
        eprintln!("waiting for another process that holds {}", path.display());
        file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
    }
    Ok(file)
}

/// Removes a folder with its content; does nothing if it does not exist.
pub(crate) fn remove_dir(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

fn is_complete(folder: &Path, marker: &str) -> bool {
    fs::read_to_string(folder.join(MARKER)).is_ok_and(|found| found == marker)
}

fn with_suffix(folder: &Path, suffix: &str) -> PathBuf {
    let mut name = folder.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_named_place_wins() {
        let all = |name: &str| match name {
            "VOC_CACHE_DIR" => Some("/a".into()),
            "XDG_CACHE_HOME" => Some("/b".into()),
            "HOME" => Some("/c".into()),
            _ => None,
        };
        assert_eq!(root_from(all).unwrap(), Path::new("/a"));
        assert_eq!(root_from(|n| all(n).filter(|_| n != "VOC_CACHE_DIR")).unwrap(), Path::new("/b/voc"));
        assert_eq!(root_from(|n| all(n).filter(|_| n == "HOME")).unwrap(), Path::new("/c/.cache/voc"));
        assert!(root_from(|_| None).is_err());
    }

    #[test]
    fn a_folder_is_filled_once_and_again_when_its_marker_changes() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("things/1.0");
        let write = |text: &'static str| move |to: &Path| Ok(fs::write(to.join("thing"), text)?);

        ensure(&folder, "one", write("first")).unwrap();
        ensure(&folder, "one", |_| bail!("must not be called")).unwrap();
        assert_eq!(fs::read_to_string(folder.join("thing")).unwrap(), "first");
        ensure(&folder, "two", write("second")).unwrap();
        assert_eq!(fs::read_to_string(folder.join("thing")).unwrap(), "second");
    }

    #[test]
    fn a_failed_fill_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("1.0");
        let failure = ensure(&folder, "m", |to| {
            fs::write(to.join("half"), "x")?;
            bail!("no network")
        });
        assert_eq!(failure.unwrap_err().to_string(), "no network");
        assert!(!folder.exists() && !with_suffix(&folder, ".partial").exists());
        ensure(&folder, "m", |_| Ok(())).unwrap();
    }

    #[test]
    fn two_at_once_fill_only_once() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("1.0");
        let fills = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    ensure(&folder, "m", |_| {
                        fills.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                        Ok(())
                    })
                    .unwrap();
                });
            }
        });
        assert_eq!(fills.into_inner(), 1);
    }
}
