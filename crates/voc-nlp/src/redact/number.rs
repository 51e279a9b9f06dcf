//! Groups of digits, and their kind by form.

use super::PersonalData;
use super::checks;
use super::digits::{Separator, digit_at, is_word, separator_at};
use super::written::{WrittenChar, char_at, visible};

/// Maximum number of groups in a number: a French telephone number in pairs after its country code.
const MAX_GROUPS: usize = 6;
/// No form has fewer digits, except an IP address.
const SHORT: usize = 8;
/// Number of digits kept: no form has more than 19.
const MAX_DIGITS: usize = 24;
/// A run of this many digits is considered a number that identifies a person or an account.
const LONG: usize = 9;

/// Consecutive digits.
#[derive(Clone, Copy, Default)]
struct Group {
    end: usize,
    len: usize,
    /// The separator before it, for a number's second and later groups.
    before: Option<Separator>,
}

/// Digits with separators between them, starting from a digit.
pub(super) struct Number {
    groups: [Group; MAX_GROUPS],
    group_count: usize,
    digits: [u8; MAX_DIGITS],
    /// May be more than are kept.
    digit_count: usize,
    /// The context before it.
    before: Option<WrittenChar>,
    /// A currency sign stands before.
    is_price: bool,
    /// It continues something before: letters, a decimal point, the groups of another number.
    is_attached: bool,
}

impl Number {
    /// Reads on from the digit at `at`, preceded by the character `before`. Text before `free_from` is known not to
    /// belong to the number, except a sign.
    pub(super) fn read(text: &str, free_from: usize, at: usize, before: Option<WrittenChar>) -> Self {
        let mut number = Self {
            groups: [Group::default(); MAX_GROUPS],
            group_count: 0,
            digits: [0; MAX_DIGITS],
            digit_count: 0,
            before,
            is_price: is_price(text, at),
            is_attached: is_attached(text.get(free_from..at).unwrap_or_default()),
        };
        let mut next = Some((None, at));
        while let Some((before, start)) = next {
            let Some(group) = number.groups.get_mut(number.group_count) else { break };
            *group = Group { end: start, len: 0, before };
            while let Some((digit, len)) = digit_at(text, group.end).or_else(|| hidden_digit(text, group.end)) {
                if let Some(place) = number.digits.get_mut(number.digit_count) {
                    *place = digit;
                }
                group.len += 1;
                group.end += len;
                number.digit_count += 1;
            }
            next = separator_at(text, group.end).map(|(separator, start)| (Some(separator), start));
            number.group_count += 1;
        }
        number
    }

    /// Number of digits.
    pub(super) fn digit_count(&self) -> usize {
        self.digit_count
    }

    /// Whether a currency sign stands before it.
    pub(super) fn is_price(&self) -> bool {
        self.is_price
    }

    /// Whether it continues something.
    pub(super) fn is_attached(&self) -> bool {
        self.is_attached
    }

    /// Where the number's first groups end if these have the lengths of `form`.
    pub(super) fn end_of(&self, form: &[usize]) -> Option<usize> {
        self.digits_in(form)?;
        self.groups().get(form.len().checked_sub(1)?).map(|group| group.end)
    }

    /// Where the number ends if it has the length of a telephone number, but none of the forms that need no cue.
    pub(super) fn cued_phone(&self, text: &str) -> Option<usize> {
        let joined =
            |group: &Group| matches!(group.before, None | Some(Separator::Space | Separator::Dash | Separator::Close));
        let (mut digits, mut end) = (0, None);
        for group in self.groups().iter().take_while(|group| joined(group) && group.len >= 2) {
            digits += group.len;
            if (7..=13).contains(&digits) {
                end = Some(group.end);
            }
        }
        let is_date = self.digits_in(&[4, 2, 2]).is_some() || self.digits_in(&[2, 2, 4]).is_some();
        let end = end.filter(|_| !is_date && !self.is_price && !self.is_attached)?;
        (!text.get(end..)?.starts_with(|c: char| is_word(c) || c == '%')).then_some(end)
    }

