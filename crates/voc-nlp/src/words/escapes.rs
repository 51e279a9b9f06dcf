//! Characters written as HTML entities, or with a backslash as in JSON.

/// Maximum length of an entity's name or number.
const LONGEST: usize = 10;

/// The character that `text` begins with, if it is escaped, and the length of its escape.
pub(super) fn escape_at(text: &[u8]) -> Option<(char, usize)> {
    match text {
        [b'&', rest @ ..] => entity(rest),
        [b'\\', rest @ ..] => backslash(rest),
        _ => None,
    }
}

/// The entity after the `&`.
fn entity(rest: &[u8]) -> Option<(char, usize)> {
    let len = rest.iter().take(LONGEST + 1).position(|byte| *byte == b';').filter(|len| *len > 0)?;
    let name = str::from_utf8(rest.get(..len)?).ok()?;
    let c = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
        None if name.bytes().all(|byte| byte.is_ascii_alphanumeric()) => named(name),
        None => return None,
    };
    Some((c, len + 2))
}

/// The character of a named entity, lower-case if it is a letter; a space for all that are no part of words.
fn named(name: &str) -> char {
    let known = NAMED.iter().find(|(names, _)| names.split(' ').any(|known| name.eq_ignore_ascii_case(known)));
    known.map_or(' ', |(_, c)| *c)
}

const NAMED: [(&str, char); 26] = [
    ("apos rsquo lsquo prime", '\''),
    ("quot ldquo rdquo laquo raquo", '"'),
    ("ndash mdash", '\u{2014}'),
    ("hellip", '\u{2026}'),
    ("aacute", 'á'),
    ("agrave", 'à'),
    ("acirc", 'â'),
    ("atilde", 'ã'),
    ("auml", 'ä'),
    ("ccedil", 'ç'),
    ("eacute", 'é'),
    ("egrave", 'è'),
    ("ecirc", 'ê'),
    ("iacute", 'í'),
    ("icirc", 'î'),
    ("ntilde", 'ñ'),
    ("oacute", 'ó'),
    ("ocirc", 'ô'),
    ("otilde", 'õ'),
    ("ouml", 'ö'),
    ("uacute", 'ú'),
    ("ucirc", 'û'),
    ("uuml", 'ü'),
    ("szlig", 'ß'),
    ("ordf", 'ª'),
    ("ordm", 'º'),
];

/// The escape after the backslash.
fn backslash(rest: &[u8]) -> Option<(char, usize)> {
    // Escaped twice.
    let more = rest.iter().take(3).take_while(|byte| **byte == b'\\').count();
    let (c, len) = match rest.get(more..)? {
        [b'n' | b'N' | b'r' | b'R', ..] => ('\n', 1),
        [b't' | b'T', ..] => (' ', 1),
        [quote @ (b'"' | b'\'' | b'/'), ..] => (char::from(*quote), 1),
        [b'u' | b'U', digits @ ..] => {
            let digits = str::from_utf8(digits.get(..4)?).ok()?;
            // Half of a surrogate pair is an emoji that is not known.
            (char::from_u32(u32::from_str_radix(digits, 16).ok()?).unwrap_or(' '), 5)
        }
        _ => return None,
    };
    Some((c, 1 + more + len))
}

/// The characters of `text`, the escaped ones unescaped, with where they begin and end.
pub(super) fn unescaped(text: &str) -> impl Iterator<Item = (usize, usize, char)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let start = at;
        let (c, len) = escape_at(rest.as_bytes()).or_else(|| rest.chars().next().map(|c| (c, c.len_utf8())))?;
        at += len;
        Some((start, at, c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        let plain = |text: &str| unescaped(text).map(|(_, _, c)| c).collect::<String>();
        for (escaped, expected) in [
            ("isn&#39;t isn&rsquo;t isn&apos;t isn&#x27;t isn\\'t isn\\u0027t", "isn't isn't isn't isn't isn't isn't"),
            ("N&Atilde;O n&atilde;o n&#227;o n\\u00e3o", "NãO não não não"),
            ("a\\nb\\r\\nc\\\\nd", "a\nb\n\nc\nd"),
            ("x&nbsp;&amp;&lt;&unknown;y", "x    y"),
            ("R&B; & &; &#; &#x; \\ \\x \\u12", "R  & &; &#; &#x; \\ \\x \\u12"),
            ("\\ud83d\\ude00 &#1114112;", "   &#1114112;"),
        ] {
            assert_eq!(plain(escaped), expected, "{escaped}");
        }
    }
}
