//! `voc-query keys`: creates, lists, revokes and rotates API keys.

use std::{
    io::{self, Write},
    path::Path,
    time::{Duration, SystemTime},
};

use anyhow::Context as _;
use voc_api::access::{ApiKey, IssuedKey, KeyFile, LastUse};
use voc_events::Timestamp;
use voc_service::{FAILURE, SUCCESS};

use crate::config::{KeysCommand, KeysTask, Which};

/// Does the work and returns the exit status. Keys and lists go to stdout, everything else to stderr.
pub(crate) fn run(task: KeysTask) -> u8 {
    match work(task) {
        Ok(()) => SUCCESS,
        Err(error) => {
            // If stderr is closed, the exit status is the only report left.
            let _ = writeln!(io::stderr(), "{error:#}");
            FAILURE
        }
    }
}

fn work(KeysTask { file, command }: KeysTask) -> anyhow::Result<()> {
    let now = Timestamp::from(SystemTime::now());
    match command {
        KeysCommand::Create(new) => {
            let issued = KeyFile::edit(&file, |keys| keys.create(new, now))?;
            hand_over(&issued, &file, None)
        }
        KeysCommand::Rotate { name, overlap } => {
            let issued = KeyFile::edit(&file, |keys| keys.rotate(&name, overlap, now))?;
            hand_over(&issued, &file, Some(overlap))
        }
        KeysCommand::Revoke(Which::Prefix(prefix)) => {
            let revoked = KeyFile::edit(&file, |keys| keys.revoke(&prefix))?;
            report_revoked(&[revoked])
        }
        KeysCommand::Revoke(Which::Name(name)) => report_revoked(&KeyFile::edit(&file, |keys| keys.revoke_all(&name))?),
        KeysCommand::List => {
            let keys = KeyFile::read(&file)?;
            list(&mut io::stdout().lock(), keys.keys(), &LastUse::read(&file), now).context("cannot write the list")
        }
    }
}

/// Prints the key, and what to do with it.
fn hand_over(issued: &IssuedKey, file: &Path, overlap: Option<Duration>) -> anyhow::Result<()> {
    let key = &issued.key;
    let valid = key.ends().map_or_else(|| "for ever".to_owned(), |expires| format!("until {expires}"));
    let scopes = scopes(key);
    let mut explanation = format!(
        "The key {} ({}) for {}, scopes {scopes}, is valid {valid}. This is the only time it is shown, and {} does not \
         hold it. Pass it on and use it as\n\n  curl -H \"Authorization: Bearer $KEY\" http://…/api/v1/summary\n",
        key.prefix,
        key.name,
        tenants(key),
        file.display(),
    );
    if let (Some(replaced), Some(overlap)) = (&key.replaces, overlap) {
        explanation
            .push_str(&format!("\nThe key {replaced}, which it replaces, expires within {}.\n", rounded(overlap)));
    }
    writeln!(io::stderr(), "{explanation}").context("cannot explain the key")?;
    writeln!(io::stdout(), "{}", issued.expose()).context("cannot print the key; revoke it and create another")
}

/// A time in the largest unit of which it has at least one, rounded up.
fn rounded(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3600)),
    }
}

fn report_revoked(revoked: &[ApiKey]) -> anyhow::Result<()> {
    for key in revoked {
        let line = format!("revoked {} ({}); running services refuse it within seconds", key.prefix, key.name);
        writeln!(io::stderr(), "{line}").context("cannot report")?;
    }
    Ok(())
}

/// A table with a line for each key.
fn list(output: &mut impl Write, keys: &[ApiKey], used: &LastUse, now: Timestamp) -> io::Result<()> {
    const HEADINGS: [&str; 8] = ["PREFIX", "NAME", "SCOPES", "TENANTS", "CREATED", "EXPIRES", "LAST USED", "STATE"];
    let time = |time: Option<Timestamp>| time.map_or_else(|| "-".to_owned(), |time| time.to_string());
    let row = |key: &ApiKey| {
        [
            key.prefix.clone(),
            key.name.clone(),
            scopes(key),
            key.tenants.to_string(),
            key.created.to_string(),
            time(key.ends()),
            time(used.of(&key.prefix)),
            (if key.is_live(now) { "live" } else { "expired" }).to_owned(),
        ]
    };
    let rows: Vec<[String; 8]> = std::iter::once(HEADINGS.map(str::to_owned)).chain(keys.iter().map(row)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; 8] = std::array::from_fn(width);
    for row in &rows {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        writeln!(output, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

fn scopes(key: &ApiKey) -> String {
    key.scopes.iter().map(|scope| scope.name()).collect::<Vec<_>>().join(",")
}

fn tenants(key: &ApiKey) -> String {
    match key.tenants {
        voc_api::access::Tenants::All => "all tenants".to_owned(),
        _ => format!("the tenants {}", key.tenants),
    }
}
