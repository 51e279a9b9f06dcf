//! Gathers what is known of a call, turn by turn.

use super::scored_speakers::ScoredSpeakers;
use super::timing::TimingCollector;
use super::{Role, Turn};
use crate::annotation::Topic;
use crate::call_facts::{CallFacts, ScoresTowards};
use crate::call_phrases::CallPhrases;
use crate::engine::{PartReading, score_of};
use crate::lexicon::{TOPICS, TRACKS};
use crate::taxonomy::Mention;

/// Valences by language: which one counts is known only at the end.
type ByTrack = [f32; TRACKS];

/// Receives the turns of a call in order.
pub(super) struct FactsCollector<'t> {
    heard: ScoredSpeakers,
    facts: CallFacts,
    customer: Option<ByTrack>,
    agent: Option<ByTrack>,
    /// Of each turn of a speaker whose score counts.
    of_heard: Vec<ByTrack>,
    worst: Option<ByTrack>,
    towards: [Mean; TOPICS.len()],
    /// The last speaker, and the words said since another one spoke.
    monologue: Option<(Role, Option<&'t str>, u32)>,
    timing: TimingCollector<'t>,
    /// Only for a taxonomy, whose phrases are looked for at the end.
    turns: Option<Vec<MentioningTurn>>,
}

/// More need another allocation.
const USUAL_TURNS: usize = 32;

/// The mean of the scores of the turns that mention a topic: those of speakers whose score counts, and all.
#[derive(Clone, Copy, Default)]
struct Mean {
    heard: (ByTrack, u32),
    all: (ByTrack, u32),
}

/// A turn that may mention topics of a taxonomy.
struct MentioningTurn {
    end: usize,
    scores: ByTrack,
    is_heard: bool,
}

impl<'t> FactsCollector<'t> {
    /// For a call; `has_taxonomy` says whether topics of a taxonomy will be asked for.
    pub(super) fn new(heard: ScoredSpeakers, has_taxonomy: bool) -> Self {
        Self {
            heard,
            facts: CallFacts::default(),
            customer: None,
            agent: None,
            of_heard: Vec::with_capacity(USUAL_TURNS),
            worst: None,
            towards: Default::default(),
            monologue: None,
            timing: TimingCollector::default(),
            turns: has_taxonomy.then(Vec::new),
        }
    }

    /// The next turn.
    pub(super) fn add(&mut self, turn: Turn<'t>, PartReading { valences, words, topics, has_cue }: PartReading) {
        self.add_times(&turn);
        let facts = &mut self.facts;
        facts.turns += 1;
        let (said, mood) = match turn.role {
            Role::Customer => (&mut facts.customer_words, Some(&mut self.customer)),
            Role::Agent | Role::Bot => (&mut facts.agent_words, Some(&mut self.agent)),
            Role::Other => (&mut facts.other_words, None),
        };
        *said += words;
        if let Some(sum) = mood {
            add(sum, valences);
        }
        let before = match self.monologue {
            Some((role, speaker, words)) if (role, speaker) == (turn.role, turn.speaker) => words,
            _ => 0,
        };
        self.monologue = Some((turn.role, turn.speaker, before + words));
        facts.longest_monologue_words = facts.longest_monologue_words.max(before + words);

        let is_heard = self.heard.hears(turn.role);
        if is_heard {
            self.of_heard.push(valences);
            let worst = self.worst.get_or_insert(valences);
            worst.iter_mut().zip(valences).for_each(|(worst, valence)| *worst = worst.min(valence));
        }
        if topics != 0 {
            let scores = valences.map(score_of);
            let mentioned = self.towards.iter_mut().enumerate().filter(|(topic, _)| topics >> topic & 1 != 0);
            mentioned.for_each(|(_, mean)| mean.add(scores, is_heard));
        }
        if let Some(turns) = &mut self.turns {
            turns.push(MentioningTurn { end: turn.end, scores: valences.map(score_of), is_heard });
        }
        if has_cue && matches!(turn.role, Role::Customer | Role::Other) {
            CallPhrases::built_in().find(turn.text, &mut facts.escalation_phrases, &mut facts.churn_phrases);
        }
    }

