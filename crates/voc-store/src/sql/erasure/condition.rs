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

/// Dead letters that are about the customer. In one that is no JSON, as if it is broken off, the identifier counts
/// wherever it is.
fn about_dead_letter(source: Source<'_>) -> String {
    let payload = "ifNull(payload, '')";
    let of_calls = match (source.family.table.call, source.family.table.customer) {
        (Some(call), Some(column)) => format!(
            " OR extract({payload}, '\"{call}\"\\\\s*:\\\\s*\"([^\"]+)\"') IN \
             (SELECT {call} FROM {} WHERE {} AND {call} != '' AND {})",
            source.family.table.name,
            tenant_of(source),
            named_in_row(source, column)
        ),
        _ => String::new(),
    };
    format!(
        "(match({payload}, {{customer_member:String}}) OR key = {{customer:String}} \
         OR (NOT isValidJSON({payload}) AND position({payload}, {{customer:String}}) > 0){of_calls})"
    )
}

/// A pattern for a member of a JSON object with this text, or number, as its value.
fn member(name: &str, value: &str) -> String {
    let text = serde_json::Value::from(value).to_string();
    let mut forms = vec![literal(&text)];
    if !value.is_ascii() {
        // Programs differ in the case of the digits.
        let digits: [fn(u16) -> String; 2] = [|unit| format!("{unit:04x}"), |unit| format!("{unit:04X}")];
        forms.extend(digits.map(|digits| literal(&in_ascii(&text, digits))));
    }
    if value.bytes().all(|byte| byte.is_ascii_digit()) {
        forms.push(format!("{value}\\s*[,}}]"));
    }
    format!("{}\\s*:\\s*(?:{})", literal(&format!("\"{name}\"")), forms.join("|"))
}

/// A JSON text with only ASCII characters, as many programs write it.
fn in_ascii(text: &str, digits: fn(u16) -> String) -> String {
    let mut ascii = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii() {
            ascii.push(character);
        } else {
            let mut units = [0; 2];
            character.encode_utf16(&mut units).iter().for_each(|unit| ascii.push_str(&format!("\\u{}", digits(*unit))));
        }
    }
    ascii
}

/// A pattern for exactly this text, in which some programs escape a slash.
fn literal(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for character in text.chars() {
        if character == '/' {
            pattern.push_str(r"\\?");
        }
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
    fn a_member_is_a_text_in_any_writing_or_a_number() {
        assert_eq!(member("customer_id", "a.b"), r#"\"customer\_id\"\s*:\s*(?:\"a\.b\")"#);
        assert_eq!(member("u", "7"), r#"\"u\"\s*:\s*(?:\"7\"|7\s*[,}])"#);
        assert_eq!(member("u", "é\""), r#"\"u\"\s*:\s*(?:\"é\\\"\"|\"\\u00e9\\\"\"|\"\\u00E9\\\"\")"#);
        assert_eq!(member("u", "😀"), r#"\"u\"\s*:\s*(?:\"😀\"|\"\\ud83d\\ude00\"|\"\\uD83D\\uDE00\")"#);
        assert_eq!(member("u", "a/b"), r#"\"u\"\s*:\s*(?:\"a\\?\/b\")"#);
    }
}
