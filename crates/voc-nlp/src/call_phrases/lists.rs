//! The lists of phrases.

/// Phrases with the same meaning.
pub(super) struct Entry {
    /// The phrase that stands for all of them.
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// The alternatives for each part, separated by `|`; an empty one leaves the part out, except the first.
    pub(super) parts: &'static [&'static str],
    /// Words of which each of the phrases has one, and most texts have none.
    pub(super) cues: &'static str,
}

/// What phrases mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A request for someone in charge or a human, or a threat of complaints, authorities or courts.
    Escalation,
    /// An announcement of leaving.
    Churn,
    /// Neither, although it begins like one: to cancel an order is not to leave.
    Neither,
}

const fn entry(kind: Kind, name: &'static str, parts: &'static [&'static str], cues: &'static str) -> Entry {
    Entry { name, kind, parts, cues }
}

/// The cues of all phrases.
pub(crate) fn cues() -> impl Iterator<Item = &'static str> {
    ENTRIES.iter().flat_map(|entry| entry.cues.split('|'))
}

/// The phrases of both languages, which count in texts of any language.
pub(super) const ENTRIES: &[Entry] = &[
    entry(
        Kind::Escalation,
        "speak to a manager",
        &[
            "speak|talk|speaking|talking",
            "to|with",
            "a|the|your|another|",
            "manager|managers|supervisor|supervisors|superior|superiors|team leader|boss",
        ],
        "manager|managers|supervisor|supervisors|superior|superiors|leader|boss",
    ),
    entry(
        Kind::Escalation,
        "speak to someone in charge",
        &[
            "speak|talk|speaking|talking",
            "to|with",
            "someone|somebody",
            "in charge|higher up|more senior|above you|with authority|responsible",
        ],
        "someone|somebody",
    ),
    entry(
        Kind::Escalation,
        "get me a manager",
        &["get|give|bring|send|find", "me", "a|the|your", "manager|supervisor|superior"],
        "manager|supervisor|superior",
    ),
    entry(
        Kind::Escalation,
        "transfer me to a manager",
        &["transfer|connect|put|pass", "me", "to|through to|on to|with", "a|the|your", "manager|supervisor|superior"],
        "manager|supervisor|superior",
    ),
    entry(
        Kind::Escalation,
        "want a manager",
        &["want|need|demand", "a|the|your|to see a|to see your", "manager|supervisor"],
        "manager|supervisor",
    ),
    entry(
        Kind::Escalation,
        "speak to a human",
        &[
            "speak|talk|speaking|talking|chat",
            "to|with",
            "a|an|",
            "human|human being|human agent|person|real person|live person|live agent|actual person|representative",
        ],
        "human|person|live|representative",
    ),
    entry(
        Kind::Escalation,
        "transfer me to a human",
        &[
            "transfer|connect|put",
            "me",
            "to|through to|with",
            "a|an",
            "human|human agent|person|real person|live agent|representative",
        ],
        "human|person|live|representative",
    ),
    entry(
        Kind::Escalation,
        "file a complaint",
        &["file|make|lodge|submit|raise|register", "a|an official|a formal|my", "complaint"],
        "complaint",
    ),
    entry(
        Kind::Escalation,
        "escalate this",
        &["escalate|escalating", "this|it|my case|my issue|my complaint|my ticket|the issue|the matter|the case"],
        "escalate|escalating",
    ),
    entry(Kind::Escalation, "take legal action", &["take|taking|pursue|pursuing", "legal action"], "legal"),
    entry(
        Kind::Escalation,
        "take you to court",
        &["take|taking", "you|this|your company", "to", "court|small claims court"],
        "court",
    ),
    entry(
        Kind::Escalation,
        "sue you",
        &["sue|suing", "you|you guys|your company|this company|the company"],
        "sue|suing",
    ),
    entry(
        Kind::Escalation,
        "hear from my lawyer",
        &[
            "hear from|call|calling|talk to|speak to|speaking to|contact|contacting|get",
            "my|a|our",
            "lawyer|attorney|solicitor",
        ],
        "lawyer|attorney|solicitor",
    ),
    entry(
        Kind::Escalation,
        "regulator",
        &["regulator|ombudsman|better business bureau|fcc|ftc|ofcom|trading standards|consumer protection|\
             attorney general"],
        "regulator|ombudsman|bureau|fcc|ftc|ofcom|standards|protection|attorney",
    ),
    entry(
        Kind::Escalation,
        "post this on social media",
        &[
            "post|posting|put|putting|share|sharing",
            "this|it|about this|about it|about you",
            "on|all over",
            "social media|twitter|facebook|instagram",
        ],
        "media|twitter|facebook|instagram",
    ),
    entry(
        Kind::Escalation,
        "falar com o supervisor",
        &[
            "falar|conversar|falo|converso",
            "com",
            "o|a|um|uma|seu|sua|o seu|a sua|algum|",
            "supervisor|supervisora|gerente|superior|chefe|coordenador|coordenadora|responsável|encarregado",
        ],
        "supervisor|supervisora|gerente|superior|chefe|coordenador|coordenadora|responsável|encarregado",
    ),
    entry(
        Kind::Escalation,
        "passar para o supervisor",
        &[
            "passar|passa|passe|transferir|transfere|transfira|chamar|chama|chame|quero",
            "para o|para a|para um|para seu|para o seu|pro|pra|pro seu|o|a|um|uma|seu|o seu|",
            "supervisor|supervisora|gerente|superior|chefe|coordenador|coordenadora",
        ],
        "supervisor|supervisora|gerente|superior|chefe|coordenador|coordenadora",
    ),
    entry(
        Kind::Escalation,
        "falar com um humano",
        &["falar|conversar", "com", "um|uma|", "humano|ser humano|atendente|atendente humano|pessoa|pessoa de verdade"],
        "humano|atendente|pessoa",
    ),
    entry(
        Kind::Escalation,
        "abrir uma reclamação",
        &["abrir|fazer|registrar|formalizar", "uma|a|minha|", "reclamação|queixa|denúncia"],
        "reclamação|queixa|denúncia",
    ),
    entry(Kind::Escalation, "Procon", &["Procon|Reclame Aqui|consumidor gov"], "Procon|Reclame|consumidor"),
    entry(
        Kind::Escalation,
        "ouvidoria",
        &["ouvidoria|Anatel|Aneel|Banco Central|Bacen"],
        "ouvidoria|Anatel|Aneel|Central|Bacen",
    ),
    entry(Kind::Escalation, "meu advogado", &["meu|minha|nosso|um|uma|com", "advogado|advogada"], "advogado|advogada"),
    entry(
        Kind::Escalation,
        "entrar na justiça",
        &["entrar|ir|vou|recorrer|acionar", "na|à|a|no|ao", "justiça|pequenas causas|juizado|tribunal"],
        "justiça|causas|juizado|tribunal",
    ),
    entry(
        Kind::Escalation,
        "processar vocês",
        &["processar|processo", "vocês|a empresa|essa empresa|esta empresa|o banco|a operadora"],
        "processar|processo",
    ),
    entry(
        Kind::Escalation,
        "postar nas redes sociais",
        &["postar|publicar|expor|divulgar", "isso|tudo|", "nas|nas minhas", "redes sociais"],
        "redes",
    ),
    entry(
        Kind::Churn,
        "cancel my account",
        &[
            "cancel|cancelling|canceling|close|closing|terminate|delete",
            "my|our|the|this",
            "account|accounts|subscription|contract|plan|membership|service|services|policy",
        ],
        "cancel|cancelling|canceling|close|closing|terminate|delete",
    ),
    entry(
        Kind::Churn,
        "want to cancel",
        &["want|like|need|wish|have|decided|calling|trying|here|looking|asking", "to", "cancel|unsubscribe"],
        "cancel|unsubscribe",
    ),
    entry(
        Kind::Churn,
        "going to cancel",
        &["going to|gonna|about to|will|ill", "cancel|unsubscribe"],
        "cancel|unsubscribe",
    ),
    entry(
        Kind::Neither,
        "want to cancel my order",
        &[
            "want to|like to|need to|wish to|have to|decided to|calling to|trying to|here to|looking to|asking to|\
             going to|gonna|about to|will|ill",
            "cancel",
            "my|the|this|that|an|a|our|",
            "order|orders|appointment|reservation|booking|flight|trip|ticket|tickets|delivery|payment|transaction|\
             purchase|item|items|meeting|request|visit|card|check|cheque|transfer",
        ],
        "cancel",
    ),
    entry(
        Kind::Churn,
        "end my contract",
        &["end|ending|get out of|break|exit", "my|our|the|this", "contract|subscription|membership"],
        "contract|subscription|membership",
    ),
    entry(
        Kind::Churn,
        "switch to another provider",
        &[
            "switch|switching|change|changing|move|moving|go|going",
            "to",
            "another|a different|a new|some other",
            "provider|company|carrier|bank|supplier|operator|insurer",
        ],
        "provider|company|carrier|bank|supplier|operator|insurer",
    ),
    entry(
        Kind::Churn,
        "switch to a competitor",
        &[
            "switch|switching|change|changing|move|moving|go|going",
            "to",
            "a|your|the|one of your",
            "competitor|competitors|competition",
        ],
        "competitor|competitors|competition",
    ),
    entry(
        Kind::Churn,
        "take my business elsewhere",
        &["take|taking", "my|our", "business|money|custom", "elsewhere|somewhere else"],
        "elsewhere|somewhere",
    ),
    entry(
        Kind::Churn,
        "go elsewhere",
        &["go|going|look|looking|shop|shopping", "elsewhere|somewhere else"],
        "elsewhere|somewhere",
    ),
    entry(
        Kind::Churn,
        "thinking of leaving",
        &["thinking of|thinking about|considering", "leaving|switching|cancelling|canceling"],
        "leaving|switching|cancelling|canceling",
    ),
    entry(
        Kind::Churn,
        "leaving your company",
        &["leave|leaving", "your", "company|bank|service|network|platform"],
        "leave|leaving",
    ),
    entry(
        Kind::Churn,
        "not renew",
        &["not|will not|wont|not going to|do not want to|dont want to", "renew|be renewing|renewing"],
        "renew|renewing",
    ),
    entry(
        Kind::Churn,
        "never buy from you again",
        &[
            "never",
            "buy|order|shop|use|do business|deal",
            "from|with|",
            "you|here|your service|your company|this company",
            "again",
        ],
        "never",
    ),
    entry(
        Kind::Churn,
        "done with you",
        &["done|finished", "with", "you|you guys|you people|your company|your service"],
        "done|finished",
    ),
    entry(
        Kind::Churn,
        "stop using your service",
        &["stop|quit", "using", "your|this", "service|services|app|product|products|company"],
        "using",
    ),
    entry(
        Kind::Churn,
        "vou cancelar",
        &[
            "vou|quero|queria|gostaria de|preciso|desejo|irei|pretendo|vamos|queremos|prefiro|resolvi|decidi|\
             liguei para|ligando para|penso em|pensando em",
            "cancelar|rescindir",
        ],
        "cancelar|rescindir",
    ),
    entry(
        Kind::Neither,
        "vou cancelar meu pedido",
        &[
            "vou|quero|queria|gostaria de|preciso|desejo|irei|pretendo|vamos|queremos|prefiro|resolvi|decidi|\
             liguei para|ligando para|penso em|pensando em",
            "cancelar",
            "o|a|os|as|meu|minha|o meu|a minha|um|uma|esse|essa|este|esta|",
            "pedido|pedidos|compra|compras|consulta|agendamento|reserva|voo|viagem|passagem|entrega|pagamento|\
             transação|visita|cartão|item|boleto|transferência|encomenda|horário",
        ],
        "cancelar",
    ),
    entry(
        Kind::Churn,
        "cancelar minha conta",
        &[
            "cancelar|cancela|cancele|cancelem|encerrar|encerre|fechar|rescindir|excluir",
            "minha|meu|a minha|o meu|a|o|nossa|nosso|essa|esse|esta|este",
            "conta|assinatura|plano|contrato|serviço|linha|internet|seguro|pacote",
        ],
        "cancelar|cancela|cancele|cancelem|encerrar|encerre|fechar|rescindir|excluir",
    ),
    entry(
        Kind::Churn,
        "solicitar o cancelamento",
        &["solicitar|solicito|pedir|peço|fazer|quero|queria", "o|um|meu|o meu|", "cancelamento"],
        "cancelamento",
    ),
    entry(
        Kind::Neither,
        "solicitar o cancelamento do pedido",
        &[
            "solicitar|solicito|pedir|peço|fazer|quero|queria",
            "o|um|meu|o meu|",
            "cancelamento",
            "do|da|de|do meu|da minha",
            "pedido|compra|consulta|agendamento|reserva|voo|viagem|passagem|entrega|pagamento|transação|visita|\
             cartão",
        ],
        "cancelamento",
    ),
    entry(
        Kind::Churn,
        "mudar de operadora",
        &["mudar|mudando|trocar|trocando", "de", "operadora|empresa|banco|fornecedor|provedor|seguradora"],
        "mudar|mudando|trocar|trocando",
    ),
    entry(
        Kind::Churn,
        "ir para a concorrência",
        &[
            "ir|vou|indo|mudar|migrar|passar",
            "para|para a|para o|pra|pro|à",
            "concorrência|concorrente|outra operadora|outra empresa|outro banco|outro provedor",
        ],
        "concorrência|concorrente|outra|outro",
    ),
    entry(
        Kind::Churn,
        "fazer a portabilidade",
        &["fazer|pedir|solicitar|quero", "a|minha|", "portabilidade"],
        "portabilidade",
    ),
    entry(
        Kind::Churn,
        "não quero mais o serviço",
        &[
            "não quero|não pretendo|não queremos",
            "mais",
            "o serviço|esse serviço|este serviço|o plano|esse plano|a conta|a assinatura|a internet|o contrato|\
             ser cliente|continuar|usar|ficar",
        ],
        "quero|pretendo|queremos",
    ),
    entry(Kind::Churn, "nunca mais compro", &["nunca mais", "compro|uso|volto|contrato|peço"], "nunca"),
    entry(Kind::Churn, "não vou renovar", &["não vou|não quero|não pretendo|não irei|não vamos", "renovar"], "renovar"),
    entry(Kind::Churn, "deixar de ser cliente", &["deixar de ser|deixo de ser", "cliente"], "deixar|deixo"),
];
