//! What SQL reaches beyond the relations that stand in it: names within text that is run (dynamic
//! SQL), and other servers. Works on the tokens; follows variables by their names alone, so that
//! what it says of them is evidence and not proof.

mod flow;
mod literal;
mod names;
mod needles;
mod postgres;
mod remote;
mod texts;
mod tsql;

use std::ops::Range;

use super::keyword::Keyword;
use super::lexer::lex;
use super::script::Script;
use super::split::{split, split_body};
use super::token::{Kind, Token};
use crate::words::{Dialect, RelationName, Span};
use flow::Flow;
use literal::Literal;
pub use texts::{Form, RunText, texts};

/// How many texts deep names are looked for.
const DEEPEST: u8 = 4;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Names within text that is run.
    pub names: Vec<TextName>,
    /// Other servers.
    pub servers: Vec<ServerUse>,
    /// Procedures that run their own parameters: the place of the batch, which ones, their names.
    pub runners: Vec<(Span, Vec<(usize, String)>)>,
    /// Names within text that is handed to procedures.
    pub arguments: Vec<Argument>,
}

/// An argument of a call that holds text with names in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// Where the procedure's name starts.
    pub call: usize,
    /// Which argument it is, from 0.
    pub position: usize,
    /// The parameter's name in lower case, where it is given.
    pub parameter: Option<String>,
    /// The names in its text.
    pub names: Vec<TextName>,
}

/// The databases that DuckDB's ATTACH gives another name: that name, and the file's without its ending.
#[must_use]
pub fn attached(text: &str, script: &Script) -> Vec<(String, String)> {
    if !script.statements().any(|s| s.keyword == Some(Keyword::Attach)) {
        return Vec::new();
    }
    remote::attached(text, &lex(text, Dialect::DuckDb).tokens)
}

/// A name within text that is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextName {
    /// The name as written there.
    pub name: RelationName,
    /// Its place in the script.
    pub span: Span,
    /// Whether the text changes it.
    pub writes: bool,
    /// How it stands there.
    pub shape: Shape,
}

/// How a name stands in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Where a relation or procedure has to stand: behind FROM, JOIN, INTO, EXEC and the like.
    Relation,
    /// A dotted name anywhere else.
    Dotted,
    /// One word where a name may have been cut: the name of a database, perhaps.
    Alone,
}

/// A place where another server, or a file far away, is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerUse {
    /// By what: `OPENQUERY`, `EXEC .. AT crm`, `postgres_scan`.
    pub what: String,
    /// The server's name where it is given, else by what it is reached.
    pub server: String,
    /// The place.
    pub span: Span,
    /// What the text that is sent there names.
    pub names: Vec<String>,
}

/// What a script reaches; `script` is what was read of the same text.
#[must_use]
pub fn reach(text: &str, dialect: Dialect, script: &Script) -> Reach {
    if !needles::hold(text, dialect) {
        return Reach::default();
    }
    let tokens = lex(text, dialect).tokens;
    let mut reach = Reach { servers: remote::servers(text, &tokens, dialect), ..Reach::default() };
    let here = Here { literal: None, outer: None, level: 0 };
    for batch in &script.batches {
        let statements: Vec<Range<usize>> = batch.statements.iter().map(|s| s.tokens.clone()).collect();
        let piece = Piece { text, tokens: &tokens, dialect, procedural: false };
        let flow = within(&piece, &statements, &here, &mut reach);
        if !flow.parameters.is_empty() {
            reach.runners.push((batch.span, flow.parameters));
        }
        for (handed, literals) in flow.handed {
            let mut within = Reach::default();
            for literal in &literals {
                inside(literal, dialect, &here, true, &mut within);
            }
            let names = within.names;
            if !names.is_empty() {
                let call = tokens[handed.procedure].start as usize;
                let flow::Handed { position, parameter, .. } = handed;
                reach.arguments.push(Argument { call, position, parameter, names });
            }
        }
    }
    reach.servers.sort_by_key(|s| (s.span.start, s.span.end));
    reach.servers.dedup();
    reach.names.sort_by_key(|n| (n.span.start, n.span.end));
    reach.names.dedup_by(|a, b| a.span == b.span && a.name == b.name);
    reach
}

/// A text and its tokens.
struct Piece<'a> {
    text: &'a str,
    tokens: &'a [Token],
    dialect: Dialect,
    /// Whether it is the body of a procedure in `PostgreSQL`.
    procedural: bool,
}

impl Piece<'_> {
    fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|t| t.kind)
    }

    fn says(&self, at: usize, word: &str) -> bool {
        self.tokens.get(at).is_some_and(|t| t.text(self.text).eq_ignore_ascii_case(word))
    }
}

/// Where a text lies: in a literal of another text, or in the script itself.
struct Here<'a> {
    literal: Option<&'a Literal>,
    outer: Option<&'a Here<'a>>,
    level: u8,
}

impl Here<'_> {
    fn place(&self, span: Span) -> Span {
        let span = self.literal.map_or(span, |l| l.place(span));
        self.outer.map_or(span, |outer| outer.place(span))
    }
}

/// The names in all texts that the statements run. Gives what else flows there.
fn within(piece: &Piece, statements: &[Range<usize>], here: &Here, out: &mut Reach) -> Flow {
    let flow = flow::flow(piece, statements);
    for literal in &flow.run {
        inside(literal, piece.dialect, here, true, out);
    }
    if here.level < DEEPEST {
        for body in postgres::bodies(piece, statements) {
            inside(&body, piece.dialect, here, false, out);
        }
    }
    flow
}

/// The names in one text. The body of a procedure is looked through for texts of its own alone.
fn inside(literal: &Literal, dialect: Dialect, outer: &Here, run: bool, out: &mut Reach) {
    let tokens = lex(&literal.value, dialect).tokens;
    let here = Here { literal: Some(literal), outer: Some(outer), level: outer.level + 1 };
    let piece = Piece { text: &literal.value, tokens: &tokens, dialect, procedural: !run };
    if run {
        let found = names::names(&piece);
        out.names.extend(found.into_iter().map(|n| TextName { span: here.place(n.span), ..n }));
    }
    let servers = remote::servers(&literal.value, &tokens, dialect);
    out.servers.extend(servers.into_iter().map(|s| ServerUse { span: here.place(s.span), ..s }));
    if here.level < DEEPEST {
        let all = 0..tokens.len();
        let statements =
            if run { split(&tokens, all, dialect, usize::MAX) } else { split_body(&tokens, all) };
        let ranges: Vec<Range<usize>> = statements.into_iter().map(|s| s.tokens).collect();
        within(&piece, &ranges, &here, out);
    }
}
