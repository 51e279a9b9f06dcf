//! Dates, in figures and in words.

use super::number_word::{NumberWord, number_word};
use super::word::Word;
use super::written::char_at;

/// Number of words of the longest date: "twenty-first of march nineteen hundred and eighty-five".
const MAX_WORDS: usize = 16;

/// The start and end of the date around `at`, where a word or digits begin. It does not begin before `from`.
pub(super) fn date(text: &str, from: usize, at: usize) -> Option<(usize, usize)> {
    figures(text, at).map(|end| (at, end)).or_else(|| words(text, from, at))
}

/// Whether a date may be around the digit at `at`, for all but very few of those that are none.
pub(super) fn may_be_date(text: &str, at: usize) -> bool {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    let digits = rest.iter().take(5).take_while(|byte| byte.is_ascii_digit()).count();
    digits <= 4 && matches!(rest.get(digits), Some(b'/' | b'.' | b'-' | b' ' | b',' | b's' | b'n' | b'r' | b't' | 0xc2))
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
        let next = rest.get(spaces).filter(|byte| matches!(byte, b'/' | b'.' | b'-'));
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
    let text = word.as_str();
    if is_month(text) {
        return Some(Part::Month);
    }
    if matches!(text, "de" | "do" | "of" | "the" | "e" | "and") {
        return Some(Part::Link);
    }
    let digits = text.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let ending = text.get(digits.len()..).unwrap_or_default();
    let is_figure = (1..=4).contains(&digits.len()) && matches!(ending, "" | "st" | "nd" | "rd" | "th" | "o" | "a");
    let is_word = !matches!(number_word(text), None | Some(NumberWord::Times(_) | NumberWord::Mark | NumberWord::Filler));
    (is_figure || is_word || is_ordinal(text)).then_some(Part::Number)
}

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
    for _ in 0..MAX_WORDS {
        let Some(word) = Word::at(text, next) else { break };
        let Some(part) = part(&word) else { break };
        match part {
            Part::Month if has_month => break,
            Part::Month => has_month = true,
            Part::Number => numbers += 1,
            Part::Link => {}
        }
        if part != Part::Link {
            end = word.end;
        }
        let rest = text.get(word.end..)?;
        let abbreviated = rest.strip_prefix('.').filter(|_| part == Part::Month).unwrap_or(rest);
        next = word.end + (rest.len() - abbreviated.trim_start_matches([' ', ',', '-', '/']).len());
    }
    (has_month && numbers > 0 && start <= at && at < end).then_some((start, end))
}

fn is_month(word: &str) -> bool {
    matches!(
        word,
        "january" | "february" | "march" | "april" | "may" | "june" | "july" | "august" | "september" | "october"
            | "november" | "december" | "jan" | "feb" | "mar" | "apr" | "jun" | "jul" | "aug" | "sep" | "sept" | "oct"
            | "nov" | "dec" | "janeiro" | "fevereiro" | "marco" | "abril" | "maio" | "junho" | "julho" | "agosto"
            | "setembro" | "outubro" | "novembro" | "dezembro" | "fev" | "abr" | "mai" | "ago" | "set" | "out" | "dez"
    )
}

fn is_ordinal(word: &str) -> bool {
    matches!(
        word,
        "first" | "second" | "third" | "fourth" | "fifth" | "sixth" | "seventh" | "eighth" | "ninth" | "tenth"
            | "eleventh" | "twelfth" | "thirteenth" | "fourteenth" | "fifteenth" | "sixteenth" | "seventeenth"
            | "eighteenth" | "nineteenth" | "twentieth" | "thirtieth" | "primeiro"
    )
}
