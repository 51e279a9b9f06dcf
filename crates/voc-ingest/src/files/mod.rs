//! Files as a source, including standard input and pipes: JSON, one event per line or in other layouts.
//!
//! ```text
//! bytes ─► text (decompressed, UTF-8) ─► head (what is it?) ─► units (lines, or JSON values) ─► chunks of records
//!                                            └── foreign: reported, and not read
//! ```
//!
//! The offset of an event is the number of its line, counted from 0, or its own number in an array or pretty-printed
//! JSON. Blank lines are skipped, as NDJSON readers may do. A carriage return before the line feed, a byte order mark
//! at the start of a line, as in concatenated files, and NUL bytes there, which a power failure leaves in a file, are
//! not part of the line. Progress is kept in a [`Checkpoints`] file, so an interrupted import resumes where it
//! stopped, and importing a complete file again does not count its events twice. Inputs in other formats are
//! [reported](ForeignFormat) and not read.

mod archive;
mod checkpoints;
mod documents;
mod entry;
mod foreign;
mod head;
mod input;
mod input_file;
mod lines;
mod marks;
mod opened;
mod progress;
mod reader;
mod scanner;
mod selection;
mod settings;
mod snapshot;
mod source;
mod text;
mod trust;
mod unit;
mod units;
mod utf16;

pub use archive::{Damage, Defect};
pub use checkpoints::Checkpoints;
pub use foreign::ForeignFormat;
pub use input::FileInput;
pub use progress::FileTally;
pub use selection::{Selection, SelectionError};
pub use settings::{FileSettings, UnfinishedTail};
pub use source::FileSource;
pub use unit::MAX_EVENT_BYTES;
