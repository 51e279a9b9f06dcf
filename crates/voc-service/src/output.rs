//! What a command prints as its result.

use std::io::{self, Write as _};

use crate::{FAILURE, SUCCESS};

/// Prints a text to standard output, and returns the exit status: [`FAILURE`] if it cannot be written.
pub fn print(text: &str) -> u8 {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => SUCCESS,
        Err(error) => {
            // If stderr is closed, the exit status is the only report left.
            let _ = writeln!(io::stderr(), "cannot write to standard output: {error}");
            FAILURE
        }
    }
}
