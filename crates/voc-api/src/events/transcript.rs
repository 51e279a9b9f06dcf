//! A transcript, with what the annotator sees in it.

use std::sync::LazyLock;

use serde::Serialize;
use utoipa::ToSchema;
use voc_nlp::{CallStage, Conversation, Engine, FastStage as _, TurnAnnotation};

/// What computes what is shown. It is what annotates events, without the words and topics of tenants.
static CALLS: LazyLock<CallStage> = LazyLock::new(|| CallStage::new(Engine::built_in()));

/// A transcript, turn by turn. Sentiments are from -1 to 1.
#[derive(Serialize, ToSchema)]
pub(super) struct Transcript {
    /// The event that has it.
    event_id: String,
    /// The stage and the version that decided the stored sentiment.
    stored_by: Option<String>,
    /// The version that has computed everything here.
    computed_by: String,
    /// Whether that is the version of what is stored. Otherwise the numbers may differ.
    is_stored_version: bool,
    /// The sentiment of the whole.
    sentiment: Option<f32>,
    /// The language.
    language: &'static str,
    /// Whether it was too long to be read to its end.
    truncated: bool,
    /// The turns, in order.
    turns: Vec<Turn>,
    /// The speakers, in the order of their first turns.
    speakers: Vec<Speaker>,
    /// The topics, the best first.
    topics: Vec<TopicOfTranscript>,
    /// The customer's sentiment in each quarter of the text.
    #[schema(value_type = Vec<Option<f32>>)]
    quarters: [Option<f32>; 4],
    /// The place of the customer's turn with the lowest sentiment, if that is negative.
    worst_turn: Option<usize>,
    /// The phrases found that ask for someone in charge or threaten with consequences.
    escalation_phrases: Vec<&'static str>,
    /// The phrases found that announce that the customer may leave.
    churn_phrases: Vec<&'static str>,
}

/// What one speaker says before another one does.
#[derive(Serialize, ToSchema)]
struct Turn {
    /// `customer`, `agent`, `bot` or `other`.
    role: &'static str,
    /// The speaker's name in the transcript.
    speaker: Option<String>,
    /// What is said.
    text: String,
    /// When it begins, in milliseconds from the start of the call, if the transcript says so.
    start_ms: Option<u64>,
    /// When it ends, likewise.
    end_ms: Option<u64>,
    /// The sentiment.
    sentiment: f32,
    /// The parts of the text that are evidence of the sentiment.
    evidence: Vec<EvidenceOfTurn>,
}

/// A part of a turn's text that is evidence of its sentiment.
#[derive(Serialize, ToSchema)]
struct EvidenceOfTurn {
    /// The number of characters (Unicode code points) before it.
    start: usize,
    /// The number of characters up to its end.
    end: usize,
    /// The part.
    text: String,
    /// What it contributes, positive or negative.
    weight: f32,
    /// Whether it is negated.
    negated: bool,
}

/// The sentiment of a speaker.
#[derive(Serialize, ToSchema)]
struct Speaker {
    role: &'static str,
    speaker: Option<String>,
    turns: usize,
    sentiment: f32,
}

/// A topic.
#[derive(Serialize, ToSchema)]
struct TopicOfTranscript {
    topic: String,
    /// How probable it is, from 0 to 1.
    score: f32,
    /// The sentiment towards it, if it is mentioned.
    sentiment: Option<f32>,
}

impl Transcript {
    /// What is to be seen in the transcript of an event, whose stored sentiment was decided by a stage and version.
    pub(super) fn new(event_id: String, stored_by: Option<String>, transcript: &str) -> Self {
        let conversation = Conversation::parse(transcript);
        let report = CALLS.report(&conversation);
        let version = CALLS.version();
        let of_stored = stored_by.as_deref().and_then(|by| by.split_once('@'));
        Self {
            event_id,
            is_stored_version: of_stored.is_some_and(|(_, stored)| stored == version),
            stored_by,
            computed_by: version.to_owned(),
            sentiment: report.call.sentiment,
            language: report.call.language.as_str(),
            truncated: report.call.truncated,
            turns: report.turns.iter().map(|turn| Turn::of(turn, conversation.text())).collect(),
            speakers: report
                .speakers
                .iter()
                .map(|speaker| Speaker {
                    role: speaker.role.as_str(),
                    speaker: speaker.speaker.map(str::to_owned),
                    turns: speaker.turns,
                    sentiment: speaker.score,
                })
                .collect(),
            topics: report
                .topics
                .iter()
                .map(|topic| TopicOfTranscript {
                    topic: topic.topic.as_str().to_owned(),
                    score: topic.score,
                    sentiment: topic.sentiment,
                })
                .collect(),
            quarters: report.quarters,
            worst_turn: report.worst,
            escalation_phrases: report.facts.escalation_phrases,
            churn_phrases: report.facts.churn_phrases,
        }
    }
}

impl Turn {
    fn of(annotated: &TurnAnnotation<'_>, text: &str) -> Self {
        let turn = annotated.turn;
        // The turn ends with its text.
        let begins = turn.end.saturating_sub(turn.text.len());
        let evidence = annotated.evidence.iter().filter_map(|evidence| {
            let part = text.get(evidence.start..evidence.end)?;
            let start = text.get(begins..evidence.start)?.chars().count();
            let end = start + part.chars().count();
            Some(EvidenceOfTurn {
                start,
                end,
                text: part.to_owned(),
                weight: evidence.weight,
                negated: evidence.negated,
            })
        });
        Self {
            role: turn.role.as_str(),
            speaker: turn.speaker.map(str::to_owned),
            text: turn.text.to_owned(),
            start_ms: turn.start_ms,
            end_ms: turn.end_ms,
            sentiment: annotated.score,
            evidence: evidence.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_where_it_is_said_to_be() {
        let text = "Agente: Olá, como posso ajudar?\nCliente: É péssimo, não funciona. Ação já!\nAgente: Ótimo dia.";
        let shown = Transcript::new(String::new(), None, text);
        let evidence: Vec<_> =
            shown.turns.iter().flat_map(|turn| turn.evidence.iter().map(move |e| (turn, e))).collect();
        assert!(evidence.len() >= 2, "{}", evidence.len());
        for (turn, evidence) in evidence {
            let part: String = turn.text.chars().skip(evidence.start).take(evidence.end - evidence.start).collect();
            assert_eq!(part, evidence.text);
        }
    }
}
