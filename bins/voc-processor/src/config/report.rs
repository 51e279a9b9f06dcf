//! How a command reports.

use voc_service::config::Setting;

/// Whether to write the report for programs.
pub(super) const JSON: Setting<bool> =
    Setting::switch("json", &[], "The whole report as one JSON object").group("Report");
