//! The findings of a redactor.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The kind of personal data of a [`Finding`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PersonalData {
    /// An e-mail address.
    Email,
    /// A telephone number in the customary forms of Brazil and North America, in the international form (`+…`), or
    /// in a national one that begins with 0.
    Phone,
    /// A payment card's number: 13 to 19 digits as issuers begin them, with a valid Luhn check digit.
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
    /// The number of a Brazilian identity card after a cue such as "RG" or "identidade".
    Rg,
    /// The number of a Brazilian driving licence after a cue such as "CNH" or "habilitação".
    Cnh,
    /// A Brazilian postal code after a cue such as "CEP".
    Cep,
    /// A random key of PIX, which is a UUID, after a cue such as "chave pix". Other keys are an address or a number of
    /// another kind.
    Pix,
    /// The number of a passport after a cue.
    Passport,
    /// The number of a bank account or branch after a cue such as "agência", "conta" or "account number".
    BankAccount,
    /// The security code of a card after a cue such as "CVV" or "código de segurança".
    Cvv,
    /// A date of birth after a cue such as "nasci em" or "date of birth".
    BirthDate,
}

impl PersonalData {
    /// All kinds.
    pub const ALL: [Self; 16] = [
        Self::Email,
        Self::Phone,
        Self::Card,
        Self::Cpf,
        Self::Cnpj,
        Self::Iban,
        Self::Ip,
        Self::Number,
        Self::Rg,
        Self::Cnh,
        Self::Cep,
        Self::Pix,
        Self::Passport,
        Self::BankAccount,
        Self::Cvv,
        Self::BirthDate,
    ];

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
            Self::Rg => "[RG]",
            Self::Cnh => "[CNH]",
            Self::Cep => "[CEP]",
            Self::Pix => "[PIX]",
            Self::Passport => "[PASSPORT]",
            Self::BankAccount => "[BANK_ACCOUNT]",
            Self::Cvv => "[CVV]",
            Self::BirthDate => "[BIRTH_DATE]",
        }
    }

    /// Its bit in a set of kinds.
    pub(super) const fn bit(self) -> u16 {
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
