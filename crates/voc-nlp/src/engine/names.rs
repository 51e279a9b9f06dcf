//! Which words of a text are names, although they are words, too: "my name is Joy", "a Vivo me cobrou".
//!
//! Looks at the few words that may be names, and at the text around them.

use crate::lexicon::{Brand, Brands, NameHints, Names};
use crate::words::{Key, Span, key_of};

/// The longest name, in words.
const LONGEST: usize = 5;
/// A text whose words all begin with a capital letter says nothing about names; this many words on each side are
/// looked at.
const NEIGHBOURS: usize = 8;
/// Shorter words begin with a lower-case letter in titles, too.
const SHORT: usize = 3;
/// A number of this many digits after words in capital letters makes them the name of a product.
const DIGITS_OF_PRODUCT: usize = 3;

/// A text, of which words are looked at.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'a> {
    pub(super) text: &'a str,
    pub(super) names: &'a Names,
}

/// How a word is written.
#[derive(Clone, Copy, PartialEq)]
enum Case {
    Lower,
    /// The first letter is a capital one.
    Initial,
    /// All letters are capital ones, and there are several.
    Capitals,
}

impl<'a> Surroundings<'a> {
    /// The name that begins with the word or follows it. `own` are names of companies in addition to the built-in
    /// ones.
    pub(super) fn name_at(&self, word: Span, key: Key, has_valence: bool, own: Option<&Brands>) -> Option<Span> {
        let own = own.and_then(|own| self.brand(word, key, has_valence, own));
        own.or_else(|| self.brand(word, key, has_valence, &self.names.brands)).or_else(|| {
            let hints = self.names.hints(key);
            if hints.has(NameHints::NAMING.or(NameHints::CALLING)) {
                self.announced(word, hints)
            } else if hints.has(NameHints::GIVEN) {
                self.given(word)
            } else {
                None
            }
        })
    }

    /// The name that begins with the word, which begins with a capital letter and has a valence in lower case.
    pub(super) fn capital_name(&self, word: Span, key: Key) -> Option<Span> {
        match self.case(word) {
            Case::Lower => None,
            Case::Capitals => self.product(word),
            Case::Initial => {
                let is_given = self.names.hints(key).has(NameHints::GIVEN);
                let is_never = self.names.hints(key).has(NameHints::NEVER);
                let is_name = self.follows_title(word) || (!is_never && self.stands_out(word, is_given));
                is_name.then_some(word)
            }
        }
    }

    /// Whether the word stands within a sentence, but begins with a capital letter that is neither emphasis nor usual
    /// in the text.
    fn stands_out(&self, word: Span, is_given: bool) -> bool {
        let Some(previous) = self.previous(word.start) else { return false };
        let before = self.hints(previous);
        let is_emphasised = before.has(NameHints::EMPHATIC) && !(is_given && before.has(NameHints::BEING));
        !is_emphasised && !self.is_title_case(word)
    }

    /// The name of a company that begins with the word.
    fn brand(&self, word: Span, key: Key, has_valence: bool, brands: &Brands) -> Option<Span> {
        // It may be a letter with an accent, or come later.
        let second = self.text.as_bytes().get(word.end + 1).copied().filter(u8::is_ascii_alphanumeric);
        let case = || self.case(word);
        brands.beginning(key, second).iter().find_map(|(rest, brand)| {
            let span = self.followed_by(word, rest)?;
            let before = || self.previous(word.start);
            let is_after = |hint| before().is_some_and(|previous| self.hints(previous).has(hint));
            let is_it = match brand {
                Brand::Own => case() == Case::Initial || !rest.is_empty() || !has_valence,
                Brand::Several => case() == Case::Initial || before().is_none() || is_after(NameHints::WHERE),
                Brand::Single => case() == Case::Initial,
                Brand::Cued if case() == Case::Initial => {
                    is_after(NameHints::WHERE.or(NameHints::COMPANY)) || self.stands_out(word, false)
                }
                Brand::Cued => is_after(NameHints::COMPANY),
                Brand::CuedInCapitals => {
                    case() == Case::Initial
                        && is_after(NameHints::WHERE.or(NameHints::COMPANY))
                        && !self.is_title_case(word)
                }
            };
            is_it.then_some(span)
        })
    }

