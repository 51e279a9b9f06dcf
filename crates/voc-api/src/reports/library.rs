//! All templates: the built-in ones, and those of a folder.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use voc_events::{Timestamp, families};
use voc_store::{Period, Statement, StatementQueries, StoreError, TenantScope, Value};

use super::{
    error::{ReportError, ReportsError},
    template::Template,
};
use crate::store_reason::reason;

macro_rules! builtin {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("builtin/", $name)))),*]
    };
}

/// The built-in templates, by the names of their files.
const BUILTIN: [(&str, &str); 8] = builtin![
    "activity_overview.sql",
    "agent_scorecard.sql",
    "executive_overview.sql",
    "overview_stats.sql",
    "quality_overview.sql",
    "search_analytics.sql",
    "top_content.sql",
    "topic_movers.sql",
];

/// The largest file of a template in bytes.
const MAX_BYTES: u64 = 64 * 1024;

/// The templates of reports.
#[derive(Debug, Clone)]
pub struct Reports {
    templates: BTreeMap<String, Template>,
    /// Where each one comes from, for errors.
    paths: BTreeMap<String, PathBuf>,
}

impl Reports {
    /// Reads the built-in templates and those of a folder: its files that end in `.sql`. One that is named like a
    /// built-in one replaces it.
    ///
    /// # Errors
    /// [`ReportsError::Templates`] with everything that is wrong.
    pub fn load(folder: Option<&Path>) -> Result<Self, ReportsError> {
        let tables = families::tables();
        let mut reports = Self { templates: BTreeMap::new(), paths: BTreeMap::new() };
        let mut errors = Vec::new();
        let builtin = BUILTIN.into_iter().map(|(name, text)| (Path::new("built-in").join(name), Ok(text.to_owned())));
        let own = match folder.map(files) {
            None => Vec::new(),
            Some(Ok(files)) => files,
            Some(Err(error)) => {
                let folder = folder.unwrap_or(Path::new(""));
                errors.push(ReportError::new(folder, None, format!("the folder of templates cannot be read: {error}")));
                Vec::new()
            }
        };
        for (path, text) in builtin.chain(own) {
            let template = text
                .map_err(|error: io::Error| ReportError::new(&path, None, format!("cannot be read: {error}")))
                .and_then(|text| Template::read(&path, &text, &tables));
            match template {
                Ok(template) => {
                    reports.paths.insert(template.name.clone(), path);
                    reports.templates.insert(template.name.clone(), template);
                }
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() { Ok(reports) } else { Err(ReportsError::Templates(errors)) }
    }

    /// Checks that the store understands every template: that its tables have the columns, and their values the types.
    ///
    /// # Errors
    /// [`ReportsError::Templates`] if it refuses some; [`ReportsError::Store`] if it does not answer.
    pub async fn check(&self, store: &dyn StatementQueries) -> Result<(), ReportsError> {
        let mut errors = Vec::new();
        for template in self.templates() {
            let wrong = |message: String| {
                let path = self.paths.get(&template.name).map_or(Path::new(""), PathBuf::as_path);
                ReportError::new(path, None, message)
            };
            let day = Period { since: Timestamp::from_millis(0), until: Timestamp::from_millis(86_400_000) };
            let mut values = template.sample();
            values.extend(of_range(day, "UTC"));
            let statement = match Statement::new(&template.sql, &TenantScope::All, Some(day), &values) {
                Ok(statement) => statement,
                Err(mistake) => {
                    errors.push(wrong(mistake.to_string()));
                    continue;
                }
            };
            match store.describe(&statement).await {
                Ok(_) => {}
                Err(StoreError::Rejected { message, .. }) => {
                    errors.push(wrong(format!("the store refuses it: {}", reason(&message))));
                }
                Err(error) => return Err(error.into()),
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(ReportsError::Templates(errors)) }
    }

    /// The number of templates.
    #[must_use]
    pub fn len(&self) -> usize {
        self.templates.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.templates.is_empty()
    }

    /// The templates by name.
    pub(super) fn templates(&self) -> impl Iterator<Item = &Template> {
        self.templates.values()
    }
}

/// The values that every template can use.
pub(super) fn of_range(period: Period, zone: &str) -> [(String, Value); 3] {
    [
        ("from".to_owned(), Value::Time(period.since)),
        ("to".to_owned(), Value::Time(period.until)),
        ("timezone".to_owned(), Value::Text(zone.to_owned())),
    ]
}

/// The templates' files of a folder, in order.
fn files(folder: &Path) -> io::Result<Vec<(PathBuf, io::Result<String>)>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "sql") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths.into_iter().map(|path| (path.clone(), text(&path))).collect())
}

fn text(path: &Path) -> io::Result<String> {
    if fs::metadata(path)?.len() > MAX_BYTES {
        return Err(io::Error::other(format!("it has more than {MAX_BYTES} bytes")));
    }
    fs::read_to_string(path)
}
