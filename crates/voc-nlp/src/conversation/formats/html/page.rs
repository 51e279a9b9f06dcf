//! The lines of a page.

use super::classes::{Purpose, purpose, speaker};
use crate::conversation::formats::entities::push_decoded;
use crate::conversation::formats::markup::{Element, Token, element, tokens};
use crate::conversation::formats::table;
use crate::conversation::formats::times::{Time, Unit};

/// Elements that are open at a time; those within are not distinguished.
const MAX_OPEN: usize = 64;
/// Tables within each other. The text of one is copied to the one around it, so there cannot be any number.
const MAX_TABLES: usize = 8;

/// A line as a browser shows it.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// Its emphasised beginning, which may name the speaker.
    pub(super) head: String,
    /// Whether an attribute says that the beginning is a name.
    pub(super) is_named: bool,
    /// The rest.
    pub(super) text: String,
    /// The speaker by the attributes of the element that it is in, and the number of that element.
    pub(super) speaker: Option<String>,
    pub(super) scope: usize,
    pub(super) is_heading: bool,
    pub(super) start_ms: Option<u64>,
}

impl Line {
    /// The beginning as a name.
    pub(super) fn name(&self) -> &str {
        self.head.trim().trim_end_matches(':').trim_end()
    }

    pub(super) fn whole(&self) -> String {
        let space = if self.head.is_empty() || self.text.is_empty() { "" } else { " " };
        [&self.head, space, &self.text].concat()
    }
}

struct Open<'t> {
    name: &'t str,
    /// The speaker and the scope around it, if it has its own.
    outside: Option<(Option<String>, usize)>,
    is_emphasis: bool,
    is_name: bool,
    is_heading: bool,
}

/// A table whose end has not been read.
#[derive(Default)]
struct Table {
    rows: Vec<Vec<String>>,
}

/// What has been read of a page.
#[derive(Default)]
pub(super) struct Page<'t> {
    lines: Vec<Line>,
    current: Line,
    open: Vec<Open<'t>>,
    tables: Vec<Table>,
    speaker: Option<String>,
    scope: usize,
    scopes: usize,
    /// The element whose content is not shown, and how many of its name are open.
    hidden: Option<(&'t str, usize)>,
}

impl<'t> Page<'t> {
    pub(super) fn read(text: &'t str) -> Vec<Line> {
        let mut page = Self::default();
        for token in tokens(text) {
            match token {
                Token::Text(text) if page.hidden.is_none() => page.text(text),
                Token::Text(_) => {}
                Token::Start { name, attributes } => page.start(name, attributes),
                Token::End { name } => page.end(name),
            }
        }
        page.end_line();
        while !page.tables.is_empty() {
            page.end_table();
        }
        page.lines
    }

    fn text(&mut self, text: &str) {
        let is_verbatim = self.open.iter().any(|open| open.name.eq_ignore_ascii_case("pre"));
        for (place, part) in text.split('\n').enumerate() {
            if place > 0 && is_verbatim {
                self.end_line();
            }
            let is_emphasis = self.open.iter().any(|open| open.is_emphasis);
            let line = &mut self.current;
            let place_of = if is_emphasis && line.text.is_empty() { &mut line.head } else { &mut line.text };
            if place > 0 && !place_of.is_empty() {
                place_of.push(' ');
            }
            push_decoded(place_of, part);
            // Blanks at the beginning are not kept, so that it need not be read again to know that it is blank.
            if place_of.trim_start().is_empty() {
                place_of.clear();
            }
        }
        self.current.is_named |= self.open.iter().any(|open| open.is_name);
        self.current.is_heading |= self.open.iter().any(|open| open.is_heading);
    }

