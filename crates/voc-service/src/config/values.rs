//! The values found on the command line and in the environment.

use std::{
    collections::{BTreeMap, HashMap},
    ffi::{OsStr, OsString},
    fs,
};

use super::{
    ConfigurationError, Origin, Rejected, Setting,
    setting::{Kind, Spec},
};

/// Resolves the values of settings and records the errors in them.
#[derive(Debug)]
pub struct Values {
    /// The program's settings.
    settings: Vec<Spec>,
    /// Values by flag without dashes.
    flags: HashMap<String, Vec<OsString>>,
    environment: BTreeMap<OsString, OsString>,
    command: Vec<String>,
    /// What the files of secrets hold, or why they cannot be read, by path: some can be read only once.
    files: HashMap<OsString, Result<String, String>>,
    errors: Vec<ConfigurationError>,
}

impl Values {
    pub(super) fn new(
        settings: &[Spec],
        flags: HashMap<String, Vec<OsString>>,
        command: Vec<String>,
        environment: BTreeMap<OsString, OsString>,
        errors: Vec<ConfigurationError>,
    ) -> Self {
        Self { settings: settings.to_vec(), flags, environment, command, files: HashMap::new(), errors }
    }

    /// The value of a setting: from its flag, else from its variable, else its default.
    ///
    /// # Errors
    /// [`Rejected`] if the value is invalid or missing; the error is recorded.
    pub fn get<T>(&mut self, setting: &Setting<T>) -> Result<T, Rejected> {
        if let Some(value) = self.get_optional(setting)? {
            return Ok(value);
        }
        let spec = setting.spec();
        let expected = match setting.parse("") {
            Err(expected) => expected.into_words(),
            Ok(_) => "a value".to_owned(),
        };
        Err(self.record(missing(&spec, expected)))
    }

    /// Like [`Values::get`], for an optional setting.
    ///
    /// # Errors
    /// [`Rejected`] if the value is invalid; the error is recorded.
    pub fn get_optional<T>(&mut self, setting: &Setting<T>) -> Result<Option<T>, Rejected> {
        let spec = setting.spec();
        let Some((origin, value)) = self.find(&spec)? else { return Ok(None) };
        self.parsed(setting, origin, value).map(Some)
    }

    fn parsed<T>(&mut self, setting: &Setting<T>, origin: Origin, value: OsString) -> Result<T, Rejected> {
        let spec = setting.spec();
        let Some(text) = value.to_str() else {
            return Err(self.record(invalid(&spec, origin, value, "text in UTF-8".to_owned())));
        };
        match setting.parse(text) {
            Ok(parsed) => Ok(parsed),
            Err(expected) => {
                let mut expected = expected.into_words();
                if matches!(&origin, Origin::Variable(name) if name.ends_with("_PORT")) && text.starts_with("tcp://") {
                    expected.push_str(
                        " (Kubernetes sets this variable for a service of that name; set enableServiceLinks: false)",
                    );
                }
                Err(self.record(invalid(&spec, origin, value, expected)))
            }
        }
    }

    /// The values of a setting whose flag may be given several times, in their order; else its variable's or default's
    /// single one.
    ///
    /// # Errors
    /// [`Rejected`] if a value is invalid; the errors are recorded.
    pub fn get_each<T>(&mut self, setting: &Setting<T>) -> Result<Vec<T>, Rejected> {
        let spec = setting.spec();
        let Some(given) = self.flags.get(spec.flag).cloned() else {
            return Ok(self.get_optional(setting)?.into_iter().collect());
        };
        let each: Vec<_> =
            given.into_iter().map(|value| self.parsed(setting, Origin::Flag(flag_name(&spec)), value)).collect();
        each.into_iter().collect()
    }

    /// Whether a flag or a variable gives the setting a value, valid or not.
    #[must_use]
    pub fn is_given<T>(&self, setting: &Setting<T>) -> bool {
        let spec = setting.spec();
        let is_named =
            |flag: &str, variables: &[&str]| self.flags.contains_key(flag) || self.variable(variables).is_some();
        is_named(spec.flag, spec.variables) || spec.file.is_some_and(|file| is_named(file.flag, file.variables))
    }

