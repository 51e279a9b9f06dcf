//! Which rows and dead letters are about a customer, or belong to a tenant.

use voc_events::TenantId;

use super::source::Source;
use crate::{Param, erasure::Erasure};

/// A condition for rows of a table, with its parameters.
pub(super) struct Condition {
    pub(super) sql: String,
    pub(super) params: Vec<Param>,
}

impl Condition {
    /// The condition for what an erasure removes from a source.
    pub(super) fn of(erasure: &Erasure, source: Source<'_>) -> Self {
        let mut params = Vec::new();
        let mut conditions = vec![source.own()];
        let table = &source.family.table;
        if let (Some(tenant), Some(column)) = (&erasure.tenant, table.tenant) {
            params.push(Param::new("tenant", tenant));
            conditions.push(match source.is_dead_letter {
                false => format!("{} = {{tenant:String}}", column.name),
                true => {
                    params.push(Param::new("tenant_member", member(column.name, TenantId::as_str(tenant))));
                    // A record that was refused before its tenant could be read may still name it.
                    "(tenant_id = {tenant:String} OR \
                     (tenant_id = '' AND match(ifNull(payload, ''), {tenant_member:String})))"
                        .to_owned()
                }
            });
        }
        if let (Some(customer), Some(column)) = (&erasure.customer, table.customer) {
            params.push(Param::new("customer", customer));
            params.push(Param::new("customer_member", member(column, customer)));
            if source.is_dead_letter {
                params.push(Param::new("customer_text", spelled(customer)));
                params.extend(table.call.map(|call| Param::new("call_member", members(call))));
            }
            let about = if source.is_dead_letter { about_dead_letter(source) } else { about_row(source, column) };
            conditions.push(about);
        }
        Self { sql: conditions.join(" AND "), params }
    }
}

/// Rows that are about the customer, and rows of calls that are.
fn about_row(source: Source<'_>, column: &str) -> String {
    let direct = named_in_row(source, column);
    match (source.family.table.call, tenant_of(source)) {
        (Some(call), tenant) => format!(
            "({direct} OR ({call} != '' AND {call} IN (SELECT {call} FROM {} WHERE {tenant} AND {direct})))",
            source.family.table.name
        ),
        (None, _) => direct,
    }
}

/// Rows whose own content names the customer.
fn named_in_row(source: Source<'_>, column: &str) -> String {
    let table = &source.family.table;
    let json = table.payload.map(|payload| payload.name).or(table.properties);
    let in_json = json.map(|json| format!(" OR match({json}, {{customer_member:String}})")).unwrap_or_default();
    format!("({column} = {{customer:String}}{in_json})")
}

fn tenant_of(source: Source<'_>) -> String {
    source.family.table.tenant.map_or("1".to_owned(), |tenant| format!("{} = {{tenant:String}}", tenant.name))
}

/// Dead letters that are about the customer. In one that is no JSON, such as one that was cut off, the identifier
/// counts wherever it is.
fn about_dead_letter(source: Source<'_>) -> String {
    let payload = "ifNull(payload, '')";
    let of_calls = match (source.family.table.call, source.family.table.customer) {
        (Some(call), Some(column)) => {
            let space = SPACE.replace('\\', r"\\");
            let value = "if(startsWith(value, '\"'), JSONExtractString(concat('[', value, ']'), 1), value)";
            format!(
                " OR hasAny(arrayMap(value -> replaceRegexpAll({value}, '^{space}+|{space}+$', ''), \
                 extractAll({payload}, {{call_member:String}})), \
                 (SELECT groupUniqArray(toString({call})) FROM {} WHERE {} AND {call} != '' AND {}))",
                source.family.table.name,
                tenant_of(source),
                named_in_row(source, column)
            )
        }
        _ => String::new(),
    };
    format!(
        "(match({payload}, {{customer_member:String}}) OR key = {{customer:String}} \
         OR (NOT isValidJSON({payload}) AND match({payload}, {{customer_text:String}})){of_calls})"
    )
}

/// White space that is trimmed from identifiers.
const SPACE: &str = r"[\s\pZ\x0b\x{85}]";

/// The same, escaped in a JSON text.
const ESCAPED_SPACE: &str = r"\\[tnrf]|\\u(?:00(?:09|0[a-dA-D]|20|85|[aA]0)|1680|20(?:0[0-9aA]|2[89fF]|5[fF])|3000)";

/// A pattern for a member of a JSON object with this text as its value, however it is spelled, or with this number.
fn member(name: &str, value: &str) -> String {
    let is_number =
        value.parse::<f64>().is_ok() && value.starts_with(|first: char| first.is_ascii_digit() || first == '-');
    let number = if is_number { format!(r"|{}\s*[,}}]", literal(value)) } else { String::new() };
    let text = spelled(value);
    let space = format!("(?:{SPACE}|{ESCAPED_SPACE})*");
    format!(r#""{}"\s*:\s*(?:"{space}{text}{space}"{number})"#, spelled(name))
}

/// A pattern for the value of any member of this name that is a text or a number, as it is written.
fn members(name: &str) -> String {
    format!(r#""{}"\s*:\s*("(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*)"#, spelled(name))
}

/// A pattern for a text within a JSON text: each character may be written as it is, or escaped.
fn spelled(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() * 16);
    for character in text.chars() {
        let (mut forms, mut units) = (Vec::new(), [0; 2]);
        if character >= ' ' && !matches!(character, '"' | '\\') {
            forms.push(literal(character.encode_utf8(&mut [0; 4])));
        }
        let short = match character {
            '"' | '/' => Some(character),
            '\\' => Some('\\'),
            '\u{8}' => Some('b'),
            '\u{c}' => Some('f'),
            '\n' => Some('n'),
            '\r' => Some('r'),
            '\t' => Some('t'),
            _ => None,
        };
        forms.extend(short.map(|short| literal(&format!("\\{short}"))));
        // Programs differ in the case of the digits.
        let digit = |digit: char| match digit.is_ascii_digit() {
            true => digit.to_string(),
            false => format!("[{digit}{}]", digit.to_ascii_uppercase()),
        };
        let escape = |unit: &u16| format!(r"\\u{}", format!("{unit:04x}").chars().map(digit).collect::<String>());
        forms.push(character.encode_utf16(&mut units).iter().map(escape).collect());
        pattern.push_str(&format!("(?:{})", forms.join("|")));
    }
    pattern
}

/// A pattern for exactly this text.
fn literal(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii() && !character.is_ascii_alphanumeric() {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_character_is_in_the_pattern() {
        assert_eq!(spelled("a"), r"(?:a|\\u0061)");
        assert_eq!(spelled("."), r"(?:\.|\\u002[eE])");
        assert_eq!(spelled("\"/\\"), r#"(?:\\\"|\\u0022)(?:\/|\\\/|\\u002[fF])(?:\\\\|\\u005[cC])"#);
        assert_eq!(spelled("\n"), r"(?:\\n|\\u000[aA])");
        assert_eq!(spelled("é😀"), r"(?:é|\\u00[eE]9)(?:😀|\\u[dD]83[dD]\\u[dD][eE]00)");
        assert!(member("u", "7").ends_with(r"|7\s*[,}])") && member("u", "-4.5").ends_with(r"|\-4\.5\s*[,}])"));
        assert!(!member("u", "inf").contains("|inf") && !member("u", "7a").contains("|7a"));
    }
}
