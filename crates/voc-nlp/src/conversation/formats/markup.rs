//! Tags in text.

use super::entities::{entity, push_decoded};

/// A part of a text with tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// Between tags, with its references.
    Text(&'t str),
    Start {
        name: &'t str,
        attributes: &'t str,
    },
    End {
        name: &'t str,
    },
}

/// The longest tag, in bytes.
const LONGEST_TAG: usize = 2048;
/// Bytes that are searched for tags in a text that does not begin with one.
const SEARCHED: usize = 4096;

/// The tags of a text and what is between them, without comments.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    tokens_and_sources(text).map(|(token, _)| token)
}

/// The same, each with the part of the text that it is.
fn tokens_and_sources(text: &str) -> impl Iterator<Item = (Token<'_>, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            // A tag may be cut off at its beginning, too.
            if matches!(rest, "" | "<" | "</") {
                return None;
            }
            if let Some(comment) = rest.strip_prefix("<!--") {
                rest = comment.split_once("-->").map_or("", |(_, after)| after);
                continue;
            }
            if let Some((token, after)) = tag(rest) {
                let source = rest.get(..rest.len() - after.len()).unwrap_or_default();
                rest = after;
                match token {
                    // A declaration.
                    Token::Start { name: "", .. } => continue,
                    token => return Some((token, source)),
                }
            }
            let first = rest.chars().next().map_or(1, char::len_utf8);
            let after = rest.get(first..).unwrap_or_default();
            let len = memchr::memchr(b'<', after.as_bytes()).map_or(rest.len(), |len| first + len);
            let (before, after) = rest.split_at_checked(len).unwrap_or((rest, ""));
            rest = after;
            return Some((Token::Text(before), before));
        }
    })
}

/// The tag at the beginning of a text, and the text after it. A tag that is cut off ends with the text.
fn tag(text: &str) -> Option<(Token<'_>, &str)> {
    let inner = text.strip_prefix('<')?;
    let is_end = inner.starts_with('/');
    let name_on = inner.strip_prefix('/').unwrap_or(inner);
    if let Some(declaration) = inner.strip_prefix(['!', '?']).filter(|rest| rest.starts_with(char::is_alphabetic)) {
        let after = declaration.get(end_of_tag(declaration)?..)?;
        let after = after.strip_prefix('>').unwrap_or(after);
        return Some((Token::Start { name: "", attributes: "" }, after));
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '_');
    let len = name_on.find(|c| !is_name(c)).unwrap_or(name_on.len());
    let (name, after_name) = name_on.split_at_checked(len)?;
    let follows =
        after_name.is_empty() || after_name.starts_with(|c: char| c.is_whitespace() || matches!(c, '>' | '/'));
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !follows {
        return None;
    }
    let end = end_of_tag(after_name)?;
    let attributes = after_name.get(..end).unwrap_or_default();
    let after = after_name.get(end..)?;
    let after = after.strip_prefix('>').unwrap_or(after);
    Some((if is_end { Token::End { name } } else { Token::Start { name, attributes } }, after))
}

/// Where the `>` is that is not within a quoted value, or the `<` of the next tag if this one lacks it; the end of the
/// text if the tag is cut off; `None` if the tag would be too long.
fn end_of_tag(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut quote = None;
    let end = bytes.iter().take(LONGEST_TAG).position(|byte| match (quote, byte) {
        // No tag is read for the sake of an earlier one that does not end.
        (None, b'>' | b'<') => true,
        (None, b'"' | b'\'') => {
            quote = Some(byte);
            false
        }
        (Some(open), byte) => {
            quote = quote.filter(|_| open != byte);
            false
        }
        _ => false,
    });
    // A quote that nothing closes is no quote.
    let end = end.or_else(|| bytes.iter().take(LONGEST_TAG).position(|byte| *byte == b'>'));
    end.or_else(|| (bytes.len() <= LONGEST_TAG).then_some(bytes.len()))
}

/// The value of an attribute.
pub(super) fn attribute<'t>(attributes: &'t str, wanted: &str) -> Option<&'t str> {
    let mut rest = attributes;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        let len = rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | '/')).unwrap_or(rest.len());
        let (name, after) = rest.split_at_checked(len.max(1))?;
        let Some(value) = after.trim_start().strip_prefix('=') else {
            rest = after;
            continue;
        };
        let value = value.trim_start();
        let quoted = value.strip_prefix('"').map(|value| (value, '"')).or(value.strip_prefix('\'').map(|v| (v, '\'')));
        let (value, after) = match quoted {
            Some((value, quote)) => value.split_once(quote).unwrap_or((value, "")),
            None => value.split_once(char::is_whitespace).unwrap_or((value, "")),
        };
        if name.eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = after;
    }
}

/// What an element does to the lines of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    /// Begins a line.
    Block,
    Break,
    Inline,
    /// Is not shown.
    Hidden,
}

