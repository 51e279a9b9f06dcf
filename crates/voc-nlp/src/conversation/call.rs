//! The meaning of a call, as a whole and in its parts.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;

use super::cuts::Cuts;
use super::facts::FactsCollector;
use super::scored_speakers::ScoredSpeakers;
use super::topics::{self, TopicSentiment};
use super::turn_annotation::TurnAnnotation;
use super::weight::weighed;
use super::{Conversation, Role};
use crate::annotation::Annotation;
use crate::call_facts::{AnnotatedCall, CallFacts};
#[cfg(feature = "train")]
use crate::engine::observation::Observation;
use crate::engine::{Engine, FastStage, score_of};
use crate::taxonomy::Taxonomy;

/// The fast stage for transcripts: identifies the speakers, and returns the score of the customer.
///
/// A transcript with named speakers is scored turn by turn. The probabilities are the whole engine's for what the
/// customer says, shifted by the weighted sum of the turns' valences by the lexicon and its rules: the customer's
/// count fully, others' a quarter and only below 0, and each one more the later it comes; a flat "no" from the
/// customer counts against the call. The score is the probability of positive minus that of negative. Language and
/// topics are those of the whole call. A text without speakers is annotated as by
/// [`Engine::annotate`](FastStage::annotate).
///
/// ```
/// use voc_nlp::{CallStage, Conversation, Engine, FastStage};
///
/// let stage = CallStage::new(Engine::built_in());
/// let call = "Agent: Thank you for calling, I'm happy to help!\n\
///     Customer: My order never arrived.\n\
///     Agent: I'm so sorry. Great news, it will be there soon!\n\
///     Customer: That's what you said last week. This is ridiculous.";
/// assert!(stage.annotate(call).sentiment < Some(-0.2));
/// // In one string an agent's courtesy counts as much as the customer's words.
/// let short = "Agent: Thank you so much for calling, I'm happy to help! Wonderful!\n\
///     Customer: It does not work.";
/// assert!(stage.annotate(short).sentiment < Some(-0.2));
/// assert!(Engine::built_in().annotate(short).sentiment > Some(-0.2));
///
/// let conversation = Conversation::parse(call);
/// let report = stage.report(&conversation);
/// let worst = &report.turns[report.worst.unwrap()];
/// assert_eq!(worst.turn.text, "That's what you said last week. This is ridiculous.");
/// let why = worst.evidence[0];
/// assert_eq!(&call[why.start..why.end], "ridiculous");
/// ```
#[derive(Clone, Debug)]
pub struct CallStage {
    engine: Engine,
    taxonomy: Option<Arc<Taxonomy>>,
    version: Arc<str>,
}

/// The meaning of a call, as a whole and in its parts. Scores are from -1 to 1.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CallAnnotation<'a> {
    /// The call as a whole: the result of [`CallStage`] as the fast stage.
    pub call: Annotation,
    /// Whether the transcript names speakers. Otherwise it is one turn.
    pub has_speakers: bool,
    /// The turns, in the order of the transcript.
    pub turns: Vec<TurnAnnotation<'a>>,
    /// The speakers, in the order of their first turns.
    pub speakers: Vec<SpeakerScore<'a>>,
    /// The customer's score in each quarter of the call; `None` if the customer says nothing. A turn belongs to the
    /// quarter of the text that contains its middle.
    pub quarters: [Option<f32>; 4],
    /// How much higher the customer's score is in the second half of the call than in the first, from -2 to 2; `None`
    /// unless the customer speaks in both.
    pub trend: Option<f32>,
    /// The customer's turn with the lowest score, if any is below 0.
    pub worst: Option<usize>,
    /// The topics of the call with their sentiments; the best first.
    pub topics: Vec<TopicSentiment>,
    /// What [`FastStage::annotate_call_for`] finds, which is what services store. Its sentiments towards topics are
    /// those of whole turns, those in `topics` of sentences.
    pub facts: CallFacts,
}

