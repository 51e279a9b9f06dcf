//! The effects of words and phrases.

use super::topics::NO_TOPIC;

/// Languages whose words are scored.
pub(crate) const TRACKS: usize = 2;

/// The meaning of a word or phrase in one language.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sense {
    /// From -4 to 4.
    pub(crate) valence: f32,
    /// The valence when negated.
    pub(crate) negated: f32,
    pub(crate) role: Role,
}

impl Sense {
    /// The factor of negation for a valence, from VADER (Hutto & Gilbert 2014).
    pub(crate) const NEGATED: f32 = -0.74;

    pub(super) const NEUTRAL: Self = Self { valence: 0.0, negated: 0.0, role: Role::None };
}

/// The effect of a word on others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Role {
    None,
    Negator,
    /// Strengthens or weakens what follows by this valence.
    Booster(f32),
    /// Negates up to twice as far.
    FarNegator,
    Contrast,
    /// Takes back the negation that its first words seemed to be.
    ShamNegation,
}

/// What a word or phrase tells beyond its valence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cue {
    /// Perhaps [`Unresolved`](Self::Unresolved): "still", "since Friday".
    Hint,
    /// Something that should be over is not: "for three weeks", "nobody called back".
    Unresolved,
    /// Asks for something, without any complaint: "could you", "gostaria de saber".
    Request,
    /// Thanks that may be a mere formula: "thank you", "obrigado".
    Courtesy,
    /// Praise is not meant: "yeah right", "só que não".
    Sarcasm,
}

impl Cue {
    /// All cues.
    pub(crate) const ALL: [Self; Self::COUNT] =
        [Self::Hint, Self::Unresolved, Self::Request, Self::Courtesy, Self::Sarcasm];
    /// The number of cues.
    pub(crate) const COUNT: usize = 5;
}

/// The effect of a word or phrase.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Effect {
    /// By language: English, Portuguese.
    pub(crate) senses: [Sense; TRACKS],
    /// What it tells beyond that, in any language.
    pub(crate) cue: Option<Cue>,
    /// The index in [`TOPIC_WORDS`] of the list of the topic it indicates, [`NO_TOPIC`] if none.
    pub(crate) topic: usize,
    pub(crate) topic_weight: u32,
    /// It indicates the topic only when negated.
    pub(crate) topic_when_negated: bool,
    /// Whether any of the senses has an effect.
    pub(crate) has_sense: bool,
    /// Whether any of the senses has a valence, possibly only when negated.
    pub(crate) has_valence: bool,
    /// Whether any of the senses affects other words.
    pub(crate) has_roles: bool,
    /// Whether a phrase may follow that replaces the word's effect.
    pub(crate) may_be_taken_back: bool,
}

impl Effect {
    pub(super) const NOTHING: Self = Self {
        senses: [Sense::NEUTRAL; TRACKS],
        cue: None,
        topic: NO_TOPIC,
        topic_weight: 0,
        topic_when_negated: false,
        has_sense: false,
        has_valence: false,
        has_roles: false,
        may_be_taken_back: false,
    };

    pub(super) fn set_senses(&mut self, senses: [Sense; TRACKS]) {
        self.senses = senses;
        self.has_sense = senses.iter().any(|sense| *sense != Sense::NEUTRAL);
        self.has_valence = senses.iter().any(|sense| sense.valence != 0.0 || sense.negated != 0.0);
        self.has_roles = senses.iter().any(|sense| sense.role != Role::None);
    }

    /// Whether a phrase that it is part of has something to take back.
    pub(super) fn leaves_traces(&self) -> bool {
        self.has_valence || self.cue.is_some()
    }

    /// Whether it does more than count.
    pub(super) fn acts(&self) -> bool {
        self.has_sense || self.cue.is_some() || self.topic_when_negated
    }

    /// The list of the topic that it always indicates, and its weight.
    pub(crate) fn counted_topic(&self) -> (usize, u32) {
        if self.topic_when_negated { (NO_TOPIC, 0) } else { (self.topic, self.topic_weight) }
    }
}

/// The longest phrase, in words.
pub(crate) const MAX_PHRASE: usize = 6;
