//! Tenant-specific words, topics and calibrations: a folder with files of tenants, read at start and whenever it
//! changes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use anyhow::{Context as _, bail, ensure};
use voc_nlp::{Calibration, CalibrationError, CallStage, Customisation, CustomisationFile, Tenants};
use voc_service::log_level::Reloads;

use crate::config::TenantsConfig;

/// The extension of a tenant's own calibration.
const CALIBRATION: &str = "calibration";
/// Maximum size of a file.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// The files of the folder, with their modification times and sizes.
pub(crate) type Files = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// Reads the folder.
pub(crate) fn load(folder: &Path) -> anyhow::Result<(Arc<Tenants>, Files)> {
    let tenants = Arc::new(Tenants::new(CallStage::default()));
    let files = files_in(folder)?;
    tenants.replace(read(&tenants, &files)?);
    Ok((tenants, files))
}

/// Reads the folder, and keeps watching it.
pub(crate) fn open(config: &TenantsConfig) -> anyhow::Result<Arc<Tenants>> {
    let (tenants, files) = load(&config.folder)?;
    tracing::info!(folder = %config.folder.display(), tenants = tenants.len(), "tenants have files of their own");
    let reloads = Reloads::listen().context("cannot listen for signals")?;
    tokio::spawn(watch(Arc::clone(&tenants), config.clone(), files, reloads));
    Ok(tenants)
}

/// Checks the folder at intervals, and on SIGHUP. Errors are reported once per change, and the previous version stays
/// in effect.
async fn watch(tenants: Arc<Tenants>, config: TenantsConfig, mut known: Files, mut reloads: Reloads) {
    loop {
        reloads.next_within(config.reload).await;
        let (reader, folder) = (Arc::clone(&tenants), config.folder.clone());
        let look = tokio::task::spawn_blocking(move || {
            let outcome = refresh(&reader, &folder, &mut known);
            (known, outcome)
        });
        let Ok((seen, outcome)) = look.await else { return };
        known = seen;
        match outcome {
            Ok(false) => {}
            Ok(true) => tracing::info!(tenants = tenants.len(), "the files of tenants were reloaded"),
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "the files of tenants keep their previous version");
            }
        }
    }
}

/// Reads the folder again if it differs from `known`. Returns whether it did.
fn refresh(tenants: &Tenants, folder: &Path, known: &mut Files) -> anyhow::Result<bool> {
    let files = files_in(folder)?;
    if files == *known {
        return Ok(false);
    }
    known.clone_from(&files);
    tenants.replace(read(tenants, &files)?);
    Ok(true)
}

fn files_in(folder: &Path) -> anyhow::Result<Files> {
    let list = || -> io::Result<Files> {
        let mut files = Files::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let is_read = path
                .extension()
                .is_some_and(|extension| extension == "toml" || extension == "json" || extension == CALIBRATION);
            if is_read {
                let about = fs::metadata(&path)?;
                files.insert(path, (about.modified().ok(), about.len()));
            }
        }
        Ok(files)
    };
    list().with_context(|| format!("cannot list {}", folder.display()))
}

/// All tenants' customisations, or all errors.
fn read(tenants: &Tenants, files: &Files) -> anyhow::Result<Vec<(String, Customisation)>> {
    let mut customised = BTreeMap::new();
    let mut errors = Vec::new();
    let (calibrations, words): (Vec<_>, Vec<_>) = files.iter().partition(|(path, _)| is_calibration(path));
    for (path, (_, bytes)) in words {
        match read_file(tenants, path, *bytes) {
            Ok((tenant, _)) if customised.contains_key(&tenant) => {
                errors.push(format!("{}: tenant {tenant:?} has another file, too", path.display()));
            }
            Ok((tenant, customisation)) => drop(customised.insert(tenant, customisation)),
            Err(error) => errors.push(format!("{}: {error:#}", path.display())),
        }
    }
    let mut found = TenantCalibrations::default();
    for (path, _) in calibrations {
        if let Err(error) = found.add(tenants, path) {
            errors.push(format!("{}: {error:#}", path.display()));
        }
    }
    for (tenant, calibration) in found.used {
        let words = match customised.remove(&tenant) {
            Some(words) => words,
            None => tenants.customise(&CustomisationFile::default())?,
        };
        customised.insert(tenant, words.with_calibration(&calibration)?);
    }
    let unused = found.of_other_engines.into_iter().filter(|(tenant, _)| !found.tenants.contains(tenant));
    errors.extend(unused.map(|(_, error)| error));
    if !errors.is_empty() {
        bail!("{}", errors.join("\n"));
    }
    Ok(customised.into_iter().collect())
}

