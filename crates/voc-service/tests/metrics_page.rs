//! The metrics page is valid for Prometheus' own parser.

use std::{
    io::{self, Write as _},
    process::{Command, Stdio},
};

use voc_service::metrics::{BATCH_PROCESS_SECONDS, BATCH_SIZES, Metric, install};
use voc_testkit::exposition::{Kind, Page};

#[test]
fn the_page_shows_all_metrics_with_their_values() {
    let page = install(&[
        Metric::counter("voc_events_consumed_total", "Events read from the source."),
        Metric::counter("voc_events_processed_total", "Events stored."),
        Metric::counter("voc_processing_errors_total", "Failures.").by("error_type", ["decode", "store_unavailable"]),
        Metric::histogram("voc_batch_process_seconds", "Time for a batch.", BATCH_PROCESS_SECONDS),
        Metric::histogram("voc_batch_size", "Events in a \\ batch,\nin one.", BATCH_SIZES),
        Metric::gauge("voc_consumer_lag", "Records not yet read."),
        Metric::counter("voc_requests_total", "Requests.").by("route", ["/a", "/b"]).by("status", ["200"]),
        Metric::histogram("voc_request_seconds", "Time for a request.", &[1.0]).by("route", [""; 0]),
    ])
    .unwrap();

    let before = Page::parse(&page.render()).unwrap();
    assert_eq!(before.value("voc_events_consumed_total", &[]), Some(0.0));
    assert_eq!(before.value("voc_events_processed_total", &[]), Some(0.0));
    assert_eq!(before.value("voc_processing_errors_total", &[("error_type", "decode")]), Some(0.0));

    assert_eq!(before.value("voc_requests_total", &[("route", "/b"), ("status", "200")]), Some(0.0));
    assert_eq!(before.value("voc_batch_size_count", &[]), Some(0.0));
    assert_eq!(before.kind("voc_request_seconds"), None, "its labels are not known beforehand");
    assert_eq!(before.kind("voc_consumer_lag"), None, "it has no value yet");

    metrics::counter!("voc_events_consumed_total").increment(12);
    metrics::counter!("voc_processing_errors_total", "error_type" => "decode").increment(3);
    metrics::gauge!("voc_consumer_lag", "topic" => "a \"quoted\"\n\\ topic", "partition" => "0").set(42.0);
    metrics::histogram!("voc_batch_process_seconds").record(0.002);
    metrics::histogram!("voc_batch_process_seconds").record(20.0);
    metrics::histogram!("voc_batch_size").record(50_000.0);

    let text = page.render();
    let after = Page::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(after.value("voc_events_consumed_total", &[]), Some(12.0));
    assert_eq!(after.value("voc_processing_errors_total", &[("error_type", "decode")]), Some(3.0));
    let lag = [("topic", "a \"quoted\"\n\\ topic"), ("partition", "0")];
    assert_eq!(after.value("voc_consumer_lag", &lag), Some(42.0));
    assert_eq!(after.kind("voc_batch_size"), Some(Kind::Histogram));
    assert_eq!(after.value("voc_batch_process_seconds_bucket", &[("le", "0.001")]), Some(0.0));
    assert_eq!(after.value("voc_batch_process_seconds_bucket", &[("le", "0.0025")]), Some(1.0));
    assert_eq!(after.value("voc_batch_process_seconds_bucket", &[("le", "10")]), Some(1.0));
    assert_eq!(after.value("voc_batch_process_seconds_bucket", &[("le", "+Inf")]), Some(2.0));
    assert_eq!(after.value("voc_batch_process_seconds_count", &[]), Some(2.0));
    assert_eq!(after.value("voc_batch_size_bucket", &[("le", "25000")]), Some(0.0));
    assert_eq!(after.value("voc_batch_size_sum", &[]), Some(50_000.0));
    assert_eq!(promtool_refuses(&text).unwrap(), None);

    assert!(install(&[]).is_err(), "a process has one page");
}

/// If Prometheus' own tool is installed, it has the final say; the parser above checks everywhere else.
fn promtool_refuses(text: &str) -> io::Result<Option<String>> {
    let mut promtool = Command::new("promtool");
    let promtool = promtool.args(["check", "metrics"]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let Ok(mut check) = promtool else { return Ok(None) };
    if let Some(mut stdin) = check.stdin.take() {
        stdin.write_all(text.as_bytes())?;
    }
    let output = check.wait_with_output()?;
    Ok((!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned()))
}

#[test]
fn the_parser_rejects_what_prometheus_rejects() {
    let refused = [
        ("no type", "a_total 1\n"),
        ("type after sample", "# TYPE a_total counter\na_total 1\n# TYPE a_total counter\n"),
        ("help after sample", "# TYPE a_total counter\na_total 1\n# HELP a_total x\n"),
        ("counter without _total", "# TYPE a counter\na 1\n"),
        ("negative counter", "# TYPE a_total counter\na_total -1\n"),
        ("no value", "# TYPE a gauge\na\n"),
        ("bad value", "# TYPE a gauge\na one\n"),
        ("bad name", "# TYPE 1a gauge\n1a 1\n"),
        ("bad label", "# TYPE a gauge\na{1=\"x\"} 1\n"),
        ("open label", "# TYPE a gauge\na{b=\"x} 1\n"),
        ("label twice", "# TYPE a gauge\na{b=\"x\",b=\"y\"} 1\n"),
        ("sample twice", "# TYPE a gauge\na 1\na 1\n"),
        ("no line end", "# TYPE a gauge\na 1"),
        ("groups interleaved", "# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\na{x=\"y\"} 1\n"),
        (
            "buckets not cumulative",
            "# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n",
        ),
        ("no infinite bucket", "# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_sum 1\nh_count 2\n"),
        ("count is not the infinite bucket", "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 2\n"),
    ];
    for (what, text) in refused {
        assert!(Page::parse(text).is_err(), "{what} was accepted");
    }
    assert!(Page::parse("# HELP a_total x\n# TYPE a_total counter\na_total{b=\"\\\"\"} 1\n\n").is_ok());
}
