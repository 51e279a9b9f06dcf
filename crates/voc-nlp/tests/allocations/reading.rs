//! Reading a transcript takes work in proportion to its length, whatever it is. Work is counted in bytes of allocated
//! memory: what is copied, and what is kept.

use voc_nlp::{CallStage, Conversation};

use super::ALLOCATED;

/// Bytes allocated while a text is read.
fn cost(text: &str) -> usize {
    let before = ALLOCATED.get();
    drop(Conversation::parse(text));
    ALLOCATED.get() - before
}

/// As much as is read of a transcript in a format that is not plain text.
const MOST: usize = 80_000;

/// Texts that make a reader with a loop in a loop, or with copies of copies, slow. Each is made of a beginning, parts
/// that are repeated, and an end.
const HOSTILE: [(&str, &str, &str, &str); 34] = [
    ("brackets", "", "[", ""),
    ("braces", "", "{\"a\":", ""),
    ("lists in lists of text", "[", "[\"x\",", ""),
    ("objects", "[", "{\"speaker\":\"a\",\"text\":\"x\"},", "]"),
    ("numbered people", "{\"users\":[", "{},", "],\"m\":[{\"user\":5,\"text\":\"x\"}]}"),
    ("a long name", "", "{\"speaker\":1,\"text\":\"x\"},", ""),
    ("maps of maps", "{\"m\":{", "\"k\":{\"from\":\"a\",\"text\":\"x\"},", "}}"),
    (
        "sources",
        "{\"a\":[{\"author\":\"x\",\"body\":\"y\"}],",
        "\"source\":{\"author\":\"x\",\"body\":\"y\"},",
        "\"z\":1}",
    ),
    (
        "lists beside sources",
        "{\"source\":{\"author\":\"x\",\"body\":\"y\"},",
        "\"a\":[{\"author\":\"x\",\"body\":\"y\"}],",
        "\"z\":1}",
    ),
    ("spans", "[", "{\"speaker\":1,\"start\":0.5,\"end\":1.5},[{\"text\":\"x\",\"start\":1,\"end\":2}],", "]"),
    ("quotes", "[\"", "\" ", ""),
    ("escapes", "[\"", "\\u12\\", ""),
    ("arrows", "WEBVTT\n\n", "0:01 --> 0:02\nx\n", ""),
    ("voices", "WEBVTT\n\n0:01 --> 0:02\n", "<v a>x", ""),
    ("voices that do not end", "WEBVTT\n\n0:01 --> 0:02\n", "<v ", ""),
    ("tags that do not end", "<p>", "<b ", ""),
    ("tags with quotes", "<p>", "<b a='\"", ""),
    ("declarations", "<p>", "<!a ", ""),
    ("comments", "<p>", "<!-- ", ""),
    ("emphasis", "<p>", "<b>\n</b>", ""),
    ("lines", "<div data-speaker=\"Maria\">", "<br>x", ""),
    ("tables", "", "<table><tr><td>x", ""),
    ("scopes", "", "<p class=agent>x<p class=customer>y", ""),
    ("names of agents", "<tt begin=\"1s\"><ttm:agent xml:id=\"a\"><ttm:name>", "x<b>", "</ttm:name>"),
    ("paragraphs", "<tt begin=\"1s\"><ttm:agent xml:id=\"a\"><ttm:name>x</ttm:name>", "<p ttm:agent=\"a\">x", ""),
    ("columns", "speaker,text\n", "a,b\n", ""),
    ("quoted cells", "speaker,text\n", "\"\" \"", ""),
    ("time codes", "", "a [0:01] ", ""),
    ("time codes in a line of capitals", "", "A [0:01] ", ""),
    ("escaped line ends", "", "\\n1:1 Maria - ", "\n"),
    ("labels", "", "A: x\n", ""),
    ("durations", "Maria - ", "1 hour ", "\nhello"),
    ("references", "<p>", "&#x41;&amp;&", ""),
    ("dashes", "", "-\n", ""),
];

fn hostile(start: &str, part: &str, end: &str, len: usize) -> String {
    [start, &part.repeat(len.saturating_sub(start.len() + end.len()) / part.len()), end].concat()
}

#[test]
fn memory_grows_no_faster_than_the_text() {
    // The automaton of the roles' phrases is built once.
    cost("SPEAKER_00: hello\nSPEAKER_01: hello");
    for (name, start, part, end) in HOSTILE {
        let [half, whole] = [MOST / 2, MOST].map(|len| cost(&hostile(start, part, end, len)));
        println!("{name:32} {:4} bytes for a byte", whole / MOST);
        assert!(whole <= 3 * half + 100_000, "{name}: {half} bytes for a half, {whole} for the whole");
        assert!(whole <= 250 * MOST, "{name}: {whole} bytes");
    }
}

#[test]
fn names_of_any_length_are_not_kept_for_each_turn() {
    let name = "Maria ".repeat(MOST / 12);
    let rest = |part: &str| part.repeat(MOST / 2 / part.len());
    for (kind, text) in [
        (
            "people",
            format!(
                "{{\"users\":[{{\"id\":1,\"name\":\"{name}\"}}],\"m\":[{}]}}",
                rest("{\"userid\":1,\"text\":\"x\"},")
            ),
        ),
        ("attributes", format!("<div data-speaker=\"{}\">{}</div>", &name[..2_000], rest("<br>x"))),
        (
            "agents",
            format!(
                "<tt begin=\"1s\"><ttm:agent xml:id=\"a\"><ttm:name>{name}</ttm:name>{}",
                rest("<p ttm:agent=\"a\">x")
            ),
        ),
        (
            "sources",
            format!(
                "{{\"source\":{{\"author\":\"x\",\"body\":\"{name}\"}},\"p\":{{{}}}}}",
                rest("\"a\":[{\"author\":\"x\",\"body\":\"y\"}],")
            ),
        ),
        ("one cell", format!("speaker,text\n{}", rest(&format!("{},x\n", &name[..300])))),
    ] {
        let cost = cost(&text);
        println!("{kind:32} {:4} bytes for a byte", cost / MOST);
        assert!(cost <= 250 * MOST, "{kind}: {cost} bytes");
    }
}

/// Each level of channels in channels would double the work.
#[test]
fn channels_in_channels_are_read_once() {
    let words = "{\"word\":\"hello\",\"start\":0.5,\"end\":1},".repeat(1_000);
    let mut text = format!("{{\"words\":[{words}]}}");
    for _ in 0..14 {
        text = format!("{{\"channels\":[{text},{{}}]}}");
    }
    for _ in 0..2 {
        // Nesting begins anew in a string.
        text = format!("{{\"channels\":[{{\"a\":{}}},{{}}]}}", serde_json::Value::from(text));
    }
    let text = text.get(..MOST).unwrap_or(&text);
    let cost = cost(text);
    assert!(cost <= 1_000 * text.len(), "{cost} bytes for {}", text.len());
}

#[test]
fn reports_of_many_speakers_are_made() {
    let turns: String = (0..5_000).map(|number| format!("{{\"speaker\":\"n{number}\",\"text\":\"x\"}},")).collect();
    let text = format!("[{turns}]");
    let conversation = Conversation::parse(&text);
    let report = CallStage::default().report(&conversation);
    assert_eq!(report.speakers.len(), report.turns.len());
}
