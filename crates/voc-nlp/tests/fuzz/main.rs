//! The fuzz targets on their seeds and on random texts: as much fuzzing as stable Rust can do.

#![expect(clippy::expect_used, reason = "helpers of tests may fail the test")]

mod bodies;
mod calibration;
mod formats;
mod weights;

use std::path::Path;

use proptest::prelude::*;

type Body = fn(&[u8]);

const TARGETS: [(&str, Body); 14] = [
    ("words", bodies::words),
    ("turns", bodies::turns),
    ("redaction", bodies::redaction),
    ("taxonomy", bodies::taxonomy),
    ("weights", bodies::weights),
    ("json", formats::json),
    ("web_vtt", formats::web_vtt),
    ("sub_rip", formats::sub_rip),
    ("ttml", formats::ttml),
    ("html", formats::html),
    ("rows", formats::rows),
    ("chats", formats::chats),
    ("given_turns", formats::given_turns),
    ("calibration", bodies::calibration),
];

#[test]
fn seeds() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
    let seeds_of = |target: &str| -> Vec<Vec<u8>> {
        let files = std::fs::read_dir(corpus.join(target)).unwrap();
        files.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    };
    // The input of one target may be interesting for the others, too.
    let seeds: Vec<Vec<u8>> = TARGETS.iter().flat_map(|(target, _)| seeds_of(target)).collect();
    assert!(seeds.len() >= TARGETS.len());
    for (_, run) in TARGETS {
        seeds.iter().for_each(|seed| run(seed));
    }
}

#[test]
fn hostile_texts() {
    let texts = [
        "".to_owned(),
        " \t\r\n\u{a0}".to_owned(),
        "😡".to_owned(),
        "\u{202e}\u{200f}\u{200b}\u{feff}\u{2066}".repeat(500),
        "\u{0}\u{1b}[31m\u{7f}\u{85}".repeat(500),
        "a".repeat(30_000),
        "ão".repeat(15_000),
        "!".repeat(30_000),
        "Agent: ".repeat(4_000),
        "\nA: x".repeat(5_000),
        "1".repeat(30_000),
        "@".repeat(5_000),
        "e\u{301}".repeat(12_000),
        "((((".repeat(5_000),
        "Z\u{300}\u{301}\u{302}\u{303}".repeat(4_000),
        "Agent:\u{2028}Customer:\u{2029}".repeat(1_000),
    ];
    for (_, run) in TARGETS {
        texts.iter().for_each(|text| run(text.as_bytes()));
    }
}

#[test]
fn a_text_of_20_megabytes() {
    let turn = "Customer: é péssimo, call (11) 98765-4321!\n";
    let text = turn.repeat(20_000_000 / turn.len());
    let stage = voc_nlp::CallStage::default();
    assert!(voc_nlp::FastStage::annotate(&stage, &text).truncated);
    assert!(stage.report(&voc_nlp::Conversation::parse(&text)).call.truncated);
}

/// Pieces with a meaning for one of the targets.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "Agent: ",
        "Cliente:",
        "\n",
        "[00:12] ",
        "**",
        "not ",
        "good",
        "péssimo",
        "!!!",
        ":)",
        "soooo ",
        "GREAT",
        "but ",
        "4111",
        " 1111",
        "11.222.333/0001-81",
        "@x.com",
        "+55 ",
        "(11) ",
        "::",
        "\u{200b}",
        "\u{202e}",
        "é",
        "e\u{301}",
        "don't",
        ". ",
        "🙂",
    ]);
    prop_oneof![
        4 => known.prop_map(|known| known.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..12),
    ]
}

proptest! {
    #[test]
    fn random_texts(pieces in prop::collection::vec(piece(), 0..40)) {
        let data = pieces.concat();
        for (_, run) in TARGETS {
            run(&data);
        }
    }
}

/// Decisions of what is said, how it is written and what befalls it.
fn decisions() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..160)
}

proptest! {
    #[test]
    fn json(data in decisions()) {
        formats::json(&data);
    }

    #[test]
    fn web_vtt(data in decisions()) {
        formats::web_vtt(&data);
    }

    #[test]
    fn sub_rip(data in decisions()) {
        formats::sub_rip(&data);
    }

    #[test]
    fn ttml(data in decisions()) {
        formats::ttml(&data);
    }

    #[test]
    fn html(data in decisions()) {
        formats::html(&data);
    }

    #[test]
    fn rows(data in decisions()) {
        formats::rows(&data);
    }

    #[test]
    fn chats(data in decisions()) {
        formats::chats(&data);
    }

    #[test]
    fn given_turns(data in decisions()) {
        formats::given_turns(&data);
    }
}