/// The elements of HTML; `None` for other names, which in text may be speakers.
pub(super) fn element(name: &str) -> Option<Element> {
    let mut small = [0; 10];
    let small = small.get_mut(..name.len())?;
    small.copy_from_slice(name.as_bytes());
    small.make_ascii_lowercase();
    Some(match &*small {
        b"br" | b"hr" => Element::Break,
        b"p" | b"div" | b"li" | b"ul" | b"ol" | b"tr" | b"table" | b"tbody" | b"thead" | b"tfoot" | b"h1" | b"h2"
        | b"h3" | b"h4" | b"h5" | b"h6" | b"html" | b"body" | b"dl" | b"dt" | b"dd" | b"blockquote" | b"pre"
        | b"section" | b"article" | b"header" | b"footer" | b"main" | b"nav" | b"form" | b"center" | b"figure"
        | b"figcaption" | b"details" | b"summary" | b"address" | b"td" | b"th" => Element::Block,
        b"script" | b"style" | b"head" | b"title" | b"noscript" | b"template" | b"svg" | b"button" | b"select"
        | b"iframe" | b"object" | b"textarea" => Element::Hidden,
        b"span" | b"b" | b"i" | b"u" | b"em" | b"strong" | b"a" | b"font" | b"small" | b"sub" | b"sup" | b"s"
        | b"strike" | b"del" | b"ins" | b"mark" | b"cite" | b"q" | b"abbr" | b"code" | b"time" | b"label" | b"img"
        | b"meta" | b"link" | b"input" | b"col" | b"caption" | b"video" | b"audio" | b"source" | b"wbr" | b"big"
        | b"tt" | b"kbd" => Element::Inline,
        _ => return None,
    })
}

/// Whether a text that does not begin with a tag has tags or references all the same.
pub(super) fn is_in(text: &str) -> bool {
    let bytes = text.as_bytes();
    let searched = bytes.get(..SEARCHED).unwrap_or(bytes);
    memchr::memchr2_iter(b'<', b'&', searched).any(|at| {
        let rest = text.get(at..).unwrap_or_default();
        match tag(rest) {
            Some((Token::Start { name, .. } | Token::End { name }, _)) => {
                element(name).is_some()
                    && memchr::memchr(b'>', rest.as_bytes().get(..LONGEST_TAG).unwrap_or(rest.as_bytes())).is_some()
            }
            _ => entity(rest).is_some(),
        }
    })
}

/// A message without its tags and references. Lines stay lines.
pub(super) fn plain(text: &str) -> String {
    if !is_in(text) {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    // The element whose content is not shown.
    let mut hidden: Option<&str> = None;
    for (token, source) in tokens_and_sources(text) {
        match token {
            Token::Text(text) if hidden.is_none() => push_decoded(&mut plain, text),
            Token::End { name } if hidden.is_some_and(|hidden| hidden.eq_ignore_ascii_case(name)) => hidden = None,
            Token::Start { name, .. } | Token::End { name } if hidden.is_none() => match element(name) {
                Some(Element::Block | Element::Break) => end_line(&mut plain),
                Some(Element::Hidden) if matches!(token, Token::Start { .. }) => hidden = Some(name),
                Some(_) => {}
                // "<agent>" is no tag.
                None => plain.push_str(source),
            },
            _ => {}
        }
    }
    plain.trim().to_owned()
}

/// Ends a line, unless it is empty.
fn end_line(text: &mut String) {
    let len = text.trim_end_matches([' ', '\t']).len();
    text.truncate(len);
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_lose_their_tags() {
        for (message, said) in [
            ("hello", "hello"),
            ("<p>Hello,</p><p>it&#39;s <b>me</b></p>", "Hello,\nit's me"),
            ("Agent: hi<br>Customer: hello<br/>", "Agent: hi\nCustomer: hello"),
            ("I <3 you & 5 < 6", "I <3 you & 5 < 6"),
            ("<agent> hi<br><customer> hello", "<agent> hi\n<customer> hello"),
            ("one<br><!-- note --><div class=\"a > b\">two</div><style>p {}</style>", "one\ntwo"),
            ("cut <br> off <a href=\"http", "cut\n off"),
            ("cut <br> off <", "cut\n off"),
            ("unclosed <b class=x <i>tags</i <br>end", "unclosed tags\nend"),
            ("one<br><agent two <customer", "one\n<agent two <customer"),
        ] {
            assert_eq!(plain(message), said, "{message}");
        }
    }

    #[test]
    fn attributes_in_any_quotes() {
        let attributes = r#" class="a b" hidden data-role='agent' id=7 /"#;
        assert_eq!(attribute(attributes, "class"), Some("a b"));
        assert_eq!(attribute(attributes, "data-role"), Some("agent"));
        assert_eq!(attribute(attributes, "id"), Some("7"));
        assert_eq!(attribute(attributes, "name"), None);
    }
}
