//! Whether to accept a store that may store a repeated insert twice.

use voc_service::config::Setting;

pub(super) const ALLOW_NO_DEDUPLICATION: Setting<bool> = Setting::switch(
    "allow-no-deduplication",
    &["VOC_ALLOW_NO_DEDUPLICATION"],
    "Start even if the store would store a repeated insert twice: rows may be duplicated after a crash or an outage",
)
.group("Start and end");
