//! Searches find the calls that a plain fold over what was said finds, however many pages they take.

use std::{collections::BTreeMap, sync::LazyLock};

use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Value, json};

use crate::{
    event::Event,
    lists::{self, is_meant},
    question::{Subject, subject},
    served::Served,
    transcripts::{SENTENCES, SPEAKERS},
};

/// The fields of a row that are those of the event.
const FIELDS: [&str; 6] = ["tenant_id", "call_id", "agent_id", "customer_id", "language", "topic"];

/// Consecutive words, the last of which may go on.
#[derive(Debug, Clone)]
struct Term {
    words: Vec<String>,
    is_beginning: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Search {
    subject: Subject,
    terms: Vec<Term>,
    /// What it is asked with, which may differ in case and accents.
    text: String,
    speaker: Option<&'static str>,
    limit: usize,
}

/// The words of a text without case and accents.
fn words(text: &str) -> Vec<String> {
    let plain: String = text.chars().filter(|character| !('\u{300}'..='\u{36f}').contains(character)).collect();
    let plain: String = plain.to_lowercase().chars().map(without_accent).collect();
    plain
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Of those that the sentences have.
fn without_accent(character: char) -> char {
    match character {
        'á' | 'ã' => 'a',
        'ç' => 'c',
        'é' => 'e',
        'í' => 'i',
        'ó' => 'o',
        other => other,
    }
}

/// A word as somebody may write it.
fn spelled(word: &str, how: u8) -> String {
    match how {
        0 => word.to_uppercase(),
        1 => word.replace('a', "á").replace('o', "ó"),
        2 => word.replace('a', "a\u{303}"),
        _ => word.to_owned(),
    }
}

/// Words that occur one after the other in a sentence, or in none.
fn term() -> impl Strategy<Value = (Term, String)> {
    static ALL: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| SENTENCES.iter().map(|said| words(said)).collect());
    let said = (select(ALL.clone()), any::<prop::sample::Index>(), 1..4_usize).prop_map(|(said, from, count)| {
        let from = from.index(said.len());
        said[from..(from + count).min(said.len())].to_vec()
    });
    let favourites = ["refund", "fee", "late", "cobranca", "the", "i", "a"];
    let other = ["parcel", "late parcel", "fee late"];
    let split = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let words = prop_oneof![
        3 => said,
        3 => select(favourites.to_vec()).prop_map(split),
        1 => select(other.to_vec()).prop_map(split),
    ];
    (words, 0..8_u8, option::weighted(0.3, 1..4_usize)).prop_map(|(mut words, how, cut)| {
        if let (Some(cut), Some(last)) = (cut, words.last_mut()) {
            *last = last.chars().take(cut).collect();
        }
        let spelled = words.iter().map(|word| spelled(word, how)).collect::<Vec<_>>().join(" ");
        let star = if cut.is_some() { "*" } else { "" };
        let text = if words.len() > 1 { format!("\"{spelled}{star}\"") } else { format!("{spelled}{star}") };
        (Term { words, is_beginning: cut.is_some() }, text)
    })
}

pub(crate) fn search(era: i64) -> impl Strategy<Value = Search> {
    let speaker = option::weighted(0.4, select(SPEAKERS.map(|(_, role)| role).to_vec()));
    (subject(era), vec(term(), 1..3), speaker, 1..8_usize).prop_map(|(subject, terms, speaker, limit)| {
        let (terms, texts): (Vec<Term>, Vec<String>) = terms.into_iter().unzip();
        Search { subject, terms, text: texts.join(" "), speaker, limit }
    })
}

impl Term {
    /// How often it occurs.
    fn count(&self, words: &[String]) -> usize {
        words.windows(self.words.len()).filter(|window| self.is(window)).count()
    }

