//! Which known name a misspelt one is likely to mean.

/// Similarity from which a name is suggested: one wrong letter of four.
const SIMILAR: f64 = 0.75;

/// The known name that is most similar to `name`, if any is similar enough.
pub(super) fn most_similar<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let scored = known.into_iter().map(|known| (strsim::normalized_damerau_levenshtein(name, known), known));
    let (score, known) = scored.max_by(|left, right| left.0.total_cmp(&right.0))?;
    (score >= SIMILAR).then_some(known)
}
