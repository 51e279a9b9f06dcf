//! Scheduling: appointments, visits of technicians, seats, dates and times; see also [`bookings`](super::bookings).

use super::lists::{SCHEDULING, TopicLists, TopicWords};

pub(super) static WORDS: TopicWords = TopicWords {
    topic: SCHEDULING,
    in_rows: None,
    english: TopicLists {
        words: &[
            (3, "appointment appointments reschedule rescheduled rescheduling schedule scheduled scheduling schedules rebook
                rebooking timeslot boarding layover"),
            (2, "rebooked departure departures depart departed departs seat seats slot slots calendar technician technicians
                postpone postponed gate engineer takeoff checkin plumber electrician"),
            (1, "visit visits delay delays delayed dates earliest inspection inspections"),
        ],
        when_negated: (3, "showed"),
        phrases: &[
            (4, "time slot|time slots|time window|arrival window|service window|no show|show up|showed up|shows up|turned up
                |turn up|turns up|flight time|seat assignment|seat assignments|change my seat|change seats|window seat
                |aisle seat|boarding pass|boarding passes|change the date|different date|different day|another day|another date
                |another time|other date|earlier date|later date|available dates|dates are available|dates available
                |available tomorrow|next available|missed my connection|missed our connection|missed connection|connection time
                |check in time|checked in|service call|service visit|home visit|engineer visit|technician visit
                |technician coming|technician come|technician came|engineer come|engineer came|engineer coming|all day|whole day
                |the day off|day off|day off work|between 8 and|nobody came|no one came|doctor's appointment|test drive
                |move my appointment|hours late|hour late|hours delayed|hour delay"),
            (5, "cancel my appointment|cancel the appointment|cancel an appointment|cancelled my appointment
                |make an appointment|book an appointment"),
        ],
    },
    portuguese: TopicLists {
        words: &[
            (3, "agendar agendad@ agendamento agendamentos agendei agendaram agendou reagendar reagendad@ reagendamento
                reagendaram remarcar remarcad@ remarcaram remarcou remarcação desmarcar desmarcaram desmarcou embarque"),
            (2, "técnico técnicos agenda marcar marquei marcad@ marcaram marcou consulta consultas exame exames visita
                visitas assento assentos poltrona eletricista encanador adiaram adiad@ adiar check"),
            (1, "atraso atrasos atrasou atrasad@ atrasaram data datas"),
        ],
        when_negated: (3, "apareceu apareceram compareceu compareceram"),
        phrases: &[
            (4, "visita técnica|visita do técnico|técnico não veio|técnico não apareceu|técnico vem|técnico vai|técnico chegar
                |técnico chega|técnico chegou|técnico não chegou|não apareceu|ninguém apareceu|ninguém veio|não compareceu
                |remarcar a visita|remarcar minha consulta|marcar uma consulta|marcar consulta|marcar um horário|marcar horário
                |marcar uma visita|mudar a data|trocar a data|alterar a data|que dia|que horas vocês vêm|outra data|outro dia
                |nova data|mudar o horário|trocar o horário|outro horário|horário marcado|hora marcada|dia marcado|data marcada
                |horário disponível|horários disponíveis|perdi a conexão|cartão de embarque|check in|período da manhã
                |período da tarde|parte da manhã|parte da tarde|o dia todo|o dia inteiro|a tarde toda|a manhã toda
                |horas de atraso|hora de atraso|minha consulta"),
            (5, "cancelar minha consulta|cancelar a consulta|cancelaram minha consulta|desmarcar minha consulta
                |consulta cancelada"),
        ],
    },
};
