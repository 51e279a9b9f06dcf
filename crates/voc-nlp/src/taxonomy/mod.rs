//! Custom topics, recognised by phrases.

mod error;
mod file;
mod limits;
mod normal;
mod phrases;

use std::collections::HashMap;
use std::fmt;

use serde::Serialize;

use crate::annotation::{Annotation, Language, TopTopics, Topic, TopicScore};
pub use error::TaxonomyError;
pub use file::{PhraseEntry, TaxonomyFile, TopicEntry};
use limits::MAX_DEPTH;
pub(crate) use normal::Normal;
use phrases::Phrases;

/// Custom topics with the phrases that indicate them.
///
/// Phrases are compared word by word, without case, accents and punctuation other than the end of a sentence, and as
/// whole words: "bill" does not occur in "ability". Where phrases overlap, the one that begins first counts, and of
/// these the longest: "credit card" and not "card". A topic may have a parent; a phrase that indicates it then also
/// indicates its parent, with less weight.
///
/// Cheap to use from many threads at once. It is immutable: a new version of a file is another taxonomy.
///
/// ```
/// use voc_nlp::{Language, PhraseEntry, Taxonomy, TaxonomyFile, TopicEntry};
///
/// let file = TaxonomyFile::new([
///     TopicEntry::new("logistics"),
///     TopicEntry::new("delivery").parent("logistics").phrases(["never arrived", "entrega atrasada"]),
///     TopicEntry::new("parcel").parent("logistics").phrases([PhraseEntry::new("parcel").weight(0.5)]),
/// ]);
/// let taxonomy = Taxonomy::new(&file)?;
///
/// let text = "My parcel NEVER  arrived!";
/// let mentions = taxonomy.mentions(text, Language::En);
/// let found: Vec<_> = mentions.iter().map(|mention| (mention.topic.as_str(), &text[mention.start..mention.end])).collect();
/// assert_eq!(found, [("parcel", "parcel"), ("delivery", "NEVER  arrived")]);
///
/// let topics = taxonomy.topics(&mentions);
/// let names: Vec<_> = topics.iter().map(|best| best.topic.as_str()).collect();
/// assert_eq!(names, ["logistics", "delivery", "parcel"]);
/// # Ok::<(), voc_nlp::TaxonomyError>(())
/// ```
pub struct Taxonomy {
    phrases: Phrases,
    topics: Vec<Node>,
    by_name: HashMap<Topic, usize>,
}

/// A topic with its parent.
struct Node {
    topic: Topic,
    parent: Option<usize>,
}

/// A mention of a topic in a text.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Mention {
    /// The topic.
    pub topic: Topic,
    /// The phrase's weight.
    pub weight: f32,
    /// Where the phrase begins, in bytes.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
}

/// The share of a topic's weight that counts for its parent.
const FOR_PARENT: f32 = 0.8;

impl Taxonomy {
    /// The taxonomy of a file's content.
    ///
    /// # Errors
    /// [`TaxonomyError`] for the first problem found.
    pub fn new(file: &TaxonomyFile) -> Result<Self, TaxonomyError> {
        file.check()?;
        let mut by_name = HashMap::with_capacity(file.topics.len());
        for (number, entry) in file.topics.iter().enumerate() {
            if by_name.insert(Topic::from(entry.name.trim()), number).is_some() {
                return Err(TaxonomyError::DuplicateTopic { topic: entry.name.clone() });
            }
        }
        let mut topics: Vec<Node> = Vec::with_capacity(file.topics.len());
        for entry in &file.topics {
            let parent = entry.parent.as_deref().map(|parent| {
                let no_parent =
                    || TaxonomyError::UnknownParent { topic: entry.name.clone(), parent: parent.to_owned() };
                by_name.get(parent.trim()).copied().ok_or_else(no_parent)
            });
            topics.push(Node { topic: Topic::from(entry.name.trim()), parent: parent.transpose()? });
        }
        let taxonomy = Self { phrases: Phrases::new(file)?, topics, by_name };
        for (number, node) in taxonomy.topics.iter().enumerate() {
            if taxonomy.ancestors(number).nth(MAX_DEPTH).is_some() {
                return Err(TaxonomyError::TooDeep { topic: node.topic.to_string() });
            }
        }
        Ok(taxonomy)
    }

