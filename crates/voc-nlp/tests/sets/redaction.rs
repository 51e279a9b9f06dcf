//! Texts with personal data, and without.

use serde::Deserialize;
use voc_nlp::{PersonalData, Redactor};

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

fn redactor(options: &Options) -> Redactor {
    let redactor = match &options.only {
        Some(kinds) => Redactor::default().only(kinds.iter().map(|kind| kind_of(kind))),
        None => Redactor::default(),
    };
    if options.keep_order_numbers { redactor.order_numbers(false) } else { redactor }
}

/// The kind with a tag: `bank_account` is that of `[BANK_ACCOUNT]`.
fn kind_of(name: &str) -> PersonalData {
    let tag = format!("[{}]", name.to_uppercase());
    let kind = PersonalData::ALL.into_iter().find(|kind| kind.tag() == tag);
    kind.unwrap_or_else(|| panic!("{name:?} is no kind of personal data"))
}

#[test]
fn personal_data() {
    let scores = HALVES.map(|half| {
        let mut score = Score::default();
        for Case { kind, text, expect, others, reason, options } in read::<Set>("redaction", half).case {
            let found = redactor(&options).redact(&text).into_owned();
            let is_right = found == expect || others.contains(&found);
            score.count(&kind, is_right);
            if half == "tuning" && !is_right {
                println!("{kind} ({reason}):\n    {text:?}\n    expected {expect:?}\n    found    {found:?}");
            }
        }
        score.print(&format!("redaction, {half}"));
        score
    });
    scores.iter().for_each(|score| score.check(0.95, 0.80));
}
