//! What the store says about a statement that it refuses, without what it says about itself.

/// Longest reason in characters.
const MAX_CHARS: usize = 300;
/// Where a message goes on with the statement as it ran, or with how.
const DETAILS: [&str; 6] = [": In scope ", " In scope ", " in scope ", ": while ", ": While ", " while executing"];
/// Before the names that the store thinks were meant.
const SUGGESTION: &str = "Maybe you meant: ";

/// The part of a message that is about what was written: `Unknown expression identifier `tpic`. Maybe you meant:
/// ['topic']`.
pub(crate) fn reason(message: &str) -> String {
    let message = message.split_once("DB::Exception: ").map_or(message, |(_, message)| message);
    let end = DETAILS.iter().filter_map(|detail| message.find(detail)).min();
    let whole = message.rsplit_once(" (").filter(|(_, code)| code.ends_with(')')).map_or(message, |(whole, _)| whole);
    let first = end.and_then(|end| message.get(..end)).unwrap_or(whole).trim_end_matches(['.', ':', ' ']);
    let meant = message.split_once(SUGGESTION).and_then(|(_, meant)| Some(meant.split_once(']')?.0));
    let meant = meant.filter(|_| end.is_some()).map(|meant| format!(". {SUGGESTION}{meant}]")).unwrap_or_default();
    format!("{first}{meant}").chars().take(MAX_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::reason;

    #[test]
    fn a_reason_does_not_tell_the_statement() {
        for (message, expected) in [
            (
                "Code: 47. DB::Exception: Unknown expression identifier `tpic` in scope SELECT tpic FROM (SELECT x FROM \
                 t WHERE tenant_id IN ('acme')). Maybe you meant: ['topic']. (UNKNOWN_IDENTIFIER)",
                "Unknown expression identifier `tpic`. Maybe you meant: ['topic']",
            ),
            (
                "Code: 43. DB::Exception: Illegal type String of argument of function sum: In scope SELECT sum(x). (A_B)",
                "Illegal type String of argument of function sum",
            ),
            (
                "Code: 153. DB::Exception: Division by zero: while executing 'FUNCTION x'. (ILLEGAL_DIVISION)",
                "Division by zero",
            ),
            ("the columns have no names", "the columns have no names"),
        ] {
            assert_eq!(reason(message), expected);
        }
    }
}
