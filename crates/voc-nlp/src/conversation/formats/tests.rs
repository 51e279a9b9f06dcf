//! Each format in the shapes that its writers give it.

use proptest::prelude::*;

use super::*;
use crate::conversation::Role;

use Role::{Agent, Bot, Customer};

type Said = (Option<Role>, Option<String>, String);

fn turns(text: &str) -> (TranscriptFormat, Vec<Said>) {
    match decode(text) {
        Some(Decoded::Turns(format, pieces)) => {
            (format, pieces.into_iter().map(|piece| (piece.role, piece.speaker, piece.text)).collect())
        }
        other => panic!("{text:?} is {other:?}"),
    }
}

fn text(text: &str) -> (TranscriptFormat, String) {
    match decode(text) {
        Some(Decoded::Text(format, text)) => (format, text),
        other => panic!("{text:?} is {other:?}"),
    }
}

/// Two turns, "hello there" and "it broke", of these roles.
fn check(transcript: &str, format: TranscriptFormat, roles: [Option<Role>; 2]) {
    let (found, said) = turns(transcript);
    let said: Vec<_> = said.iter().map(|(role, _, text)| (*role, text.as_str())).collect();
    let [first, second] = roles;
    assert_eq!((found, said), (format, vec![(first, "hello there"), (second, "it broke")]), "{transcript}");
}

const KNOWN: [Option<Role>; 2] = [Some(Agent), Some(Customer)];
const NOBODY: [Option<Role>; 2] = [None, None];

#[test]
fn json_of_chats_and_contact_centres() {
    for json in [
        r#"[{"role": "agent", "content": "hello there"}, {"role": "customer", "content": "it broke"}]"#,
        r#"{"id": 7, "data": {"Messages": [{"From": "Agent", "Message": "hello there"}, {"From": "Customer", "Message": "it broke"}]}}"#,
        r#"{"Participants": [{"ParticipantId": "a1", "ParticipantRole": "AGENT"}, {"ParticipantId": "c1", "ParticipantRole": "CUSTOMER"}],
            "Transcript": [{"ParticipantId": "a1", "Content": "hello there"}, {"ParticipantId": "c1", "Content": "it broke"}]}"#,
        r#"{"vcon": "0.0.1", "parties": [{"role": "agent", "name": "Ana"}, {"role": "customer", "tel": "+1"}],
            "dialog": [{"type": "text", "parties": [0, 1], "originator": 0, "body": "hello there"}, {"type": "text", "parties": 1, "body": "it broke"}]}"#,
        r#"{"source": {"author": {"type": "admin", "name": "Ana"}, "body": "<p>hello there</p>"},
            "conversation_parts": {"conversation_parts": [{"author": {"type": "user", "name": "Bo"}, "body": "<p>it broke</p>"}, {"part_type": "close", "author": {"type": "admin"}, "body": null}]}}"#,
        r#"{"callTranscripts": [{"parties": [{"speakerId": "1", "affiliation": "Internal"}, {"speakerId": "2", "affiliation": "External"}],
            "transcript": [{"speakerId": "1", "sentences": [{"text": "hello"}, {"text": "there"}]}, {"speakerId": "2", "sentences": [{"text": "it broke"}]}]}]}"#,
        r#"[{"agent": "hello there"}, {"customer": "it broke"}]"#,
        r#"{"entries": [{"text": "hello there", "role": "HUMAN_AGENT"}, {"text": "it broke", "role": "END_USER"}]}"#,
        r#"[{"direction": "outbound", "body": "hello there"}, {"direction": "inbound", "body": "it broke"}]"#,
        r"[{'speaker': 'Atendente', 'texto': 'hello there', 'x': None}, {'speaker': 'Cliente', 'texto': 'it broke'}]",
        r#"{"transcript": "[{\"speaker\": \"agent\", \"text\": \"hello there\"}, {\"speaker\": \"client\", \"text\": \"it broke\"}]"}"#,
    ] {
        check(json, TranscriptFormat::Json, KNOWN);
    }
    let lines = "{\"role\": \"agent\", \"text\": \"hello there\"}\n{\"role\": \"customer\", \"text\": \"it broke\"}\n";
    check(lines, TranscriptFormat::JsonLines, KNOWN);
    check(&lines.replace('\n', "\n\u{feff}"), TranscriptFormat::JsonLines, KNOWN);
}

