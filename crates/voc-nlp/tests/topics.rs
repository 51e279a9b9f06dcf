//! The built-in topics of texts.

use voc_nlp::{Engine, FastStage, Topic};

fn topic(text: &str) -> Option<Topic> {
    Engine::built_in().annotate(text).topic
}

/// Checks all texts and reports all that are wrong.
fn check(cases: &[(&str, &[&str])]) {
    let mut wrong = Vec::new();
    for (expected, texts) in cases {
        for text in *texts {
            let found = topic(text);
            if found.as_deref().unwrap_or("none") != *expected {
                wrong.push(format!("{text:?} is {}, not {expected}", found.as_deref().unwrap_or("none")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_english_texts_are_about() {
    check(&[
        (
            "billing",
            &[
                "I was charged twice this month",
                "When do I get my refund?",
                "There is a late fee on my invoice",
                "The direct debit was taken out twice",
            ],
        ),
        (
            "technical",
            &[
                "The app crashes whenever I open it",
                "My internet has been down since yesterday",
                "The router keeps disconnecting",
                "I get an error message on the website",
            ],
        ),
        (
            "account",
            &[
                "I forgot my password and cannot log in",
                "Please change the email address in my profile",
                "I am locked out, and the verification code never works",
            ],
        ),
        (
            "sales",
            &[
                "How much is the family plan?",
                "Do you have any discounts for new customers?",
                "I want to buy two more licences",
                "I would like to upgrade my plan",
            ],
        ),
        (
            "general",
            &[
                "What are your opening hours?",
                "I have a question",
                "How can I speak to a human?",
                "Are you open on Sundays?",
            ],
        ),
        (
            "delivery",
            &[
                "Where is my parcel?",
                "My order hasn't arrived yet",
                "You sent me the wrong size",
                "The courier left the package outside in the rain",
                "You lost my baggage",
                "The tracking number does not exist",
            ],
        ),
        (
            "cancellation",
            &[
                "I want to cancel",
                "Please cancel my subscription",
                "I'd like to end my contract",
                "How do I cancel my order?",
                "Close my account, I am switching providers",
            ],
        ),
        (
            "staff",
            &[
                "The cashier was so rude to my mother",
                "Your agent hung up on me",
                "The lady I spoke to was polite and patient",
                "Terrible attitude, she yelled at me",
            ],
        ),
        (
            "quality",
            &[
                "The seams came apart after one wash",
                "Poor quality, it broke after two days",
                "The blender is defective",
                "Beautifully made and very sturdy",
            ],
        ),
        (
            "scheduling",
            &[
                "I need to reschedule my appointment",
                "The technician never showed up",
                "Our flight was delayed for six hours",
                "Is there an earlier time slot on Friday?",
                "Can I change the date of my booking?",
            ],
        ),
    ]);
}

#[test]
fn what_portuguese_texts_are_about() {
    check(&[
        (
            "billing",
            &[
                "Me cobraram duas vezes esse mês",
                "Preciso da segunda via do boleto",
                "Cadê meu reembolso?",
                "A conta de luz veio com o valor errado",
            ],
        ),
        (
            "technical",
            &[
                "A internet cai toda hora",
                "O aplicativo trava quando abro",
                "Estamos sem sinal desde ontem",
                "O site dá erro",
            ],
        ),
        (
            "account",
            &["Esqueci minha senha", "Quero atualizar meus dados cadastrais", "Não consigo acessar minha conta"],
        ),
        (
            "sales",
            &[
                "Quanto custa o plano família?",
                "Tem desconto para cliente novo?",
                "Quero contratar mais uma linha",
                "Gostaria de comprar outro chip",
            ],
        ),
        (
            "general",
            &[
                "Qual o horário de funcionamento?",
                "Gostaria de uma informação",
                "Como falo com um atendente?",
                "Tenho uma dúvida",
            ],
        ),
        (
            "delivery",
            &[
                "Meu pedido ainda não chegou",
                "Cadê minha encomenda?",
                "Veio errado, pedi tamanho M",
                "O entregador deixou o pacote na chuva",
                "Minha mala foi extraviada",
                "O código de rastreio não existe",
            ],
        ),
        (
            "cancellation",
            &[
                "quero cancelar",
                "Quero cancelar minha assinatura",
                "Vou rescindir o contrato",
                "Como faço para encerrar minha conta?",
                "Vou fazer portabilidade para outra operadora",
            ],
        ),
        (
            "staff",
            &[
                "A atendente foi muito grossa comigo",
                "Fui super bem atendido",
                "O moço desligou na minha cara",
                "Funcionários mal educados",
            ],
        ),
        (
            "quality",
            &[
                "O produto veio com defeito",
                "Péssima qualidade, rasgou na primeira lavagem",
                "O acabamento é ótimo",
                "O tecido é muito resistente",
            ],
        ),
        (
            "scheduling",
            &[
                "Preciso remarcar minha consulta",
                "O técnico não apareceu",
                "Meu voo atrasou cinco horas",
                "Dá para mudar a data da reserva?",
                "Quero agendar uma visita",
            ],
        ),
    ]);
}

#[test]
fn without_evidence_there_is_no_topic() {
    let texts = [
        "😡😡😡",
        "👍",
        "NaN",
        "null",
        "[MÚSICA]",
        "[MUSIC]",
        "12345 678",
        "...",
        "da hora",
        "Muito da hora!",
        "blz",
        "vlw",
        "Olá, bom dia!",
        "Hi",
        "hello there",
        "Good morning",
        "Thank you so much!",
        "Thanks, bye",
        "Great, I love it!",
        "Top demais",
        "Amei",
        "Que lindo",
        "kkkkkk",
        "Obrigado, tchau",
        "o cara é gente boa",
        "Tudo certo",
        "Hmm, okay, I see.",
    ];
    check(&[("none", &texts)]);
}

#[test]
fn no_topic_is_mistaken_for_another() {
    for (text, wrong) in [
        ("My flight to Lisbon leaves two hours late", "sales"),
        ("Our baggage did not arrive with us", "sales"),
        ("The delay made us miss the connecting flight", "technical"),
        ("The delay made us miss the connecting flight", "sales"),
        ("Minha bagagem não veio na esteira", "sales"),
        ("Meu voo está atrasado", "sales"),
        ("O show foi da hora", "general"),
        ("Comprei ontem e amei", "general"),
    ] {
        assert_ne!(topic(text).as_deref(), Some(wrong), "{text}");
    }
}

/// A phrase with a topic that ends with one that has a valence has this valence, too.
#[test]
fn topics_do_not_hide_what_phrases_express() {
    let engine = Engine::built_in();
    assert!(engine.lexicon_score("it is as described") > 0.2);
    assert!(engine.lexicon_score("it is not as described") < -0.2);
}
