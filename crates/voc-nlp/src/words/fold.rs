//! Characters reduced to what a lexicon's words are written in: lower-case ASCII.

/// What becomes of a character in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Folded {
    /// A letter, digit or apostrophe.
    Ascii(u8),
    /// Nothing: it is not to be seen, or an accent of the letter before.
    Nothing,
    /// A letter that no word of the lexicons has.
    Foreign,
    /// Not part of a word.
    Symbol,
}

/// Folds case and accents. Letters of two (`æ`) become their first.
pub(crate) fn fold(c: char) -> Folded {
    let folded = match c {
        'a'..='z' | '0'..='9' | '\'' => c,
        'A'..='Z' => c.to_ascii_lowercase(),
        '\u{2019}' => '\'',
        'À'..='Æ' | 'à'..='æ' | 'Ā'..='ą' | 'ª' => 'a',
        'Ç' | 'ç' | 'Ć'..='č' => 'c',
        'È'..='Ë' | 'è'..='ë' | 'Ē'..='ě' => 'e',
        'Ì'..='Ï' | 'ì'..='ï' | 'Ĩ'..='ı' => 'i',
        'Ñ' | 'ñ' | 'Ń'..='ň' => 'n',
        'Ò'..='Ö' | 'Ø' | 'ò'..='ö' | 'ø' | 'Ō'..='œ' | 'º' => 'o',
        'Ś'..='š' | 'ß' => 's',
        'Ù'..='Ü' | 'ù'..='ü' | 'Ũ'..='ų' => 'u',
        'Ý' | 'ý' | 'ÿ' | 'Ÿ' => 'y',
        'Ź'..='ž' => 'z',
        // Soft hyphen, combining accents, zero-width characters and marks of direction, variation selectors, byte order mark.
        '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' => return Folded::Nothing,
        '\u{2060}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' => return Folded::Nothing,
        _ if c.is_alphanumeric() => return Folded::Foreign,
        _ => return Folded::Symbol,
    };
    // Every arm above gives an ASCII character.
    Folded::Ascii(folded as u8)
}

/// How much a character speaks for Portuguese, and how much against both Portuguese and English.
pub(super) fn accent(c: char) -> (u32, u32) {
    match c {
        'ã' | 'õ' | 'Ã' | 'Õ' => (3, 0),
        'ç' | 'ê' | 'ô' | 'â' | 'à' | 'Ç' | 'Ê' | 'Ô' | 'Â' | 'À' => (1, 0),
        'á' | 'é' | 'í' | 'ó' | 'ú' | 'Á' | 'É' | 'Í' | 'Ó' | 'Ú' => (1, 0),
        'ñ' | 'Ñ' | '¿' | '¡' | 'ß' | 'ø' | 'å' | 'ł' | 'ż' | 'œ' => (0, 3),
        'ä' | 'ö' | 'ü' | 'è' | 'ù' | 'î' | 'ï' | 'ë' | 'û' | 'ò' | 'ì' => (0, 1),
        _ if c > '\u{24f}' && c.is_alphabetic() => (0, 3),
        _ => (0, 0),
    }
}
