//! Numbers as they are spoken, or written digit by digit: "four one, double five", "vinte e três", "4 1 1 1".

use super::PersonalData;
use super::checks;
use super::cue::{Cue, Cues};
use super::digits::digit_at;
use super::number_word::{NumberWord, Tongue, number_word, tongue};
use super::unit::is_unit;
use super::word::Word;
use super::written::visible;

/// More than the digits of any number that is recognised, and the words of one.
const MAX_DIGITS: usize = 48;
const MAX_TOKENS: usize = 40;
/// A longer group of digits is a number of its own.
const MAX_GROUP: usize = 4;
/// A run of this many digits is considered a number that identifies a person or an account.
const LONG: usize = 9;

/// A digit, or the digits of a group.
#[derive(Clone, Copy, Debug, Default)]
struct Token {
    start: usize,
    end: usize,
    /// Number of digits up to its end.
    digits: usize,
    value: u32,
    /// It is a single digit, perhaps repeated.
    is_single: bool,
    /// A comma or full stop stands before it.
    is_apart: bool,
}

/// Tokens in a row.
#[derive(Clone, Debug)]
pub(super) struct Run {
    digits: [u8; MAX_DIGITS],
    tokens: [Token; MAX_TOKENS],
    count: usize,
    /// Where reading ended.
    pub(super) end: usize,
    tongue: Option<Tongue>,
}

/// What a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Personal {
        kind: PersonalData,
        start: usize,
        end: usize,
    },
    /// The number of an order or the like.
    Order {
        start: usize,
        end: usize,
    },
}

/// Where the run that contains the word or digit at `at` begins. It does not begin before `from`.
pub(super) fn run_start(text: &str, from: usize, at: usize) -> usize {
    let mut start = at;
    let mut reached = at;
    for _ in 0..MAX_TOKENS {
        let Some(before) = text.get(from..reached) else { break };
        let trimmed = before.trim_end_matches([' ', ',', '.', '-', '\u{2013}', '\u{2026}']);
        if before.len() - trimmed.len() > 4 {
            break;
        }
        let Some(word) = Word::before(text, from, from + trimmed.len()) else { break };
        match number_word(&word) {
            Some(NumberWord::And | NumberWord::Mark | NumberWord::Filler) => {}
            Some(NumberWord::Hundred | NumberWord::Thousand) => {}
            Some(_) => start = word.start,
            None if word.is_number() && word.as_str().len() <= MAX_GROUP => start = word.start,
            None => break,
        }
        reached = word.start;
    }
    start
}

/// Whether another digit or the word for one follows a token that ends at `at`.
pub(super) fn goes_on(text: &str, at: usize) -> bool {
    let Some((next, _)) = gap(text, at) else { return false };
    digit_at(text, next).is_some() || Word::at(text, next).is_some_and(|word| number_word(&word).is_some())
}

impl Run {
    /// Reads on from the word or digit at `start`.
    pub(super) fn read(text: &str, start: usize) -> Self {
        let mut run = Self {
            digits: [0; MAX_DIGITS],
            tokens: [Token::default(); MAX_TOKENS],
            count: 0,
            end: start,
            tongue: None,
        };
        let (mut at, mut is_apart) = (start, false);
        while let Some(end) = run.token(text, at, is_apart) {
            run.end = end;
            let Some((next, apart)) = gap(text, end) else { break };
            (at, is_apart) = (next, (is_apart && run.tokens().last().is_none_or(|last| last.end < end)) || apart);
        }
        run.drop_amount(text);
        run
    }

