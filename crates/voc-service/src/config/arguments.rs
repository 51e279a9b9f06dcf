//! Parses the command line and collects all of its errors.

use std::{collections::HashMap, ffi::OsString};

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::{ConfigurationError, Origin, Stop, suggestion::most_similar};

/// What the command line gives.
#[derive(Debug, Default)]
pub(super) struct CommandLine {
    /// Values by flag without dashes.
    pub(super) flags: HashMap<String, Vec<OsString>>,
    /// The chain of subcommands.
    pub(super) command: Vec<String>,
    /// The program's name and those of the subcommands, as far as they are known.
    pub(super) path: String,
    /// The errors found.
    pub(super) errors: Vec<ConfigurationError>,
}

/// Parses `arguments`, which start with the program's name. clap stops at the first error, so each error is recorded,
/// its argument removed, and the rest parsed again. `known` are names under which flags may be looked for.
pub(super) fn collect(
    command: &clap::Command,
    known: &[(String, &'static str)],
    mut arguments: Vec<OsString>,
) -> Result<CommandLine, Stop> {
    let (mut errors, mut has_unknown_command) = (Vec::new(), false);
    let (path, _) = command_at(command, &arguments);
    loop {
        let error = match command.clone().try_get_matches_from(&arguments) {
            Ok(matches) => return Ok(CommandLine { path, errors, ..given(&matches) }),
            Err(error) if !error.use_stderr() => return Err(Stop::Info(error)),
            Err(error) => error,
        };
        let offender = offender(&error);
        let found = offender.as_ref().and_then(|offender| position(&arguments, offender));
        // The command within which it was given.
        let (name, within) = command_at(command, &arguments[..found.unwrap_or(arguments.len())]);
        let is_missing = error.kind() == ErrorKind::MissingSubcommand;
        let is_word = offender.as_ref().is_some_and(|text| !text.starts_with('-'));
        let is_unknown_command = !is_missing && is_word && within.has_subcommands();
        let commands = || commands_of(&name, within);
        match offender {
            // An unknown one is missing, too, once it is removed.
            _ if is_missing && has_unknown_command => {}
            _ if is_missing => {
                errors.push(ConfigurationError::Usage(format!("{name}: incomplete, expected {}", commands())));
            }
            Some(word) if is_unknown_command => {
                has_unknown_command = true;
                errors.push(ConfigurationError::Usage(format!("{word:?}: unknown, expected {}", commands())));
            }
            offender => {
                errors.push(configuration_error(&error, offender, |flag| similar_flag(flag, known, within)));
            }
        }
        let Some(position) = found else {
            return Ok(CommandLine { path, errors, ..CommandLine::default() });
        };
        let is_flag = arguments[position].as_encoded_bytes().starts_with(b"--");
        let is_flag_with_value = is_flag && !arguments[position].as_encoded_bytes().contains(&b'=');
        arguments.remove(position);
        // A value that follows an unknown flag belongs to that flag and is not a second error, nor is what follows an
        // unknown command.
        let is_next_a_word = |arguments: &[OsString]| {
            arguments.get(position).is_some_and(|next| !next.as_encoded_bytes().starts_with(b"-"))
        };
        let next_is_command =
            arguments.get(position).and_then(|next| next.to_str()).is_some_and(|next| has_command(command, next));
        if is_unknown_command {
            while is_next_a_word(&arguments) {
                arguments.remove(position);
            }
        } else if is_flag_with_value && is_next_a_word(&arguments) && !next_is_command {
            arguments.remove(position);
        }
    }
}

/// The matches of the program and of its subcommands; each may have any of the program's flags.
fn given(matches: &clap::ArgMatches) -> CommandLine {
    let mut given = CommandLine::default();
    let mut next = Some(matches);
    while let Some(matches) = next {
        for id in matches.ids() {
            let is_given = matches.value_source(id.as_str()) == Some(clap::parser::ValueSource::CommandLine);
            if let (true, Ok(Some(values))) = (is_given, matches.try_get_many::<OsString>(id.as_str())) {
                given.flags.entry(id.as_str().to_owned()).or_default().extend(values.cloned());
            }
        }
        next = matches.subcommand().map(|(name, inner)| {
            given.command.push(name.to_owned());
            inner
        });
    }
    given
}

/// The innermost command that these arguments name, and its name with those of the commands around it.
fn command_at<'c>(command: &'c clap::Command, arguments: &[OsString]) -> (String, &'c clap::Command) {
    let (mut path, mut command) = (command.get_name().to_owned(), command);
    for argument in arguments.iter().skip(1) {
        if let Some(inner) = command.find_subcommand(argument) {
            path.push_str(&format!(" {}", inner.get_name()));
            command = inner;
        }
    }
    (path, command)
}

/// The flag of this command that has a name most similar to `flag`, if any is similar enough.
fn similar_flag(flag: &str, known: &[(String, &'static str)], command: &clap::Command) -> Option<String> {
    let is_of_command = |flag: &str| command.get_arguments().any(|argument| argument.get_long() == Some(flag));
    let candidates: Vec<_> = known.iter().filter(|(_, flag)| is_of_command(flag)).collect();
    let similar = most_similar(flag.trim_start_matches('-'), candidates.iter().map(|(name, _)| name.as_str()))?;
    let (_, flag) = candidates.into_iter().find(|(name, _)| name == similar)?;
    Some(format!("--{flag}"))
}

/// What may follow a command that has subcommands.
fn commands_of(path: &str, command: &clap::Command) -> String {
    let names: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
    let flag = if command.is_subcommand_required_set() { "" } else { "a flag or " };
    format!("{flag}a command of {path}: {}", names.join(", "))
}

fn configuration_error(
    error: &clap::Error,
    offender: Option<String>,
    suggestion: impl Fn(&str) -> Option<String>,
) -> ConfigurationError {
    match (error.kind(), offender) {
        (ErrorKind::UnknownArgument, Some(flag)) if flag.starts_with('-') => {
            ConfigurationError::Unknown { suggestion: suggestion(&flag), origin: Origin::Flag(flag) }
        }
        (ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand, Some(argument)) => {
            ConfigurationError::Usage(format!("{argument:?}: unexpected argument"))
        }
        (ErrorKind::InvalidValue | ErrorKind::NoEquals, Some(flag)) => {
            ConfigurationError::Usage(format!("{flag}: given without a value"))
        }
        _ => ConfigurationError::Usage(first_line(&error.to_string())),
    }
}

/// The argument that clap rejected, as it was written, without its value.
fn offender(error: &clap::Error) -> Option<String> {
    let argument = text(error, ContextKind::InvalidArg).or_else(|| text(error, ContextKind::InvalidSubcommand))?;
    // For a known flag, clap gives its usage: "--http-port <PORT>".
    let is_flag = argument.starts_with("--");
    let end = argument.find([' ', '=', '[']).filter(|_| is_flag).unwrap_or(argument.len());
    Some(argument[..end].to_owned())
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => texts.first().cloned(),
        _ => None,
    }
}

fn position(arguments: &[OsString], offender: &str) -> Option<usize> {
    let is_it = |argument: &OsString| {
        let argument = argument.to_string_lossy();
        argument == offender || argument.split_once('=').is_some_and(|(flag, _)| flag == offender)
    };
    arguments.iter().skip(1).position(is_it).map(|index| index + 1)
}

fn has_command(command: &clap::Command, name: &str) -> bool {
    command.get_subcommands().any(|inner| inner.get_name() == name || has_command(inner, name))
}

fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
}
