//! What a text contains besides prose: addresses, handles, markup, escaped characters. What they are made of are no
//! words.

use wide::u8x16;

use super::escapes::escape_at;
use super::span::Span;

/// Bytes that are searched at once.
const BLOCK: usize = 64;
/// A longer tag is none, and a longer style sheet or script is read.
const LONGEST_TAG: usize = 1024;
const LONGEST_SCRIPT: usize = 8192;

/// A part of a text that is no prose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An address of a page or a mailbox, a domain, the name of a file.
    Address,
    /// "@somebody".
    Handle,
    /// Markup within a line.
    Tag,
    /// Markup that ends a line or a paragraph.
    Break,
    /// Words with characters written as HTML entities or with a backslash, or a back tick as the apostrophe.
    Escaped,
}

/// The first piece from `from` on, in the part that ends at `end`.
#[inline(always)]
pub(super) fn next(text: &str, mut from: usize, end: usize) -> Option<Piece> {
    let bytes = text.as_bytes().get(..end).unwrap_or_default();
    let start = from;
    loop {
        let at = find_odd(bytes, from)?;
        match piece_at(bytes, start, at) {
            Ok(piece) => return Some(piece),
            Err(resume) => from = resume,
        }
    }
}

/// The first byte from `from` on with which a piece may begin or in which one can be recognised: `@`, `<`, `&`, `\`, a
/// back tick, and a full stop that no space follows.
#[inline(always)]
fn find_odd(bytes: &[u8], mut from: usize) -> Option<usize> {
    while let Some(block) = bytes.get(from..).and_then(<[u8]>::first_chunk) {
        if has_odd(block) {
            return find_odd_here(bytes, from);
        }
        from += BLOCK;
    }
    let mut padded = [b' '; BLOCK + 1];
    let block = bytes.last_chunk().unwrap_or_else(|| {
        padded.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        &padded
    });
    // No piece begins with the last byte.
    if has_odd(block) { find_odd_here(bytes, from) } else { None }
}

/// The same byte by byte.
#[inline(never)]
fn find_odd_here(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let is_odd = |at: usize| match rest.get(at) {
        Some(b'@' | b'<' | b'&' | b'\\' | b'`') => true,
        Some(b'.') => rest.get(at + 1).is_some_and(|next| *next != b' '),
        _ => false,
    };
    (0..rest.len()).find(|at| is_odd(*at)).map(|at| from + at)
}

/// Whether one of the block's bytes, except the last, may be odd.
#[inline(always)]
fn has_odd(block: &[u8; BLOCK + 1]) -> bool {
    let load = |at: usize| u8x16::new(block.get(at..).and_then(<[u8]>::first_chunk).copied().unwrap_or_default());
    let odd = |at: usize| {
        let (bytes, next) = (load(at), load(at + 1));
        // With one or two bits set, "<" and "\" are the same, and so are "@" and the back tick.
        (bytes | u8x16::splat(0x60)).simd_eq(u8x16::splat(0x7c))
            | (bytes | u8x16::splat(0x20)).simd_eq(u8x16::splat(0x60))
            | bytes.simd_eq(u8x16::splat(b'&'))
            | (bytes.simd_eq(u8x16::splat(b'.')) & !next.simd_eq(u8x16::splat(b' ')))
    };
    (odd(0) | odd(16) | odd(32) | odd(48)).to_bitmask() != 0
}

/// The piece recognised by the odd byte at `at`, which begins at `start` or later; or where to go on.
fn piece_at(bytes: &[u8], start: usize, at: usize) -> Result<Piece, usize> {
    let piece = match bytes.get(at) {
        Some(b'<') => tag(bytes, at),
        Some(b'&' | b'\\') => escaped(bytes, start, at),
        Some(b'`') => ticked(bytes, start, at),
        Some(b'@') => mailbox(bytes, start, at).or_else(|| handle(bytes, at)),
        Some(b'.') => return address(bytes, start, at),
        _ => None,
    };
    piece.ok_or(at + 1)
}

/// The tag that begins at `start`; of style sheets and scripts everything.
fn tag(bytes: &[u8], start: usize) -> Option<Piece> {
    let inner = bytes.get(start + 1..)?;
    if !matches!(inner, [b'/' | b'!', ..]) && !inner.first().is_some_and(u8::is_ascii_alphabetic) {
        return None;
    }
    let (mut quote, mut last) = (None, 0);
    let mut len = None;
    for (at, &byte) in inner.iter().enumerate().take(LONGEST_TAG) {
        match (byte, quote) {
            // Every tag is looked at once.
            (b'<', _) => return None,
            (b'>', None) => {
                len = Some(at);
                break;
            }
            (b'"' | b'\'', None) if last == b'=' => quote = Some(byte),
            (_, Some(open)) if open == byte => quote = None,
            _ => {}
        }
        last = byte;
    }
    let len = len?;
    let name = inner.strip_prefix(b"/").unwrap_or(inner);
    let name = name.get(..name.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count())?;
    let mut end = start + len + 2;
    if [b"style".as_slice(), b"script"].iter().any(|script| name.eq_ignore_ascii_case(script)) {
        let content = bytes.get(end..(end + LONGEST_SCRIPT).min(bytes.len())).unwrap_or_default();
        end += memchr::memmem::find(content, b"</").unwrap_or_default();
    }
    let kind = if BREAKS.iter().any(|tag| name.eq_ignore_ascii_case(tag)) { Kind::Break } else { Kind::Tag };
    Some(Piece { kind, span: Span { start, end } })
}

