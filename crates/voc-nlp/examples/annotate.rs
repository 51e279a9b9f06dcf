//! Annotates texts: `cargo run -p voc-nlp --example annotate -- --help`.

#![expect(clippy::print_stderr, reason = "an example talks to its user")]

use std::io::{self, BufRead, BufReader, BufWriter, ErrorKind, IsTerminal, Read, Write};
use std::process::ExitCode;

use serde::Serialize;
use voc_nlp::{
    Annotation, CallAnnotation, CallStage, Conversation, Evidence, FastStage, Language, MAX_CHARS, Probabilities,
    Redactor, Role, Sentiment, TopTopics, Topic, TurnAnnotation,
};

const HELP: &str = "\
Sentiment, topics and language of texts, in English and Brazilian Portuguese.

annotate TEXT...   annotates the arguments, together one text
annotate           annotates each line of standard input
annotate --call    annotates all of standard input as one transcript
annotate --jsonl   writes one JSON object for each line of standard input, in order: score (-1 to 1), label, p (the
                   probabilities of negative, neutral and positive), confidence, language, topic, topics, truncated
annotate --calls   the same for transcripts: each line is a JSON string, so that a transcript can have line ends, or
                   a transcript that is JSON itself. Writes score, label, confidence, language, topic, topics,
                   truncated and turns, each with role (customer, agent, bot or other), speaker, text and score
annotate --redact  writes each line of standard input with tags in place of personal data

Texts are shown with what speaks for their sentiment in green and red (on a terminal; elsewhere in brackets). A text
that names speakers (Agent: ... Customer: ...) is a call: its score is the customer's. Bytes that are no UTF-8 are read
as U+FFFD.
";

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        // The reader has closed the pipe.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("annotate: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> io::Result<ExitCode> {
    let arguments: Vec<String> =
        std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let stage = CallStage::default();
    let in_colour = io::stdout().is_terminal();
    let mut out = BufWriter::new(io::stdout().lock());
    match arguments.as_slice() {
        [] => {
            if io::stdin().is_terminal() {
                eprintln!("A line is a text; --help tells more.");
            }
            each_line(&mut out, |text, out| show(&stage, text, in_colour, out))?;
        }
        ["-h" | "--help", ..] => out.write_all(HELP.as_bytes())?,
        ["--jsonl"] => each_line(&mut out, |text, out| {
            serde_json::to_writer(&mut *out, &Line::of(&stage.annotate(text)))?;
            writeln!(out)
        })?,
        ["--calls"] => each_line(&mut out, |line, out| {
            let transcript = serde_json::from_str::<String>(line).unwrap_or_else(|_| line.to_owned());
            let conversation = Conversation::parse(&transcript);
            serde_json::to_writer(&mut *out, &Call::of(&stage.report(&conversation)))?;
            writeln!(out)
        })?,
        ["--redact"] => {
            let redactor = Redactor::default();
            each_line(&mut out, |line, out| writeln!(out, "{}", redactor.redact(line)))?;
        }
        ["--call"] => {
            let mut transcript = Vec::new();
            io::stdin().lock().read_to_end(&mut transcript)?;
            show(&stage, &String::from_utf8_lossy(&transcript), in_colour, &mut out)?;
        }
        ["--", words @ ..] => show(&stage, &words.join(" "), in_colour, &mut out)?,
        [option, ..] if option.starts_with("--") => {
            eprint!("annotate: {option} is no option, or does not stand alone; a text may follow \"--\"\n\n{HELP}");
            return Ok(ExitCode::from(2));
        }
        words => show(&stage, &words.join(" "), in_colour, &mut out)?,
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Processes each line of standard input, and flushes the output before it waits for more.
fn each_line<W: Write>(out: &mut W, mut annotate: impl FnMut(&str, &mut W) -> io::Result<()>) -> io::Result<()> {
    let mut input = BufReader::new(io::stdin().lock());
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        annotate(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']), out)?;
        if input.buffer().is_empty() {
            out.flush()?;
        }
        line.clear();
    }
    Ok(())
}

/// The output of `--jsonl` for a text.
#[derive(Serialize)]
struct Line<'a> {
    score: f32,
    label: Sentiment,
    p: [f32; 3],
    confidence: f32,
    language: Language,
    topic: Option<&'a Topic>,
    topics: &'a TopTopics,
    truncated: bool,
}

