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

/// Numbers above 0 for each language, and then, as positive numbers, those below 0. They are read and written
/// together: a processor waits for what was written in parts before it reads the whole.
type BothSigns = [f32; 2 * TRACKS];

/// Valences by language, and their opposites.
#[inline(always)]
fn both_signs([english, portuguese]: Each<f32>) -> BothSigns {
    [english, portuguese, -english, -portuguese]
}

/// The scores in each language, for the text read so far. Words are identified by their positions.
#[derive(Clone, Copy, Default)]
pub(super) struct Tracks {
    tracks: Each<Track>,
    /// Beyond this position no word is influenced by earlier ones, in any language; this is true of most words.
    influenced_until: u32,
    /// Since the last contrast or the start of the sentence.
    open: Sums,
    closed: Sums,
    /// The sums of `open` at the start of the clause.
    before_clause: BothSigns,
    /// The highest and the lowest valences.
    extremes: BothSigns,
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
    /// How many of each, in [`COUNT_BITS`](Self::COUNT_BITS) bits.
    counts: u64,
    /// The sums of the valences of [`Cue::Courtesy`].
    courtesy: Each<f32>,
    /// The sums of the valences of phrases.
    phrases: BothSigns,
}

impl Cues {
    const COUNT_BITS: u32 = 12;
    const MOST: u64 = (1 << Self::COUNT_BITS) - 1;

    pub(super) fn count(&self, cue: Cue) -> u32 {
        const { assert!(Cue::COUNT * Self::COUNT_BITS as usize <= u64::BITS as usize) }
        (self.counts >> Self::place(cue) & Self::MOST) as u32
    }

    /// The lowest bit of a cue's count.
    fn place(cue: Cue) -> u32 {
        cue as u32 * Self::COUNT_BITS
    }

    fn count_more(&mut self, cue: Cue, more: u32) {
        let room = Self::MOST as u32 - self.count(cue);
        self.counts += u64::from(more.min(room)) << Self::place(cue);
    }

    /// Whether the text asks for something or complains, so that thanks may be a formula.
    pub(super) fn wants_something(&self) -> bool {
        [Cue::Request, Cue::Hint, Cue::Unresolved].iter().any(|cue| self.count(*cue) > 0)
    }

    /// Adds a cue with its effective valences.
    fn add(&mut self, cue: Cue, weighed: &Weighed) {
        self.count_more(cue, 1);
        if matches!(cue, Cue::Courtesy) {
            for (sum, valence) in self.courtesy.iter_mut().zip(weighed.valences) {
                *sum += greater(valence, 0.0);
            }
        }
    }

    fn add_phrase(&mut self, weighed: &Weighed) {
        for (sum, valence) in self.phrases.iter_mut().zip(both_signs(weighed.valences)) {
            *sum += greater(valence, 0.0);
        }
    }

