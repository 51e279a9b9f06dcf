//! How transcripts are split into turns.

use proptest::prelude::*;
use voc_nlp::{Conversation, MAX_CHARS, Role};

use Role::{Agent, Bot, Customer, Other};

fn turns(transcript: &str) -> Vec<(Role, String)> {
    Conversation::parse(transcript).turns().iter().map(|turn| (turn.role, turn.text.to_owned())).collect()
}

#[track_caller]
fn check(transcript: &str, expected: &[(Role, &str)]) {
    let conversation = Conversation::parse(transcript);
    let found: Vec<_> = conversation.turns().iter().map(|turn| (turn.role, turn.text)).collect();
    assert_eq!(found, expected, "{transcript:?}");
}

/// Two turns, "hello there" and "it broke: again", of these roles.
fn check_pair(transcript: &str, roles: [Role; 2]) {
    let [first, second] = roles;
    check(transcript, &[(first, "hello there"), (second, "it broke: again")]);
}

#[test]
fn names_on_lines() {
    for transcript in [
        "Agent: hello there\nCustomer: it broke: again",
        "agent: hello there\r\ncustomer: it broke: again\r\n",
        "AGENT:hello there\nCUSTOMER:it broke: again",
        "Atendente: hello there\nCliente: it broke: again",
        "Operador(a): hello there\nConsumidor: it broke: again",
        "Operadora: hello there\n\nUsuário: it broke: again",
        "OPERADOR : hello there\n  USUÁRIA : it broke: again",
        "Rep: hello there\nCaller: it broke: again",
        "Agent:\nhello there\nCustomer:\nit broke: again",
        "Agent\nhello there\nCustomer\nit broke: again",
        "**Agent:** hello there\n**Customer:** it broke: again",
        "**Agent**: hello there\n**Customer**: it broke: again",
        "- *Agent*: hello there\n- *Customer*: it broke: again",
        "> Agent: hello there\n> Customer: it broke: again",
        "[Agent]: hello there\n[Customer]: it broke: again",
        "[Agent] hello there\n[Customer] it broke: again",
        "<agent> hello there\n<customer> it broke: again",
        "Agent\thello there\nCustomer\tit broke: again",
        "Agent - hello there\nCustomer – it broke: again",
        "Maria (Agent): hello there\nJoão da Silva (Cliente): it broke: again",
        "Agent Maria: hello there\nCustomer 2: it broke: again",
        "Customer service representative: hello there\nCustomer: it broke: again",
        "\u{feff}Agent: hello there\n\u{200f}Customer: it broke: again",
    ] {
        check_pair(transcript, [Agent, Customer]);
    }
    check_pair("Bot: hello there\nUser: it broke: again", [Bot, Customer]);
    check_pair("Virtual agent: hello there\nUser: it broke: again", [Bot, Customer]);
    check_pair("Assistente virtual: hello there\nPaciente: it broke: again", [Bot, Customer]);
    check_pair("Speaker 1: hello there\nSpeaker 2: it broke: again", [Agent, Customer]);
    check_pair("Falante A: hello there\nspk_1: it broke: again", [Agent, Customer]);
}

#[test]
fn times_before_names() {
    for transcript in [
        "[00:12] Agent: hello there\n[00:20] Customer: it broke: again",
        "00:12:03 Agent - hello there\n00:12:09 Customer - it broke: again",
        "(00:12:03.120) Agent: hello there\n(00:12:09.001) Customer: it broke: again",
        "[2024-05-01 10:00] Agent: hello there\n[2024-05-01 10:01] Customer: it broke: again",
        "10:30 AM Agent: hello there\n10:31 AM Customer: it broke: again",
        "2024-05-01T10:00:01Z Agent: hello there\n2024-05-01T10:00:09Z Customer: it broke: again",
        "Agent [00:12]: hello there\nCustomer (00:20): it broke: again",
        "[00:12] Agent: hello there [00:20] Customer: it broke: again",
        "Agent  0:12\nhello there\n\nCustomer  0:20\nit broke: again",
        "Agent\n0:12\nhello there\nCustomer\n0:20\nit broke: again",
        "0:0:0.240 --> 0:0:4.025\nAgent\nhello there\n\n0:0:4.240 --> 0:0:5.025\nCustomer\nit broke: again",
        "Agent - 05/02/2024 09:12\nhello there\n\nCustomer - 05/02/2024 09:15\nit broke: again",
        "Agent wrote on 5 May 2024 at 09:12:\nhello there\nCustomer wrote on 5 May 2024 at 09:15:\nit broke: again",
        "Agent, 2024-05-01 09:12 UTC\nhello there\nCustomer, 2024-05-01 09:15 UTC\nit broke: again",
        "[12/03/2024, 10:15:02 AM] Agent: hello there\n[12/03/2024, 10:15:09 AM] Customer: it broke: again",
        "12/03/2024 10:15 - Agent: hello there\n12/03/2024 10:15 - Customer: it broke: again",
        "[10:15 AM] Agent\nhello there\n[10:16 AM] Customer\nit broke: again",
        "Agent [0.0s - 4.8s]: hello there\nCustomer [5.0s - 6.8s]: it broke: again",
    ] {
        check_pair(transcript, [Agent, Customer]);
    }
}

