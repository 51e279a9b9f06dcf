//! The values found on the command line and in the environment.

use std::{
    collections::{BTreeMap, HashMap},
    ffi::{OsStr, OsString},
};

use super::{
    Mistake, Origin, Rejected, Setting,
    setting::{Kind, Spec},
};

/// Gives settings their values and notes what is wrong with them.
#[derive(Debug)]
pub struct Values {
    /// Values by flag without dashes.
    flags: HashMap<String, Vec<OsString>>,
    environment: BTreeMap<OsString, OsString>,
    command: Vec<String>,
    mistakes: Vec<Mistake>,
}

impl Values {
    pub(super) fn new(
        flags: HashMap<String, Vec<OsString>>,
        command: Vec<String>,
        environment: BTreeMap<OsString, OsString>,
        mistakes: Vec<Mistake>,
    ) -> Self {
        Self { flags, environment, command, mistakes }
    }

    /// The value of a setting: its flag's, else its variable's, else its default.
    ///
    /// # Errors
    /// [`Rejected`] if the value is wrong or there is none; the mistake is noted.
    pub fn get<T>(&mut self, setting: &Setting<T>) -> Result<T, Rejected> {
        if let Some(value) = self.get_optional(setting)? {
            return Ok(value);
        }
        let spec = setting.spec();
        let expected = match setting.parse("") {
            Err(expected) => expected.into_words(),
            Ok(_) => "a value".to_owned(),
        };
        Err(self.note(Mistake::Missing {
            flag: flag_name(&spec),
            variable: spec.variables.first().copied().unwrap_or_default().to_owned(),
            expected,
        }))
    }

    /// As [`Values::get`], for a setting that need not have a value.
    ///
    /// # Errors
    /// [`Rejected`] if the value is wrong; the mistake is noted.
    pub fn get_optional<T>(&mut self, setting: &Setting<T>) -> Result<Option<T>, Rejected> {
        let spec = setting.spec();
        let Some((origin, value)) = self.find(&spec)? else { return Ok(None) };
        let Some(text) = value.to_str() else {
            return Err(self.note(wrong(&spec, origin, value, "text in UTF-8".to_owned())));
        };
        match setting.parse(text) {
            Ok(parsed) => Ok(Some(parsed)),
            Err(expected) => {
                let mut expected = expected.into_words();
                if matches!(&origin, Origin::Variable(name) if name.ends_with("_PORT")) && text.starts_with("tcp://") {
                    expected.push_str(
                        " (Kubernetes sets this variable for a service of that name; set enableServiceLinks: false)",
                    );
                }
                Err(self.note(wrong(&spec, origin, value, expected)))
            }
        }
    }

    /// Whether a flag or a variable gives the setting a value, right or wrong.
    #[must_use]
    pub fn is_given<T>(&self, setting: &Setting<T>) -> bool {
        let spec = setting.spec();
        self.flags.contains_key(spec.flag) || self.variable(&spec).is_some()
    }

    /// Notes that a value, right by itself, does not fit the others.
    pub fn reject<T>(&mut self, setting: &Setting<T>, expected: impl Into<String>) -> Rejected {
        let spec = setting.spec();
        match self.find(&spec) {
            Ok(Some((origin, value))) => self.note(wrong(&spec, origin, value, expected.into())),
            Ok(None) => self.note(Mistake::Missing {
                flag: flag_name(&spec),
                variable: spec.variables.first().copied().unwrap_or_default().to_owned(),
                expected: expected.into(),
            }),
            Err(rejected) => rejected,
        }
    }

    /// The subcommand chosen, such as `["migrate", "up"]`; empty if none.
    #[must_use]
    pub fn command(&self) -> Vec<&str> {
        self.command.iter().map(String::as_str).collect()
    }

    pub(super) fn note(&mut self, mistake: Mistake) -> Rejected {
        if !self.mistakes.contains(&mistake) {
            self.mistakes.push(mistake);
        }
        Rejected(())
    }

    pub(super) fn environment(&self) -> &BTreeMap<OsString, OsString> {
        &self.environment
    }

    pub(super) fn into_mistakes(self) -> Vec<Mistake> {
        self.mistakes
    }

    fn find(&mut self, spec: &Spec) -> Result<Option<(Origin, OsString)>, Rejected> {
        if let Some(given) = self.flags.get(spec.flag) {
            return match given.as_slice() {
                [value] => Ok(Some((Origin::Flag(flag_name(spec)), value.clone()))),
                more => {
                    let mistake = format!("{}: given {} times, expected once", flag_name(spec), more.len());
                    Err(self.note(Mistake::Usage(mistake)))
                }
            };
        }
        if let Some((name, value)) = self.variable(spec) {
            return Ok(Some((Origin::Variable(name.to_owned()), value.to_owned())));
        }
        Ok(spec.default_text().map(|text| (Origin::Default(flag_name(spec)), OsString::from(text))))
    }

    fn variable(&self, spec: &Spec) -> Option<(&'static str, &OsStr)> {
        spec.variables.iter().find_map(|name| {
            let value = self.environment.get(OsStr::new(name)).filter(|value| !value.is_empty())?;
            Some((*name, value.as_os_str()))
        })
    }
}

fn flag_name(spec: &Spec) -> String {
    if spec.kind == Kind::Argument { spec.flag.to_owned() } else { format!("--{}", spec.flag) }
}

#[expect(clippy::needless_pass_by_value, reason = "the mistake takes over all of it but a value that must stay hidden")]
fn wrong(spec: &Spec, origin: Origin, value: OsString, expected: String) -> Mistake {
    let found = (spec.kind != Kind::Secret).then(|| value.to_string_lossy().into_owned());
    Mistake::Value { origin, found, expected }
}