#[test]
fn json_of_language_models() {
    let bot = [Some(Customer), Some(Bot)];
    for json in [
        r#"[{"role": "system", "content": "You are rude."}, {"role": "user", "content": [{"type": "text", "text": "hello there"}, {"type": "image_url", "image_url": {"url": "u"}}]}, {"role": "assistant", "content": "it broke"}]"#,
        r#"{"conversations": [{"from": "human", "value": "hello there"}, {"from": "gpt", "value": "it broke"}]}"#,
        r#"{"mapping": {"a": {"message": {"author": {"role": "user"}, "content": {"parts": ["hello there"]}}}, "b": {"message": {"author": {"role": "assistant"}, "content": {"parts": ["it broke"]}}}}}"#,
    ] {
        check(json, TranscriptFormat::Json, bot);
    }
}

#[test]
fn json_of_speech_recognition() {
    for json in [
        r#"{"results": {"utterances": [{"speaker": 0, "transcript": "hello there", "words": [{"word": "hello", "speaker": 0}, {"word": "there", "speaker": 0}]}, {"speaker": 1, "transcript": "it broke"}]}}"#,
        r#"{"results": {"channels": [{"alternatives": [{"transcript": "hello there it broke", "words": [{"word": "hello", "speaker": 0}, {"word": "there", "speaker": 0}, {"word": "it", "speaker": 1}, {"word": "broke", "speaker": 1}]}]}]}}"#,
        r#"{"results": {"channels": [{"alternatives": [{"transcript": "hello there", "words": [{"word": "hello", "start": 0.1, "end": 0.5}, {"word": "there", "start": 0.5, "end": 1.0}]}]}, {"alternatives": [{"transcript": "it broke", "words": [{"word": "it", "start": 1.5, "end": 1.6}, {"word": "broke", "start": 1.6, "end": 2.0}]}]}]}}"#,
        r#"{"text": "hello there it broke", "utterances": [{"speaker": "A", "text": "hello there", "start": 0, "end": 900}, {"speaker": "B", "text": "it broke", "start": 1000, "end": 1900}]}"#,
        r#"{"segments": [{"speaker": "SPEAKER_00", "text": " hello there"}, {"speaker": "SPEAKER_01", "text": " it broke"}]}"#,
        r#"{"results": [{"alternatives": [{"transcript": "hello there"}], "channelTag": 1}, {"alternatives": [{"transcript": "it broke"}], "channelTag": 2}]}"#,
        r#"{"results": [{"alternatives": [{"transcript": "hello there it broke"}]}, {"alternatives": [{"words": [{"word": "hello", "speakerTag": 1}, {"word": "there", "speakerTag": 1}, {"word": "it", "speakerTag": 2}, {"word": "broke", "speakerTag": 2}]}]}]}"#,
        r#"{"recognizedPhrases": [{"channel": 0, "speaker": 1, "nBest": [{"lexical": "x", "display": "hello there"}]}, {"channel": 0, "speaker": 2, "nBest": [{"display": "it broke"}]}]}"#,
        r#"{"results": {"transcripts": [{"transcript": "hello there it broke"}],
            "speaker_labels": {"segments": [{"speaker_label": "spk_0", "start_time": "0.0", "end_time": "1.0", "items": []}, {"speaker_label": "spk_1", "start_time": "1.0", "end_time": "2.0", "items": []}]},
            "items": [{"start_time": "0.1", "end_time": "0.4", "alternatives": [{"content": "hello"}], "type": "pronunciation"}, {"start_time": "0.4", "end_time": "0.9", "alternatives": [{"content": "there"}]},
                {"start_time": "1.1", "end_time": "1.4", "alternatives": [{"content": "it"}]}, {"start_time": "1.4", "end_time": "1.9", "alternatives": [{"content": "broke"}]}]}}"#,
        r#"{"monologues": [{"speaker": 0, "elements": [{"type": "text", "value": "hello"}, {"type": "punct", "value": " "}, {"type": "text", "value": "there"}]}, {"speaker": 1, "elements": [{"type": "text", "value": "it broke"}]}]}"#,
    ] {
        check(json, TranscriptFormat::Json, NOBODY);
    }
}

