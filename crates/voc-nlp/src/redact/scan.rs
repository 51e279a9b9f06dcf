//! The one pass over a text.

use super::code::{Code, code_start};
use super::contact::{email, iban, is_local, local_start, punctuated_cnpj};
use super::cue::{Cue, Cues};
use super::date::{date, may_be_date, may_be_year};
use super::digits::digit_at;
use super::escape::is_mark;
use super::network::{ipv6, uuid};
use super::number::Number;
use super::number_word::{NumberWord, number_word};
use super::slip::slip_end;
use super::spoken::{Meaning, Run, goes_on, run_start};
use super::spoken_address::{Domain, is_of_address, spoken_address};
use super::triggers::{LOOKED_UP, Trigger, Triggers};
use super::word::Word;
use super::written::{WrittenChar, is_invisible, visible};
use super::{Finding, PersonalData};

/// Finds personal data from left to right.
#[derive(Clone, Debug)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    triggers: Triggers<'a>,
    /// Whether the numbers of orders are personal data.
    has_order_numbers: bool,
    /// Everything before this position has been read.
    at: usize,
    /// Where the last finding ended: the next one does not begin before it.
    free_from: usize,
    /// Its kind.
    last: Option<PersonalData>,
    /// Where the last at sign or finding ended: a local part does not begin before it.
    local_from: usize,
    /// Where the last run of spoken or single digits ended, or what was found in it: the next one begins there at the
    /// earliest.
    run_from: usize,
    /// The last at sign or escape of anything but a letter or digit: numbers do not continue across it.
    last_mark: Option<WrittenChar>,
    ahead: Lookahead,
}

/// The result of looking ahead from a digit: up to `end` there are only characters of local parts, and perhaps an
/// address that begins with them. No other digit up to there has to look ahead again.
#[derive(Clone, Debug, Default)]
struct Lookahead {
    end: usize,
    address: Option<(usize, usize)>,
}

/// What was found, if anything, and how far the text was read.
type Outcome = (Option<Finding>, usize);

