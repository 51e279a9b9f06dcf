//! The weight of each turn in a call's score.
//!
//! The score is that of the customer. Of what others say only a quarter of what is negative counts: agents are always
//! polite, but what they refuse or regret is what the customer is unhappy about. A turn counts more the later it
//! comes, from nothing at the beginning to full weight at the end: a call begins with the problem, and ends with
//! whether it was solved. An answer that is a flat "no" is a signal of its own, unless it is part of the farewell
//! ("anything else?" – "no").

use super::Turn;
use super::cuts::Cuts;
use crate::engine::CallTurn;
use crate::words::Span;

/// The weight of a turn of anyone but the customer.
const OTHERS: f32 = 0.25;
/// The valence of a refusal, like that of a word of complaint.
const REFUSAL: f32 = -1.5;
/// The last turns are the farewell.
const FAREWELL_TURNS: usize = 2;

/// The turns of a text with their weights.
pub(super) fn weighed<'t>(cuts: &Cuts, text: &'t str) -> impl Iterator<Item = (Turn<'t>, CallTurn)> {
    let heard = cuts.heard();
    let end = text.trim_end().len().max(1);
    let mut turns = cuts.turns(text);
    let mut ahead: [Option<Turn<'t>>; FAREWELL_TURNS + 1] = std::array::from_fn(|_| turns.next());
    std::iter::from_fn(move || {
        let [turn, ..] = ahead;
        let turn = turn?;
        ahead.rotate_left(1);
        let [.., last] = &mut ahead;
        *last = turns.next();
        let is_farewell = ahead.get(FAREWELL_TURNS - 1).is_none_or(Option::is_none);
        let is_heard = heard.hears(turn.role);
        let place = turn.end as f32 / end as f32;
        let sign = if is_heard && !is_farewell && is_refusal(turn.text) { REFUSAL } else { 0.0 };
        let weight = if is_heard { place } else { OTHERS * place };
        Some((turn, CallTurn { span: Span { start: turn.start, end: turn.end }, weight, sign, is_heard }))
    })
}

/// Whether a turn begins with a "no" on its own. "No idea" and "não funciona" do not.
fn is_refusal(text: &str) -> bool {
    let Some(after) = text.strip_prefix(['N', 'n']) else { return false };
    let is_end = |c: char| !c.is_alphabetic();
    let (rest, after) = after.split_at(after.find(is_end).unwrap_or(after.len()));
    let is_no = ["o", "ope", "ah", "ao"].iter().any(|no| rest.eq_ignore_ascii_case(no)) || ["ão", "ÃO"].contains(&rest);
    let after = after.trim_start();
    is_no && (after.is_empty() || after.starts_with([',', '.', '!', ';']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals() {
        for text in ["No.", "no, I said blue", "NO!", "Não, obrigado", "NÃO", "nao.", "Nope , never", "No"] {
            assert!(is_refusal(text), "{text}");
        }
        for text in ["No idea", "não funciona", "nothing", "notably, yes", "Nobody.", "", "n", "nã", "I said no."] {
            assert!(!is_refusal(text), "{text}");
        }
    }
}
