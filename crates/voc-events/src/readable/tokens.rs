//! JSON as tokens.

/// What is needed of a record's structure.
#[derive(Debug, Clone, Copy)]
pub(super) enum Token<'r> {
    /// `{`
    Object,
    /// `[`
    Array,
    /// `}` or `]`
    End,
    /// A member's name.
    Name {
        /// As it is written, with its quotes.
        literal: &'r str,
        /// Whether it contains an escape.
        is_escaped: bool,
    },
    /// A number as it is written.
    Number(&'r str),
    /// A string, `true` or `false`.
    Other,
    /// `null`
    Null,
}

/// The tokens of JSON that is known to be well-formed.
pub(super) struct Tokens<'r> {
    json: &'r str,
    at: usize,
}

impl<'r> Tokens<'r> {
    pub(super) fn of(json: &'r str) -> Self {
        Self { json, at: 0 }
    }

    /// Moves to the end of a string whose first quote has been passed; returns whether it contains an escape.
    fn pass_string(&mut self) -> bool {
        let mut is_escaped = false;
        while let Some(byte) = self.json.as_bytes().get(self.at) {
            self.at += 1;
            match byte {
                b'"' => break,
                b'\\' => {
                    self.at += 1;
                    is_escaped = true;
                }
                _ => {}
            }
        }
        is_escaped
    }

    fn pass_number(&mut self) {
        let is_part = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-');
        self.at += self.json.as_bytes()[self.at..].iter().take_while(is_part).count();
    }

    /// Whether the string that was passed is a member's name.
    fn is_name(&self) -> bool {
        let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        self.json.as_bytes()[self.at..].iter().find(|byte| !is_blank(byte)) == Some(&b':')
    }
}

impl<'r> Iterator for Tokens<'r> {
    type Item = Token<'r>;

    #[expect(clippy::inline_always, reason = "both loops over tokens are hot, and a call for each would cost a third")]
    #[inline(always)]
    fn next(&mut self) -> Option<Token<'r>> {
        loop {
            let start = self.at;
            let first = *self.json.as_bytes().get(start)?;
            self.at += 1;
            return Some(match first {
                b'{' => Token::Object,
                b'[' => Token::Array,
                b'}' | b']' => Token::End,
                b'"' => {
                    let is_escaped = self.pass_string();
                    if self.is_name() {
                        Token::Name { literal: &self.json[start..self.at], is_escaped }
                    } else {
                        Token::Other
                    }
                }
                b'-' | b'0'..=b'9' => {
                    self.pass_number();
                    Token::Number(&self.json[start..self.at])
                }
                // The rest of the word is passed character by character. No other letter of these words begins a
                // token.
                b'n' => Token::Null,
                b't' | b'f' => Token::Other,
                _ => continue,
            });
        }
    }
}
