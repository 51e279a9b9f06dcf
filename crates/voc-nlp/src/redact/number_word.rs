//! The words of numbers in English and Portuguese.

/// What a word says of a spoken number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberWord {
    /// A digit.
    Digit(u8),
    /// A number from 10 to 19.
    Teen(u8),
    /// A multiple of ten.
    Tens(u8),
    /// A multiple of a hundred.
    Hundreds(u16),
    /// "hundred" after a digit.
    Hundred,
    /// A thousand.
    Thousand,
    /// "double", "triple".
    Times(u8),
    /// "and".
    And,
    /// A separator.
    Mark,
    /// A hesitation.
    Filler,
}

/// The language of a word of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tongue {
    English,
    Portuguese,
}

/// The meaning of a word of a number, without accents.
pub(super) fn number_word(word: &str) -> Option<NumberWord> {
    use NumberWord::{And, Digit, Filler, Hundred, Hundreds, Mark, Teen, Tens, Thousand, Times};
    Some(match word {
        "zero" | "oh" | "nought" | "naught" => Digit(0),
        "one" | "um" | "uma" => Digit(1),
        "two" | "dois" | "duas" => Digit(2),
        "three" | "tres" => Digit(3),
        "four" | "quatro" => Digit(4),
        "five" | "cinco" => Digit(5),
        "six" | "seis" | "meia" => Digit(6),
        "seven" | "sete" => Digit(7),
        "eight" | "oito" => Digit(8),
        "nine" | "nove" => Digit(9),
        "ten" | "dez" => Teen(10),
        "eleven" | "onze" => Teen(11),
        "twelve" | "doze" => Teen(12),
        "thirteen" | "treze" => Teen(13),
        "fourteen" | "quatorze" | "catorze" => Teen(14),
        "fifteen" | "quinze" => Teen(15),
        "sixteen" | "dezesseis" | "dezasseis" => Teen(16),
        "seventeen" | "dezessete" | "dezassete" => Teen(17),
        "eighteen" | "dezoito" => Teen(18),
        "nineteen" | "dezenove" | "dezanove" => Teen(19),
        "twenty" | "vinte" => Tens(20),
        "thirty" | "trinta" => Tens(30),
        "forty" | "fourty" | "quarenta" => Tens(40),
        "fifty" | "cinquenta" | "cincoenta" => Tens(50),
        "sixty" | "sessenta" => Tens(60),
        "seventy" | "setenta" => Tens(70),
        "eighty" | "oitenta" => Tens(80),
        "ninety" | "noventa" => Tens(90),
        "cem" | "cento" => Hundreds(100),
        "duzentos" | "duzentas" => Hundreds(200),
        "trezentos" | "trezentas" => Hundreds(300),
        "quatrocentos" | "quatrocentas" => Hundreds(400),
        "quinhentos" | "quinhentas" => Hundreds(500),
        "seiscentos" | "seiscentas" => Hundreds(600),
        "setecentos" | "setecentas" => Hundreds(700),
        "oitocentos" | "oitocentas" => Hundreds(800),
        "novecentos" | "novecentas" => Hundreds(900),
        "hundred" => Hundred,
        "thousand" | "mil" => Thousand,
        "double" | "duplo" => Times(2),
        "triple" | "treble" | "triplo" => Times(3),
        "quadruple" => Times(4),
        "and" | "e" => And,
        "dash" | "hyphen" | "traco" | "hifen" | "tracinho" | "ponto" | "dot" | "point" | "barra" | "slash" | "espaco"
        | "space" => Mark,
        "uh" | "uhm" | "umm" | "hm" | "hmm" | "hum" | "er" | "erm" | "ah" | "eh" | "ahn" | "hein" => Filler,
        _ => return None,
    })
}

/// The language of a word of a number, if it is only one.
pub(super) fn tongue(word: &str) -> Option<Tongue> {
    let is_english = matches!(
        word,
        "oh" | "one" | "two" | "three" | "four" | "five" | "six" | "seven" | "eight" | "nine" | "ten" | "eleven"
            | "twelve" | "double" | "triple" | "treble" | "hundred" | "thousand"
    ) || word.ends_with("teen")
        || word.ends_with("ty");
    if is_english {
        return Some(Tongue::English);
    }
    let is_portuguese = matches!(word, "dois" | "duas" | "tres" | "quatro" | "cinco" | "seis" | "meia" | "sete" | "oito" | "nove")
        || matches!(number_word(word), Some(NumberWord::Teen(_) | NumberWord::Tens(_) | NumberWord::Hundreds(_)));
    is_portuguese.then_some(Tongue::Portuguese)
}
