//! Conversations of several turns, assembled from phrases: each scenario (a billing dispute, login trouble, an outage,
//! …) takes its usual course, and a mood decides how it ends.

mod english;
mod phrases;
mod portuguese;
mod template;

pub(super) use self::phrases::Mood;
use self::{
    phrases::{Phrases, Scenario},
    template::{Slot, Template},
};
use super::{random::Random, text};

/// The language a conversation is held in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Portuguese,
}

impl Language {
    /// BCP 47 tag.
    pub(super) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Portuguese => "pt-BR",
        }
    }
}

/// A language's phrases, ready for use: the templates parsed, the texts escaped for JSON.
pub(super) struct Conversations {
    phrases: Phrases,
    greetings: Vec<Template>,
    holds: Vec<(Template, Template)>,
    reactions: [Vec<Template>; 3],
    closings: Vec<Template>,
    farewells: [Vec<Template>; 3],
    scenarios: Vec<Parts>,
}

struct Parts {
    queue: &'static str,
    openings: Vec<Template>,
    questions: Vec<Template>,
    details: Vec<Template>,
    solved: Vec<Template>,
    unsolved: Vec<Template>,
    mood: Mood,
}

impl Conversations {
    pub(super) fn new(language: Language) -> Self {
        let phrases = match language {
            Language::English => english::PHRASES,
            Language::Portuguese => portuguese::PHRASES,
        };
        let parse = |texts: &[&'static str]| texts.iter().map(|text| Template::parse(text)).collect::<Vec<_>>();
        let parts = |scenario: &Scenario| Parts {
            queue: scenario.queue,
            openings: parse(scenario.openings),
            questions: parse(scenario.questions),
            details: parse(scenario.details),
            solved: parse(scenario.solved),
            unsolved: parse(scenario.unsolved),
            mood: scenario.mood,
        };
        Self {
            greetings: parse(phrases.greetings),
            holds: phrases.holds.iter().map(|(ask, answer)| (Template::parse(ask), Template::parse(answer))).collect(),
            reactions: phrases.reactions.map(parse),
            closings: parse(phrases.closings),
            farewells: phrases.farewells.map(parse),
            scenarios: phrases.scenarios.iter().map(parts).collect(),
            phrases,
        }
    }

    /// Appends a transcript, escaped for a JSON string, and returns the queue of the call and how it ends.
    ///
    /// `bias` is the mood to be expected of the tenant's customers and the agent; `trouble` is the queue of what many
    /// call about at the time. Turns are separated by line feeds.
    pub(super) fn write(
        &self,
        out: &mut String,
        random: &mut Random,
        company: &str,
        bias: Mood,
        trouble: Option<&str>,
    ) -> (&'static str, Mood) {
        let mut scenario = random.pick(&self.scenarios);
        if let Some(troubled) = self.scenarios.iter().find(|scenario| Some(scenario.queue) == trouble)
            && random.per_mille(250)
        {
            scenario = troubled;
        }
        let mood = match random.below(10) {
            0..4 => bias,
            4..8 => scenario.mood,
            8 => Mood::Neutral,
            _ => *random.pick(&[Mood::Positive, Mood::Negative]),
        };
        let mut call = Call {
            out,
            phrases: &self.phrases,
            company,
            agent: random.word(self.phrases.agents),
            customer: random.word(self.phrases.customers),
            turns: 0,
        };
        call.agent(random, &self.greetings);
        call.customer(random, &scenario.openings);
        for _ in 0..=random.below(2) {
            call.agent(random, &scenario.questions);
            call.customer(random, &scenario.details);
        }
        if random.below(3) == 0 {
            let (ask, answer) = random.pick(&self.holds);
            call.turn(random, true, ask);
            call.turn(random, false, answer);
        }
        let solved = match mood {
            Mood::Positive => true,
            Mood::Neutral => random.below(2) == 0,
            Mood::Negative => false,
        };
        call.agent(random, if solved { &scenario.solved } else { &scenario.unsolved });
        call.customer(random, &self.reactions[mood as usize]);
        if random.below(4) == 0 {
            call.agent(random, &scenario.questions);
            call.customer(random, &scenario.details);
            call.agent(random, if solved { &scenario.solved } else { &scenario.unsolved });
            call.customer(random, &self.reactions[mood as usize]);
        }
        call.agent(random, &self.closings);
        call.customer(random, &self.farewells[mood as usize]);
        (scenario.queue, mood)
    }

    /// Appends a single statement of a customer, escaped for a JSON string: the text of a chat message or a survey.
    pub(super) fn write_remark(&self, out: &mut String, random: &mut Random, company: &str, mood: Mood) {
        let mut call = Call { out, phrases: &self.phrases, company, agent: "", customer: "", turns: 0 };
        let template = random.pick(&self.reactions[mood as usize]);
        call.fill(random, template);
    }
}

/// A transcript being written.
struct Call<'a> {
    out: &'a mut String,
    phrases: &'a Phrases,
    company: &'a str,
    agent: &'static str,
    customer: &'static str,
    turns: usize,
}

impl Call<'_> {
    fn agent(&mut self, random: &mut Random, from: &[Template]) {
        let template = random.pick(from);
        self.turn(random, true, template);
    }

    fn customer(&mut self, random: &mut Random, from: &[Template]) {
        let template = random.pick(from);
        self.turn(random, false, template);
    }

    fn turn(&mut self, random: &mut Random, by_agent: bool, template: &Template) {
        if self.turns > 0 {
            self.out.push_str("\\n");
        }
        self.turns += 1;
        self.out.push_str(if by_agent { self.phrases.agent } else { self.phrases.customer });
        self.out.push_str(": ");
        self.fill(random, template);
    }

    fn fill(&mut self, random: &mut Random, template: &Template) {
        for (text, slot) in template.parts() {
            self.out.push_str(text);
            match slot {
                None => {}
                Some(Slot::Agent) => self.out.push_str(self.agent),
                Some(Slot::Customer) => self.out.push_str(self.customer),
                Some(Slot::Company) => self.out.push_str(self.company),
                Some(Slot::City) => self.out.push_str(random.word(self.phrases.cities)),
                Some(Slot::Product) => self.out.push_str(random.word(self.phrases.products)),
                Some(Slot::Plan) => self.out.push_str(random.word(self.phrases.plans)),
                Some(Slot::Month) => self.out.push_str(random.word(self.phrases.months)),
                Some(Slot::Days) => text::push_integer(self.out, u64::from(2 + random.below(12))),
                Some(Slot::Digits) => text::push_integer(self.out, u64::from(1000 + random.below(9000))),
                Some(Slot::Order) => text::push_integer(self.out, u64::from(100_000 + random.below(900_000))),
                Some(Slot::Amount) => {
                    self.out.push_str(self.phrases.currency);
                    text::push_integer(self.out, u64::from(5 + random.below(450)));
                    self.out.push(self.phrases.decimal);
                    text::push_digits(self.out, u64::from(random.below(100)), 2);
                }
            }
        }
    }
}
