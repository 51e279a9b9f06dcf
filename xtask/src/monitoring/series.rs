//! Whether the series that the rules look at exist while all is well.
//!
//! An alert on the increase of a series that begins with its first event does not see that event. So counters are on
//! the page of metrics with 0 from the start, and what a rule names must be there before anything is hurt.

use std::collections::BTreeSet;

use anyhow::Result;

use super::prometheus::Prometheus;

/// Beginnings of selectors that have no series here, and why.
const ABSENT: [(&str, &str); 3] = [
    ("voc_certificate_not_after_timestamp_seconds", "nothing here uses TLS"),
    ("voc_nlp_model_breaker_open", "there is no model"),
    ("voc_http_requests_total{route!~\"/healthz|/readyz|/metrics\",status=~\"5..\"}", "its rule takes none for 0"),
];

/// Checks all rules; returns the selectors that wrongly have no series, and how many were checked.
pub(super) fn check(prometheus: &Prometheus) -> Result<(Vec<String>, usize)> {
    let rules = prometheus.rules()?;
    let all: BTreeSet<String> = rules.iter().flat_map(|rule| selectors(&rule.expression)).flat_map(each).collect();
    let mut missing = Vec::new();
    for selector in &all {
        let may_be_absent = ABSENT.iter().any(|(beginning, _)| selector.starts_with(beginning));
        if !may_be_absent && prometheus.values(selector)?.is_empty() {
            missing.push(selector.clone());
        }
    }
    Ok((missing, all.len()))
}

/// The selectors of an expression that name metrics of ours or of Prometheus, rather than recorded ones.
fn selectors(expression: &str) -> Vec<String> {
    let is_name = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | ':');
    let mut found = Vec::new();
    let mut rest = expression;
    while let Some(begin) = rest.find(is_name) {
        rest = &rest[begin..];
        let end = rest.find(|character| !is_name(character)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        rest = after;
        let is_exported = name.starts_with("voc_") || name == "up" || name.starts_with("process_");
        if is_exported && !name.contains(':') {
            let matchers = if rest.starts_with('{') { braces(rest) } else { "" };
            found.push(format!("{name}{matchers}"));
            rest = &rest[matchers.len()..];
        }
    }
    found
}

/// The part of the text, which begins with a brace, up to the one that closes it.
fn braces(text: &str) -> &str {
    let mut is_quoted = false;
    let end = text.find(|character| {
        is_quoted ^= character == '"';
        character == '}' && !is_quoted
    });
    end.map_or(text, |end| &text[..=end])
}

/// A selector for each of the alternatives of its first matcher such as `error_type=~"commit|dead_letter"`.
fn each(selector: String) -> Vec<String> {
    let is_plain = |values: &str| values.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '_' | '|'));
    let parts = selector.split_once("=~\"").and_then(|(before, rest)| {
        let (values, after) = rest.split_once('"')?;
        (is_plain(values) && !before.is_empty()).then_some((before, values, after))
    });
    match parts {
        Some((before, values, after)) => {
            values.split('|').map(|value| format!("{before}=\"{value}\"{after}")).collect()
        }
        None => vec![selector],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_found_without_recorded_names_labels_and_functions() {
        let expression = r#"sum by (family, voc) (increase(voc_a_total{x!~"/a|}",status=~"5.."}[5m])) / 0 * job:voc_b:rate
            > 14 and on (job) up{job="voc"} == 0 unless voc_c"#;
        assert_eq!(selectors(expression), [r#"voc_a_total{x!~"/a|}",status=~"5.."}"#, r#"up{job="voc"}"#, "voc_c"]);
    }

    #[test]
    fn each_alternative_is_a_selector() {
        assert_eq!(
            each(r#"voc_a{family="voc",error_type=~"commit|dead_letter"}"#.to_owned()),
            [r#"voc_a{family="voc",error_type="commit"}"#, r#"voc_a{family="voc",error_type="dead_letter"}"#]
        );
        for other in [r#"voc_a{status=~"5.."}"#, r#"voc_a{status="5"}"#, "voc_a"] {
            assert_eq!(each(other.to_owned()), [other]);
        }
    }
}
