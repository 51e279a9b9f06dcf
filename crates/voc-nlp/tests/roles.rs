//! Who is the customer and who the agent, where names do not say it.

use voc_nlp::{CallStage, Conversation, FastStage, GivenTurn, Role, Sentiment};

use Role::{Agent, Bot, Customer, Other};

#[track_caller]
fn check(transcript: &str, expected: &[Role]) {
    let conversation = Conversation::parse(transcript);
    let found: Vec<Role> = conversation.turns().iter().map(|turn| turn.role).collect();
    assert_eq!(found, expected, "{transcript}");
}

#[test]
fn whoever_opens() {
    for [first, second] in [
        ["SPEAKER_00", "SPEAKER_01"],
        ["spk_1", "spk_0"],
        ["Channel 0", "Channel 1"],
        ["Me", "Them"],
        ["A", "B"],
        ["Ana Souza", "Pedro"],
        ["Participant 1", "Participant 2"],
    ] {
        let call = [
            (first, "Good morning, Blue Bank, this is Ana, how can I help you?"),
            (second, "My card was declined twice today."),
            (first, "I'm sorry to hear that. May I have your account number?"),
            (second, "It's 1234."),
        ];
        let lines = |lines: &[(&str, &str)]| -> String {
            lines.iter().map(|(name, said)| format!("{name}: {said}\n")).collect()
        };
        check(&lines(&call), &[Agent, Customer, Agent, Customer]);
        let chat = [
            (first, "Oi, meu pedido não chegou até agora"),
            (second, "Olá, tudo bem? Pode me informar o número do pedido, por favor?"),
            (first, "é o 99812"),
            (second, "Obrigado. Vou verificar com a transportadora, só um momento."),
        ];
        check(&lines(&chat), &[Customer, Agent, Customer, Agent]);
    }
}

#[test]
fn courtesy_of_agents_is_not_the_score() {
    for call in [
        "SPEAKER_00: Thank you so much for calling, I am happy to help! Great!\n\
            SPEAKER_01: I was charged twice.\n\
            SPEAKER_00: Perfect, wonderful day to you!",
        "spk_0: Obrigada por ligar, é um prazer atender! Ótimo!\n\
            spk_1: Fui cobrado duas vezes.\n\
            spk_0: Perfeito, tenha um dia maravilhoso!",
    ] {
        let annotation = CallStage::default().annotate(call);
        assert_eq!(annotation.label(), Sentiment::Negative, "{call}");
        assert!(annotation.sentiment < Some(0.0), "{call}");
    }
}

#[test]
fn names_that_suggest_roles() {
    check(
        "SAC: boa tarde\nTitular: boa tarde\nSAC: pois não\nTitular: é sobre a fatura",
        &[Agent, Customer, Agent, Customer],
    );
    check("INBOUND: hello\nOUTBOUND: hi there\nINBOUND: any news", &[Customer, Agent, Customer]);
    check("internal: hello\nexternal: hi there\ninternal: well", &[Agent, Customer, Agent]);
    check("A: hello\nC: hi there\nA: well", &[Agent, Customer, Agent]);
    check("Visitor 48211: hello\nMaria: hi\nVisitor 48211: well", &[Customer, Agent, Customer]);
    check("Assistente Bruna: oi\nCliente: oi", &[Agent, Customer]);
    check("Assistente virtual: oi\nCliente: oi", &[Bot, Customer]);
}

#[test]
fn programs() {
    check(
        "Lia: Oi! Eu sou a Lia, a assistente virtual da loja. Digite 1 para pedidos.\nRafa: 1\nLia: Não entendi a opção.",
        &[Bot, Customer, Bot],
    );
    check(
        "Voice: This call may be recorded. Press one for billing.\nJoan: One.\nVoice: Thank you.\nJoan: My bill is wrong.",
        &[Bot, Customer, Bot, Customer],
    );
}

#[test]
fn unknown_roles_are_less_certain() {
    let call = "John: mm\nMary: mm\nJohn: Awful, horrible, terrible!\nMary: Awful, horrible, terrible!";
    check(call, &[Other; 4]);
    let annotation = CallStage::default().annotate(call);
    assert!(annotation.confidence <= 0.5, "{annotation:?}");
    let named = call.replace("John", "Customer").replace("Mary", "Agent");
    assert!(CallStage::default().annotate(&named).confidence > annotation.confidence);
}

#[test]
fn given_turns() {
    let turn = |speaker, text| GivenTurn { speaker: Some(speaker), ..GivenTurn::new(text) };
    let conversation = Conversation::of_turns([
        turn("0", "Thank you for calling, how may I help you?"),
        turn("1", "Agent: is not my name. I was billed twice."),
        turn("1", "  "),
        GivenTurn { role: Some(Bot), ..GivenTurn::new("Beep.") },
        GivenTurn { start_ms: Some(1200), end_ms: Some(3400), ..turn("0", "Let me check your account.") },
    ]);
    let found: Vec<_> = conversation.turns().iter().map(|turn| (turn.role, turn.speaker, turn.text)).collect();
    assert_eq!(
        found,
        [
            (Agent, Some("0"), "Thank you for calling, how may I help you?"),
            (Customer, Some("1"), "Agent: is not my name. I was billed twice."),
            (Bot, None, "Beep."),
            (Agent, Some("0"), "Let me check your account."),
        ]
    );
    assert!(conversation.are_roles_inferred() && conversation.has_speakers() && !conversation.truncated());
    let turns = conversation.turns();
    let last = turns.last().unwrap();
    assert_eq!((last.start_ms, last.end_ms), (Some(1200), Some(3400)));
    assert_eq!(&conversation.text()[last.start..last.end], last.text);
}

#[test]
fn given_turns_are_cut_at_the_limit() {
    let long = "ç ".repeat(voc_nlp::MAX_CHARS);
    let conversation = Conversation::of_turns([GivenTurn::new("first"), GivenTurn::new(&long), GivenTurn::new("last")]);
    assert!(conversation.truncated());
    assert!(conversation.text().chars().count() <= voc_nlp::MAX_CHARS);
    assert_eq!(conversation.turns().len(), 2);
}
