//! The keyword rules that the engine replaces, in their original form, for comparison.

use std::collections::HashSet;

const POSITIVE: [&str; 16] = [
    "good",
    "great",
    "excellent",
    "thank",
    "thanks",
    "satisfied",
    "happy",
    "helpful",
    "resolved",
    "appreciate",
    "wonderful",
    "amazing",
    "perfect",
    "love",
    "best",
    "fantastic",
];
const NEGATIVE: [&str; 16] = [
    "bad",
    "terrible",
    "awful",
    "angry",
    "frustrated",
    "hate",
    "horrible",
    "worst",
    "disappointed",
    "unacceptable",
    "complaint",
    "issue",
    "problem",
    "not working",
    "broken",
    "useless",
];
/// By topic, in the engine's order.
const TOPICS: [&[&str]; 5] = [
    &["bill", "payment", "charge", "refund", "invoice", "price"],
    &["error", "bug", "crash", "not working", "slow", "broken"],
    &["password", "login", "account", "access", "email", "profile"],
    &["buy", "purchase", "order", "subscription", "upgrade", "trial"],
    &["question", "information", "help", "support"],
];

/// The score from -1 to 1 and the confidence.
pub(crate) fn sentiment(text: &str) -> (f32, f32) {
    let text = text.to_lowercase();
    let words: HashSet<&str> = text.split_whitespace().collect();
    let count = |list: &[&str]| list.iter().filter(|word| words.contains(**word)).count() as f32;
    let (positive, negative) = (count(&POSITIVE), count(&NEGATIVE));
    let total = positive + negative;
    if total == 0.0 { (0.0, 0.0) } else { ((positive - negative) / total, (total / 5.0).min(1.0)) }
}

/// The topic's index.
pub(crate) fn topic(text: &str) -> Option<usize> {
    let text = text.to_lowercase();
    let mut best = (0, None);
    for (topic, keywords) in TOPICS.iter().enumerate() {
        let found = keywords.iter().filter(|keyword| text.contains(**keyword)).count();
        if found > best.0 {
            best = (found, Some(topic));
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_it_found() {
        assert_eq!(sentiment("Great service and bad food, I love it"), (1.0 / 3.0, 0.6));
        // Its known defects.
        assert_eq!(sentiment("great! but not working"), (0.0, 0.0));
        assert_eq!(topic("a crossbill in flight"), Some(0));
    }
}
