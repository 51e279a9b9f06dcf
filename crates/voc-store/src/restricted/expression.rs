//! Writes expressions anew.

use sqlparser::{
    ast::{
        AccessExpr, Array, BinaryOperator, CaseWhen, CastKind, CeilFloorKind, DateTimeField, DuplicateTreatment, Expr,
        Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments, Ident, InTarget, Interval,
        LambdaFunction, LambdaSyntax, OneOrManyWithParens, Subscript, TrimWhereField, UnaryOperator, Value,
        ValueWithSpan,
    },
    tokenizer::Span,
};

use super::{
    SqlMistake, functions, types,
    writer::{Writer, identifier, single},
};

type Written = Result<String, SqlMistake>;

impl Writer<'_> {
    pub(super) fn expressions(&mut self, expressions: &[Expr]) -> Written {
        let written = expressions.iter().map(|expression| self.expression(expression));
        Ok(written.collect::<Result<Vec<_>, _>>()?.join(", "))
    }

    pub(super) fn expression(&mut self, expression: &Expr) -> Written {
        self.deeper(|writer| writer.expression_body(expression))
    }

    fn expression_body(&mut self, expression: &Expr) -> Written {
        let unsupported = || Err(SqlMistake::at(start(expression), "this expression cannot be used"));
        Ok(match expression {
            Expr::Identifier(name) => identifier(name)?,
            Expr::CompoundIdentifier(parts) if parts.len() == 2 => {
                parts.iter().map(identifier).collect::<Result<Vec<_>, _>>()?.join(".")
            }
            Expr::CompoundFieldAccess { root, access_chain } => {
                let mut written = self.expression(root)?;
                for access in access_chain {
                    written.push_str(&self.access(access)?);
                }
                written
            }
            Expr::IsNull(operand) => format!("({} IS NULL)", self.expression(operand)?),
            Expr::IsNotNull(operand) => format!("({} IS NOT NULL)", self.expression(operand)?),
            Expr::In { expr, target, negated, global: false } => self.is_in(expr, target, *negated)?,
            Expr::Between { expr, negated, low, high } => {
                let not = if *negated { "NOT " } else { "" };
                let (operand, low, high) = (self.expression(expr)?, self.expression(low)?, self.expression(high)?);
                format!("({operand} {not}BETWEEN {low} AND {high})")
            }
            Expr::BinaryOp { .. } => self.operators(expression)?,
            Expr::Like { negated, any: false, expr, pattern, escape_char: None } => {
                self.is_like(*negated, "LIKE", expr, pattern)?
            }
            Expr::ILike { negated, any: false, expr, pattern, escape_char: None } => {
                self.is_like(*negated, "ILIKE", expr, pattern)?
            }
            Expr::UnaryOp { op, expr } => match op {
                UnaryOperator::Not => format!("(NOT {})", self.expression(expr)?),
                UnaryOperator::Minus => format!("(- {})", self.expression(expr)?),
                UnaryOperator::Plus => self.expression(expr)?,
                _ => return unsupported(),
            },
            Expr::Cast { kind: CastKind::Cast | CastKind::DoubleColon, expr, data_type, format: None } => {
                let data_type = types::name_of(data_type)?;
                format!("CAST({} AS {data_type})", self.expression(expr)?)
            }
            Expr::Extract { field, expr, syntax: _ } => {
                let Some(field) = unit(field) else { return unsupported() };
                format!("EXTRACT({field} FROM {})", self.expression(expr)?)
            }
            Expr::Ceil { expr, field } => self.rounded("ceil", expr, field)?,
            Expr::Floor { expr, field } => self.rounded("floor", expr, field)?,
            Expr::Position { expr, r#in } => {
                let (needle, within) = (self.expression(expr)?, self.expression(r#in)?);
                format!("position({within}, {needle})")
            }
            Expr::Substring { expr, substring_from: Some(from), substring_for, special: _, shorthand: _ } => {
                let (operand, from) = (self.expression(expr)?, self.expression(from)?);
                match substring_for {
                    Some(length) => format!("substring({operand}, {from}, {})", self.expression(length)?),
                    None => format!("substring({operand}, {from})"),
                }
            }
            Expr::Trim { trim_where, trim_what: None, expr, trim_characters: None } => {
                let function = match trim_where {
                    None | Some(TrimWhereField::Both) => "trimBoth",
                    Some(TrimWhereField::Leading) => "trimLeft",
                    Some(TrimWhereField::Trailing) => "trimRight",
                };
                format!("{function}({})", self.expression(expr)?)
            }
            Expr::Nested(inner) => format!("({})", self.expression(inner)?),
            Expr::Value(value) => self.value(value)?,
            Expr::Function(function) => self.function(function)?,
            Expr::Case { case_token: _, end_token: _, operand, conditions, else_result } => {
                let mut written = "(CASE".to_owned();
                if let Some(operand) = operand {
                    written.push_str(&format!(" {}", self.expression(operand)?));
                }
                for CaseWhen { condition, result } in conditions {
                    let (condition, result) = (self.expression(condition)?, self.expression(result)?);
                    written.push_str(&format!(" WHEN {condition} THEN {result}"));
                }
                if let Some(result) = else_result {
                    written.push_str(&format!(" ELSE {}", self.expression(result)?));
                }
                written.push_str(" END)");
                written
            }
            Expr::Subquery(query) => format!("({})", self.query(query)?),
            Expr::Tuple(elements) if !elements.is_empty() => format!("tuple({})", self.expressions(elements)?),
            Expr::Array(Array { elem, named: _ }) => format!("[{}]", self.expressions(elem)?),
            Expr::Interval(interval) => self.interval(interval)?,
            Expr::Lambda(LambdaFunction { params, body, syntax: LambdaSyntax::Arrow }) => {
                let names = match params {
                    OneOrManyWithParens::One(one) => std::slice::from_ref(one),
                    OneOrManyWithParens::Many(many) => many.as_slice(),
                };
                if names.is_empty() || names.iter().any(|name| name.data_type.is_some()) {
                    return unsupported();
                }
                let names = names.iter().map(|parameter| identifier(&parameter.name)).collect::<Result<Vec<_>, _>>()?;
                format!("({}) -> {}", names.join(", "), self.expression(body)?)
            }
            _ => return unsupported(),
        })
    }

    /// Writes a chain of operators, `1 + 2 + 3`, whose tree is as deep as the chain is long.
    fn operators(&mut self, expression: &Expr) -> Written {
        let (mut first, mut chain) = (expression, Vec::new());
        while let Expr::BinaryOp { left, op, right } = first {
            let operator = operator(op);
            chain.push((operator.ok_or_else(|| SqlMistake::at(start(right), "this operator cannot be used"))?, right));
            first = left;
        }
        let mut written = self.expression(first)?;
        for (operator, right) in chain.into_iter().rev() {
            let right = self.expression(right)?;
            written = format!("({written} {operator} {right})");
        }
        Ok(written)
    }

    fn access(&mut self, access: &AccessExpr) -> Written {
        match access {
            AccessExpr::Subscript(Subscript::Index { index }) => Ok(format!("[{}]", self.expression(index)?)),
            AccessExpr::Dot(Expr::Identifier(name)) => Ok(format!(".{}", identifier(name)?)),
            AccessExpr::Dot(Expr::Value(ValueWithSpan { value: Value::Number(digits, _), .. }))
                if digits.len() <= 3 && digits.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                Ok(format!(".{digits}"))
            }
            other => Err(SqlMistake::new(format!("an element is found by its number or name, not by '{other}'"))),
        }
    }

    /// The engine takes a single name in the list of an `IN` for a table, so a list has values only.
    fn is_in(&mut self, operand: &Expr, target: &InTarget, negated: bool) -> Written {
        let operand = self.expression(operand)?;
        let not = if negated { "NOT " } else { "" };
        let target = match target {
            InTarget::Subquery(query) => self.query(query)?,
            InTarget::List(elements) if !elements.is_empty() => {
                let written = self.expressions(elements)?;
                elements.iter().try_for_each(require_value)?;
                written
            }
            _ => return Err(SqlMistake::new("IN takes a list of values, or a query, in parentheses")),
        };
        Ok(format!("({operand} {not}IN ({target}))"))
    }

    fn is_like(&mut self, negated: bool, operator: &str, operand: &Expr, pattern: &Expr) -> Written {
        let not = if negated { "NOT " } else { "" };
        Ok(format!("({} {not}{operator} {})", self.expression(operand)?, self.expression(pattern)?))
    }

    fn rounded(&mut self, function: &str, operand: &Expr, to: &CeilFloorKind) -> Written {
        let operand = self.expression(operand)?;
        match to {
            CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) => Ok(format!("{function}({operand})")),
            CeilFloorKind::Scale(scale) => Ok(format!("{function}({operand}, {})", self.value(scale)?)),
            CeilFloorKind::DateTimeField(_) => Err(SqlMistake::new(format!("{function} takes numbers"))),
        }
    }

    /// Texts become parameters.
    fn value(&mut self, value: &ValueWithSpan) -> Written {
        Ok(match &value.value {
            Value::SingleQuotedString(text) => self.bind("String", text),
            Value::Number(digits, false) if is_number(digits) => digits.clone(),
            Value::Boolean(flag) => flag.to_string(),
            Value::Null => "NULL".to_owned(),
            Value::Placeholder(text) => {
                let name = text.strip_prefix(':').unwrap_or(text);
                let found = self.placeholders.iter().find(|placeholder| placeholder.name == name);
                match found {
                    Some(placeholder) if text.starts_with(':') => placeholder.expression(),
                    _ => {
                        let known: Vec<String> =
                            self.placeholders.iter().map(|placeholder| format!(":{}", placeholder.name)).collect();
                        let known = if known.is_empty() { "there are none here".to_owned() } else { known.join(", ") };
                        return Err(SqlMistake::at(
                            value.span,
                            format!("unknown placeholder '{text}'; known: {known}"),
                        ));
                    }
                }
            }
            _ => {
                return Err(SqlMistake::at(
                    value.span,
                    "values are numbers, texts in single quotes, true, false and NULL",
                ));
            }
        })
    }

    fn interval(&mut self, interval: &Interval) -> Written {
        let Interval { value, leading_field, leading_precision, last_field, fractional_seconds_precision } = interval;
        let unit = leading_field.as_ref().and_then(unit);
        let is_plain = leading_precision.is_none() && last_field.is_none() && fractional_seconds_precision.is_none();
        match (unit, value.as_ref()) {
            (Some(unit), Expr::Value(value)) if is_plain && !matches!(value.value, Value::SingleQuotedString(_)) => {
                Ok(format!("INTERVAL {} {unit}", self.value(value)?))
            }
            _ => Err(SqlMistake::new("an interval is a number and a unit, such as INTERVAL 7 DAY")),
        }
    }

    fn function(&mut self, function: &Function) -> Written {
        let Function { name, uses_odbc_syntax, parameters, args, within_group, filter, null_treatment, over } =
            function;
        let name = single(name)?;
        if *uses_odbc_syntax || !within_group.is_empty() || filter.is_some() || null_treatment.is_some() {
            return Err(SqlMistake::at(name.span, "a function has arguments, and OVER or not"));
        }
        let mut written = functions::known(name)?;
        match parameters {
            FunctionArguments::None => {}
            FunctionArguments::List(list) => written.push_str(&self.arguments(name, list)?),
            FunctionArguments::Subquery(_) => return Err(in_arguments(name)),
        }
        match args {
            FunctionArguments::List(list) => written.push_str(&self.arguments(name, list)?),
            FunctionArguments::None | FunctionArguments::Subquery(_) => return Err(in_arguments(name)),
        }
        if let Some(window) = over {
            written.push_str(&format!(" OVER {}", self.window(window)?));
        }
        Ok(written)
    }

    fn arguments(&mut self, function: &Ident, list: &FunctionArgumentList) -> Written {
        let FunctionArgumentList { duplicate_treatment, args, clauses } = list;
        let distinct = match duplicate_treatment {
            None | Some(DuplicateTreatment::All) => "",
            Some(DuplicateTreatment::Distinct) => "DISTINCT ",
        };
        if !clauses.is_empty() {
            return Err(in_arguments(function));
        }
        let mut written = Vec::new();
        for argument in args {
            written.push(match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => self.expression(expression)?,
                FunctionArg::Unnamed(FunctionArgExpr::Wildcard) if function.value.eq_ignore_ascii_case("count") => {
                    "*".to_owned()
                }
                _ => return Err(in_arguments(function)),
            });
        }
        Ok(format!("({distinct}{})", written.join(", ")))
    }
}

