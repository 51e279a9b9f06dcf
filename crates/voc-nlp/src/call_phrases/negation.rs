//! Whether what a speaker says is negated.

use crate::taxonomy::Normal;
use crate::words::{FoldedChar, fold};

/// Bytes of the text before a phrase that are considered.
const REACH: usize = 120;

/// Words, in English and Portuguese, that negate the phrases after them, as far as only [`LIGHT`] words are between.
const NEGATORS: [&str; 2] =
    ["not dont didnt doesnt wont wouldnt never without havent isnt wasnt nor", "nao nunca jamais nem sem"];
/// A "no" negates only what follows in its own phrase: "no need to", but not "no I want to".
const AFTER_NO: [&str; 1] = ["need reason intention plan plans desire wish point"];
/// Words between a negator and the phrase that it negates. Other verbs are not among them: "it does not work and I
/// want to cancel", "não consigo cancelar".
const LIGHT: [&str; 2] = [
    "i im id ive am we to want wanted wanna wish need needed have had going gonna plan plans planning intend \
     intending intention think thinking trying try ask asked asking say said saying like really actually even \
     just yet now would will do did be been about of it is that looking ready here there any reason desire \
     point calling you",
    "eu nos a gente quero queria quis queremos vou vamos pretendo penso pensei pensando pretendia em de estou \
     tou precisa preciso gostaria desejo ainda mais que acho e isso disse falei pedi pra para por favor me \
     tenho vontade intencao ligando liguei",
];

/// Whether the phrase at `start` is negated by the words before it in the same clause.
pub(super) fn is_negated(text: &str, start: usize) -> bool {
    let from = (start.saturating_sub(REACH)..start).find(|place| text.is_char_boundary(*place)).unwrap_or(start);
    let before = text.get(from..start).unwrap_or_default();
    let is_mark = |c: char| fold(c) == FoldedChar::Symbol && c != ' ' && c != '\t';
    let clause = before.rsplit(is_mark).next().unwrap_or_default();
    let normal = Normal::of(clause);
    let mut following: &[u8] = b"";
    let is_in = |lists: &[&str], word: &[u8]| {
        lists.iter().flat_map(|list| list.split(' ')).any(|listed| listed.as_bytes() == word)
    };
    for word in normal.bytes().rsplit(|byte| *byte == b' ').filter(|word| !word.is_empty()) {
        if is_in(&NEGATORS, word) || word == b"no" && is_in(&AFTER_NO, following) {
            return true;
        }
        if !is_in(&LIGHT, word) {
            return false;
        }
        following = word;
    }
    false
}
