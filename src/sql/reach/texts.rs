//! The texts that SQL runs, as SQL of their own: dynamic SQL, and the bodies of `PostgreSQL`'s routines.

use std::ops::Range;
use std::sync::Arc;

use super::literal::Literal;
use super::{DEEPEST, Piece, flow, postgres};
use crate::sql::keyword::Keyword as K;
use crate::sql::lexer::lex;
use crate::sql::script::Statement;
use crate::sql::split::{split, split_body};
use crate::sql::token::Token;
use crate::words::{Dialect, Span};

/// How a text is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As a statement of its own.
    Whole,
    /// Joined with others that are not known: a piece of a statement.
    Piece,
    /// As the body of a routine, between BEGIN and END.
    Body,
}

/// A text that SQL runs.
#[derive(Debug)]
pub struct RunText {
    /// The text.
    pub text: String,
    /// Its tokens.
    pub tokens: Vec<Token>,
    /// The statements that they make up.
    pub statements: Vec<Statement>,
    /// How it is run.
    pub form: Form,
    /// The way back to the outermost text, from the inside.
    way: Vec<Arc<Literal>>,
}

impl RunText {
    /// A place in the text as a place in the SQL that runs it.
    #[must_use]
    pub fn place(&self, span: Span) -> Span {
        self.way.iter().fold(span, |span, literal| literal.place(span))
    }
}

/// The texts that statements run, and those that these run, through a few levels.
#[must_use]
pub fn texts(text: &str, dialect: Dialect, tokens: &[Token], statements: &[Statement]) -> Vec<RunText> {
    let mut found = Vec::new();
    let ranges: Vec<Range<usize>> = statements.iter().map(|s| s.tokens.clone()).collect();
    collect(&Piece { text, tokens, dialect, procedural: false }, &ranges, &[], &mut found);
    found
}

fn collect(piece: &Piece, statements: &[Range<usize>], outer: &[Arc<Literal>], found: &mut Vec<RunText>) {
    if outer.len() >= usize::from(DEEPEST) {
        return;
    }
    for literal in flow::flow(piece, statements).run {
        let form = if literal.whole { Form::Whole } else { Form::Piece };
        take(literal, form, piece.dialect, outer, found);
    }
    let routines: Vec<Range<usize>> =
        statements.iter().filter(|s| is_routine(piece, s.start)).cloned().collect();
    for body in postgres::bodies(piece, &routines) {
        take(body, Form::Body, piece.dialect, outer, found);
    }
}

fn take(literal: Literal, form: Form, dialect: Dialect, outer: &[Arc<Literal>], found: &mut Vec<RunText>) {
    let literal = Arc::new(literal);
    let text = literal.value.clone();
    let tokens = lex(&text, dialect).tokens;
    let all = 0..tokens.len();
    let statements = match form {
        Form::Body => split_body(&tokens, all),
        Form::Whole | Form::Piece => split(&tokens, all, dialect, usize::MAX),
    };
    let mut way = vec![literal];
    way.extend(outer.iter().cloned());
    let ranges: Vec<Range<usize>> = statements.iter().map(|s| s.tokens.clone()).collect();
    let piece = Piece { text: &text, tokens: &tokens, dialect, procedural: form == Form::Body };
    let mut inner = Vec::new();
    collect(&piece, &ranges, &way, &mut inner);
    found.push(RunText { text, tokens, statements, form, way });
    found.extend(inner);
}

/// Whether a statement runs or makes a routine: `DO`, `CREATE FUNCTION`.
fn is_routine(piece: &Piece, first: usize) -> bool {
    piece.says(first, "do") || piece.tokens.get(first).is_some_and(|t| t.is(K::Create))
}

#[cfg(test)]
mod tests {
    use super::{Form, texts};
    use crate::sql::cut;
    use crate::words::{Dialect, Span};

    /// `form place: text` of each.
    fn found(sql: &str, dialect: Dialect) -> Vec<String> {
        let (tokens, statements) = cut(sql, dialect);
        texts(sql, dialect, &tokens, &statements)
            .into_iter()
            .map(|t| {
                let place = t.place(Span::new(0, t.text.len()));
                assert!(sql.get(place.start..place.end).is_some(), "{sql}");
                format!("{:?} {}: {}", t.form, place.start, t.text)
            })
            .collect()
    }

    #[test]
    fn finds_what_is_run() {
        let tsql = |sql| found(sql, Dialect::TSql);
        assert_eq!(tsql("exec('a ''b''' + ' c')"), ["Whole 6: a 'b' c"]);
        assert_eq!(tsql("exec sp_executesql N'a', N'@p int', 1"), ["Whole 21: a"]);
        assert_eq!(tsql("declare @s nvarchar(9) = N'a'; exec (@s)"), ["Whole 27: a"]);
        assert_eq!(tsql("set @s = 'a'; set @s += 'b'; exec (@s)"), ["Piece 25: b", "Piece 10: a"]);
        assert_eq!(tsql("exec('a ' + @t + ' b')"), ["Piece 6: a ", "Piece 18:  b"]);
        assert_eq!(tsql("exec('exec(''a'')')"), ["Whole 6: exec('a')", "Whole 13: a"]);
        assert_eq!(tsql("select 'a'; exec p 'b'"), Vec::<String>::new());
        let postgres = |sql| found(sql, Dialect::Postgres);
        assert_eq!(postgres("do $x$ begin a; end $x$"), ["Body 6:  begin a; end "]);
        assert_eq!(postgres("create function f() as 'a' language sql"), ["Body 24: a"]);
        assert_eq!(postgres("do $$ begin execute 'a'; end $$")[1..], ["Whole 21: a"]);
        assert_eq!(postgres("select $$a$$, 'b' as c"), Vec::<String>::new());
        assert_eq!(found("from query('a')", Dialect::DuckDb), ["Whole 12: a"]);
    }

    #[test]
    fn stops_in_the_depth() {
        let mut sql = "a".to_owned();
        for _ in 0..12 {
            sql = format!("exec('{}')", sql.replace('\'', "''"));
        }
        assert_eq!(found(&sql, Dialect::TSql).len(), 4);
        assert_eq!(
            found(&sql, Dialect::TSql)
                .iter()
                .filter(|t| t.starts_with(&format!("{:?}", Form::Whole)))
                .count(),
            4
        );
    }
}