fn in_arguments(function: &Ident) -> SqlMistake {
    SqlMistake::at(function.span, format!("'{}' takes expressions in parentheses", function.value))
}

/// A mistake unless an expression is made of values alone.
fn require_value(expression: &Expr) -> Result<(), SqlMistake> {
    let all = |expressions: &[Expr]| expressions.iter().try_for_each(require_value);
    match expression {
        Expr::Value(_) => Ok(()),
        Expr::Nested(inner) | Expr::Cast { expr: inner, .. } | Expr::UnaryOp { expr: inner, .. } => {
            require_value(inner)
        }
        Expr::Tuple(elements) => all(elements),
        Expr::Array(array) => all(&array.elem),
        Expr::Function(function) => match &function.args {
            FunctionArguments::List(list) => list.args.iter().try_for_each(|argument| match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => require_value(expression),
                _ => Err(SqlMistake::at(start(expression), "a list of IN has values only")),
            }),
            _ => Err(SqlMistake::at(start(expression), "a list of IN has values only")),
        },
        other => Err(SqlMistake::at(start(other), "a list of IN has values only; compare a column with =")),
    }
}

/// Digits with at most one point, and an exponent or none.
fn is_number(text: &str) -> bool {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    !(whole.is_empty() && fraction.is_empty())
        && digits(whole)
        && digits(fraction)
        && !exponent.is_empty()
        && digits(exponent)
        && text.len() <= 64
}

