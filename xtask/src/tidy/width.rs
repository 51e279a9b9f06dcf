//! Checks the width of prose: Markdown, and comments in Rust, SQL and TOML. rustfmt checks the width of code.

use std::path::Path;

/// Maximum number of characters in a line of prose.
const MOST: usize = 119;

/// Length of a word that no line has room for, such as an address.
const LONG_WORD: usize = 60;

/// How the first line of an example begins whose language depends on features; a second such line is its alternative.
const CONDITIONAL_FENCE: &str = "#[cfg_attr(feature";

/// Numbers of the lines of prose that are too wide. Tables, code, and lines that consist of a long word are exempt.
pub(super) fn too_wide(path: &Path, text: &str) -> Vec<usize> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let is_markdown = extension == "md";
    let mark = match extension {
        "sql" => "--",
        "toml" => "#",
        _ => "//",
    };
    let mut is_code = false;
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let prose = if is_markdown { line } else { comment(line, mark).unwrap_or_default() };
        let prose = prose.trim_start();
        // Some examples are compiled with a feature only: their first line is an attribute.
        if prose.starts_with("```") || !is_markdown && line.trim_start().starts_with(CONDITIONAL_FENCE) {
            is_code = !is_code;
        }
        let is_exempt = is_code || prose.is_empty() || prose.starts_with('|');
        let has_long_word = || prose.split_whitespace().any(|word| word.chars().count() > LONG_WORD);
        if !is_exempt && line.chars().count() > MOST && !has_long_word() {
            found.push(number);
        }
    }
    found
}

/// The text of a line that is a comment as a whole.
fn comment<'l>(line: &'l str, mark: &str) -> Option<&'l str> {
    let text = line.trim_start().strip_prefix(mark)?;
    Some(text.strip_prefix(['/', '!']).unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_prose_is_found_and_wide_code_is_not() {
        let wide = "word ".repeat(24);
        assert_eq!(wide.trim_end().len(), MOST);
        let wider = format!("{wide}x");
        let markdown =
            [wide.trim_end(), &wider, "```text", &wider, "```", &format!("| {wide} |"), &"x".repeat(130), &wider];
        assert_eq!(too_wide(Path::new("README.md"), &markdown.join("\n")), [2, 8]);

        let doc = format!("    /// {wide}");
        let code = format!("let text = \"{wide}\";");
        let rust = [code.as_str(), &doc, "/// ```", &doc, "/// ```", &format!("//! {wide}")];
        assert_eq!(too_wide(Path::new("src/lib.rs"), &rust.join("\n")), [2, 6]);

        assert_eq!(too_wide(Path::new("0001.sql"), &format!("{wider}\n    -- {wide}")), [2]);
        assert_eq!(too_wide(Path::new("Cargo.toml"), &format!("{wider}\n# {wide}")), [2]);
    }
}
