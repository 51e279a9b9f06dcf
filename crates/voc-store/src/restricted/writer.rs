//! Writes a query anew: its tables, joins and clauses.

use sqlparser::ast::{
    Cte, Distinct, ExceptSelectItem, Expr, GroupByExpr, Ident, Join, JoinConstraint, JoinOperator, LimitClause,
    ObjectName, ObjectNamePart, Offset, OrderBy, OrderByExpr, OrderByKind, OrderByOptions, OrderBySort, Query, Select,
    SelectFlavor, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, SetOperator, SetQuantifier, Spanned as _,
    TableAlias, TableFactor, TableWithJoins, Value, WildcardAdditionalOptions, With,
};
use voc_events::Table;

use super::{Placeholder, SqlMistake};
use crate::{Param, Period, TenantScope, rows::column_list};

/// Deepest nesting of what is written. Chains of operators do not count, because they are written in a loop.
const MAX_DEPTH: usize = 60;
/// Longest identifier.
const MAX_IDENTIFIER_BYTES: usize = 128;

type Written = Result<String, SqlMistake>;

/// Writes a syntax tree anew. What it does not know is a mistake.
pub(super) struct Writer<'a> {
    tables: &'a [Table],
    pub(super) placeholders: &'a [Placeholder],
    tenants: &'a TenantScope,
    period: Option<Period>,
    params: Vec<Param>,
    /// The names of queries (`WITH`) that can be seen from here.
    named: Vec<String>,
    read: Vec<Table>,
    depth: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn new(
        tables: &'a [Table],
        placeholders: &'a [Placeholder],
        tenants: &'a TenantScope,
        period: Option<Period>,
    ) -> Self {
        Self {
            tables,
            placeholders,
            tenants,
            period,
            params: Vec::new(),
            named: Vec::new(),
            read: Vec::new(),
            depth: 0,
        }
    }

    /// The tables that were read, each once.
    pub(super) fn read(&self) -> Vec<Table> {
        self.read.clone()
    }

    pub(super) fn into_params(self) -> Vec<Param> {
        self.params
    }

    /// Binds a value.
    pub(super) fn bind(&mut self, kind: &str, value: impl std::fmt::Display) -> String {
        let name = format!("p{}", self.params.len());
        let placeholder = format!("{{{name}:{kind}}}");
        self.params.push(Param::new(name, value));
        placeholder
    }

    /// Goes one level deeper.
    pub(super) fn deeper(&mut self, write: impl FnOnce(&mut Self) -> Written) -> Written {
        if self.depth >= MAX_DEPTH {
            return Err(SqlMistake::new(format!("the statement is nested more than {MAX_DEPTH} levels deep")));
        }
        self.depth += 1;
        let written = write(self);
        self.depth -= 1;
        written
    }

    pub(super) fn query(&mut self, query: &Query) -> Written {
        self.deeper(|writer| {
            let visible = writer.named.len();
            let written = writer.query_body(query);
            writer.named.truncate(visible);
            written
        })
    }

    fn query_body(&mut self, query: &Query) -> Written {
        let Query {
            with,
            body,
            order_by,
            limit_clause,
            fetch,
            locks,
            for_clause,
            settings,
            format_clause,
            pipe_operators,
        } = query;
        refuse_if(settings.is_some(), "SETTINGS cannot be used")?;
        refuse_if(format_clause.is_some(), "FORMAT cannot be used; the request says which format the answer has")?;
        refuse_if(fetch.is_some(), "FETCH cannot be used; write LIMIT")?;
        refuse_if(!locks.is_empty() || for_clause.is_some(), "FOR cannot be used")?;
        refuse_if(!pipe_operators.is_empty(), "|> cannot be used")?;
        let mut written = String::new();
        if let Some(with) = with {
            written.push_str(&self.with(with)?);
        }
        written.push_str(&self.set(body)?);
        if let Some(OrderBy { kind, interpolate }) = order_by {
            refuse_if(interpolate.is_some(), "INTERPOLATE cannot be used")?;
            let OrderByKind::Expressions(orders) = kind else {
                return Err(SqlMistake::new("ORDER BY ALL cannot be used; name the columns"));
            };
            written.push_str(" ORDER BY ");
            written.push_str(&self.orders(orders)?);
        }
        if let Some(limit) = limit_clause {
            written.push_str(&self.limit(limit)?);
        }
        Ok(written)
    }

    /// Named queries get a name that no table has, so that the engine cannot take one for the other.
    fn with(&mut self, with: &With) -> Written {
        let With { with_token: _, recursive, cte_tables } = with;
        refuse_if(*recursive, "RECURSIVE cannot be used")?;
        let mut written = Vec::new();
        for Cte { alias, query, from, materialized, closing_paren_token: _ } in cte_tables {
            refuse_if(
                from.is_some() || materialized.is_some(),
                "WITH takes a name and a query: WITH name AS (SELECT …)",
            )?;
            let name = alias_name(alias)?;
            if self.tables.iter().any(|table| table.name.eq_ignore_ascii_case(&name.value)) {
                return Err(SqlMistake::at(
                    name.span,
                    format!("'{}' is the name of a table; choose another one", name.value),
                ));
            }
            let query = self.query(query)?;
            written.push(format!("{} AS ({query})", named(name)?));
            self.named.push(name.value.clone());
        }
        Ok(format!("WITH {} ", written.join(", ")))
    }

    fn set(&mut self, set: &SetExpr) -> Written {
        self.deeper(|writer| match set {
            SetExpr::Select(select) => writer.select(select),
            SetExpr::Query(query) => Ok(format!("({})", writer.query(query)?)),
            SetExpr::SetOperation { op: SetOperator::Union, set_quantifier, left, right } => {
                let operator = match set_quantifier {
                    SetQuantifier::All => "UNION ALL",
                    SetQuantifier::Distinct | SetQuantifier::None => "UNION DISTINCT",
                    _ => return Err(SqlMistake::new("UNION takes ALL or DISTINCT")),
                };
                Ok(format!("{} {operator} {}", writer.set(left)?, writer.set(right)?))
            }
            _ => Err(SqlMistake::new("only SELECT, and UNION of SELECTs, can be used")),
        })
    }

    fn select(&mut self, select: &Select) -> Written {
        let Select {
            select_token: _,
            optimizer_hints,
            distinct,
            select_modifiers,
            top,
            top_before_distinct: _,
            projection,
            exclude,
            into,
            from,
            lateral_views,
            prewhere,
            selection,
            connect_by,
            group_by,
            cluster_by,
            distribute_by,
            sort_by,
            having,
            named_window,
            qualify,
            window_before_qualify: _,
            value_table_mode,
            flavor,
        } = select;
        refuse_if(into.is_some(), "INTO cannot be used")?;
        refuse_if(prewhere.is_some(), "PREWHERE cannot be used; write WHERE")?;
        refuse_if(top.is_some(), "TOP cannot be used; write LIMIT")?;
        let is_plain = optimizer_hints.is_empty()
            && select_modifiers.is_none()
            && exclude.is_none()
            && lateral_views.is_empty()
            && connect_by.is_empty()
            && cluster_by.is_empty()
            && distribute_by.is_empty()
            && sort_by.is_empty()
            && value_table_mode.is_none()
            && *flavor == SelectFlavor::Standard;
        refuse_if(
            !is_plain,
            "a SELECT has columns, FROM, WHERE, GROUP BY, HAVING, WINDOW, QUALIFY, ORDER BY and LIMIT only",
        )?;
        let mut written = "SELECT ".to_owned();
        match distinct {
            None | Some(Distinct::All) => {}
            Some(Distinct::Distinct) => written.push_str("DISTINCT "),
            Some(Distinct::On(_)) => return Err(SqlMistake::new("DISTINCT ON cannot be used; write LIMIT 1 BY")),
        }
        // Expressions are written after FROM is known to be harmless, so that the first mistake is the worst one.
        let from = from.iter().map(|from| self.from(from)).collect::<Result<Vec<_>, _>>()?;
        written.push_str(&self.projection(projection)?);
        if !from.is_empty() {
            written.push_str(" FROM ");
            written.push_str(&from.join(", "));
        }
        written.push_str(&self.clause("WHERE", selection.as_ref())?);
        written.push_str(&self.group_by(group_by)?);
        written.push_str(&self.clause("HAVING", having.as_ref())?);
        written.push_str(&self.named_windows(named_window)?);
        written.push_str(&self.clause("QUALIFY", qualify.as_ref())?);
        Ok(written)
    }

    /// A clause with a condition, if there is one.
    fn clause(&mut self, word: &str, condition: Option<&Expr>) -> Written {
        match condition {
            Some(condition) => Ok(format!(" {word} {}", self.expression(condition)?)),
            None => Ok(String::new()),
        }
    }

    fn group_by(&mut self, group_by: &GroupByExpr) -> Written {
        match group_by {
            GroupByExpr::Expressions(expressions, modifiers) if modifiers.is_empty() => {
                if expressions.is_empty() {
                    return Ok(String::new());
                }
                Ok(format!(" GROUP BY {}", self.expressions(expressions)?))
            }
            GroupByExpr::All(modifiers) if modifiers.is_empty() => Ok(" GROUP BY ALL".to_owned()),
            _ => Err(SqlMistake::new("GROUP BY takes expressions, without WITH")),
        }
    }

    /// The columns. An expression without a name gets one, because every column of an answer has one.
    fn projection(&mut self, items: &[SelectItem]) -> Written {
        let mut names: Vec<String> = Vec::new();
        for item in items {
            if let SelectItem::ExprWithAlias { alias, .. } = item {
                names.push(alias.value.clone());
            }
            if let SelectItem::UnnamedExpr(Expr::Identifier(name)) = item {
                names.push(name.value.clone());
            }
        }
        let mut written = Vec::new();
        for (place, item) in (1..).zip(items) {
            written.push(match item {
                SelectItem::UnnamedExpr(expression @ Expr::Identifier(_)) => self.expression(expression)?,
                SelectItem::UnnamedExpr(expression) => {
                    let name = free_name(expression, place, &names);
                    let expression = self.expression(expression)?;
                    let written = format!("{expression} AS `{name}`");
                    names.push(name);
                    written
                }
                SelectItem::ExprWithAlias { expr, alias } => {
                    format!("{} AS {}", self.expression(expr)?, identifier(alias)?)
                }
                SelectItem::Wildcard(options) => format!("*{}", wildcard_options(options)?),
                SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), options) => {
                    format!("{}.*{}", identifier(single(name)?)?, wildcard_options(options)?)
                }
                _ => return Err(SqlMistake::new("this column cannot be used")),
            });
        }
        Ok(written.join(", "))
    }

    fn from(&mut self, from: &TableWithJoins) -> Written {
        let TableWithJoins { relation, joins } = from;
        let mut written = self.relation(relation)?;
        for join in joins {
            written.push(' ');
            written.push_str(&self.join(join)?);
        }
        Ok(written)
    }

    fn join(&mut self, join: &Join) -> Written {
        let Join { relation, global, join_operator } = join;
        refuse_if(*global, "GLOBAL cannot be used")?;
        let of_array = match join_operator {
            JoinOperator::ArrayJoin | JoinOperator::InnerArrayJoin => Some("ARRAY JOIN"),
            JoinOperator::LeftArrayJoin => Some("LEFT ARRAY JOIN"),
            _ => None,
        };
        if let Some(words) = of_array {
            return Ok(format!("{words} {}", list_column(relation)?));
        }
        let (words, constraint) = match join_operator {
            JoinOperator::Join(constraint) | JoinOperator::Inner(constraint) => ("INNER JOIN", constraint),
            JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => ("LEFT JOIN", constraint),
            JoinOperator::Right(constraint) | JoinOperator::RightOuter(constraint) => ("RIGHT JOIN", constraint),
            JoinOperator::FullOuter(constraint) => ("FULL JOIN", constraint),
            JoinOperator::CrossJoin(constraint) => ("CROSS JOIN", constraint),
            JoinOperator::LeftSemi(constraint) => ("LEFT SEMI JOIN", constraint),
            JoinOperator::RightSemi(constraint) => ("RIGHT SEMI JOIN", constraint),
            JoinOperator::LeftAnti(constraint) => ("LEFT ANTI JOIN", constraint),
            JoinOperator::RightAnti(constraint) => ("RIGHT ANTI JOIN", constraint),
            _ => return Err(SqlMistake::new("this kind of join cannot be used")),
        };
        let relation = self.relation(relation)?;
        Ok(match constraint {
            JoinConstraint::None => format!("{words} {relation}"),
            JoinConstraint::On(condition) => format!("{words} {relation} ON {}", self.expression(condition)?),
            JoinConstraint::Using(columns) => {
                let columns =
                    columns.iter().map(|column| identifier(single(column)?)).collect::<Result<Vec<_>, _>>()?;
                format!("{words} {relation} USING ({})", columns.join(", "))
            }
            _ => return Err(SqlMistake::new("a join takes ON or USING")),
        })
    }

    fn relation(&mut self, relation: &TableFactor) -> Written {
        match relation {
            TableFactor::Table {
                name,
                alias,
                args,
                with_hints,
                version,
                with_ordinality,
                partitions,
                json_path,
                sample,
                index_directives,
                inheritance,
            } => {
                if args.is_some() {
                    return Err(SqlMistake::at(
                        name.span(),
                        format!("table functions, such as '{name}', cannot be used"),
                    ));
                }
                let is_plain = with_hints.is_empty()
                    && version.is_none()
                    && !with_ordinality
                    && partitions.is_empty()
                    && json_path.is_none()
                    && sample.is_none()
                    && index_directives.is_empty()
                    && inheritance.is_none();
                if !is_plain {
                    return Err(SqlMistake::at(name.span(), "a table has a name, and an alias or none"));
                }
                self.table(name, alias.as_ref())
            }
            TableFactor::Derived { lateral: false, subquery, alias, sample: None } => {
                let query = self.query(subquery)?;
                match alias {
                    Some(alias) => Ok(format!("({query}) AS {}", identifier(alias_name(alias)?)?)),
                    None => Ok(format!("({query})")),
                }
            }
            _ => Err(SqlMistake::new("FROM takes the names of tables, and queries in parentheses")),
        }
    }

    fn table(&mut self, name: &ObjectName, alias: Option<&TableAlias>) -> Written {
        let given = single(name).map_err(|_| {
            SqlMistake::at(
                name.span(),
                format!("'{name}' is of another database; known tables: {}", self.table_names()),
            )
        })?;
        // Rows are always the latest version of each event.
        let is_final = |alias: &&TableAlias| {
            !alias.explicit && alias.name.quote_style.is_none() && alias.name.value.eq_ignore_ascii_case("final")
        };
        let alias = match alias.filter(|alias| !is_final(alias)) {
            Some(alias) => alias_name(alias)?,
            None => given,
        };
        let alias = identifier(alias)?;
        if self.named.contains(&given.value) {
            return Ok(format!("{} AS {alias}", named(given)?));
        }
        let Some(table) = self.tables.iter().find(|table| table.name == given.value).copied() else {
            let message = format!("unknown table '{}'; known: {}", given.value, self.table_names());
            return Err(SqlMistake::at(given.span, message));
        };
        if !self.read.contains(&table) {
            self.read.push(table);
        }
        Ok(format!("({}) AS {alias}", self.rows(&table)))
    }

    fn table_names(&self) -> String {
        self.tables.iter().map(|table| table.name).collect::<Vec<_>>().join(", ")
    }

    /// The rows of a table that the statement may see, each event once.
    fn rows(&mut self, table: &Table) -> String {
        let of = |column: &str| format!("`{}`.`{column}`", table.name);
        let columns: Vec<String> = column_list(table)
            .filter(|column| column.name != "source_offset")
            .map(|column| format!("`{}`", column.name))
            .collect();
        let mut conditions = Vec::new();
        if let TenantScope::Only(tenants) = self.tenants {
            let bound: Vec<String> = tenants.iter().map(|tenant| self.bind("String", tenant)).collect();
            conditions.push(match table.tenant {
                Some(column) if !bound.is_empty() => format!("{} IN ({})", of(column.name), bound.join(", ")),
                _ => "false".to_owned(),
            });
        }
        if let Some(period) = self.period {
            let clock = crate::sql::Clock::of(table);
            let mut bound = |millis: i64| clock.instant_of(&self.bind("Int64", clock.number(millis)));
            let (since, until) = (bound(period.since.as_millis()), bound(period.until.as_millis()));
            let time = of(table.time.name);
            conditions.push(format!("{time} >= {since} AND {time} < {until}"));
        }
        let conditions =
            if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
        format!("SELECT {} FROM `{}` FINAL{conditions}", columns.join(", "), table.name)
    }

    pub(super) fn orders(&mut self, orders: &[OrderByExpr]) -> Written {
        let mut written = Vec::new();
        for OrderByExpr { expr, options: OrderByOptions { sort, nulls_first }, with_fill } in orders {
            refuse_if(with_fill.is_some(), "WITH FILL cannot be used")?;
            let direction = match sort {
                None | Some(OrderBySort::Asc) => "ASC",
                Some(OrderBySort::Desc) => "DESC",
                Some(OrderBySort::Using(_)) => return Err(SqlMistake::new("an order is ASC or DESC")),
            };
            let nulls = match nulls_first {
                Some(true) => " NULLS FIRST",
                Some(false) => " NULLS LAST",
                None => "",
            };
            written.push(format!("{} {direction}{nulls}", self.expression(expr)?));
        }
        Ok(written.join(", "))
    }

    fn limit(&mut self, limit: &LimitClause) -> Written {
        let (limit, offset, limit_by) = match limit {
            LimitClause::LimitOffset { limit, offset, limit_by } => {
                (limit.as_ref(), offset.as_ref().map(|Offset { value, rows: _ }| value), limit_by.as_slice())
            }
            LimitClause::OffsetCommaLimit { offset, limit } => (Some(limit), Some(offset), [].as_slice()),
        };
        let mut written = String::new();
        if let Some(limit) = limit {
            written.push_str(&format!(" LIMIT {}", self.count(limit)?));
        }
        if let Some(offset) = offset {
            written.push_str(&format!(" OFFSET {}", self.count(offset)?));
        }
        if !limit_by.is_empty() {
            written.push_str(&format!(" BY {}", self.expressions(limit_by)?));
        }
        Ok(written)
    }

    /// A number of rows.
    fn count(&mut self, expression: &Expr) -> Written {
        match expression {
            Expr::Value(value) if matches!(value.value, Value::Number(..) | Value::Placeholder(_)) => {
                self.expression(expression)
            }
            _ => Err(SqlMistake::new("LIMIT and OFFSET take numbers")),
        }
    }
}

