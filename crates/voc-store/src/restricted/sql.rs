//! Texts that have passed.

use sqlparser::ast::Query as Tree;
use voc_events::Table;

use super::{Placeholder, SqlMistake, parse::parse, writer::Writer};
use crate::{Param, Period, TenantScope};

/// A `SELECT` that reads nothing but tables of events, and uses nothing but harmless functions.
///
/// ```
/// use voc_events::families;
/// use voc_store::RestrictedSql;
///
/// let tables = families::tables();
/// let sql = RestrictedSql::parse("SELECT count() FROM voc_events WHERE topic = 'billing'", &tables, &[])?;
/// assert_eq!(sql.tables()[0].name, "voc_events");
/// let mistake = RestrictedSql::parse("SELECT *\nFROM system.users", &tables, &[]).unwrap_err();
/// assert_eq!(mistake.line(), Some(2));
/// # Ok::<(), voc_store::SqlMistake>(())
/// ```
#[derive(Debug, Clone)]
pub struct RestrictedSql {
    tree: Box<Tree>,
    known: Vec<Table>,
    read: Vec<Table>,
    placeholders: Vec<Placeholder>,
}

/// A statement that is written anew, with its parameters, but without those of placeholders.
#[derive(Debug, Clone)]
pub(crate) struct SafeSql {
    pub(crate) sql: String,
    pub(crate) params: Vec<Param>,
}

impl RestrictedSql {
    /// Checks a text that may read `tables`, and leave values open by the names of `placeholders`.
    ///
    /// # Errors
    /// [`SqlMistake`]: the first thing that is wrong or not allowed.
    pub fn parse(text: &str, tables: &[Table], placeholders: &[Placeholder]) -> Result<Self, SqlMistake> {
        let tree = parse(text)?;
        let mut writer = Writer::new(tables, placeholders, &TenantScope::All, None);
        writer.query(&tree)?;
        let read = writer.read();
        Ok(Self { tree, known: tables.to_vec(), read, placeholders: placeholders.to_vec() })
    }

    /// The tables that it reads, each once.
    #[must_use]
    pub fn tables(&self) -> &[Table] {
        &self.read
    }

    /// The values that it leaves open.
    #[must_use]
    pub fn placeholders(&self) -> &[Placeholder] {
        &self.placeholders
    }

    /// The statement about events of tenants, and of a period, if there is one.
    pub(crate) fn about(&self, tenants: &TenantScope, period: Option<Period>) -> Result<SafeSql, SqlMistake> {
        let mut writer = Writer::new(&self.known, &self.placeholders, tenants, period);
        let sql = writer.query(&self.tree)?;
        Ok(SafeSql { sql, params: writer.into_params() })
    }
}
