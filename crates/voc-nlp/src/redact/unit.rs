//! Units of amounts.

use std::sync::LazyLock;

use super::lexicon::Lexicon;
use super::word::Word;

/// What follows a datum to make it an amount: "two thousand", "six pm", "123 reais".
pub(super) fn is_unit(word: &Word) -> bool {
    static UNITS: LazyLock<Lexicon<()>> = LazyLock::new(|| Lexicon::new(&[((), UNIT_WORDS)]));
    UNITS.get(word).is_some()
}

const UNIT_WORDS: &str = "\
    reais real centavos dolares dollars dollar cents bucks pounds euros euro quid mil milhao milhoes thousand \
    million billion percent porcento pct am pm oclock hours hour horas hora hs minutes minute mins minutos minuto \
    seconds segundos days day dias dia weeks week semanas months month meses mes years year anos ano times vezes \
    vez pontos points people pessoas units unidades items itens km kg ml mb gb mah mbps megas giga metros miles \
    digits digit digitos digito stars estrelas parcelas x";
