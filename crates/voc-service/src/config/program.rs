//! A binary's settings as a whole.

use std::ffi::OsString;

use super::{
    Mistakes, Rejected, Spec, Stop, Values, arguments, environment,
    setting::{Fallback, Kind},
};

/// The command line and environment of a binary: its name, its settings, its subcommands.
#[derive(Debug)]
pub struct Program {
    name: &'static str,
    version: &'static str,
    about: &'static str,
    example: &'static str,
    settings: Vec<Spec>,
    commands: Vec<Program>,
    known_variables: Vec<&'static str>,
}

impl Program {
    /// A program without settings: its name, version, and what it does in a sentence.
    #[must_use]
    pub fn new(name: &'static str, version: &'static str, about: &'static str) -> Self {
        Self {
            name,
            version,
            about,
            example: "",
            settings: Vec::new(),
            commands: Vec::new(),
            known_variables: Vec::new(),
        }
    }

    /// What its help ends with: how it is used.
    #[must_use]
    pub fn example(mut self, example: &'static str) -> Self {
        self.example = example;
        self
    }

    /// Adds settings. Those of a program hold for its subcommands, too.
    #[must_use]
    pub fn settings(mut self, settings: impl IntoIterator<Item = Spec>) -> Self {
        self.settings.extend(settings);
        self
    }

    /// Adds a subcommand with settings of its own. A subcommand that has subcommands needs one of them.
    #[must_use]
    pub fn command(mut self, command: Program) -> Self {
        self.commands.push(command);
        self
    }

    /// Names `VOC_` variables that others read, so that they are no mistake here; a name ending in `*` is a prefix.
    #[must_use]
    pub fn known_variables(mut self, names: impl IntoIterator<Item = &'static str>) -> Self {
        self.known_variables.extend(names);
        self
    }

    /// Reads the configuration: arguments as [`std::env::args_os`] gives them, with the program's own name first, and
    /// variables as [`std::env::vars_os`] does.
    ///
    /// # Errors
    /// [`Stop`] with all mistakes, or with the help that was asked for.
    pub fn read<T>(
        &self,
        arguments: impl IntoIterator<Item = impl Into<OsString>>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        read: impl FnOnce(&mut Values) -> Result<T, Rejected>,
    ) -> Result<T, Stop> {
        let given = arguments::collect(&self.clap(), arguments.into_iter().map(Into::into).collect())?;
        let mut values = Values::new(given.flags, given.command, environment.into_iter().collect(), given.mistakes);
        let config = read(&mut values);
        for mistake in environment::unknown(values.environment(), &self.all_variables(), &self.known_variables) {
            values.note(mistake);
        }
        let mistakes = values.into_mistakes();
        match config {
            Ok(config) if mistakes.is_empty() => Ok(config),
            _ => Err(Stop::Mistakes(Mistakes { program: self.name, list: mistakes })),
        }
    }

    fn all_variables(&self) -> Vec<&'static str> {
        let own = self.settings.iter().flat_map(|spec| spec.variables).copied();
        own.chain(self.commands.iter().flat_map(Self::all_variables)).collect()
    }

    fn clap(&self) -> clap::Command {
        let commands =
            self.commands.iter().map(|command| command.clap().subcommand_required(!command.commands.is_empty()));
        clap::Command::new(self.name)
            .version(self.version)
            .about(self.about)
            .after_help(self.example)
            .args(self.settings.iter().map(argument))
            .subcommands(commands)
            .disable_help_subcommand(true)
    }
}

/// The flag of a setting. Defaults and variables are only shown here: values are resolved where their mistakes are collected.
fn argument(spec: &Spec) -> clap::Arg {
    let default = match spec.default {
        Fallback::Text(text) if !text.is_empty() && spec.kind == Kind::Value => format!(" [default: {text}]"),
        Fallback::Note(note) => format!(" [default: {note}]"),
        Fallback::Text(_) | Fallback::None => String::new(),
    };
    let variables =
        if spec.variables.is_empty() { String::new() } else { format!(" [env: {}]", spec.variables.join(", ")) };
    let argument = clap::Arg::new(spec.flag)
        .help(format!("{}{variables}{default}", spec.help))
        .value_name(spec.value_name)
        .value_parser(clap::value_parser!(OsString))
        .allow_negative_numbers(true);
    if spec.kind == Kind::Argument {
        return argument;
    }
    let argument = argument.long(spec.flag).help_heading(spec.group).action(clap::ArgAction::Append).global(true);
    match spec.kind {
        Kind::Value | Kind::Secret | Kind::Argument => argument,
        Kind::Switch => argument.num_args(0..=1).require_equals(true).default_missing_value("true"),
    }
}
