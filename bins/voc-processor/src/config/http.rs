//! The HTTP settings of the processor.

use voc_service::config::http::HttpGroup;

pub(super) const HTTP: HttpGroup = HttpGroup::new("8000", "0.0.0.0; 127.0.0.1 with --standalone");
