//! Logging takes its filter and starts once per process.

use voc_service::{
    config::logging::{Format, LoggingSettings},
    logging::{LoggingError, init},
};

#[test]
fn an_invalid_filter_is_rejected_and_logging_starts_once() {
    let settings = |filter: &str| LoggingSettings { filter: filter.to_owned(), level_file: None, format: Format::Json };
    assert!(matches!(init(&settings("a=b=c")), Err(LoggingError::Filter(_))));
    init(&settings("info,voc_store=debug")).unwrap();
    assert!(matches!(init(&settings("info")), Err(LoggingError::Repeated(_))));
    assert!(tracing::enabled!(target: "voc_store", tracing::Level::DEBUG));
    assert!(!tracing::enabled!(target: "voc_api", tracing::Level::DEBUG));
}
