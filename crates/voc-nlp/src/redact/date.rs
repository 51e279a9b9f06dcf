//! Dates, in figures and in words.

use std::sync::LazyLock;

use super::lexicon::Lexicon;
use super::number_word::{NumberWord, number_word};
use super::word::Word;
use super::written::char_at;

/// Number of words of the longest date: "twenty-first of march nineteen hundred and eighty-five".
const MAX_WORDS: usize = 16;

/// The start and end of the date around `at`, where a word or digits begin. It does not begin before `from`.
pub(super) fn date(text: &str, from: usize, at: usize) -> Option<(usize, usize)> {
    figures(text, at).map(|end| (at, end)).or_else(|| words(text, from, at))
}

/// Whether a date may be around the digits at `at`, for all but few of those that are in none.
pub(super) fn may_be_date(text: &str, at: usize) -> bool {
    let (before, rest) = text.as_bytes().split_at_checked(at).unwrap_or_default();
    let digits = rest.iter().take(5).take_while(|byte| byte.is_ascii_digit()).count();
    let is_digit = |i: usize| rest.get(digits + i).is_some_and(u8::is_ascii_digit);
    if digits > 4 {
        return false;
    }
    // "12 03 1985".
    let is_spaced = digits == 2 && rest.get(5) == Some(&b' ') && [1, 2, 4, 5, 6, 7].into_iter().all(is_digit);
    match rest.get(digits) {
        Some(b'/') if is_digit(1) => return true,
        // Not a decimal, and not a range.
        Some(mark @ (b'.' | b'-')) if is_digit(1) => {
            return rest.iter().skip(digits + 1).take(3).any(|byte| byte == mark);
        }
        Some(b' ') if matches!(rest.get(digits + 1), Some(b'/' | b'-')) || is_spaced => return true,
        // "5 do 8 de 1975".
        Some(b' ') if rest.get(digits + 1..).is_some_and(|rest| rest.starts_with(b"do ")) => return true,
        Some(b's' | b'n' | b'r' | b't' | 0xc2) if digits <= 2 => return true,
        _ => {}
    }
    let behind = rest.get(digits + 1..).unwrap_or_default();
    let behind = behind.strip_prefix(b"de ").or_else(|| behind.strip_prefix(b"of ")).unwrap_or(behind);
    let before = before.strip_suffix(b" ").map(|before| before.strip_suffix(b",").unwrap_or(before));
    let word = before.and_then(|before| before.rsplit(|byte| !byte.is_ascii_alphabetic()).next());
    begins_month(behind) || word.is_some_and(begins_month)
}

/// Whether the first letters are those of a month.
fn begins_month(word: &[u8]) -> bool {
    let Some(letters) = word.first_chunk::<3>() else { return false };
    matches!(
        letters.map(|byte| byte.to_ascii_lowercase()),
        [b'j', b'a', b'n']
            | [b'j', b'u', b'n' | b'l']
            | [b'f', b'e', b'b' | b'v']
            | [b'm', b'a', b'r' | b'y' | b'i']
            | [b'a', b'p' | b'b', b'r']
            | [b'a', b'u', b'g']
            | [b'a', b'g', b'o']
            | [b's', b'e', b'p' | b't']
            | [b'o', b'c' | b'u', b't']
            | [b'n', b'o', b'v']
            | [b'd', b'e', b'c' | b'z']
    )
}

/// Whether a date in words may have the word in its year.
pub(super) fn may_be_year(word: &Word) -> bool {
    use NumberWord::{Hundreds, Teen, Tens, Thousand};
    matches!(number_word(word), Some(Teen(_) | Tens(_) | Hundreds(_) | Thousand))
}