    /// Where the first group ends.
    pub(super) fn first_group_end(&self) -> usize {
        self.groups().first().map_or(0, |group| group.end)
    }

    /// The kind of the number, or of its first groups, and where that ends.
    pub(super) fn recognise(&self, text: &str) -> Option<(PersonalData, usize)> {
        let is_dotted = self.groups().get(1).is_some_and(|group| group.before == Some(Separator::Dot));
        if self.digit_count < SHORT && !is_dotted {
            return None;
        }
        let checked = self.checked();
        let (kind, groups) = checked.or_else(|| if self.is_attached { None } else { self.by_form() })?;
        let end = self.groups().get(groups.checked_sub(1)?)?.end;
        // "A123456789x" is a reference number; check digits that are right by chance are rare.
        if checked.is_none() && char_at(text, end).is_some_and(is_word) {
            return None;
        }
        Some((kind, end))
    }

    /// Where the number that was read at `at` begins if it is a telephone number: at its plus sign or bracket.
    pub(super) fn phone_start(&self, at: usize) -> usize {
        match self.before {
            Some(sign) if sign.c == '+' || (sign.c == '(' && self.has_bracketed_area()) => sign.start,
            _ => at,
        }
    }

    fn has_plus(&self) -> bool {
        self.before.is_some_and(|before| before.c == '+')
    }

    /// Numbers with check digits.
    fn checked(&self) -> Option<(PersonalData, usize)> {
        for (kind, forms) in CHECKED {
            for form in *forms {
                if let Some(digits) = self.digits_in(form)
                    && is_valid(*kind, digits)
                {
                    return Some((*kind, form.len()));
                }
            }
        }
        None
    }

    /// Numbers that only resemble other numbers.
    fn by_form(&self) -> Option<(PersonalData, usize)> {
        if self.is_ip() {
            return Some((PersonalData::Ip, 4));
        }
        if let Some(groups) = self.phone() {
            return Some((PersonalData::Phone, groups));
        }
        if let Some(groups) = self.failed() {
            return Some((PersonalData::Number, groups));
        }
        let is_long = self.groups().first().is_some_and(|group| group.len >= LONG);
        (is_long && !self.is_price).then_some((PersonalData::Number, 1))
    }

    /// Four numbers up to 255 with dots between them, and no fifth.
    fn is_ip(&self) -> bool {
        let separated = |group: &Group| group.before == Some(Separator::Dot);
        let mut digits = self.digits.as_slice();
        for i in 0..4 {
            let Some(group) = self.groups().get(i) else { return false };
            let Some((places, rest)) = digits.split_at_checked(group.len) else { return false };
            if group.len > 3 || (i > 0 && !separated(group)) {
                return false;
            }
            if places.iter().fold(0, |value, &digit| 10 * value + u32::from(digit)) > 255 {
                return false;
            }
            digits = rest;
        }
        !self.groups().get(4).is_some_and(separated)
    }

    /// The number of groups that form a telephone number.
    fn phone(&self) -> Option<usize> {
        if self.is_price {
            return None;
        }
        let groups = if self.has_plus() { self.international() } else { self.national().or_else(|| self.local()) }?;
        let separators = self.groups().iter().take(groups).filter_map(|group| group.before);
        separators.into_iter().all(|separator| separator != Separator::Slash).then_some(groups)
    }

