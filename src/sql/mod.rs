//! Reads SQL: bytes to text, text to batches and statements, and for each batch what it reads,
//! writes, drops, executes, calls and defines. Works on the tokens alone, in linear time and
//! without recursion over the input, so no input is too broken or too large to be read.

pub mod deps;

mod batch;
mod budget;
#[cfg(test)]
mod cases;
#[cfg(test)]
mod coverage;
mod decode;
mod directive;
mod encode;
mod issue;
mod keyword;
mod lexer;
mod name;
mod quote;
mod reach;
mod scan;
mod script;
mod split;
mod token;

pub use batch::{cut, read, sent, statements};
pub use decode::{decode, decode_owned};
pub use directive::{Directive, DirectiveKind};
pub use encode::encode;
pub use issue::{Issue, IssueKind};
pub use keyword::Keyword;
pub use name::parse_name;
pub use quote::{quote, quote_name, string_literal};
pub use reach::{Argument, Form, Reach, RunText, ServerUse, Shape, TextName, attached, reach, texts};
pub use scan::is_system_procedure;
pub use script::{
    Batch, Definition, DefinitionKind, FileReference, Reference, Remote, Script, Statement, Touches, Verb,
};
pub use token::{Kind, Token};

use crate::words::{Dialect, RelationName};

/// The dotted name that starts with the token `at`, and the token behind it.
#[must_use]
pub fn name_at(text: &str, tokens: &[Token], at: usize) -> Option<(RelationName, usize)> {
    let name = name::Name::at(tokens, at)?;
    Some((name.relation(text, tokens)?, name.end))
}

/// The tokens of a text, without white space and comments.
#[must_use]
pub fn tokens(text: &str, dialect: Dialect) -> Vec<Token> {
    lexer::lex(text, dialect).tokens
}
