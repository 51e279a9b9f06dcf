//! Scheduling: bookings of flights, hotels and cars, and what becomes of flights. A list of its own because texts with
//! five topics call it sales.

use super::lists::{SALES, SCHEDULING, TopicLists, TopicWords};

pub(super) static WORDS: TopicWords = TopicWords {
    topic: SCHEDULING,
    in_rows: Some(SALES),
    english: TopicLists {
        words: &[
            (3, "flight flights itinerary"),
            (2, "booking bookings booked book reservation reservations reserve reserved airport plane hotel rental rent"),
            (1, "airline airlines"),
        ],
        when_negated: (0, ""),
        phrases: &[
            (4, "hotel room|car rental|rental car|book a table|book a room|book a hotel|book a flight|booked a flight|plane ticket|plane tickets
                |flight ticket|flight tickets|my booking|my reservation|earlier flight|later flight|next flight|connecting flight
                |missed my flight|missed our flight"),
            (5, "flight delayed|flight was delayed|flight is delayed|flight got delayed|flight has been delayed|delayed flight|delayed my flight
                |flight cancelled|flight canceled|flight was cancelled|flight was canceled|flight is cancelled|flight is canceled
                |flight got cancelled|flight got canceled|cancelled flight|canceled flight|cancelled my flight|canceled my flight
                |cancel my flight|change my flight|cancel my reservation|cancel my booking"),
        ],
    },
    portuguese: TopicLists {
        words: &[
            (3, "voo voos"),
            (2, "reserva reservas reservar reservei aeroporto passagem passagens hospedagem avião"),
        ],
        when_negated: (0, ""),
        phrases: &[
            (4, "perdi o voo|perdi meu voo|minha reserva|minha passagem"),
            (5, "voo atrasado|voo atrasou|voo está atrasado|meu voo atrasou|voo cancelado|voo foi cancelado|cancelaram meu voo|cancelou meu voo
                |cancelaram o voo|mudar meu voo|remarcar meu voo|remarcar o voo|cancelar minha reserva"),
        ],
    },
};
