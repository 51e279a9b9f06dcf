//! The findings of a redactor.

use std::fmt;

use serde::Serialize;

/// The kind of personal data of a [`Finding`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum PersonalData {
    /// An e-mail address.
    Email,
    /// A telephone number in the customary forms of Brazil and North America, in the international form (`+…`), or
    /// in a national one that begins with 0.
    Phone,
    /// A payment card's number: 13 to 19 digits with a valid Luhn check digit.
    Card,
    /// A Brazilian person's tax number with valid check digits.
    Cpf,
    /// A Brazilian company's tax number with valid check digits, all digits or, in its customary punctuation, with
    /// letters.
    Cnpj,
    /// An international bank account number with valid check digits (ISO 13616).
    Iban,
    /// An IPv4 or IPv6 address.
    Ip,
    /// Any other run of nine digits or more, and numbers in the form of a tax, social security or card number with
    /// invalid check digits.
    Number,
}

impl PersonalData {
    /// All kinds.
    pub const ALL: [Self; 8] =
        [Self::Email, Self::Phone, Self::Card, Self::Cpf, Self::Cnpj, Self::Iban, Self::Ip, Self::Number];

    /// Its replacement in a redacted text, such as `[EMAIL]`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Email => "[EMAIL]",
            Self::Phone => "[PHONE]",
            Self::Card => "[CARD]",
            Self::Cpf => "[CPF]",
            Self::Cnpj => "[CNPJ]",
            Self::Iban => "[IBAN]",
            Self::Ip => "[IP]",
            Self::Number => "[NUMBER]",
        }
    }

    /// Its bit in a set of kinds.
    pub(super) const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl fmt::Display for PersonalData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

/// The position of personal data in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// Its kind.
    pub kind: PersonalData,
    /// Its first byte.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
}
