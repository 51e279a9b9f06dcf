//! The score in one language, by VADER's rules.

use crate::lexicon::{Role, Sense};

/// Boosters and negators reach this many words.
const REACH: u32 = 3;
/// What is left of a booster's effect by the words between: none, one, two.
const DAMPING: [f32; REACH as usize] = [1.0, 0.95, 0.9];
/// What capitals add to a valence or a booster.
const CAPITALS: f32 = 0.733;
/// A contrast reaches this many words, so that text without punctuation does not turn on one "but".
const CONTRAST_REACH: u32 = 15;
/// The first word's position: far enough above 0 that position 0 is out of everything's reach.
pub(super) const START: u32 = 16;

/// The score in one language, as far as the text was read. Words are known by their positions.
#[derive(Clone, Copy, Default)]
pub(super) struct Lane {
    /// What the last words do to those that follow, by the lowest bits of their positions.
    last: [Influence; 4],
    /// Up to this position words may be under their influence; most words are beyond it.
    influenced_until: u32,
    /// Up to this position valences weigh more, for a contrast came before.
    contrast_until: u32,
    /// Since the last contrast or the start of the sentence.
    open: Sum,
    pub(super) closed: Sum,
    pub(super) tally: Tally,
}

/// What a word does to those that follow.
#[derive(Clone, Copy, Default)]
struct Influence {
    /// The word's position; an influence of another position is over.
    position: u32,
    boost: f32,
    /// What the boost would be more if capitals count.
    by_capitals: f32,
    negates: bool,
}

/// The sum of valences.
#[derive(Clone, Copy, Default)]
pub(super) struct Sum {
    pub(super) positive: f32,
    pub(super) negative: f32,
    /// What `positive` and `negative` would be more, together, if capitals count.
    pub(super) by_capitals: f32,
}

/// What the lane's words did, in numbers.
#[derive(Clone, Copy, Default)]
pub(super) struct Tally {
    /// The highest and the lowest valence.
    pub(super) highest: f32,
    pub(super) lowest: f32,
    /// Valences that were negated.
    pub(super) negated: u32,
    pub(super) negators: u32,
    pub(super) contrasts: u32,
    /// The valence of the last sentence that had one.
    pub(super) last_sentence: f32,
}

/// What a word's or phrase's valence became.
#[derive(Clone, Copy, Default)]
pub(super) struct Weighed {
    pub(super) valence: f32,
    pub(super) negated: bool,
}

impl Lane {
    pub(super) fn is_negated(&self, first: u32) -> bool {
        first <= self.influenced_until
            && (1..=REACH).any(|distance| self.influence(first, distance).is_some_and(|influence| influence.negates))
    }

    fn influence(&self, first: u32, distance: u32) -> Option<&Influence> {
        let position = first.wrapping_sub(distance);
        self.last.get(position as usize % 4).filter(|influence| influence.position == position)
    }

    fn influence_next(&mut self, position: u32, boost: f32, by_capitals: f32, negates: bool) {
        self.influenced_until = position + REACH;
        if let Some(place) = self.last.get_mut(position as usize % 4) {
            *place = Influence { position, boost, by_capitals, negates };
        }
    }

    /// Takes in the sense of what stands from `first` to `position`.
    pub(super) fn apply(&mut self, sense: &Sense, first: u32, position: u32, in_capitals: bool) -> Weighed {
        let mut weighed = Weighed::default();
        if sense.valence != 0.0 || sense.negated != 0.0 {
            weighed = self.weigh(sense, first, position, in_capitals);
        }
        if !matches!(sense.role, Role::None) {
            // The words of a phrase do together what the phrase does.
            for part in first..position {
                self.influence_next(part, 0.0, 0.0, false);
            }
            match sense.role {
                Role::Booster(boost) => {
                    let by_capitals = if in_capitals { CAPITALS.copysign(boost) } else { 0.0 };
                    self.influence_next(position, boost, by_capitals, false);
                }
                Role::Negator => {
                    self.tally.negators += 1;
                    self.influence_next(position, 0.0, 0.0, true);
                }
                Role::ShamNegation | Role::None => self.influence_next(position, 0.0, 0.0, false),
                Role::Contrast => {
                    self.tally.contrasts += 1;
                    self.close(0.5);
                    self.contrast_until = position + CONTRAST_REACH;
                    self.last = Default::default();
                }
            }
        }
        weighed
    }