#[test]
fn names_within_a_line() {
    for transcript in [
        "Agent: hello there Customer: it broke: again",
        "Agent: hello there **Customer:** it broke: again",
        "Maria (Agent): hello there | João (Customer): it broke: again",
    ] {
        check_pair(transcript, [Agent, Customer]);
    }
    check("Agent: hi. Customer: hello! agent: bye.", &[(Agent, "hi."), (Customer, "hello!"), (Agent, "bye.")]);
    check("Speaker 1: hi. Speaker 2: hello.", &[(Other, "hi."), (Other, "hello.")]);
    check("Bem-vindo. Cliente: quero cancelar.", &[(Other, "Bem-vindo."), (Customer, "quero cancelar.")]);
}

#[test]
fn unknown_names_that_alternate() {
    check("John: hi\nMary: hello\nJohn: it broke", &[(Other, "hi"), (Other, "hello"), (Other, "it broke")]);
    let call = "Agent: hi\nJoão Souza: olá\nAgent: pois não?";
    check(call, &[(Agent, "hi"), (Customer, "olá"), (Agent, "pois não?")]);
    let call = "Customer: hi\nMary: hello\nCustomer: it broke";
    check(call, &[(Customer, "hi"), (Agent, "hello"), (Customer, "it broke")]);
    let conversation = Conversation::parse(call);
    let names: Vec<_> = conversation.turns().iter().map(|turn| turn.speaker.unwrap()).collect();
    assert_eq!(names, ["Customer", "Mary", "Customer"]);
    assert_eq!(turns("Q: why?\nA: so.\nQ: when?").len(), 3);
}

#[test]
fn labels_that_are_not_speakers() {
    for text in [
        "Note: it broke",
        "See http://example.com: it broke",
        "http://example.com",
        "It broke at 10:30 and at 11:45",
        "10:30",
        "Name: John\nOrder: 17\nIssue: it broke",
        "First: unplug it\nSecond: wait\nThird: plug it in",
        "Dear customer: it broke",
        "I told the agent: it broke",
        "The customer: a story",
        "Subject: it broke\nFrom: me\nTo: you\nSubject: it broke\nFrom: you",
        "Customers: 12",
        "One thing: one\nOne thing: two\nOne thing: three",
        "Customer\u{300}s are - it seems - many",
        "a customer - it seems - called",
        ": : :",
        "::::",
    ] {
        let call = Conversation::parse(text);
        assert!(!call.has_speakers(), "{text:?} {:?}", call.turns());
        check(text, &[(Other, text)]);
    }
}

#[test]
fn a_field_within_a_turn_belongs_to_it() {
    check(
        "Agent: please write\nOrder: 17\nName: Ann\nCustomer: done",
        &[(Agent, "please write\nOrder: 17\nName: Ann"), (Customer, "done")],
    );
    assert_eq!(turns("Agent: at 10:30\nCustomer: ok").len(), 2);
}

#[test]
fn blank_transcripts_and_turns() {
    for text in ["", " \n\t ", "Agent:", "Agent:\n\nCustomer:   "] {
        assert!(Conversation::parse(text).turns().is_empty(), "{text:?}");
    }
    check("😀", &[(Other, "😀")]);
}

#[test]
fn long_transcripts_are_cut() {
    let turn = "Agent: ção\n";
    let transcript = turn.repeat(100_000);
    let call = Conversation::parse(&transcript);
    assert!(call.truncated());
    assert_eq!(call.turns().len(), MAX_CHARS / turn.chars().count());
    assert!(call.turns().iter().take(1000).all(|turn| turn.role == Agent && turn.text == "ção"));
}

#[test]
fn many_names_are_not_a_dialogue() {
    let transcript: String = ('A'..='Z').map(|name| format!("{name}x: text\n{name}x: text\n")).collect();
    assert!(!Conversation::parse(&transcript).has_speakers());
}

/// Texts full of what the parser looks for, cut anywhere.
fn transcript() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "Agent",
        "Customer",
        "cliente",
        "Maria",
        "(",
        ")",
        "[",
        "]",
        "00:12",
        ":",
        ": ",
        "\n",
        " - ",
        "**",
        " ",
        ". ",
        "é",
        "😀",
        "\u{200f}",
        "\u{0}",
        "Speaker 1",
        "Note",
        "://",
        "\r\n",
        "\t",
        "hello",
        "<",
        ">",
        "São",
        "\u{301}",
    ]);
    prop::collection::vec(part, 0..60).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn turns_are_parts_of_the_text_in_order(text in prop_oneof![transcript(), any::<String>()]) {
        let call = Conversation::parse(&text);
        let mut last = 0;
        for turn in call.turns() {
            prop_assert!(last <= turn.start && turn.start < turn.end);
            prop_assert_eq!(call.text().get(turn.start..turn.end), Some(turn.text));
            prop_assert_eq!(turn.text.trim(), turn.text);
            last = turn.end;
        }
        prop_assert!(call.has_speakers() || call.turns().len() <= 1);
    }

    #[test]
    fn words_are_kept(words in prop::collection::vec(("[a-z]{3,9}", "[a-z]{3,9}"), 1..150)) {
        let transcript: String =
            words.iter().map(|(agent, customer)| format!("Agent: {agent}!\nCustomer: {customer}!\n")).collect();
        let expected: Vec<(Role, String)> = words
            .iter()
            .flat_map(|(agent, customer)| [(Agent, format!("{agent}!")), (Customer, format!("{customer}!"))])
            .collect();
        prop_assert_eq!(turns(&transcript), expected);
    }
}
