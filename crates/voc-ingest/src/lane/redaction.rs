//! Removes personal data from payloads and rows.
//!
//! Only the texts of a payload change: keys, the identifiers of the event and numbers that are not personal data stay,
//! so that readers of payloads keep working. Columns derived from texts are redacted in the same way.

use std::borrow::Cow;

use serde_json::value::RawValue;
use uuid::Uuid;
use voc_events::{Column, FamilyEvent, RowWriter, Table, Timestamp, Value};
use voc_nlp::{PersonalData, Redactor};

/// Top-level members that say what kind of event it is and when it happened. Members for the roles of the table and
/// all names that end in `_id` are kept too.
const KEPT: [&str; 2] = ["timestamp", "event_type"];
/// Minimum length of numbers to redact.
const LONG: usize = 11;
/// The least number of this length, and the greatest number up to which floats are exact.
const LEAST_LONG: f64 = 1e10;
const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;
/// Maximum length of a number with check digits.
const LONGEST: usize = 24;
/// Replaces a text that cannot be decoded, whose content is therefore unknown.
const UNREADABLE: &str = "\"[UNREADABLE]\"";

fn is_identifier(name: &str) -> bool {
    name.ends_with("_id")
}

/// An event whose promoted columns are redacted.
pub(super) struct RedactedEvent<'e, E> {
    pub(super) event: &'e E,
    pub(super) redactor: Redactor,
    /// The promoted columns.
    pub(super) columns: &'static [Column],
}

impl<E: FamilyEvent> FamilyEvent for RedactedEvent<'_, E> {
    fn event_id(&self) -> Option<Uuid> {
        self.event.event_id()
    }

    fn tenant_id(&self) -> Option<&str> {
        self.event.tenant_id()
    }

    fn timestamp(&self) -> Timestamp {
        self.event.timestamp()
    }

    fn event_type(&self) -> &str {
        self.event.event_type()
    }

    fn text(&self) -> Option<&str> {
        self.event.text()
    }

    fn write_row<W: RowWriter + ?Sized>(&self, row: &mut W) {
        self.event.write_row(&mut RedactingWriter { row, redactor: self.redactor, columns: self.columns });
    }
}

/// Redacts texts on their way into a row. Single numbers stay: they are measurements. Of numbers by name, which come
/// from an object with any members, those that are personal data are left out.
struct RedactingWriter<'w, W: ?Sized> {
    row: &'w mut W,
    redactor: Redactor,
    columns: &'static [Column],
}

impl<W: RowWriter + ?Sized> RedactingWriter<'_, W> {
    /// Whether a number is one that [`Walk::number`] would redact, or has too many digits to tell.
    fn is_personal(&self, number: f64) -> bool {
        if number < 0.0 || number.fract() != 0.0 || number < LEAST_LONG {
            return false;
        }
        number > LARGEST_EXACT || checked_number(self.redactor, &format!("{number}")).is_some()
    }

    /// Redacts a text. An object stored as JSON is redacted like a payload, so that it remains valid JSON.
    fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match text.starts_with('{') && serde_json::from_str::<&RawValue>(text).is_ok() {
            true => redact_object(self.redactor, text, &[]),
            false => self.redactor.redact(text),
        }
    }
}

impl<W: RowWriter + ?Sized> RowWriter for RedactingWriter<'_, W> {
    fn put(&mut self, place: usize, value: Value<'_>) {
        let is_kept = self.columns.get(place).is_some_and(|column| is_identifier(column.name));
        match value {
            Value::Str(text) if !is_kept => {
                let text = self.text(text);
                self.row.put(place, Value::Str(&text));
            }
            Value::StrList(texts) if !is_kept => {
                let texts: Vec<Cow<'_, str>> = texts.iter().map(|text| self.text(text)).collect();
                let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
                self.row.put(place, Value::StrList(&texts));
            }
            Value::StrMap(texts) => {
                let texts: Vec<(&str, Cow<'_, str>)> =
                    texts.iter().map(|(name, text)| (*name, self.redactor.redact(text))).collect();
                let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (*name, &**text)).collect();
                self.row.put(place, Value::StrMap(&texts));
            }
            Value::F64Map(numbers) => {
                let kept = numbers.iter().filter(|(_, number)| !self.is_personal(*number));
                self.row.put(place, Value::F64Map(&kept.copied().collect::<Vec<_>>()));
            }
            other => self.row.put(place, other),
        }
    }

    /// A tag in place of an identifier would tie together what does not belong together.
    fn put_free_text(&mut self, place: usize, text: &str) {
        if matches!(self.redactor.redact(text), Cow::Borrowed(_)) {
            self.row.put(place, Value::Str(text));
        }
    }
}

