//! Files as a source, standard input and pipes among them: JSON, an event a line, or however it stands in the file.
//!
//! ```text
//! bytes ─► text (unpacked, in UTF-8) ─► head (what is it?) ─► units (lines, or JSON values) ─► chunks of records
//!                                            └── foreign: named, and not read
//! ```
//!
//! The offset of an event is the number of its line, counted from 0; of an event in an array or in pretty-printed
//! JSON, its own number. Blank lines are skipped, as readers of NDJSON may do; a carriage return before the line feed
//! and a byte order mark at a line's start, as files put together have them, are not part of a line. How far a file
//! was stored is remembered in a [`Checkpoints`] file, so an import that was interrupted goes on where it stopped, and
//! one that was complete does not count its events twice. What is something else is [named](ForeignFormat) and not
//! read.

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
