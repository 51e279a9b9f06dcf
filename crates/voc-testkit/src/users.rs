//! Users of the embedded engine, which can read users from a file, but not create any.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests fail this way")]

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

/// Writes a configuration of the engine in which `default`, the user of all connections, has what statements of an
/// administrator give to another user: settings with constraints, grants and row policies. Statements about other
/// users are left out. Returns the file for [`Engine::open_configured`](voc_store::embedded::Engine::open_configured).
///
/// # Panics
/// If a statement is not understood, or the file cannot be written.
#[must_use]
pub fn configuration_of(statements: &[String], user: &str, folder: &Path) -> PathBuf {
    let to_user = format!(" TO {user}");
    let (mut profile, mut constraints, mut grants, mut policies) =
        (String::new(), String::new(), String::new(), String::new());
    let mut profile_of_user = None;
    for statement in statements {
        if let Some(rest) = statement.strip_prefix(&format!("CREATE USER IF NOT EXISTS {user} ")) {
            profile_of_user = rest.split_once(" SETTINGS PROFILE ").map(|(_, name)| name.to_owned());
        } else if let Some(grant) = statement.strip_suffix(&to_user).filter(|grant| grant.starts_with("GRANT ")) {
            write!(grants, "<query>{}</query>", escaped(grant)).expect("a text");
        } else if let Some(policy) = statement.strip_prefix("CREATE ROW POLICY OR REPLACE ") {
            let Some(policy) = policy.strip_suffix(&to_user) else { continue };
            let (_, of_table) = policy.split_once(" ON ").expect("a table");
            let (table, condition) = of_table.split_once(" FOR SELECT USING ").expect("a condition");
            let (database, table) = table.split_once('.').expect("a database");
            let filter = escaped(condition);
            write!(policies, "<{database}><{table}><filter>{filter}</filter></{table}></{database}>").expect("a text");
        } else if !statement.starts_with("CREATE DATABASE ")
            && !statement.starts_with("CREATE USER ")
            && !statement.starts_with("CREATE SETTINGS PROFILE ")
            && !statement.starts_with("GRANT ")
        {
            panic!("not understood: {statement}");
        }
    }
    if let Some(name) = profile_of_user {
        let start = format!("CREATE SETTINGS PROFILE OR REPLACE {name} SETTINGS ");
        let settings = statements.iter().find_map(|statement| statement.strip_prefix(&start)).expect("its profile");
        for setting in settings.split(", ") {
            let (name, rest) = setting.split_once(" = ").expect("a value");
            let (value, constraint) = rest.split_once(' ').unwrap_or((rest, ""));
            write!(profile, "<{name}>{}</{name}>", value.trim_matches('\'')).expect("a text");
            let constraint = match constraint.split(' ').collect::<Vec<_>>().as_slice() {
                [""] => continue,
                ["CONST"] => "<const/>".to_owned(),
                ["MIN", min, "MAX", max] => format!("<min>{min}</min><max>{max}</max>"),
                _ => panic!("not understood: {setting}"),
            };
            write!(constraints, "<{name}>{constraint}</{name}>").expect("a text");
        }
    }
    let users = format!(
        "<clickhouse><profiles><default>{profile}<constraints>{constraints}</constraints></default></profiles>\
         <quotas><default/></quotas><users><default><password/><networks><ip>::/0</ip></networks>\
         <profile>default</profile><quota>default</quota><grants>{grants}</grants><databases>{policies}</databases>\
         </default></users></clickhouse>"
    );
    let (file, users_file) = (folder.join("config.xml"), folder.join("users.xml"));
    std::fs::write(&users_file, users).expect("a file");
    let config = format!("<clickhouse><users_config>{}</users_config></clickhouse>", users_file.display());
    std::fs::write(&file, config).expect("a file");
    file
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
