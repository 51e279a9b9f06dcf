//! Scheduling: appointments, visits of technicians, bookings with their dates, and times and delays of flights.

use super::{TopicLists, TopicWords};
use crate::annotation::Topic;

pub(super) static WORDS: TopicWords = TopicWords {
    topic: Topic::SCHEDULING,
    english: TopicLists {
        words: &[
            (3, "appointment appointments reschedule rescheduled rescheduling schedule scheduled scheduling schedules rebook rebooking
                timeslot flight flights boarding layover itinerary"),
            (2, "booking bookings booked book rebooked reservation reservations reserve reserved departure departures depart departed departs seat
                seats slot slots calendar technician technicians postpone postponed airport plane hotel rental rent gate engineer
                takeoff checkin plumber electrician"),
            (1, "visit visits delay delays delayed airline airlines dates earliest inspection inspections"),
        ],
        when_negated: (3, "showed"),
        phrases: &[
            (4, "time slot|time slots|time window|arrival window|service window|no show|show up|showed up|shows up|turned up|turn up|turns up
                |flight time|seat assignment|seat assignments|change my seat|change seats|window seat|aisle seat|boarding pass
                |boarding passes|change the date|different date|different day|another day|another date|another time|other date|earlier date|later date
                |earlier flight|later flight|next flight|available dates|dates are available|dates available|available tomorrow|next available|connecting flight|missed my connection|missed our connection|missed connection
                |connection time|missed my flight|missed our flight|check in time|checked in|hotel room|service call|service visit|home visit
                |engineer visit|technician visit|technician coming|technician come|technician came|engineer come|engineer came|engineer coming|all day
                |whole day|the day off|day off|day off work|between 8 and|nobody came|no one came|doctor's appointment|test drive|move my appointment|car rental
                |rental car|book a table|book a room|book a hotel|book a flight|booked a flight|plane ticket|plane tickets|flight ticket
                |flight tickets|my booking|my reservation|hours late|hour late|hours delayed|hour delay"),
            (5, "flight delayed|flight was delayed|flight is delayed|flight got delayed|flight has been delayed|delayed flight|delayed my flight
                |flight cancelled|flight canceled|flight was cancelled|flight was canceled|flight is cancelled|flight got cancelled
                |flight got canceled|flight is canceled|been cancelled again|cancelled flight|canceled flight|cancelled my flight|canceled my flight|cancel my flight|change my flight
                |cancel my appointment|cancel the appointment|cancel an appointment|cancelled my appointment|cancel my reservation|cancel my booking
                |make an appointment|book an appointment"),
        ],
    },
    portuguese: TopicLists {
        words: &[
            (3, "agendar agendad@ agendamento agendamentos agendei agendaram agendou reagendar reagendad@ reagendamento reagendaram remarcar
                remarcad@ remarcaram remarcou remarcação desmarcar desmarcaram desmarcou voo voos embarque"),
            (2, "técnico técnicos agenda marcar marquei marcad@ marcaram marcou consulta consultas exame exames visita visitas reserva reservas
                reservar reservei aeroporto assento assentos poltrona passagem passagens hospedagem avião eletricista encanador
                adiaram adiad@ adiar check"),
            (1, "atraso atrasos atrasou atrasad@ atrasaram data datas"),
        ],
        when_negated: (3, "apareceu apareceram compareceu compareceram"),
        phrases: &[
            (4, "visita técnica|visita do técnico|técnico não veio|técnico não apareceu|técnico vem|técnico vai|técnico chegar|técnico chega|técnico chegou
                |técnico não chegou|não apareceu|ninguém apareceu|ninguém veio|não compareceu|remarcar a visita|remarcar minha consulta|marcar uma consulta
                |marcar consulta|marcar um horário|marcar horário|marcar uma visita|mudar a data|trocar a data|alterar a data|que dia|que horas vocês vêm|outra data|outro dia|nova data
                |mudar o horário|trocar o horário|outro horário|horário marcado|hora marcada|dia marcado|data marcada|horário disponível
                |horários disponíveis|perdi a conexão|perdi o voo|perdi meu voo|cartão de embarque|check in|período da manhã|período da tarde
                |parte da manhã|parte da tarde|o dia todo|o dia inteiro|a tarde toda|a manhã toda|horas de atraso|hora de atraso|minha reserva|minha passagem|minha consulta"),
            (5, "voo atrasado|voo atrasou|voo está atrasado|meu voo atrasou|voo cancelado|voo foi cancelado|cancelaram meu voo|cancelou meu voo
                |cancelaram o voo|mudar meu voo|remarcar meu voo|remarcar o voo|cancelar minha consulta|cancelar a consulta|cancelar minha reserva
                |cancelaram minha consulta|desmarcar minha consulta|consulta cancelada"),
        ],
    },
};
