//! What is known of a conversation beyond its annotation.

use serde::Serialize;

use crate::annotation::{Annotation, Topic};
use crate::lexicon::TOPICS;

/// What is known of a conversation beyond its [`Annotation`]: who says how much, and how the mood differs between
/// speakers, parts and topics. Only numbers and entries of lists, no quotations.
///
/// Scores are from -1 to 1: the sum of the valences of some turns by the lexicon and its rules, normalised like that
/// of a whole text ([`Engine::lexicon_score`](crate::Engine::lexicon_score)). They do not depend on a model. *The
/// customer* in what follows is everyone except agents and bots if no speaker is known to be a customer, and everyone
/// if no agent is known either. A text without speakers is one turn of someone whose role is not known.
///
/// Words are runs of letters and digits, as the engine counts them, without the names of speakers. Only the first
/// [`MAX_CHARS`](crate::MAX_CHARS) characters of a text are read.
///
/// ```
/// use voc_nlp::{CallStage, FastStage};
///
/// let call = "Agent: Hello, how can I help you today?\n\
///     Customer: The app crashed again. I was charged twice, this is ridiculous!\n\
///     Agent: I am sorry.\n\
///     Customer: I want to cancel my account.\n\
///     Agent: I have refunded it, and there is a new version.\n\
///     Customer: That works, great. Thank you!";
/// let called = CallStage::default().annotate_call_for("acme", call);
/// let facts = called.facts.unwrap();
/// assert_eq!((facts.turns, facts.customer_words, facts.agent_words, facts.other_words), (6, 22, 20, 0));
/// assert_eq!(facts.longest_monologue_words, 11);
/// assert!(facts.first_quarter < Some(-0.3) && facts.last_quarter > Some(0.3) && facts.change > Some(0.6));
/// assert!(facts.worst_turn < Some(-0.3));
/// assert!(facts.sentiment_towards("technical") < Some(0.0));
/// assert_eq!(facts.churn_phrases, ["want to cancel"]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CallFacts {
    /// Number of turns that are not blank.
    pub turns: u32,
    /// Words of speakers known to be customers.
    pub customer_words: u32,
    /// Words of agents and bots.
    pub agent_words: u32,
    /// Words of speakers whose role is not known.
    pub other_words: u32,
    /// Words of the longest run of consecutive turns of one speaker.
    pub longest_monologue_words: u32,
    /// The score of the turns of speakers known to be customers; `None` without such turns.
    pub customer: Option<f32>,
    /// The score of the turns of agents and bots; `None` without such turns.
    pub agent: Option<f32>,
    /// The score of the first quarter of the customer's turns, rounded up to whole turns. `None` if there are fewer
    /// than two of them, or fewer than [`MIN_TURNS_OF_QUARTERS`](Self::MIN_TURNS_OF_QUARTERS) turns of all speakers.
    /// (The turn that describes the problem is long, so those of
    /// [`CallAnnotation::quarters`](crate::CallAnnotation::quarters), which are quarters of the text, are often empty
    /// where a call begins.)
    pub first_quarter: Option<f32>,
    /// The same for the last quarter of the customer's turns.
    pub last_quarter: Option<f32>,
    /// How much higher the score is in the last quarter than in the first, from -2 to 2; `None` unless both are known.
    pub change: Option<f32>,
    /// The lowest score of a turn of the customer, whether or not it is negative; `None` without such turns.
    pub worst_turn: Option<f32>,
    /// The customer's phrases that ask for someone in charge or a human, or threaten with complaints, authorities or
    /// courts: entries of lists in English and Portuguese such as `speak to a manager`, each once, in the order of
    /// their first occurrence. What agents say does not count: an agent who offers to escalate is not a customer who
    /// demands it. Neither do phrases that are negated, as in "I don't want to speak to a manager".
    pub escalation_phrases: Vec<&'static str>,
    /// The same for phrases that announce that the customer may leave, such as `cancel my account`.
    pub churn_phrases: Vec<&'static str>,
    /// What the times of turns reveal; `None` if the transcript has no times.
    pub timing: Option<CallTiming>,
    /// The scores towards the topics.
    #[serde(skip)]
    pub(crate) towards: ScoresTowards,
}