    /// Records that a value, valid on its own, conflicts with others.
    pub fn reject<T>(&mut self, setting: &Setting<T>, expected: impl Into<String>) -> Rejected {
        let spec = setting.spec();
        match self.find(&spec) {
            // That a switch is off by default is no error of its own: it is what is missing.
            Ok(Some((Origin::Default(_), _))) if spec.kind == Kind::Switch => {
                self.record(missing(&spec, expected.into()))
            }
            Ok(Some((origin, value))) => self.record(invalid(&spec, origin, value, expected.into())),
            Ok(None) => self.record(missing(&spec, expected.into())),
            Err(rejected) => rejected,
        }
    }

    /// The subcommand chosen, such as `["migrate", "up"]`; empty if none.
    #[must_use]
    pub fn command(&self) -> Vec<&str> {
        self.command.iter().map(String::as_str).collect()
    }

    pub(super) fn record(&mut self, error: ConfigurationError) -> Rejected {
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
        Rejected(())
    }

    pub(super) fn settings(&self) -> &[Spec] {
        &self.settings
    }

    pub(super) fn environment(&self) -> &BTreeMap<OsString, OsString> {
        &self.environment
    }

    pub(super) fn into_errors(self) -> Vec<ConfigurationError> {
        self.errors
    }

    pub(super) fn find(&mut self, spec: &Spec) -> Result<Option<(Origin, OsString)>, Rejected> {
        let given = match self.flag(spec.flag, &flag_name(spec))? {
            Some(value) => Some((Origin::Flag(flag_name(spec)), value)),
            None => self.variable(spec.variables),
        };
        let file = match spec.file {
            Some(file) => match self.flag(file.flag, &format!("--{}", file.flag))? {
                Some(path) => Some((Origin::Flag(format!("--{}", file.flag)), path)),
                None => self.variable(file.variables),
            },
            None => None,
        };
        match (given, file) {
            (None, None) => Ok(spec.default_text().map(|text| (Origin::Default(flag_name(spec)), text.into()))),
            (Some(given), None) => Ok(Some(given)),
            (Some(_), Some((origin, path))) => {
                Err(self.record(named(origin, &path, "nothing, because the value itself is given; not both")))
            }
            (None, Some((origin, path))) => {
                let read = || fs::read_to_string(&path).map_err(|error| error.to_string());
                match self.files.entry(path.clone()).or_insert_with(read) {
                    Ok(content) => match content.trim_end_matches(['\r', '\n']) {
                        "" => Err(self.record(named(origin, &path, "a file that is not empty"))),
                        secret => Ok(Some((origin, secret.into()))),
                    },
                    Err(error) => {
                        let expected = format!("a readable text file ({error})");
                        Err(self.record(named(origin, &path, &expected)))
                    }
                }
            }
        }
    }

    /// The value of a flag, which may be given once; errors name it as `shown`.
    fn flag(&mut self, flag: &str, shown: &str) -> Result<Option<OsString>, Rejected> {
        match self.flags.get(flag).map(Vec::as_slice) {
            None => Ok(None),
            Some([value]) => Ok(Some(value.clone())),
            Some(more) => {
                let error = format!("{shown}: given {} times, expected once", more.len());
                Err(self.record(ConfigurationError::Usage(error)))
            }
        }
    }

    /// The first of these variables that is not empty.
    fn variable(&self, names: &[&str]) -> Option<(Origin, OsString)> {
        names.iter().find_map(|name| {
            let value = self.environment.get(OsStr::new(name)).filter(|value| !value.is_empty())?;
            Some((Origin::Variable((*name).to_owned()), value.clone()))
        })
    }
}

/// The error of a name of a file, which is no secret.
fn named(origin: Origin, path: &OsStr, expected: &str) -> ConfigurationError {
    ConfigurationError::Value {
        origin,
        found: Some(path.to_string_lossy().into_owned()),
        expected: expected.to_owned(),
    }
}

fn flag_name(spec: &Spec) -> String {
    if spec.kind == Kind::Argument { spec.flag.to_owned() } else { format!("--{}", spec.flag) }
}

fn missing(spec: &Spec, expected: String) -> ConfigurationError {
    let variable = spec.variables.first().copied().unwrap_or_default().to_owned();
    ConfigurationError::Missing { flag: flag_name(spec), variable, expected }
}

#[expect(clippy::needless_pass_by_value, reason = "the error takes all of it except a value that must stay hidden")]
fn invalid(spec: &Spec, origin: Origin, value: OsString, expected: String) -> ConfigurationError {
    let found = (!spec.is_hidden).then(|| value.to_string_lossy().into_owned());
    ConfigurationError::Value { origin, found, expected }
}