/// Where a date in figures that begins at `at` ends: day, month and year in any order, or day and month.
fn figures(text: &str, at: usize) -> Option<usize> {
    let mut numbers = [(0_u32, 0_usize); 3];
    let mut count = 0;
    let mut end = at;
    let mut mark = None;
    for place in &mut numbers {
        let digits = text.as_bytes().get(end..)?.iter().take(5).take_while(|byte| byte.is_ascii_digit()).count();
        let number = text.get(end..end + digits)?.parse().ok();
        let Some(number) = number.filter(|_| digits <= 4) else { break };
        *place = (number, digits);
        count += 1;
        end += digits;
        let rest = text.as_bytes().get(end..)?;
        let spaces = usize::from(rest.first() == Some(&b' ') && matches!(rest.get(1), Some(b'/' | b'-')));
        let next = rest.get(spaces).filter(|byte| matches!(byte, b'/' | b'.' | b'-' | b' '));
        let behind = spaces + 1 + usize::from(spaces == 1 && rest.get(2) == Some(&b' '));
        let is_joined = next.is_some_and(|byte| mark.is_none_or(|mark| mark == *byte))
            && rest.get(behind).is_some_and(u8::is_ascii_digit);
        if count == 3 || !is_joined {
            break;
        }
        mark = next.copied();
        end += behind;
    }
    let is_day = |(number, len): (u32, usize)| len <= 2 && (1..=31).contains(&number);
    let is_year = |(_, len): (u32, usize)| len == 2 || len == 4;
    let [first, second, third] = numbers;
    let is_date = match count {
        3 if mark == Some(b' ') => is_day(first) && is_day(second) && third.1 == 4,
        3 => is_day(second) && ((is_day(first) && is_year(third)) || (first.1 == 4 && is_day(third))),
        2 => mark == Some(b'/') && is_day(first) && is_day(second),
        _ => false,
    };
    let is_whole = !char_at(text, end).is_some_and(char::is_alphanumeric);
    (is_date && is_whole).then_some(end)
}

/// The part of a date that a word is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Month,
    Number,
    Link,
}

fn part(word: &Word) -> Option<Part> {
    if let Some(part) = PARTS.get(word) {
        return Some(part);
    }
    let text = word.as_str();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_lowercase());
    if (1..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let ending = text.get(digits.len()..).unwrap_or_default();
        return matches!(ending, "" | "st" | "nd" | "rd" | "th" | "o" | "a").then_some(Part::Number);
    }
    let is_number =
        !matches!(number_word(word), None | Some(NumberWord::Times(_) | NumberWord::Mark | NumberWord::Filler));
    is_number.then_some(Part::Number)
}

static PARTS: LazyLock<Lexicon<Part>> = LazyLock::new(|| {
    Lexicon::new(&[
        (Part::Month, ENGLISH_MONTHS),
        (Part::Month, PORTUGUESE_MONTHS),
        (Part::Number, ORDINALS),
        (Part::Link, "de do of the e and"),
    ])
});

const ENGLISH_MONTHS: &str = "\
    january february march april may june july august september october november december jan feb mar apr jun jul \
    aug sep sept oct nov dec";
const PORTUGUESE_MONTHS: &str = "\
    janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro fev abr mai ago set \
    out dez";
const ORDINALS: &str = "\
    first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth \
    fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth primeiro";

/// A date with the name of its month.
fn words(text: &str, from: usize, at: usize) -> Option<(usize, usize)> {
    let first = Word::at(text, at).filter(|word| part(word).is_some())?;
    let mut start = first.start;
    let mut begin = first;
    // Back to its beginning.
    for _ in 0..MAX_WORDS {
        let before = text.get(from..begin.start)?.trim_end_matches([' ', ',', '-']).len();
        let Some(word) = Word::before(text, from, from + before) else { break };
        match part(&word) {
            Some(Part::Link) => {}
            Some(_) => start = word.start,
            None => break,
        }
        begin = word;
    }
    let (mut end, mut next) = (start, start);
    let (mut has_month, mut numbers) = (false, 0);
    // "5 do 8 de 1975".
    let mut is_numbered = false;
    for _ in 0..MAX_WORDS {
        let Some(word) = Word::at(text, next) else { break };
        let Some(part) = part(&word) else { break };
        match part {
            Part::Month if has_month => break,
            Part::Month => has_month = true,
            Part::Number => numbers += 1,
            Part::Link => is_numbered |= numbers > 0 && word.as_str() == "do",
        }
        if part != Part::Link {
            end = word.end;
        }
        let rest = text.get(word.end..)?;
        let abbreviated = rest.strip_prefix('.').filter(|_| part == Part::Month).unwrap_or(rest);
        next = word.end + (rest.len() - abbreviated.trim_start_matches([' ', ',', '-', '/']).len());
    }
    let is_date = (has_month && numbers > 0) || (is_numbered && numbers >= 3);
    (is_date && start <= at && at < end).then_some((start, end))
}
