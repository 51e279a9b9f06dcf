//! Lines of captions and segments, which end anywhere in a sentence.

use crate::conversation::label::at_line;

/// The lines of a text in which every line begins a sentence or a turn.
#[derive(Default)]
pub(super) struct Lines {
    text: String,
}

impl Lines {
    /// Appends a line, or what continues the last one.
    pub(super) fn push(&mut self, line: &str) {
        let line = line.trim();
        if line.is_empty() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push(if continues(&self.text, line) { ' ' } else { '\n' });
        }
        self.text.push_str(line);
    }

    /// The text; `None` if it is blank.
    pub(super) fn finish(self) -> Option<String> {
        (!self.text.is_empty()).then_some(self.text)
    }
}

fn continues(before: &str, line: &str) -> bool {
    let is_sentence = before.ends_with(['.', '!', '?', '…', '"', '”', ')', ']', ':', ';', '♪', '。', '？', '！']);
    let begins_turn = line.starts_with(['-', '–', '—', '[', '(', '<', '>', '♪', '*']);
    !is_sentence && !begins_turn && at_line(line, 0).is_none()
}
