//! Files of labelled texts as tenants have them: CSV, TSV, or one JSON object a line.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};
use voc_nlp::Sentiment;

/// The names of the columns or members, the documented one first.
const TEXT: [&str; 5] = ["text", "transcript", "message", "comment", "texto"];
const LABEL: [&str; 3] = ["label", "sentiment", "sentimento"];
/// How many mistakes are reported at once.
const SHOWN: usize = 10;

type Labelled = (String, Sentiment);

/// The labelled texts of a file. All mistakes are reported at once, each with its line.
pub(crate) fn read(path: &Path) -> Result<Vec<Labelled>> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_ascii_lowercase();
    let parse = match extension.as_str() {
        "csv" | "tsv" => table,
        "ndjson" | "jsonl" => objects,
        _ => bail!("{}: the name must end with .csv, .tsv, .ndjson or .jsonl", path.display()),
    };
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes().iter().take(valid).filter(|byte| **byte == b'\n').count();
        anyhow::anyhow!("{}: line {line} is not UTF-8; save the file as UTF-8", path.display())
    })?;
    parse(text.trim_start_matches('\u{feff}')).with_context(|| format!("cannot use {}", path.display()))
}

/// All texts, or the first mistakes.
fn all(texts: impl Iterator<Item = (usize, Result<Labelled>)>) -> Result<Vec<Labelled>> {
    let (mut found, mut mistakes) = (Vec::new(), Vec::new());
    for (line, text) in texts {
        match text {
            Ok(text) => found.push(text),
            Err(error) => mistakes.push(format!("line {line}: {error}")),
        }
    }
    if !mistakes.is_empty() {
        let more = mistakes.len().saturating_sub(SHOWN);
        mistakes.truncate(SHOWN);
        let rest = if more > 0 { format!("\nand {more} more") } else { String::new() };
        bail!("{}{rest}", mistakes.join("\n"));
    }
    ensure!(!found.is_empty(), "it has no labelled texts");
    Ok(found)
}

fn labelled(text: &str, label: &str) -> Result<Labelled> {
    ensure!(!text.trim().is_empty(), "the text is empty");
    let label = match label.trim().to_ascii_lowercase().as_str() {
        "negative" => Sentiment::Negative,
        "neutral" => Sentiment::Neutral,
        "positive" => Sentiment::Positive,
        "" => bail!("the label is missing; it must be negative, neutral or positive"),
        _ => bail!("the label is {label:?}; it must be negative, neutral or positive"),
    };
    Ok((text.to_owned(), label))
}

/// One JSON object a line.
fn objects(text: &str) -> Result<Vec<Labelled>> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    all(lines.map(|(number, line)| (number + 1, object(line))))
}

fn object(line: &str) -> Result<Labelled> {
    let object: Map<String, Value> = serde_json::from_str(line).context("it is no JSON object")?;
    let member = |names: &[&str]| -> Result<&str> {
        let wanted = names.iter().copied().next().unwrap_or_default();
        let value = names.iter().find_map(|name| object.get(*name));
        let value = value.with_context(|| format!("the object has no member {wanted:?}"))?;
        value.as_str().with_context(|| format!("{wanted:?} is no string"))
    };
    labelled(member(&TEXT)?, member(&LABEL)?)
}

/// CSV or TSV with a header line.
fn table(text: &str) -> Result<Vec<Labelled>> {
    let header = text.lines().next().unwrap_or_default();
    let count = |separator: char| header.matches(separator).count();
    let separator = ['\t', ';', ','].into_iter().max_by_key(|separator| count(*separator)).unwrap_or(',');
    let mut records = Records { rest: text, separator, line: 1 };
    let (_, names) = records.next().context("it is empty")?;
    let names = names?;
    let column = |wanted: &[&str]| -> Result<usize> {
        let is_wanted = |name: &String| wanted.iter().any(|wanted| name.trim().eq_ignore_ascii_case(wanted));
        let name = wanted.iter().copied().next().unwrap_or_default();
        names.iter().position(is_wanted).with_context(|| {
            format!("line 1: there is no column {name:?} in the header line; its columns are {}", names.join(", "))
        })
    };
    let (text, label) = (column(&TEXT)?, column(&LABEL)?);
    let records = records.filter(|(_, fields)| !matches!(fields, Ok(fields) if fields.concat().trim().is_empty()));
    all(records.map(|(line, fields)| {
        let record = fields.and_then(|fields| {
            let (found, expected) = (fields.len(), names.len());
            ensure!(found == expected, "it has {found} fields, but the header line has {expected}");
            labelled(&fields[text], &fields[label])
        });
        (line, record)
    }))
}

/// The records of a table, each with the number of its first line. The usual readers of CSV accept any quotation
/// marks, and an open one would make one text of many.
struct Records<'a> {
    rest: &'a str,
    separator: char,
    line: usize,
}