    /// Reads what begins at `at`, and returns where it ends. `None` if it does not belong to the run.
    fn token(&mut self, text: &str, at: usize, is_apart: bool) -> Option<usize> {
        if digit_at(text, at).is_some() {
            return self.figures(text, at, is_apart);
        }
        let word = Word::at(text, at)?;
        let tongue = tongue(&word);
        if tongue.is_some() && self.tongue.is_some_and(|known| Some(known) != tongue) {
            return None;
        }
        let is_english = self.tongue == Some(Tongue::English);
        let meaning = match word.as_str() {
            "um" if is_english => NumberWord::Filler,
            "o" if is_english => NumberWord::Digit(0),
            _ => number_word(&word)?,
        };
        self.tongue = self.tongue.or(tongue);
        let mut push = |digits: &[u8], value: u32, end: usize, is_single: bool| {
            self.push(digits, Token { start: at, end, digits: 0, value, is_single, is_apart }).map(|()| end)
        };
        match meaning {
            NumberWord::Digit(digit) => match next_word(text, word.end) {
                Some((next, NumberWord::Hundred)) => push(&[digit, 0, 0], u32::from(digit) * 100, next.end, false),
                _ => push(&[digit], digit.into(), word.end, true),
            },
            NumberWord::Teen(value) => push(&[1, value % 10], value.into(), word.end, false),
            NumberWord::Tens(_) | NumberWord::Hundreds(_) => {
                let (value, end) = compound(text, &word, meaning)?;
                match meaning {
                    NumberWord::Tens(_) => push(&[(value / 10) as u8, (value % 10) as u8], value, end, false),
                    _ => push(&[(value / 100) as u8, (value / 10 % 10) as u8, (value % 10) as u8], value, end, false),
                }
            }
            NumberWord::Times(times) => match next_word(text, word.end)? {
                (next, NumberWord::Digit(digit)) => {
                    push([digit; 4].get(..usize::from(times))?, digit.into(), next.end, true)
                }
                _ => None,
            },
            NumberWord::Mark | NumberWord::Filler => (self.count > 0).then_some(word.end),
            NumberWord::And | NumberWord::Hundred | NumberWord::Thousand => None,
        }
    }

    /// A group of figures.
    fn figures(&mut self, text: &str, at: usize, is_apart: bool) -> Option<usize> {
        let mut digits = [0; MAX_GROUP];
        let (mut len, mut end, mut value) = (0, at, 0);
        while let Some((digit, bytes)) = digit_at(text, end) {
            *digits.get_mut(len)? = digit;
            value = value * 10 + u32::from(digit);
            len += 1;
            end += bytes;
        }
        let rest = text.get(end..)?;
        let is_digit = |i: usize| rest.as_bytes().get(i).is_some_and(u8::is_ascii_digit);
        // "4,1,1,1" is no decimal.
        let is_list = len == 1 && rest.starts_with(',') && !is_digit(2);
        let is_decimal = rest.starts_with([',', '.', ':', '/']) && is_digit(1) && !is_list;
        if is_decimal || rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '%' | '_' | '@')) {
            return None;
        }
        let token = Token { start: at, end, digits: 0, value, is_single: len == 1, is_apart };
        self.push(digits.get(..len)?, token).map(|()| end)
    }

    fn push(&mut self, digits: &[u8], token: Token) -> Option<()> {
        let len = self.digit_count();
        self.digits.get_mut(len..len + digits.len())?.copy_from_slice(digits);
        *self.tokens.get_mut(self.count)? = Token { digits: len + digits.len(), ..token };
        self.count += 1;
        Some(())
    }

    /// Takes away the last group if a unit makes it an amount: "… one nine two, six pm". A long number is none.
    fn drop_amount(&mut self, text: &str) {
        let behind = self.tokens().last().map_or(self.end, |last| last.end);
        let rest = text.get(behind..).unwrap_or_default();
        let next = Word::at(text, behind + (rest.len() - rest.trim_start_matches(' ').len()));
        if rest.starts_with('%') || next.is_some_and(|word| is_unit(&word)) {
            let last_group = self.tokens().iter().rposition(|token| token.is_apart);
            self.count = last_group.unwrap_or(if self.digit_count() < LONG { 0 } else { self.count });
        }
    }

    fn tokens(&self) -> &[Token] {
        self.tokens.get(..self.count).unwrap_or_default()
    }

    fn digit_count(&self) -> usize {
        self.tokens().last().map_or(0, |token| token.digits)
    }

    /// Number of tokens.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// What the run is, given what stands before it from `from` on.
    pub(super) fn recognise(&self, text: &str, from: usize) -> Option<Meaning> {
        let all = Part { run: self, tokens: self.tokens() };
        let count = all.digits().len();
        if count < 3 {
            return None;
        }
        let start = all.tokens.first()?.start;
        let mut expected = None;
        for cue in Cues::new(text, from, start) {
            match cue {
                Cue::Order | Cue::Goods if expected.is_some() || checks::card(all.digits()) => {}
                Cue::Order => return Some(Meaning::Order { start, end: all.tokens.last()?.end }),
                Cue::Goods => return None,
                Cue::Card | Cue::Phone | Cue::Person | Cue::Company | Cue::Pix => {
                    expected = expected.or(Some(cue));
                }
                _ => {
                    let found = self.heads().find_map(|part| Some((part.after(cue)?, part)));
                    if let Some((kind, part)) = found {
                        return part.personal(kind);
                    }
                }
            }
        }
        if let Some((kind, part)) = self.parts().find_map(|part| Some((part.checked(expected)?, part))) {
            return part.personal(kind);
        }
        if let Some(cue) = expected
            && let Some((kind, part)) = self.heads().find_map(|part| Some((part.expected(cue)?, part)))
        {
            return part.personal(kind);
        }
        if !all.tokens.iter().all(|token| token.is_single) || all.is_count() {
            return None;
        }
        self.heads()
            .find_map(|part| part.personal(part.by_form()?))
            .or_else(|| (count >= LONG).then(|| all.personal(PersonalData::Number)).flatten())
    }

    /// The whole, and what remains without what may be another number behind it.
    fn heads(&self) -> impl Iterator<Item = Part<'_>> {
        let tokens = self.tokens();
        let ends = (1..tokens.len()).rev().filter(|i| tokens.get(*i).is_some_and(|token| token.is_apart)).take(3);
        let parts = std::iter::once(tokens.len()).chain(ends).filter_map(|end| tokens.get(..end));
        parts.map(|tokens| Part { run: self, tokens })
    }

    /// The same, and what remains without a word or two before it: "é um quatro um …".
    fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let behind = (1..=2).filter_map(|start| self.tokens().get(start..)).filter(|tokens| !tokens.is_empty());
        self.heads().chain(behind.map(|tokens| Part { run: self, tokens }))
    }
}

