//! All settings of a binary.

use std::ffi::OsString;

use super::{
    ConfigurationErrors, Rejected, Spec, Stop, Values, arguments, environment,
    setting::{Fallback, FileSource, Kind},
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
    /// A program without settings: its name, its version, and a sentence on what it does.
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

    /// An example of use, printed at the end of its help.
    #[must_use]
    pub fn example(mut self, example: &'static str) -> Self {
        self.example = example;
        self
    }

    /// Adds settings. The settings of a program also apply to its subcommands.
    #[must_use]
    pub fn settings(mut self, settings: impl IntoIterator<Item = Spec>) -> Self {
        self.settings.extend(settings);
        self
    }

    /// Adds a subcommand with its own settings. A subcommand that has subcommands requires one of them.
    #[must_use]
    pub fn command(mut self, command: Program) -> Self {
        self.commands.push(command);
        self
    }

    /// Names `VOC_` variables that belong to other programs, so that they are not reported as unknown. A name that
    /// ends in `*` is a prefix.
    #[must_use]
    pub fn known_variables(mut self, names: impl IntoIterator<Item = &'static str>) -> Self {
        self.known_variables.extend(names);
        self
    }

    /// Reads the configuration from arguments, as [`std::env::args_os`] returns them with the program's name first,
    /// and variables, as [`std::env::vars_os`] returns them.
    ///
    /// # Errors
    /// [`Stop`] with all errors, or with the requested help.
    pub fn read<T>(
        &self,
        arguments: impl IntoIterator<Item = impl Into<OsString>>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        read: impl FnOnce(&mut Values) -> Result<T, Rejected>,
    ) -> Result<T, Stop> {
        let command = self.clap(self.name, &[]);
        let given = arguments::collect(&command, &self.known_names(), arguments.into_iter().map(Into::into).collect())?;
        let environment = environment.into_iter().collect();
        let mut values = Values::new(&self.settings, given.flags, given.command, environment, given.errors);
        let config = read(&mut values);
        for error in environment::unknown(values.environment(), &self.all_variables(), &self.known_variables) {
            values.record(error);
        }
        let errors = values.into_errors();
        match config {
            Ok(config) if errors.is_empty() => Ok(config),
            _ => Err(Stop::Errors(ConfigurationErrors { program: self.name, command: given.path, list: errors })),
        }
    }

    fn all_variables(&self) -> Vec<&'static str> {
        let own = self.settings.iter().flat_map(|spec| spec.variables.iter().chain(spec.file_variables())).copied();
        own.chain(self.commands.iter().flat_map(Self::all_variables)).collect()
    }

    /// The names under which flags may be looked for, each with its flag: their own, and those of their variables.
    fn known_names(&self) -> Vec<(String, &'static str)> {
        let names = |spec: &Spec| {
            let variables = spec.variables.iter().map(|name| name.to_ascii_lowercase().replace('_', "-"));
            let flag = spec.flag;
            let file = spec.file.map(|file| (file.flag.to_owned(), file.flag));
            std::iter::once(flag.to_owned()).chain(variables).map(|name| (name, flag)).chain(file).collect::<Vec<_>>()
        };
        let own = self.settings.iter().flat_map(names);
        own.chain(self.commands.iter().flat_map(Self::known_names)).collect()
    }

    /// The command line of this program or subcommand. What a subcommand inherits is accepted, but its help does not
    /// show it, because that would be nearly the whole help of the program, `root`.
    fn clap(&self, root: &str, inherited: &[Spec]) -> clap::Command {
        let all: Vec<Spec> = inherited.iter().chain(&self.settings).copied().collect();
        let commands = self.commands.iter().map(|command| command.clap(root, &all));
        let mut help = self.example.to_owned();
        if !inherited.is_empty() {
            let separator = if help.is_empty() { "" } else { "\n\n" };
            help.push_str(&format!("{separator}The settings of {root} apply, too: see {root} --help"));
        }
        clap::Command::new(self.name)
            .version(self.version)
            .about(self.about)
            .after_help(help)
            .args(self.settings.iter().flat_map(arguments_of))
            .args(inherited.iter().flat_map(arguments_of).map(|argument| argument.hide(true)))
            .subcommands(commands)
            .subcommand_required(!inherited.is_empty() && !self.commands.is_empty())
            .disable_help_subcommand(true)
    }
}

/// The flags of a setting: its own, and that of a file.
fn arguments_of(spec: &Spec) -> impl Iterator<Item = clap::Arg> {
    std::iter::once(argument(spec)).chain(spec.file.map(|file| file_argument(spec, file)))
}

fn file_argument(spec: &Spec, file: FileSource) -> clap::Arg {
    let what = "File that holds it, instead of";
    let variables = file.variables.join(", ");
    clap::Arg::new(file.flag)
        .long(file.flag)
        .help(format!("{what} --{}; a line break at its end is removed [env: {variables}]", spec.flag))
        .value_name("FILE")
        .value_parser(clap::value_parser!(OsString))
        .help_heading(spec.group)
        .action(clap::ArgAction::Append)
}

/// The flag of a setting. Defaults and variables are only displayed here, because values are resolved where their
/// errors are collected.
fn argument(spec: &Spec) -> clap::Arg {
    let default = match spec.default {
        Fallback::Text(text) if !text.is_empty() && spec.kind == Kind::Value && !spec.is_hidden => {
            format!(" [default: {text}]")
        }
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
    let argument = argument.long(spec.flag).help_heading(spec.group).action(clap::ArgAction::Append);
    match spec.kind {
        Kind::Value | Kind::Argument => argument,
        Kind::Switch => argument.num_args(0..=1).require_equals(true).default_missing_value("true"),
    }
}
