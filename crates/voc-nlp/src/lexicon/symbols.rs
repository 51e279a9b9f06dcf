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

/// The valence of the emoticon that `text` begins with, such as `:)` or `:-(`, 0 if there is none.
pub(crate) fn emoticon_valence(text: &[u8]) -> f32 {
    let (eyes, rest) = match text {
        [eyes @ (b':' | b';' | b'='), b'-' | b'\'', rest @ ..] | [eyes @ (b':' | b';' | b'='), rest @ ..] => {
            (eyes, rest)
        }
        [b'<', b'3', rest @ ..] if !starts_with_word(rest) => return 2.0,
        _ => return 0.0,
    };
    match rest {
        [b')', ..] => 1.8,
        [b'(', ..] if *eyes != b'=' => -1.8,
        [b'D', rest @ ..] if !starts_with_word(rest) => 2.2,
        [b'/', rest @ ..] if *eyes == b':' && !matches!(rest, [b'/', ..]) => -1.2,
        _ => 0.0,
    }
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
            assert!(emoticon_valence(happy.as_bytes()) > 0.0, "{happy}");
        }
        for sad in [":(", ":-(", ":'(", ":/ hm"] {
            assert!(emoticon_valence(sad.as_bytes()) < 0.0, "{sad}");
        }
        for none in ["://example", ":Door", "<30 minutes", ": (", "", ":", ":-"] {
            assert_eq!(emoticon_valence(none.as_bytes()), 0.0, "{none}");
        }
    }
}
