//! The declaration of a setting.

use super::{Expected, parse};

/// A setting: where its value comes from and how its text becomes a `T`.
///
/// Built in a constant: [`Setting::new`] takes what every setting has, and the methods add the rest.
#[derive(Debug)]
pub struct Setting<T> {
    spec: Spec,
    parse: fn(&str) -> Result<T, Expected>,
}

impl<T> Setting<T> {
    /// A setting without a default: `flag` without its dashes, its environment `variables` in order of precedence, its
    /// meaning in a sentence without a full stop, and the parser of its value.
    #[must_use]
    pub const fn new(
        flag: &'static str,
        variables: &'static [&'static str],
        help: &'static str,
        parse: fn(&str) -> Result<T, Expected>,
    ) -> Self {
        let spec = Spec {
            flag,
            variables,
            help,
            group: "Settings",
            value_name: "VALUE",
            default: Fallback::None,
            kind: Kind::Value,
            is_hidden: false,
            file: None,
        };
        Self { spec, parse }
    }

    /// A positional argument of a subcommand; `name` is its name in `--help`.
    #[must_use]
    pub const fn argument(name: &'static str, help: &'static str, parse: fn(&str) -> Result<T, Expected>) -> Self {
        let mut setting = Self::new(name, &[], help, parse).value_name(name);
        setting.spec.kind = Kind::Argument;
        setting
    }

    /// Its heading in `--help`.
    #[must_use]
    pub const fn group(mut self, group: &'static str) -> Self {
        self.spec.group = group;
        self
    }

    /// The name of its value in `--help`, such as `PORT` or `SECONDS`.
    #[must_use]
    pub const fn value_name(mut self, name: &'static str) -> Self {
        self.spec.value_name = name;
        self
    }

    /// The text used if neither flag nor variable is given; it goes through the same parser.
    #[must_use]
    pub const fn default(mut self, text: &'static str) -> Self {
        self.spec.default = Fallback::Text(text);
        self
    }

    /// Describes in `--help` what happens without a value, where a [`default`](Self::default) cannot express it.
    #[must_use]
    pub const fn default_note(mut self, note: &'static str) -> Self {
        self.spec.default = Fallback::Note(note);
        self
    }

    /// Marks a value that may have a secret in it: neither errors nor lists of the configuration show it.
    #[must_use]
    pub const fn hidden(mut self) -> Self {
        self.spec.is_hidden = true;
        self
    }

    /// Marks a secret: it is [hidden](Self::hidden), and may be given as the content of a file that this `flag`,
    /// without its dashes, or these `variables` name.
    #[must_use]
    pub const fn secret(mut self, flag: &'static str, variables: &'static [&'static str]) -> Self {
        self.spec.file = Some(FileSource { flag, variables });
        self.hidden()
    }

    /// What a [`Program`](super::Program) needs to know about it.
    #[must_use]
    pub const fn spec(&self) -> Spec {
        self.spec
    }

    pub(super) fn parse(&self, text: &str) -> Result<T, Expected> {
        (self.parse)(text)
    }
}

impl Setting<bool> {
    /// A setting that is off unless it is given: `--flag`, `--flag=false`, or a variable of `true` or `false`.
    #[must_use]
    pub const fn switch(flag: &'static str, variables: &'static [&'static str], help: &'static str) -> Self {
        let mut setting = Self::new(flag, variables, help, parse::boolean).default("false").value_name("BOOL");
        setting.spec.kind = Kind::Switch;
        setting
    }
}

/// A setting without its type: what `--help` shows and what the command line accepts.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    pub(super) flag: &'static str,
    pub(super) variables: &'static [&'static str],
    pub(super) help: &'static str,
    pub(super) group: &'static str,
    pub(super) value_name: &'static str,
    pub(super) default: Fallback,
    pub(super) kind: Kind,
    pub(super) is_hidden: bool,
    /// Where a file that holds the value may be named.
    pub(super) file: Option<FileSource>,
}

impl Spec {
    /// Its environment variables in order of precedence, without those that name a file.
    #[must_use]
    pub fn variables(&self) -> &'static [&'static str] {
        self.variables
    }

    /// The variables that may name a file that holds the value, in order of precedence.
    #[must_use]
    pub fn file_variables(&self) -> &'static [&'static str] {
        self.file.map_or(&[], |file| file.variables)
    }

    pub(super) fn default_text(&self) -> Option<&'static str> {
        match self.default {
            Fallback::Text(text) => Some(text),
            Fallback::None | Fallback::Note(_) => None,
        }
    }
}

/// The flag and the variables that name a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct FileSource {
    pub(super) flag: &'static str,
    pub(super) variables: &'static [&'static str],
}

/// What applies without a value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fallback {
    None,
    Text(&'static str),
    Note(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Value,
    Switch,
    /// Positional, without a flag.
    Argument,
}