/// The sentiment of a speaker.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SpeakerScore<'a> {
    /// The speaker's role.
    pub role: Role,
    /// The name in the transcript.
    pub speaker: Option<&'a str>,
    /// Number of the speaker's turns.
    pub turns: usize,
    /// The score of the turns' valences, each counted fully.
    pub score: f32,
}

impl CallStage {
    /// The stage with an engine.
    pub fn new(engine: Engine) -> Self {
        let version = format!("calls-{}", engine.version()).into();
        Self { engine, taxonomy: None, version }
    }

    /// The same stage with another engine.
    pub(crate) fn with_engine(self, engine: Engine) -> Self {
        Self { taxonomy: self.taxonomy, ..Self::new(engine) }
    }

    /// The same stage with a custom taxonomy in addition to the built-in topics.
    #[must_use]
    pub fn with_taxonomy(mut self, taxonomy: Arc<Taxonomy>) -> Self {
        self.taxonomy = Some(taxonomy);
        self
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The annotation with the taxonomy's topics.
    fn refined(&self, text: &str, mut annotation: Annotation) -> Annotation {
        if let Some(taxonomy) = &self.taxonomy {
            taxonomy.refine(text, &mut annotation);
        }
        annotation
    }

    /// The annotation and the facts of a conversation.
    fn called(&self, conversation: &Conversation<'_>) -> AnnotatedCall {
        let Conversation { text, cuts, .. } = conversation;
        let mut collector = FactsCollector::new(cuts.heard(), self.taxonomy.is_some());
        let (mut annotation, track) = if cuts.has_speakers() {
            self.engine.read_turns(text, weighed(cuts, text), |turn, part| collector.add(turn, part))
        } else {
            let (annotation, track, whole) = self.engine.read_whole(text);
            let mut turns = cuts.turns(text);
            turns.next().into_iter().for_each(|turn| collector.add(turn, whole));
            turns.for_each(|turn| collector.add_times(&turn));
            (annotation, track)
        };
        let mentions = self.taxonomy.as_ref().map(|taxonomy| {
            let mentions = taxonomy.mentions(text, annotation.language);
            taxonomy.refine_by(&mentions, &mut annotation);
            mentions
        });
        let annotation = capped(cuts, Annotation { truncated: conversation.truncated, ..annotation });
        AnnotatedCall::new(annotation, Some(collector.finish(track, &mentions.unwrap_or_default())))
    }

    /// The meaning of a conversation as a whole.
    fn whole(&self, conversation: &Conversation<'_>) -> Annotation {
        let Conversation { text, cuts, truncated, .. } = conversation;
        let annotation = if cuts.has_speakers() {
            self.engine.annotate_call(text, weighed(cuts, text).map(|(_, said)| said))
        } else {
            self.engine.annotate(text)
        };
        capped(cuts, self.refined(text, Annotation { truncated: *truncated, ..annotation }))
    }

    /// What a calibration sees of a text; `None` if it has no words.
    #[cfg(feature = "train")]
    pub(crate) fn observe(&self, text: &str) -> Option<Observation> {
        let conversation = Conversation::parse(text);
        let Conversation { text, cuts, .. } = &conversation;
        if cuts.has_speakers() {
            self.engine.observe_call(text, weighed(cuts, text).map(|(_, said)| said))
        } else {
            self.engine.observe(text)
        }
    }

    /// The whole and its parts. Positions refer to [`Conversation::text`].
    pub fn report<'a>(&self, conversation: &'a Conversation<'_>) -> CallAnnotation<'a> {
        let Conversation { text, cuts, truncated, .. } = conversation;
        let (text, truncated) = (text.as_ref(), *truncated);
        let heard = cuts.heard();
        let weighed: Vec<_> = weighed(cuts, text).collect();
        let explained = self.engine.explain_call(text, weighed.iter().map(|(_, said)| *said));
        let mut evidence = explained.evidence.into_iter().peekable();
        let turns: Vec<TurnAnnotation<'a>> = weighed
            .iter()
            .zip(explained.valences)
            .map(|((turn, said), valence)| TurnAnnotation {
                turn: *turn,
                annotation: self.engine.annotate(turn.text),
                score: score_of(valence),
                valence,
                weight: said.weight,
                is_refusal: said.sign != 0.0,
                evidence: std::iter::from_fn(|| evidence.next_if(|evidence| evidence.start < turn.end)).collect(),
            })
            .collect();
        let has_speakers = cuts.has_speakers();
        let call = if has_speakers { explained.annotation } else { self.engine.annotate(text) };
        let call = capped(cuts, self.refined(text, Annotation { truncated, ..call }));
        let topics = topics::sentiments(self.taxonomy.as_deref(), text, &call, &turns, heard);
        let of_heard = || turns.iter().enumerate().filter(|(_, turn)| heard.hears(turn.turn.role));
        let part =
            |parts: usize, turn: &TurnAnnotation<'_>| (turn.turn.start + turn.turn.end) / 2 * parts / text.len().max(1);
        let score_in = |parts: usize, number: usize| {
            let valences = of_heard().filter(|(_, turn)| part(parts, turn) == number).map(|(_, turn)| turn.valence);
            valences.reduce(|sum, valence| sum + valence).map(score_of)
        };
        let worst = of_heard().filter(|(_, turn)| turn.valence < 0.0);
        let worst = worst.min_by(|(_, a), (_, b)| a.valence.total_cmp(&b.valence)).map(|(number, _)| number);
        CallAnnotation {
            call,
            has_speakers,
            speakers: speakers(&turns),
            quarters: [0, 1, 2, 3].map(|quarter| score_in(4, quarter)),
            trend: score_in(2, 0).zip(score_in(2, 1)).map(|(first, second)| second - first),
            worst,
            topics,
            facts: self.called(conversation).facts.unwrap_or_default(),
            turns,
        }
    }
}

impl Default for CallStage {
    /// With the built-in engine.
    fn default() -> Self {
        Self::new(Engine::built_in())
    }
}

impl FastStage for CallStage {
    fn version(&self) -> &str {
        &self.version
    }

