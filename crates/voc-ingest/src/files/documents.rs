//! Reads JSON values that are not one per line: in an array, over several lines, or concatenated.

use std::io::{self, BufRead as _, BufReader, ErrorKind, Read};

use twox_hash::XxHash3_128;

use super::{marks::Mark, scanner::Scanner, unit::Unit};

/// Reads values and hashes the content up to the end of each.
pub(super) struct Documents<R> {
    reader: BufReader<R>,
    scanner: Scanner,
    /// Whether the scanner has a complete value that was not returned yet.
    is_ready: bool,
    /// Whether the last value returned is the incomplete end of the text.
    is_part: bool,
    next_number: i64,
    /// Hashes all consumed content.
    hasher: XxHash3_128,
    /// The hash up to the end of the last complete value.
    end: u128,
}

impl<R: Read> Documents<R> {
    pub(super) fn new(reader: BufReader<R>) -> Self {
        Self {
            reader,
            scanner: Scanner::default(),
            is_ready: false,
            is_part: false,
            next_number: 0,
            hasher: XxHash3_128::new(),
            end: 0,
        }
    }

    /// The next value; `None` at the end.
    pub(super) fn next_unit(&mut self) -> io::Result<Option<Unit<'_>>> {
        if self.is_part {
            return Ok(None);
        }
        while !self.is_ready() {
            match self.reader.fill_buf() {
                Ok([]) if self.scanner.has_begun() => {
                    self.is_part = true;
                    break;
                }
                Ok([]) => return Ok(None),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.is_ready = false;
        let number = self.next_number;
        self.next_number += 1;
        let (bytes, length) = (self.scanner.value(), self.scanner.length());
        Ok(Some(Unit { number, bytes, length, is_whole: !self.is_part }))
    }

    /// Whether the next value is available without further reads. After this only [`next_unit`](Self::next_unit) may
    /// be called: the hash is ahead of the last value returned.
    pub(super) fn is_ready(&mut self) -> bool {
        if !self.is_ready && !self.reader.buffer().is_empty() {
            let buffer = self.reader.buffer();
            let taken = self.scanner.take(buffer);
            self.hasher.write(&buffer[..taken.bytes]);
            self.reader.consume(taken.bytes);
            self.is_ready = taken.is_end;
            if taken.is_end {
                self.end = self.hasher.finish_128();
            }
        }
        self.is_ready
    }

    /// Number of values returned so far.
    pub(super) fn count(&self) -> i64 {
        self.next_number
    }

    /// Whether the text ended prematurely: within a value or an array.
    pub(super) fn is_open(&self) -> bool {
        self.scanner.is_open()
    }

    /// A mark of the last complete value returned.
    pub(super) fn mark(&self) -> Option<Mark> {
        let whole = self.next_number - i64::from(self.is_part);
        (whole > 0).then(|| Mark::new(whole - 1, self.end))
    }

    /// A mark of the last value returned by its content, complete or not.
    pub(super) fn mark_of_content(&self) -> Mark {
        let hash = if self.is_part { self.hasher.finish_128() } else { self.end };
        Mark::new(self.next_number - 1, hash)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Values and whether they are complete, read with different buffer sizes.
    fn values(input: &[u8]) -> Vec<(String, bool)> {
        let mut all = None;
        for buffer in [1, 2, 7, 4096] {
            let mut documents = Documents::new(BufReader::with_capacity(buffer, input));
            let mut found = Vec::new();
            while let Some(unit) = documents.next_unit().unwrap() {
                assert_eq!(unit.number, i64::try_from(found.len()).unwrap());
                assert_eq!(unit.length, unit.bytes.len());
                found.push((String::from_utf8_lossy(unit.bytes).into_owned(), unit.is_whole));
            }
            let mark = documents.mark();
            assert_eq!(*all.get_or_insert_with(|| (found.clone(), mark.clone())), (found, mark), "by {buffer}");
        }
        all.unwrap().0
    }

    fn check(input: &str, whole: &[&str]) {
        let expected: Vec<_> = whole.iter().map(|value| ((*value).to_owned(), true)).collect();
        assert_eq!(values(input.as_bytes()), expected, "{input}");
    }

    #[test]
    fn values_are_found_in_any_layout() {
        for empty in ["", " \n", "[]", "[\n]\n", "\u{feff}", "\u{feff}[ ]\u{feff}\n"] {
            check(empty, &[]);
        }
        let (one, other) = (r#"{"a":"}],{\"","b":[[{}],1]}"#, "{\n  \"a\": {\n    \"b\": null\n  }\n}");
        for text in [
            format!("[{one},{other}]"),
            format!("[\n  {one},\n  {other}\n]\n"),
            format!("{one}{other}"),
            format!("\u{feff}{one}\r\n\u{feff}{other}"),
            format!("{one},\n{other},\n"),
            format!("[{one}]\n[{other}]"),
            format!("[{one}]{other}"),
            format!("[,{one},,{other},]"),
            format!("{one}\0{other}\0"),
            format!("\u{1e}{one}\n\u{1e}{other}\n"),
            format!("{one}\r{other}\r"),
        ] {
            check(&text, &[one, other]);
        }
        check("[1, \"x,]\", null , [2], true]", &["1", "\"x,]\"", "null", "[2]", "true"]);
        check("# a comment, of words\n{\"a\":1}\n", &["# a comment", "of words", "{\"a\":1}"]);
    }

    #[test]
    fn malformed_values_do_not_affect_later_ones() {
        let whole = "{\"a\":1}";
        for broken in [
            "{\"a\":\"no end",
            "{\"a\":\"no end\\",
            "{\"a\":\"x\",",
            "{\"a\":{\"b\":1},",
            "{\"a\":[1,2",
            "{\"a\":tru}",
            "{\"a\":[1}",
            "}",
        ] {
            for (before, between, after) in [("[\n", "\n", "\n]"), ("[\n  ", "\n  ", "\n]"), ("", "\n", "\n")] {
                let text = format!("{before}{broken}{between}{whole},{between}{whole}{after}");
                let found: Vec<_> = values(text.as_bytes()).into_iter().map(|(value, _)| value).collect();
                assert!(found.ends_with(&[whole.to_owned(), whole.to_owned()]), "{text}: {found:?}");
                let all: String = found.concat();
                let left_out = |text: &str| text.replace(['\n', ' ', ',', ']'], "");
                assert_eq!(left_out(&all), left_out(&text).trim_start_matches('['), "nothing is left out");
            }
        }
        check("[{\"a\":1]},{\"b\":2}]\n", &["{\"a\":1", "}", "{\"b\":2}", "]"]);
        check("[{\"a\":1,{\"b\":2}]", &["{\"a\":1,", "{\"b\":2}"]);
        check("[{\"a\":{\"b\":1,{\"c\":2}}]", &["{\"a\":{\"b\":1,{\"c\":2}}"]);
        // The next value of a JSON text sequence begins.
        check("\u{1e}{\"a\":\"no end\n\u{1e}{\"b\":2}\n", &["{\"a\":\"no end", "{\"b\":2}"]);
        // A multi-line object lacks its end, and the next one begins.
        check(
            "[\n  {\n    \"a\": 1\n  ,\n  {\n    \"b\": 2\n  }\n]",
            &["{\n    \"a\": 1\n  ,", "{\n    \"b\": 2\n  }"],
        );
    }

    #[test]
    fn an_incomplete_last_value_is_marked_as_such() {
        for (text, part) in
            [("[1,{\"a\":", "{\"a\":"), ("1 \n{\"a\": \"x", "{\"a\": \"x"), ("1\n2", "2"), ("1\n\"x", "\"x")]
        {
            let found = values(text.as_bytes());
            assert_eq!(found, [("1".to_owned(), true), (part.to_owned(), false)], "{text}");
        }
        for (text, is_open) in
            [("[1,2", true), ("[1,", true), ("[{}]", false), ("{\"a\"", true), ("1", false), ("\"x", true)]
        {
            let mut documents = Documents::new(BufReader::new(text.as_bytes()));
            while documents.next_unit().unwrap().is_some() {}
            assert_eq!(documents.is_open(), is_open, "{text}");
        }
    }

    #[test]
    fn overlong_values_are_truncated() {
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(17 << 20));
        for deep in [long, "[".repeat(17 << 20) + &"]".repeat(17 << 20)] {
            let text = format!("[{{}},{deep},{{}}]");
            let mut documents = Documents::new(BufReader::new(text.as_bytes()));
            let mut lengths = Vec::new();
            while let Some(unit) = documents.next_unit().unwrap() {
                lengths.push((unit.bytes.len(), unit.length));
            }
            assert_eq!(lengths, [(2, 2), (16 << 20, deep.len()), (2, 2)]);
        }
    }

    /// Reads to the end; returns the marks of every value, by end and by content.
    fn marks(input: &str) -> Vec<(Option<Mark>, Mark)> {
        let mut documents = Documents::new(BufReader::with_capacity(3, input.as_bytes()));
        let mut marks = Vec::new();
        while documents.next_unit().unwrap().is_some() {
            marks.push((documents.mark(), documents.mark_of_content()));
        }
        marks
    }

    #[test]
    fn a_mark_covers_all_content_up_to_its_value() {
        let whole = marks("[{\"a\":1},{\"b\":2}, {\"c\":3}]");
        assert_eq!(whole.iter().flat_map(|(end, _)| end).map(|mark| mark.number).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(marks("[{\"a\":1},{\"b\":2}")[1], whole[1]);
        assert_ne!(marks("[{\"x\":1},{\"b\":2}]")[1], whole[1]);
        assert_ne!(marks("[{\"a\":1}, {\"b\":2}]")[1], whole[1]);
        let part = marks("[{\"a\":1},{\"b\":2}, {\"c\"");
        assert_eq!(part[2].0, whole[1].0, "a part is not marked as a whole");
        assert_ne!(part[2].1, whole[2].1);
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<i32>().prop_map(Into::into),
            "[ -~\\n\u{e9}]{0,9}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 20, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::btree_map("[ -~]{0,4}", inner, 0..4)
                    .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn valid_values_are_never_split(list in prop::collection::vec(json(), 0..6), is_pretty: bool) {
            let list = serde_json::Value::Array(list);
            let text = if is_pretty { serde_json::to_string_pretty(&list) } else { serde_json::to_string(&list) }.unwrap();
            let found: Vec<serde_json::Value> = values(text.as_bytes())
                .iter()
                .map(|(value, is_whole)| { assert!(is_whole); serde_json::from_str(value).unwrap() })
                .collect();
            prop_assert_eq!(serde_json::Value::Array(found), list);
        }

        #[test]
        fn no_byte_is_dropped(text in "[\\[\\]{}\",:\\\\ \\na1é]{0,40}") {
            let kept = |text: &str| text.replace(['\n', ' ', ',', '[', ']'], "");
            let found: String = values(text.as_bytes()).into_iter().map(|(value, _)| value).collect();
            prop_assert_eq!(kept(&found), kept(&text));
        }
    }
}
