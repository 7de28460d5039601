//! The way from text to a script: lex, cut at `GO`, split into statements, scan each batch.

use std::ops::Range;
use std::sync::Arc;

use super::budget::Budget;
use super::directive::{DirectiveKind, Lines, directives};
use super::issue::{Issue, IssueKind};
use super::lexer::{Lexed, lex};
use super::scan::{Session, scan};
use super::script::{Batch, Reference, Script, Statement, Verb, tighten};
use super::split::split;
use super::token::{Kind, Token};
use crate::words::{Dialect, RelationName, Span};

/// `GO` sends a batch so often at most.
const MOST: u32 = 10_000;
/// A zero byte among so many first ones means that the file is no text at all; names are not sought.
const BINARY: usize = 8000;

/// Reads a script. Never fails; what could not be made sense of is among its issues.
#[must_use]
pub fn read(text: &str, dialect: Dialect) -> Script {
    let lexed = lex(text, dialect);
    let mut session = Session::new(dialect, Budget::of(text.len(), lexed.tokens.len()));
    let mut lines = Lines { text, line: 1, at: 0 };
    let mut batches = Vec::new();
    let mut often = Vec::new();
    let is_text = !lexed.issues.iter().any(|i| i.kind == IssueKind::NotText && i.span.start < BINARY);
    for piece in pieces(text, &lexed).take_while(|_| is_text) {
        let start = piece.span.start;
        if piece.repeat > MOST {
            often.push(Issue { kind: IssueKind::TooOften, span: Span::new(start, start) });
        }
        if !session.budget.take(size_of::<Batch>() + 48, start) {
            break;
        }
        let room = session.budget.room_for::<Statement>();
        let mut statements = split(&lexed.tokens, piece.tokens.clone(), dialect, room);
        tighten(&mut statements);
        let end = statements.last().map_or(start, |last| last.span.end);
        session.budget.take(statements.len() * size_of::<Statement>(), end);
        if statements.len() >= room {
            session.budget.cut.get_or_insert(end);
        }
        let (touches, defines) = scan(text, &lexed.tokens, piece.tokens, &statements, &mut session);
        let line = lines.of(piece.span.start);
        batches.push(Batch { span: piece.span, line, repeat: piece.repeat, statements, touches, defines });
    }
    let directives = directives(text, dialect, &lexed, &mut session.budget);
    let mut issues = lexed.issues;
    issues.extend(often);
    issues.extend(session.too_deep.map(|span| Issue { kind: IssueKind::TooDeep, span }));
    issues.extend(session.budget.cut.map(|at| {
        let at = text.floor_char_boundary(at);
        Issue { kind: IssueKind::TooDense, span: Span::new(at, text.len()) }
    }));
    for directive in &directives {
        match &directive.kind {
            DirectiveKind::Reads(names) => declare(&mut batches, names, Verb::Read, directive.span),
            DirectiveKind::Writes(names) => declare(&mut batches, names, Verb::Other, directive.span),
            _ => {}
        }
    }
    if !directives.is_empty() {
        batches.iter_mut().for_each(Batch::sort);
    }
    Script { batches, directives, issues }
}

/// The statements of all batches, without looking at what they touch.
#[must_use]
pub fn statements(text: &str, dialect: Dialect) -> Vec<Statement> {
    cut(text, dialect).1
}

/// What an engine is sent of a script at once, in order: statements, or in T-SQL whole batches, in which variables live;
/// `GO 3` sends one three times.
#[must_use]
pub fn sent(text: &str, dialect: Dialect) -> Vec<Span> {
    if dialect != Dialect::TSql {
        return statements(text, dialect).into_iter().map(|statement| statement.span).collect();
    }
    let lexed = lex(text, dialect);
    let times = |piece: &Piece| piece.repeat.min(MOST) as usize;
    pieces(text, &lexed).flat_map(|piece| std::iter::repeat_n(piece.span, times(&piece))).collect()
}

/// The tokens of a text and the statements that they make up: [`Statement::tokens`] says which.
#[must_use]
pub fn cut(text: &str, dialect: Dialect) -> (Vec<Token>, Vec<Statement>) {
    let lexed = lex(text, dialect);
    let statements =
        pieces(text, &lexed).flat_map(|p| split(&lexed.tokens, p.tokens, dialect, usize::MAX)).collect();
    (lexed.tokens, statements)
}

/// A batch before it is split: its place, its tokens, and its count.
struct Piece {
    span: Span,
    tokens: Range<usize>,
    repeat: u32,
}

