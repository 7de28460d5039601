//! The scope-aware scan: from the tokens of statements to what they touch. One pass over each
//! statement with a stack of its own for parentheses; recursion only into SQL within strings,
//! four levels deep.

mod clause;
mod cte;
mod ddl;
mod define;
mod dispatch;
mod exec;
mod frame;
mod function;
mod inner;
mod record;
mod source;
mod system;
mod walk;

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use super::budget::Budget;
use super::script::{Definition, Statement, Touches};
use super::token::{Kind, Token};
use crate::words::{Dialect, RelationName, Span};
use frame::{Alias, Frame};

pub use system::is_system_procedure;

/// What later batches of a file inherit from earlier ones.
#[derive(Debug, Clone)]
pub(super) struct Session {
    dialect: Dialect,
    database: Option<Arc<str>>,
    /// Temporary tables and views outside T-SQL, where their names don't show it.
    temps: HashSet<String>,
    /// Every name that was recorded, once.
    names: HashSet<Arc<RelationName>>,
    /// What is left to keep.
    pub(super) budget: Budget,
    /// The first parenthesis that was too deep.
    pub(super) too_deep: Option<Span>,
}

impl Session {
    /// The state at the start of a file.
    pub(super) fn new(dialect: Dialect, budget: Budget) -> Self {
        Self { dialect, database: None, temps: HashSet::new(), names: HashSet::new(), budget, too_deep: None }
    }
}

/// What the statements of one batch touch and define.
pub(super) fn scan(
    text: &str,
    tokens: &[Token],
    range: Range<usize>,
    statements: &[Statement],
    session: &mut Session,
) -> (Touches, Vec<Definition>) {
    let mut scanner = Scanner::new(text, tokens, session);
    for (i, statement) in statements.iter().enumerate() {
        scanner.conditional = statement.conditional;
        scanner.statement(statement.tokens.clone(), i == 0);
    }
    let last = range.end.checked_sub(1).filter(|_| !range.is_empty()).and_then(|i| tokens.get(i));
    scanner.commands(range);
    scanner.finish(last)
}

/// How a text within a string lies in the script.
#[derive(Debug, Clone, Copy)]
struct Origin {
    /// Where the text starts in the script.
    offset: usize,
    /// The place of the whole string, if its text does not stand in the script as it is.
    whole: Option<Span>,
    /// How many strings it lies in.
    level: u8,
    /// Whether it is the body of a procedure in `PostgreSQL`, where SELECT INTO sets variables.
    procedural: bool,
}

impl Origin {
    /// The origin of a text that lies in this one.
    fn inner(self) -> Self {
        Self { level: self.level + 1, ..self }
    }
}

struct Scanner<'a> {
    text: &'a str,
    tokens: &'a [Token],
    dialect: Dialect,
    session: &'a mut Session,
    origin: Origin,
    conditional: bool,
    /// The open definition, and what is touched outside of it.
    outer: Option<(usize, Touches)>,
    /// What the batch, or the open definition, touches.
    touches: Touches,
    defines: Vec<Definition>,
    frames: Vec<Frame>,
    /// How many parentheses are open beyond the deepest frame.
    beyond: usize,
    ctes: HashMap<String, Vec<Option<usize>>>,
    cte_names: Vec<String>,
    aliases: Vec<Alias>,
    /// End of the statement that is walked.
    end: usize,
    /// Whether the statements are those of a `BEGIN ATOMIC .. END`.
    in_atomic: bool,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str, tokens: &'a [Token], session: &'a mut Session) -> Self {
        Self {
            text,
            tokens,
            dialect: session.dialect,
            session,
            origin: Origin { offset: 0, whole: None, level: 0, procedural: false },
            conditional: false,
            outer: None,
            touches: Touches::default(),
            defines: Vec::new(),
            frames: Vec::new(),
            beyond: 0,
            ctes: HashMap::new(),
            cte_names: Vec::new(),
            aliases: Vec::new(),
            end: 0,
            in_atomic: false,
        }
    }

    fn is_tsql(&self) -> bool {
        self.dialect == Dialect::TSql
    }

    /// A place in this text as a place in the script.
    fn place(&self, span: Span) -> Span {
        self.origin.whole.unwrap_or(Span::new(span.start + self.origin.offset, span.end + self.origin.offset))
    }

    /// Ends the batch at its last token.
    fn finish(mut self, last: Option<&Token>) -> (Touches, Vec<Definition>) {
        self.close_definition(last.copied());
        for touches in self.defines.iter_mut().map(|d| &mut d.touches).chain([&mut self.touches]) {
            touches.sort();
            touches.shrink();
        }
        self.defines.shrink_to_fit();
        (self.touches, self.defines)
    }

    /// Client commands stand outside of statements.
    fn commands(&mut self, range: Range<usize>) {
        for i in range {
            if self.tokens[i].kind == Kind::Command {
                self.command(i);
            }
        }
    }
}