    fn is(&self, words: &[String]) -> bool {
        let (Some((last, first)), Some((last_found, first_found))) = (self.words.split_last(), words.split_last())
        else {
            return false;
        };
        let ends = if self.is_beginning { last_found.starts_with(last.as_str()) } else { last_found == last };
        first == first_found && ends
    }
}

impl Search {
    /// How often the terms occur in each turn of the speaker, if all of them do in any.
    fn matches(&self, event: &Event) -> Option<Vec<(usize, &'static str, usize)>> {
        let transcript = event.transcript.as_ref()?;
        let turns = transcript.turns.iter().enumerate();
        let turns: Vec<_> = turns.filter(|(_, (role, _))| self.speaker.is_none_or(|wanted| wanted == *role)).collect();
        let count = |term: &Term, said: &str| term.count(&words(said));
        let occurs = |term: &Term| turns.iter().any(|(_, (_, said))| count(term, said) > 0);
        let of_turn = |(place, (role, said)): &(usize, &(&'static str, &'static str))| {
            (*place, *role, self.terms.iter().map(|term| count(term, said)).sum())
        };
        self.terms.iter().all(occurs).then(|| turns.iter().map(of_turn).filter(|(_, _, count)| *count > 0).collect())
    }

    /// What is compared of what is found, by event.
    fn expected(&self, events: &[Event]) -> BTreeMap<String, Value> {
        let asked = self.subject.asked();
        let row = |event: &Event| {
            let turns = self.matches(event)?;
            let snippets: Vec<_> =
                turns.iter().take(3).map(|(place, role, count)| json!([place, role, count])).collect();
            let matches: usize = turns.iter().map(|(_, _, count)| count).sum();
            let fields: Vec<Value> = FIELDS.iter().map(|field| event.field(field)).collect();
            Some((event.id().to_string(), json!([event.millis, fields, event.field("sentiment"), matches, snippets])))
        };
        events.iter().filter(|event| event.event_type == "call" && is_meant(&asked, event)).filter_map(row).collect()
    }

    /// The same of a row.
    fn found(&self, row: &Value) -> Value {
        let fields: Vec<Value> = FIELDS.iter().map(|field| row[field].clone()).collect();
        let snippets = row["snippets"].as_array().unwrap().iter().map(|snippet| {
            let text: Vec<char> = snippet["text"].as_str().unwrap().chars().collect();
            let highlights = snippet["highlights"].as_array().unwrap();
            for highlight in highlights {
                let place = |end: usize| usize::try_from(highlight[end].as_u64().unwrap()).unwrap();
                let part: String = text[place(0)..place(1)].iter().collect();
                let is_found = self.terms.iter().any(|term| term.count(&words(&part)) == 1);
                assert!(is_found, "{part:?} of {snippet} by {:?}", self.terms);
            }
            json!([snippet["turn"], snippet["role"], highlights.len()])
        });
        let time: jiff::Timestamp = row["timestamp"].as_str().unwrap().parse().unwrap();
        json!([time.as_millisecond(), fields, row["sentiment"], row["matches"], snippets.collect::<Vec<_>>()])
    }
}

pub(crate) fn assert_found(api: &Served, search: &Search, events: &[Event]) {
    let limit = search.limit.to_string();
    let speaker = search.speaker.map(|speaker| ("speaker", speaker));
    let more: Vec<_> = [("q", search.text.as_str()), ("limit", limit.as_str())].into_iter().chain(speaker).collect();
    let rows = lists::pages(api, &search.subject, "search", &more);
    let times: Vec<&str> = rows.iter().map(|row| row["timestamp"].as_str().unwrap()).collect();
    assert!(times.iter().rev().is_sorted(), "{times:?}");
    let found: Vec<(String, Value)> =
        rows.iter().map(|row| (row["event_id"].as_str().unwrap().to_owned(), search.found(row))).collect();
    let count = found.len();
    let found: BTreeMap<_, _> = found.into_iter().collect();
    assert_eq!((count, &found), (found.len(), &search.expected(events)), "{search:?}");
}