/// Tags of lines, paragraphs and cells.
const BREAKS: [&[u8]; 27] = [
    b"br",
    b"p",
    b"div",
    b"li",
    b"ul",
    b"ol",
    b"tr",
    b"td",
    b"th",
    b"table",
    b"hr",
    b"h1",
    b"h2",
    b"h3",
    b"h4",
    b"h5",
    b"h6",
    b"title",
    b"head",
    b"body",
    b"html",
    b"section",
    b"article",
    b"blockquote",
    b"pre",
    b"option",
    b"style",
];

/// The word with escaped characters of which one is at `at`.
fn escaped(bytes: &[u8], start: usize, at: usize) -> Option<Piece> {
    let (_, len) = escape_at(bytes.get(at..)?)?;
    Some(word_around(bytes, start, Span { start: at, end: at + len }))
}

/// The word whose apostrophe is the back tick at `at`.
fn ticked(bytes: &[u8], start: usize, at: usize) -> Option<Piece> {
    let is_letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
    let joins = at > start && is_letter(at - 1) && is_letter(at + 1);
    joins.then(|| word_around(bytes, start, Span { start: at, end: at + 1 }))
}

/// The word that contains `part`, and begins at `start` or later.
fn word_around(bytes: &[u8], start: usize, part: Span) -> Piece {
    let Span { start: at, mut end } = part;
    let before = bytes.get(start..at).unwrap_or_default();
    let start = at - before.iter().rev().take_while(|byte| is_in_word(**byte)).count();
    while let Some(rest) = bytes.get(end..).filter(|rest| !rest.is_empty()) {
        end += match rest {
            [byte, ..] if is_in_word(*byte) => 1,
            [b'&' | b'\\', ..] => match escape_at(rest) {
                Some((_, len)) => len,
                None => break,
            },
            _ => break,
        };
    }
    Piece { kind: Kind::Escaped, span: Span { start, end } }
}

fn is_in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'\'' || byte == b'`' || !byte.is_ascii()
}

/// The name of somebody whose "@" is at `at`.
fn handle(bytes: &[u8], at: usize) -> Option<Piece> {
    let name = bytes.get(at + 1..)?;
    let len = name.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    let span = Span { start: at, end: at + 1 + len };
    (len > 0).then_some(Piece { kind: Kind::Handle, span })
}

/// The address of the mailbox whose "@" is at `at`.
fn mailbox(bytes: &[u8], start: usize, at: usize) -> Option<Piece> {
    let is_local = |byte: &&u8| byte.is_ascii_alphanumeric() || b"._%+-".contains(byte);
    let is_domain = |byte: &&u8| byte.is_ascii_alphanumeric() || b".-".contains(byte);
    let before = bytes.get(start..at)?.iter().rev().take_while(is_local).count();
    let after = bytes.get(at + 1..)?;
    let len = after.iter().take_while(is_domain).count();
    let domain = after.get(..len)?;
    let len = len - domain.iter().rev().take_while(|byte| **byte == b'.' || **byte == b'-').count();
    let span = Span { start: at - before, end: at + 1 + len };
    (before > 0 && len > 0).then_some(Piece { kind: Kind::Address, span })
}

/// The address that contains the full stop at `at`; or where to go on.
fn address(bytes: &[u8], start: usize, at: usize) -> Result<Piece, usize> {
    let neighbours = (at.checked_sub(1).and_then(|before| bytes.get(before)), bytes.get(at + 1));
    let (Some(before), Some(after)) = neighbours else { return Err(at + 1) };
    if !(before.is_ascii_alphanumeric() && after.is_ascii_alphanumeric()) {
        return Err(at + 1);
    }
    let is_within = |byte: &&u8| !byte.is_ascii_whitespace() && !b"<>()[]{}\"'|,;\\".contains(byte);
    let before = bytes.get(start..at).unwrap_or_default().iter().rev().take_while(is_within).count();
    let start = at - before;
    let rest = bytes.get(start..).unwrap_or_default();
    let len =
        before + rest.get(before..).unwrap_or_default().iter().take_while(|b| is_within(b) && b.is_ascii()).count();
    let token = rest.get(..len).unwrap_or_default();
    let end = len - token.iter().rev().take_while(|byte| !byte.is_ascii_alphanumeric() && **byte != b'/').count();
    let token = token.get(..end).unwrap_or_default();
    if let Some(sign) = memchr::memchr(b'@', token)
        && let Some(piece) = mailbox(bytes, start, start + sign)
    {
        return Ok(piece);
    }
    let scheme = memchr::memmem::find(token, b"://").filter(|scheme| *scheme > 0);
    let skipped = scheme.map_or(0, |scheme| {
        // "see:https://..."
        let before = token.get(..scheme).unwrap_or_default();
        scheme - before.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count()
    });
    if scheme.is_some() || is_site(token) {
        return Ok(Piece { kind: Kind::Address, span: Span { start: start + skipped, end: start + end } });
    }
    Err((start + len).max(at + 1))
}

