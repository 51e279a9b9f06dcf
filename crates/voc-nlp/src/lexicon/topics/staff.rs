//! Staff: how employees treat customers.

use super::lists::{GENERAL, STAFF, TopicLists, TopicWords};

pub(super) static WORDS: TopicWords = TopicWords {
    topic: STAFF,
    in_rows: Some(GENERAL),
    english: TopicLists {
        words: &[
            (3, "staff rude rudely rudeness impolite courteous courtesy unprofessional disrespectful disrespected discourteous condescending
                arrogant attitude employee employees cashier cashiers waiter waitress receptionist receptionists clerk clerks
                professionalism attentive polite politely manners bedside dismissive"),
            (2, "unhelpful helpful friendly professional hostile patronizing patronising yelled yelling shouted shouting insulted mocked
                humiliated lied liar crew stewardess steward nurse nurses salesman saleswoman salesperson advisors
                bartender listened patient patiently incompetent competent knowledgeable ignored hospitality accommodating"),
            (1, "agents representatives reps manager managers supervisor colleague colleagues team
                guy lady gentleman doctor kind treated ignoring spoke trained"),
        ],
        when_negated: (2, "listen listening"),
        phrases: &[
            (2, "the agent|an agent|this agent|that agent|the representative|a representative|this representative|the rep|a rep|the operator
                |an operator|the assistant|your assistant|the consultant|the advisor|an advisor|the adviser"),
            (3, "customer service|customer care|out of her way|out of his way|out of their way|above and beyond
                "),
            (4, "great service|good service|excellent service|amazing service|wonderful service|fantastic service|outstanding service
                |best service|awesome service|superb service|friendly service|lovely service|exceptional service|terrible service|awful service
                |horrible service|bad service|poor service|worst service|lousy service|appalling service|dreadful service|rude service
                |service was terrible|service was awful|service was great|service was excellent|service quality|quality of service
                |level of service|hung up on|hung up on me|hung up on us|talked down to|talk down to|raised his voice
                |raised her voice|rolled his eyes|rolled her eyes|treated me|treated us|treats me|treats customers|treat customers|treat people|was treated
                |were treated|being treated|been treated|treated badly|treated well|yelled at me|shouted at me|laughed at me
                |lied to me|ignored me|ignored us|lack of respect|lack of empathy|people skills|cabin crew|flight attendant|flight attendants
                |made me feel|took her time|took his time|the young man|the young lady|your colleague|your agent|your employee"),
        ],
    },
    portuguese: TopicLists {
        words: &[
            (3, "atendentes atendid@ funcionári@ educad@ grosseir@ gross@ grosseria grosserias rude rudes arrogante arrogantes
                arrogância despreparad@ atencios@ simpátic@ prestativ@ gentil gentis gentileza cordial cordiais cordialidade debochad@
                deboche debochou recepcionista recepcionistas garçom garçonete recepção"),
            (2, "atendimento atendeu atenderam atende vendedor vendedora vendedores educação ignorante ignorantes estúpid@ desrespeito
                desrespeitos@ desrespeitou humilhad@ humilhou humilhação tratad@ trataram tratou tratam gritou gritando xingou mentiu
                mentiram enfermeira enfermeiro caloros@ acolhedor acolhedora solícit@ descaso incompetente incompetentes mau"),
            (1, "equipe gerente supervisor supervisora moça moço rapaz menina pessoal atenção respeito paciente
                profissional profissionais médic@"),
        ],
        when_negated: (2, "escuta escutou ouviu ouve"),
        phrases: &[
            (2, "o consultor|a consultora|o operador"),
            (3, "o atendente|a atendente|um atendente|uma atendente|esse atendente|essa atendente|do atendente|da atendente|seu atendente
                |sua atendente|pelo atendente|pela atendente|atendente foi|outro atendente|outra atendente"),
            (4, "mal atendido|mal atendida|mal atendidos|bem atendido|bem atendida|bem atendidos|mal tratado|mal tratada|bem tratado|bem tratada
                |fui tratado|fui tratada|foi grosso|foi grossa|gritou comigo|riu de mim|riram de mim|desligou na minha cara|desligaram na minha cara
                |desligou na cara|bateu o telefone|na minha cara|falta de educação|falta de respeito|falta de preparo|falta de empatia
                |má vontade|boa vontade|mal educado|mal educada|mal educados|muito educado|muito educada|super educado|super educada
                |com paciência|muita paciência|paciência comigo|comissário de bordo|comissária de bordo|qualidade do atendimento
                |ótimo atendimento|péssimo atendimento|excelente atendimento|bom atendimento|mau atendimento|melhor atendimento|pior atendimento
                |atendimento péssimo|atendimento ótimo|atendimento excelente|atendimento horrível|me tratou|me trataram|me atendeu|me atenderam
                |pouco caso|nota 10 atendimento"),
        ],
    },
};
