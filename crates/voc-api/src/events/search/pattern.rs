//! Regular expressions (RE2) that find a word in the JSON text of an event, however it is written there.

use std::{collections::HashMap, fmt::Write as _, sync::LazyLock};

use super::words::folded;

/// Any escaped character, or half of one.
const ESCAPED: &str = r"\\u[0-9a-fA-F]{4}";
/// Accents that follow their letter, as they are or escaped, and what else of a character is escaped.
const ACCENTS: &str = r"(?:\p{M}|\\u[0-9a-fA-F]{4})*";
/// The most letters that are written as a choice between all ways to write them.
const MAX_CHOICE: usize = 6;

/// The letters and digits that are others, or several, without case, accents and form, by what they are then.
static VARIANTS: LazyLock<Variants> = LazyLock::new(|| {
    let mut variants = Variants::default();
    for letter in (char::MIN..=char::MAX).filter(|letter| letter.is_alphanumeric()) {
        let folded: Vec<char> = folded(letter).collect();
        match folded.as_slice() {
            [] => {}
            [only] if *only == letter => {}
            [only] => variants.of_one.entry(*only).or_default().push(letter),
            [first, ..] => {
                let longest = variants.longest.entry(*first).or_default();
                *longest = folded.len().max(*longest);
                variants.of_several.entry(folded).or_default().push(letter);
            }
        }
    }
    variants
});

#[derive(Default)]
struct Variants {
    /// What is one letter without case, accents and form, such as `ã` and `ª`.
    of_one: HashMap<char, String>,
    /// What is several, such as `ﬁ`.
    of_several: HashMap<Vec<char>, String>,
    /// The greatest number of letters of the latter, by the first of them.
    longest: HashMap<char, usize>,
}

impl Variants {
    /// The numbers of letters from the beginning that may be written as one, more than one, and these.
    fn beginning<'v>(&'v self, letters: &[char]) -> impl Iterator<Item = (usize, &'v String)> {
        let longest = letters.first().and_then(|first| self.longest.get(first)).copied().unwrap_or_default();
        let lengths = 2..=longest.min(letters.len());
        lengths.filter_map(|length| Some((length, self.of_several.get(&letters[..length])?)))
    }

    /// How many letters have to be considered together: some may be written as one, and others of them with the next.
    fn together(&self, letters: &[char]) -> usize {
        let mut end = 1;
        let mut at = 0;
        while at < end {
            end = self.beginning(&letters[at..]).map(|(length, _)| at + length).fold(end, usize::max);
            at += 1;
        }
        end
    }
}

/// The expression for texts that may contain the folded word. Whether they do is decided by their words.
pub(super) fn pattern(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    let mut pattern = String::new();
    let mut rest = letters.as_slice();
    while !rest.is_empty() {
        let (now, later) = rest.split_at(VARIANTS.together(rest));
        match now {
            [letter] => pattern.push_str(&one(*letter)),
            several if several.len() <= MAX_CHOICE => pattern.push_str(&choice(several)),
            // The choices are too many to be written; how the letters begin has to do.
            several => {
                let begin: String = VARIANTS.beginning(several).map(|(_, variants)| variants.as_str()).collect();
                // Writing to a text cannot fail.
                let _ = write!(pattern, "(?:{}|[{begin}]).*", one(several[0]));
            }
        }
        rest = later;
    }
    pattern
}

/// All ways to write a few letters.
fn choice(letters: &[char]) -> String {
    let Some((first, others)) = letters.split_first() else { return String::new() };
    let several = VARIANTS.beginning(letters);
    let mut ways = one(*first) + &choice(others);
    let mut is_choice = false;
    for (length, variants) in several {
        is_choice = true;
        let _ = write!(ways, "|(?:[{variants}]|{ESCAPED}){ACCENTS}{}", choice(&letters[length..]));
    }
    if is_choice { format!("(?:{ways})") } else { ways }
}

/// A character with its variants. Letters and digits have no meaning of their own in a class.
fn one(character: char) -> String {
    let variants = VARIANTS.of_one.get(&character).map_or("", String::as_str);
    let code = u32::from(character);
    format!(r"(?:[\x{{{code:x}}}{variants}]|{ESCAPED}){ACCENTS}")
}
