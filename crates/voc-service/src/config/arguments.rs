//! Parses the command line and collects all of its errors.

use std::{collections::HashMap, ffi::OsString};

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::{ConfigurationError, Origin, Stop};

/// What the command line gives.
#[derive(Debug, Default)]
pub(super) struct CommandLine {
    /// Values by flag without dashes.
    pub(super) flags: HashMap<String, Vec<OsString>>,
    /// The chain of subcommands.
    pub(super) command: Vec<String>,
    /// The errors found.
    pub(super) errors: Vec<ConfigurationError>,
}

/// Parses `arguments`, which start with the program's name. clap stops at the first error, so each error is recorded,
/// its argument removed, and the rest parsed again.
pub(super) fn collect(command: &clap::Command, mut arguments: Vec<OsString>) -> Result<CommandLine, Stop> {
    let mut errors = Vec::new();
    loop {
        let error = match command.clone().try_get_matches_from(&arguments) {
            Ok(matches) => return Ok(CommandLine { errors, ..given(&matches) }),
            Err(error) if !error.use_stderr() => return Err(Stop::Info(error)),
            Err(error) => error,
        };
        errors.push(configuration_error(&error));
        let Some(position) = offender(&error).and_then(|flag| position(&arguments, &flag)) else {
            return Ok(CommandLine { errors, ..CommandLine::default() });
        };
        let is_flag = arguments[position].as_encoded_bytes().starts_with(b"--");
        let is_flag_with_value = is_flag && !arguments[position].as_encoded_bytes().contains(&b'=');
        arguments.remove(position);
        // A value that follows an unknown flag belongs to that flag and is not a second error.
        let next_is_value = arguments.get(position).is_some_and(|next| !next.as_encoded_bytes().starts_with(b"-"));
        let next_is_command =
            arguments.get(position).and_then(|next| next.to_str()).is_some_and(|next| has_command(command, next));
        if is_flag_with_value && next_is_value && !next_is_command {
            arguments.remove(position);
        }
    }
}

/// Flags are global, so the matches of the last subcommand hold all of them.
fn given(matches: &clap::ArgMatches) -> CommandLine {
    let mut given = CommandLine::default();
    let mut matches = matches;
    while let Some((name, inner)) = matches.subcommand() {
        given.command.push(name.to_owned());
        matches = inner;
    }
    for id in matches.ids() {
        let is_given = matches.value_source(id.as_str()) == Some(clap::parser::ValueSource::CommandLine);
        if let (true, Ok(Some(values))) = (is_given, matches.try_get_many::<OsString>(id.as_str())) {
            given.flags.insert(id.as_str().to_owned(), values.cloned().collect());
        }
    }
    given
}

fn configuration_error(error: &clap::Error) -> ConfigurationError {
    let flag = offender(error);
    match (error.kind(), flag) {
        (ErrorKind::UnknownArgument, Some(flag)) if flag.starts_with('-') => ConfigurationError::Unknown {
            origin: Origin::Flag(flag),
            suggestion: text(error, ContextKind::SuggestedArg),
        },
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
