//! Public lexicons: lines with a term, a tab and its valence.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use voc_nlp::train::{TRACKS, folded};

/// A file of the folder `lexicons`.
struct Lexicon {
    file: &'static str,
    track: usize,
    /// The factor that converts its valences to VADER's scale.
    scale: f32,
}

/// The first lexicon with a word decides.
const LEXICONS: [Lexicon; 3] = [
    Lexicon { file: "vader_en.txt", track: 0, scale: 1.0 },
    // The regression of VADER's valences on AFINN's, over their common words, gives 0.77.
    Lexicon { file: "afinn_en_165.txt", track: 0, scale: 0.77 },
    Lexicon { file: "leia_ptbr.txt", track: 1, scale: 1.0 },
];

/// Words shorter than this that were taken untranslated from the English lexicon into the Portuguese one are mostly
/// acronyms.
const SHORTEST_COGNATE: usize = 5;

/// The words of those lexicons that are in `dir`, folded and in order, with their valences by language.
pub(crate) fn read(dir: &Path) -> Result<Vec<(String, [f32; TRACKS])>> {
    let mut words: BTreeMap<String, [Option<f32>; TRACKS]> = BTreeMap::new();
    for lexicon in LEXICONS {
        let path = dir.join(lexicon.file);
        if !path.exists() {
            continue;
        }
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        for (word, (sum, count)) in valences(&text) {
            let known = words.entry(word.clone()).or_default();
            let is_acronym = lexicon.track == 1 && known[0].is_some() && word.len() < SHORTEST_COGNATE;
            if known[lexicon.track].is_none() && !is_acronym {
                known[lexicon.track] = Some((lexicon.scale * sum / count as f32).clamp(-4.0, 4.0));
            }
        }
    }
    Ok(words.into_iter().map(|(word, valences)| (word, valences.map(Option::unwrap_or_default))).collect())
}

/// Sums and counts of the valences of words, which may occur several times.
fn valences(text: &str) -> BTreeMap<String, (f32, u32)> {
    let mut words: BTreeMap<String, (f32, u32)> = BTreeMap::new();
    for line in text.lines() {
        let mut fields = line.split('\t');
        let word = fields.next().and_then(folded);
        let valence = fields.next().and_then(|valence| valence.trim().parse::<f32>().ok());
        if let (Some(word), Some(valence)) = (word, valence) {
            let (sum, count) = words.entry(word).or_default();
            *sum += valence;
            *count += 1;
        }
    }
    words
}
