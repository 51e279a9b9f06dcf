//! The topics of intents in the data sets whose own column `topic5_ours` knows only five topics.
//!
//! A delivery is anything on its way to the customer; its address belongs to the account, as others do. Ending a
//! contract, an account with a bank or an order is a cancellation, and so is a question about what that costs.
//! Bookings with a date, of flights, seats, hotels and cars, are scheduling. Small talk and questions about the world
//! have no topic.

use voc_nlp::Topic;

/// By intent: the topic, `None` if it has none. All other intents have the topic of `topic5_ours`.
const INTENTS: &[(Option<Topic>, &[&str])] = &[
    (
        Some(Topic::DELIVERY),
        &[
            "card_arrival",
            "card_delivery_estimate",
            "DELIVERY.delivery_period",
            "DELIVERY.delivery_options",
            "ORDER.track_order",
        ],
    ),
    (
        Some(Topic::CANCELLATION),
        &[
            "terminate_account",
            "ORDER.cancel_order",
            "CANCELLATION_FEE.check_cancellation_fee",
            "finance.closeaccount",
            "software.stoporder",
        ],
    ),
    (
        Some(Topic::SCHEDULING),
        &[
            "airline.bookflight",
            "airline.changeseatassignment",
            "airline.getboardingpass",
            "airline.getseatinfo",
            "book_flight",
            "book_hotel",
            "car_rental",
        ],
    ),
    (None, &["are_you_a_bot", "directions", "goodbye", "greeting", "repeat", "thank_you", "time", "weather"]),
];

/// The topic of an intent if it is not the one that `topic5_ours` names; `Some(None)` if it has no topic.
pub(crate) fn topic(intent: &str) -> Option<Option<Topic>> {
    INTENTS.iter().find(|(_, intents)| intents.contains(&intent)).map(|(topic, _)| topic.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intents_say_more_than_five_topics() {
        for (intent, expected) in [
            ("card_arrival", Some(Some(Topic::DELIVERY))),
            ("ORDER.cancel_order", Some(Some(Topic::CANCELLATION))),
            ("airline.getseatinfo", Some(Some(Topic::SCHEDULING))),
            ("greeting", Some(None)),
            ("request_refund", None),
        ] {
            assert_eq!(topic(intent), expected, "{intent}");
        }
    }
}
