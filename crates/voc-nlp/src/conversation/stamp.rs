//! Times before speakers' names.

/// The rest of a line after leading blanks, markup and times.
pub(super) fn skip_lead(line: &str) -> &str {
    let mut rest = line;
    loop {
        let before = rest.len();
        rest = rest.trim_start_matches(is_mark);
        rest = skip_bracketed_time(rest).or_else(|| skip_time(rest)).unwrap_or(rest);
        if rest.len() == before {
            return rest;
        }
    }
}

/// Where the blanks, markup and times at the end of `text` begin.
pub(super) fn lead_start(text: &str) -> usize {
    let mut rest = text;
    loop {
        let before = rest.len();
        rest = rest.trim_end_matches(is_mark);
        rest = rest.strip_suffix(" /").unwrap_or(rest);
        let time = strip_bracketed_time(rest).or_else(|| strip_time(rest)).or_else(|| strip_duration(rest));
        rest = time.unwrap_or(rest);
        if rest.len() == before {
            return rest.len();
        }
    }
}

/// Blanks, and the markup of Markdown lists, quotations and emphasis.
fn is_mark(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '*' | '_' | '#' | '>' | '-' | '•' | '–' | '—' | '|' | '\u{a0}' | '\u{feff}')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The longest time: `[2024-05-01 00:12:03.120 --> 00:12:05.480]`.
const LONGEST: usize = 48;

fn is_in_time(byte: u8) -> bool {
    byte.is_ascii_digit() || b" :.,-/>TZ+".contains(&byte)
}

/// As in `[0.0s - 4.8s]`.
fn is_in_brackets(byte: u8) -> bool {
    is_in_time(byte) || byte == b's'
}

/// The halves of the day and time zones after a time, with the space that joins them to it.
const HALVES: [&str; 14] =
    [" AM", " PM", " am", " pm", "AM", "PM", "am", "pm", " a.m.", " p.m.", "\u{202f}AM", "\u{202f}PM", " UTC", " GMT"];

/// Whether a part of a line that [`skip_lead`] or [`lead_start`] has cut off has a time, not only markup.
pub(super) fn is_time(lead: &str) -> bool {
    let is_clock = || lead.contains(':') || lead.contains("s]") || lead.contains("s)");
    has_digit(lead) && (is_clock() || strip_quantity(lead.trim_end()).is_some())
}

/// `[00:12]`, `(00:12:03)`, `[2024-05-01 10:00]`.
pub(super) fn skip_bracketed_time(text: &str) -> Option<&str> {
    let inner = text.strip_prefix(['[', '('])?;
    let len = inner.bytes().take(LONGEST).take_while(|byte| is_in_brackets(*byte)).count();
    let (time, after) = inner.split_at_checked(len)?;
    let after = skip_half(after);
    has_digit(time).then(|| after.strip_prefix([']', ')'])).flatten()
}

/// The rest after "AM" or "PM", if it begins so.
fn skip_half(after: &str) -> &str {
    HALVES.into_iter().find_map(|half| after.strip_prefix(half)).unwrap_or(after)
}

/// The text before "AM" or "PM", if it ends so.
fn strip_half(text: &str) -> &str {
    HALVES.into_iter().find_map(|half| text.strip_suffix(half)).unwrap_or(text)
}

fn strip_bracketed_time(text: &str) -> Option<&str> {
    let inner = strip_half(text.strip_suffix([']', ')'])?);
    let len = inner.bytes().rev().take(LONGEST).take_while(|byte| is_in_brackets(*byte)).count();
    let (before, time) = inner.split_at_checked(inner.len() - len)?;
    has_digit(time).then(|| before.strip_suffix(['[', '('])).flatten()
}

/// `00:12`, `00:12:03.120`, `10:30 PM`, `2024-05-01 10:30`.
fn skip_time(text: &str) -> Option<&str> {
    let mut before = b' ';
    // A plus sign after a space begins a telephone number, not the difference to UTC.
    let mut is_part = |byte: &u8| {
        let before = std::mem::replace(&mut before, *byte);
        is_in_time(*byte) && !(*byte == b'+' && before == b' ')
    };
    let len = text.bytes().take(LONGEST).take_while(|byte| is_part(byte)).count();
    let (time, after) = text.split_at_checked(len)?;
    if !(text.starts_with(|c: char| c.is_ascii_digit()) && time.contains(':')) {
        return None;
    }
    // "PM" follows a space that belongs to the time already.
    let half = skip_half(after);
    Some(if half.starts_with(|c: char| c.is_alphanumeric()) { after } else { half })
}