    /// Strengthens the word after `position`, besides what already does.
    pub(super) fn boost_next(&mut self, position: u32, boost: f32) {
        let known = self.influence(position + 1, 1).copied().unwrap_or_default();
        self.influence_next(position, known.boost + boost, known.by_capitals, known.negates);
    }

    fn weigh(&mut self, sense: &Sense, first: u32, position: u32, in_capitals: bool) -> Weighed {
        let capitals = if in_capitals { CAPITALS.copysign(sense.valence) } else { 0.0 };
        let (mut plain, mut emphatic) = (sense.valence, sense.valence + capitals);
        let mut negated = false;
        if first <= self.influenced_until {
            (plain, emphatic, negated) = self.influenced(sense, first, (plain, emphatic));
        }
        if position <= self.contrast_until {
            plain *= 1.5;
            emphatic *= 1.5;
        }
        self.tally.negated += u32::from(negated);
        self.add(plain, emphatic);
        Weighed { valence: plain, negated }
    }

    /// A valence, plain and emphatic, under the influence of the words before, and whether they negate it.
    fn influenced(&self, sense: &Sense, first: u32, (mut plain, mut emphatic): (f32, f32)) -> (f32, f32, bool) {
        let mut negated = false;
        for (distance, damping) in (1..=REACH).zip(DAMPING) {
            let Some(influence) = self.influence(first, distance) else { continue };
            if influence.boost != 0.0 && plain != 0.0 {
                plain += (influence.boost * damping).copysign(influence.boost * plain);
                let boost = influence.boost + influence.by_capitals;
                emphatic += (boost * damping).copysign(boost * emphatic);
            }
            if influence.negates {
                let of_word =
                    if negated || sense.valence == 0.0 { Sense::NEGATED } else { sense.negated / sense.valence };
                if negated || sense.valence != 0.0 {
                    plain *= of_word;
                    emphatic *= of_word;
                } else {
                    (plain, emphatic) = (sense.negated, sense.negated);
                }
                negated = true;
            }
        }
        (plain, emphatic, negated)
    }

    /// Adds the valence of what no word influences, such as an emoji.
    pub(super) fn add_symbol(&mut self, valence: f32) {
        self.add(valence, valence);
    }

    fn add(&mut self, plain: f32, emphatic: f32) {
        self.tally.highest = self.tally.highest.max(plain);
        self.tally.lowest = self.tally.lowest.min(plain);
        self.open.add(plain, emphatic);
    }

    pub(super) fn end_sentence(&mut self) {
        let valence = self.open.positive + self.open.negative;
        if valence != 0.0 {
            self.tally.last_sentence = valence;
        }
        self.close(1.0);
        self.contrast_until = 0;
    }

    /// Adds the closed sentences of another part of the same text.
    pub(super) fn merge(&mut self, part: &Self) {
        self.closed.positive += part.closed.positive;
        self.closed.negative += part.closed.negative;
        self.closed.by_capitals += part.closed.by_capitals;
        self.tally.merge(&part.tally);
    }

    fn close(&mut self, weight: f32) {
        self.closed.positive += weight * self.open.positive;
        self.closed.negative += weight * self.open.negative;
        self.closed.by_capitals += weight * self.open.by_capitals;
        self.open = Sum::default();
    }
}

impl Tally {
    fn merge(&mut self, part: &Self) {
        self.highest = self.highest.max(part.highest);
        self.lowest = self.lowest.min(part.lowest);
        self.negated += part.negated;
        self.negators += part.negators;
        self.contrasts += part.contrasts;
        if part.last_sentence != 0.0 {
            self.last_sentence = part.last_sentence;
        }
    }
}

impl Sum {
    /// What came since the sum was `before`.
    pub(super) fn since(self, before: Self) -> Self {
        Self {
            positive: self.positive - before.positive,
            negative: self.negative - before.negative,
            by_capitals: self.by_capitals - before.by_capitals,
        }
    }

    fn add(&mut self, valence: f32, emphatic: f32) {
        if valence > 0.0 {
            self.positive += valence;
        } else {
            self.negative += valence;
        }
        self.by_capitals += emphatic - valence;
    }
}