/// A mistake if something is there.
fn refuse_if(is_there: bool, message: &str) -> Result<(), SqlMistake> {
    if is_there { Err(SqlMistake::new(message)) } else { Ok(()) }
}

/// An identifier in backticks. Letters, digits and underscores only, so that quotes and escapes cannot end it.
pub(super) fn identifier(name: &Ident) -> Written {
    let text = &name.value;
    let is_short = !text.is_empty() && text.len() <= MAX_IDENTIFIER_BYTES;
    if is_short && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        Ok(format!("`{text}`"))
    } else {
        let message =
            format!("the name {text:?} cannot be used; names have 1 to {MAX_IDENTIFIER_BYTES} of a-z, A-Z, 0-9 and _");
        Err(SqlMistake::at(name.span, message))
    }
}

/// The name under which a named query is written.
fn named(name: &Ident) -> Written {
    identifier(&Ident { value: format!("with_{}", name.value), ..name.clone() })
}

/// A name of one part.
pub(super) fn single(name: &ObjectName) -> Result<&Ident, SqlMistake> {
    match name.0.as_slice() {
        [ObjectNamePart::Identifier(name)] => Ok(name),
        _ => Err(SqlMistake::at(name.span(), format!("the name '{name}' has more than one part"))),
    }
}

fn alias_name(alias: &TableAlias) -> Result<&Ident, SqlMistake> {
    match alias {
        TableAlias { explicit: _, name, columns, at: None } if columns.is_empty() => Ok(name),
        other => Err(SqlMistake::at(other.name.span, "an alias is one name")),
    }
}

