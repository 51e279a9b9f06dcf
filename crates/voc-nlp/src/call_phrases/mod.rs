//! Phrases of customers who want to escalate or to leave.
//!
//! The lexicon marks one word of each phrase, the cue, so that the pass over a text notices which turns may have a
//! phrase; only these are searched.

mod lists;
mod negation;
mod pattern;

use std::cell::RefCell;
use std::sync::LazyLock;

use crate::taxonomy::Normal;
pub(crate) use lists::cues;
use lists::{ENTRIES, Entry, Kind};
use negation::is_negated;
use pattern::Pattern;

/// The phrases of the lists, ready to be found.
pub(crate) struct CallPhrases {
    /// In the order of the entries.
    patterns: Vec<Pattern>,
    /// By their first bytes: the words with which phrases begin, and the numbers of these entries.
    first_words: [Vec<(Vec<u8>, Vec<usize>)>; 256],
}

thread_local! {
    /// The normal form of the last turn; its memory is kept for the next one.
    static NORMAL: RefCell<Normal> = RefCell::default();
}

impl CallPhrases {
    /// Built on the first call.
    pub(crate) fn built_in() -> &'static Self {
        static BUILT_IN: LazyLock<CallPhrases> = LazyLock::new(CallPhrases::new);
        &BUILT_IN
    }

    fn new() -> Self {
        let patterns: Vec<Pattern> = ENTRIES.iter().map(|entry| Pattern::new(entry.parts)).collect();
        let mut first_words = [const { Vec::<(Vec<u8>, Vec<usize>)>::new() }; 256];
        for (number, pattern) in patterns.iter().enumerate() {
            for word in pattern.first_words() {
                let words = &mut first_words[usize::from(word.first().copied().unwrap_or_default())];
                match words.iter_mut().find(|(known, _)| known == word) {
                    Some((_, numbers)) if numbers.last() == Some(&number) => {}
                    Some((_, numbers)) => numbers.push(number),
                    None => words.push((word.to_vec(), vec![number])),
                }
            }
        }
        Self { patterns, first_words }
    }

    /// Adds the phrases of a turn to those found so far. Where phrases overlap, the one that begins first counts, and
    /// of these the longest.
    pub(crate) fn find(&self, turn: &str, escalation: &mut Vec<&'static str>, churn: &mut Vec<&'static str>) {
        NORMAL.with_borrow_mut(|normal| {
            normal.set(turn);
            self.find_in(turn, normal, escalation, churn);
        });
    }

    fn find_in(&self, turn: &str, normal: &Normal, escalation: &mut Vec<&'static str>, churn: &mut Vec<&'static str>) {
        // The position of a word; every word is followed by a space.
        let mut at = 1;
        while let Some(length) = normal.bytes().get(at..).and_then(|rest| memchr::memchr(b' ', rest)) {
            let Some((entry, end)) = self.longest_at(normal.bytes(), at, length) else {
                at += length + 1;
                continue;
            };
            let found = match entry.kind {
                Kind::Escalation => Some(&mut *escalation),
                Kind::Churn => Some(&mut *churn),
                Kind::Neither => None,
            };
            let start = normal.place(at - 1, end).map_or(0, |(start, _)| start);
            if let Some(found) = found.filter(|found| !found.contains(&entry.name))
                && !is_negated(turn, start)
            {
                found.push(entry.name);
            }
            at = end;
        }
    }

    /// The entry of the longest phrase that begins with the word at a position, and the position behind the phrase.
    fn longest_at(&self, normal: &[u8], at: usize, length: usize) -> Option<(&'static Entry, usize)> {
        let word = normal.get(at..at + length)?;
        let (_, numbers) = self.first_words[usize::from(*word.first()?)].iter().find(|(known, _)| known == word)?;
        let ends = numbers.iter().filter_map(|number| {
            let end = self.patterns.get(*number)?.end_at(normal, at)?;
            Some((ENTRIES.get(*number)?, end))
        });
        ends.max_by_key(|(_, end)| *end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::key_of;

    fn found(turn: &str) -> (Vec<&'static str>, Vec<&'static str>) {
        let (mut escalation, mut churn) = (Vec::new(), Vec::new());
        CallPhrases::built_in().find(turn, &mut escalation, &mut churn);
        (escalation, churn)
    }

    fn escalation(turn: &str) -> Vec<&'static str> {
        let (escalation, churn) = found(turn);
        assert!(churn.is_empty(), "{turn}: {churn:?}");
        escalation
    }

    fn churn(turn: &str) -> Vec<&'static str> {
        let (escalation, churn) = found(turn);
        assert!(escalation.is_empty(), "{turn}: {escalation:?}");
        churn
    }

    /// All phrases of an entry.
    fn phrases(entry: &Entry) -> Vec<String> {
        entry.parts.iter().fold(vec![String::new()], |begun, part| {
            let extended = |begun: String| {
                part.split('|').map(move |next| match (begun.is_empty(), next.is_empty()) {
                    (true, _) => next.to_owned(),
                    (_, true) => begun.clone(),
                    _ => format!("{begun} {next}"),
                })
            };
            begun.into_iter().flat_map(extended).collect()
        })
    }

    #[test]
    fn the_lists_are_complete() {
        for entry in ENTRIES {
            let phrases = phrases(entry);
            assert!(phrases.contains(&entry.name.to_owned()), "{} is named after none of its phrases", entry.name);
            for phrase in phrases {
                assert!(
                    phrase.split(' ').any(|word| entry.cues.split('|').any(|cue| cue == word)),
                    "{phrase:?} contains none of the words that announce a phrase"
                );
                // Another entry may contain a longer phrase with the same beginning, but not the same.
                let (escalation, churn) = found(&phrase);
                let expected: &[&str] = if entry.kind == Kind::Neither { &[] } else { &[entry.name] };
                assert_eq!([escalation, churn].concat(), expected, "{phrase}");
            }
        }
    }

    #[test]
    fn the_lexicon_can_mark_every_cue() {
        let is_drawn_out = |word: &[u8]| word.windows(3).any(|three| three.iter().all(|letter| *letter == three[0]));
        for cue in cues() {
            assert!(key_of(cue).is_some() && !is_drawn_out(cue.as_bytes()), "{cue:?} is never a word of a text");
        }
    }

    #[test]
    fn requests_for_someone_else() {
        for (turn, expected) in [
            ("Let me SPEAK to your manager!", "speak to a manager"),
            ("I'd like to talk with a supervisor, please", "speak to a manager"),
            ("Can I speak to a human?", "speak to a human"),
            ("I will file a complaint", "file a complaint"),
            ("you'll hear from my lawyer", "hear from my lawyer"),
            ("Quero falar com o supervisor.", "falar com o supervisor"),
            ("me passa pro GERENTE agora", "passar para o supervisor"),
            ("Vou  reclamar no PROCON", "Procon"),
            ("vou reclamar na ouvidoria", "ouvidoria"),
            ("vou abrir uma queixa", "abrir uma reclamação"),
        ] {
            assert_eq!(escalation(turn), [expected], "{turn}");
        }
        for turn in ["My manager told me to call.", "I manage it", "o gerente do banco me ligou", "a complaint"] {
            assert!(escalation(turn).is_empty(), "{turn}");
        }
    }

    #[test]
    fn announcements_of_leaving() {
        for (turn, expected) in [
            ("Please cancel my account.", "cancel my account"),
            ("I'd like to cancel", "want to cancel"),
            ("if you don't fix this I will cancel", "going to cancel"),
            ("I can't cancel my subscription on your site", "cancel my account"),
            ("It doesn't work and I want to cancel", "want to cancel"),
            ("No, I want to cancel.", "want to cancel"),
            ("I'm switching to another provider", "switch to another provider"),
            ("I'll take my business elsewhere", "take my business elsewhere"),
            ("Vou cancelar!", "vou cancelar"),
            ("não consigo cancelar minha assinatura", "cancelar minha conta"),
            ("se não resolverem isso hoje eu vou cancelar", "vou cancelar"),
            ("Não, quero cancelar.", "vou cancelar"),
            ("quero fazer a portabilidade", "fazer a portabilidade"),
            ("vou mudar de operadora", "mudar de operadora"),
            ("NAO QUERO MAIS O SERVICO", "não quero mais o serviço"),
        ] {
            assert_eq!(churn(turn), [expected], "{turn}");
        }
        for turn in [
            "I want to cancel my order",
            "I want to cancel order 1234",
            "please cancel the appointment",
            "quero cancelar o pedido",
            "vou cancelar a consulta",
            "my account is locked",
            "the flight was cancelled",
        ] {
            assert!(churn(turn).is_empty(), "{turn}: {:?}", churn(turn));
        }
    }

    #[test]
    fn negated_phrases_do_not_count() {
        for turn in [
            "I do not want to cancel my account",
            "I don't want to cancel",
            "I'm not going to cancel my plan",
            "Please do not cancel my subscription!",
            "I never said I want to cancel my account",
            "There is no need to speak to a manager",
            "não quero cancelar",
            "na\u{303}o quero cancelar",
            "Eu não pretendo cancelar minha conta",
            "nunca pensei em cancelar meu plano",
            "não precisa passar para o supervisor",
            "não quero falar com o gerente",
        ] {
            assert_eq!(found(turn), (vec![], vec![]), "{turn}");
        }
    }

    #[test]
    fn each_phrase_is_listed_once_in_the_order_of_the_text() {
        let turn = "Cancel my account. I said cancel my contract! And get me your manager. Quero cancelar.";
        assert_eq!(found(turn), (vec!["get me a manager"], vec!["cancel my account", "vou cancelar"]));
    }
}
