//! Hashes that tell values apart.

use std::fmt::{self, Debug, Write};

use ring::digest::{Context, SHA256};

/// A text that distinguishes a value from others by its description.
pub(crate) fn hash(described: &impl Debug) -> String {
    let mut text = Hashed(Context::new(&SHA256));
    // Writing to it never fails.
    let _ = write!(text, "{described:?}");
    text.0.finish().as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// A text of which only the hash is kept.
struct Hashed(Context);

impl Write for Hashed {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}
