//! The scores by VADER's rules, one language track per language.

use crate::lexicon::{Cue, Effect, Role, Sense, TRACKS};

/// Boosters and negators affect this many words.
const REACH: u32 = 3;
/// The remaining effect of a booster after none, one or two words in between.
const DAMPING: [f32; REACH as usize] = [1.0, 0.95, 0.9];
/// What capitals add to a valence or a booster.
const CAPITALS: f32 = 0.733;
/// A contrast affects this many words, so that text without punctuation does not hinge on one "but".
const CONTRAST_REACH: u32 = 15;
/// A clause of at most this many words is an exclamation if its valence is at least that; thanks are less.
const EXCLAMATION_WORDS: u32 = 2;
const LEAST_EXCLAMATION: f32 = 2.2;
/// The language track in which several negators are one negation, as in "não tenho nada".
const CONCORD: usize = 1;
/// The first word's position: far enough above 0 that position 0 is out of reach of everything.
pub(super) const START: u32 = 16;

/// One for each language.
type Each<T> = [T; TRACKS];

/// The scores in each language, for the text read so far. Words are identified by their positions.
#[derive(Clone, Copy, Default)]
pub(super) struct Tracks {
    tracks: Each<Track>,
    /// Beyond this position no word is influenced by earlier ones, in any language; this is true of most words.
    influenced_until: u32,
    /// Since the last contrast or the start of the sentence.
    open: Sums,
    closed: Sums,
    /// The positive part of `open` at the start of the clause.
    before_clause: Each<f32>,
    /// The highest and the lowest valences.
    highest: Each<f32>,
    lowest: Each<f32>,
    /// The valence of the last sentence that had one.
    last_sentence: Each<f32>,
    cues: Cues,
    /// The sum of the valences of praise that is a clause of its own, as in "Great, another fee."
    exclaimed: Each<f32>,
    /// The same of praise in quotation marks.
    quoted: Each<f32>,
}

/// The influence of the last words in one language on those that follow.
#[derive(Clone, Copy, Default)]
struct Track {
    /// By the lowest bits of the words' positions.
    last: [Influence; 4],
    /// Up to this position words may be influenced.
    influenced_until: u32,
    /// Up to this position valences weigh more because of a preceding contrast.
    contrast_until: u32,
    negated: u32,
    negators: u32,
    contrasts: u32,
}

/// What was found beyond valences.
#[derive(Clone, Copy, Default)]
pub(super) struct Cues {
    /// By cue: how many.
    counts: [u16; Cue::COUNT],
    /// The sums of the valences of [`Cue::Courtesy`].
    courtesy: Each<f32>,
    /// The sums of the valences of phrases above and below 0.
    praise: Each<f32>,
    blame: Each<f32>,
}

impl Cues {
    pub(super) fn count(&self, cue: Cue) -> u32 {
        self.counts.get(cue as usize).copied().unwrap_or_default().into()
    }

    /// Whether the text asks for something or complains, so that thanks may be a formula.
    pub(super) fn wants_something(&self) -> bool {
        [Cue::Request, Cue::Hint, Cue::Unresolved].iter().any(|cue| self.count(*cue) > 0)
    }

    /// Adds a cue with its effective valences.
    fn add(&mut self, cue: Cue, weighed: &Each<EffectiveValence>) {
        if let Some(count) = self.counts.get_mut(cue as usize) {
            *count = count.saturating_add(1);
        }
        if matches!(cue, Cue::Courtesy) {
            for (sum, weighed) in self.courtesy.iter_mut().zip(weighed) {
                *sum += greater(weighed.valence, 0.0);
            }
        }
    }

    fn add_phrase(&mut self, weighed: &Each<EffectiveValence>) {
        for ((praise, blame), weighed) in self.praise.iter_mut().zip(&mut self.blame).zip(weighed) {
            *praise += greater(weighed.valence, 0.0);
            *blame += less(weighed.valence, 0.0);
        }
    }

    fn merge(&mut self, part: &Self) {
        for (count, of_part) in self.counts.iter_mut().zip(part.counts) {
            *count = count.saturating_add(of_part);
        }
        for i in 0..TRACKS {
            self.courtesy[i] += part.courtesy[i];
            self.praise[i] += part.praise[i];
            self.blame[i] += part.blame[i];
        }
    }
}

/// The influence of a word on those that follow.
#[derive(Clone, Copy, Default)]
struct Influence {
    /// The word's position; an influence of another position has expired.
    position: u32,
    boost: f32,
    /// How much stronger the boost is if capitals count.
    by_capitals: f32,
    negates: bool,
}