fn is_calibration(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == CALIBRATION)
}

/// The calibrations of tenants. A tenant may have one for each engine, so that programs of two versions can share the
/// folder during an update.
#[derive(Default)]
struct TenantCalibrations {
    used: Vec<(String, Calibration)>,
    /// The tenants of those.
    tenants: BTreeSet<String>,
    /// Tenants with calibrations made with other engines, and what to say if they have no other.
    of_other_engines: BTreeMap<String, String>,
}

impl TenantCalibrations {
    fn add(&mut self, tenants: &Tenants, path: &Path) -> anyhow::Result<()> {
        let calibration = Calibration::read_from(fs::File::open(path)?)?;
        let tenant = calibration.tenant().to_owned();
        match tenants.base().engine().with_calibration(&calibration) {
            Ok(_) if !self.tenants.insert(tenant.clone()) => {
                bail!("tenant {tenant:?} has another calibration for this engine, too; remove one of them")
            }
            Ok(_) => self.used.push((tenant, calibration)),
            Err(error @ CalibrationError::OtherEngine { .. }) => {
                self.of_other_engines.insert(tenant, format!("{}: {error}", path.display()));
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

fn read_file(tenants: &Tenants, path: &Path, bytes: u64) -> anyhow::Result<(String, Customisation)> {
    ensure!(bytes <= MAX_BYTES, "the file is larger than {MAX_BYTES} bytes");
    let text = fs::read_to_string(path)?;
    let is_json = path.extension().is_some_and(|extension| extension == "json");
    let file = if is_json { CustomisationFile::from_json(&text) } else { CustomisationFile::from_toml(&text) }?;
    let stem = || path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned);
    let tenant = file
        .tenant
        .clone()
        .or_else(stem)
        .context("the file's name is not UTF-8, so the file needs a line tenant = \"…\"")?;
    Ok((tenant, tenants.customise(&file)?))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sha2::{Digest as _, Sha256};
    use voc_nlp::{FastStage as _, Sentiment};

    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    fn config(folder: &tempfile::TempDir) -> TenantsConfig {
        TenantsConfig { folder: folder.path().to_owned(), reload: Duration::from_millis(10) }
    }

    #[tokio::test]
    async fn one_file_per_tenant() {
        let folder = folder(&[
            ("acme.toml", "[words]\nfrobbed = -4.0"),
            ("2.json", r#"{"tenant": "a/b", "words": {"frobbed": 4.0}}"#),
            ("README.md", "no tenant's"),
        ]);
        let tenants = open(&config(&folder)).unwrap();
        assert_eq!(tenants.len(), 2);
        let score = |tenant| tenants.annotate_for(tenant, "it is frobbed").sentiment.unwrap();
        assert!(score("acme") < -0.3 && score("a/b") > 0.3);
    }

    #[tokio::test]
    async fn all_errors_are_reported_at_once() {
        let folder = folder(&[
            ("a.toml", "[words]\nfrobbed = 9.0"),
            ("b.json", "{"),
            ("c.toml", "[[topic]]\nname = \"x\"\nparent = \"y\""),
            ("d.toml", ""),
            ("e.toml", "tenant = \"d\""),
        ]);
        let error = format!("{:#}", open(&config(&folder)).unwrap_err());
        for part in ["a.toml: the valence 9", "b.json: ", "\"y\", which is not a topic", "e.toml: tenant \"d\""] {
            assert!(error.contains(part), "{part}: {error}");
        }
        assert!(open(&TenantsConfig { folder: "/nowhere".into(), reload: Duration::from_secs(1) }).is_err());
    }

    #[test]
    fn changes_take_effect_and_errors_do_not() {
        let folder = folder(&[("acme.toml", "[words]\nfrobbed = -4.0")]);
        let tenants = Tenants::new(CallStage::default());
        let mut known = Files::new();
        let mut refresh = || super::refresh(&tenants, folder.path(), &mut known);
        assert!(refresh().unwrap() && !refresh().unwrap());
        assert!(tenants.for_tenant("acme").is_some());

        fs::write(folder.path().join("globex.toml"), "[words").unwrap();
        fs::remove_file(folder.path().join("acme.toml")).unwrap();
        assert!(refresh().is_err());
        assert!(!refresh().unwrap(), "an error is reported once");
        assert!(tenants.for_tenant("acme").is_some() && tenants.for_tenant("globex").is_none());

        fs::write(folder.path().join("globex.toml"), "[words]\nfrobbed = 4.0").unwrap();
        assert!(refresh().unwrap());
        assert!(tenants.for_tenant("acme").is_none() && tenants.for_tenant("globex").is_some());
    }

    /// A calibration from texts that are negative although they do not sound so.
    fn calibration(tenant: &str) -> Calibration {
        let texts: Vec<(String, Sentiment)> = (0..60)
            .map(|i| match i % 6 {
                0 => (format!("I love it {i}"), Sentiment::Positive),
                _ => (format!("the parcel is on the table {i}"), Sentiment::Negative),
            })
            .collect();
        let texts: Vec<(&str, Sentiment)> = texts.iter().map(|(text, label)| (text.as_str(), *label)).collect();
        Calibration::fit(&CallStage::default(), tenant, &texts).unwrap().0
    }

    /// The file of one that was made with another engine.
    fn of_another_engine(calibration: &Calibration) -> Vec<u8> {
        let mut file = calibration.write();
        file.truncate(file.len() - 32);
        let at = file.windows(6).position(|bytes| bytes == b"engine").unwrap();
        file[at..at + 6].copy_from_slice(b"motors");
        file.extend(Sha256::digest(&file).as_slice());
        file
    }

    #[test]
    fn calibrations_lie_beside_words() {
        let folder = folder(&[("acme.toml", "[words]\nfrobbed = 4.0"), ("globex.toml", "")]);
        let (of_acme, of_initech) = (calibration("acme"), calibration("initech"));
        fs::write(folder.path().join("any name.calibration"), of_acme.write()).unwrap();
        fs::write(folder.path().join("initech.calibration"), of_initech.write()).unwrap();
        fs::write(folder.path().join("acme.calibration.unfinished"), "half").unwrap();
        let (tenants, _) = load(folder.path()).unwrap();
        assert_eq!(tenants.len(), 3);
        let found = |tenant| tenants.annotate_for(tenant, "the box is on the chair");
        assert_eq!(found("acme").calibration, Some(of_acme.version()));
        assert_eq!(found("initech").calibration, Some(of_initech.version()));
        assert!(found("acme").sentiment < Some(-0.3) && found("initech").sentiment < Some(-0.3));
        for tenant in ["globex", "unknown"] {
            assert_eq!(found(tenant), CallStage::default().annotate("the box is on the chair"));
        }
        // The word counts, too.
        let frobbed = |tenant| tenants.annotate_for(tenant, "it is frobbed").sentiment;
        assert!(frobbed("acme") > frobbed("initech"), "{:?} {:?}", frobbed("acme"), frobbed("initech"));
    }

    #[test]
    fn a_calibration_of_another_engine_is_only_used_by_that() {
        let folder = folder(&[]);
        let of_acme = calibration("acme");
        fs::write(folder.path().join("old.calibration"), of_another_engine(&of_acme)).unwrap();
        let error = format!("{:#}", load(folder.path()).unwrap_err());
        for part in ["old.calibration: ", "\"acme\"", "made with motors-", "run `calibrate` again"] {
            assert!(error.contains(part), "{part}: {error}");
        }
        // During an update, programs of both versions read the folder.
        fs::write(folder.path().join("new.calibration"), of_acme.write()).unwrap();
        let (tenants, _) = load(folder.path()).unwrap();
        assert_eq!(tenants.annotate_for("acme", "hello").calibration, Some(of_acme.version()));
        fs::write(folder.path().join("newer.calibration"), calibration("acme").write()).unwrap();
        let error = format!("{:#}", load(folder.path()).unwrap_err());
        assert!(error.contains("another calibration for this engine"), "{error}");
    }

    #[test]
    fn broken_calibrations_are_reported_with_the_other_errors() {
        let folder = folder(&[("a.toml", "[words"), ("b.calibration", "[words]")]);
        let mut damaged = calibration("acme").write();
        damaged[60] ^= 1;
        fs::write(folder.path().join("c.calibration"), damaged).unwrap();
        let error = format!("{:#}", load(folder.path()).unwrap_err());
        for part in ["a.toml: ", "b.calibration: this is not the file", "c.calibration: the calibration is damaged"] {
            assert!(error.contains(part), "{part}: {error}");
        }
    }

    #[tokio::test]
    async fn the_folder_is_watched() {
        let folder = folder(&[]);
        let tenants = open(&config(&folder)).unwrap();
        fs::write(folder.path().join("acme.toml"), "[words]\nfrobbed = -4.0").unwrap();
        while tenants.for_tenant("acme").is_none() {
            tokio::task::yield_now().await;
        }
    }
}
