//! Phrases with slots, such as `I was charged {amount} twice`, parsed once.

/// The content of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Agent,
    Amount,
    City,
    Company,
    Customer,
    Days,
    Digits,
    Month,
    Order,
    Plan,
    Product,
}

/// A parsed phrase.
pub(super) struct Template(Vec<(String, Option<Slot>)>);

impl Template {
    /// Parses a phrase; its text is escaped for use within a JSON string.
    pub(super) fn parse(phrase: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = phrase;
        while let Some((text, after)) = rest.split_once('{') {
            let (name, tail) = after.split_once('}').unwrap_or((after, ""));
            parts.push((escape(text), Some(slot(name))));
            rest = tail;
        }
        parts.push((escape(rest), None));
        Self(parts)
    }

    /// The texts, each with the slot that follows it.
    pub(super) fn parts(&self) -> impl Iterator<Item = (&str, Option<Slot>)> {
        self.0.iter().map(|(text, slot)| (text.as_str(), *slot))
    }
}

/// The phrases are constants, all of which every test and every run parses: a wrong name cannot go unnoticed.
#[expect(clippy::panic, reason = "an error in a constant of this crate")]
fn slot(name: &str) -> Slot {
    match name {
        "agent" => Slot::Agent,
        "amount" => Slot::Amount,
        "city" => Slot::City,
        "company" => Slot::Company,
        "customer" => Slot::Customer,
        "days" => Slot::Days,
        "digits" => Slot::Digits,
        "month" => Slot::Month,
        "order" => Slot::Order,
        "plan" => Slot::Plan,
        "product" => Slot::Product,
        _ => panic!("a phrase has a slot of an unknown name: {name}"),
    }
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