/// Redacts a payload, which is a JSON object, by putting tags in place of personal data. Borrows it if there is none.
pub(super) fn redact<'p>(redactor: Redactor, payload: &'p str, table: &Table) -> Cow<'p, str> {
    let Table { time, tenant, identifier, event_type, .. } = table;
    let roles = [Some(*time), *tenant, *identifier, *event_type].map(|column| column.map_or("", |column| column.name));
    let [time, tenant, identifier, event_type] = roles;
    let [timestamp, kind] = KEPT;
    redact_object(redactor, payload, &[timestamp, kind, time, tenant, identifier, event_type])
}

/// Redacts a JSON object, except identifiers and the members in `kept`. Borrows it if there is nothing to redact.
fn redact_object<'p>(redactor: Redactor, payload: &'p str, kept: &[&str]) -> Cow<'p, str> {
    let mut walk =
        Walk { redactor, payload, kept, at: 0, depth: 0, is_kept: false, redacted: String::new(), copied: 0 };
    while walk.step().is_some() {}
    if walk.redacted.is_empty() {
        return Cow::Borrowed(payload);
    }
    walk.redacted.push_str(payload.get(walk.copied..).unwrap_or_default());
    Cow::Owned(walk.redacted)
}

/// A walk over valid JSON.
struct Walk<'p, 'k> {
    redactor: Redactor,
    payload: &'p str,
    /// Names of top-level members to keep.
    kept: &'k [&'k str],
    at: usize,
    depth: usize,
    /// Whether the current top-level member is kept.
    is_kept: bool,
    /// The output so far, which covers the payload up to `copied`; empty until something is redacted.
    redacted: String,
    copied: usize,
}

impl Walk<'_, '_> {
    fn is_kept_name(&self, name: &str) -> bool {
        is_identifier(name) || self.kept.contains(&name)
    }

    /// Moves past the next string, number or bracket; `None` at the end.
    fn step(&mut self) -> Option<()> {
        let bytes = self.payload.as_bytes();
        let is_mark = |byte: &u8| matches!(byte, b'"' | b'{' | b'[' | b'}' | b']') || byte.is_ascii_digit();
        self.at += bytes.get(self.at..)?.iter().position(is_mark)?;
        match bytes.get(self.at)? {
            b'"' => self.string()?,
            b'{' | b'[' => {
                self.depth += 1;
                self.at += 1;
            }
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                self.at += 1;
            }
            _ => self.number()?,
        }
        Some(())
    }

    fn string(&mut self) -> Option<()> {
        let start = self.at;
        let mut end = start + 1;
        loop {
            end += memchr::memchr2(b'"', b'\\', self.payload.as_bytes().get(end..)?)?;
            if self.payload.as_bytes().get(end) == Some(&b'"') {
                break;
            }
            end += 2;
        }
        self.at = end + 1;
        let text = self.payload.get(start + 1..end)?;
        let is_key = self.payload.get(self.at..)?.trim_start().starts_with(':');
        if is_key {
            if self.depth == 1 {
                // A name may contain escapes.
                self.is_kept = match text.contains('\\') {
                    true => serde_json::from_str::<String>(self.payload.get(start..self.at)?)
                        .is_ok_and(|name| self.is_kept_name(&name)),
                    false => self.is_kept_name(text),
                };
            }
        } else if !self.keeps() {
            self.redact_text(start, text);
        }
        Some(())
    }

    /// Whether the current value is that of a kept member. Values nested in it are not identifiers.
    fn keeps(&self) -> bool {
        self.is_kept && self.depth == 1
    }

    fn redact_text(&mut self, start: usize, text: &str) {
        if !text.contains('\\') {
            if let Cow::Owned(redacted) = self.redactor.redact(text) {
                self.write(start + 1, start + 1 + text.len(), &redacted);
            }
            return;
        }
        // Unescape first: the `n` of an escaped line feed before a number is not a letter.
        let literal = self.payload.get(start..self.at).unwrap_or_default();
        let Ok(text) = serde_json::from_str::<String>(literal) else {
            self.write(start, self.at, UNREADABLE);
            return;
        };
        if let Cow::Owned(redacted) = self.redactor.redact(&text) {
            let literal = serde_json::Value::String(redacted).to_string();
            self.write(start, self.at, &literal);
        }
    }

    /// Redacts only numbers with check digits, because many other numbers are long.
    fn number(&mut self) -> Option<()> {
        let start = self.at;
        let rest = self.payload.get(start..)?;
        let len = rest.find(|c: char| !(c.is_ascii_digit() || "+-.eE".contains(c))).unwrap_or(rest.len());
        self.at += len;
        let number = rest.get(..len)?;
        if len < LONG || self.keeps() || self.payload.get(..start)?.ends_with('-') {
            return Some(());
        }
        if let Some(kind) = digits(number).and_then(|digits| checked_number(self.redactor, &digits)) {
            self.write(start, self.at, &format!("\"{kind}\""));
        }
        Some(())
    }

    fn write(&mut self, start: usize, end: usize, instead: &str) {
        self.redacted.push_str(self.payload.get(self.copied..start).unwrap_or_default());
        self.redacted.push_str(instead);
        self.copied = end;
    }
}

