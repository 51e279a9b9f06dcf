//! What a command prints as its result.

use std::io::{self, Write as _};

use crate::{FAILURE, SUCCESS};

/// Prints a text to standard output.
///
/// # Errors
/// The system's error, and that it is about standard output.
pub fn print(text: &str) -> io::Result<()> {
    let written = io::stdout().lock().write_all(text.as_bytes());
    written.map_err(|error| io::Error::new(error.kind(), format!("cannot write to standard output: {error}")))
}

/// The same as a whole program: returns the exit status, [`FAILURE`] if it cannot be written.
pub fn print_or_fail(text: &str) -> u8 {
    match print(text) {
        Ok(()) => SUCCESS,
        Err(error) => {
            // If stderr is closed, the exit status is the only report left.
            let _ = writeln!(io::stderr(), "{error}");
            FAILURE
        }
    }
}