fn found(kind: PersonalData, start: usize, end: usize) -> Outcome {
    (Some(Finding { kind, start, end }), end)
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str, has_order_numbers: bool) -> Self {
        Self {
            text,
            triggers: Triggers::new(text),
            has_order_numbers,
            at: 0,
            free_from: 0,
            last: None,
            local_from: 0,
            run_from: 0,
            last_mark: None,
            ahead: Lookahead::default(),
        }
    }

    /// The finding at a byte, and how far the text was read.
    fn at_byte(&mut self, at: usize) -> Outcome {
        if digit_at(self.text, at).is_some() {
            return self.at_digit(at);
        }
        match WrittenChar::at(self.text, at) {
            Some(sign) if sign.c == '@' => self.at_sign(sign),
            // "10%52…" may be a percentage and a number: an escape of a letter or digit is read literally.
            Some(escape) if escape.is_escaped(self.text) && !escape.c.is_alphanumeric() => {
                self.last_mark = Some(escape);
                (None, escape.end)
            }
            _ => (None, at + 1),
        }
    }

    fn at_sign(&mut self, sign: WrittenChar) -> Outcome {
        self.last_mark = Some(sign);
        let address = email(self.text, self.local_from, sign).or_else(|| self.half_spoken(sign));
        self.local_from = sign.end;
        let finding = address.map(|(start, end)| Finding { kind: PersonalData::Email, start, end });
        (finding, finding.map_or(sign.end, |finding| finding.end))
    }

    /// An address of which only the at sign is written.
    fn half_spoken(&self, sign: WrittenChar) -> Option<(usize, usize)> {
        let is_joined = self.text.get(sign.end..)?.starts_with(char::is_alphabetic)
            && self.text.get(self.local_from..sign.start)?.ends_with(char::is_alphanumeric);
        let start = is_joined.then(|| local_start(self.text, self.local_from, sign.start)).flatten()?;
        Some((start, Domain::read(self.text, sign.end)?.end))
    }

    /// The finding at or around bytes that may be part of spoken data.
    fn at_words(&mut self, at: usize) -> Outcome {
        let text = self.text;
        let read = at + 1;
        let from = self.free_from.max(self.run_from);
        let mut next = word_start(text, from, at);
        while next < at + LOOKED_UP {
            let Some(word) = Word::at(text, next) else { break };
            if is_spoken(number_word(&word)) {
                return self.at_number_word(&word, read);
            }
            if is_of_address(&word) {
                return match spoken_address(text, self.local_from.max(self.free_from), word.start) {
                    Some((start, end)) => found(PersonalData::Email, start, end),
                    None => (None, read),
                };
            }
            next = word_start(text, word.end, word.end);
        }
        (None, read)
    }

    fn at_number_word(&mut self, word: &Word, read: usize) -> Outcome {
        let text = self.text;
        if may_be_year(word)
            && let Some((start, end)) = self.birth_date(word.start)
        {
            return found(PersonalData::BirthDate, start, end);
        }
        let from = self.free_from.max(self.run_from);
        let start = run_start(text, from, word.start);
        if start == word.start && !goes_on(text, word.end) {
            return (None, read);
        }
        let run = Run::read(text, start);
        self.run_from = run.end.max(word.end);
        let read = read.max(run.end);
        let Some(outcome) = self.said(&run) else { return (None, read) };
        // Digits may be part of an address: "ana nove oito sete arroba …".
        match spoken_address(text, self.local_from.max(self.free_from), word.start) {
            Some((start, end)) => found(PersonalData::Email, start, end),
            None => outcome,
        }
    }

    /// What a run of spoken or single digits is. What is behind that in the run may be another number.
    fn said(&mut self, run: &Run) -> Option<Outcome> {
        let outcome = match run.recognise(self.text, self.free_from)? {
            Meaning::Personal { kind, start, end } => found(kind, start, end),
            Meaning::Order { start, end } if self.has_order_numbers => found(PersonalData::Number, start, end),
            Meaning::Order { end, .. } => (None, end),
        };
        self.run_from = outcome.1;
        Some(outcome)
    }

    /// The date of birth around the word or digits at `at`.
    fn birth_date(&self, at: usize) -> Option<(usize, usize)> {
        let found = date(self.text, self.free_from, at)?;
        Cues::new(self.text, self.free_from, found.0).has(Cue::Birth).then_some(found)
    }

    fn at_digit(&mut self, at: usize) -> Outcome {
        let text = self.text;
        if let Some(end) = lone_number_end(text, at).filter(|end| !may_be_date(text, at) && !goes_on(text, *end)) {
            return (None, end);
        }
        if let Some((start, end)) = self.address_around(at) {
            return found(PersonalData::Email, start, end);
        }
        // The A of "%3A11987654321" is not a letter before a number.
        let from = self.last_mark.map_or(self.free_from, |mark| mark.end.max(self.free_from));
        let beside = self.beside(at);
        // Escaped and invisible characters may stand in between.
        let is_beside =
            |belongs: fn(u8) -> bool| beside.iter().any(|byte| belongs(*byte) || is_mark(*byte) || !byte.is_ascii());
        if is_beside(|byte| byte == b'-' || byte.is_ascii_hexdigit())
            && let Some((start, end)) = uuid(text, from, at)
        {
            let is_key = Cues::new(text, self.free_from, start).has(Cue::Pix);
            return if is_key { found(PersonalData::Pix, start, end) } else { (None, end) };
        }
        if is_beside(|byte| byte == b':' || byte.is_ascii_hexdigit())
            && let Some((start, end)) = ipv6(text, from, at)
        {
            return found(PersonalData::Ip, start, end);
        }
        if let Some((start, end)) = iban(text, from, at) {
            return found(PersonalData::Iban, start, end);
        }
        if is_beside(|byte| byte == b'.' || byte.is_ascii_alphabetic())
            && let Some((start, end)) = punctuated_cnpj(text, from, at)
        {
            return found(PersonalData::Cnpj, start, end);
        }
        if may_be_date(text, at)
            && let Some((start, end)) = self.birth_date(at)
        {
            return found(PersonalData::BirthDate, start, end);
        }
        let number = Number::read(text, from, at, self.before(at));
        if number.digit_count() >= 3
            && let Some(outcome) = self.cued(&number, from, at)
        {
            return outcome;
        }
        match number.recognise(text) {
            Some((PersonalData::Phone, end)) => {
                found(PersonalData::Phone, number.phone_start(at).max(self.free_from), end)
            }
            Some((kind, end)) => found(kind, at, end),
            None => self.in_run(&number, at),
        }
    }

    /// What a number is by the words before it.
    fn cued(&self, number: &Number, from: usize, at: usize) -> Option<Outcome> {
        let text = self.text;
        if let Some(end) = slip_end(text, number, at) {
            return Some(found(PersonalData::Number, at, end));
        }
        let start = code_start(text, from, at).unwrap_or(at);
        // Years and small amounts are frequent: only what stands right before them counts.
        let reach = if number.digit_count() < 5 { 1 } else { u8::MAX };
        let mut cues = Cues::new(text, self.free_from, start).within(reach).peekable();
        if cues.peek().is_none() {
            return self.like_the_last(number, from, at);
        }
        let code = Code::around(text, from, at).filter(|_| !number.is_price());
        let recognised = number.recognise(text);
        // The nearest cue counts, unless the number does not have that form.
        let mut is_personal = false;
        for cue in cues {
            match (cue, code) {
                // Recognised by their check digits.
                (Cue::Card | Cue::Person | Cue::Company, _) => {
                    if recognised.is_some_and(|(kind, _)| kind != PersonalData::Number) {
                        return None;
                    }
                    is_personal = true;
                }
                (Cue::Phone, _) => {
                    let is_known = recognised.is_some_and(|(kind, _)| kind != PersonalData::Number);
                    let end = number.cued_phone(text).filter(|_| !is_known)?;
                    return Some(found(PersonalData::Phone, number.phone_start(at).max(self.free_from), end));
                }
                (Cue::Network, _) => return None,
                (Cue::Order | Cue::Goods | Cue::Version, _) if is_personal => {}
                (Cue::Order, Some(code)) if !self.is_plainly_personal(number, at, &code) => {
                    return Some(match self.has_order_numbers {
                        true => found(PersonalData::Number, code.start, code.end),
                        false => (None, code.end),
                    });
                }
                (Cue::Goods, Some(code)) => return Some((None, code.end)),
                (Cue::Version, _) => {
                    return recognised.filter(|(kind, _)| *kind == PersonalData::Ip).map(|(_, end)| (None, end));
                }
                (Cue::Cep, _) if let Some(end) = number.end_of(&[5, 3]) => {
                    return Some(found(PersonalData::Cep, at, end));
                }
                (cue, Some(code)) => {
                    let code = match cue {
                        Cue::Passport | Cue::Rg => code.with_series(text, self.free_from),
                        _ => code,
                    };
                    if let Some((kind, end)) = code.after(cue) {
                        return Some(found(kind, code.start, end));
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// Another number of the last one's kind soon after it, which shares its cue: "agência e conta 0417, 33821-7".
    fn like_the_last(&self, number: &Number, from: usize, at: usize) -> Option<Outcome> {
        const LONGEST_GAP: usize = 16;
        let kind = self.last.filter(|_| at - self.free_from <= LONGEST_GAP)?;
        let mut words = self.text.get(self.free_from..at)?.split([' ', ',', '/', ':']).filter(|word| !word.is_empty());
        match kind {
            PersonalData::BankAccount
                if words.all(|word| matches!(word, "e" | "and" | "é" | "is" | "account" | "-")) =>
            {
                let code = Code::around(self.text, from, at)?;
                let (kind, end) = code.after(Cue::Account)?;
                Some(found(kind, code.start, end))
            }
            PersonalData::Phone
                if words.next().is_some_and(|word| matches!(word, "ou" | "or" | "e" | "and"))
                    && words.next().is_none() =>
            {
                Some(found(kind, number.phone_start(at).max(self.free_from), number.cued_phone(self.text)?))
            }
            _ => None,
        }
    }

    /// Whether a number is personal data even after a cue of an order: by its punctuation, or a card.
    fn is_plainly_personal(&self, number: &Number, at: usize, code: &Code) -> bool {
        /// Number of digits of most cards.
        const CARD: usize = 16;
        let is_kind = match number.recognise(self.text) {
            Some((PersonalData::Card, _)) => number.digit_count() >= CARD,
            Some((PersonalData::Phone, _)) => number.phone_start(at) < at,
            _ => false,
        };
        is_kind || code.is_punctuated()
    }

    /// What digits are that stand singly or in groups of no known form.
    fn in_run(&mut self, number: &Number, at: usize) -> Outcome {
        let end = number.first_group_end();
        if at < self.run_from || number.is_price() || number.is_attached() || !goes_on(self.text, end) {
            return (None, end);
        }
        let run = Run::read(self.text, at);
        if run.len() < 3 {
            return (None, end);
        }
        self.run_from = run.end;
        self.said(&run).unwrap_or((None, end))
    }

    /// The bytes before and after the run of digits at `at`, spaces at the text's ends.
    fn beside(&self, at: usize) -> [u8; 2] {
        let bytes = self.text.as_bytes();
        let before = at.checked_sub(1).and_then(|i| bytes.get(i));
        let behind = bytes.get(at..).unwrap_or_default().iter().find(|byte| !byte.is_ascii_digit());
        [before, behind].map(|byte| byte.copied().unwrap_or(b' '))
    }

    /// The visible character before `at`.
    fn before(&self, at: usize) -> Option<WrittenChar> {
        let end = self.text.get(..at)?.trim_end_matches(is_invisible).len();
        self.last_mark.filter(|mark| mark.end == end).or_else(|| WrittenChar::before(self.text, end))
    }

    /// The e-mail address whose local part contains the digit at `at`.
    fn address_around(&mut self, at: usize) -> Option<(usize, usize)> {
        if at >= self.ahead.end {
            self.ahead = self.look_ahead(at);
        }
        let (start, end) = self.ahead.address.filter(|(start, _)| *start <= at)?;
        Some((start.max(self.free_from), end))
    }

    fn look_ahead(&self, at: usize) -> Lookahead {
        let other = visible(self.text, at).find(|written| !is_local(written.c));
        let address = other.filter(|other| other.c == '@').and_then(|sign| email(self.text, self.local_from, sign));
        Lookahead { end: other.map_or(self.text.len(), |other| other.start), address }
    }
}

/// Where a number of one or two digits ends that stands alone among words, as most numbers of texts do.
fn lone_number_end(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_apart = at.checked_sub(1).is_none_or(|before| bytes.get(before) == Some(&b' '));
    let len = bytes.get(at..)?.iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
    let behind = bytes.get(at + len..)?;
    let is_alone = match behind {
        [b' ' | b'.' | b',' | b'!' | b'?', b' ', c, ..] | [b' ', c, ..] => c.is_ascii_alphabetic(),
        _ => behind.is_empty(),
    };
    (is_apart && is_alone && (1..=2).contains(&len)).then_some(at + len)
}

/// Whether a spoken number may begin with the word.
fn is_spoken(word: Option<NumberWord>) -> bool {
    !matches!(word, None | Some(NumberWord::And | NumberWord::Mark | NumberWord::Filler))
}

/// Where the word around `at` begins, or else the next one. It does not begin before `from`.
fn word_start(text: &str, from: usize, at: usize) -> usize {
    let at = boundary(text, at).max(from);
    let before = text.get(from..at).unwrap_or_default();
    let letters = before.char_indices().rev().take(16).take_while(|(_, c)| c.is_alphanumeric()).last();
    let start = letters.map_or(at, |(i, _)| from + i);
    let rest = text.get(start..).unwrap_or_default();
    start + rest.char_indices().take(4).find(|(_, c)| c.is_alphanumeric()).map_or(0, |(i, _)| i)
}

/// The character boundary at `at` or behind.
fn boundary(text: &str, at: usize) -> usize {
    (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

impl Iterator for Scanner<'_> {
    type Item = Finding;

    fn next(&mut self) -> Option<Finding> {
        while let Some(trigger) = self.triggers.next_from(self.at) {
            let (finding, read) = match trigger {
                Trigger::Byte(at) => self.at_byte(at),
                Trigger::Words(at) => self.at_words(at),
            };
            self.at = read;
            if let Some(Finding { kind, .. }) = finding {
                self.last = Some(kind);
                self.free_from = read;
                self.local_from = read;
                return finding;
            }
        }
        self.at = self.text.len();
        None
    }
}
