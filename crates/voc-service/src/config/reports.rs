//! The setting of the reports.

use std::path::PathBuf;

use super::{Setting, parse};

/// The folder of an operator's templates of reports.
pub const REPORTS_DIR: Setting<PathBuf> = Setting::new(
    "reports-dir",
    &["VOC_REPORTS_DIR"],
    "Folder of templates of reports (.sql), beside the built-in ones; read at start",
    parse::path,
)
.group("Reports")
.value_name("FOLDER")
.default_note("only the built-in ones");
