//! Reads SQL: bytes to text, text to batches and statements, and for each batch what it reads,
//! writes, drops, executes, calls and defines. Works on the tokens alone, in linear time and
//! without recursion over the input, so no input is too broken or too large to be read.

pub mod deps;

mod batch;
#[cfg(test)]
mod cases;
mod decode;
mod directive;
mod encode;
#[cfg(test)]
mod hostile;
mod issue;
mod keyword;
mod lexer;
mod name;
mod quote;
mod scan;
mod script;
mod split;
mod token;

pub use batch::{read, statements};
pub use decode::decode;
pub use directive::{Directive, DirectiveKind};
pub use encode::encode;
pub use issue::{Issue, IssueKind};
pub use keyword::Keyword;
pub use name::parse_name;
pub use quote::{quote, quote_name, string_literal};
pub use scan::is_system_procedure;
pub use script::{
    Batch, Definition, DefinitionKind, FileReference, Reference, Remote, Script, Statement, Touches, Verb,
};
pub use token::{Kind, Token};

use crate::words::Dialect;

/// The tokens of a text, without white space and comments.
#[must_use]
pub fn tokens(text: &str, dialect: Dialect) -> Vec<Token> {
    lexer::lex(text, dialect).tokens
}