fn operator(operator: &BinaryOperator) -> Option<&'static str> {
    Some(match operator {
        BinaryOperator::Plus => "+",
        BinaryOperator::Minus => "-",
        BinaryOperator::Multiply => "*",
        BinaryOperator::Divide => "/",
        BinaryOperator::Modulo => "%",
        BinaryOperator::StringConcat => "||",
        BinaryOperator::Gt => ">",
        BinaryOperator::Lt => "<",
        BinaryOperator::GtEq => ">=",
        BinaryOperator::LtEq => "<=",
        BinaryOperator::Eq => "=",
        BinaryOperator::NotEq => "!=",
        BinaryOperator::And => "AND",
        BinaryOperator::Or => "OR",
        _ => return None,
    })
}

fn unit(field: &DateTimeField) -> Option<&'static str> {
    Some(match field {
        DateTimeField::Year | DateTimeField::Years => "YEAR",
        DateTimeField::Quarter => "QUARTER",
        DateTimeField::Month | DateTimeField::Months => "MONTH",
        DateTimeField::Week(None) | DateTimeField::Weeks => "WEEK",
        DateTimeField::Day | DateTimeField::Days => "DAY",
        DateTimeField::Hour | DateTimeField::Hours => "HOUR",
        DateTimeField::Minute | DateTimeField::Minutes => "MINUTE",
        DateTimeField::Second | DateTimeField::Seconds => "SECOND",
        _ => return None,
    })
}

/// Where an expression begins, as far as that is found without recursion: a tree may be deep.
fn start(expression: &Expr) -> Span {
    let mut first = expression;
    loop {
        first = match first {
            Expr::Identifier(name) => return name.span,
            Expr::CompoundIdentifier(parts) => return parts.first().map_or(Span::empty(), |name| name.span),
            Expr::Value(value) => return value.span,
            Expr::Function(function) => return single(&function.name).map_or(Span::empty(), |name| name.span),
            Expr::BinaryOp { left, .. } => left,
            Expr::CompoundFieldAccess { root: inner, .. }
            | Expr::Nested(inner)
            | Expr::IsNull(inner)
            | Expr::IsNotNull(inner)
            | Expr::UnaryOp { expr: inner, .. }
            | Expr::Cast { expr: inner, .. }
            | Expr::In { expr: inner, .. }
            | Expr::Between { expr: inner, .. } => inner,
            _ => return Span::empty(),
        };
    }
}