    fn start(&mut self, name: &'t str, attributes: &'t str) {
        if let Some((hidden, depth)) = &mut self.hidden {
            *depth += usize::from(hidden.eq_ignore_ascii_case(name));
            return;
        }
        let kind = element(name).unwrap_or(Element::Inline);
        let purpose = purpose(name, attributes);
        let is_void = ["br", "hr", "img", "meta", "link", "input", "col", "wbr", "source"]
            .into_iter()
            .any(|void| name.eq_ignore_ascii_case(void))
            || attributes.ends_with('/');
        if !is_void && (kind == Element::Hidden || purpose == Purpose::Time) {
            self.hidden = Some((name, 1));
            return;
        }
        let is = |names: &[&str]| names.iter().any(|other| name.eq_ignore_ascii_case(other));
        match kind {
            Element::Block | Element::Break => self.end_line(),
            Element::Inline | Element::Hidden => {}
        }
        if is(&["table"]) {
            if self.tables.len() < MAX_TABLES {
                self.tables.push(Table::default());
            }
        } else if is(&["tr"]) {
            self.tables.last_mut().into_iter().for_each(|table| table.rows.push(Vec::new()));
        } else if is(&["td", "th"]) {
            let rows = self.tables.last_mut().and_then(|table| table.rows.last_mut());
            rows.into_iter().for_each(|row| row.push(String::new()));
        }
        if is_void || self.open.len() >= MAX_OPEN {
            return;
        }
        let own = speaker(attributes).filter(|_| purpose == Purpose::Other);
        let outside = own.map(|own| {
            self.scopes += 1;
            let before = std::mem::replace(&mut self.scope, self.scopes);
            (self.speaker.replace(own.to_owned()), before)
        });
        let is_name = purpose == Purpose::Name;
        let is_emphasis = is_name || is(&["b", "strong", "dt"]);
        let is_heading = is(&["h1", "h2", "h3", "h4", "h5", "h6", "header", "footer", "nav", "caption"]);
        self.open.push(Open { name, outside, is_emphasis, is_name, is_heading });
    }

    fn end(&mut self, name: &str) {
        if let Some((hidden, depth)) = &mut self.hidden {
            *depth -= usize::from(hidden.eq_ignore_ascii_case(name));
            if *depth == 0 {
                self.hidden = None;
            }
            return;
        }
        let kind = element(name);
        if matches!(kind, Some(Element::Block | Element::Break)) {
            self.end_line();
        }
        if name.eq_ignore_ascii_case("table") {
            self.end_table();
        }
        let Some(place) = self.open.iter().rposition(|open| open.name.eq_ignore_ascii_case(name)) else { return };
        // What is within and was not closed ends as well.
        let mut outside = None;
        for open in self.open.drain(place..).rev() {
            outside = open.outside.or(outside);
        }
        if let Some((speaker, scope)) = outside {
            self.end_line();
            (self.speaker, self.scope) = (speaker, scope);
        }
    }

    fn end_line(&mut self) {
        let Line { head, text, is_named, is_heading, .. } = std::mem::take(&mut self.current);
        let collapse = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        if head.is_empty() && text.is_empty() {
            return;
        }
        let line = Line {
            head: collapse(head),
            is_named,
            text: collapse(text),
            speaker: self.speaker.clone(),
            scope: self.scope,
            is_heading,
            start_ms: None,
        };
        let whole = line.whole();
        if whole.is_empty() {
            return;
        }
        let cell = self.tables.last_mut().and_then(|table| table.rows.last_mut()).and_then(|row| row.last_mut());
        match cell {
            Some(cell) if cell.is_empty() => *cell = whole,
            Some(cell) => {
                cell.push('\n');
                cell.push_str(&whole);
            }
            None => self.lines.push(line),
        }
    }

    /// Turns, if the rows are; otherwise a line each.
    fn end_table(&mut self) {
        let Some(Table { mut rows }) = self.tables.pop() else { return };
        rows.retain(|row| row.iter().any(|cell| !cell.is_empty()));
        if self.tables.is_empty()
            && let Some(pieces) = table::turns(&rows)
        {
            for piece in pieces {
                self.scopes += 1;
                self.lines.push(Line {
                    text: piece.text,
                    speaker: piece.speaker,
                    scope: self.scopes,
                    start_ms: piece.start_ms,
                    ..Line::default()
                });
            }
            return;
        }
        for row in rows {
            let is_said = |cell: &&String| !cell.is_empty() && Time::of_text(cell, Unit::Unknown) == Time::Unknown;
            let cells: Vec<_> = row.iter().filter(is_said).map(String::as_str).collect();
            for line in row_text(&cells).split('\n') {
                self.current.text.push_str(line);
                self.end_line();
            }
        }
    }
}

/// `Order: 123` of two cells.
fn row_text(cells: &[&str]) -> String {
    match cells {
        [name, rest @ ..] if !rest.is_empty() && name.len() <= 48 && !name.ends_with([':', '.', '?', '!']) => {
            format!("{name}: {}", rest.join(" "))
        }
        cells => cells.join(" "),
    }
}
