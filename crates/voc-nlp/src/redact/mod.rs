//! Finds personal data in texts, and replaces it by tags that name its kind.

mod checks;
mod code;
mod contact;
mod cue;
mod date;
mod digits;
mod escape;
mod finding;
mod grams;
mod lexicon;
mod network;
mod number;
mod number_word;
mod scan;
mod slip;
mod spoken;
mod spoken_address;
mod triggers;
mod unit;
mod word;
mod written;

use std::borrow::Cow;
use std::iter::FusedIterator;

pub use finding::{Finding, PersonalData};
use scan::Scanner;

/// Finds and replaces personal data that is recognisable by its form, or by the words before it: addresses, numbers
/// and dates of birth, not names.
///
/// Numbers are recognised with customary separators (`4111 1111-1111.1111`, also no-break spaces), in the decimal
/// digits of other scripts (`４１１１`), digit by digit (`4 1 1 1`) and as they are spoken in English and Portuguese
/// (`four triple one`, `vinte e três`). Prices, dates, times and numbers of fewer than nine digits are left alone,
/// unless they have the form of a telephone number, such as `98765-4321`, or follow a word that announces them, such
/// as "CVV". The numbers of orders, protocols and the like, versions and codes of articles are left alone where a
/// word says so.
///
/// Addresses and numbers are found with invisible characters in between, such as soft hyphens, with fullwidth and
/// similar characters (`ana＠example。com`), and with characters escaped as in URLs (`ana%40example.com`), HTML
/// (`ana&#64;example.com`), JSON and logs (`ana\u0040example.com`), even twice (`ana%2540example.com`). Digits of
/// numbers that are escaped themselves are not read. Spoken addresses are found (`ana ponto sá arroba exemplo ponto
/// com`); in English, where "at" may mean something else, only after "e-mail", with a spoken mark, or of a well-known
/// provider. Other obfuscated forms are not found, such as `ana [at] example.com` and `ana @ example.com`; nor are
/// transfer encodings decoded (`ana=40example.com`, Base64).
///
/// One pass, which takes time proportional to the text and allocates nothing but the redacted text.
///
/// ```
/// use voc_nlp::{PersonalData, Redactor};
///
/// let redactor = Redactor::default();
/// let text = "I'm ana@example.com, card 4111 1111 1111 1111, CPF 111.444.777-35, order 123456.";
/// assert_eq!(redactor.redact(text), "I'm [EMAIL], card [CARD], CPF [CPF], order 123456.");
///
/// let finding = redactor.find(text).next().unwrap();
/// assert_eq!(finding.kind, PersonalData::Email);
/// assert_eq!(&text[finding.start..finding.end], "ana@example.com");
///
/// let redactor = Redactor::default().without(PersonalData::Email);
/// assert_eq!(redactor.redact("ana@example.com, +55 11 98765-4321"), "ana@example.com, [PHONE]");
///
/// let call = "my cvv is two one six, I was born on 5 May 1990";
/// assert_eq!(Redactor::default().redact(call), "my cvv is [CVV], I was born on [BIRTH_DATE]");
///
/// let link = "<a href='/reset?to=ana%40example.com'>ana&#64;example.com</a>";
/// assert_eq!(Redactor::default().redact(link), "<a href='/reset?to=[EMAIL]'>[EMAIL]</a>");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redactor {
    /// The bits of the kinds to find.
    kinds: u16,
    /// Whether the numbers of orders and the like are findings.
    has_order_numbers: bool,
}

impl Default for Redactor {
    /// Finds every kind, and keeps the numbers of orders.
    fn default() -> Self {
        Self { kinds: u16::MAX, has_order_numbers: false }
    }
}

impl Redactor {
    /// The same without findings of one kind. Data in the form of that kind is left alone, and not reported as another
    /// kind.
    #[must_use]
    pub fn without(self, kind: PersonalData) -> Self {
        Self { kinds: self.kinds & !kind.bit(), ..self }
    }

    /// The same with findings of these kinds only. Data in the form of other kinds is left alone.
    #[must_use]
    pub fn only(self, kinds: impl IntoIterator<Item = PersonalData>) -> Self {
        Self { kinds: kinds.into_iter().fold(0, |bits, kind| bits | kind.bit()), ..self }
    }

    /// Whether the numbers of orders, protocols, tickets, invoices and shipments, after such a word, are found as
    /// [`PersonalData::Number`]. They are kept by default, however long they are.
    #[must_use]
    pub fn order_numbers(self, are_found: bool) -> Self {
        Self { has_order_numbers: are_found, ..self }
    }

    /// The findings, in the order of the text. They do not overlap and are never empty.
    pub fn find<'a>(&self, text: &'a str) -> Findings<'a> {
        Findings { scanner: Scanner::new(text, self.has_order_numbers), kinds: self.kinds }
    }

    /// The text with a [tag](PersonalData::tag) for each finding; the text itself if there is none.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut findings = self.find(text);
        let Some(first) = findings.next() else {
            return Cow::Borrowed(text);
        };
        let mut redacted = String::with_capacity(text.len());
        let mut copied = 0;
        for Finding { kind, start, end } in std::iter::once(first).chain(findings) {
            redacted.push_str(text.get(copied..start).unwrap_or_default());
            redacted.push_str(kind.tag());
            copied = end;
        }
        redacted.push_str(text.get(copied..).unwrap_or_default());
        Cow::Owned(redacted)
    }
}

/// The findings of [`Redactor::find`].
#[derive(Clone, Debug)]
pub struct Findings<'a> {
    scanner: Scanner<'a>,
    kinds: u16,
}

impl Iterator for Findings<'_> {
    type Item = Finding;

    fn next(&mut self) -> Option<Finding> {
        let kinds = self.kinds;
        self.scanner.by_ref().find(|finding| finding.kind.bit() & kinds != 0)
    }
}

impl FusedIterator for Findings<'_> {}