    /// The span of the word and the given ones if they follow it.
    fn followed_by(&self, word: Span, rest: &[Key]) -> Option<Span> {
        let mut end = word.end;
        for key in rest {
            let gap = self.text.as_bytes().get(end..)?;
            let len = gap.iter().take_while(|byte| b" -&".contains(byte)).count();
            let next = self.word_from(end + len).filter(|_| (1..=3).contains(&len))?;
            if self.key(next)? != *key {
                return None;
            }
            end = next.end;
        }
        Some(Span { start: word.start, end })
    }

    /// The name that follows "name" or a similar word.
    fn announced(&self, word: Span, hints: NameHints) -> Option<Span> {
        let rest = self.text.get(word.end..)?;
        let mut first = self.next(word.end);
        let mut is_certain = hints.has(NameHints::CALLING);
        if let Some(after) = rest.strip_prefix(':') {
            let spaces = after.len() - after.trim_start_matches(' ').len();
            first = self.word_from(word.end + 1 + spaces);
        } else if hints.has(NameHints::NAMING) {
            // "Nome da minha mãe é", "name of my wife is".
            let being = std::iter::successors(first, |word| self.next(word.end))
                .take(LONGEST)
                .find(|word| self.hints(*word).has(NameHints::BEING))?;
            is_certain = first == Some(being);
            first = self.next(being.end);
        }
        let first = first?;
        if self.case(first) == Case::Initial {
            return Some(self.full_name(first));
        }
        (is_certain && !self.hints(first).has(NameHints::NO_NAME)).then_some(first)
    }

    /// A name of one or more words that begin with capital letters.
    fn full_name(&self, first: Span) -> Span {
        let mut end = first.end;
        let mut last = first;
        for _ in 1..LONGEST {
            let Some(next) = self.next(last.end) else { break };
            if self.case(next) == Case::Initial {
                end = next.end;
            } else if !self.hints(next).has(NameHints::PARTICLE) {
                break;
            }
            last = next;
        }
        Span { start: first.start, end }
    }

    /// The given name, which is a word as well, if what is around it says that it is a name.
    fn given(&self, word: Span) -> Option<Span> {
        let previous = self.previous(word.start);
        let hints = |word: Option<Span>| word.map(|word| self.hints(word)).unwrap_or_default();
        let before = |word: Option<Span>| word.and_then(|word| self.previous(word.start));
        let (first, second) = (hints(previous), hints(before(previous)));
        let is_initial = self.case(word) == Case::Initial;
        let is_greeted = first.has(NameHints::GREETING.or(NameHints::TITLE));
        let talks = first.has(NameHints::WHERE.or(NameHints::COMPANY))
            && (second.has(NameHints::TALKING) || hints(before(before(previous))).has(NameHints::TALKING));
        let after = self.next(word.end);
        let is_introduced = after.is_some_and(|after| self.is_any(after, &["from", "speaking", "here", "calling"]))
            && first.has(NameHints::BEING);
        // "Sou a Vitória", "aqui é a Vitória".
        let has_article = previous.is_some_and(|article| self.is_any(article, &["a", "o"]));
        let being = before(previous);
        let is_here =
            before(being).is_some_and(|here| self.is_any(here, &["aqui"]) || self.hints(here).has(NameHints::TALKING));
        let is_said = has_article
            && being.is_some_and(|being| {
                self.is_any(being, &["sou"]) || (is_here && self.hints(being).has(NameHints::BEING))
            });
        let acts = is_initial && previous.is_none() && hints(after).has(NameHints::DOING) && !self.is_title_case(word);
        let stands_out = || is_initial && self.stands_out(word, true);
        if is_greeted || talks || is_introduced || is_said || acts || stands_out() {
            return Some(if is_initial { self.full_name(word) } else { word });
        }
        None
    }

    /// The words in capital letters that form a product's name with the number behind them.
    fn product(&self, word: Span) -> Option<Span> {
        // Other words of the name may be before this one.
        let mut before = self.previous(word.start);
        while let Some(previous) = before.filter(|previous| self.case(*previous) == Case::Capitals) {
            before = self.previous(previous.start);
        }
        let is_lower =
            |word: Span| self.text.get(word.start..).is_some_and(|text| text.starts_with(char::is_lowercase));
        if !before.is_some_and(|before| is_lower(before) && self.hints(before).has(NameHints::PRODUCT)) {
            return None;
        }
        let mut last = word;
        for _ in 0..LONGEST {
            let next = self.next(last.end)?;
            let bytes = self.text.as_bytes().get(next.start..next.end)?;
            if bytes.len() >= DIGITS_OF_PRODUCT && bytes.iter().all(u8::is_ascii_digit) {
                return Some(Span { start: word.start, end: next.end });
            }
            if self.case(next) != Case::Capitals {
                return None;
            }
            last = next;
        }
        None
    }