/// What the times of a conversation reveal. A turn counts if its start and its end are known, and the end is not
/// before the start. Times are in milliseconds; bots count as agents.
///
/// ```
/// use voc_nlp::{CallStage, Conversation, GivenTurn, Role};
///
/// let turn = |role, start_ms, end_ms| GivenTurn {
///     role: Some(role),
///     start_ms: Some(start_ms),
///     end_ms: Some(end_ms),
///     ..GivenTurn::new("Hello!")
/// };
/// let turns = [
///     turn(Role::Agent, 0, 2_000),
///     turn(Role::Customer, 2_500, 6_000),
///     turn(Role::Agent, 5_000, 7_000),
///     turn(Role::Customer, 8_000, 9_000),
///     turn(Role::Agent, 11_000, 12_000),
/// ];
/// let timing = CallStage::default().report(&Conversation::of_turns(turns)).facts.timing.unwrap();
/// assert_eq!((timing.agent_talk_ms, timing.customer_talk_ms), (5_000, 4_500));
/// assert_eq!(timing.non_talk_ms, 500 + 1_000 + 2_000);
/// assert_eq!((timing.agent_interruptions, timing.customer_interruptions), (1, 0));
/// // At once, and after two seconds.
/// assert_eq!(timing.response_ms, Some(1_000));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CallTiming {
    /// How long agents talk. When two of them talk at once, the time counts once.
    pub agent_talk_ms: u64,
    /// How long speakers known to be customers talk, likewise.
    pub customer_talk_ms: u64,
    /// How long speakers talk whose role is not known, likewise.
    pub other_talk_ms: u64,
    /// How long nobody talks, from the start of the first turn to the end of the last.
    pub non_talk_ms: u64,
    /// How often an agent begins while another speaker is talking, if both then talk for at least 200 ms.
    pub agent_interruptions: u32,
    /// How often a customer does.
    pub customer_interruptions: u32,
    /// The mean time from the end of what the customer says to the agent's next turn, 0 where the agent begins before
    /// that; `None` if no agent answers a customer. What one says while the other goes on talking, such as "I see",
    /// neither needs an answer nor is one.
    pub response_ms: Option<u64>,
}

/// What a fast stage finds in a conversation.
///
/// ```
/// use voc_nlp::{Engine, FastStage};
///
/// // The engine alone knows nothing of speakers.
/// let called = Engine::built_in().annotate_call_for("acme", "Agent: Hi! Customer: It works, thank you!");
/// assert!(called.annotation.sentiment > Some(0.3) && called.facts.is_none());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AnnotatedCall {
    /// What the text means as a whole.
    pub annotation: Annotation,
    /// What is known beyond that; `None` if the stage does not distinguish speakers.
    pub facts: Option<CallFacts>,
}

impl AnnotatedCall {
    /// The result of a stage.
    pub fn new(annotation: Annotation, facts: Option<CallFacts>) -> Self {
        Self { annotation, facts }
    }
}

impl CallFacts {
    /// Shorter conversations have no quarters.
    pub const MIN_TURNS_OF_QUARTERS: u32 = 4;

    /// The sentiment towards a topic: the mean of the scores of the customer's turns that mention it, or of all turns'
    /// if the customer's do not; `None` without mentions. A turn mentions a built-in topic if it contains a word of
    /// the topic's list, and a topic of a taxonomy if it contains one of the topic's phrases.
    pub fn sentiment_towards(&self, topic: &str) -> Option<f32> {
        let built_in = TOPICS.iter().position(|built_in| built_in.as_str() == topic);
        let custom = self.towards.custom.iter().find(|(custom, _)| custom.as_str() == topic).map(|(_, score)| *score);
        custom.or_else(|| *self.towards.built_in.get(built_in?)?)
    }
}

/// The scores towards topics.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ScoresTowards {
    /// In the order of [`TOPICS`].
    pub(crate) built_in: [Option<f32>; TOPICS.len()],
    /// Of the taxonomy. Such a topic may have the name of a built-in one, which it then replaces.
    pub(crate) custom: Vec<(Topic, f32)>,
}
