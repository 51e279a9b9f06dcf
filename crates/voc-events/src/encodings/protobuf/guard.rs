//! Checks the text of a schema before it is compiled.
//!
//! The compiler recurses for every level of nesting in the value of an option, and for every part of an option's name:
//! a few tens of kilobytes of these overflow its stack.

use crate::encodings::SchemaError;

/// Maximum nesting of brackets. Messages alone may be nested 31 levels deep.
const MAX_NESTING: usize = 32;

/// Maximum number of dots in a name.
const MAX_DOTS: usize = 32;

/// Checks that a text is not nested more than any real schema.
pub(super) fn check(text: &str) -> Result<(), SchemaError> {
    let (mut nesting, mut dots) = (0_usize, 0_usize);
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match first {
            b'#' => rest = rest_after(rest, b"\n"),
            b'/' if rest.first() == Some(&b'/') => rest = rest_after(rest, b"\n"),
            b'/' if rest.first() == Some(&b'*') => rest = rest_after(&rest[1..], b"*/"),
            b'"' | b'\'' => rest = behind_string(rest, *first),
            b'{' | b'[' | b'(' | b'<' => nesting += 1,
            b'}' | b']' | b')' | b'>' => nesting = nesting.saturating_sub(1),
            b'.' => dots += 1,
            _ => {}
        }
        if matches!(first, b';' | b'{' | b'}' | b'=' | b',') {
            dots = 0;
        }
        if nesting > MAX_NESTING {
            return Err(SchemaError::TooComplex { what: "levels of nesting", limit: MAX_NESTING });
        }
        if dots > MAX_DOTS {
            return Err(SchemaError::TooComplex { what: "parts of a name", limit: MAX_DOTS });
        }
    }
    Ok(())
}

/// The text after the first occurrence of `end`.
fn rest_after<'t>(text: &'t [u8], end: &[u8]) -> &'t [u8] {
    match text.windows(end.len()).position(|window| window == end) {
        Some(at) => &text[at + end.len()..],
        None => &[],
    }
}

/// The text after a string. It ends with its line, at the latest.
fn behind_string(mut text: &[u8], quote: u8) -> &[u8] {
    while let [first, after @ ..] = text {
        text = after;
        match first {
            b'\\' => text = text.get(1..).unwrap_or(&[]),
            b'\n' => break,
            first if *first == quote => break,
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_is_counted_outside_of_comments_and_strings() {
        assert!(check(&"{}".repeat(1000)).is_ok());
        assert!(check(&"{".repeat(32)).is_ok());
        assert!(check(&"{".repeat(33)).is_err());
        assert!(check(&format!("// {}\n/* {0} */ '{0}' \"\\\"{0}\" # {0}", "{".repeat(40))).is_ok());
        // Closing brackets there count no more than opening ones.
        for closed in ["// }\n", "/* } */", "'}'", "\"\\\"}\"", "# }\n"] {
            assert!(check(&format!("{{ {closed}").repeat(33)).is_err(), "{closed}");
        }
        assert!(check(&format!("option (a){} = 1;", ".b".repeat(33))).is_err());
        assert!(check(&"a.b.c x = 1;".repeat(100)).is_ok());
        assert!(check("/* without an end").is_ok());
        assert!(check("\"without an end\\").is_ok());
    }
}
