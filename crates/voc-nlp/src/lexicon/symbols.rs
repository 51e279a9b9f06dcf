//! Emoji and emoticons.

/// The valence of an emoji, 0 for any other character.
pub(crate) fn symbol_valence(symbol: char) -> f32 {
    match symbol {
        '😍' | '🥰' | '🤩' | '❤' | '💖' | '💕' | '💯' | '😻' => 2.8,
        '😀' | '😃' | '😄' | '😁' | '😊' | '😎' | '😘' | '☺' | '😇' | '🥳' | '🎉' | '👏' | '💙' | '💚' | '💜' | '♥' => {
            2.2
        }
        '👍' | '🙂' | '😉' | '🤗' | '👌' | '🌟' | '⭐' | '🙌' | '💪' | '😂' | '🤣' | '😅' | '✨' | '💛' => {
            1.5
        }
        '🙏' | '✅' => 0.8,
        '😕' | '🙁' | '☹' | '😐' | '😑' | '😬' | '😴' | '🤔' | '😳' => -0.8,
        '😒' | '🙄' | '😞' | '😔' | '😟' | '😣' | '😖' | '😥' | '😓' | '😰' | '😨' | '😪' | '❌' => {
            -1.6
        }
        '😢' | '😭' | '😩' | '😫' | '💔' | '😱' | '🤦' | '🤢' | '💩' => -2.0,
        '😡' | '😠' | '🤬' | '👎' | '😤' | '🤮' | '🖕' | '👿' => -2.8,
        _ => 0.0,
    }
}

/// The valence and length of the emoticon that `text` begins with, such as `:)` or `:-(`; a valence of 0 if there is
/// none.
pub(crate) fn emoticon_valence(text: &[u8]) -> (f32, usize) {
    let (eyes, rest) = match text {
        [eyes @ (b':' | b';' | b'='), b'-' | b'\'' | b'o', rest @ ..] | [eyes @ (b':' | b';' | b'='), rest @ ..] => {
            (eyes, rest)
        }
        [b'<', b'3', rest @ ..] if !starts_with_word(rest) => return (1.9, 2),
        [b'<', b'/', b'3', rest @ ..] if !starts_with_word(rest) => return (-2.1, 3),
        [b'^', b'^', ..] => return (1.8, 2),
        [b'^', b'_', b'^', ..] => return (1.8, 3),
        [b'>', b':', b'(', ..] => return (-2.7, 3),
        _ => return (0.0, 0),
    };
    let valence = match rest {
        [b')' | b']' | b'}', ..] => 2.0,
        [b'(' | b'[' | b'{', ..] => -1.9,
        [b'D', rest @ ..] if !starts_with_word(rest) => 2.3,
        [b'P' | b'p', rest @ ..] if !starts_with_word(rest) => 1.4,
        [b'3', rest @ ..] if *eyes == b':' && !starts_with_word(rest) => 1.7,
        [b'*', ..] if *eyes != b'=' => 1.9,
        [b'/' | b'\\', rest @ ..] if *eyes == b':' && !matches!(rest, [b'/', ..]) && !starts_with_word(rest) => -1.4,
        [b'|', ..] if *eyes == b':' => -0.9,
        [b'S' | b's', rest @ ..] if *eyes == b':' && !starts_with_word(rest) => -1.0,
        _ => return (0.0, 0),
    };
    (valence, text.len() - rest.len() + 1)
}

fn starts_with_word(text: &[u8]) -> bool {
    text.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emoticons() {
        for happy in [":)", ":-)", ";)", "=)", ":D", ":-D ok", "<3"] {
            assert!(emoticon_valence(happy.as_bytes()).0 > 0.0, "{happy}");
        }
        for sad in [":(", ":-(", ":'(", ":/ hm"] {
            assert!(emoticon_valence(sad.as_bytes()).0 < 0.0, "{sad}");
        }
        for none in ["://example", ":Door", "<30 minutes", ": (", "", ":", ":-"] {
            assert_eq!(emoticon_valence(none.as_bytes()), (0.0, 0), "{none}");
        }
    }
}