fn strip_time(text: &str) -> Option<&str> {
    let text = strip_half(text);
    let len = text.bytes().rev().take(LONGEST).take_while(|byte| is_in_time(*byte) && *byte != b' ').count();
    let (before, time) = text.split_at_checked(text.len() - len)?;
    (text.ends_with(|c: char| c.is_ascii_digit())
        && time.starts_with(|c: char| c.is_ascii_digit())
        && time.contains(':'))
    .then_some(before)
}

/// Whether a whole line is a time: `00:12`, `0 minutes 12 seconds`, `0 minutos 12 segundos`.
pub(super) fn is_time_line(line: &str) -> bool {
    let line = line.trim();
    if skip_lead(line).is_empty() {
        return is_time(line);
    }
    let mut rest = line;
    while let Some(before) = strip_quantity(rest) {
        rest = before.trim_end();
    }
    rest.is_empty() && !line.is_empty()
}

/// The text before the words that lead to a time, as in "Maria wrote on", and before the date of the time.
pub(super) fn strip_words_of_time(text: &str) -> &str {
    let mut rest = text.trim_end();
    // Numbers belong to a date only beside the name of a month: "5 May 2024", but not "Agent 5".
    let mut before_numbers = rest;
    while let Some((before, word)) = rest.rsplit_once(' ') {
        let word = word.trim_matches([',', '.', '(']);
        let is_listed = |list: &[&str]| list.iter().any(|listed| word.eq_ignore_ascii_case(listed));
        let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
        let is_date = || has_digit(word) && word.bytes().all(|byte| is_in_time(byte) && byte != b':');
        if !is_number && (is_listed(&WORDS_OF_TIME) || is_listed(&MONTHS) || word.is_empty() || is_date()) {
            before_numbers = before.trim_end();
        } else if !is_number {
            break;
        }
        rest = before.trim_end();
        if is_listed(&MONTHS) {
            let day = rest.trim_end_matches([' ', ',']);
            let day = day.trim_end_matches("de").trim_end();
            let name = day.trim_end_matches(|c: char| c.is_ascii_digit());
            if name.len() < day.len() && name.ends_with(' ') {
                rest = name.trim_end();
                before_numbers = rest;
            }
        }
    }
    before_numbers
}

/// Words between a name and the time of what is written.
const WORDS_OF_TIME: [&str; 17] = [
    "wrote",
    "escreveu",
    "said",
    "disse",
    "commented",
    "comentou",
    "replied",
    "respondeu",
    "on",
    "em",
    "at",
    "às",
    "as",
    "-",
    "–",
    "utc",
    "gmt",
];

/// The names of months, in English and Portuguese.
const MONTHS: [&str; 42] = [
    "jan",
    "january",
    "janeiro",
    "feb",
    "february",
    "fev",
    "fevereiro",
    "mar",
    "march",
    "março",
    "apr",
    "april",
    "abr",
    "abril",
    "may",
    "mai",
    "maio",
    "jun",
    "june",
    "junho",
    "jul",
    "july",
    "julho",
    "aug",
    "august",
    "ago",
    "agosto",
    "sep",
    "sept",
    "september",
    "set",
    "setembro",
    "oct",
    "october",
    "out",
    "outubro",
    "nov",
    "november",
    "novembro",
    "dec",
    "december",
    "dezembro",
];

/// `0 minutes 12 seconds`
fn strip_duration(text: &str) -> Option<&str> {
    let before = strip_quantity(text)?.trim_end();
    Some(strip_quantity(before).unwrap_or(before))
}

/// A number and a unit of time at the end of a text.
fn strip_quantity(text: &str) -> Option<&str> {
    let (before, unit) = text.rsplit_once(' ')?;
    UNITS.iter().any(|listed| unit.eq_ignore_ascii_case(listed)).then_some(())?;
    let rest = before.trim_end_matches(|c: char| c.is_ascii_digit());
    (rest.len() < before.len() && (rest.is_empty() || rest.ends_with(' '))).then_some(rest)
}

/// The units of durations.
const UNITS: [&str; 12] = [
    "hour", "hours", "minute", "minutes", "second", "seconds", "hora", "horas", "minuto", "minutos", "segundo",
    "segundos",
];

fn has_digit(time: &str) -> bool {
    time.bytes().any(|byte| byte.is_ascii_digit())
}
