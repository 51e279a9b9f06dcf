//! The roles that structured transcripts state.
//!
//! What a field for the speaker has is a speaker. So more words state a role here than before a colon in text, where
//! "human", "sent" or "service" may begin anything; those that state one in both places are in `speaker.rs`.

use crate::conversation::Role;
use crate::conversation::speaker::{Meaning, meaning, stronger};

/// The longest name of a speaker, in bytes.
const LONGEST: usize = 64;

/// The role that a name, a label or a field's value states, in any case: `END_USER`, `humanAgent`, `Maria (Agent)`.
pub(super) fn role_of(name: &str) -> Option<Role> {
    if name.len() > LONGEST {
        return None;
    }
    of_whole(small(name, &mut [0; LONGEST])).or_else(|| words(name).filter_map(of_word).reduce(stronger))
}

/// The letters and digits of a name in small letters; without the last if they are too many.
fn small<'a>(name: &str, place: &'a mut [u8; LONGEST]) -> &'a str {
    let mut len = 0;
    for c in name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase) {
        let Some(free) = place.get_mut(len..len + c.len_utf8()) else { break };
        len += c.encode_utf8(free).len();
    }
    place.get(..len).and_then(|name| str::from_utf8(name).ok()).unwrap_or_default()
}

/// Words that state a role only if nothing else is in the name.
fn of_whole(name: &str) -> Option<Role> {
    Some(match name {
        "human" | "contact" | "contato" | "inbound" | "incoming" | "received" | "external" | "externo" | "お客様"
        | "顧客" | "客户" | "客戶" | "고객" | "клиент" => Role::Customer,
        "outbound" | "outgoing" | "sent" | "internal" | "interno" | "admin" | "employee" | "teammate"
        | "オペレーター" | "担当者" | "客服" | "상담원" | "оператор" => Role::Agent,
        "model" | "llm" | "claude" | "gemini" => Role::Bot,
        _ => return None,
    })
}

fn of_word(word: &str) -> Option<Role> {
    match meaning(word) {
        Meaning::Role(role) => Some(role),
        Meaning::Assistant => Some(Role::Bot),
        _ => of_other_word(small(word, &mut [0; LONGEST])),
    }
}

/// Words that are names or ordinary words where a label is not expected.
fn of_other_word(word: &str) -> Option<Role> {
    Some(match word {
        // "Customer service", "Customer care"
        "service" | "care" | "atendimento" | "asesor" | "asesora" | "conseiller" | "conseillère" | "berater"
        | "beraterin" | "mitarbeiter" | "mitarbeiterin" | "operatore" | "operatrice" | "medewerker" => Role::Agent,
        "kunde" | "kundin" | "anrufer" | "anruferin" | "appelant" | "appelante" | "klant" => Role::Customer,
        _ => return None,
    })
}

/// The words of a name, which also begin at capital letters after small ones.
fn words(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = name;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| !c.is_alphabetic());
        let mut was_small = false;
        let end = rest.find(|c: char| {
            let ends = !(c.is_alphabetic() || is_combining(c)) || (was_small && c.is_uppercase());
            was_small = c.is_lowercase();
            ends
        });
        let (word, after) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
        rest = after;
        (!word.is_empty()).then_some(word)
    })
}

fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_in_any_spelling() {
        for (name, role) in [
            ("AGENT", Some(Role::Agent)),
            ("END_USER", Some(Role::Customer)),
            ("HumanAgent", Some(Role::Agent)),
            ("human", Some(Role::Customer)),
            ("AUTOMATED_AGENT", Some(Role::Bot)),
            ("assistant", Some(Role::Bot)),
            ("CUSTOM_BOT", Some(Role::Bot)),
            ("Customer Service", Some(Role::Agent)),
            ("cliente", Some(Role::Customer)),
            ("Usuário 2", Some(Role::Customer)),
            ("spk_0", None),
            ("Maria da Silva", None),
            ("", None),
        ] {
            assert_eq!(role_of(name), role, "{name}");
        }
    }
}