/// Some tokens of a run.
#[derive(Clone, Copy)]
struct Part<'r> {
    run: &'r Run,
    tokens: &'r [Token],
}

impl Part<'_> {
    fn digits(&self) -> &[u8] {
        let end = self.tokens.last().map_or(0, |token| token.digits);
        let before = match self.tokens.first() {
            Some(first) => self.run.tokens().iter().take_while(|token| token.start < first.start).last(),
            None => None,
        };
        self.run.digits.get(before.map_or(0, |token| token.digits)..end).unwrap_or_default()
    }

    fn personal(&self, kind: PersonalData) -> Option<Meaning> {
        Some(Meaning::Personal { kind, start: self.tokens.first()?.start, end: self.tokens.last()?.end })
    }

    /// What it is after a cue of data without check digits.
    fn after(&self, cue: Cue) -> Option<PersonalData> {
        let count = self.digits().len();
        let (kind, lengths) = match cue {
            Cue::Cvv => (PersonalData::Cvv, 3..=4),
            Cue::Agency => (PersonalData::BankAccount, 3..=6),
            Cue::Account => (PersonalData::BankAccount, 4..=13),
            Cue::Rg => (PersonalData::Rg, 5..=10),
            Cue::Cnh => (PersonalData::Cnh, 9..=12),
            Cue::Cep => (PersonalData::Cep, 8..=8),
            Cue::Passport => (PersonalData::Passport, 6..=9),
            Cue::Device => (PersonalData::Number, 14..=MAX_DIGITS),
            _ => return None,
        };
        lengths.contains(&count).then_some(kind)
    }

    /// What it is by its check digits. Without a cue, each digit must be one of its own.
    fn checked(&self, expected: Option<Cue>) -> Option<PersonalData> {
        let digits = self.digits();
        if expected.is_none() && !self.tokens.iter().all(|token| token.is_single) {
            return None;
        }
        if checks::cpf(digits) {
            Some(PersonalData::Cpf)
        } else if checks::cnpj(digits) {
            Some(PersonalData::Cnpj)
        } else {
            checks::card(digits).then_some(PersonalData::Card)
        }
    }

    /// What it is if it has the length of what the cue announces.
    fn expected(&self, cue: Cue) -> Option<PersonalData> {
        let count = self.digits().len();
        match cue {
            Cue::Phone | Cue::Pix => {
                let shortest = if self.run.tongue == Some(Tongue::Portuguese) { 8 } else { 7 };
                (shortest..=15).contains(&count).then_some(PersonalData::Phone)
            }
            Cue::Card => (12..=19).contains(&count).then_some(PersonalData::Number),
            Cue::Person => (9..=11).contains(&count).then_some(PersonalData::Number),
            Cue::Company => (count == 14).then_some(PersonalData::Number),
            _ => None,
        }
    }

    /// A telephone number with its area code.
    fn by_form(&self) -> Option<PersonalData> {
        let is_phone = match *self.digits() {
            [a, b, 9, _, ..] if self.digits().len() == 11 => a != 0 && b != 0,
            [5, 5, a, b, 9, ..] if self.digits().len() == 13 => a != 0 && b != 0,
            [a, _, _, b, ..] if self.digits().len() == 10 => a >= 2 && b >= 2,
            [1, a, _, _, b, ..] if self.digits().len() == 11 => a >= 2 && b >= 2,
            [0, ..] => matches!(self.digits().len(), 10..=11),
            _ => false,
        };
        is_phone.then_some(PersonalData::Phone)
    }

    /// Whether it counts up or down.
    fn is_count(&self) -> bool {
        let steps = |step: fn(u32) -> u32| {
            self.tokens.windows(2).all(|pair| matches!(pair, [one, next] if step(one.value) == next.value))
        };
        steps(|value| value + 1) || steps(|value| value.wrapping_sub(1))
    }
}

