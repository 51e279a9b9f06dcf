//! JSON as chats, contact centres, language models and speech recognition write it.

use super::Document;
use super::script::{Bytes, Said, Script};

/// A string of JSON.
pub(super) fn string(text: &str) -> String {
    let mut string = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => string.extend(['\\', c]),
            '\n' => string.push_str("\\n"),
            '\t' => string.push_str("\\t"),
            c => string.push(c),
        }
    }
    string + "\""
}

/// The same with every character that is not ASCII escaped.
fn ascii_string(text: &str) -> String {
    let escaped = |c: char| match c {
        c if c.is_ascii() => c.to_string(),
        c => c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
    };
    string(text).chars().map(escaped).collect()
}

/// The keys of the speaker and of the text, and the names of the agent and the customer.
const KEYS: [[&str; 4]; 7] = [
    ["role", "content", "agent", "customer"],
    ["speaker", "text", "Agent", "Customer"],
    ["From", "Message", "Agent", "Client"],
    ["ParticipantRole", "Content", "AGENT", "CUSTOMER"],
    ["papel", "mensagem", "atendente", "cliente"],
    ["author_type", "body", "human_agent", "end_user"],
    ["speaker", "transcript", "Atendente", "Usuário"],
];

/// The keys of the start and the end, and the length of their unit in milliseconds.
const TIMES: [(&str, &str, f64); 4] = [
    ("start_ms", "end_ms", 1.0),
    ("start", "end", 1000.0),
    ("BeginOffsetMillis", "EndOffsetMillis", 1.0),
    ("startTimeSeconds", "endTimeSeconds", 1000.0),
];

/// Fields that say nothing.
const OTHERS: [&str; 6] = [
    "\"id\": 7, ",
    "\"confidence\": 0.99, ",
    "\"sentiment\": null, \"ok\": true, ",
    "\"tags\": [], \"meta\": {}, ",
    "\"huge\": 1e999, \"minus\": -12.5e-3, ",
    "",
];

pub(super) fn document(bytes: &mut Bytes<'_>, script: Script) -> Document {
    let [speaker_key, text_key, agent, customer] = bytes.one(&KEYS);
    let string: Quote = if bytes.is_odd() { ascii_string } else { string };
    let times = bytes.below(TIMES.len() + 1);
    let (newline, separator) = bytes.one(&[("", ", "), ("\n  ", ",\n  "), ("", ","), ("\n", ",\n")]);
    let turn = |said: &Said, other: &str| {
        let name = if said.name() == "Agent" { agent } else { customer };
        let times = TIMES.get(times).map_or_else(String::new, |(start, end, unit)| {
            let seconds = |millis: u64| {
                let number = millis as f64 / unit;
                if *unit == 1.0 { format!("{number}") } else { format!("{number:.3}") }
            };
            format!("\"{start}\": {}, \"{end}\": {}, ", seconds(said.start_ms), seconds(said.end_ms))
        });
        format!("{{{other}{times}\"{speaker_key}\": {}, \"{text_key}\": {}}}", string(name), string(&said.text))
    };
    let turns: Vec<_> = script.said.iter().map(|said| turn(said, bytes.one(&OTHERS))).collect();
    let list = format!("[{newline}{}{newline}]", turns.join(separator));
    let shape = bytes.below(12);
    let text = match shape {
        8 => contact_lens(&script, string),
        9 => vcon(&script, string),
        10 => conversation_parts(&script, string),
        11 => exchange(&script, string),
        0 => list,
        1 => format!("{{\"messages\": {list}}}"),
        2 => format!("{{\"id\": \"x1\", \"data\": {{\"Transcript\": {list}, \"end\": null}}}}"),
        3 => turns.join("\n"),
        4 => format!("{{\"transcript\": {}, \"n\": 3}}", string(&list)),
        5 => format!("[[{list}]]"),
        6 => format!("{{\"results\": [{{\"utterances\": {list}}}], \"metadata\": {{\"duration\": 12.5}}}}"),
        _ => format!("\u{feff} {{\"conversation\": {{\"turns\": {list}}}}}\n"),
    };
    // Whole numbers of seconds or milliseconds are told apart by how long turns are.
    let is_timed = shape < 8 && times < TIMES.len();
    Document { text, said: script.said, is_timed }
}

/// Writes a string of JSON.
type Quote = fn(&str) -> String;

fn joined(script: &Script, turn: impl Fn(&Said) -> String) -> String {
    script.said.iter().map(turn).collect::<Vec<_>>().join(", ")
}

/// Participants, and turns that name them by their identifiers.
fn contact_lens(script: &Script, quote: Quote) -> String {
    let turn = |said: &Said| {
        let id = said.name().to_lowercase().len();
        format!("{{\"ParticipantId\": \"p{id}\", \"Id\": \"t\", \"Content\": {}}}", quote(&said.text))
    };
    format!(
        "{{\"Version\": \"1.1.0\", \"Participants\": [{{\"ParticipantId\": \"p5\", \"ParticipantRole\": \"AGENT\"}}, \
         {{\"ParticipantId\": \"p8\", \"ParticipantRole\": \"CUSTOMER\"}}], \"Transcript\": [{}]}}",
        joined(script, turn)
    )
}

/// Parties, and turns that name them by their places.
fn vcon(script: &Script, quote: Quote) -> String {
    let turn = |said: &Said| {
        let place = usize::from(said.name() != "Agent");
        let body = quote(&said.text);
        format!("{{\"type\": \"text\", \"parties\": [0, 1], \"originator\": {place}, \"body\": {body}}}")
    };
    format!(
        "{{\"vcon\": \"0.0.1\", \"parties\": [{{\"role\": \"agent\"}}, {{\"role\": \"customer\"}}], \"dialog\": [{}]}}",
        joined(script, turn)
    )
}

/// The first message before the others.
fn conversation_parts(script: &Script, quote: Quote) -> String {
    let turn = |said: &Said| {
        let kind = if said.name() == "Agent" { "admin" } else { "user" };
        format!("{{\"author\": {{\"type\": \"{kind}\", \"id\": \"9\"}}, \"body\": {}}}", quote(&said.text))
    };
    let turns: Vec<_> = script.said.iter().map(turn).collect();
    let (first, others) = turns.split_first().expect("a script has turns");
    format!(
        "{{\"source\": {first}, \"conversation_parts\": {{\"total_count\": 3, \"conversation_parts\": [{}]}}}}",
        others.join(", ")
    )
}

/// Keys that are the speakers.
fn exchange(script: &Script, quote: Quote) -> String {
    let turn = |said: &Said| format!("{{\"{}\": {}}}", said.name().to_lowercase(), quote(&said.text));
    format!("[{}]", joined(script, turn))
}
