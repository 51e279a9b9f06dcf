//! Payloads without personal data.
//!
//! A payload stays the same JSON but for its texts: keys, the event's own identifiers and numbers that are no personal data are left
//! as they are, so that what reads payloads goes on working.

use std::borrow::Cow;

use voc_nlp::{PersonalData, Redactor};

/// Top-level members that say which event it is and whose; besides these, all whose names end in `_id` are kept.
const KEPT: &[&str] = &["timestamp", "event_type"];
/// Shorter numbers are never redacted.
const LONG: usize = 11;

/// The payload, a JSON object, with tags in the place of personal data; the payload itself if it has none.
pub(super) fn redact<'p>(redactor: Redactor, payload: &'p str) -> Cow<'p, str> {
    let mut walk = Walk { redactor, payload, at: 0, depth: 0, is_kept: false, redacted: String::new(), copied: 0 };
    while walk.step().is_some() {}
    if walk.redacted.is_empty() {
        return Cow::Borrowed(payload);
    }
    walk.redacted.push_str(payload.get(walk.copied..).unwrap_or_default());
    Cow::Owned(walk.redacted)
}

/// A walk over JSON that is known to be valid.
struct Walk<'p> {
    redactor: Redactor,
    payload: &'p str,
    at: usize,
    depth: usize,
    /// Whether the top-level member at hand is left alone.
    is_kept: bool,
    /// What is written so far: the payload up to `copied`; empty until something is found.
    redacted: String,
    copied: usize,
}

impl Walk<'_> {
    /// Goes on behind the next string, number or bracket; `None` at the end.
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
                self.is_kept = KEPT.contains(&text) || text.ends_with("_id");
            }
        } else if !self.is_kept {
            self.redact_text(start, text);
        }
        Some(())
    }

    fn redact_text(&mut self, start: usize, text: &str) {
        if !text.contains('\\') {
            if let Cow::Owned(redacted) = self.redactor.redact(text) {
                self.write(start + 1, start + 1 + text.len(), &redacted);
            }
            return;
        }
        // What is escaped is text, too: a line feed before a number is no letter n.
        let literal = self.payload.get(start..self.at).unwrap_or_default();
        let Ok(text) = serde_json::from_str::<String>(literal) else { return };
        if let Cow::Owned(redacted) = self.redactor.redact(&text) {
            let literal = serde_json::Value::String(redacted).to_string();
            self.write(start, self.at, &literal);
        }
    }

    /// Of numbers only those with check digits are taken for personal data: there are many other long ones.
    fn number(&mut self) -> Option<()> {
        let start = self.at;
        let rest = self.payload.get(start..)?;
        let len = rest.find(|c: char| !(c.is_ascii_digit() || "+-.eE".contains(c))).unwrap_or(rest.len());
        self.at += len;
        let number = rest.get(..len)?;
        if len < LONG || self.is_kept || self.payload.get(..start)?.ends_with('-') {
            return Some(());
        }
        let found = self.redactor.find(number).next().filter(|found| found.start == 0 && found.end == len);
        if let Some(kind @ (PersonalData::Card | PersonalData::Cpf | PersonalData::Cnpj)) =
            found.map(|found| found.kind)
        {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(payload: &str) -> Cow<'_, str> {
        redact(Redactor::default(), payload)
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
    fn a_payload_without_personal_data_is_not_copied() {
        for payload in [r#"{"transcript":"order 123456, \"ok\"","n":17}"#, "{}", "", "{\"unfinished"] {
            assert!(matches!(redacted(payload), Cow::Borrowed(found) if found == payload));
        }
    }

    #[test]
    fn what_comes_out_is_json_that_says_the_same_but_for_texts() {
        let payload = r#"{"a":"é \\ \" ana@example.com \u0000 \ud83d\ude00","b":[true,null,1.5e3]}"#;
        let before: serde_json::Value = serde_json::from_str(payload).unwrap();
        let mut after: serde_json::Value = serde_json::from_str(&redacted(payload)).unwrap();
        assert_eq!(after["a"], "é \\ \" [EMAIL] \u{0} 😀");
        after["a"] = before["a"].clone();
        assert_eq!(after, before);
    }
}
