//! The part of the lexer that looks at lines: comments, `GO`, and what is meant for a client.

use super::{Lexer, Note};
use crate::sql::issue::{Issue, IssueKind};
use crate::sql::keyword::Keyword;
use crate::sql::token::Kind;
use crate::words::{Dialect, Span};

/// What sqlcmd knows behind a colon at the start of a line.
const COMMANDS: [&str; 15] = [
    "r",
    "setvar",
    "connect",
    "on",
    "out",
    "error",
    "listvar",
    "exit",
    "quit",
    "reset",
    "list",
    "ed",
    "help",
    "perftrace",
    "xml",
];

impl Lexer<'_> {
    pub(super) fn line_comment(&mut self) {
        let start = self.at;
        let end = self.line_end(start);
        self.comment(start, end);
    }

    pub(super) fn block_comment(&mut self) {
        let start = self.at;
        let mut at = start + 2;
        let mut depth = 1_usize;
        while depth > 0 {
            match (self.bytes.get(at), self.bytes.get(at + 1)) {
                (Some(b'*'), Some(b'/')) => {
                    depth -= 1;
                    at += 2;
                }
                (Some(b'/'), Some(b'*')) => {
                    depth += 1;
                    at += 2;
                }
                (Some(_), _) => at += 1,
                (None, _) => {
                    let span = Span::new(start, at);
                    self.out.issues.push(Issue { kind: IssueKind::UnterminatedComment, span });
                    break;
                }
            }
        }
        self.comment(start, at);
    }

    /// Ends a comment, and keeps it if it speaks to goldsmith.
    fn comment(&mut self, start: usize, end: usize) {
        self.at = end;
        let said = self.bytes[start + 2..end].trim_ascii_start();
        if said.get(..10).is_some_and(|head| head.eq_ignore_ascii_case(b"goldsmith:")) {
            self.out.notes.push(Note { span: Span::new(start, end), before: self.out.tokens.len() });
        }
    }

    /// The end of the line that holds `at`, without its line end.
    fn line_end(&self, at: usize) -> usize {
        let end = self.text[at..].find('\n').map_or(self.bytes.len(), |len| at + len);
        if end > at && self.bytes[end - 1] == b'\r' { end - 1 } else { end }
    }

    /// Whether no token stands before the current place on its line.
    pub(super) fn starts_line(&self) -> bool {
        let Some(last) = self.out.tokens.last() else { return true };
        self.bytes[last.end()..self.at].contains(&b'\n')
    }

    /// Where the `GO` whose word ends at `at` ends with its count, if nothing else is on its line.
    pub(super) fn go_end(&self, at: usize) -> Option<usize> {
        let rest = &self.bytes[at..];
        let blank = |i: usize| rest[i..].iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r')).count();
        let mut i = blank(0);
        let mut end = 0;
        let digits = rest[i..].iter().take_while(|b| b.is_ascii_digit()).count();
        if digits > 0 && i > 0 {
            i += digits;
            end = i;
            i += blank(i);
        }
        if rest.get(i) == Some(&b';') {
            i += 1;
            end = i;
            i += blank(i);
        }
        match &rest[i..] {
            [] | [b'\n', ..] | [b'-', b'-', ..] | [b'/', b'*', ..] => Some(at + end),
            _ => None,
        }
    }

    /// Whether the colon at the current place starts a sqlcmd command.
    pub(super) fn is_command(&self) -> bool {
        let rest = &self.bytes[self.at + 1..];
        let len = rest.iter().take(16).take_while(|b| b.is_ascii_alphabetic()).count();
        COMMANDS.iter().any(|c| rest[..len].eq_ignore_ascii_case(c.as_bytes())) && self.starts_line()
    }

    pub(super) fn rest_of_line(&mut self) {
        let end = self.line_end(self.at);
        self.push_from(Kind::Command, self.at, end);
    }

    /// A backslash outside of strings: psql's `\gset` ends a statement, `\;` parts two.
    pub(super) fn psql_command(&mut self) {
        match self.peek(1) {
            Some(b';') => self.push(Kind::Semicolon, 2),
            _ => self.rest_of_line(),
        }
        self.statement = self.out.tokens.len();
    }

    /// psql's `:name`, `:'name'` and `:"name"`, or no more than a colon.
    pub(super) fn psql_variable(&mut self) {
        let rest = &self.bytes[self.at + 1..];
        let quote = rest.first().copied().filter(|b| matches!(b, b'\'' | b'"'));
        let name = &rest[usize::from(quote.is_some())..];
        let len = name.iter().take(64).take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
        match quote {
            _ if len == 0 || name[0].is_ascii_digit() => self.push(Kind::Colon, 1),
            None => self.push(Kind::Variable, 1 + len),
            Some(quote) if name.get(len) == Some(&quote) => self.push(Kind::Variable, 3 + len),
            Some(_) => self.push(Kind::Colon, 1),
        }
    }

    /// Ends a statement; the data behind psql's `COPY t FROM STDIN;` is no SQL.
    pub(super) fn semicolon(&mut self) {
        let statement = &self.out.tokens[self.statement..];
        let copies = self.dialect == Dialect::Postgres
            && statement.first().is_some_and(|t| t.is(Keyword::Copy))
            && statement.iter().any(|t| t.text(self.text).eq_ignore_ascii_case("stdin"));
        self.push(Kind::Semicolon, 1);
        self.statement = self.out.tokens.len();
        if !copies || self.without_data {
            return;
        }
        let mut at = self.line_end(self.at);
        while let Some(found) = self.text[at..].find("\n\\.") {
            let end = at + found + 3;
            if matches!(self.bytes.get(end), None | Some(b'\n' | b'\r')) {
                self.at = end;
                return;
            }
            at = end;
        }
        self.without_data = true;
    }
}
