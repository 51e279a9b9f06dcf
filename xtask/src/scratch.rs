//! A temporary folder for one run.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::{cache, product};

/// A fresh folder in the target folder; removed when dropped.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new(purpose: &str) -> Result<Self> {
        let path = product::target_dir()?.join("xtask").join(format!("{purpose}-{}", std::process::id()));
        cache::remove_dir(&path)?;
        std::fs::create_dir_all(&path).with_context(|| format!("cannot create {}", path.display()))?;
        Ok(Self(path))
    }

    /// Keeps the folder for inspection.
    pub(crate) fn keep(self) -> PathBuf {
        std::mem::ManuallyDrop::new(self).0.clone()
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = cache::remove_dir(&self.0) {
            eprintln!("{error:#}");
        }
    }
}
