//! docs/moving-from-python.md, as far as a program can check it.

use std::{fs, path::Path};

use crate::stage::Outcome;

/// The environments that the page shows, by family.
fn environments() -> Vec<(String, Vec<(String, String)>)> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/moving-from-python.md");
    let page = fs::read_to_string(page).unwrap();
    let blocks = page.split("```env ").skip(1).map(|rest| rest.split_once("```").unwrap().0);
    let environment = |block: &str| {
        let (family, lines) = block.split_once('\n').unwrap();
        let pairs = lines.lines().map(|line| line.split_once('=').unwrap());
        (family.to_owned(), pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    };
    blocks.map(environment).collect()
}

fn check(variables: &[(String, String)]) -> Outcome {
    let mut command = voc_testkit::service::command(env!("CARGO_BIN_EXE_voc-processor"), &["config", "check"]);
    Outcome::of(command.envs(variables.iter().cloned()))
}

#[test]
fn the_environments_of_the_page_are_accepted() {
    let environments = environments();
    let families: Vec<&str> = environments.iter().map(|(family, _)| family.as_str()).collect();
    assert_eq!(families, ["voc", "product", "activity"]);
    for (family, variables) in &environments {
        let checked = check(variables);
        assert_eq!(checked.status, Some(0), "{family}: {checked:?}");
    }
}

#[test]
fn what_must_be_changed_is_refused_with_advice() {
    let (_, variables) = environments().swap_remove(0);
    for (name, value, advice) in [
        ("CLICKHOUSE_PORT", "8123", "the port of the native protocol, by default 9000"),
        ("KAFKA_TOPICS", "[\"voc.calls\"]", "KAFKA_TOPICS"),
    ] {
        let mut variables = variables.clone();
        variables.iter_mut().filter(|(known, _)| known == name).for_each(|(_, known)| *known = value.to_owned());
        let checked = check(&variables);
        assert!(checked.status == Some(2) && checked.log.contains(advice), "{checked:?}");
    }
}