/// Cuts at `GO`; blank batches are left out.
fn pieces(text: &str, lexed: &Lexed) -> impl Iterator<Item = Piece> {
    let tokens = &lexed.tokens;
    let (mut from, mut first) = (0, 0);
    let ends = (0..tokens.len()).filter(|i| tokens[*i].kind == Kind::Go).chain([tokens.len()]);
    ends.filter_map(move |i| {
        let Some(go) = tokens.get(i) else { return piece(text, lexed, from..text.len(), first..i) };
        let found = piece(text, lexed, from..go.start as usize, first..i);
        let next = tokens.get(i + 1).map_or(text.len(), |t| t.start as usize);
        from = text[go.end()..next].find('\n').map_or(next, |at| go.end() + at + 1);
        first = i + 1;
        found.map(|piece| Piece { repeat: count(go.text(text)), ..piece })
    })
}

/// The batch in `bytes` that has the given tokens, unless it is blank.
fn piece(text: &str, lexed: &Lexed, bytes: Range<usize>, tokens: Range<usize>) -> Option<Piece> {
    let inner = &text[bytes.clone()];
    let start = bytes.start + (inner.len() - inner.trim_start().len());
    // A string that is never closed may end in white space.
    let last = tokens.end.checked_sub(1).filter(|_| !tokens.is_empty()).map_or(0, |i| lexed.tokens[i].end());
    let end = (start + inner.trim().len()).max(last);
    (start < end).then_some(Piece { span: Span::new(start, end), tokens, repeat: 1 })
}

/// The count of `GO 5`.
fn count(go: &str) -> u32 {
    let digits: String = go.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(1)
}

/// Adds what a directive says to the definition or batch that it stands in.
fn declare(batches: &mut [Batch], names: &[RelationName], verb: Verb, span: Span) {
    let after = batches.partition_point(|b| b.span.start <= span.start);
    let Some(batch) = batches.get_mut(after.saturating_sub(1)) else { return };
    let around =
        batch.defines.iter_mut().find(|d| d.extent.start <= span.start && span.start <= d.extent.end);
    let touches = around.map_or(&mut batch.touches, |d| &mut d.touches);
    let list = if verb == Verb::Read { &mut touches.reads } else { &mut touches.writes };
    list.extend(names.iter().map(|name| Reference {
        name: Arc::new(name.clone()),
        span,
        verb,
        conditional: false,
        current_database: None,
    }));
}

#[cfg(test)]
mod tests {
    use super::{IssueKind, MOST, read, sent, statements};
    use crate::sql::deps::FileDeps;
    use crate::sql::{DirectiveKind, Verb, decode};
    use crate::words::{Dialect, SourceFile};

    #[test]
    fn batches_know_their_line_and_count() {
        let script = read("\n\nselect 1\nGO 5\n\n-- x\nselect 2\ngo\n", Dialect::TSql);
        let told: Vec<_> = script.batches.iter().map(|b| (b.line, b.repeat)).collect();
        assert_eq!(told, [(3, 5), (6, 1)]);
    }

