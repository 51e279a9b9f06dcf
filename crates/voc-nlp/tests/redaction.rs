//! What is taken for personal data, and what is not.

use proptest::prelude::*;
use voc_nlp::{Finding, PersonalData, Redactor};

fn redact(text: &str) -> String {
    Redactor::default().redact(text).into_owned()
}

fn check(table: &[(&str, &str)]) {
    let wrong: Vec<_> = table
        .iter()
        .map(|(text, expected)| (text, expected, redact(text)))
        .filter(|(_, expected, found)| *expected != found)
        .collect();
    assert!(wrong.is_empty(), "text, expected, found: {wrong:#?}");
}

fn check_untouched(texts: &[&str]) {
    let table: Vec<_> = texts.iter().map(|text| (*text, *text)).collect();
    check(&table);
}

#[test]
fn mail_addresses() {
    check(&[
        ("ana@example.com", "[EMAIL]"),
        ("write to Ana.Souza+voc@mail.example.com.br, please", "write to [EMAIL], please"),
        ("<o'hara_1@ex-ample.org>.", "<[EMAIL]>."),
        ("11987654321@example.com", "[EMAIL]"),
        ("joão2@exemplo.com.br.", "[EMAIL]."),
        ("a@example.com b@example.com", "[EMAIL] [EMAIL]"),
    ]);
    check_untouched(&["@support", "me @ home", "a@b", "user@localhost", "@", "a@.com", "5 @ 3.50"]);
}

#[test]
fn telephone_numbers_of_brazil() {
    check(&[
        ("(11) 98765-4321", "[PHONE]"),
        ("ligue (11) 3456-7890 até as 18", "ligue [PHONE] até as 18"),
        ("(11) 3456-7890 30 vezes", "[PHONE] 30 vezes"),
        ("11 98765-4321", "[PHONE]"),
        ("11 98765 4321.", "[PHONE]."),
        ("11 9 8765-4321", "[PHONE]"),
        ("11987654321", "[PHONE]"),
        ("+55 11 98765-4321", "[PHONE]"),
        ("+55 (11) 98765-4321 e 30 dias", "[PHONE] e 30 dias"),
        ("+5511987654321", "[PHONE]"),
        ("5511987654321", "[PHONE]"),
        ("011 98765-4321", "[PHONE]"),
        ("0800 123 4567", "[PHONE]"),
        ("98765-4321", "[PHONE]"),
        ("3456-7891", "[PHONE]"),
        ("11 98765 - 4321", "[PHONE]"),
    ]);
}

#[test]
fn telephone_numbers_of_other_countries() {
    check(&[
        ("(415) 555-0123", "[PHONE]"),
        ("415-555-0123, 415.555.0199", "[PHONE], [PHONE]"),
        ("415-555-0123/415-555-0199", "[PHONE]/[PHONE]"),
        ("1-800-555-0123", "[PHONE]"),
        ("+1 (415) 555-0123", "[PHONE]"),
        ("4155550123", "[PHONE]"),
        ("+44 20 7946 0958", "[PHONE]"),
        ("020 7946 0958", "[PHONE]"),
        ("(01603) 123456", "[PHONE]"),
        ("01 23 45 67 89", "[PHONE]"),
        ("+351 912 345 678", "[PHONE]"),
        ("01223 412430", "[PHONE]"),
    ]);
}

#[test]
fn payment_cards() {
    check(&[
        ("4111111111111111", "[CARD]"),
        ("4111 1111 1111 1111", "[CARD]"),
        ("4111-1111-1111-1111 12/29 123", "[CARD] 12/29 123"),
        ("3782 822463 10005", "[CARD]"),
        ("card:5555555555554444.", "card:[CARD]."),
        ("4111\u{a0}1111\u{a0}1111\u{a0}1111", "[CARD]"),
        ("4111\u{200b}111111111111", "[CARD]"),
        ("４１１１ １１１１ １１１１ １１１１", "[CARD]"),
        // No valid check digit, but nothing else looks so either.
        ("4111 1111 1111 1112", "[NUMBER]"),
    ]);
}

#[test]
fn tax_numbers() {
    check(&[
        ("CPF 111.444.777-35", "CPF [CPF]"),
        ("11144477735", "[CPF]"),
        ("111444777-35", "[CPF]"),
        ("CPF11144477735", "CPF[CPF]"),
        ("111 444 777 35", "[CPF]"),
        ("111.444.777-36", "[NUMBER]"),
        ("11.222.333/0001-81", "[CNPJ]"),
        ("11222333000181", "[CNPJ]"),
        ("11222333/0001-81", "[CNPJ]"),
        ("12.ABC.345/01DE-35", "[CNPJ]"),
        ("11.222.333/0001-82", "[NUMBER]"),
        ("123-45-6789", "[NUMBER]"),
    ]);
}

