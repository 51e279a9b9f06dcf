//! What is searched for: words, phrases, and beginnings of words.

use super::words::{Word, words};

/// Maximum number of words of a search.
const MAX_WORDS: usize = 20;

/// What must occur in a text: all of its terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Terms(Vec<Term>);

/// Consecutive words.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    /// Without case and accents; never empty.
    words: Vec<String>,
    /// Whether the last word may go on.
    is_beginning: bool,
}

/// Why a search cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum TermsError {
    #[error("give words to search for, such as refund or \"late fee\"")]
    NoWords,
    #[error("a search has at most {MAX_WORDS} words")]
    TooManyWords,
    #[error("a quotation mark is missing at the end of a phrase")]
    OpenPhrase,
}

impl Terms {
    /// Reads words, phrases in quotation marks, and beginnings of words before a `*`.
    pub(super) fn parse(text: &str) -> Result<Self, TermsError> {
        let mut terms = Vec::new();
        let parts: Vec<&str> = text.split(['"', '\u{201c}', '\u{201d}']).collect();
        if parts.len().is_multiple_of(2) {
            return Err(TermsError::OpenPhrase);
        }
        for (place, part) in parts.into_iter().enumerate() {
            if place % 2 == 1 {
                terms.extend(Term::of(part));
            } else {
                terms.extend(part.split_whitespace().filter_map(Term::of));
            }
        }
        match terms.iter().map(|term| term.words.len()).sum() {
            0 => Err(TermsError::NoWords),
            1..=MAX_WORDS => Ok(Self(terms)),
            _ => Err(TermsError::TooManyWords),
        }
    }

    /// Where the terms occur in texts: for each text, the first and the last byte of each occurrence, in order. `None`
    /// unless every term occurs in one of the texts.
    pub(super) fn find<'t>(&self, texts: impl IntoIterator<Item = &'t str>) -> Option<Vec<Vec<(usize, usize)>>> {
        let mut missing = vec![true; self.0.len()];
        let mut found = Vec::new();
        for text in texts {
            let words = words(text);
            let mut places = Vec::new();
            for (term, missing) in self.0.iter().zip(&mut missing) {
                let before = places.len();
                places.extend((0..words.len()).filter_map(|at| term.at(&words[at..])));
                *missing &= places.len() == before;
            }
            places.sort_unstable();
            found.push(places);
        }
        (!missing.contains(&true)).then_some(found)
    }

    /// The longest words, which most texts do not contain.
    pub(super) fn longest(&self, count: usize) -> Vec<&str> {
        let mut words: Vec<&str> = self.0.iter().flat_map(|term| &term.words).map(String::as_str).collect();
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        words.truncate(count);
        words
    }
}

impl Term {
    fn of(text: &str) -> Option<Self> {
        let words: Vec<String> = words(text).into_iter().map(|word| word.folded).collect();
        (!words.is_empty()).then(|| Self { words, is_beginning: text.trim_end().ends_with('*') })
    }

    /// Where it is, if these words begin with it.
    fn at(&self, words: &[Word]) -> Option<(usize, usize)> {
        let (last, first) = self.words.split_last()?;
        let of_text = words.get(..self.words.len())?;
        let (last_of_text, first_of_text) = of_text.split_last()?;
        let begins = first.iter().zip(first_of_text).all(|(one, other)| *one == other.folded);
        let ends = if self.is_beginning { last_of_text.folded.starts_with(last) } else { last_of_text.folded == *last };
        (begins && ends).then(|| (of_text[0].start, last_of_text.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(search: &str, texts: &[&str]) -> Option<Vec<Vec<String>>> {
        let places = Terms::parse(search).ok()?.find(texts.iter().copied())?;
        let of_text = |(places, text): (Vec<(usize, usize)>, &&str)| {
            places.into_iter().map(|(start, end)| text[start..end].to_owned()).collect()
        };
        Some(places.into_iter().zip(texts).map(of_text).collect())
    }

    #[test]
    fn words_phrases_and_beginnings_are_found() {
        let texts = ["The late fee was REFUNDED.", "Cobrança em atraso, late again."];
        assert_eq!(found("late", &texts), Some(vec![vec!["late".to_owned()], vec!["late".to_owned()]]));
        assert_eq!(found("\"late fee\"", &texts), Some(vec![vec!["late fee".to_owned()], vec![]]));
        assert_eq!(found("refund*", &texts), Some(vec![vec!["REFUNDED".to_owned()], vec![]]));
        assert_eq!(found("refund", &texts), None);
        assert_eq!(found("COBRANCA fee", &texts), Some(vec![vec!["fee".to_owned()], vec!["Cobrança".to_owned()]]));
        assert_eq!(found("\"fee late\"", &texts), None);
        assert_eq!(found("late parcel", &texts), None);
    }

    #[test]
    fn a_search_has_words() {
        for (search, error) in [
            ("", TermsError::NoWords),
            ("  ?! * ", TermsError::NoWords),
            ("\"late", TermsError::OpenPhrase),
            (&"a ".repeat(21), TermsError::TooManyWords),
        ] {
            assert_eq!(Terms::parse(search), Err(error), "{search}");
        }
    }
}
