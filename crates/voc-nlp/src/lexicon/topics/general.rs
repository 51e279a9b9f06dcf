//! General: opening hours, ways to contact, and enquiries about nothing in particular.

use super::lists::{GENERAL, TopicLists, TopicWords};

pub(super) static WORDS: TopicWords = TopicWords {
    topic: GENERAL,
    in_rows: Some(GENERAL),
    english: TopicLists {
        words: &[
            (2, "question questions information info inquiry inquiries enquiry enquiries"),
            (1, "help support assistance assist hours contact contacting speak human feedback complaint complaints ask asking faq
                suggestion suggestions review opinion comment enquire inquire location"),
        ],
        when_negated: (0, ""),
        phrases: &[
            (1, "how do i|can you tell me|could you tell me"),
            (2, "customer support|more about"),
            (4, "opening hours|opening times|business hours|working hours|office hours|store hours|hours of operation|what are your hours
                |are you open|you open on|open on sunday|open on sundays|open on saturday|open on saturdays|open on weekends|open today
                |open tomorrow|closing time|speak to|talk to|speak with|talk with|speak to someone|talk to someone
                |speak with someone|talk with someone|speak to an agent|talk to an agent|speak with an agent|speak to a human|talk to a human
                |speak to a person|talk to a person|talk to a representative|speak to a representative|speak with a representative
                |real person|actual person|human agent|live agent|contact you|reach you|get in touch|get hold of|get a hold of|contact number
                |contact details|contact information|your phone number|number to call|number can i call|your email address|your address
                |contact customer service|call customer service|reach customer service|contact customer support|call customer support
                |speak to customer service|talk to customer service|speak with customer service|talk with customer service
                |touch with customer service|customer assistance|customer service number|customer service hours|customer service email|nearest branch|nearest store|nearest office
                |where are you located|your location|have a question|got a question|a quick question|some questions|a few questions
                |general question|more information|some information|need help|file a complaint|file a claim|lodge a claim|head office|postal address|right department|which department|open on weekdays|make a complaint|lodge a complaint
                |leave a review|leave feedback"),
        ],
    },
    portuguese: TopicLists {
        words: &[
            (2, "dúvida dúvidas informação informações pergunta perguntas"),
            (1, "ajuda ajudar suporte sac horário horários contato reclamação reclamações sugestão sugestões ouvidoria esclarecimento whatsapp"),
        ],
        when_negated: (0, ""),
        phrases: &[
            (1, "gostaria de saber|queria saber|quero saber|preciso saber"),
            (4, "horário de funcionamento|horário de atendimento|que horas abre|que horas abrem|que horas fecha|que horas fecham|que horas vocês
                |abre aos sábados|abre sábado|abrem aos sábados|abrem sábado|abrem domingo|abre domingo|abre aos domingos|abrem aos domingos
                |abre hoje|abrem hoje|aberto hoje|aberta hoje|abertos hoje|abre amanhã|abrem no feriado|abre no feriado|aberto no feriado
                |dias de funcionamento|falar com|falo com|falar com alguém|falar com um atendente|falar com atendente|falar com uma atendente
                |falar com um humano|falar com uma pessoa|atendente humano|pessoa de verdade|entrar em contato|entro em contato
                |contato com vocês|telefone de vocês|telefone de contato|email de contato|número do sac|telefone do sac|atendimento ao cliente
                |central de atendimento|canal de atendimento|canais de atendimento|telefone de atendimento|onde fica|onde vocês ficam
                |endereço da loja|endereço de vocês|loja mais próxima|agência mais próxima|uma informação|umas informações|mais informações
                |alguma informação|tirar uma dúvida|tirar dúvidas|tirar umas dúvidas|uma dúvida|algumas dúvidas|fazer uma pergunta|uma pergunta
                |preciso de ajuda|registrar uma reclamação|fazer uma reclamação|abrir uma reclamação|fazer uma sugestão"),
        ],
    },
};