/// What personal data with check digits a number is, if any.
fn checked_number(redactor: Redactor, digits: &str) -> Option<PersonalData> {
    let found = redactor.find(digits).next();
    let kind = found.filter(|found| found.start == 0 && found.end == digits.len())?.kind;
    matches!(kind, PersonalData::Card | PersonalData::Cpf | PersonalData::Cnpj).then_some(kind)
}

/// The digits of a non-negative integer in any JSON notation: `4111`, `4111.0`, `4.111e3`. `None` for other numbers
/// and for those that are too long.
fn digits(number: &str) -> Option<Cow<'_, str>> {
    if number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Cow::Borrowed(number));
    }
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let written = format!("{whole}{fraction}");
    let digits = written.trim_start_matches('0');
    let leading = i64::try_from(written.len() - digits.len()).ok()?;
    let significant = digits.trim_end_matches('0');
    let point = exponent.parse::<i64>().ok()?.checked_add(i64::try_from(whole.len()).ok()?)?.checked_sub(leading)?;
    // Digits after the point are a fraction.
    let len = usize::try_from(point).ok().filter(|len| (significant.len()..=LONGEST).contains(len))?;
    Some(Cow::Owned(format!("{significant:0<len$}")))
}

#[cfg(test)]
mod tests {
    use voc_events::{
        Family as _,
        voc::{Voc, VocEvent},
    };

    use super::*;

    /// The promoted values of a redacted event.
    fn columns(members: &str) -> Vec<String> {
        struct Row(Vec<String>);
        impl RowWriter for Row {
            fn put(&mut self, place: usize, value: Value<'_>) {
                self.0.push(format!("{} {value:?}", Voc::TABLE.promoted[place].name));
            }
        }
        let record = format!(
            r#"{{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","tenant_id":"acme","timestamp":1770033600,{members}}}"#
        );
        let event = VocEvent::try_from(record.as_bytes()).unwrap();
        let event = RedactedEvent { event: &event, redactor: Redactor::default(), columns: Voc::TABLE.promoted };
        let mut row = Row(Vec::new());
        event.write_row(&mut row);
        row.0
    }