    fn merge(&mut self, part: &Self) {
        for cue in Cue::ALL {
            self.count_more(cue, part.count(cue));
        }
        for (sum, of_part) in self.courtesy.iter_mut().zip(part.courtesy) {
            *sum += of_part;
        }
        for (sum, of_part) in self.phrases.iter_mut().zip(part.phrases) {
            *sum += of_part;
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
    extremes: BothSigns,
    negated: Each<u32>,
    cues: Cues,
}

/// Sums of valences.
#[derive(Clone, Copy, Default)]
pub(super) struct Sums {
    valences: BothSigns,
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

/// The resulting valences of a word or phrase.
#[derive(Clone, Copy, Default)]
pub(super) struct Weighed {
    pub(super) valences: Each<f32>,
    pub(super) negated: Each<bool>,
}

impl Weighed {
    /// Valences that nothing influences.
    pub(super) fn plain(valences: Each<f32>) -> Self {
        Self { valences, negated: [false; TRACKS] }
    }
}

impl Tracks {
    /// Whether the word at `first` is negated, in any language.
    pub(super) fn is_negated(&self, first: u32) -> bool {
        self.tracks.iter().any(|track| track.is_negated(first))
    }

    /// Applies the word or phrase from `first` to `position`.
    #[inline(always)]
    pub(super) fn apply(&mut self, effect: &Effect, first: u32, position: u32, in_capitals: bool) -> Weighed {
        let is_plain = !(effect.has_roles | in_capitals | (first <= self.influenced_until));
        let weighed = if is_plain {
            let valences = effect.senses.each_ref().map(|sense| sense.valence);
            self.add(valences);
            Weighed::plain(valences)
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
    fn apply_by_track(&mut self, effect: &Effect, first: u32, position: u32, in_capitals: bool) -> Weighed {
        let mut weighed = Weighed::default();
        if effect.has_valence {
            let mut emphatic = [0.0; TRACKS];
            for (i, (track, sense)) in self.tracks.iter_mut().zip(&effect.senses).enumerate() {
                (weighed.valences[i], emphatic[i], weighed.negated[i]) =
                    track.weigh(sense, first, position, in_capitals, i == CONCORD);
            }
            self.add(weighed.valences);
            for (sum, (emphatic, plain)) in self.open.by_capitals.iter_mut().zip(emphatic.iter().zip(weighed.valences))
            {
                *sum += emphatic - plain;
            }
        }
        if effect.has_roles {
            for (i, sense) in effect.senses.iter().enumerate() {
                self.act(i, sense.role, first, position, in_capitals);
            }
        }
        weighed
    }

    /// Ends the negation in a phrase of praise, such as "no complaints".
    fn forget_praised(&mut self, first: u32, position: u32, weighed: &Weighed) {
        for (track, _) in self.tracks.iter_mut().zip(weighed.valences).filter(|(_, valence)| *valence > 0.0) {
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
        Mark { open: self.open, extremes: self.extremes, negated, cues: self.cues }
    }

    /// Takes back all valences since the mark, which is in the same sentence and after any contrast in it.
    pub(super) fn take_back(&mut self, mark: &Mark) {
        (self.open, self.extremes, self.cues) = (mark.open, mark.extremes, mark.cues);
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
        self.add([valence; TRACKS]);
    }

    #[inline(always)]
    fn add(&mut self, valences: Each<f32>) {
        let valences = both_signs(valences);
        for ((valence, extreme), sum) in valences.iter().zip(&mut self.extremes).zip(&mut self.open.valences) {
            *extreme = greater(*valence, *extreme);
            *sum += greater(*valence, 0.0);
        }
    }

    /// Ends a clause of this many words.
    #[inline(always)]
    pub(super) fn end_clause(&mut self, words: u32) {
        if (1..=EXCLAMATION_WORDS).contains(&words) {
            for i in 0..TRACKS {
                let praise = self.open.valences[i] - self.before_clause[i];
                if praise >= LEAST_EXCLAMATION {
                    self.exclaimed[i] += praise;
                }
            }
        }
        self.before_clause = self.open.valences;
    }

    /// The word that had these effective valences is in quotation marks.
    pub(super) fn quote(&mut self, weighed: &Weighed) {
        for (sum, valence) in self.quoted.iter_mut().zip(weighed.valences) {
            *sum += greater(valence, 0.0);
        }
    }

    /// Adds a cue that is no word.
    pub(super) fn add_cue(&mut self, cue: Cue) {
        self.cues.add(cue, &Default::default());
    }

    pub(super) fn end_sentence(&mut self) {
        self.before_clause = Default::default();
        for i in 0..TRACKS {
            let valence = self.open.valences[i] - self.open.valences[TRACKS + i];
            self.last_sentence[i] = if valence == 0.0 { self.last_sentence[i] } else { valence };
            self.tracks[i].contrast_until = 0;
        }
        self.closed.add(&std::mem::take(&mut self.open));
    }

    /// Adds the closed sentences of another part of the same text.
    pub(super) fn merge(&mut self, part: &Self) {
        self.cues.merge(&part.cues);
        self.closed.add(&part.closed);
        for (extreme, of_part) in self.extremes.iter_mut().zip(part.extremes) {
            *extreme = greater(of_part, *extreme);
        }
        for i in 0..TRACKS {
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
            highest: self.extremes[track],
            lowest: -self.extremes[TRACKS + track],
            negated,
            negators,
            contrasts,
            last_sentence: self.last_sentence[track],
            cues: self.cues,
            courtesy: self.cues.courtesy[track],
            praise: self.cues.phrases[track],
            blame: -self.cues.phrases[TRACKS + track],
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
        let [positive, negative] = [self.valences[track], -self.valences[TRACKS + track]];
        Sum { positive, negative, by_capitals: self.by_capitals[track] }
    }

    fn add(&mut self, other: &Self) {
        for (sum, of_other) in self.valences.iter_mut().zip(other.valences) {
            *sum += of_other;
        }
        for (sum, of_other) in self.by_capitals.iter_mut().zip(other.by_capitals) {
            *sum += of_other;
        }
    }

    /// Adds the sum in one language to the closed sentences, and starts over.
    #[inline(always)]
    fn close(&mut self, track: usize, weight: f32, closed: &mut Self) {
        for i in [track, TRACKS + track] {
            closed.valences[i] += weight * std::mem::take(&mut self.valences[i]);
        }
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
