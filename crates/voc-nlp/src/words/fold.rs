//! Reduces characters to those of a lexicon's words: lower-case ASCII.

/// The effect of a character in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FoldedChar {
    /// A letter, digit or apostrophe.
    Ascii(u8),
    /// None: it is invisible, or an accent of the letter before.
    Nothing,
    /// A letter that does not occur in the lexicons' words.
    Foreign,
    /// Not part of a word.
    Symbol,
}

/// Folds case and accents. Letters of two (`æ`) become their first.
pub(crate) fn fold(c: char) -> FoldedChar {
    if let Some(letter) = ascii(c) {
        return FoldedChar::Ascii(letter);
    }
    match c {
        // Soft hyphen, combining accents, zero-width characters and marks of direction, variation selectors, byte
        // order mark.
        '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' => FoldedChar::Nothing,
        '\u{2060}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' => FoldedChar::Nothing,
        _ if c.is_alphanumeric() => FoldedChar::Foreign,
        _ => FoldedChar::Symbol,
    }
}

/// A character without case and accents, if that is ASCII and allowed in a word.
const fn ascii(c: char) -> Option<u8> {
    Some(match c {
        'a'..='z' | '0'..='9' | '\'' => c as u8,
        'A'..='Z' => c.to_ascii_lowercase() as u8,
        // Typographic ones, and what is typed in their place: accents, the prime, the modifier letter, the back tick.
        '\u{2018}' | '\u{2019}' | '\u{2bc}' | '\u{b4}' | '\u{2032}' | '`' => b'\'',
        'À'..='Æ' | 'à'..='æ' | 'Ā'..='ą' | 'ª' => b'a',
        'Ç' | 'ç' | 'Ć'..='č' => b'c',
        'È'..='Ë' | 'è'..='ë' | 'Ē'..='ě' => b'e',
        'Ì'..='Ï' | 'ì'..='ï' | 'Ĩ'..='ı' => b'i',
        'Ñ' | 'ñ' | 'Ń'..='ň' => b'n',
        'Ò'..='Ö' | 'Ø' | 'ò'..='ö' | 'ø' | 'Ō'..='œ' | 'º' => b'o',
        'Ś'..='š' | 'ß' => b's',
        'Ù'..='Ü' | 'ù'..='ü' | 'Ũ'..='ų' => b'u',
        'Ý' | 'ý' | 'ÿ' | 'Ÿ' => b'y',
        'Ź'..='ž' => b'z',
        _ => return None,
    })
}

/// The most that the characters of one word count: a foreign name does not decide about a text.
pub(super) const MAX_ACCENTS: u32 = 6;

/// How strongly a character indicates Portuguese, and how strongly it speaks against both Portuguese and English.
pub(super) fn accent(c: char) -> [u32; 2] {
    match latin_accent(c) {
        [0, 0] if ('\u{100}'..='\u{24f}').contains(&c) => [0, 2],
        [0, 0] if c > '\u{24f}' && c.is_alphabetic() => [0, 1],
        accent => accent,
    }
}

/// The same for letters from U+00C0 to U+00FF. Spanish and other languages have acute accents, too.
const fn latin_accent(c: char) -> [u32; 2] {
    match c {
        'ã' | 'õ' | 'Ã' | 'Õ' => [3, 0],
        'ç' | 'Ç' => [2, 0],
        'ê' | 'ô' | 'â' | 'à' | 'Ê' | 'Ô' | 'Â' | 'À' => [1, 0],
        'ñ' | 'Ñ' | 'ß' | 'ø' | 'Ø' | 'å' | 'Å' | 'æ' | 'Æ' => [0, 3],
        'ä' | 'ö' | 'ü' | 'è' | 'ù' | 'ò' | 'ì' | 'Ä' | 'Ö' | 'Ü' | 'È' | 'Ù' | 'Ò' | 'Ì' => [0, 2],
        'î' | 'ï' | 'ë' | 'û' | 'Î' | 'Ï' | 'Ë' | 'Û' => [0, 1],
        _ => [0, 0],
    }
}

/// The effect of the letters from U+00C0 to U+00FF, almost all non-ASCII letters of Portuguese.
pub(super) struct Latin {
    /// The letter without accent; 0 if there is none.
    pub(super) letter: u8,
    /// How strongly it indicates Portuguese, and speaks against both languages.
    pub(super) accent: [u32; 2],
}

/// By the second byte in UTF-8, minus 0x80; the first is [`LATIN_LEAD`].
pub(super) static LATIN: [Latin; 64] = {
    let mut table = [const { Latin { letter: 0, accent: [0, 0] } }; 64];
    let mut i = 0;
    while i < table.len() {
        let c = (0xc0 + i as u8) as char;
        if let Some(letter) = ascii(c) {
            table[i] = Latin { letter, accent: latin_accent(c) };
        }
        i += 1;
    }
    table
};
pub(super) const LATIN_LEAD: u8 = 0xc3;
