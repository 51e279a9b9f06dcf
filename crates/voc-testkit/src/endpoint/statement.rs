//! What the endpoint must know about a statement before the engine runs it.

/// A statement by the way the engine runs it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Statement<'s> {
    /// Its data follows in blocks.
    Insert(Insert<'s>),
    /// Its result is returned in chunks.
    Select,
    /// Any other statement runs to its end at once.
    Other,
}

/// `INSERT INTO table (columns) SETTINGS … FORMAT Native`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Insert<'s> {
    /// The statement without its format.
    pub(super) body: &'s str,
    /// The table as written.
    pub(super) table: &'s str,
    /// The columns as written, `*` if there are none.
    pub(super) columns: &'s str,
}

impl<'s> Statement<'s> {
    pub(super) fn of(text: &'s str) -> Self {
        let text = text.trim().trim_end_matches(';').trim_end();
        if let Some(insert) = Insert::of(text) {
            return Self::Insert(insert);
        }
        let is_select = text.starts_with('(') || ["SELECT", "WITH"].iter().any(|word| after(text, word).is_some());
        if is_select { Self::Select } else { Self::Other }
    }
}

impl<'s> Insert<'s> {
    /// `None` unless the statement's data follows: an `INSERT … SELECT`, or one with its data in the statement, is
    /// complete.
    fn of(text: &'s str) -> Option<Self> {
        let target = after(text, "INSERT")?;
        let target = after(target, "INTO").unwrap_or(target);
        let target = after(target, "TABLE").unwrap_or(target);
        let end = target.find(|character: char| character.is_whitespace() || character == '(').unwrap_or(target.len());
        let (table, rest) = target.split_at(end);
        let (columns, rest) = match rest.trim_start().strip_prefix('(') {
            Some(list) => list.split_once(')')?,
            None => ("*", rest),
        };
        if ["SELECT", "WITH", "("].iter().any(|word| after(rest.trim_start(), word).is_some()) {
            return None;
        }
        let body = before(text, &["FORMAT", "NATIVE"]).or_else(|| before(text, &["VALUES"]))?;
        Some(Self { body, table, columns: columns.trim() })
    }
}

/// The rest after a keyword at the text's start.
fn after<'s>(text: &'s str, keyword: &str) -> Option<&'s str> {
    let (start, rest) = text.split_at_checked(keyword.len())?;
    let ends = !rest.starts_with(|character: char| character.is_alphanumeric() || character == '_');
    (start.eq_ignore_ascii_case(keyword) && ends).then(|| rest.trim_start())
}

/// The rest before keywords at the text's end.
fn before<'s>(text: &'s str, keywords: &[&str]) -> Option<&'s str> {
    keywords.iter().rev().try_fold(text, |text, keyword| {
        let (rest, end) = text.split_at_checked(text.len().checked_sub(keyword.len())?)?;
        let starts = rest.ends_with(|character: char| character.is_whitespace() || character == ')');
        (end.eq_ignore_ascii_case(keyword) && starts).then(|| rest.trim_end())
    })
}

/// A text as a literal.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn insert(text: &str) -> Option<(&str, &str, &str)> {
        match Statement::of(text) {
            Statement::Insert(Insert { body, table, columns }) => Some((body, table, columns)),
            Statement::Select | Statement::Other => None,
        }
    }

    #[test]
    fn inserts_of_blocks_are_parsed() {
        assert_eq!(
            insert("INSERT INTO db.t (a, b) SETTINGS x = 'FORMAT' FORMAT Native"),
            Some(("INSERT INTO db.t (a, b) SETTINGS x = 'FORMAT'", "db.t", "a, b"))
        );
        assert_eq!(insert(" insert into t format native; "), Some(("insert into t", "t", "*")));
        assert_eq!(insert("INSERT INTO t(a) VALUES"), Some(("INSERT INTO t(a)", "t", "a")));
    }

    #[test]
    fn complete_inserts_are_plain_statements() {
        for text in ["INSERT INTO t SELECT 1", "INSERT INTO t (a) SELECT 1", "INSERT INTO t VALUES (1)"] {
            assert_eq!(Statement::of(text), Statement::Other, "{text}");
        }
    }

    #[test]
    fn selects_are_recognised() {
        for text in ["SELECT 1", "select\n1", "WITH 1 AS x SELECT x", "(SELECT 1)"] {
            assert_eq!(Statement::of(text), Statement::Select, "{text}");
        }
        for text in ["SET a = 1", "SELECTED", "CREATE TABLE t AS SELECT 1", ""] {
            assert_eq!(Statement::of(text), Statement::Other, "{text}");
        }
    }
}