    /// A number with its area code.
    fn national(&self) -> Option<usize> {
        let has_form = |form: &[usize]| self.digits_in(form).is_some();
        let digit = |i: usize| self.digit(i);
        if self.has_bracketed_area() {
            let area = self.groups().first()?.len;
            // With a 0 before the area code, or, in Brazil, a 9 before the number, there is one more digit; with both
            // there are two.
            let mobile = area == 2 + usize::from(digit(0) == 0) && digit(area) == 9;
            let len = 10 + usize::from(digit(0) == 0) + usize::from(mobile);
            return (2..=5).contains(&area).then(|| self.groups_of(len..=len, 4)).flatten();
        }
        // Brazil: an area code without the digit 0, and eight digits, or nine that begin with 9.
        let is_area = digit(0) != 0 && digit(1) != 0;
        if is_area && digit(2) == 9 && (has_form(&[2, 5, 4]) || has_form(&[2, 9]) || has_form(&[2, 1, 4, 4])) {
            return self.groups_of(11..=11, 4);
        }
        if is_area && (2..=5).contains(&digit(2)) && has_form(&[2, 4, 4]) {
            return Some(3);
        }
        // North America: neither area nor exchange code begins with 0 or 1.
        if digit(0) >= 2 && digit(3) >= 2 && has_form(&[3, 3, 4]) {
            return Some(3);
        }
        if digit(0) == 1 && digit(1) >= 2 && has_form(&[1, 3, 3, 4]) {
            return Some(4);
        }
        // Elsewhere, and with a 0 in Brazil: "020 7946 0958", "0800 123 4567", "01 23 45 67 89".
        if digit(0) == 0 && has_form(&[2; 5]) {
            return Some(5);
        }
        let groups = if digit(0) == 0 { self.groups_of(10..=12, 4)? } else { return self.unbroken() };
        let behind = self.groups().get(1..groups).unwrap_or_default();
        if behind.is_empty() { self.unbroken() } else { behind.iter().all(|group| group.len >= 3).then_some(groups) }
    }

    /// A number without area code: only with a dash, and not a range of years or of round numbers.
    fn local(&self) -> Option<usize> {
        let digit = |i: usize| self.digit(i);
        let joined_by = |i: usize| self.groups().get(i).and_then(|group| group.before);
        if joined_by(1) != Some(Separator::Dash) || joined_by(2) == Some(Separator::Dash) {
            return None;
        }
        let is_mobile = digit(0) == 9 && self.digits_in(&[5, 4]).is_some();
        let is_round = digit(3) == 0 && digit(7) == 0;
        let are_years = (digit(0), digit(4)) == (2, 2) && digit(1) <= 1 && digit(5) <= 1;
        let is_fixed = (2..=5).contains(&digit(0)) && self.digits_in(&[4, 4]).is_some() && !is_round && !are_years;
        (is_mobile || is_fixed).then_some(2)
    }

    /// After a plus sign: 8 to 15 digits (ITU-T E.164).
    fn international(&self) -> Option<usize> {
        match (self.digit(0), self.digit(1)) {
            (5, 5) if self.digit(4) == 9 => self.groups_of(13..=13, 6).or_else(|| self.groups_of(12..=12, 6)),
            (5, 5) => self.groups_of(12..=12, 6),
            (1, _) => self.groups_of(11..=11, 5),
            _ => self.groups_of(8..=13, 7).or_else(|| self.groups_of(14..=15, 1)),
        }
    }

    /// A number with its area code without separators.
    fn unbroken(&self) -> Option<usize> {
        let len = self.groups().first()?.len;
        let digit = |i: usize| self.digit(i);
        let is_brazilian = |at: usize| digit(at) != 0 && digit(at + 1) != 0 && digit(at + 2) == 9;
        let is_phone = match len {
            10 => digit(0) >= 2 && digit(3) >= 2,
            11 => is_brazilian(0) || digit(0) == 0 || (digit(0) == 1 && digit(1) >= 2 && digit(4) >= 2),
            12 => digit(0) == 0 && is_brazilian(1),
            13 => digit(0) == 5 && digit(1) == 5 && is_brazilian(2),
            _ => false,
        };
        is_phone.then_some(1)
    }

