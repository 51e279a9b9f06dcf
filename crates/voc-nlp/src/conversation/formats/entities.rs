//! Character references of HTML.

/// The longest reference: `&CounterClockwiseContourIntegral;` is not known here.
const LONGEST: usize = 10;

/// The character that a reference at the beginning of the text stands for, and its length: `&amp;`, `&#39;`.
pub(super) fn entity(text: &str) -> Option<(char, usize)> {
    let name = text.strip_prefix('&')?;
    let len = name.bytes().take(LONGEST).position(|byte| byte == b';')?;
    let name = name.get(..len)?;
    let c = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            // Windows-1252 under the numbers of control characters.
            match code {
                0x91 | 0x92 => '’',
                0x93 | 0x94 => '"',
                0x96 | 0x97 => '–',
                0x85 => '…',
                _ => char::from_u32(code)?,
            }
        }
        None => named(name)?,
    };
    Some((c, len + 2))
}

fn named(name: &str) -> Option<char> {
    Some(match name {
        "amp" | "AMP" => '&',
        "lt" | "LT" => '<',
        "gt" | "GT" => '>',
        "quot" | "QUOT" => '"',
        "apos" => '\'',
        "nbsp" | "ensp" | "emsp" | "thinsp" | "Tab" => ' ',
        "NewLine" => '\n',
        "shy" | "zwnj" | "zwj" => '\u{ad}',
        "lrm" => '\u{200e}',
        "rlm" => '\u{200f}',
        "lsquo" => '‘',
        "rsquo" => '’',
        "sbquo" => '‚',
        "ldquo" => '“',
        "rdquo" => '”',
        "bdquo" => '„',
        "laquo" => '«',
        "raquo" => '»',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "bull" => '•',
        "middot" => '·',
        "iexcl" => '¡',
        "iquest" => '¿',
        "euro" => '€',
        "pound" => '£',
        "yen" => '¥',
        "cent" => '¢',
        "copy" => '©',
        "reg" => '®',
        "trade" => '™',
        "deg" => '°',
        "ordf" => 'ª',
        "ordm" => 'º',
        "sect" => '§',
        "times" => '×',
        "frac12" => '½',
        "hearts" => '♥',
        "szlig" => 'ß',
        "aelig" => 'æ',
        "AElig" => 'Æ',
        "oslash" => 'ø',
        "Oslash" => 'Ø',
        _ => return accented(name),
    })
}

/// `eacute`, `Atilde`: a letter and its accent.
fn accented(name: &str) -> Option<char> {
    let mut chars = name.chars();
    let letter = chars.next()?;
    let (letters, accented) = match chars.as_str() {
        "acute" => ("AEIOUYaeiouy", "ÁÉÍÓÚÝáéíóúý"),
        "grave" => ("AEIOUaeiou", "ÀÈÌÒÙàèìòù"),
        "circ" => ("AEIOUaeiou", "ÂÊÎÔÛâêîôû"),
        "tilde" => ("ANOano", "ÃÑÕãñõ"),
        "uml" => ("AEIOUaeiouy", "ÄËÏÖÜäëïöüÿ"),
        "cedil" => ("Cc", "Çç"),
        "ring" => ("Aa", "Åå"),
        _ => return None,
    };
    letters.chars().position(|candidate| candidate == letter).and_then(|place| accented.chars().nth(place))
}

/// Appends a text with its references replaced.
pub(super) fn push_decoded(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        let (before, reference) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        let (c, len) = entity(reference).unwrap_or(('&', 1));
        out.push(c);
        rest = reference.get(len..).unwrap_or_default();
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_of_all_kinds() {
        let mut out = String::new();
        push_decoded(&mut out, "AT&T &amp; I can&#39;t, I don&rsquo;t &#x1F600; &ccedil;&Atilde;o &unknown; R&D; &");
        assert_eq!(out, "AT&T & I can't, I don’t 😀 çÃo &unknown; R&D; &");
    }
}