#[test]
fn json_without_speakers_is_text() {
    for (json, said) in [
        (
            r#"{"text": "Hello. It broke.", "segments": [{"start": 0.0, "end": 1.0, "text": " Hello."}, {"start": 1.0, "end": 2.0, "text": " It broke."}]}"#,
            "Hello.\nIt broke.",
        ),
        (r#"{"results": {"transcripts": [{"transcript": "Hello. It broke."}]}}"#, "Hello. It broke."),
        (r#""Agent: hi\nCustomer: it broke""#, "Agent: hi\nCustomer: it broke"),
        (r#"["Agent: hi", "Customer: it broke"]"#, "Agent: hi\nCustomer: it broke"),
        (
            r#"{"customer": "Bo", "agent": "Ana", "transcript": "Agent: hi\nCustomer: it broke", "score": 3}"#,
            "Agent: hi\nCustomer: it broke",
        ),
        (
            r#"{"dialog": [{"parties": [0, 1], "body": "Agent: hi\nCustomer: it broke"}], "parties": [{"name": "Ana"}, {"name": "Bo"}]}"#,
            "Agent: hi\nCustomer: it broke",
        ),
        (r#"{"nps": 3, "feedback": "it broke twice"}"#, "it broke twice"),
    ] {
        assert_eq!(text(json), (TranscriptFormat::Json, said.to_owned()), "{json}");
    }
}

#[test]
fn json_that_is_cut_off() {
    let whole = r#"{"messages": [{"role": "agent", "content": "hello there"}, {"role": "customer", "content": "it broke"}, {"role": "agent", "content": "I am sorry to hear that"}]}"#;
    for (end, _) in whole.char_indices().skip(50) {
        let Some(Decoded::Turns(_, pieces)) = decode(&whole[..end]) else { panic!("{}", &whole[..end]) };
        assert!("hello there".starts_with(&pieces[0].text) && pieces[0].role == Some(Agent), "{pieces:?}");
        assert!(pieces.len() < 2 || (pieces[0].text == "hello there" && "it broke".starts_with(&pieces[1].text)));
    }
}

#[test]
fn captions() {
    for vtt in [
        "WEBVTT\n\nNOTE made by a\nprogram\n\nSTYLE\n::cue { color: red }\n\n1\n00:00.000 --> 00:02.000 align:start\n<v Agent>hello</v>\n\n00:02.000 --> 00:03.000\n<v.loud Agent><i>the<00:02.500>re</i>\n\nid-3\n00:03.000 --> 00:04.000\n<v Customer>it <c.x>broke</c></v>\n",
        "\u{feff}WEBVTT - call\r\n\r\n00:00.000 --> 00:02.000\r\n<v Agent>hello there</v>\r\n<v Customer>it broke</v>\r\n",
    ] {
        check(vtt, TranscriptFormat::WebVtt, KNOWN);
    }
    let srt = "1\n00:00:01,000 --> 00:00:02,000\n{\\an8}<b>Agent:</b> hello &amp; hi,\n\n2\n00:00:02,000 --> 00:00:03,000\nhow are you?\n\n3\n00:00:03,000 --> 00:00:04,000\nCustomer: it broke\n";
    let said = "Agent: hello & hi, how are you?\nCustomer: it broke".to_owned();
    assert_eq!(text(srt), (TranscriptFormat::SubRip, said));
    let rolling = "WEBVTT\n\n00:00.000 --> 00:01.000\nso it\n\n00:01.000 --> 00:01.010\nso it\n\n00:01.010 --> 00:02.000\nso it\nbroke.\n";
    assert_eq!(text(rolling), (TranscriptFormat::WebVtt, "so it broke.".to_owned()));
    let whisper = "[00:00.000 --> 00:03.730]  Hello there.\n[00:03.730 --> 00:04.000]  It broke.";
    assert_eq!(text(whisper), (TranscriptFormat::Plain, "Hello there.\nIt broke.".to_owned()));
    let ttml = r#"<?xml version="1.0"?><tt xmlns="http://www.w3.org/ns/ttml"><head><ttm:agent xml:id="a"><ttm:name>Agent</ttm:name></ttm:agent><ttm:agent xml:id="b"><ttm:name>Customer</ttm:name></ttm:agent></head><body><div><p begin="00:00:01.000" end="2s" ttm:agent="a">hello<br/>there</p><p begin="2s" ttm:agent="b">it broke</p></div></body></tt>"#;
    check(ttml, TranscriptFormat::Ttml, KNOWN);
}

#[test]
fn pages() {
    for html in [
        r#"<div class="chat"><div class="message agent"><span class="name">Ana</span> <span class="time">10:01</span><p>hello there</p></div><div class="message customer"><p>it broke</p></div></div>"#,
        r#"<!DOCTYPE html><html><head><title>Chat</title><style>p {}</style></head><body><h1>Chat</h1><div data-role="agent">hello there</div><div data-role="customer">it broke</div></body></html>"#,
        "<!DOCTYPE html>\n<!-- saved -->\n<html>\n<p><b>Agent</b> hello there</p><p><b>Customer:</b> it broke</p></html>",
        "<p><b>Agent</b> hello there</p><p><b>Customer:</b> it broke</p>",
        "<table><tr><th>Time</th><th>Speaker</th><th>Text</th></tr><tr><td>10:01</td><td>Agent</td><td>hello there</td></tr><tr><td>10:02</td><td>Customer</td><td>it broke</td></tr></table>",
        "<table><tr><td>Agent</td><td>hello there</td></tr><tr><td>Customer:</td><td>it broke</td></tr></table>",
    ] {
        check(html, TranscriptFormat::Html, KNOWN);
    }
    for (html, said) in [
        (
            "<div>Agent: hi</div><div>Customer: it &lt;b&gt; broke<script>x('<p>')</script></div>",
            "Agent: hi\nCustomer: it <b> broke",
        ),
        ("Agent: hi<br>Customer: it broke", "Agent: hi\nCustomer: it broke"),
        ("I can&#39;t log in", "I can't log in"),
        ("<p class=\"great\">It\nbroke.</p>", "It broke."),
        ("<pre>Agent: hi\nCustomer: it broke</pre>", "Agent: hi\nCustomer: it broke"),
    ] {
        assert_eq!(text(html), (TranscriptFormat::Html, said.to_owned()), "{html}");
    }
}

#[test]
fn rows() {
    for csv in [
        "speaker,text\nAgent,hello there\nCustomer,it broke\n",
        "\"id\";\"Papel\";\"Mensagem\"\r\n1;atendente;\"hello there\"\r\n2;cliente;\"it broke\"",
        "time\trole\tmessage\n00:01\tagent\thello there\n00:05\tcustomer\tit broke",
        "agent,\"hello there\"\ncustomer,it broke",
    ] {
        check(csv, TranscriptFormat::Csv, KNOWN);
    }
    check("speaker,text\nAgent,hello there\nspeaker,text\nCustomer,it broke", TranscriptFormat::Csv, KNOWN);
    let commas = turns("speaker,text\nAgent,hello, there\nCustomer,\"cut off, \"\"so").1;
    let said: Vec<_> = commas.iter().map(|(_, _, text)| text.as_str()).collect();
    assert_eq!(said, ["hello, there", "cut off, \"so"]);
    assert_eq!(text("id,comment\n1,it broke\n2,\"fine, thanks\"").1, "it broke\nfine, thanks");
}

#[test]
fn times_of_turns() {
    let Some(Decoded::Turns(_, pieces)) = decode(
        r#"[{"speaker": "A", "text": "hello there", "start": 0, "end": 900}, {"speaker": "B", "text": "it broke", "start": 1000, "end": 1900}]"#,
    ) else {
        panic!("no turns")
    };
    let times: Vec<_> = pieces.iter().map(|piece| (piece.start_ms, piece.end_ms)).collect();
    assert_eq!(times, [(Some(0), Some(900)), (Some(1000), Some(1900))]);
    // The newest first.
    let json = r#"[{"sender_name": "Customer", "content": "it broke", "timestamp_ms": 1714557607000}, {"sender_name": "Agent", "content": "hello there", "timestamp_ms": 1714557600000}]"#;
    check(json, TranscriptFormat::Json, KNOWN);
}

#[test]
fn documents_in_which_nothing_is_said_have_no_words() {
    for (text, format) in [
        ("WEBVTT\n\n00:00.000 --> 00:02.000\n\n", TranscriptFormat::WebVtt),
        ("1\n00:00:01,000 --> 00:00:02,000\n\n2\n00:00:02,000 --> 00:00:03,000\n", TranscriptFormat::SubRip),
        ("<!DOCTYPE html>\n<html><head><title>Chat</title></head><body></body></html>", TranscriptFormat::Html),
        ("<div class=\"great\"><img src=\"love.png\"/></div>", TranscriptFormat::Html),
        (r#"<tt><body><p begin="1s" end="2s" ttm:agent="a"> </p></body></tt>"#, TranscriptFormat::Ttml),
        (r#"{"messages": [], "duration": 0}"#, TranscriptFormat::Json),
        (r#"{"transcript": "WEBVTT\n\n00:00.000 --> 00:02.000\n\n"}"#, TranscriptFormat::Json),
    ] {
        assert_eq!(decode(text), Some(Decoded::Nothing(format)), "{text}");
    }
}

#[test]
fn plain_text_stays_plain() {
    for text in [
        "",
        "hello",
        "Agent: hello\nCustomer: hi, it broke",
        "[00:12] Agent: hello",
        "[Agent] hello",
        "<agent> hello\n<customer> it broke",
        "{name}, where is my order?",
        "[1] and [2] are broken",
        "\"Great\" service, they said.",
        "I <3 you & your R&D, 5 < 6 > 4",
        "Customer, I was told, would be called\nand then nobody called",
        "WEBVTT is a format",
        "1\n2\n3",
        "10:30 the app crashed",
    ] {
        assert_eq!(decode(text), None, "{text}");
    }
}

/// What structured transcripts consist of.
const PARTS: [&str; 40] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "'",
    "\\",
    "\\u12",
    "\\ud83d",
    "\n",
    "\n\n",
    " ",
    "\t",
    ";",
    "\"role\"",
    "\"text\"",
    "\"words\"",
    "\"channels\"",
    "\"start\"",
    "\"parties\"",
    "Agent",
    "é😀",
    "0",
    "1e99",
    "-",
    "WEBVTT\n\n",
    "00:01.000",
    " --> ",
    "<v Agent>",
    "<",
    ">",
    "</p>",
    "<table><tr><td>",
    "<div class=\"agent\">",
    "<tt begin=\"1s\"><p ttm:agent=\"a\">",
    "&amp;",
    "speaker,text\n",
    "<!--",
];

proptest! {
    /// Nothing fails, and nothing that is read is blank.
    #[test]
    fn any_mixture_is_read(parts in prop::collection::vec(0..PARTS.len(), 0..60)) {
        let text: String = parts.into_iter().filter_map(|part| PARTS.get(part)).copied().collect();
        match decode(&text) {
            Some(Decoded::Turns(_, pieces)) => {
                prop_assert!(!pieces.is_empty());
                prop_assert!(pieces.iter().all(|piece| !piece.text.trim().is_empty()), "{:?}", pieces);
            }
            Some(Decoded::Text(_, text)) => prop_assert!(!text.trim().is_empty()),
            Some(Decoded::Nothing(_)) | None => {}
        }
    }
}
