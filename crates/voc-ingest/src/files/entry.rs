//! The progress of one file, and how it is recognised.

use std::io;

use serde::{Deserialize, Serialize};
use voc_events::families;

use super::{
    input_file::InputFile,
    marks::{Mark, newest_and},
    units::Framing,
};
use crate::CommitMetadata;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    /// The topic of the file's rows: its name and a unique suffix.
    pub(super) topic: String,
    /// The family that its events were read as. Journals of earlier versions do not name it.
    #[serde(default = "default_family")]
    family: String,
    /// How the file is split into events. Fixed once something is stored.
    #[serde(default, skip_serializing_if = "Framing::is_lines")]
    framing: Framing,
    /// A mark of the first line or event: it rules out other files without reading them further.
    first_line: Mark,
    /// Number of the first unfinished line or event.
    next_offset: i64,
    /// Marks of complete lines or events by which the file is recognised, in order.
    marks: Vec<Mark>,
    /// The mark of the last line or event, if it was taken without its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unfinished: Option<Mark>,
    /// Marks of the last units of earlier imports: a copy that was not continued ends with one of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    earlier_ends: Vec<Mark>,
    /// The metadata of the last commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metadata: Option<String>,
}

/// Maximum number of earlier ends that are remembered.
const MAX_EARLIER_ENDS: usize = 16;

/// The progress that a commit reports.
pub(super) struct Commit {
    pub(super) next_offset: i64,
    pub(super) marks: Vec<Mark>,
    pub(super) unfinished: Option<Mark>,
    pub(super) metadata: Option<String>,
}

/// Where reading a file begins.
pub(super) struct Resume {
    pub(super) topic: String,
    pub(super) framing: Framing,
    pub(super) next_offset: i64,
    pub(super) metadata: Option<String>,
}

impl Entry {
    /// Creates the entry of a file of which nothing is stored.
    pub(super) fn new(topic: String, family: &str, framing: Framing, first_line: Mark) -> Self {
        Self {
            topic,
            family: family.to_owned(),
            framing,
            first_line,
            next_offset: 0,
            marks: Vec::new(),
            unfinished: None,
            earlier_ends: Vec::new(),
            metadata: None,
        }
    }

    /// Whether anything of the file was committed.
    pub(super) fn is_kept(&self) -> bool {
        !self.marks.is_empty() || self.unfinished.is_some()
    }

    /// Whether the file was read as events of this family.
    pub(super) fn is_of(&self, family: &str) -> bool {
        self.family == family
    }

    /// Whether anything was committed with this framing.
    pub(super) fn is_kept_as(&self, framing: Framing) -> bool {
        self.is_kept() && self.framing == framing
    }

    /// Where the file resumes; `None` if it is another file.
    pub(super) fn resume(&self, file: &mut InputFile) -> io::Result<Option<Resume>> {
        let mut marks = self.marks.iter().peekable();
        let mut unfinished = self.unfinished.as_ref();
        let mut is_another_line = false;
        let (mut is_continued, mut is_earlier_end) = (true, false);
        let mut units = file.units(self.framing)?;
        while marks.peek().is_some() || unfinished.is_some() {
            let Some(unit) = units.next_unit()? else { break };
            let (number, is_blank) = (unit.number, unit.is_blank());
            let content = self.has_earlier_end(number).then(|| units.mark_of_content());
            if let Some(mark) = unfinished.take_if(|mark| mark.number == number) {
                is_another_line = units.mark_of_content() != *mark;
            }
            let ends_here = content.is_some_and(|content| self.is_earlier_end(&content, units.mark().as_ref()));
            is_earlier_end = ends_here || (is_earlier_end && is_blank);
            if let Some(mark) = marks.next_if(|mark| mark.number == number)
                && units.mark().as_ref() != Some(mark)
            {
                is_continued = false;
                break;
            }
        }
        // An unterminated line may also have been removed.
        is_another_line |= unfinished.is_some();
        is_continued &= marks.peek().is_none();
        if (is_another_line || !is_continued) && is_earlier_end && units.next_unit()?.is_none() {
            return Ok(Some(self.nothing_after(units.count())));
        }
        if !is_continued || (is_another_line && self.marks.is_empty()) {
            return Ok(None);
        }
        let unfinished = self.unfinished.as_ref().filter(|mark| is_another_line && mark.number < self.next_offset);
        Ok(Some(unfinished.map_or_else(|| self.continue_from_here(), |mark| self.read_again(mark.number))))
    }

