//! The words of numbers in English and Portuguese.

use std::sync::LazyLock;

use super::lexicon::Lexicon;
use super::word::Word;

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

/// The meaning of a word of a number.
pub(super) fn number_word(word: &Word) -> Option<NumberWord> {
    WORDS.get(word).map(|(meaning, _)| meaning)
}

/// The language of a word of a number, if it is only one.
pub(super) fn tongue(word: &Word) -> Option<Tongue> {
    WORDS.get(word).and_then(|(_, tongue)| tongue)
}

static WORDS: LazyLock<Lexicon<(NumberWord, Option<Tongue>)>> = LazyLock::new(|| {
    use NumberWord::{And, Digit, Filler, Hundred, Hundreds, Mark, Teen, Tens, Thousand, Times};
    let [both, english, portuguese] = [None, Some(Tongue::English), Some(Tongue::Portuguese)];
    Lexicon::new(&[
        ((Digit(0), english), "oh nought naught"),
        ((Digit(0), both), "zero"),
        ((Digit(1), english), "one"),
        ((Digit(1), both), "um uma"),
        ((Digit(2), english), "two"),
        ((Digit(2), portuguese), "dois duas"),
        ((Digit(3), english), "three"),
        ((Digit(3), portuguese), "tres"),
        ((Digit(4), english), "four"),
        ((Digit(4), portuguese), "quatro"),
        ((Digit(5), english), "five"),
        ((Digit(5), portuguese), "cinco"),
        ((Digit(6), english), "six"),
        ((Digit(6), portuguese), "seis meia"),
        ((Digit(7), english), "seven"),
        ((Digit(7), portuguese), "sete"),
        ((Digit(8), english), "eight"),
        ((Digit(8), portuguese), "oito"),
        ((Digit(9), english), "nine"),
        ((Digit(9), portuguese), "nove"),
        ((Teen(10), english), "ten"),
        ((Teen(10), portuguese), "dez"),
        ((Teen(11), english), "eleven"),
        ((Teen(11), portuguese), "onze"),
        ((Teen(12), english), "twelve"),
        ((Teen(12), portuguese), "doze"),
        ((Teen(13), english), "thirteen"),
        ((Teen(13), portuguese), "treze"),
        ((Teen(14), english), "fourteen"),
        ((Teen(14), portuguese), "quatorze catorze"),
        ((Teen(15), english), "fifteen"),
        ((Teen(15), portuguese), "quinze"),
        ((Teen(16), english), "sixteen"),
        ((Teen(16), portuguese), "dezesseis dezasseis"),
        ((Teen(17), english), "seventeen"),
        ((Teen(17), portuguese), "dezessete dezassete"),
        ((Teen(18), english), "eighteen"),
        ((Teen(18), portuguese), "dezoito"),
        ((Teen(19), english), "nineteen"),
        ((Teen(19), portuguese), "dezenove dezanove"),
        ((Tens(20), english), "twenty"),
        ((Tens(20), portuguese), "vinte"),
        ((Tens(30), english), "thirty"),
        ((Tens(30), portuguese), "trinta"),
        ((Tens(40), english), "forty fourty"),
        ((Tens(40), portuguese), "quarenta"),
        ((Tens(50), english), "fifty"),
        ((Tens(50), portuguese), "cinquenta cincoenta"),
        ((Tens(60), english), "sixty"),
        ((Tens(60), portuguese), "sessenta"),
        ((Tens(70), english), "seventy"),
        ((Tens(70), portuguese), "setenta"),
        ((Tens(80), english), "eighty"),
        ((Tens(80), portuguese), "oitenta"),
        ((Tens(90), english), "ninety"),
        ((Tens(90), portuguese), "noventa"),
        ((Hundreds(100), portuguese), "cem cento"),
        ((Hundreds(200), portuguese), "duzentos duzentas"),
        ((Hundreds(300), portuguese), "trezentos trezentas"),
        ((Hundreds(400), portuguese), "quatrocentos quatrocentas"),
        ((Hundreds(500), portuguese), "quinhentos quinhentas"),
        ((Hundreds(600), portuguese), "seiscentos seiscentas"),
        ((Hundreds(700), portuguese), "setecentos setecentas"),
        ((Hundreds(800), portuguese), "oitocentos oitocentas"),
        ((Hundreds(900), portuguese), "novecentos novecentas"),
        ((Hundred, english), "hundred"),
        ((Thousand, english), "thousand"),
        ((Thousand, both), "mil"),
        ((Times(2), english), "double"),
        ((Times(2), portuguese), "duplo"),
        ((Times(3), english), "triple treble"),
        ((Times(3), portuguese), "triplo"),
        ((Times(4), english), "quadruple"),
        ((And, both), "and e"),
        ((Mark, both), "dash hyphen traco hifen tracinho ponto dot point barra slash espaco space"),
        ((Filler, both), "uh uhm umm hm hmm hum er erm ah eh ahn hein"),
    ])
});
