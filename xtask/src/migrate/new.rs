//! The file of a new migration.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::{job, product};

const FOLDER: &str = "crates/voc-store/migrations";
const LIST: &str = "crates/voc-store/src/migrations/file.rs";
/// How the list begins, and ends.
const BEGINNING: &str = "const MIGRATIONS: &[Migration] = &[\n";
const END: &str = "\n];\n";
/// Maximum number of characters in a name.
const NAME_WIDTH: usize = 40;

/// What a new file says. No line of a comment ends with a semicolon, because that ends a statement.
const TEMPLATE: &str = "\
-- What this changes, and why.
--
-- Every statement can be run again, even while another process runs it: it says IF NOT EXISTS or IF EXISTS, or has a
-- condition. Each ends with a semicolon at the end of a line. A condition is a SELECT of one text in the comment
-- before the statement, which is skipped if the answer is 0:
--
--   -- only if: SELECT toString(count()) FROM system.tables WHERE database = currentDatabase() AND name = 'old'
--   DROP TABLE old
--
-- It is written for the tables of one server. On a cluster, lines that begin with CREATE TABLE IF NOT EXISTS, RENAME
-- TABLE or DROP TABLE get its name, and ReplacingMergeTree is replicated.
--
-- PARTITION BY {{partition_by(ts, tenant_id)}} stands for the partitioning that the operator chose, by the columns of
-- time and tenant; without tenants it is {{partition_by(ts)}}.
--
-- Programs of the last version still run while this is applied, and write to the tables until they are replaced. If
-- they can go on afterwards as well, because new columns have defaults and nothing that they use is renamed, dropped or
-- narrowed, a line says which migration they must know. Without it they refuse the tables, and there is no way back:
--
--   -- works with: {newest}
--
-- A new column of rows:
--
--   ALTER TABLE voc_events ADD COLUMN IF NOT EXISTS units LowCardinality(String) AFTER value
--
-- Once it is released, this file never changes. Replace these comments.
";

/// Creates `crates/voc-store/migrations/NNNN_NAME.sql` and adds it to the list; returns the file's path in the
/// workspace.
pub(super) fn create(root: &Path, name: &str) -> Result<String> {
    check_name(name)?;
    let mut newest = 0;
    for entry in fs::read_dir(root.join(FOLDER)).with_context(|| format!("cannot read {FOLDER}"))? {
        let file = entry?.file_name().to_string_lossy().into_owned();
        let Some((number, own)) = file.strip_suffix(".sql").and_then(|stem| stem.split_once('_')) else { continue };
        ensure!(own != name, "there is a migration of this name: {FOLDER}/{file}");
        let number: u32 = number.parse().with_context(|| format!("{FOLDER}/{file} has no number"))?;
        newest = newest.max(number);
    }
    let (version, list) = (newest + 1, root.join(LIST));
    let text = fs::read_to_string(&list).with_context(|| format!("cannot read {LIST}"))?;
    let listed = with_entry(&text, version, name).with_context(|| format!("{LIST} has no list of migrations"))?;
    let file = format!("{FOLDER}/{version:04}_{name}.sql");
    fs::write(root.join(&file), TEMPLATE.replace("{newest}", &newest.to_string()))
        .with_context(|| format!("cannot write {file}"))?;
    fs::write(&list, listed).with_context(|| format!("cannot write {LIST}"))?;
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.arg("--config-path").arg(product::root()).arg(&list);
    job::output(&mut rustfmt, "rustfmt").with_context(|| format!("cannot format {LIST}"))?;
    Ok(file)
}

fn check_name(name: &str) -> Result<()> {
    let is_allowed = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '_';
    let begins_well = name.starts_with(|first: char| first.is_ascii_lowercase());
    ensure!(
        begins_well && name.len() <= NAME_WIDTH && name.chars().all(is_allowed) && !name.ends_with('_'),
        "expected a name such as quality_units: at most {NAME_WIDTH} lower-case letters, digits and underscores, the first \
         a letter; found {name:?}"
    );
    Ok(())
}

/// The text of the list with another migration at its end, not formatted.
fn with_entry(text: &str, version: u32, name: &str) -> Option<String> {
    let beginning = text.find(BEGINNING)? + BEGINNING.len();
    let end = beginning + text[beginning..].find(END)? + 1;
    let sql = format!("include_str!(\"../../migrations/{version:04}_{name}.sql\")");
    let entry = format!("    Migration {{ version: {version}, name: \"{name}\", sql: {sql} }},\n");
    Some(format!("{}{entry}{}", &text[..end], &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The folders that matter, with the list and the names of the files that are there.
    fn workspace() -> tempfile::TempDir {
        let (dir, real) = (tempfile::tempdir().unwrap(), product::root());
        for folder in [FOLDER, "crates/voc-store/src/migrations"] {
            fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        fs::copy(real.join(LIST), dir.path().join(LIST)).unwrap();
        for entry in fs::read_dir(real.join(FOLDER)).unwrap() {
            fs::write(dir.path().join(FOLDER).join(entry.unwrap().file_name()), "").unwrap();
        }
        dir
    }

    #[test]
    fn a_new_migration_has_the_next_number_and_is_listed_last() {
        let dir = workspace();
        let newest = fs::read_dir(dir.path().join(FOLDER)).unwrap().count();
        let long = "columns_of_quality_with_their_units";
        let files = ["quality_units", long].map(|name| create(dir.path(), name).unwrap());
        let expected = [(newest + 1, "quality_units"), (newest + 2, long)];
        let expected = expected.map(|(number, name)| format!("crates/voc-store/migrations/{number:04}_{name}.sql"));
        assert_eq!(files, expected);
        let list = dir.path().join(LIST);
        let text = fs::read_to_string(&list).unwrap();
        let end = text[text.find(BEGINNING).unwrap()..].split(END).next().unwrap();
        assert!(
            end.contains("name: \"quality_units\"") && end.ends_with(&format!("_{long}.sql\"),\n    }},")),
            "{end}"
        );
        let template = fs::read_to_string(dir.path().join(&files[0])).unwrap();
        assert!(
            template.contains(&format!("--   -- works with: {newest}\n")) && template.contains("{{partition_by(ts)}}")
        );
        // The file is formatted as it was before.
        let mut rustfmt = Command::new("rustfmt");
        let formatted = rustfmt.args(["--check", "--config-path"]).arg(product::root()).arg(&list).output().unwrap();
        assert!(formatted.status.success(), "{}", String::from_utf8_lossy(&formatted.stdout));
    }

    #[test]
    fn names_that_exist_or_are_no_names_are_refused() {
        let dir = workspace();
        let list = fs::read(dir.path().join(LIST)).unwrap();
        let existing = create(dir.path(), "voc_events").unwrap_err().to_string();
        assert!(
            existing.contains("there is a migration of this name") && existing.contains("0001_voc_events.sql"),
            "{existing}"
        );
        for name in ["", "Units", "7_units", "_units", "units_", "units-of", "../units", "größe", &"a".repeat(41)] {
            let refusal = create(dir.path(), name).unwrap_err().to_string();
            assert!(refusal.contains("expected a name such as"), "{refusal}");
        }
        assert_eq!(fs::read(dir.path().join(LIST)).unwrap(), list);
    }

    #[test]
    fn the_template_contains_no_statement_and_promises_nothing() {
        assert!(!TEMPLATE.lines().any(|line| line.starts_with("-- works with")));
        assert!(TEMPLATE.lines().all(|line| line.starts_with("--") && !line.ends_with(';')), "{TEMPLATE}");
    }
}