/// The list of an `ARRAY JOIN`, which the parser takes for a table.
fn list_column(relation: &TableFactor) -> Written {
    match relation {
        TableFactor::Table { name, alias, args: None, .. } => {
            let column = identifier(single(name)?)?;
            match alias {
                Some(alias) => Ok(format!("{column} AS {}", identifier(alias_name(alias)?)?)),
                None => Ok(column),
            }
        }
        _ => Err(SqlMistake::new("ARRAY JOIN takes a column; for an expression write arrayJoin(…)")),
    }
}

fn wildcard_options(options: &WildcardAdditionalOptions) -> Written {
    let WildcardAdditionalOptions {
        wildcard_token: _,
        opt_ilike,
        opt_exclude,
        opt_except,
        opt_replace,
        opt_rename,
        opt_alias,
    } = options;
    let is_plain = opt_ilike.is_none()
        && opt_exclude.is_none()
        && opt_replace.is_none()
        && opt_rename.is_none()
        && opt_alias.is_none();
    refuse_if(!is_plain, "* takes EXCEPT only")?;
    let Some(ExceptSelectItem { first_element, additional_elements }) = opt_except else { return Ok(String::new()) };
    let columns = std::iter::once(first_element).chain(additional_elements).map(identifier);
    Ok(format!(" EXCEPT ({})", columns.collect::<Result<Vec<_>, _>>()?.join(", ")))
}

/// A name for an expression that has none: that of its function or column, if it is free.
fn free_name(expression: &Expr, place: usize, taken: &[String]) -> String {
    let own = match expression {
        Expr::Function(function) => single(&function.name).ok().map(|name| name.value.clone()),
        Expr::CompoundIdentifier(parts) => parts.last().map(|name| name.value.clone()),
        _ => None,
    };
    let is_free = |name: &String| !taken.contains(name) && identifier(&Ident::new(name.as_str())).is_ok();
    let numbered = (place..).map(|place| format!("column_{place}"));
    own.filter(is_free).or_else(|| numbered.into_iter().find(is_free)).unwrap_or_else(|| "column".to_owned())
}