/// Whether a token is the address of a page without its scheme, a domain, or the name of a file.
fn is_site(token: &[u8]) -> bool {
    let host = token.split(|byte| b"/:?#".contains(byte)).next().unwrap_or_default();
    let has_path = host.len() < token.len();
    let is_label = |label: &[u8]| {
        !label.is_empty()
            && label.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte) || !byte.is_ascii())
    };
    if !host.split(|byte| *byte == b'.').all(is_label) {
        return false;
    }
    let is_web = host.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"www."));
    let last = host.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    let is_in = |list: &str| list.split_whitespace().any(|end| last.eq_ignore_ascii_case(end.as_bytes()));
    is_web || is_in(ENDINGS) || (has_path && is_in(ENDINGS_WITH_PATH))
}

/// Last parts of domains and of names of files, except those that are words.
const ENDINGS: &str = "com net org io br uk app dev gov edu mil info biz tv ai gg ly example test shop store online site club xyz
    tech cloud eu ca au nz jp cn pt ar mx cl pdf doc docx xls xlsx ppt pptx txt csv png jpg jpeg gif mp3 mp4 wav zip html htm php
    aspx exe apk json xml";
/// Those that are words, too.
const ENDINGS_WITH_PATH: &str = "me it co us in to de es fr is so be at no st";

#[cfg(test)]
mod tests {
    use super::*;

    /// The pieces of a text, by kind.
    fn pieces(text: &str) -> Vec<(Kind, &str)> {
        let mut from = 0;
        let next = || {
            let piece = next(text, from, text.len())?;
            from = piece.span.end;
            Some((piece.kind, &text[piece.span.start..piece.span.end]))
        };
        std::iter::from_fn(next).collect()
    }

    #[test]
    fn prose_has_none() {
        for text in [
            "",
            "One. Two... three! e.g. 3.50, a.m. and/or 24/7 (R&B) <3 :) >:( 5 < 6 @ 7 \\o/ & `x`",
            "It was great.Thanks, good.it works.",
            "<a <b <c",
            "é.É",
        ] {
            assert_eq!(pieces(text), [], "{text}");
        }
    }

    #[test]
    fn pieces_are_found_wherever_they_are() {
        for padding in 0..130 {
            let text = format!("{}ab@c.de <b>x</b> d&#39;e", "x ".repeat(padding));
            let kinds =
                [(Kind::Address, "ab@c.de"), (Kind::Tag, "<b>"), (Kind::Tag, "</b>"), (Kind::Escaped, "d&#39;e")];
            assert_eq!(pieces(&text), kinds);
        }
    }

    #[test]
    fn addresses() {
        for address in [
            "https://love-happy.example.com/best?x=1&y=great",
            "http://a.b",
            "www.great.org",
            "best-buy.com",
            "bit.ly/love",
            "t.me/joy",
            "joy.love@great.example",
            "joy@localhost",
            "j-o_y+1@love-great.com.br",
            "great.pdf",
            "reclamacao.com.br:8080/pior",
        ] {
            for text in
                [address.to_owned(), format!("see {address}, please."), format!("({address})"), format!("{address}.")]
            {
                assert_eq!(pieces(&text), [(Kind::Address, address)], "{text}");
            }
        }
    }

    #[test]
    fn handles_and_markup() {
        assert_eq!(pieces("hi @united, ok"), [(Kind::Handle, "@united")]);
        assert_eq!(
            pieces("a<br/>b<p title=\"a > b\">"),
            [(Kind::Break, "<br/>"), (Kind::Break, "<p title=\"a > b\">")]
        );
        assert_eq!(
            pieces("<style>x.great { }</style>ok"),
            [(Kind::Break, "<style>x.great { }"), (Kind::Break, "</style>")]
        );
        assert_eq!(pieces("a\\nb \\x"), [(Kind::Escaped, "a\\nb")]);
        assert_eq!(
            pieces("isn&rsquo;t n&atilde;o&nbsp;x &foo &;"),
            [(Kind::Escaped, "isn&rsquo;t"), (Kind::Escaped, "n&atilde;o&nbsp;x")]
        );
    }
}