    /// The mentions of topics in a text, in order. A topic with a language counts in texts in that language and in an
    /// unknown one.
    pub fn mentions(&self, text: &str, language: Language) -> Vec<Mention> {
        let mut mentions = Vec::new();
        self.phrases.find(text, language, |found| {
            if let Some(node) = self.topics.get(found.topic) {
                let topic = node.topic.clone();
                mentions.push(Mention { topic, weight: found.weight, start: found.start, end: found.end });
            }
        });
        mentions
    }

    /// The topics of these mentions. The sum w of the weights for a topic becomes a score of w / (w + 1).
    pub fn topics(&self, mentions: &[Mention]) -> TopTopics {
        let mut top = TopTopics::default();
        for (node, weight) in self.weights(mentions) {
            top.insert(node.topic.clone(), score_of(weight));
        }
        top
    }

    /// All topics of a text, in the order of the file.
    pub(crate) fn scores(&self, text: &str, language: Language) -> Vec<TopicScore> {
        let mentions = self.mentions(text, language);
        let scores = self.weights(&mentions).map(|(node, weight)| (node.topic.clone(), score_of(weight)));
        scores.map(|(topic, score)| TopicScore { topic, score }).collect()
    }

    /// The parent of a topic.
    pub fn parent(&self, topic: &str) -> Option<&Topic> {
        let node = self.topics.get(*self.by_name.get(topic)?)?;
        node.parent.and_then(|parent| self.topics.get(parent)).map(|parent| &parent.topic)
    }

    /// Number of topics.
    pub fn len(&self) -> usize {
        self.topics.len()
    }

    /// Whether there are no topics.
    pub fn is_empty(&self) -> bool {
        self.topics.is_empty()
    }

    /// Adds the topics of `text` to its annotation. A topic that both find becomes more probable than either says; the
    /// others become less probable, depending on how much the phrases already explain.
    pub fn refine(&self, text: &str, annotation: &mut Annotation) {
        self.refine_by(&self.mentions(text, annotation.language), annotation);
    }

    /// The same with the mentions of the text.
    pub(crate) fn refine_by(&self, mentions: &[Mention], annotation: &mut Annotation) {
        if mentions.is_empty() {
            return;
        }
        let own = std::mem::take(&mut annotation.topics);
        // Explicit phrases leave that much less to what was learned from other texts.
        let left = self.weights(mentions).map(|(_, weight)| 1.0 - score_of(weight)).fold(1.0, f32::min);
        for (node, weight) in self.weights(mentions) {
            let known = own.iter().find(|known| known.topic == node.topic).map_or(0.0, |known| known.score);
            let score = 1.0 - (1.0 - known) * (1.0 - score_of(weight));
            annotation.topics.insert(node.topic.clone(), score);
        }
        for known in own.iter() {
            annotation.topics.insert(known.topic.clone(), left * known.score);
        }
        annotation.topic = annotation.topics.first().map(|best| best.topic.clone());
    }

    /// The topics of the mentions, with the sums of their weights, in the order of the file.
    fn weights(&self, mentions: &[Mention]) -> impl Iterator<Item = (&Node, f32)> {
        let mut weights: Vec<f32> = vec![0.0; self.topics.len()];
        for mention in mentions {
            let Some(&number) = self.by_name.get(&mention.topic) else { continue };
            let mut weight = mention.weight;
            for ancestor in std::iter::once(number).chain(self.ancestors(number)) {
                if let Some(sum) = weights.get_mut(ancestor) {
                    *sum += weight;
                }
                weight *= FOR_PARENT;
            }
        }
        self.topics.iter().zip(weights).filter(|(_, weight)| *weight > 0.0)
    }

    fn ancestors(&self, topic: usize) -> impl Iterator<Item = usize> {
        let parent_of = |topic: usize| self.topics.get(topic).and_then(|node| node.parent);
        std::iter::successors(parent_of(topic), move |ancestor| parent_of(*ancestor))
    }
}

/// The score of a sum of weights.
fn score_of(weight: f32) -> f32 {
    weight / (weight + 1.0)
}

impl fmt::Debug for Taxonomy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Taxonomy").field("topics", &self.topics.len()).finish_non_exhaustive()
    }
}