impl<'a> Line<'a> {
    fn of(annotation: &'a Annotation) -> Self {
        let Probabilities { negative, neutral, positive } = annotation.probabilities;
        Self {
            score: annotation.sentiment.unwrap_or_default(),
            label: annotation.label(),
            p: [negative, neutral, positive],
            confidence: annotation.confidence,
            language: annotation.language,
            topic: annotation.topic.as_ref(),
            topics: &annotation.topics,
            truncated: annotation.truncated,
        }
    }
}

/// The output of `--calls` for a transcript.
#[derive(Serialize)]
struct Call<'a> {
    score: f32,
    label: Sentiment,
    confidence: f32,
    language: Language,
    topic: Option<&'a Topic>,
    topics: &'a TopTopics,
    truncated: bool,
    turns: Vec<TurnOfCall<'a>>,
}

#[derive(Serialize)]
struct TurnOfCall<'a> {
    role: Role,
    speaker: Option<&'a str>,
    text: &'a str,
    score: f32,
}

impl<'a> Call<'a> {
    fn of(CallAnnotation { call, turns, .. }: &'a CallAnnotation<'_>) -> Self {
        let turn = |TurnAnnotation { turn, score, .. }: &'a TurnAnnotation<'_>| TurnOfCall {
            role: turn.role,
            speaker: turn.speaker,
            text: turn.text,
            score: *score,
        };
        Self {
            score: call.sentiment.unwrap_or_default(),
            label: call.label(),
            confidence: call.confidence,
            language: call.language,
            topic: call.topic.as_ref(),
            topics: &call.topics,
            truncated: call.truncated,
            turns: turns.iter().map(turn).collect(),
        }
    }
}

fn show(stage: &CallStage, text: &str, in_colour: bool, out: &mut impl Write) -> io::Result<()> {
    let conversation = Conversation::parse(text);
    let text = conversation.text();
    let CallAnnotation { call, has_speakers, turns, .. } = stage.report(&conversation);
    if has_speakers {
        for turn in &turns {
            write!(out, "{:+.2} {}: ", turn.score, turn.turn.speaker.unwrap_or(turn.turn.role.as_str()))?;
            show_evidence(text, (turn.turn.start, turn.turn.end), &turn.evidence, in_colour, out)?;
        }
    } else {
        let evidence = stage.engine().explain(text).evidence;
        show_evidence(text, (0, text.len()), &evidence, in_colour, out)?;
    }

    let Some(score) = call.sentiment else { return writeln!(out, "  no words") };
    let Probabilities { negative, neutral, positive } = call.probabilities;
    writeln!(out, "  score {score:+.2}")?;
    writeln!(out, "  {} ({:.0} % sure)", call.label(), 100.0 * call.confidence)?;
    writeln!(out, "  negative {negative:.2}, neutral {neutral:.2}, positive {positive:.2}")?;
    writeln!(out, "  language {}", call.language)?;
    for best in call.topics.iter() {
        writeln!(out, "  topic {} {:.2}", best.topic, best.score)?;
    }
    if call.truncated {
        writeln!(out, "  only the first {MAX_CHARS} characters were read")?;
    }
    Ok(())
}

/// Writes a part of a text with its evidence marked.
fn show_evidence(
    text: &str,
    (mut shown_until, end): (usize, usize),
    evidence: &[Evidence],
    in_colour: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    for part in evidence {
        // Two phrases may share a word.
        let start = part.start.max(shown_until);
        write!(out, "{}", text.get(shown_until..start).unwrap_or_default())?;
        let (shown, weight) = (text.get(start..part.end).unwrap_or_default(), part.weight);
        match (in_colour, weight > 0.0) {
            (true, true) => write!(out, "\x1b[32m{shown}\x1b[0m")?,
            (true, false) => write!(out, "\x1b[31m{shown}\x1b[0m")?,
            (false, _) => write!(out, "[{shown} {weight:+.1}]")?,
        }
        shown_until = part.end.max(shown_until);
    }
    writeln!(out, "{}", text.get(shown_until..end).unwrap_or_default())
}