    /// Whether the word follows an abbreviated title: "Mr. Joy", "Av. Felicidade".
    fn follows_title(&self, word: Span) -> bool {
        let before = self.text.get(..word.start).unwrap_or_default();
        let title = before.strip_suffix(". ").or_else(|| before.strip_suffix('.')).or_else(|| before.strip_suffix(' '));
        let title = title.and_then(|before| self.word_until(before.len()));
        title.is_some_and(|title| self.hints(title).has(NameHints::TITLE))
    }

    /// Whether all words around this one begin with capital letters, except short ones.
    fn is_title_case(&self, word: Span) -> bool {
        let before = std::iter::successors(self.nearest_before(word.start), |word| self.nearest_before(word.start));
        let after = std::iter::successors(self.nearest_after(word.end), |word| self.nearest_after(word.end));
        let mut neighbours = before.take(NEIGHBOURS).chain(after.take(NEIGHBOURS));
        !neighbours.any(|word| word.end - word.start > SHORT && self.case(word) == Case::Lower)
    }

    fn hints(&self, word: Span) -> NameHints {
        self.key(word).map(|key| self.names.hints(key)).unwrap_or_default()
    }

    fn key(&self, word: Span) -> Option<Key> {
        self.text.get(word.start..word.end).and_then(key_of)
    }

    fn is_any(&self, word: Span, words: &[&str]) -> bool {
        self.text.get(word.start..word.end).is_some_and(|word| words.iter().any(|any| word.eq_ignore_ascii_case(any)))
    }

    fn case(&self, word: Span) -> Case {
        let word = self.text.get(word.start..word.end).unwrap_or_default();
        if !word.starts_with(char::is_uppercase) {
            Case::Lower
        } else if word.bytes().any(|byte| byte.is_ascii_lowercase()) {
            Case::Initial
        } else if word.chars().filter(|c| c.is_alphabetic()).nth(1).is_some() {
            Case::Capitals
        } else {
            // A single letter is neither.
            Case::Lower
        }
    }

    /// The word before the offset, and only a space between them.
    fn previous(&self, start: usize) -> Option<Span> {
        let before = self.text.get(..start)?.strip_suffix(' ')?;
        self.word_until(before.len())
    }

    /// The word after the offset, and only a space between them.
    fn next(&self, end: usize) -> Option<Span> {
        self.text.get(end..)?.strip_prefix(' ')?;
        self.word_from(end + 1)
    }

    /// The word before the offset in the same line, whatever is between them.
    fn nearest_before(&self, start: usize) -> Option<Span> {
        let before = self.text.as_bytes().get(..start)?;
        let gap = before.iter().rev().take_while(|byte| !is_in_word(**byte) && **byte != b'\n').count();
        self.word_until(start - gap)
    }

    /// The word after the offset in the same line, whatever is between them.
    fn nearest_after(&self, end: usize) -> Option<Span> {
        let after = self.text.as_bytes().get(end..)?;
        let gap = after.iter().take_while(|byte| !is_in_word(**byte) && **byte != b'\n').count();
        self.word_from(end + gap)
    }

    /// The word that ends at the offset.
    fn word_until(&self, end: usize) -> Option<Span> {
        let before = self.text.as_bytes().get(..end)?;
        let len = before.iter().rev().take(2 * Key::MAX).take_while(|byte| is_in_word(**byte)).count();
        self.span(end - len, end)
    }

    /// The word that begins at the offset.
    fn word_from(&self, start: usize) -> Option<Span> {
        let after = self.text.as_bytes().get(start..)?;
        let len = after.iter().take(2 * Key::MAX).take_while(|byte| is_in_word(**byte)).count();
        self.span(start, start + len)
    }

    /// The word at these offsets, unless it is empty or too long to be read as a whole.
    fn span(&self, start: usize, end: usize) -> Option<Span> {
        self.text.get(start..end).filter(|word| !word.is_empty()).map(|_| Span { start, end })
    }
}

fn is_in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'\'' || !byte.is_ascii()
}