    /// The number of groups that have the form of a number with check digits, which are invalid, or of a social
    /// security number.
    fn failed(&self) -> Option<usize> {
        use Separator::{Dash, Dot, Slash};
        let punctuated = |form: &[usize], separators: &[Separator]| {
            let behind = self.groups().iter().skip(1).map(|group| group.before);
            self.digits_in(form).is_some() && separators.iter().copied().map(Some).eq(behind.take(separators.len()))
        };
        if punctuated(&[3, 3, 3, 2], &[Dot, Dot, Dash]) || self.digits_in(&[4, 4, 4, 4]).is_some() {
            Some(4)
        } else if punctuated(&[2, 3, 3, 4, 2], &[Dot, Dot, Slash, Dash]) {
            Some(5)
        } else if punctuated(&[3, 2, 4], &[Dash, Dash]) {
            Some(3)
        } else {
            None
        }
    }

    /// The digits of the first groups if these have the lengths of `form`.
    fn digits_in(&self, form: &[usize]) -> Option<&[u8]> {
        let lens = self.groups().iter().map(|group| group.len);
        if !lens.take(form.len()).eq(form.iter().copied()) {
            return None;
        }
        self.digits.get(..form.iter().sum())
    }

    /// How many of the first `most` groups together have this many digits; as many groups as possible.
    fn groups_of(&self, digits: std::ops::RangeInclusive<usize>, most: usize) -> Option<usize> {
        let mut sum = 0;
        let mut found = None;
        for (i, group) in self.groups().iter().take(most).enumerate() {
            sum += group.len;
            if digits.contains(&sum) {
                found = Some(i + 1);
            }
        }
        found
    }

    /// Whether the first group is an area code in brackets.
    fn has_bracketed_area(&self) -> bool {
        self.groups().get(1).is_some_and(|group| group.before == Some(Separator::Close))
    }

    /// A digit, 0 if there are fewer.
    fn digit(&self, i: usize) -> u8 {
        self.digits.get(i).copied().unwrap_or_default()
    }

    fn groups(&self) -> &[Group] {
        self.groups.get(..self.group_count).unwrap_or_default()
    }
}

/// The customary lengths of the groups in numbers with check digits.
const CHECKED: &[(PersonalData, &[&[usize]])] = &[
    (PersonalData::Cpf, &[&[3, 3, 3, 2], &[11], &[9, 2], &[3, 3, 5], &[3, 6, 2]]),
    (PersonalData::Cnpj, &[&[2, 3, 3, 4, 2], &[14], &[8, 4, 2], &[12, 2]]),
    (
        PersonalData::Card,
        &[
            &[4, 4, 4, 4, 3],
            &[4, 4, 4, 4],
            &[4, 6, 5],
            &[4, 6, 4],
            &[4, 4, 5],
            &[8, 8],
            &[6, 10],
            &[13],
            &[14],
            &[15],
            &[16],
            &[17],
            &[18],
            &[19],
        ],
    ),
];

fn is_valid(kind: PersonalData, digits: &[u8]) -> bool {
    match kind {
        PersonalData::Cpf => checks::cpf(digits),
        PersonalData::Cnpj => checks::cnpj(digits),
        PersonalData::Card => checks::card(digits),
        _ => false,
    }
}

/// A digit after invisible characters, whose bytes count as part of it.
fn hidden_digit(text: &str, at: usize) -> Option<(u8, usize)> {
    let start = visible(text, at).next()?.start;
    let (digit, len) = digit_at(text, start)?;
    Some((digit, start + len - at))
}

/// Whether a currency sign stands before `at`, optionally with a space in between.
fn is_price(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let before = before.strip_suffix([' ', '\u{a0}']).unwrap_or(before);
    matches!(before.chars().next_back(), Some('$' | '€' | '£' | '¥' | '₹'))
}

/// Whether a number after this text is a continuation of it.
fn is_attached(before: &str) -> bool {
    let mut before = before.chars().rev();
    match before.next() {
        Some('.' | ',' | '-' | '/') => before.next().is_some_and(|c| c.is_ascii_digit()),
        Some(c) => is_word(c),
        None => false,
    }
}
