//! The nesting of JSON, determined without parsing.

/// The nesting of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Nesting {
    /// Levels of objects and arrays within each other.
    pub(super) levels: usize,
    /// Approximate number of values.
    #[cfg_attr(not(feature = "json-schema"), allow(dead_code, reason = "only its validation depends on them"))]
    pub(super) values: usize,
}

/// Scans a text. If it is not JSON, the result is meaningless.
pub(super) fn nesting(json: &str) -> Nesting {
    let (mut level, mut levels, mut values) = (0_usize, 0, 1);
    let mut bytes = json.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' | b'[' => {
                level += 1;
                values += 1;
                levels = levels.max(level);
            }
            b'}' | b']' => level = level.saturating_sub(1),
            b',' => values += 1,
            b'"' => {
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'"' => break,
                        b'\\' => drop(bytes.next()),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    Nesting { levels, values }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_strings_do_not_count() {
        assert_eq!(nesting("1"), Nesting { levels: 0, values: 1 });
        assert_eq!(nesting(r#"{"a":[{}],"b":"[[[\"[[,"}"#), Nesting { levels: 3, values: 5 });
        assert_eq!(nesting("]]]["), Nesting { levels: 1, values: 2 });
    }
}