    fn annotate(&self, text: &str) -> Annotation {
        self.whole(&Conversation::parse(text))
    }

    fn annotate_call_for(&self, _tenant: &str, text: &str) -> AnnotatedCall {
        self.called(&Conversation::parse(text))
    }
}

/// The confidence at most if it is not known who the customer is: below the default of the threshold under which a
/// model is asked.
const CONFIDENCE_WITHOUT_ROLES: f32 = 0.5;

/// The annotation, with less confidence if nobody knows who of several speakers is the customer.
fn capped(cuts: &Cuts, annotation: Annotation) -> Annotation {
    if cuts.has_speakers() && cuts.heard() == ScoredSpeakers::Everybody {
        Annotation { confidence: annotation.confidence.min(CONFIDENCE_WITHOUT_ROLES), ..annotation }
    } else {
        annotation
    }
}

fn speakers<'a>(turns: &[TurnAnnotation<'a>]) -> Vec<SpeakerScore<'a>> {
    let mut speakers: Vec<SpeakerScore<'a>> = Vec::new();
    let mut numbers = HashMap::new();
    for TurnAnnotation { turn, valence, .. } in turns {
        let (role, speaker) = (turn.role, turn.speaker);
        let number = *numbers.entry((role, speaker)).or_insert(speakers.len());
        match speakers.get_mut(number) {
            Some(known) => {
                known.turns += 1;
                known.score += valence;
            }
            None => speakers.push(SpeakerScore { role, speaker, turns: 1, score: *valence }),
        }
    }
    for speaker in &mut speakers {
        speaker.score = score_of(speaker.score);
    }
    speakers
}