    /// Whether an earlier import ended with a unit of this number.
    fn has_earlier_end(&self, number: i64) -> bool {
        self.earlier_ends.iter().any(|end| end.number == number)
    }

    /// Whether an earlier import ended with a unit of these marks, by content and by end.
    fn is_earlier_end(&self, content: &Mark, mark: Option<&Mark>) -> bool {
        self.earlier_ends.iter().any(|end| end == content || Some(end) == mark)
    }

    /// Skips all of a copy of the beginning, up to an earlier end. What follows that is declared only when everything
    /// before is stored. Without metadata: a declared batch is that of the longer file.
    fn nothing_after(&self, next_offset: i64) -> Resume {
        Resume { next_offset, metadata: None, ..self.continue_from_here() }
    }

    /// Remembers where the file ends now, before it is continued: a copy may stay as it is.
    pub(super) fn remember_end(&mut self) {
        if let Some(end) = self.unfinished.as_ref().or(self.marks.last())
            && !self.earlier_ends.contains(end)
        {
            self.earlier_ends.push(end.clone());
            let surplus = self.earlier_ends.len().saturating_sub(MAX_EARLIER_ENDS);
            self.earlier_ends.drain(..surplus);
        }
    }

    fn continue_from_here(&self) -> Resume {
        let Self { topic, framing, next_offset, metadata, .. } = self.clone();
        Resume { topic, framing, next_offset, metadata }
    }

    /// Resumes with a line that was stored before it was complete. Begins a new epoch, so that its number does not
    /// refer to what was stored.
    fn read_again(&self, number: i64) -> Resume {
        tracing::info!(
            topic = self.topic,
            unit = self.framing.unit(),
            number = number + 1,
            "the last unit was unterminated when it was read and has changed; reading it again"
        );
        let last = self
            .metadata
            .as_deref()
            .and_then(|metadata| metadata.parse::<CommitMetadata>().ok())
            .map_or(0, |metadata| metadata.epoch);
        let begun = CommitMetadata { epoch: last + 1, intent: None };
        Resume { next_offset: number, metadata: begun.text(), ..self.continue_from_here() }
    }

    pub(super) fn advance(&mut self, commit: Commit) {
        let next_offset = commit.next_offset;
        self.next_offset = next_offset;
        self.metadata = commit.metadata;
        let known = self.marks.drain(..).filter(|mark| mark.number < next_offset);
        self.marks = newest_and(known.chain(commit.marks).collect(), next_offset);
        // A later mark covers the line with its end.
        let last_mark = self.marks.last().map_or(-1, |mark| mark.number);
        self.unfinished = commit.unfinished.or(self.unfinished.take()).filter(|mark| mark.number > last_mark);
    }
}

fn default_family() -> String {
    families::DEFAULT.name.to_owned()
}

/// Marks of the first line and the first event of a file, as far as determined.
#[derive(Default)]
pub(super) struct FirstUnits {
    line: Option<Mark>,
    document: Option<Mark>,
}

impl FirstUnits {
    /// Finds the first unit; `None` if there is none.
    pub(super) fn find(&mut self, file: &mut InputFile, framing: Framing) -> io::Result<Option<&Mark>> {
        let mut units = file.units(framing)?;
        let is_one = units.next_unit()?.is_some();
        let first = match framing {
            Framing::Lines => &mut self.line,
            Framing::Documents => &mut self.document,
        };
        *first = is_one.then(|| units.mark_of_content());
        Ok(first.as_ref())
    }

    /// Whether the file of an entry begins with the same content.
    pub(super) fn are_of(&self, entry: &Entry) -> bool {
        let first = match entry.framing {
            Framing::Lines => &self.line,
            Framing::Documents => &self.document,
        };
        entry.is_kept() && first.as_ref() == Some(&entry.first_line)
    }
}
