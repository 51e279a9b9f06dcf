//! What counts as personal data, and what does not.

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
fn mail_addresses_with_invisible_characters() {
    check(&[
        ("joe@\u{200b}example.com", "[EMAIL]"),
        ("joe\u{2060}@\u{feff}example.com", "[EMAIL]"),
        ("j\u{ad}oe@exam\u{ad}ple.com", "[EMAIL]"),
        ("joe\u{200d}.\u{200c}smith@example\u{200b}.\u{200b}com.\u{ad}br, ok", "[EMAIL], ok"),
        ("joe99\u{200b}@example.com", "[EMAIL]"),
        ("joe@example.co\u{ad}m", "[EMAIL]"),
        ("jo\u{fe0f}e\u{34f}@\u{61c}example.\u{206f}c\u{e0061}om", "[EMAIL]"),
        ("jo&shy;e@ex&#173;ample.c&#x200B;om", "[EMAIL]"),
        ("joe@example%E2%80%8B.com", "[EMAIL]"),
        ("joe\\u200b@example.com", "[EMAIL]"),
        // They stand around addresses, too, and between an address and the next word.
        ("\u{feff}joe@example.com\u{200b} \u{200e}<ana@example.com>", "\u{feff}[EMAIL]\u{200b} \u{200e}<[EMAIL]>"),
        ("joe@example.com\u{200b}2 days", "[EMAIL]\u{200b}2 days"),
    ]);
}

/// All forms of the at sign.
const AT_SIGNS: &[&str] = &[
    "@",
    "＠",
    "﹫",
    "%40",
    "%2540",
    "%252540",
    "%EF%BC%A0",
    "&#64;",
    "&#064;",
    "&#0064;",
    "&#64",
    "&#x40;",
    "&#X40;",
    "&#x0040;",
    "&#x40",
    "&commat;",
    "&amp;#64;",
    "&amp;amp;commat;",
    "\\u0040",
    "\\\\u0040",
    "\\\\\\\\u0040",
    "\\uff20",
    "\\uFF20",
    "\\x40",
    "\\@",
    "\\u0026#64;",
];

#[test]
fn mail_addresses_with_any_form_of_the_at_sign() {
    for sign in AT_SIGNS {
        check(&[
            (&format!("alice{sign}example.com"), "[EMAIL]"),
            (&format!("to <alice.99{sign}mail.example.com.br>."), "to <[EMAIL]>."),
            (&format!("11987654321{sign}example.com, 11987654321"), "[EMAIL], [PHONE]"),
            (&format!("a{sign}example.com b{sign}example.com"), "[EMAIL] [EMAIL]"),
            (&format!("a\u{200b}{sign}\u{ad}example.com"), "[EMAIL]"),
        ]);
    }
}

