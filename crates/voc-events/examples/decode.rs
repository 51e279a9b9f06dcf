//! Decodes events of a family from standard input, an event a line, and says of each what it is or what is wrong.
//!
//! ```sh
//! echo '{"app_id":"openstream","event_name":"search","user_id":"u","timestamp":"2026-02-02"}' |
//!     cargo run --package voc-events --example decode -- product
//! ```

#![expect(clippy::print_stdout, reason = "it is what the example is for")]

use std::{
    error::Error,
    io::{self, BufRead as _},
};

use voc_events::{
    DecodeOptions, Envelope, Family, FamilyEvent as _, Invalid,
    families::{self, FamilyVisitor},
    record_text,
};

/// Describes a record as an event of a family that is chosen by its name.
struct Describe<'r>(&'r [u8]);

impl FamilyVisitor for Describe<'_> {
    type Output = Result<String, Invalid>;

    fn visit<F: Family>(self) -> Self::Output {
        let options = DecodeOptions::default();
        let text = record_text(self.0, &options.limits)?;
        let decoded = F::for_topic(F::PRESETS.topics[0], &options).decode(&text, &Envelope::default())?;
        let event = decoded.event;
        let tenant = event.tenant_id().map(|tenant| format!(" of {tenant}")).unwrap_or_default();
        let coerced =
            if decoded.coerced.is_empty() { String::new() } else { format!(", coerced {:?}", decoded.coerced) };
        Ok(format!("{}{tenant} at {}{coerced}", event.event_type(), event.timestamp()))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let family = std::env::args().nth(1).unwrap_or_else(|| families::DEFAULT.name.to_owned());
    for line in io::stdin().lock().lines() {
        let described = families::visit(&family, Describe(line?.as_bytes())).ok_or("there is no such family")?;
        match described {
            Ok(event) => println!("{event}"),
            Err(invalid) => println!("invalid: {invalid}"),
        }
    }
    Ok(())
}
