//! Copies of alerts that would last for an hour, with shorter times.
//!
//! An alert on what happened within an hour fires at once, but ends an hour later. That it ends is seen at a copy of
//! the same rule whose times are all [`FASTER`] times shorter. That it fires is seen at both.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::rule::Rule;

/// Times are divided by this.
pub(super) const FASTER: u64 = 10;

/// The label of a copy.
pub(super) const LABEL: &str = "times_faster";

/// A file of rules with the copies of these alerts.
pub(super) fn file<'r>(rules: impl IntoIterator<Item = &'r Rule>) -> Result<Value> {
    let copies = rules.into_iter().map(copy).collect::<Result<Vec<_>>>()?;
    Ok(json!({"groups": [{"name": "faster", "rules": copies}]}))
}

fn copy(rule: &Rule) -> Result<Value> {
    let mut labels = rule.labels.clone();
    labels.insert(LABEL.to_owned(), FASTER.to_string());
    let expression =
        faster(&rule.expression).with_context(|| format!("the times of {} are not understood", rule.name))?;
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let duration = format!("{}s", (rule.duration / FASTER as f64).ceil());
    Ok(json!({
        "alert": rule.name, "expr": expression, "for": duration, "labels": labels, "annotations": rule.annotations,
    }))
}

/// The expression with shorter windows and offsets.
fn faster(expression: &str) -> Result<String> {
    let mut faster = String::new();
    let mut rest = expression;
    let mut changes = 0;
    while let Some((begin, mark)) = ["[", "offset "].into_iter().filter_map(|mark| Some((rest.find(mark)?, mark))).min()
    {
        let (before, time) = rest.split_at(begin + mark.len());
        let end = time.find(|character: char| !character.is_ascii_alphanumeric()).unwrap_or(time.len());
        let (time, after) = time.split_at(end);
        faster.push_str(before);
        faster.push_str(&format!("{}s", seconds(time)? / FASTER));
        rest = after;
        changes += 1;
    }
    ensure!(changes > 0, "there are none");
    faster.push_str(rest);
    Ok(faster)
}

/// The seconds of a time such as `1h30m`.
fn seconds(time: &str) -> Result<u64> {
    let mut total = 0;
    let mut rest = time;
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !character.is_ascii_digit()).context("a time has no unit")?;
        let (number, unit) = rest.split_at(digits);
        let factor = match unit.get(..1) {
            Some("s") => 1,
            Some("m") => 60,
            Some("h") => 3600,
            Some("d") => 86_400,
            _ => anyhow::bail!("{time} is no time"),
        };
        total += number.parse::<u64>().with_context(|| format!("{time} is no time"))? * factor;
        rest = unit.get(1..).unwrap_or_default();
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_times_of_an_expression_become_shorter() {
        let expression = r#"increase(a{r!="offset"}[1h] offset 1m) > 0 or (a unless max_over_time(a[1d] offset 1h))"#;
        let faster = faster(expression).unwrap();
        assert_eq!(
            faster,
            r#"increase(a{r!="offset"}[360s] offset 6s) > 0 or (a unless max_over_time(a[8640s] offset 360s))"#
        );
    }

    #[test]
    fn an_expression_without_times_has_no_faster_copy() {
        assert!(faster("up == 0").is_err());
        assert!(faster("rate(a[1x])").is_err());
    }

    #[test]
    fn a_copy_keeps_all_but_the_times() {
        let rule: Rule = serde_json::from_value(json!({
            "name": "A", "query": "rate(a[10m]) > 0", "duration": 60,
            "labels": {"severity": "page"}, "annotations": {"summary": "{{ $labels.family }}"},
        }))
        .unwrap();
        assert_eq!(
            file([&rule]).unwrap()["groups"][0]["rules"][0],
            json!({
                "alert": "A", "expr": "rate(a[60s]) > 0", "for": "6s", "labels": {"severity": "page", LABEL: "10"},
                "annotations": {"summary": "{{ $labels.family }}"},
            })
        );
    }
}
