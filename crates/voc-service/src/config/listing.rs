//! The subcommand `config`: what a program's configuration is, and what it may be.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::{
    Origin, Program, Rejected, Spec, Values,
    setting::{Fallback, Kind},
};

/// What is shown instead of a secret.
const HIDDEN: &str = "[hidden]";
/// Length of a line of a comment in bytes.
const LINE: usize = 100;

/// What to do with the configuration of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigCommand {
    /// Say whether it is valid.
    Check,
    /// List the values that apply, and where each came from.
    Print,
    /// Write a file of all variables, with their meanings and defaults.
    Example,
    /// Write a JSON Schema of the variables.
    Schema,
}

impl ConfigCommand {
    /// Its name and its meaning.
    const ALL: [(&'static str, &'static str, Self); 4] = [
        ("check", "Reports whether the configuration is valid; opens no connection and no port", Self::Check),
        ("print", "Prints the values that apply and where each came from, without secrets", Self::Print),
        ("example", "Prints a file of all environment variables, with their meanings and defaults", Self::Example),
        ("schema", "Prints a JSON Schema of the environment variables", Self::Schema),
    ];

    /// The command of the [subcommands](Values::command) that were chosen, if it is one.
    #[must_use]
    pub fn of(command: &[&str]) -> Option<Self> {
        let ["config", name] = command else { return None };
        Self::ALL.iter().find(|(known, ..)| known == name).map(|(.., command)| *command)
    }

    /// The subcommand `config` of a program of this version.
    #[must_use]
    pub fn program(version: &'static str) -> Program {
        let commands = Self::ALL.map(|(name, about, _)| Program::new(name, version, about));
        let config = Program::new("config", version, "Checks, prints or describes the configuration");
        commands.into_iter().fold(config, Program::command)
    }

    /// What it prints. `read` reads the configuration as the service does: only a valid one is printed.
    ///
    /// # Errors
    /// [`Rejected`] if the configuration is invalid.
    pub fn output<T>(
        self,
        values: &mut Values,
        read: impl FnOnce(&mut Values) -> Result<T, Rejected>,
    ) -> Result<String, Rejected> {
        Ok(match self {
            Self::Check => {
                read(values)?;
                "The configuration is valid.\n".to_owned()
            }
            Self::Print => {
                read(values)?;
                print(values)?
            }
            Self::Example => example(values.settings()),
            Self::Schema => schema(values.settings()),
        })
    }
}

/// A table of the settings: name, value, origin.
fn print(values: &mut Values) -> Result<String, Rejected> {
    let mut rows = Vec::new();
    for spec in values.settings().to_vec() {
        let found = values.find(&spec)?;
        let is_default = matches!(found, Some((Origin::Default(_), _)));
        let (value, origin) = match (found, spec.default) {
            (Some((origin, value)), _) => (
                if spec.is_hidden && !is_default { HIDDEN.to_owned() } else { on_one_line(&value.to_string_lossy()) },
                if is_default { "default".to_owned() } else { origin.to_string() },
            ),
            (None, Fallback::Note(note)) => (format!("({note})"), "default".to_owned()),
            (None, _) => ("-".to_owned(), "not given".to_owned()),
        };
        rows.push((spec.group, name(&spec), value, origin));
    }
    let names = rows.iter().map(|(_, name, ..)| name.len()).max().unwrap_or_default();
    let origins = rows.iter().map(|(.., origin)| origin.len()).max().unwrap_or_default();
    let (mut text, mut last) = (String::new(), "");
    for (group, name, value, origin) in &rows {
        if *group != last {
            text.push_str(&format!("{}{group}\n", if last.is_empty() { "" } else { "\n" }));
            last = group;
        }
        text.push_str(&format!("  {name:<names$}  {origin:<origins$}  {value}\n"));
    }
    Ok(text)
}

/// The first variable, or the flag of a setting that has none.
fn name(spec: &Spec) -> String {
    spec.variables.first().map_or_else(|| format!("--{}", spec.flag), |name| (*name).to_owned())
}

fn on_one_line(text: &str) -> String {
    let escaped = |character: char| match character.is_control() {
        true => character.escape_default().collect::<String>(),
        false => character.to_string(),
    };
    text.chars().map(escaped).collect()
}

/// A file of variables, each after its meaning and without effect until it is uncommented.
fn example(settings: &[Spec]) -> String {
    let (mut text, mut last) = (String::new(), "");
    for (spec, variable) in with_variables(settings) {
        if spec.group != last {
            text.push_str(&format!("{}##### {}\n", if last.is_empty() { "" } else { "\n" }, spec.group));
            last = spec.group;
        }
        text.push('\n');
        comment(&mut text, &meaning(spec));
        let default = spec.default_text().filter(|_| !spec.is_hidden).unwrap_or_default();
        text.push_str(&format!("#{variable}={default}\n"));
        spec.file_variables().iter().take(1).for_each(|file| text.push_str(&format!("#{file}=\n")));
    }
    text
}

/// The settings that have a variable, with the first of them.
fn with_variables(settings: &[Spec]) -> impl Iterator<Item = (&Spec, &'static str)> {
    settings.iter().filter_map(|spec| Some((spec, *spec.variables.first()?)))
}

fn meaning(spec: &Spec) -> String {
    let mut meaning = spec.help.to_owned();
    if let Fallback::Note(note) = spec.default {
        let _ = write!(meaning, " (default: {note})");
    }
    meaning
}

fn comment(text: &mut String, words: &str) {
    let mut line = "#".to_owned();
    for word in words.split_whitespace() {
        if line.len() + word.len() >= LINE {
            text.push_str(&line);
            text.push('\n');
            line = "#".to_owned();
        }
        line.push(' ');
        line.push_str(word);
    }
    text.push_str(&line);
    text.push('\n');
}

/// A schema of an object whose members are variables; others are not allowed. Values may be written as in YAML, where
/// numbers and truth values are often not quoted.
fn schema(settings: &[Spec]) -> String {
    let mut properties = Map::new();
    for (spec, variable) in with_variables(settings) {
        let types = if spec.kind == Kind::Switch { ["string", "boolean"] } else { ["string", "number"] };
        let mut property = json!({"type": types, "description": meaning(spec)});
        if let Some(default) = spec.default_text().filter(|text| !text.is_empty() && !spec.is_hidden) {
            property["default"] = Value::from(default);
        }
        properties.insert(variable.to_owned(), property);
        for other in &spec.variables[1..] {
            let description = format!("The same as {variable}, which takes precedence");
            properties.insert((*other).to_owned(), json!({"type": types, "description": description}));
        }
        for file in spec.file_variables() {
            let description = format!("File that holds {variable}; a line break at its end is removed");
            properties.insert((*file).to_owned(), json!({"type": "string", "description": description}));
        }
    }
    let schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    format!("{schema:#}\n")
}
