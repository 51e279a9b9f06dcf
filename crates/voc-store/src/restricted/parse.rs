//! From a text to a syntax tree.

use sqlparser::{
    ast::{Query, Statement},
    dialect::ClickHouseDialect,
    parser::{Parser, ParserError},
    tokenizer::{Token, Tokenizer},
};

use super::SqlMistake;

/// Longest text in bytes.
const MAX_BYTES: usize = 64 * 1024;
/// Most words and signs. A tree is no deeper than half of them, and dropping a tree takes stack by its depth.
const MAX_TOKENS: usize = 2000;
/// Deepest nesting of parentheses and the like.
const MAX_DEPTH: usize = 50;

/// The one query that a text is.
pub(super) fn parse(text: &str) -> Result<Box<Query>, SqlMistake> {
    if text.len() > MAX_BYTES {
        return Err(SqlMistake::new(format!("the statement has {} bytes; at most {MAX_BYTES} are read", text.len())));
    }
    let dialect = ClickHouseDialect {};
    let tokens = Tokenizer::new(&dialect, text)
        .tokenize_with_location()
        .map_err(|error| SqlMistake::at_location(error.location, error.message))?;
    let counted = tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_))).count();
    if counted > MAX_TOKENS {
        let message = format!("the statement has {counted} words and signs; at most {MAX_TOKENS} are read");
        return Err(SqlMistake::new(message));
    }
    let mut parser = Parser::new(&dialect).with_recursion_limit(MAX_DEPTH).with_tokens_with_locations(tokens);
    let mut statements = parser.parse_statements().map_err(|error| of_parser(&error))?.into_iter();
    match (statements.next(), statements.next()) {
        (Some(Statement::Query(query)), None) => Ok(query),
        (None, _) => Err(SqlMistake::new("there is no statement; write a SELECT")),
        (Some(Statement::Query(_)), Some(_)) => Err(SqlMistake::new("there is a second statement; write one SELECT")),
        (Some(_), _) => Err(SqlMistake::new("the statement is not a SELECT")),
    }
}

/// The parser's messages say where: `Expected: end of statement, found: x at Line: 1, Column: 8`.
fn of_parser(error: &ParserError) -> SqlMistake {
    match error {
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => {
            let Some((message, place)) = message.rsplit_once(" at Line: ") else { return SqlMistake::new(message) };
            let place = place.split_once(", Column: ").and_then(|(line, column)| {
                Some(sqlparser::tokenizer::Location { line: line.parse().ok()?, column: column.parse().ok()? })
            });
            match place {
                Some(place) => SqlMistake::at_location(place, message),
                None => SqlMistake::new(message),
            }
        }
        ParserError::RecursionLimitExceeded => SqlMistake::new("the statement is nested too deeply"),
    }
}