    #[test]
    fn statements_are_split_through_blocks() {
        let sql = "create proc p @a int as begin if @a = 1 delete t else begin insert u select 1 end \
                   begin tran; with c as (select 1 x) select * from c update t set x = 1 end";
        let told: Vec<_> = statements(sql, Dialect::TSql)
            .iter()
            .map(|s| (&sql[s.span.start..s.span.end], s.conditional))
            .collect();
        let expected = [
            ("create proc p @a int as", false),
            ("if @a = 1", false),
            ("delete t", true),
            ("insert u select 1", true),
            ("begin tran", false),
            ("with c as (select 1 x) select * from c", false),
            ("update t set x = 1", false),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn references_know_verb_condition_and_database() {
        let sql = "select * from a\nGO\nuse [Sales]\nGO\nif 1 = 1 update x set y = 1 from dbo.a x\n\
                   begin try merge b using c on 1=1 when matched then delete; end try \
                   begin catch delete d end catch";
        let script = read(sql, Dialect::TSql);
        let told: Vec<_> = script
            .writes()
            .map(|r| {
                let name = r.resolved("own", "dbo").to_string();
                (name, r.verb, r.conditional, &sql[r.span.start..r.span.end])
            })
            .collect();
        let expected = [
            ("sales.dbo.a".to_owned(), Verb::Update, true, "dbo.a"),
            ("sales.dbo.b".to_owned(), Verb::Merge, false, "b"),
            ("sales.dbo.d".to_owned(), Verb::Delete, true, "d"),
        ];
        assert_eq!(told, expected);
        let first = script.reads().next().map(|r| r.resolved("own", "dbo").to_string());
        assert_eq!(first.as_deref(), Some("own.dbo.a"));
    }

    #[test]
    fn text_in_strings_keeps_its_place() {
        let sql = "exec ('delete dbo.x') exec ('delete dbo.y where a = ''b''')";
        let script = read(sql, Dialect::TSql);
        let told: Vec<_> = script.writes().map(|r| &sql[r.span.start..r.span.end]).collect();
        assert_eq!(told, ["dbo.x", "'delete dbo.y where a = ''b'''"]);
    }

    #[test]
    fn directives_apply_to_their_own_line_or_the_next_code() {
        let sql = "-- goldsmith: allow GS101, GS108 because we must\n-- why\n\n\
                   select 1 -- goldsmith: transaction off\n/* goldsmith: xact_abort off */\nselect 2\n\
                   --goldsmith: allow GS104\n-- goldsmith: nonsense";
        let script = read(sql, Dialect::TSql);
        let allow = |codes: &[&str], reason: Option<&str>| DirectiveKind::Allow {
            codes: codes.iter().map(|c| (*c).to_owned()).collect(),
            reason: reason.map(str::to_owned),
        };
        let told: Vec<_> = script.directives.into_iter().map(|d| (d.line, d.kind)).collect();
        let expected = [
            (4, allow(&["GS101", "GS108"], Some("we must"))),
            (4, DirectiveKind::Transaction(false)),
            (6, DirectiveKind::XactAbort(false)),
            (7, allow(&["GS104"], None)),
            (8, DirectiveKind::Unknown("nonsense".to_owned())),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn deps_are_the_published_json() {
        let sql = "select * from [LTD-iTrak].dbo.[Order Lines], x, X\nGO\ncreate proc p as\n exec q";
        let (text, encoding) = decode(sql.as_bytes());
        let file = SourceFile::new("a.sql", text, encoding);
        let script = read(file.text(), Dialect::TSql);
        let place = |span: crate::words::Span| file.position(span.start);
        let deps = FileDeps::new(&file, &script, &place);
        let expected = concat!(
            r#"{"path":"a.sql","encoding":"utf-8","batches":[{"index":0,"line":1,"reads":["#,
            r#"{"name":"ltd-itrak.dbo.order lines","line":1,"column":15},{"name":"x","line":1,"column":46}],"#,
            r#""writes":[],"drops":[],"executes":[],"functions":[],"system":[],"dynamic":false,"defines":[]},"#,
            r#"{"index":1,"line":3,"reads":[],"writes":[],"drops":[],"executes":[],"functions":[],"system":[],"#,
            r#""dynamic":false,"defines":[{"kind":"procedure","name":"p","line":3,"reads":[],"writes":[],"#,
            r#""executes":[{"name":"q","line":4,"column":7}],"dynamic":false}]}],"issues":[]}"#
        );
        assert_eq!(serde_json::to_string(&deps).unwrap(), expected);
    }

    #[test]
    fn deps_resolve_the_synonyms_of_the_file() {
        let sql = "create synonym dbo.s for [Other].dbo.[Order Lines]\nGO\nselect * from s\ninsert S select * from x.s\n\
                   exec dbo.s\nGO\ncreate proc p as delete dbo.s\nGO\ndrop synonym s";
        let file = SourceFile::new("a.sql", sql, crate::words::Encoding::Utf8);
        let script = read(sql, Dialect::TSql);
        let place = |span: crate::words::Span| file.position(span.start);
        let deps = FileDeps::new(&file, &script, &place);
        let names = |list: &[crate::sql::deps::NameDeps]| -> Vec<String> {
            list.iter().map(|n| n.name.clone()).collect()
        };
        let batches: Vec<_> = deps.batches().collect();
        assert_eq!(names(&batches[1].reads), ["other.dbo.order lines", "x.s"]);
        assert_eq!(names(&batches[1].writes), ["other.dbo.order lines"]);
        assert_eq!(names(&batches[1].executes), ["other.dbo.order lines"]);
        assert_eq!(names(&batches[2].defines[0].writes), ["other.dbo.order lines"]);
        assert_eq!(names(&batches[3].drops), ["s"]);
    }

    #[test]
    fn a_batch_is_sent_as_often_as_go_says_and_not_beyond_all_use() {
        let text = "declare @n int = 1;\nselect @n\nGO 2\nselect 2\n";
        let told: Vec<&str> = sent(text, Dialect::TSql).iter().map(|s| &text[s.start..s.end]).collect();
        assert_eq!(told, ["declare @n int = 1;\nselect @n", "declare @n int = 1;\nselect @n", "select 2"]);
        let hostile = "select 1\nGO 4000000000\n";
        assert_eq!(sent(hostile, Dialect::TSql).len(), MOST as usize);
        assert!(read(hostile, Dialect::TSql).issues.iter().any(|i| i.kind == IssueKind::TooOften));
        assert_eq!(sent("select 1; select 2", Dialect::DuckDb).len(), 2);
    }
}
