//! What `verify` reports.

use serde_json::Value;

use crate::stage::Stage;

/// Runs the comparison; returns its status, its report, and its log.
pub(crate) fn verify(stage: &Stage, topic: &str) -> (Option<i32>, Value, String) {
    let (status, mut lines, said) = stage.run(topic, &["verify", "--json"]);
    (status, lines.pop().unwrap_or_default(), said)
}

/// The reports of all logs.
pub(crate) fn logs(report: &Value) -> Vec<&Value> {
    let partitions = report["partitions"].as_array().unwrap().iter();
    partitions.flat_map(|partition| partition["logs"].as_array().unwrap()).collect()
}

/// Kinds and offsets of the differences.
pub(crate) fn differences(report: &Value) -> Vec<(String, Vec<(i64, i64)>)> {
    let all = logs(report).into_iter().flat_map(|log| log["differences"].as_array().unwrap().clone());
    let range = |range: &Value| (range["first"].as_i64().unwrap(), range["last"].as_i64().unwrap());
    let offsets = |difference: &Value| difference["offsets"].as_array().unwrap().iter().map(range).collect();
    all.map(|difference| (difference["kind"].as_str().unwrap().to_owned(), offsets(&difference))).collect()
}
