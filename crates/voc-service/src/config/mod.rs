//! Settings from flags and environment variables, with every error reported at once.
//!
//! A [`Setting`] is declared once, as a constant: its flag, its variables, its default, its meaning and its parser. A
//! [`Program`] holds the settings of a binary, prints them for `--help`, and reads them. [`Program::read`] returns a
//! typed configuration, or a [`Stop`] that lists all errors: unknown flags, unknown `VOC_` variables, and every
//! invalid value, each by name, with what was found and what was expected. It opens no file or socket, except a file
//! that a setting names and that holds a secret.
//!
//! - A flag takes precedence over a variable, and the first variable of a setting that is set over the others. The
//!   values that lose are not validated.
//! - An empty variable counts as not set, as deployment templates expect.
//! - `VOC_` variables belong to this product alone, so an unknown one is an error; other prefixes are shared with
//!   other software and ignored. The variables that Kubernetes derives from a service's name, such as
//!   `VOC_QUERY_PORT_8001_TCP`, are allowed.
//!
//! ```
//! use std::ffi::OsString;
//! use voc_service::config::{Program, Rejected, Setting, Values, parse};
//!
//! const BATCH_SIZE: Setting<u32> =
//!     Setting::new("batch-size", &["BATCH_SIZE"], "Events a batch is flushed at", parse::whole::<u32, 1, 50_000>)
//!         .group("Batches")
//!         .value_name("EVENTS")
//!         .default("500");
//! const BATCH_MAX: Setting<u32> =
//!     Setting::new("batch-max", &["BATCH_MAX"], "Most events in a batch", parse::whole::<u32, 1, 1_000_000>)
//!         .group("Batches")
//!         .value_name("EVENTS")
//!         .default("50000");
//! const ONCE: Setting<bool> = Setting::switch("once", &["VOC_ONCE"], "Ends when the input ends");
//!
//! #[derive(Debug)]
//! struct Config {
//!     batch_size: u32,
//!     batch_max: u32,
//!     once: bool,
//! }
//!
//! // Every setting is read before the first `?`, so that all errors are noted.
//! fn read(values: &mut Values) -> Result<Config, Rejected> {
//!     let (batch_size, batch_max, once) = (values.get(&BATCH_SIZE), values.get(&BATCH_MAX), values.get(&ONCE));
//!     let config = Config { batch_size: batch_size?, batch_max: batch_max?, once: once? };
//!     if config.batch_max < config.batch_size {
//!         return Err(values.reject(&BATCH_MAX, format!("at least the batch size, {}", config.batch_size)));
//!     }
//!     Ok(config)
//! }
//!
//! let program = || Program::new("voc-example", "1.0.0", "Shows the settings").settings([
//!     BATCH_SIZE.spec(),
//!     BATCH_MAX.spec(),
//!     ONCE.spec(),
//! ]);
//! let environment = |pairs: &[(&str, &str)]| -> Vec<(OsString, OsString)> {
//!     pairs.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect()
//! };
//!
//! // In a binary: `program().read(std::env::args_os(), std::env::vars_os(), read)`.
//! let config = program().read(["voc-example", "--once"], environment(&[("BATCH_SIZE", "100")]), read).unwrap();
//! assert_eq!((config.batch_size, config.batch_max, config.once), (100, 50_000, true));
//!
//! let stop = program().read(["voc-example", "--batch-max", "many"], environment(&[("BATCH_SIZE", "0")]), read).unwrap_err();
//! assert_eq!(stop.to_string(), "\
//! 2 errors in the configuration of voc-example:
//!   BATCH_SIZE: found \"0\", expected a whole number from 1 to 50000
//!   --batch-max: found \"many\", expected a whole number from 1 to 1000000");
//! assert_eq!(stop.status(), 2);
//! ```

pub mod access;
mod arguments;
pub mod clickhouse;
mod environment;
pub mod erasure;
mod error;
pub mod health;
pub mod http;
pub mod lifecycle;
mod listing;
pub mod logging;
pub mod parse;
mod program;
pub mod reports;
mod secret;
mod setting;
mod suggestion;
mod values;

pub use error::{ConfigurationError, ConfigurationErrors, Origin, Rejected, Stop};
pub use listing::ConfigCommand;
pub use parse::Expected;
pub use program::Program;
pub use secret::Secret;
pub use setting::{Setting, Spec};
pub use values::Values;
