//! The TTL of a table, as an engine writes it.

/// The clauses of the TTL in an engine's description of a table; none without a TTL.
pub(crate) fn clauses(engine: &str) -> Vec<&str> {
    let Some(start) = at_top_level(engine, " TTL ").next() else { return Vec::new() };
    let text = &engine[start + " TTL ".len()..];
    let text = &text[..at_top_level(text, " SETTINGS ").next().unwrap_or(text.len())];
    let ends = at_top_level(text, ", ").chain([text.len()]);
    let mut clauses = Vec::new();
    let mut start = 0;
    for end in ends {
        clauses.push(&text[start..end]);
        start = end + ", ".len();
    }
    clauses
}

/// Whether a clause removes rows, instead of moving or compressing parts.
pub(crate) fn removes(clause: &str) -> bool {
    [" TO VOLUME ", " TO DISK ", " RECOMPRESS "].iter().all(|other| at_top_level(clause, other).next().is_none())
}

/// Whether a clause replaces rows by their sums.
pub(crate) fn sums_up(clause: &str) -> bool {
    at_top_level(clause, " GROUP BY ").next().is_some()
}

/// Where a word is, outside of parentheses and quotes.
fn at_top_level<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = usize> + 't {
    let (mut depth, mut quote, mut is_escaped) = (0_usize, None, false);
    text.char_indices().filter_map(move |(place, character)| {
        let is_outside = depth == 0 && quote.is_none();
        match (quote, character) {
            _ if is_escaped => is_escaped = false,
            (Some(_), '\\') => is_escaped = true,
            (Some(open), close) if open == close => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '`' | '"') => quote = Some(character),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth = depth.saturating_sub(1),
            (None, _) => {}
        }
        (is_outside && text[place..].starts_with(word)).then_some(place)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_are_told_apart_whatever_they_contain() {
        let engine = r"ReplacingMergeTree(processed_at) PARTITION BY toYYYYMM(ts) ORDER BY (tenant_id, ts) TTL multiIf(has(['a, b',
            'it\'s TTL '], tenant_id), toDateTime(ts) + toIntervalDay(30), ts), toDateTime(ts) + toIntervalDay(7) TO VOLUME 'a,
            SETTINGS ', ts RECOMPRESS CODEC(ZSTD(1), LZ4) SETTINGS index_granularity = 8192, storage_policy = 'x, TTL '";
        let found = clauses(engine);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].starts_with("multiIf(") && found[0].ends_with(", ts)"), "{found:?}");
        assert_eq!(found.iter().map(|clause| removes(clause)).collect::<Vec<_>>(), [true, false, false], "{found:?}");
        assert!(found[2] == "ts RECOMPRESS CODEC(ZSTD(1), LZ4)", "{found:?}");
        assert_eq!(clauses("MergeTree ORDER BY a SETTINGS index_granularity = 8192"), Vec::<&str>::new());
        assert_eq!(clauses("MergeTree ORDER BY a TTL b + toIntervalDay(1)"), ["b + toIntervalDay(1)"]);
    }

    #[test]
    fn what_sums_up_is_not_taken_for_something_else() {
        let engine = "MergeTree ORDER BY a TTL t + toIntervalDay(1) GROUP BY a SET b = sum(b), c = max(c)";
        assert!(clauses(engine).iter().any(|clause| sums_up(clause)));
        assert!(!sums_up("t + toIntervalDay(length(' GROUP BY '))"));
    }
}