/// The number word after `at`, if only spaces or a hyphen are in between.
fn next_word(text: &str, at: usize) -> Option<(Word, NumberWord)> {
    let rest = text.get(at..)?;
    let word = Word::at(text, at + (rest.len() - rest.trim_start_matches([' ', '-']).len()))?;
    Some((word, number_word(&word)?))
}

/// The value of a number of tens or hundreds, and where it ends: "vinte e três", "cento e vinte".
fn compound(text: &str, word: &Word, meaning: NumberWord) -> Option<(u32, usize)> {
    let (mut value, mut end) = match meaning {
        NumberWord::Tens(tens) => (u32::from(tens), word.end),
        NumberWord::Hundreds(hundreds) => (u32::from(hundreds), word.end),
        _ => return None,
    };
    let joined = |at: usize| match next_word(text, at)? {
        (and, NumberWord::And) if and.as_str() == "e" => {
            next_word(text, and.end).map(|(word, found)| (word, found, true))
        }
        (word, found) => Some((word, found, false)),
    };
    let mut is_hundreds = matches!(meaning, NumberWord::Hundreds(_));
    while let Some((next, found, has_and)) = joined(end) {
        match found {
            NumberWord::Digit(digit) if digit > 0 && (has_and || !is_hundreds) => {
                return Some((value + u32::from(digit), next.end));
            }
            NumberWord::Teen(teen) if is_hundreds && has_and => return Some((value + u32::from(teen), next.end)),
            NumberWord::Tens(tens) if is_hundreds && has_and => {
                value += u32::from(tens);
                end = next.end;
                is_hundreds = false;
            }
            _ => break,
        }
    }
    Some((value, end))
}

/// Where the next token may begin, and whether a comma or full stop stands before it.
fn gap(text: &str, at: usize) -> Option<(usize, bool)> {
    const LONGEST: usize = 4;
    let mut is_apart = false;
    for (i, written) in visible(text, at).take(LONGEST + 1).enumerate() {
        match written.c {
            ',' | '.' | ';' | '\u{2026}' => is_apart = true,
            ' ' | '\t' | '\u{a0}' | '-' | '\u{2013}' | '(' | ')' => {}
            c if i > 0 && c.is_alphanumeric() => return Some((written.start, is_apart)),
            _ => return None,
        }
    }
    None
}