/// The sums of valences before a word, which may turn out to be part of a phrase with another meaning.
#[derive(Clone, Copy, Default)]
pub(super) struct Mark {
    open: Sums,
    highest: Each<f32>,
    lowest: Each<f32>,
    negated: Each<u32>,
    cues: Cues,
}

/// Sums of valences.
#[derive(Clone, Copy, Default)]
pub(super) struct Sums {
    positive: Each<f32>,
    negative: Each<f32>,
    by_capitals: Each<f32>,
}

/// The sum of valences in one language.
#[derive(Clone, Copy, Default)]
pub(super) struct Sum {
    pub(super) positive: f32,
    pub(super) negative: f32,
    /// How much more `positive` and `negative` would be, in total, if capitals count.
    pub(super) by_capitals: f32,
}

/// The effect of the words in one language, in numbers.
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
    pub(super) cues: Cues,
    /// The sums of the valences of formulas of courtesy, of phrases above and below 0, of praise that is a clause of
    /// its own, and of praise in quotation marks.
    pub(super) courtesy: f32,
    pub(super) praise: f32,
    pub(super) blame: f32,
    pub(super) exclaimed: f32,
    pub(super) quoted: f32,
}

/// The resulting valence of a word or phrase.
#[derive(Clone, Copy, Default)]
pub(super) struct EffectiveValence {
    pub(super) valence: f32,
    pub(super) negated: bool,
}

impl Tracks {
    /// Whether the word at `first` is negated, in any language.
    pub(super) fn is_negated(&self, first: u32) -> bool {
        self.tracks.iter().any(|track| track.is_negated(first))
    }

    /// Applies the word or phrase from `first` to `position`.
    #[inline(always)]
    pub(super) fn apply(
        &mut self,
        effect: &Effect,
        first: u32,
        position: u32,
        in_capitals: bool,
    ) -> Each<EffectiveValence> {
        let is_plain = !(effect.has_roles | in_capitals | (first <= self.influenced_until));
        let weighed = if is_plain {
            let valences = effect.senses.each_ref().map(|sense| sense.valence);
            self.add(valences, valences);
            valences.map(|valence| EffectiveValence { valence, negated: false })
        } else {
            self.apply_by_track(effect, first, position, in_capitals)
        };
        if let Some(cue) = effect.cue {
            self.cues.add(cue, &weighed);
        }
        if first < position && effect.has_valence {
            self.cues.add_phrase(&weighed);
            self.forget_praised(first, position, &weighed);
        }
        weighed
    }

    /// The same with all rules.
    #[inline(never)]
    fn apply_by_track(
        &mut self,
        effect: &Effect,
        first: u32,
        position: u32,
        in_capitals: bool,
    ) -> Each<EffectiveValence> {
        let mut weighed = [EffectiveValence::default(); TRACKS];
        if effect.has_valence {
            let (mut plain, mut emphatic) = ([0.0; TRACKS], [0.0; TRACKS]);
            for (i, (track, sense)) in self.tracks.iter_mut().zip(&effect.senses).enumerate() {
                (plain[i], emphatic[i], weighed[i].negated) =
                    track.weigh(sense, first, position, in_capitals, i == CONCORD);
                weighed[i].valence = plain[i];
            }
            self.add(plain, emphatic);
        }
        if effect.has_roles {
            for (i, sense) in effect.senses.iter().enumerate() {
                self.act(i, sense.role, first, position, in_capitals);
            }
        }
        weighed
    }

    /// Ends the negation in a phrase of praise, such as "no complaints".
    fn forget_praised(&mut self, first: u32, position: u32, weighed: &Each<EffectiveValence>) {
        for (track, _) in self.tracks.iter_mut().zip(weighed).filter(|(_, weighed)| weighed.valence > 0.0) {
            for part in first..position {
                if let Some(place) = track.last.get_mut(part as usize % 4).filter(|place| place.position == part) {
                    *place = Influence::default();
                }
            }
        }
    }