    #[test]
    fn columns_are_redacted_like_the_payload() {
        let members = r#""event_type":"qos_metric","metric_name":"calls of ana@example.com","value":11144477735,
            "tags":{"who":"ana@example.com","user_id":"11987654321","region":"eu"}"#;
        assert_eq!(
            columns(members),
            [
                r#"metric_name Str("calls of [EMAIL]")"#,
                "value F64(11144477735.0)",
                r#"tags StrMap([("who", "[EMAIL]"), ("user_id", "[PHONE]"), ("region", "eu")])"#,
            ]
        );
        let members = r#""event_type":"call","call_id":"11987654321","call_quality":{"mos":4.1,"cpf":11144477735,
            "card":4111111111111111,"long_card":6304000000000000000,"bytes":123456789012,"f":11144477735.5}"#;
        assert_eq!(
            columns(members),
            [
                r#"call_id Str("11987654321")"#,
                r#"call_quality F64Map([("mos", 4.1), ("bytes", 123456789012.0), ("f", 11144477735.5)])"#,
            ]
        );
    }

    #[test]
    fn identifiers_in_metadata_are_texts_that_may_be_personal_data() {
        let members = r#""event_type":"tool_invocation","tool_name":"search",
            "metadata":{"call_id":"c-1","agent_id":"11987654321","customer_id":"ana@example.com"}"#;
        assert_eq!(columns(members), [r#"tool_name Str("search")"#, r#"call_id Str("c-1")"#]);
        // A member of the event itself is kept, as it is in the payload.
        let members = r#""event_type":"survey","customer_id":"ana@example.com","metadata":{"call_id":7}"#;
        assert_eq!(columns(members), [r#"customer_id Str("ana@example.com")"#, r#"call_id Str("7")"#]);
    }

    fn redacted(payload: &str) -> Cow<'_, str> {
        redact(Redactor::default(), payload, &Voc::TABLE)
    }

    #[test]
    fn texts_at_any_depth() {
        let payload = r#"{"transcript":"I'm ana@example.com\n11987654321 \"ok\"","metadata":{"notes":["CPF 111.444.777-35",{"ip":"10.0.0.1"}]}}"#;
        let expected =
            r#"{"transcript":"I'm [EMAIL]\n[PHONE] \"ok\"","metadata":{"notes":["CPF [CPF]",{"ip":"[IP]"}]}}"#;
        assert_eq!(redacted(payload), expected);
        assert_eq!(redacted("{\"t\" : \"\\u0031\\u0031987654321 caf\\u00e9\"}"), "{\"t\" : \"[PHONE] café\"}");
    }

    #[test]
    fn identifiers_and_keys_are_kept() {
        let payload = r#"{"event_id":"550e8400-e29b-41d4-a716-446655440000","tenant_id":"11144477735","customer_id":"ana@example.com","timestamp":"2024-05-01T10:00:00.123Z","event_type":"call","ana@example.com":1,"metadata":{"x_id":"ana@example.com"}}"#;
        let expected = payload.replace(r#""x_id":"ana@example.com""#, r#""x_id":"[EMAIL]""#);
        assert_eq!(redacted(payload), expected);
        let escaped = r#"{"tenant\u005fid":"11144477735","x_id":{"deep":["ana@example.com"]}}"#;
        assert_eq!(redacted(escaped), escaped.replace("ana@example.com", "[EMAIL]"));
        // What follows an identifier is not one.
        assert_eq!(redacted(r#"{"call_id":"1","text":"ana@example.com"}"#), r#"{"call_id":"1","text":"[EMAIL]"}"#);
    }

    #[test]
    fn numbers_with_check_digits() {
        let payload = r#"{"cpf":11144477735,"card":4111111111111111,"at":1714557600123,"v":-11144477735,"f":11144477735.5,"n":[1]}"#;
        let expected =
            r#"{"cpf":"[CPF]","card":"[CARD]","at":1714557600123,"v":-11144477735,"f":11144477735.5,"n":[1]}"#;
        assert_eq!(redacted(payload), expected);
    }

    #[test]
    fn numbers_are_recognised_in_any_notation() {
        for card in [
            "4111111111111111.0",
            "4111111111111111.000",
            "4.111111111111111e15",
            "4.111111111111111E+15",
            "411111111111111100e-2",
            "41111111111111.11e2",
            "0.4111111111111111e16",
        ] {
            assert_eq!(redacted(&format!("{{\"n\":{card}}}")), "{\"n\":\"[CARD]\"}", "{card}");
        }
        assert_eq!(redacted(r#"{"n":1.1144477735e10}"#), r#"{"n":"[CPF]"}"#);
        for other in [
            "4111111111111111.5",
            "4.1111111111111111e15",
            "4111111111111111e-1",
            "4.111111111111111e400",
            "1.5e-7",
            "0.000000000000",
        ] {
            let payload = format!("{{\"n\":{other}}}");
            assert_eq!(redacted(&payload), payload);
        }
    }

    #[test]
    fn unreadable_texts_are_replaced() {
        assert_eq!(redacted(r#"{"t":"ana@example.com \ud800","n":1}"#), r#"{"t":"[UNREADABLE]","n":1}"#);
    }

    #[test]
    fn a_payload_without_personal_data_is_not_copied() {
        for payload in [r#"{"transcript":"order 123456, \"ok\"","n":17}"#, "{}", "", "{\"unfinished"] {
            assert!(matches!(redacted(payload), Cow::Borrowed(found) if found == payload));
        }
    }

    #[test]
    fn only_texts_of_the_json_change() {
        let payload = r#"{"a":"é \\ \" ana@example.com \u0000 \ud83d\ude00","b":[true,null,1.5e3]}"#;
        let before: serde_json::Value = serde_json::from_str(payload).unwrap();
        let mut after: serde_json::Value = serde_json::from_str(&redacted(payload)).unwrap();
        assert_eq!(after["a"], "é \\ \" [EMAIL] \u{0} 😀");
        after["a"] = before["a"].clone();
        assert_eq!(after, before);
    }
}
