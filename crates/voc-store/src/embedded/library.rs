//! Finds the engine's library, and loads it once per process.

use std::{
    env,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use super::{EngineError, ffi::Api};

/// Version of the engine this program was built and tested with; also the name of its folder in the cache.
pub const ENGINE_VERSION: &str = "26.7.3-stable.1";

/// File name of the engine's library.
const FILE_NAME: &str = "libchdb.so";

/// The path of the engine's library: the file named by `VOC_ENGINE_LIB`, else `engine/<version>/libchdb.so` in the
/// cache folder, which is `VOC_CACHE_DIR`, else `voc` in `XDG_CACHE_HOME`, else `.cache/voc` in the home folder,
/// `HOME`. `None` if none of these variables is set.
#[must_use]
pub fn engine_library_path() -> Option<PathBuf> {
    library_path(|name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from))
}

fn library_path(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    if let Some(library) = variable("VOC_ENGINE_LIB") {
        return Some(library);
    }
    let cache = variable("VOC_CACHE_DIR")
        .or_else(|| variable("XDG_CACHE_HOME").map(|cache| cache.join("voc")))
        .or_else(|| variable("HOME").map(|home| home.join(".cache/voc")))?;
    Some(cache.join("engine").join(ENGINE_VERSION).join(FILE_NAME))
}

static LOADED: Mutex<Option<&'static Api>> = Mutex::new(None);

/// The library, if it was loaded.
pub(super) fn loaded() -> Option<&'static Api> {
    *LOADED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The library at a path, loaded on the first call. A process loads only one library.
pub(super) fn load(path: &Path) -> Result<&'static Api, EngineError> {
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(api) = *loaded {
        return Ok(api);
    }
    if !path.is_file() {
        return Err(EngineError::LibraryMissing(path.to_owned()));
    }
    let api = Api::load(path)
        .map_err(|error| EngineError::LibraryUnusable { path: path.to_owned(), reason: error.to_string() })?;
    *loaded = Some(api);
    Ok(api)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path_with(variables: &[(&str, &str)]) -> Option<PathBuf> {
        library_path(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| PathBuf::from(value)))
    }

    #[test]
    fn the_library_is_named_or_cached() {
        let cached = |folder: &str| Some(PathBuf::from(format!("{folder}/engine/{ENGINE_VERSION}/libchdb.so")));
        assert_eq!(path_with(&[("HOME", "/home/ana")]), cached("/home/ana/.cache/voc"));
        assert_eq!(path_with(&[("HOME", "/home/ana"), ("XDG_CACHE_HOME", "/c")]), cached("/c/voc"));
        assert_eq!(path_with(&[("XDG_CACHE_HOME", "/c"), ("VOC_CACHE_DIR", "/v")]), cached("/v"));
        assert_eq!(
            path_with(&[("VOC_CACHE_DIR", "/v"), ("VOC_ENGINE_LIB", "/l/x.so")]),
            Some(PathBuf::from("/l/x.so"))
        );
    }

    #[test]
    fn without_a_home_there_is_no_place_to_look() {
        assert_eq!(path_with(&[]), None);
    }

    #[test]
    fn a_missing_library_names_the_command_that_fetches_it() {
        let error = load(Path::new("/nowhere/libchdb.so")).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("/nowhere/libchdb.so") && error.contains("cargo xtask engine"), "{error}");
    }
}