    /// Lets the word or phrase from `first` to `position` influence the words that follow.
    fn act(&mut self, i: usize, role: Role, first: u32, position: u32, in_capitals: bool) {
        if matches!(role, Role::None) {
            return;
        }
        let track = &mut self.tracks[i];
        // The words of a phrase together have the phrase's influence.
        for part in first..position {
            track.influence_next(part, 0.0, 0.0, false);
        }
        match role {
            Role::Booster(boost) => {
                let by_capitals = if in_capitals { CAPITALS.copysign(boost) } else { 0.0 };
                track.influence_next(position, boost, by_capitals, false);
            }
            Role::Negator => {
                track.negators += 1;
                track.influence_next(position, 0.0, 0.0, true);
            }
            Role::FarNegator => {
                track.negators += 1;
                track.influence_next(position, 0.0, 0.0, true);
                // Again where its reach ends.
                track.influence_next(position + REACH, 0.0, 0.0, true);
            }
            Role::ShamNegation | Role::None => track.influence_next(position, 0.0, 0.0, false),
            Role::Contrast => {
                track.contrasts += 1;
                track.contrast_until = position + CONTRAST_REACH;
                track.last = Default::default();
                self.open.close(i, 0.5, &mut self.closed);
            }
        }
        let track = &self.tracks[i];
        self.influenced_until = self.influenced_until.max(track.influenced_until).max(track.contrast_until);
    }

    /// The current sums of valences.
    pub(super) fn mark(&self) -> Mark {
        let negated = self.tracks.each_ref().map(|track| track.negated);
        Mark { open: self.open, highest: self.highest, lowest: self.lowest, negated, cues: self.cues }
    }

    /// Takes back all valences since the mark, which is in the same sentence and after any contrast in it.
    pub(super) fn take_back(&mut self, mark: &Mark) {
        (self.open, self.highest, self.lowest, self.cues) = (mark.open, mark.highest, mark.lowest, mark.cues);
        for (track, negated) in self.tracks.iter_mut().zip(mark.negated) {
            track.negated = negated;
        }
    }

    /// Boosts the word after `position`, in addition to existing boosts.
    pub(super) fn boost_next(&mut self, position: u32, boost: f32) {
        for track in &mut self.tracks {
            let known = track.influence(position + 1, 1).copied().unwrap_or_default();
            track.influence_next(position, known.boost + boost, known.by_capitals, known.negates);
            self.influenced_until = self.influenced_until.max(track.influenced_until);
        }
    }

    /// Adds a valence that words do not influence, such as that of an emoji.
    pub(super) fn add_symbol(&mut self, valence: f32) {
        self.add([valence; TRACKS], [valence; TRACKS]);
    }

    #[inline(always)]
    fn add(&mut self, plain: Each<f32>, emphatic: Each<f32>) {
        for i in 0..TRACKS {
            let (above, below) = (greater(plain[i], 0.0), less(plain[i], 0.0));
            self.highest[i] = greater(plain[i], self.highest[i]);
            self.lowest[i] = less(plain[i], self.lowest[i]);
            self.open.positive[i] += above;
            self.open.negative[i] += below;
            self.open.by_capitals[i] += emphatic[i] - plain[i];
        }
    }

    /// Ends a clause of this many words.
    #[inline(always)]
    pub(super) fn end_clause(&mut self, words: u32) {
        if (1..=EXCLAMATION_WORDS).contains(&words) {
            for i in 0..TRACKS {
                let praise = self.open.positive[i] - self.before_clause[i];
                if praise >= LEAST_EXCLAMATION {
                    self.exclaimed[i] += praise;
                }
            }
        }
        self.before_clause = self.open.positive;
    }

    /// The word that had these effective valences is in quotation marks.
    pub(super) fn quote(&mut self, weighed: &Each<EffectiveValence>) {
        for (sum, weighed) in self.quoted.iter_mut().zip(weighed) {
            *sum += greater(weighed.valence, 0.0);
        }
    }

    /// Adds a cue that is no word.
    pub(super) fn add_cue(&mut self, cue: Cue) {
        self.cues.add(cue, &Default::default());
    }

    pub(super) fn end_sentence(&mut self) {
        self.before_clause = Default::default();
        for i in 0..TRACKS {
            let valence = self.open.positive[i] + self.open.negative[i];
            self.last_sentence[i] = if valence == 0.0 { self.last_sentence[i] } else { valence };
            self.open.close(i, 1.0, &mut self.closed);
            self.tracks[i].contrast_until = 0;
        }
    }