impl Iterator for Records<'_> {
    type Item = (usize, Result<Vec<String>>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let line = self.line;
        let mut fields = Vec::new();
        loop {
            let field = match self.field() {
                Ok(field) => field,
                Err(error) => {
                    // What follows cannot be told apart.
                    self.rest = "";
                    return Some((line, Err(error)));
                }
            };
            fields.push(field);
            match self.rest.strip_prefix(self.separator) {
                Some(rest) => self.rest = rest,
                None => break,
            }
        }
        self.rest = self.rest.strip_prefix('\r').unwrap_or(self.rest);
        self.rest = self.rest.strip_prefix('\n').unwrap_or(self.rest);
        self.line += 1;
        Some((line, Ok(fields)))
    }
}

impl Records<'_> {
    /// The next field, up to the separator or the end of the line.
    fn field(&mut self) -> Result<String> {
        let is_end = |c: char| c == self.separator || c == '\n';
        let Some(mut quoted) = self.rest.strip_prefix('"') else {
            let (field, rest) = self.rest.split_at(self.rest.find(is_end).unwrap_or(self.rest.len()));
            let at_line_end = !rest.starts_with(self.separator);
            self.rest = rest;
            return Ok(if at_line_end { field.trim_end_matches('\r') } else { field }.to_owned());
        };
        let mut field = String::new();
        loop {
            let Some((part, rest)) = quoted.split_once('"') else {
                bail!("a quotation mark is not closed");
            };
            field.push_str(part);
            match rest.strip_prefix('"') {
                Some(rest) => {
                    field.push('"');
                    quoted = rest;
                }
                None => {
                    self.rest = rest;
                    break;
                }
            }
        }
        self.line += field.matches('\n').count();
        let is_over = self.rest.is_empty() || self.rest.starts_with(is_end) || self.rest.starts_with("\r\n");
        ensure!(is_over, "there is text after a closing quotation mark; write a quotation mark in a field twice");
        Ok(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(result: Result<Vec<Labelled>>) -> String {
        format!("{:#}", result.unwrap_err())
    }

    #[test]
    fn tables() {
        let expected = [
            ("Charged twice, again".to_owned(), Sentiment::Negative),
            ("He said \"ok\"\nand left".to_owned(), Sentiment::Neutral),
            ("ótimo".to_owned(), Sentiment::Positive),
        ];
        let csv = "id,Text,label\r\n1,\"Charged twice, again\",negative\r\n2,\"He said \"\"ok\"\"\nand left\",Neutral\r\n\
            \r\n3,ótimo,positive\r\n";
        assert_eq!(table(csv).unwrap(), expected);
        let semicolons = "sentimento;texto\nnegative;Charged twice, again\nneutral;\"He said \"\"ok\"\"\nand left\"\n\
            positive;ótimo";
        assert_eq!(table(semicolons).unwrap(), expected);
        let tsv = "label\ttext\nnegative\tCharged twice, again\nneutral\t\"He said \"\"ok\"\"\nand left\"\n positive \tótimo\n";
        assert_eq!(table(tsv).unwrap(), expected);
    }

    #[test]
    fn objects_a_line() {
        let lines =
            "{\"text\": \"bad\", \"label\": \"negative\"}\n\n{\"sentiment\": \"POSITIVE\", \"transcript\": \"a\\nb\"}";
        let expected = [("bad".to_owned(), Sentiment::Negative), ("a\nb".to_owned(), Sentiment::Positive)];
        assert_eq!(objects(lines).unwrap(), expected);
    }

    #[test]
    fn mistakes_have_lines() {
        let wrong = error(table("text,label\ngood,positive\n\"two\nlines\",pos\nx\n,neutral\nx,\n"));
        for part in [
            "line 3: the label is \"pos\"",
            "line 5: it has 1 fields",
            "line 6: the text is",
            "line 7: the label is missing",
        ] {
            assert!(wrong.contains(part), "{part}: {wrong}");
        }
        assert!(error(table("a,label\n")).contains("no column \"text\""));
        assert!(error(table("")).contains("empty"));
        assert!(error(table("text,label\n")).contains("no labelled texts"));
        assert!(error(table("text,label\nx,neutral\n\"x,neutral\ny,neutral\n")).contains("line 3: a quotation mark"));
        assert!(error(table("text,label\n\"x\" y,neutral\n")).contains("after a closing quotation mark"));
        let wrong = error(objects("{\"text\": \"x\"}\n[]\n{\"text\": 1, \"label\": \"neutral\"}"));
        for part in
            ["line 1: the object has no member \"label\"", "line 2: it is no JSON object", "line 3: \"text\" is no"]
        {
            assert!(wrong.contains(part), "{part}: {wrong}");
        }
        let many = error(table(&format!("text,label\n{}", "x,bad\n".repeat(50))));
        assert!(many.contains("and 40 more") && many.lines().count() <= 12, "{many}");
    }
}