#[test]
fn mail_addresses_with_escaped_characters() {
    check(&[
        // URLs.
        ("a%2Bb%40example.com", "[EMAIL]"),
        ("joe@example%2Ecom", "[EMAIL]"),
        ("jo%C3%A3o%40m%C3%BCnchen.de", "[EMAIL]"),
        ("joe%40example%252Ecom", "[EMAIL]"),
        ("mailto:alice%40example.com?subject=Hi", "mailto:[EMAIL]?subject=Hi"),
        ("mailto%3Aalice%40example.com%3Fsubject%3DHi", "mailto%3A[EMAIL]%3Fsubject%3DHi"),
        ("/reset?email=alice%40example.com&token=x", "/reset?email=[EMAIL]&token=x"),
        ("to%3DJoe%20Doe%20%3Cjoe%40example.com%3E%2C", "to%3DJoe%20Doe%20%3C[EMAIL]%3E%2C"),
        // HTML.
        ("<a href=\"mailto:joe&#64;example&#46;com\">joe</a>", "<a href=\"mailto:[EMAIL]\">joe</a>"),
        ("&lt;joe&commat;example&period;com&gt;", "&lt;[EMAIL]&gt;"),
        ("o&#39;hara@example.com, o&apos;hara@example.com, o&#x27;hara@example.com", "[EMAIL], [EMAIL], [EMAIL]"),
        ("a&plus;b&lowbar;c&commat;ex&hyphen;ample.com", "[EMAIL]"),
        ("&#106;&#x6f;&#101;&#64;&#x65;x&#97;mple&#46;c&#x6f;m", "[EMAIL]"),
        (
            "&#109;&#97;&#105;&#108;&#116;&#111;&#58;&#106;&#111;&#101;&#64;e.com",
            "&#109;&#97;&#105;&#108;&#116;&#111;&#58;[EMAIL]",
        ),
        ("Q&A&amp;joe@example.com", "Q&A&amp;[EMAIL]"),
        // JSON within a text.
        (r#"{"to":"alice\u0040example.com"}"#, r#"{"to":"[EMAIL]"}"#),
        (r"\u003cjoe\u002Bx@example\u002ecom\u003e", r"\u003c[EMAIL]\u003e"),
        (r"jo\u00e3o@example.com", "[EMAIL]"),
        (r"o\u0027hara@example.com \ud83d\ude00joe@example.com", r"[EMAIL] \ud83d\ude00[EMAIL]"),
        // A line feed, or a folder and a name: neither a letter of the name nor a lone backslash may remain.
        (r"Hi,\njoe@example.com", "Hi,[EMAIL]"),
        (r"Outlook\\nick@example.com.ost", "Outlook[EMAIL]"),
        // Logs, Markdown, program text.
        (r"joe@m\xC3\xBCnchen.de", "[EMAIL]"),
        (r"joe\_smith@example.com or joe\@example\.com", "[EMAIL] or [EMAIL]"),
    ]);
}

#[test]
fn mail_addresses_in_other_characters() {
    check(&[
        ("joe@example．com", "[EMAIL]"),
        ("joe@example。com", "[EMAIL]"),
        ("joe@mail｡example｡com。", "[EMAIL]。"),
        ("ｊｏｅ＿ｓ＋ｘ＠ｅｘ－ａｍｐｌｅ．ｃｏｍ", "[EMAIL]"),
        ("joe@ex\u{2011}ample.com", "[EMAIL]"),
        ("o\u{2019}hara@example.com", "[EMAIL]"),
        ("jose\u{301}@exe\u{301}mplo.com", "[EMAIL]"),
        ("ivan@xn--e1afmkfd.xn--p1ai.", "[EMAIL]."),
        ("ivan@xn--e1afmkfd.\u{ad}X\u{ad}N&#45;-p1ai.", "[EMAIL]."),
        ("ivan@пример.рф", "[EMAIL]"),
    ]);
}

#[test]
fn addresses_end_before_the_text_that_follows() {
    check(&[
        ("joe@example.com-2024", "[EMAIL]-2024"),
        ("joe@example.com.1", "[EMAIL].1"),
        ("joe@example.com%20and", "[EMAIL]%20and"),
        (r"joe@example.com\nand", r"[EMAIL]\nand"),
        ("joe@example.com&nbsp;and", "[EMAIL]&nbsp;and"),
        ("joe@example.com%", "[EMAIL]%"),
    ]);
    let longest = format!("{}@example.com", "a".repeat(64));
    let longer = format!("aa{longest}");
    check(&[(&longest, "[EMAIL]"), (&longer, "aa[EMAIL]")]);
}

#[test]
fn escapes_without_an_address_are_left_alone() {
    check_untouched(&[
        "50%40",
        "50%40 off",
        "https://x.example/@user",
        "https://x.example/%40user.name",
        "https%3A%2F%2Fx.example%2F%40user.name",
        "AT&T",
        "R&D &amp; Q&A",
        "a &#64; b",
        "a%20%40%20b.com",
        "&#64;support &commat; \\u0040",
        "alice at example dot com",
        "alice [at] example.com, alice (at) example (dot) com",
        "alice=40example.com",
        "C:\\users\\ana",
        "%",
        "&",
        "\\",
        "&#",
        "&#x",
        "&#;",
        "&#xffffffff;",
        "&#99999999;",
        "\\u00",
        "\\ud800",
        "\\x",
        "%C3",
        "%4",
        "100% & 50%",
    ]);
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
        ("4111  1111  1111  1111", "[CARD]"),
        ("4111\t1111\t1111\t1111", "[CARD]"),
        ("4111\u{2014}1111\u{2212}1111\u{2013}1111", "[CARD]"),
        ("41111111 11111111, 411111 1111111111", "[CARD], [CARD]"),
        // No valid check digit, but nothing else has this form, either.
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
        ("111.444.77735, 111.444777-35", "[CPF], [CPF]"),
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
fn numbers_with_invisible_characters() {
    check(&[
        ("4111\u{200b}\u{200b}1111\u{ad}1111\u{2060}1111", "[CARD]"),
        ("4111 \u{200b}\u{200b}\u{200b}\u{200b}1111 1111 1111", "[CARD]"),
        ("+\u{200e}55 11 98765-4321", "[PHONE]"),
        ("111.\u{ad}444.777\u{200b}-35", "[CPF]"),
        ("19\u{200b}2.168\u{200b}.0.\u{200b}1", "[IP]"),
        ("ip:\u{200b}2001:db8::1\u{200b}fe80::1", "ip:\u{200b}[IP]\u{200b}[IP]"),
        ("2001:\u{200b}db8:\u{200b}:8a2e\u{ad}:370:7334.", "[IP]."),
        ("f\u{ad}e80:\u{200b}:1, ok", "[IP], ok"),
        ("2001:db8::\u{200b}8a2e:370:7334", "[IP]"),
        ("GB\u{200b}82 WEST\u{ad} 1234 5698 \u{200b}7654 3\u{200b}2 is mine", "[IBAN] is mine"),
        ("D\u{200b}E89370400440532013000", "[IBAN]"),
        ("12.A\u{ad}BC.345/\u{200b}01DE-35", "[CNPJ]"),
    ]);
}

#[test]
fn numbers_with_escaped_characters() {
    check(&[
        ("tel=%2B5511987654321&x=1", "tel=[PHONE]&x=1"),
        ("tel%3A%2B351%20912%20345%20678", "tel%3A[PHONE]"),
        (r#"{"phone":"\u002B351 912 345 678"}"#, r#"{"phone":"[PHONE]"}"#),
        ("&#43;351 912 345 678", "[PHONE]"),
        ("%2811%29%2098765-4321", "[PHONE]"),
        ("q%3D11987654321", "q%3D[PHONE]"),
        ("to%4011987654321", "to%40[PHONE]"),
        ("10%11987654321", "10%[PHONE]"),
        (r"id\x4111111111111111", r"id\x[CARD]"),
        (r"Call:\n11987654321\nnow", r"Call:\n[PHONE]\nnow"),
        ("card=4111%201111%201111%201111", "card=[CARD]"),
        ("4111&nbsp;1111&#160;1111&#xA0;1111", "[CARD]"),
        ("11.222.333%2F0001-81", "[CNPJ]"),
        (r"11.222.333\/0001-81", "[CNPJ]"),
        ("12.ABC.345%2F01DE-35", "[CNPJ]"),
        ("GB82%20WEST%201234%205698%207654%2032", "[IBAN]"),
        ("iban%3DDE89370400440532013000", "iban%3D[IBAN]"),
        (r"IBAN:\nDE89370400440532013000", r"IBAN:\n[IBAN]"),
        ("q%3D12.ABC.345/01DE-35", "q%3D[CNPJ]"),
        ("DE89\u{a0}3704\u{a0}0044\u{a0}0532\u{a0}0130\u{a0}00", "[IBAN]"),
        ("ip=2001%3Adb8%3A%3A1", "ip=[IP]"),
        (r"192\.168\.0\.1", "[IP]"),
        ("４１１１　１１１１　１１１１　１１１１", "[CARD]"),
        ("（11）98765－4321", "[PHONE]"),
    ]);
    check_untouched(&[
        "1)   2)   3)   4)   5)   6)   7)   8",
        "id%3A550e8400-e29b-41d4-a716-446655440000",
        "de%2010%20a%2020%25",
        "2024-05-01T10%3A30%3A45",
        "&#8212; &#8220;ok&#8221; &#128512;",
        r"\u00e9\u00e9 \ud83d\ude00",
    ]);
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
        "01310-100",
        "",
        "não há nada aqui 😀",
    ]);
}

#[test]
fn spoken_numbers() {
    check(&[
        ("my card is four one one one one one one one one one one one one one one one", "my card is [CARD]"),
        ("Card: FOUR one one one, one one one one, one one one one, one one one one.", "Card: [CARD]."),
        ("four triple one, double one double one, double one double one, one triple one", "[CARD]"),
        (
            "forty one eleven, eleven eleven, eleven eleven, eleven eleven is my card",
            "forty one eleven, eleven eleven, eleven eleven, eleven eleven is my card",
        ),
        ("my card number is forty one eleven, eleven eleven, eleven eleven, eleven eleven", "my card number is [CARD]"),
        ("call me on oh seven seven double oh, nine hundred, one two three", "call me on [PHONE]"),
        ("my number is four one five, uh, five five five, o one four three", "my number is [PHONE]"),
        ("meu cpf é um um um quatro quatro quatro sete sete sete três cinco", "meu cpf é [CPF]"),
        ("CPF: um um um ponto quatro quatro quatro ponto sete sete sete traço trinta e cinco", "CPF: [CPF]"),
        ("o cnpj é um um dois dois dois três três três zero zero zero um oito um", "o cnpj é [CNPJ]"),
        ("meu zap é onze nove oito sete meia cinco quatro três dois um", "meu zap é [PHONE]"),
        ("liga no vinte e um, nove oito sete meia cinco, quarenta e três vinte e um", "liga no [PHONE]"),
        (
            "anota aí: onze nove oito sete seis cinco, quatro três dois um",
            "anota aí: onze nove oito sete seis cinco, quatro três dois um",
        ),
        ("it is nine one two eight three four seven six five", "it is [NUMBER]"),
        (
            "agência zero zero um dois, conta três quatro cinco seis sete traço oito",
            "agência [BANK_ACCOUNT], conta [BANK_ACCOUNT]",
        ),
        ("o código de segurança é sete meia dois", "o código de segurança é [CVV]"),
        ("RG vinte e três quatro cinco seis sete oito nove", "RG [RG]"),
        ("my passport number is five three three four oh one three seven two", "my passport number is [PASSPORT]"),
        ("CEP zero um três um zero um zero zero", "CEP [CEP]"),
        (
            "cpf: um um um quatro quatro quatro sete sete sete três cinco, \
             cinco dois nove nove oito dois dois quatro sete dois cinco",
            "cpf: [CPF], [CPF]",
        ),
        // "am" is no unit of so long a number.
        (
            "my card is four one one one one one one one one one one one one one one one am I right",
            "my card is [CARD] am I right",
        ),
    ]);
    check_untouched(&[
        "one two three, testing one two three",
        "I have one or two questions and three complaints",
        "call me at nine thirty or at ten",
        "ten nine eight seven six five four three two one zero",
        "um dois três quatro cinco seis sete oito nove dez",
        "press one, two, three or four",
        "custou dois mil e quinhentos reais em dez vezes",
        "cheguei às dez e meia, saí às nove e meia",
        "meia dúzia de ovos, uma vez, duas vezes, três vezes",
        "twenty twenty was worse than nineteen eighty four",
        "my call took forty five minutes, then sixty more minutes",
        "order number four four one nine two two eight three one",
        "protocolo dois zero dois quatro um um três zero um dois",
    ]);
}

#[test]
fn digits_written_singly() {
    check(&[
        ("card 4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1.", "card [CARD]."),
        ("4-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1", "[CARD]"),
        ("4,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1", "[CARD]"),
        ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1, 5 5 5 5 5 5 5 5 5 5 5 5 4 4 4 4", "[CARD], [CARD]"),
        ("CPF 1 1 1, 4 4 4, 7 7 7, 3 5", "CPF [CPF]"),
        ("phone: 4 1 5. 5 5 5. 0 1 4 3.", "phone: [PHONE]."),
        ("cvv 1 2 7, validade 10/29", "cvv [CVV], validade 10/29"),
        ("celular 11 9 87 65 43 21", "celular [PHONE]"),
        ("it is 7 7 3 2 5 1 9 2 4 8", "it is [PHONE]"),
        ("it is 7 7 3 0 5 1 9 2 4 8", "it is [NUMBER]"),
    ]);
    check_untouched(&["1 2 3 4 5 6 7 8 9 10", "9 8 7 6 5 4 3 2 1", "we won 2 1, 3 2 and 1 0", "10 20 30 40 50"]);
}

#[test]
fn spoken_addresses() {
    check(&[
        ("my email is ana dot souza at example dot com", "my email is [EMAIL]"),
        ("e-mail: ana ponto souza arroba exemplo ponto com ponto br, tá?", "e-mail: [EMAIL], tá?"),
        ("ana underline souza arroba uol ponto com ponto br", "[EMAIL]"),
        ("Ana.Souza arroba gmail.com", "[EMAIL]"),
        ("joe hyphen smith at shop dot co dot uk", "[EMAIL]"),
        ("o e-mail é maria silva arroba padaria traço central ponto com", "o e-mail é [EMAIL]"),
        ("email: j o e um dois três arroba terra ponto com", "email: [EMAIL]"),
        ("write to joe at gmail dot com please", "write to [EMAIL] please"),
        ("ana@gmail ponto com", "[EMAIL]"),
        ("meu e-mail é ana arroba uol ponto com ponto.", "meu e-mail é [EMAIL] ponto."),
        ("ana@exemplo dot com dot br", "[EMAIL]"),
        ("what is your e-mail? it is joe at acme dot com", "what is your e-mail? it is [EMAIL]"),
    ]);
    check_untouched(&[
        "alice at example dot com",
        "look at example dot com",
        "my email is down, look at example dot com slash status",
        "comprei dez arrobas, marcamos um ponto com o vendedor",
        "a loja ponto com não entrega",
        "meet me at the dot",
        "at gmail they said no",
    ]);
}

#[test]
fn brazilian_documents() {
    check(&[
        ("RG 12.345.678-9, SSP/SP", "RG [RG], SSP/SP"),
        ("identidade MG-12.345.678", "identidade [RG]"),
        ("R.G. nº 20350670-X", "R.G. nº [RG]"),
        ("carteira de identidade: 1234567", "carteira de identidade: [RG]"),
        ("CNH 01234567890", "CNH [CNH]"),
        ("minha habilitação é a 01234567890", "minha habilitação é a [CNH]"),
        ("CEP 01310-100", "CEP [CEP]"),
        ("o cep é 01310100, São Paulo", "o cep é [CEP], São Paulo"),
        ("chave pix: 550e8400-e29b-41d4-a716-446655440000", "chave pix: [PIX]"),
        ("chave pix: 111.444.777-35", "chave pix: [CPF]"),
        ("chave pix: 11987654321", "chave pix: [PHONE]"),
        ("RG: 12.345.678-9 CPF: 111.444.777-35", "RG: [RG] CPF: [CPF]"),
        ("passaporte FZ123456", "passaporte [PASSPORT]"),
        ("meu passaporte é o FZ 123456", "meu passaporte é o [PASSPORT]"),
        ("RG MG 12.345.678", "RG [RG]"),
        ("CEP 01310 100", "CEP [CEP]"),
        ("agência e conta: 0417, 33821-7", "agência e conta: [BANK_ACCOUNT], [BANK_ACCOUNT]"),
        ("a conta da agência 0123 é 45678-9", "a conta da agência [BANK_ACCOUNT] é [BANK_ACCOUNT]"),
        ("ligue para o 0800 123 4567 ou 4004 1234", "ligue para o [PHONE] ou [PHONE]"),
        ("Agência: 1234 Conta: 56789-0", "Agência: [BANK_ACCOUNT] Conta: [BANK_ACCOUNT]"),
        ("ag 1234-5, c/c 12.345-6", "ag [BANK_ACCOUNT], c/c [BANK_ACCOUNT]"),
        ("conta poupança 0012345-6", "conta poupança [BANK_ACCOUNT]"),
    ]);
    check_untouched(&[
        "RG vencido há 3 anos",
        "CEP com 8 dígitos",
        "a CNH custa 2000 reais",
        "a agência abre às 10 e fecha às 16",
        "a conta de 12/2023 veio com 1500 minutos",
        "a conta de luz de 250,90",
        "fiz um pix de 1500 reais em 2024",
        "custa 1,5 ou 2,5",
        "id 550e8400-e29b-41d4-a716-446655440000",
    ]);
}

#[test]
fn documents_and_accounts_of_other_countries() {
    check(&[
        ("passport number: 533401372", "passport number: [PASSPORT]"),
        ("Agent: Passport number? Customer: It's AB1234567.", "Agent: Passport number? Customer: It's [PASSPORT]."),
        ("my account number is 31926819", "my account number is [BANK_ACCOUNT]"),
        ("savings account 0012345678, sort code 20-45-77", "savings account [BANK_ACCOUNT], sort code [BANK_ACCOUNT]"),
        ("my mobile is 0412 345 678", "my mobile is [PHONE]"),
        ("phone 555-0143", "phone [PHONE]"),
    ]);
    check_untouched(&[
        "my passport expires in 2027",
        "passport control took 90 minutes",
        "I opened the account in 2019 and paid 1200 dollars",
        "my account is 30 days late",
        "call me in 2 days, between 10 and 12",
    ]);
}

#[test]
fn security_codes() {
    check(&[
        ("CVV 123", "CVV [CVV]"),
        ("cvc: 1234.", "cvc: [CVV]."),
        ("security code is 042", "security code is [CVV]"),
        ("código de segurança do cartão: 731", "código de segurança do cartão: [CVV]"),
        ("os três números atrás são 731", "os três números atrás são [CVV]"),
        ("Agent: CVV?\nCustomer: 815", "Agent: CVV?\nCustomer: [CVV]"),
        ("C.V.V. 123", "C.V.V. [CVV]"),
        ("CVV… 123", "CVV… [CVV]"),
    ]);
    check_untouched(&[
        "the cvv has 3 digits",
        "cvv 12345",
        "room 123, postal rate 456",
        "the security guard took 123 bags",
        "my order has 123 items on the back",
    ]);
}

#[test]
fn dates_of_birth() {
    check(&[
        ("nasci em 12/05/1990", "nasci em [BIRTH_DATE]"),
        ("Data de nascimento: 1990-05-12.", "Data de nascimento: [BIRTH_DATE]."),
        ("DOB 12.05.90", "DOB [BIRTH_DATE]"),
        ("born on May 5th, 1990 in Leeds", "born on [BIRTH_DATE] in Leeds"),
        ("born on the 5th of May 1990", "born on the [BIRTH_DATE]"),
        ("nascido em 1º de maio de 1990", "nascido em [BIRTH_DATE]"),
        ("nasci em doze de maio de mil novecentos e noventa", "nasci em [BIRTH_DATE]"),
        ("my date of birth is the fifth of may nineteen ninety", "my date of birth is the [BIRTH_DATE]"),
        ("date of birth (DD/MM/YYYY): 12 / 05 / 1990", "date of birth (DD/MM/YYYY): [BIRTH_DATE]"),
        ("meu aniversário é 12/05", "meu aniversário é [BIRTH_DATE]"),
        ("nasci dia 5 do 8 de 1975", "nasci dia [BIRTH_DATE]"),
        ("nasci em cinco do oito de setenta e cinco", "nasci em [BIRTH_DATE]"),
        ("my dob is 12 03 1985", "my dob is [BIRTH_DATE]"),
        (
            "Agent: And your date of birth? Customer: Sure, 12 May 1990.",
            "Agent: And your date of birth? Customer: Sure, [BIRTH_DATE].",
        ),
    ]);
    check_untouched(&[
        "due on 12/05/1990",
        "I was born in 1990",
        "the contract began on May 5th, 1990",
        "aniversário de casamento: 12/05/2020",
        "born in Leeds. The bill of 12/05/2020 is wrong",
        "nasci no dia da final, 3 a 1",
    ]);
}

#[test]
fn codes_that_are_no_personal_data() {
    check_untouched(&[
        "version 1.2.3.4, firmware v10.0.4.12, release 5.1.0.33",
        "a versão 8.15.0.2 travou",
        "see section 4.2.1.3",
        "EAN 7891000315507, ISBN 978-85-359-0277-5",
        "order 702-4481937-5520417",
        "protocolo nº 20240512345678",
        "ticket: 4400918273645",
        "número do pedido: 11987654321",
        "nota fiscal 000.482.117",
    ]);
    check(&[
        ("IMEI 490154203237518", "IMEI [NUMBER]"),
        ("o código é 34191.79001 01043.510047 91020.150008 5 96610000014500", "o código é [NUMBER]"),
        ("836200000005 667800481000 180975657313 001589636081", "[NUMBER]"),
        ("server 1.2.3.4 runs version 2.0.1.7", "server [IP] runs version 2.0.1.7"),
        // A number in the form of personal data is not an order's.
        ("pedido pago com 4111 1111 1111 1111", "pedido pago com [CARD]"),
        ("order 111.444.777-35", "order [CPF]"),
    ]);
}

#[test]
fn an_excluded_kind_is_left_alone() {
    let text = "11144477735 4111111111111111";
    let redactor = Redactor::default().without(PersonalData::Cpf);
    assert_eq!(redactor.redact(text), "11144477735 [CARD]");
}

#[test]
fn only_the_chosen_kinds_are_found() {
    let text = "ana@example.com, cvv 123, CPF 111.444.777-35, my cvv is two one six";
    let redactor = Redactor::default().only([PersonalData::Cvv, PersonalData::Email]);
    assert_eq!(redactor.redact(text), "[EMAIL], cvv [CVV], CPF 111.444.777-35, my cvv is [CVV]");
    assert_eq!(redactor.without(PersonalData::Email).redact("ana@example.com"), "ana@example.com");
    assert_eq!(Redactor::default().only([]).redact(text), text);
    assert_eq!(Redactor::default().only(PersonalData::ALL).redact(text), Redactor::default().redact(text));
}

#[test]
fn numbers_of_orders_are_found_on_demand() {
    let redactor = Redactor::default().order_numbers(true);
    for (text, expected) in [
        ("order 123456", "order [NUMBER]"),
        ("protocolo nº 20240512345678, aberto em 12/05/2024", "protocolo nº [NUMBER], aberto em 12/05/2024"),
        ("order 702-4481937-5520417.", "order [NUMBER]."),
        ("ticket number four four one nine two", "ticket number [NUMBER]"),
        ("I ordered 123456 of them", "I ordered 123456 of them"),
    ] {
        assert_eq!(redactor.redact(text), expected);
        assert_eq!(redactor.order_numbers(false).redact(text), text);
    }
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
        prop::sample::select(
            &[
                "one ",
                "two ",
                "double ",
                "três ",
                "vinte e ",
                "mil ",
                "cvv ",
                "RG ",
                "conta ",
                "nasci em ",
                "maio ",
                " at ",
                " dot com",
                "arroba ",
                "order ",
            ][..]
        )
        .prop_map(str::to_owned),
        prop::sample::select(AT_SIGNS).prop_map(str::to_owned),
        "[%&\\\\][#u25x40;]{0,6}",
        "[\u{ad}\u{200b}＠。．]{1,2}",
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
}

/// A character, in one of the ways in which it may be escaped.
fn written(c: char) -> impl Strategy<Value = String> {
    let code = u32::from(c);
    prop::sample::select(vec![
        c.to_string(),
        format!("%{code:02X}"),
        format!("%25{code:02x}"),
        format!("&#{code};"),
        format!("&#x{code:x};"),
        format!("&#X{code:04X};"),
        format!("&amp;#{code};"),
        format!("\\u{code:04x}"),
        format!("\\u{code:04X}"),
        format!("\\\\u{code:04x}"),
        format!("\\x{code:02x}"),
    ])
}

/// Possibly an invisible character.
fn unseen() -> impl Strategy<Value = String> {
    "[\u{ad}\u{200b}-\u{200f}\u{202a}-\u{202e}\u{2060}-\u{206f}\u{feff}\u{61c}\u{fe0f}]{0,2}"
}

/// The parts with invisible characters between them.
fn interspersed(parts: Vec<String>) -> impl Strategy<Value = String> {
    prop::collection::vec(unseen(), parts.len()).prop_map(move |unseen| {
        let parts = parts.iter().zip(unseen).enumerate();
        parts.map(|(i, (part, unseen))| if i == 0 { part.clone() } else { unseen + part }).collect()
    })
}

fn address() -> impl Strategy<Value = String> {
    "[a-z0-9]{1,12}([._+-][a-z0-9]{1,8})?@[a-z]([a-z0-9-]{0,8}[a-z0-9])?(\\.[a-z]{1,6})?\\.(com|org|br)"
}

/// Personal data in the forms of numbers and letters without escapes.
const NUMBERS: &[(&str, &str)] = &[
    ("4111111111111111", "[CARD]"),
    ("4111 1111-1111 1111", "[CARD]"),
    ("111.444.777-35", "[CPF]"),
    ("11.222.333/0001-81", "[CNPJ]"),
    ("12.ABC.345/01DE-35", "[CNPJ]"),
    ("GB82 WEST 1234 5698 7654 32", "[IBAN]"),
    ("BR1800360305000010009795493C1", "[IBAN]"),
    ("192.168.0.1", "[IP]"),
    ("2001:db8::8a2e:370:7334", "[IP]"),
    ("+55 (11) 98765-4321", "[PHONE]"),
    ("+351 912 345 678", "[PHONE]"),
];

fn single_characters(text: &str) -> Vec<String> {
    text.chars().map(String::from).collect()
}

proptest! {
    #[test]
    fn an_address_is_found_with_invisible_characters_inside(
        text in address().prop_flat_map(|address| interspersed(single_characters(&address))),
    ) {
        prop_assert_eq!(redact(&format!("to <{text}>.")), "to <[EMAIL]>.");
        prop_assert_eq!(redact(&text), "[EMAIL]");
    }

    #[test]
    fn an_address_is_found_with_every_form_of_the_at_sign(
        text in (address(), prop::sample::select(AT_SIGNS)).prop_flat_map(|(address, sign)| {
            let (local, domain) = address.split_once('@').unwrap_or_default();
            interspersed([single_characters(local), vec![sign.to_owned()], single_characters(domain)].concat())
        }),
    ) {
        prop_assert_eq!(redact(&format!("to <{text}>.")), "to <[EMAIL]>.");
        prop_assert_eq!(redact(&text), "[EMAIL]");
    }

    #[test]
    fn an_address_is_found_whatever_is_escaped(
        text in address().prop_flat_map(|address| {
            address.chars().map(written).collect::<Vec<_>>().prop_map(|parts| parts.concat())
        }),
    ) {
        prop_assert_eq!(redact(&format!("to <{text}>.")), "to <[EMAIL]>.");
        prop_assert_eq!(redact(&text), "[EMAIL]");
    }

    #[test]
    fn an_address_is_found_in_any_context(
        before in text(),
        address in "[a-z][a-z0-9]{0,9}@shop\\.example",
        after in text(),
    ) {
        let redacted = redact(&format!("{before} {address} {after}"));
        prop_assert!(redacted.contains("[EMAIL]") && !redacted.contains(&address), "{}", redacted);
    }

    #[test]
    fn a_number_is_found_with_invisible_characters_inside(
        (text, tag) in prop::sample::select(NUMBERS).prop_flat_map(|(number, tag)| {
            (interspersed(single_characters(number)), Just(tag))
        }),
    ) {
        prop_assert_eq!(redact(&text), tag);
    }

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
    fn redaction_is_idempotent_at_its_tags(text in text()) {
        let redacted = redact(&text);
        prop_assert_eq!(redacted.contains('@') && !text.contains('@'), false);
        for kind in PersonalData::ALL {
            prop_assert_eq!(redact(kind.tag()), kind.tag());
        }
    }

    #[test]
    fn a_card_is_found_in_any_context(before in "[a-z ,.]{0,10}", after in "[a-z,.]{0,10}") {
        let text = format!("{before} 4111111111111111 {after}");
        prop_assert!(redact(&text).contains("[CARD]"));
    }

    #[test]
    fn words_are_left_alone(text in "[a-zA-Zçãé .,!?'\"-]{0,200}") {
        prop_assert_eq!(redact(&text), text);
    }
}

/// Numbers with check digits.
const CHECKED: &[(&str, &str)] =
    &[("4111111111111111", "[CARD]"), ("11144477735", "[CPF]"), ("11222333000181", "[CNPJ]")];

/// The words of digits in each language.
const SPOKEN: [&[&str]; 2] = [
    &["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
    &["zero", "um", "dois", "três", "quatro", "cinco", "seis", "sete", "oito", "nove"],
];

proptest! {
    #[test]
    fn a_spoken_number_is_found_in_any_context(
        // Without words that say what the number is.
        before in "[x-z ,.]{0,70}",
        (number, tag) in prop::sample::select(CHECKED),
        words in prop::sample::select(&SPOKEN[..]),
        gaps in prop::collection::vec(prop::sample::select(&[" ", ", ", "-"][..]), 20),
        after in "(, [x-z,.]{0,20})?",
    ) {
        let digits = number.bytes().map(|digit| words[usize::from(digit - b'0')]);
        let spoken: String = digits.zip(gaps).map(|(word, gap)| format!("{word}{gap}")).collect();
        let text = format!("{before} : {}{after}", spoken.trim_end_matches([' ', ',', '-']));
        let redacted = redact(&text);
        prop_assert!(redacted.contains(tag), "{} from {}", redacted, text);
    }

    #[test]
    fn what_is_chosen_does_not_change_what_else_is_found(
        text in text(),
        kind in prop::sample::select(&PersonalData::ALL[..]),
    ) {
        let all: Vec<Finding> = Redactor::default().find(&text).collect();
        let only: Vec<Finding> = Redactor::default().only([kind]).find(&text).collect();
        let rest: Vec<Finding> = Redactor::default().without(kind).find(&text).collect();
        let (of_kind, others): (Vec<Finding>, Vec<Finding>) = all.into_iter().partition(|found| found.kind == kind);
        prop_assert_eq!((only, rest), (of_kind, others));
    }
}

/// A pass that restarted at each unit would take a minute for each text.
#[test]
fn hostile_texts_are_read_in_one_pass() {
    const UNITS: &[&str] = &[
        "1 ",
        "1.",
        "1-",
        "@",
        "a@",
        "1:",
        ":",
        "(1",
        "+1",
        "1/",
        "１",
        "f0",
        "GB82 ",
        "1\u{200b}",
        "a",
        "1a",
        "a.",
        "1_",
        "é1",
        "%",
        "&",
        "\\",
        "%40",
        "a%40",
        "1%40",
        "%25",
        "%2540",
        "&#64;",
        "1&#64;",
        "&#",
        "&#1",
        "&amp;",
        "&amp;#64;",
        "\\u0040",
        "1\\u0040",
        "\\u",
        "\\n",
        "\\n1",
        "\\x",
        "\u{ad}",
        "\u{ad}@",
        "a\u{ad}@",
        "1\u{ad}@",
        "1a\u{ad}",
        "GB1\u{ad}",
        "A1.\u{ad}",
        "1\u{ad}:",
        "。",
        "@a。",
        "a@a.",
        "1@a.a",
        "%C3%A9",
        "%20",
        "1%20",
        "%2B1",
        "123456789.",
        "a@1.1.",
        "；",
        "12.ABC.345/01DE-36",
        "one ",
        "um ",
        "vinte e ",
        "double ",
        "1, ",
        "1 one ",
        "dot ",
        "at ",
        "arroba ",
        "a at b dot ",
        "ponto com ",
        "cvv ",
        "cvv 1 ",
        "123 ",
        "born 5 may ",
        "de mil ",
        "5 de ",
        "D.",
        "x. ",
    ];
    for unit in UNITS {
        for end in ["", "@example.com"] {
            let text = unit.repeat(20_000) + end;
            let findings = Redactor::default().find(&text).count();
            assert!(findings <= text.len(), "{unit}");
        }
    }
}