    /// Adds the closed sentences of another part of the same text.
    pub(super) fn merge(&mut self, part: &Self) {
        self.cues.merge(&part.cues);
        for i in 0..TRACKS {
            self.closed.positive[i] += part.closed.positive[i];
            self.closed.negative[i] += part.closed.negative[i];
            self.closed.by_capitals[i] += part.closed.by_capitals[i];
            self.highest[i] = self.highest[i].max(part.highest[i]);
            self.lowest[i] = self.lowest[i].min(part.lowest[i]);
            if part.last_sentence[i] != 0.0 {
                self.last_sentence[i] = part.last_sentence[i];
            }
            let (track, of_part) = (&mut self.tracks[i], &part.tracks[i]);
            track.negated += of_part.negated;
            track.negators += of_part.negators;
            track.contrasts += of_part.contrasts;
            self.exclaimed[i] += part.exclaimed[i];
            self.quoted[i] += part.quoted[i];
        }
    }

    /// The sums of the sentences that have ended.
    pub(super) fn closed(&self) -> Sums {
        self.closed
    }

    /// The totals in the language `track`, which is below [`TRACKS`].
    pub(super) fn tally(&self, track: usize) -> Tally {
        let Track { negated, negators, contrasts, .. } = self.tracks[track];
        Tally {
            highest: self.highest[track],
            lowest: self.lowest[track],
            negated,
            negators,
            contrasts,
            last_sentence: self.last_sentence[track],
            cues: self.cues,
            courtesy: self.cues.courtesy[track],
            praise: self.cues.praise[track],
            blame: self.cues.blame[track],
            exclaimed: self.exclaimed[track],
            quoted: self.quoted[track],
        }
    }
}

/// The greater of two numbers; unlike [`f32::max`] without a check for NaN.
#[inline(always)]
fn greater(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// The lesser of two numbers; unlike [`f32::min`] without a check for NaN.
#[inline(always)]
fn less(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

impl Track {
    fn is_negated(&self, first: u32) -> bool {
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

    /// The valence of the word or phrase from `first` to `position`, plain and emphatic, and whether it is negated.
    /// With `concord` several negators are one negation.
    fn weigh(
        &mut self,
        sense: &Sense,
        first: u32,
        position: u32,
        in_capitals: bool,
        concord: bool,
    ) -> (f32, f32, bool) {
        if sense.valence == 0.0 && sense.negated == 0.0 {
            return (0.0, 0.0, false);
        }
        let capitals = if in_capitals { CAPITALS.copysign(sense.valence) } else { 0.0 };
        let (mut plain, mut emphatic) = (sense.valence, sense.valence + capitals);
        let mut negated = false;
        if first <= self.influenced_until {
            (plain, emphatic, negated) = self.influenced(sense, first, (plain, emphatic), concord);
        }
        if position <= self.contrast_until {
            plain *= 1.5;
            emphatic *= 1.5;
        }
        self.negated += u32::from(negated);
        (plain, emphatic, negated)
    }

    /// A valence, plain and emphatic, under the influence of the words before, and whether they negate it.
    fn influenced(
        &self,
        sense: &Sense,
        first: u32,
        (mut plain, mut emphatic): (f32, f32),
        concord: bool,
    ) -> (f32, f32, bool) {
        let mut negated = false;
        for (distance, damping) in (1..=REACH).zip(DAMPING) {
            let Some(influence) = self.influence(first, distance) else { continue };
            if influence.boost != 0.0 && plain != 0.0 {
                plain += (influence.boost * damping).copysign(influence.boost * plain);
                let boost = influence.boost + influence.by_capitals;
                emphatic += (boost * damping).copysign(boost * emphatic);
            }
            if influence.negates && !(negated && concord) {
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
}

impl Sums {
    /// The sum in the language `track`, which is below [`TRACKS`].
    pub(super) fn of(&self, track: usize) -> Sum {
        Sum { positive: self.positive[track], negative: self.negative[track], by_capitals: self.by_capitals[track] }
    }

    /// Adds the sum in one language to the closed sentences, and starts over.
    #[inline(always)]
    fn close(&mut self, track: usize, weight: f32, closed: &mut Self) {
        closed.positive[track] += weight * std::mem::take(&mut self.positive[track]);
        closed.negative[track] += weight * std::mem::take(&mut self.negative[track]);
        closed.by_capitals[track] += weight * std::mem::take(&mut self.by_capitals[track]);
    }
}

impl Sum {
    /// What was added since the sum was `before`.
    pub(super) fn since(self, before: Self) -> Self {
        Self {
            positive: self.positive - before.positive,
            negative: self.negative - before.negative,
            by_capitals: self.by_capitals - before.by_capitals,
        }
    }
}
