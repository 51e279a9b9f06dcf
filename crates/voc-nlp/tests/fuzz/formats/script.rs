//! What is said in a document, as bytes decide it.

use voc_nlp::Role;

/// Decides by bytes; after the last one, always for the first choice.
pub(super) struct Bytes<'d> {
    data: &'d [u8],
}

impl<'d> Bytes<'d> {
    pub(super) fn new(data: &'d [u8]) -> Self {
        Self { data }
    }

    fn next(&mut self) -> u8 {
        let (first, rest) = self.data.split_first().unwrap_or((&0, &[]));
        self.data = rest;
        *first
    }

    /// A number below another one.
    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::from(self.next()) % end
    }

    pub(super) fn is_odd(&mut self) -> bool {
        self.below(2) == 1
    }

    /// One of these.
    pub(super) fn one<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// A place between the characters of a text.
    pub(super) fn place_in(&mut self, text: &str) -> usize {
        let place = (usize::from(self.next()) << 8 | usize::from(self.next())) % (text.len() + 1);
        (0..=place).rfind(|place| text.is_char_boundary(*place)).unwrap_or_default()
    }

    pub(super) fn rest(&self) -> &'d [u8] {
        self.data
    }
}

/// Words that are said. None ends with a colon or is a name.
const WORDS: [&str; 24] = [
    "hello",
    "order",
    "broke,",
    "não",
    "é",
    "obrigado.",
    "don't",
    "I",
    "AT&T",
    "R$",
    "5",
    "3.50",
    "twice!",
    "why?",
    "😀",
    "“so”",
    "Δελτα",
    "日本",
    "e\u{301}",
    "ana@example.com",
    "529.982.247-25",
    "--",
    "v2",
    "late;",
];

/// Words of labels and heads, which are read as text where speakers are not recognised.
const LABELS: [&str; 12] = [
    "Agent",
    "Customer",
    "agent",
    "customer",
    "Agent:",
    "Customer:",
    "agent:",
    "customer:",
    "Chat",
    "speaker",
    "WEBVTT",
    "text",
];

/// Pieces that have a meaning in some format.
pub(super) const HOSTILE: [&str; 36] = [
    "<",
    ">",
    "\"",
    "'",
    "\\",
    "{",
    "}",
    "[",
    "]",
    "[{",
    ",",
    ":",
    ";",
    "\n",
    "\n\n",
    " ",
    "\t",
    "&",
    "&#x41;",
    "-->",
    "<!--",
    "<v ",
    "<table><tr><td>",
    "<b>",
    "</div>",
    "\\u12",
    "\\ud83d",
    "1e999",
    "-1",
    "00:00:01.000 --> 00:00:02.000\n",
    "Agent: ",
    "[00:12] ",
    "{\"channels\":[{},",
    "\u{2028}",
    "\u{0}",
    "\u{202e}",
];

/// Whether a word may be read.
pub(super) fn is_known(word: &str) -> bool {
    WORDS.contains(&word) || LABELS.contains(&word)
}

/// A turn.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) role: Role,
    pub(super) text: String,
    pub(super) start_ms: u64,
    pub(super) end_ms: u64,
}

impl Said {
    /// The label of the speaker.
    pub(super) fn name(&self) -> &'static str {
        if self.role == Role::Agent { "Agent" } else { "Customer" }
    }
}

/// A conversation of an agent and a customer, who take turns.
pub(super) struct Script {
    pub(super) said: Vec<Said>,
}

impl Script {
    pub(super) fn of(bytes: &mut Bytes<'_>) -> Self {
        let turns = 4 + bytes.below(5);
        let mut start_ms = 0;
        let mut said = Vec::new();
        for number in 0..turns {
            let words: Vec<_> = (0..=bytes.below(6)).map(|_| bytes.one(&WORDS)).collect();
            let end_ms = start_ms + 500 + 100 * bytes.below(90) as u64;
            let role = if number % 2 == 0 { Role::Agent } else { Role::Customer };
            said.push(Said { role, text: words.join(" "), start_ms, end_ms });
            start_ms = end_ms + 100 * bytes.below(30) as u64;
        }
        Self { said }
    }
}