    /// The times of a turn that is part of another one, as those of a text without speakers are.
    pub(super) fn add_times(&mut self, turn: &Turn<'t>) {
        self.timing.add(turn);
    }

    /// The sums in the first and in the last quarter.
    fn quarters(&self) -> [Option<ByTrack>; 2] {
        if self.facts.turns < CallFacts::MIN_TURNS_OF_QUARTERS || self.of_heard.len() < 2 {
            return [None; 2];
        }
        let turns = self.of_heard.len().div_ceil(4);
        let first = self.of_heard.get(..turns).unwrap_or_default();
        let last = self.of_heard.get(self.of_heard.len() - turns..).unwrap_or_default();
        [first, last].map(|quarter| {
            let mut sum = None;
            quarter.iter().for_each(|valences| add(&mut sum, *valences));
            sum
        })
    }

    /// The facts, once the language track that counts and the mentions of topics of a taxonomy are known.
    pub(super) fn finish(self, track: usize, mentions: &[Mention]) -> CallFacts {
        let in_track = |valences: ByTrack| valences.get(track).copied().unwrap_or_default();
        let score = |valences: Option<ByTrack>| valences.map(|valences| score_of(in_track(valences)));
        let mean = |mean: Mean| mean.get().map(in_track);
        let [first, last] = self.quarters().map(score);
        CallFacts {
            customer: score(self.customer),
            agent: score(self.agent),
            first_quarter: first,
            last_quarter: last,
            change: first.zip(last).map(|(first, last)| last - first),
            worst_turn: score(self.worst),
            timing: self.timing.finish(),
            towards: ScoresTowards {
                built_in: self.towards.map(mean),
                custom: means_of(mentions, &self.turns.unwrap_or_default())
                    .into_iter()
                    .filter_map(|(topic, of_topic)| Some((topic, mean(of_topic)?)))
                    .collect(),
            },
            ..self.facts
        }
    }
}

/// The means of the topics of a taxonomy that are mentioned.
fn means_of(mentions: &[Mention], turns: &[MentioningTurn]) -> Vec<(Topic, Mean)> {
    let mut means: Vec<(Topic, Mean, usize)> = Vec::new();
    for mention in mentions {
        let number = turns.partition_point(|turn| turn.end <= mention.start);
        let Some(turn) = turns.get(number) else { continue };
        match means.iter_mut().find(|(topic, ..)| *topic == mention.topic) {
            // Each turn counts once.
            Some((.., last)) if *last == number => {}
            Some((_, mean, last)) => {
                mean.add(turn.scores, turn.is_heard);
                *last = number;
            }
            None => {
                let mut mean = Mean::default();
                mean.add(turn.scores, turn.is_heard);
                means.push((mention.topic.clone(), mean, number));
            }
        }
    }
    means.into_iter().map(|(topic, mean, _)| (topic, mean)).collect()
}

impl Mean {
    fn add(&mut self, scores: ByTrack, is_heard: bool) {
        let heard = is_heard.then_some(&mut self.heard);
        for (sums, count) in heard.into_iter().chain([&mut self.all]) {
            sums.iter_mut().zip(scores).for_each(|(sum, score)| *sum += score);
            *count += 1;
        }
    }

    fn get(self) -> Option<ByTrack> {
        let (sums, count) = if self.heard.1 > 0 { self.heard } else { self.all };
        (count > 0).then(|| sums.map(|sum| sum / count as f32))
    }
}

fn add(sum: &mut Option<ByTrack>, valences: ByTrack) {
    sum.get_or_insert_default().iter_mut().zip(valences).for_each(|(sum, valence)| *sum += valence);
}
