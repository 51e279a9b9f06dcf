//! Reads JSON that may be cut off.
//!
//! A transcript is cut off after [`MAX_CHARS`](crate::MAX_CHARS), so that long JSON ends within a string. Readers of
//! whole documents, `serde_json` among them, have no value then. This one keeps what it has read. It also takes what
//! others write by mistake: Python's quotes and constants, line feeds and quotes within strings, commas too many.

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// `null` and booleans, which are no part of a conversation.
    Nothing,
    Number(f64),
    Text(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

/// Maximum nesting of values.
const MAX_DEPTH: usize = 32;
/// Maximum length of what may follow the values without being read, such as "… (truncated)".
const MAX_REST: usize = 16;

/// What was read of a text.
#[derive(Debug, PartialEq)]
pub(super) struct Document {
    pub(super) values: Vec<Value>,
    /// Whether the text ends within a value.
    pub(super) is_cut: bool,
}

impl Document {
    /// One or more values; `None` if the text is not JSON.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut reader = Reader { text, at: 0, failed: None };
        let mut values = Vec::new();
        loop {
            reader.skip_separators();
            match reader.peek() {
                None => break,
                Some(_) => match reader.value(0) {
                    Some(value) => values.push(value),
                    None => break,
                },
            }
            if reader.failed.is_some() {
                break;
            }
        }
        let rest = text.len() - reader.failed.unwrap_or(reader.at).min(text.len());
        let is_read = !values.is_empty() && rest <= MAX_REST;
        is_read.then_some(Self { values, is_cut: reader.failed.is_some() })
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    /// Where a value could not be read. Whatever contains it ends there.
    failed: Option<usize>,
}

impl<'t> Reader<'t> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Skips what is between values, a mark of the byte order between the files that were joined included.
    fn skip_separators(&mut self) {
        let is_separator = |c: char| c.is_ascii_whitespace() || matches!(c, ',' | '\u{feff}');
        self.at = self.text.len() - self.rest().trim_start_matches(is_separator).len();
    }

    fn fail<T>(&mut self) -> Option<T> {
        self.failed = self.failed.or(Some(self.at));
        None
    }

    /// A value, or what there is of it before the reader fails.
    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return self.fail();
        }
        match self.peek() {
            Some(b'{') => Some(self.object(depth)),
            Some(b'[') => Some(self.list(depth)),
            Some(quote @ (b'"' | b'\'')) => Some(Value::Text(self.string(quote))),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.constant(),
        }
    }

    fn list(&mut self, depth: usize) -> Value {
        let mut values = Vec::new();
        self.at += 1;
        while self.failed.is_none() {
            self.skip_separators();
            if self.peek() == Some(b']') {
                self.at += 1;
                break;
            }
            values.extend(self.value(depth + 1));
        }
        Value::List(values)
    }

    fn object(&mut self, depth: usize) -> Value {
        let mut fields = Vec::new();
        self.at += 1;
        while self.failed.is_none() {
            self.skip_separators();
            let key = match self.peek() {
                Some(b'}') => {
                    self.at += 1;
                    break;
                }
                Some(quote @ (b'"' | b'\'')) => self.string(quote),
                _ => self.bare_key(),
            };
            while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
                self.at += 1;
            }
            if self.failed.is_some() || self.peek() != Some(b':') {
                self.fail::<()>();
                break;
            }
            self.at += 1;
            while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
                self.at += 1;
            }
            fields.extend(self.value(depth + 1).map(|value| (key, value)));
        }
        Value::Object(fields)
    }

    /// A key without quotes, as in programs; empty if there is none.
    fn bare_key(&mut self) -> String {
        let rest = self.rest();
        let key = rest.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$'))).next().unwrap_or_default();
        self.at += key.len();
        key.to_owned()
    }

    fn number(&mut self) -> Option<Value> {
        let rest = self.rest();
        let len = rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E')));
        let number = rest.get(..len.unwrap_or(rest.len())).and_then(|number| number.parse().ok());
        let Some(number) = number else { return self.fail() };
        self.at += len.unwrap_or(rest.len());
        Some(Value::Number(number))
    }

    fn constant(&mut self) -> Option<Value> {
        let constants = ["null", "true", "false", "None", "True", "False", "NaN", "nan", "Infinity", "-Infinity"];
        let Some(constant) = constants.into_iter().find(|constant| self.rest().starts_with(constant)) else {
            return self.fail();
        };
        self.at += constant.len();
        Some(Value::Nothing)
    }

    /// A string; to the end of the text if it is cut off.
    fn string(&mut self, quote: u8) -> String {
        let mut string = String::new();
        self.at += 1;
        loop {
            let rest = self.rest();
            let Some(len) = memchr::memchr2(quote, b'\\', rest.as_bytes()) else {
                string.push_str(rest);
                self.at = self.text.len();
                self.fail::<()>();
                return string;
            };
            string.push_str(rest.get(..len).unwrap_or_default());
            self.at += len + 1;
            if rest.as_bytes().get(len) == Some(&b'\\') {
                self.escape(&mut string);
            } else if self.ends_string() {
                return string;
            } else {
                string.push(char::from(quote));
            }
        }
    }

    /// Whether a quote before this position ends a string. Quotes within strings should be escaped, but some are not.
    fn ends_string(&self) -> bool {
        let rest = self.rest();
        rest.trim_start().is_empty()
            || rest.trim_start_matches([' ', '\t']).starts_with(['\n', '\r', ',', '}', ']', ':'])
    }

    /// The character after a backslash.
    fn escape(&mut self, string: &mut String) {
        let Some(c) = self.rest().chars().next() else { return };
        self.at += c.len_utf8();
        match c {
            'n' => string.push('\n'),
            't' => string.push('\t'),
            'r' => string.push('\r'),
            'b' | 'f' => string.push(' '),
            'u' => {
                let unit = self.hex(4);
                let is_pair = matches!(unit, Some(0xD800..=0xDBFF)) && self.rest().starts_with("\\u");
                let second = if is_pair {
                    self.at += 2;
                    self.hex(4)
                } else {
                    None
                };
                let code = match (unit, second) {
                    (Some(high), Some(low @ 0xDC00..=0xDFFF)) => {
                        Some(0x1_0000 + ((high & 0x3FF) << 10) + (low & 0x3FF))
                    }
                    _ => unit,
                };
                string.extend(code.and_then(char::from_u32));
            }
            'x' => string.extend(self.hex(2).and_then(char::from_u32)),
            _ => string.push(c),
        }
    }

    /// A number of as many hexadecimal digits.
    fn hex(&mut self, digits: usize) -> Option<u32> {
        let number = self.text.get(self.at..self.at + digits).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        // An escape may be cut off.
        let is_whole = number.is_some() || self.rest().len() < digits;
        self.at = if is_whole { self.text.len().min(self.at + digits) } else { self.at };
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> (Value, bool) {
        let mut document = Document::read(text).expect(text);
        assert_eq!(document.values.len(), 1, "{text}");
        (document.values.remove(0), document.is_cut)
    }

    fn said(text: &str) -> Value {
        Value::List(vec![Value::Object(vec![("a".to_owned(), Value::Text(text.to_owned()))])])
    }

    #[test]
    fn whole_values() {
        assert_eq!(one(r#"[{"a": "caf\u00e9 \ud83d\ude00 \"\n"}]"#), (said("café 😀 \"\n"), false));
        assert_eq!(one("[{'a': 'it\\'s', },]\n"), (said("it's"), false));
        assert_eq!(
            one("[{a: \"he said \"hello\" to me\nand left\"}]"),
            (said("he said \"hello\" to me\nand left"), false)
        );
        assert_eq!(one("[1, -2.5e1, None, NaN, true]").0, {
            let nothing = || Value::Nothing;
            Value::List(vec![Value::Number(1.0), Value::Number(-25.0), nothing(), nothing(), nothing()])
        });
        assert_eq!(Document::read("{}\n{}, 7").map(|document| document.values.len()), Some(3));
    }

    #[test]
    fn what_is_cut_off_is_kept() {
        for (text, kept) in [
            (r#"[{"a": "hello"#, "hello"),
            (r#"[{"a": "hello\"#, "hello"),
            (r#"[{"a": "hello\u00"#, "hello"),
            (r#"[{"a": "hello", "b"#, "hello"),
            (r#"[{"a": "hello", "b": "#, "hello"),
            (r#"[{"a": "hello", "b": tr"#, "hello"),
            (r#"[{"a": "hello"}"#, "hello"),
            (r#"[{"a": "hello"}, …"#, "hello"),
        ] {
            assert_eq!(one(text), (said(kept), true), "{text}");
        }
    }

    #[test]
    fn other_text_has_no_values() {
        for text in
            ["hello", "[Agent] hello there, how are you and what can I do for you?", "{name}, your order number"]
        {
            assert_eq!(Document::read(text), None, "{text}");
        }
        assert_eq!(Document::read(&"[".repeat(10_000)), None);
    }
}
