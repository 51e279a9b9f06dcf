//! Texts with personal data, and without.

use serde::Deserialize;
use voc_nlp::Redactor;

use crate::score::Score;
use crate::{HALVES, read};

#[derive(Deserialize)]
struct Set {
    case: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    kind: String,
    text: String,
    expect: String,
    /// Other results that are as right.
    #[serde(default, rename = "or")]
    others: Vec<String>,
    reason: String,
    #[serde(default)]
    options: Options,
}

/// What a tenant chooses.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Options {
    only: Option<Vec<String>>,
    #[serde(default)]
    keep_order_numbers: bool,
}

fn redactor(options: &Options) -> Option<Redactor> {
    (options.only.is_none() && !options.keep_order_numbers).then(Redactor::default)
}

#[test]
fn personal_data() {
    let scores = HALVES.map(|half| {
        let mut score = Score::default();
        for Case { kind, text, expect, others, reason, options } in read::<Set>("redaction", half).case {
            let found = redactor(&options).map(|redactor| redactor.redact(&text).into_owned());
            let is_right = found.as_ref().is_some_and(|found| *found == expect || others.contains(found));
            score.count(&kind, is_right);
            if half == "tuning" && !is_right {
                println!(
                    "{kind} ({reason}):\n    {text:?}\n    expected {expect:?}\n    found    {:?}",
                    found.unwrap_or_default()
                );
            }
        }
        score.print(&format!("redaction, {half}"));
        score
    });
    scores.iter().for_each(|score| score.check(0.35, 0.0));
}
