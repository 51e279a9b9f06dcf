//! What is percent-encoded in a URL: the names and values of a query, and the path.

/// A name with its value, or that with the name as it is written, if one of the two is not percent-encoded UTF-8.
pub(crate) type Pair = Result<(String, String), String>;

/// The pairs of a query in the form that HTML forms have: separated by `&`, with `+` for spaces.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = Pair> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decoded = decode(name).and_then(|name| Some((name, decode(value)?)));
        decoded.ok_or_else(|| decode(name).unwrap_or_else(|| name.to_owned()))
    })
}

/// Whether a path is percent-encoded UTF-8.
pub(crate) fn is_path(path: &str) -> bool {
    decode(path).is_some()
}

/// `None` if a `%` is not followed by two hexadecimal digits, or the bytes are not UTF-8.
pub(crate) fn decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => hex(bytes.next()?)? << 4 | hex(bytes.next()?)?,
            other => other,
        });
    }
    String::from_utf8(decoded).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| value.try_into().ok())
}