#[test]
fn bank_accounts() {
    check(&[
        ("GB82 WEST 1234 5698 7654 32 is mine", "[IBAN] is mine"),
        ("DE89370400440532013000", "[IBAN]"),
        ("pay to DE89 3704 0044 0532 0130 00.", "pay to [IBAN]."),
        ("BR1800360305000010009795493C1", "[IBAN]"),
    ]);
    assert_ne!(redact("GB82 WEST 1234 5698 7654 33"), "[IBAN]");
}

#[test]
fn network_addresses() {
    check(&[
        ("192.168.0.1", "[IP]"),
        ("from 10.0.0.1:8080.", "from [IP]:8080."),
        ("2001:db8::8a2e:370:7334", "[IP]"),
        ("fe80::1, ok", "[IP], ok"),
        ("2001:0db8:85a3:0000:0000:8a2e:0370:7334", "[IP]"),
    ]);
    check_untouched(&["256.1.1.1", "1.2.3", "version 1.2.3.4.5", "10:30:45", "std::fmt2"]);
}

#[test]
fn long_numbers() {
    check(&[("account 123456789.", "account [NUMBER]."), ("9".repeat(1000).as_str(), "[NUMBER]")]);
    check_untouched(&["12345678", "ref A1234567890", "1234567890x"]);
}

#[test]
fn everyday_numbers_are_left_alone() {
    check_untouched(&[
        "order 123456, invoice 20240501",
        "R$ 1.234,56 and $1,234.56 and 99,90",
        "R$ 1234567890",
        "2024-05-01 10:30, 05/12/2024, 05-12-2024 10:30",
        "2024-05-01T10:00:00.123Z",
        "2024-05-01-10-30-00",
        "01 05 2024 10 30",
        "2023-2024 and 2000-3000",
        "0.123456789012",
        "100 200 300",
        "10 20 30 40 50 60 70 80",
        "(2024) 12 items",
        "24/7, 4G, 5GHz, 1080p, 3x",
        "id 550e8400-e29b-41d4-a716-446655440000",
        "123.456.789 inhabitants",
        "CEP 01310-100",
        "",
        "não há nada aqui 😀",
    ]);
}

#[test]
fn a_kind_that_is_not_wanted_is_left_alone() {
    let text = "11144477735 4111111111111111";
    let redactor = Redactor::default().without(PersonalData::Cpf);
    assert_eq!(redactor.redact(text), "11144477735 [CARD]");
}

#[test]
fn findings_have_spans() {
    let text = "é (11) 98765-4321, ana@example.com";
    let found: Vec<(PersonalData, &str)> =
        Redactor::default().find(text).map(|Finding { kind, start, end, .. }| (kind, &text[start..end])).collect();
    assert_eq!(found, [(PersonalData::Phone, "(11) 98765-4321"), (PersonalData::Email, "ana@example.com")]);
}

/// Texts full of what the redactor looks for, cut anywhere.
fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "[0-9]{1,20}",
        "[-+().:/@ ]{1,3}",
        "[a-f@.]{1,8}",
        Just("ana@example.com".to_owned()),
        Just("４１１１".to_owned()),
        Just("\u{200b}".to_owned()),
        Just("é".to_owned()),
        Just("٣".to_owned()),
        Just("GB82WEST".to_owned()),
        Just("::".to_owned()),
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn findings_are_in_order_and_cut_between_characters(text in text()) {
        let mut last = 0;
        for finding in Redactor::default().find(&text) {
            prop_assert!(last <= finding.start && finding.start < finding.end);
            prop_assert!(text.get(finding.start..finding.end).is_some());
            last = finding.end;
        }
    }

    #[test]
    fn what_was_redacted_has_nothing_more_to_redact_at_its_tags(text in text()) {
        let redacted = redact(&text);
        prop_assert_eq!(redacted.contains('@') && !text.contains('@'), false);
        for kind in PersonalData::ALL {
            prop_assert_eq!(redact(kind.tag()), kind.tag());
        }
    }

    #[test]
    fn a_card_is_found_whatever_stands_around_it(before in "[a-z ,.]{0,10}", after in "[a-z,.]{0,10}") {
        let text = format!("{before} 4111111111111111 {after}");
        prop_assert!(redact(&text).contains("[CARD]"));
    }

    #[test]
    fn words_are_left_alone(text in "[a-zA-Zçãé .,!?'\"-]{0,200}") {
        prop_assert_eq!(redact(&text), text);
    }
}

#[test]
fn hostile_texts_are_read_in_one_pass() {
    for unit in ["1 ", "1.", "1-", "@", "a@", "1:", ":", "(1", "+1", "1/", "１", "f0", "GB82 ", "1\u{200b}"] {
        let text = unit.repeat(20_000);
        let findings = Redactor::default().find(&text).count();
        assert!(findings <= text.len(), "{unit}");
    }
}
