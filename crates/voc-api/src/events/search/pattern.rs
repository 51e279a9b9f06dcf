//! Regular expressions (RE2) that find a word in the JSON text of an event, however it is written there.

use std::{collections::HashMap, fmt::Write as _, sync::LazyLock};

use super::words::folded;

/// Accents that follow their letter, as they are or escaped.
const ACCENTS: &str = r"(?:[\x{300}-\x{36f}]|\\u03[0-6][0-9a-fA-F])*";
/// Any escaped character.
const ESCAPED: &str = r"\\u[0-9a-fA-F]{4}";

/// The letters with case and accents, by what they are without.
static VARIANTS: LazyLock<HashMap<char, String>> = LazyLock::new(|| {
    let mut variants: HashMap<char, String> = HashMap::new();
    for letter in ('\u{c0}'..='\u{24f}').chain('\u{1e00}'..='\u{1eff}') {
        let mut base = folded(letter);
        if let (Some(only), None) = (base.next(), base.next()) {
            variants.entry(only).or_default().push(letter);
        }
    }
    variants
});

/// The expression for texts that may contain the folded word. Whether they do is decided by their words.
pub(super) fn pattern(word: &str) -> String {
    let mut pattern = String::new();
    for letter in word.chars() {
        let upper = letter.to_uppercase().filter(|upper| *upper != letter);
        let variants = VARIANTS.get(&letter).map_or("", String::as_str);
        let class: String = std::iter::once(letter).chain(upper).chain(variants.chars()).collect();
        // Letters and digits have no meaning of their own in a class. Writing to a text cannot fail.
        let _ = if letter.is_ascii_digit() {
            write!(pattern, "[{class}]")
        } else {
            write!(pattern, "(?:[{class}]|{ESCAPED}){ACCENTS}")
        };
    }
    pattern
}
