//! The names of types as an engine writes them.

/// The elements of `Array(Tuple(name Type, …))`, in order; `None` if they have no names.
pub(crate) fn named_elements(text: &str) -> Option<Vec<(String, String)>> {
    let inner = text.strip_prefix("Array(Tuple(")?.strip_suffix("))")?;
    let element = |element: &str| {
        let (name, of_type) = element.trim().split_once(' ')?;
        let name = name.trim_matches('`');
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        is_name.then(|| (name.to_owned(), of_type.trim().to_owned()))
    };
    at_commas(inner).into_iter().map(element).collect()
}

/// A type without what says that values may be absent, or how they are kept.
pub(crate) fn strip(of_type: &str) -> &str {
    let mut stripped = of_type;
    loop {
        let inner = ["Nullable(", "LowCardinality("].iter().find_map(|outer| stripped.strip_prefix(outer));
        match inner.and_then(|inner| inner.strip_suffix(')')) {
            Some(inner) => stripped = inner,
            None => return stripped,
        }
    }
}

/// The parts of a text between commas that are neither in parentheses nor in quotes.
fn at_commas(text: &str) -> Vec<&str> {
    let (mut depth, mut quote, mut escaped, mut start) = (0_i32, None, false, 0);
    let mut parts = Vec::new();
    for (place, character) in text.char_indices() {
        match (quote, character) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '`') => quote = Some(character),
            (None, '(') => depth += 1,
            (None, ')') => depth -= 1,
            (None, ',') if depth == 0 => {
                parts.push(&text[start..place]);
                start = place + 1;
            }
            (None, _) => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_have_names_and_types() {
        let text = "Array(Tuple(\n    c UInt64,\n    `e` Enum8('a,)' = 1, '\\'(' = 2),\n    t DateTime64(3, 'UTC')))";
        let expected = [("c", "UInt64"), ("e", "Enum8('a,)' = 1, '\\'(' = 2)"), ("t", "DateTime64(3, 'UTC')")];
        let elements = named_elements(text).unwrap();
        let elements: Vec<_> = elements.iter().map(|(name, of_type)| (name.as_str(), of_type.as_str())).collect();
        assert_eq!(elements, expected);
        assert_eq!(named_elements("Array(Tuple(UInt64, String))"), None);
        assert_eq!(named_elements("Array(Tuple(Nullable(DateTime64(3, 'UTC')), String))"), None);
        assert_eq!(strip("LowCardinality(Nullable(String))"), "String");
    }
}
