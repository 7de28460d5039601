//! Cuts SQL into tokens. Never fails: what is never closed runs to the end and is an issue.
//! Owns quoting, comments and what is alone on its line (`GO`, client commands); knows no grammar.

use super::issue::{Issue, IssueKind};
use super::keyword::Keyword;
use super::token::{Kind, Token};
use crate::words::{Dialect, Span};

/// A comment that speaks to goldsmith.
#[derive(Debug, Clone, Copy)]
pub(super) struct Note {
    /// The comment's place.
    pub span: Span,
    /// How many tokens stand before it.
    pub before: usize,
}

/// What the lexer found.
#[derive(Debug, Default)]
pub(super) struct Lexed {
    pub tokens: Vec<Token>,
    pub notes: Vec<Note>,
    pub issues: Vec<Issue>,
}

/// Cuts `text` into tokens.
pub(super) fn lex(text: &str, dialect: Dialect) -> Lexed {
    let limit = u32::MAX as usize;
    let mut lexer = Lexer {
        text,
        bytes: text.as_bytes(),
        at: 0,
        dialect,
        statement: 0,
        without_data: false,
        out: Lexed::default(),
    };
    if text.len() > limit {
        let cut = (0..limit).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        lexer.out.issues.push(Issue { kind: IssueKind::TooLong, span: Span::new(cut, text.len()) });
        lexer.text = &text[..cut];
        lexer.bytes = lexer.text.as_bytes();
    }
    if let Some(at) = lexer.bytes.iter().position(|byte| *byte == 0) {
        lexer.out.issues.push(Issue { kind: IssueKind::NotText, span: Span::new(at, at + 1) });
    }
    lexer.out.tokens.reserve(text.len() / 6);
    lexer.run();
    lexer.out
}

struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    dialect: Dialect,
    /// How many tokens stand before the open statement.
    statement: usize,
    /// Whether no end of psql's copied data follows.
    without_data: bool,
    out: Lexed,
}

impl Lexer<'_> {
    fn run(&mut self) {
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                0..=b' ' => self.at += 1,
                b'A'..=b'Z' | b'a'..=b'z' | b'_' => self.word(),
                b'-' if self.peek(1) == Some(b'-') => self.line_comment(),
                b'/' if self.peek(1) == Some(b'*') => self.block_comment(),
                b'\'' => self.string(self.at, false),
                b'"' => self.quoted(b'"'),
                b'0'..=b'9' => self.number(),
                b'(' | b'{' => self.push(Kind::Open, 1),
                b')' | b'}' | b']' => self.push(Kind::Close, 1),
                b',' => self.push(Kind::Comma, 1),
                b';' => self.semicolon(),
                b'.' => self.dot(),
                b'=' => self.push(Kind::Equals, 1),
                0x80.. => self.beyond_ascii(),
                _ => self.sign(byte),
            }
        }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn push(&mut self, kind: Kind, len: usize) {
        self.push_from(kind, self.at, self.at + len);
    }

    #[expect(clippy::cast_possible_truncation, reason = "the text is cut at u32::MAX bytes")]
    fn push_from(&mut self, kind: Kind, start: usize, end: usize) {
        self.out.tokens.push(Token { kind, keyword: None, start: start as u32, len: (end - start) as u32 });
        self.at = end;
    }

    /// The signs that mean different things in different dialects.
    fn sign(&mut self, byte: u8) {
        let tsql = self.dialect == Dialect::TSql;
        match byte {
            b'[' if tsql => self.quoted(b']'),
            b'[' => self.push(Kind::Open, 1),
            b'#' if tsql => self.word(),
            b'$' if self.placeholder(self.at).is_some() => self.word(),
            b'@' if tsql => self.variable(),
            b'$' if !tsql => self.dollar(),
            b':' if self.peek(1) == Some(b':') => self.push(Kind::Operator, 2),
            b':' if tsql && self.is_command() => self.rest_of_line(),
            b':' if self.dialect == Dialect::Postgres => self.psql_variable(),
            b':' => self.push(Kind::Colon, 1),
            b'\\' if self.dialect == Dialect::Postgres => self.psql_command(),
            _ => self.push(Kind::Operator, 1),
        }
    }

    fn word(&mut self) {
        let start = self.at;
        let end = self.word_end(start + usize::from(self.bytes[start] == b'#'));
        if self.bytes.get(end) == Some(&b'\'') && end == start + 1 {
            match (self.bytes[start] | 0x20, self.dialect) {
                (b'n', Dialect::TSql) | (b'b' | b'x', Dialect::DuckDb | Dialect::Postgres) => {
                    self.at = end;
                    return self.string(start, false);
                }
                (b'e', Dialect::DuckDb | Dialect::Postgres) => {
                    self.at = end;
                    return self.string(start, true);
                }
                _ => {}
            }
        }
        let word = &self.bytes[start..end];
        if word.len() == 2
            && self.dialect == Dialect::TSql
            && word.eq_ignore_ascii_case(b"go")
            && self.starts_line()
            && let Some(end) = self.go_end(end)
        {
            return self.push_from(Kind::Go, start, end);
        }
        let dotted = self.out.tokens.last().is_some_and(|t| t.kind == Kind::Dot);
        let keyword = if dotted { None } else { Keyword::of(word) };
        self.push_from(Kind::Word, start, end);
        if let Some(token) = self.out.tokens.last_mut() {
            token.keyword = keyword;
        }
    }

    /// Where the word that goes on at `at` ends.
    fn word_end(&self, mut at: usize) -> usize {
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'0'..=b'9' => at += 1,
                b'#' | b'@' if self.dialect == Dialect::TSql => at += 1,
                b'$' => match self.placeholder(at) {
                    Some(end) => at = end,
                    None if self.dialect != Dialect::DuckDb => at += 1,
                    None => break,
                },
                0x80.. => match self.text[at..].chars().next() {
                    Some(c) if !is_space(c) => at += c.len_utf8(),
                    _ => break,
                },
                _ => break,
            }
        }
        at
    }

    /// Where the placeholder at `at` ends that a tool fills in, if there is one: `$(name)` of sqlcmd in
    /// T-SQL, `${name}` of migration tools.
    fn placeholder(&self, at: usize) -> Option<usize> {
        let rest = self.bytes.get(at + 1..)?;
        let close = match rest.first()? {
            b'(' if self.dialect == Dialect::TSql => b')',
            b'{' => b'}',
            _ => return None,
        };
        let name = rest[1..].iter().take(128);
        let len = name.take_while(|b| b.is_ascii_alphanumeric() || b"_-.:".contains(b)).count();
        (len > 0 && rest.get(len + 1) == Some(&close)).then_some(at + 3 + len)
    }

    fn variable(&mut self) {
        let mut end = self.at + 1;
        if self.bytes.get(end) == Some(&b'@') {
            end += 1;
        }
        self.push_from(Kind::Variable, self.at, self.word_end(end));
    }

    fn beyond_ascii(&mut self) {
        match self.text[self.at..].chars().next() {
            Some(c) if is_space(c) => self.at += c.len_utf8(),
            _ => self.word(),
        }
    }

    fn number(&mut self) {
        let digits = |mut at: usize| {
            while self.bytes.get(at).is_some_and(|b| b.is_ascii_digit() || *b == b'_') {
                at += 1;
            }
            at
        };
        let mut end = digits(self.at);
        if end == self.at + 1 && self.bytes[self.at] == b'0' && self.peek(1).is_some_and(|b| b | 0x20 == b'x')
        {
            end += 1;
            while self.bytes.get(end).is_some_and(u8::is_ascii_hexdigit) {
                end += 1;
            }
            return self.push_from(Kind::Number, self.at, end);
        }
        if self.bytes.get(end) == Some(&b'.') {
            end = digits(end + 1);
        }
        if self.bytes.get(end).is_some_and(|b| b | 0x20 == b'e') {
            let sign = usize::from(self.bytes.get(end + 1).is_some_and(|b| *b == b'-' || *b == b'+'));
            if self.bytes.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
                end = digits(end + 1 + sign);
            }
        }
        self.push_from(Kind::Number, self.at, end);
    }

    fn dot(&mut self) {
        let last = self.out.tokens.last().map(|t| (t.kind, t.keyword));
        let after_name = matches!(last, Some((Kind::Word, None) | (Kind::Quoted | Kind::Close, _)));
        if !after_name && self.peek(1).is_some_and(|b| b.is_ascii_digit()) {
            return self.number();
        }
        // A keyword before a dot is a name, unless a name is what has to follow it.
        if let Some(token) = self.out.tokens.last_mut()
            && !matches!(
                token.keyword,
                Some(
                    Keyword::From
                        | Keyword::Join
                        | Keyword::Into
                        | Keyword::Update
                        | Keyword::Exec
                        | Keyword::Execute
                )
            )
        {
            token.keyword = None;
        }
        self.push(Kind::Dot, 1);
    }

    /// A string whose quote is at the current place and whose prefix starts at `start`.
    fn string(&mut self, start: usize, backslash: bool) {
        let mut at = self.at + 1;
        loop {
            match self.bytes.get(at) {
                Some(b'\'') if self.bytes.get(at + 1) == Some(&b'\'') => at += 2,
                Some(b'\'') => return self.push_from(Kind::String, start, at + 1),
                Some(b'\\') if backslash => at += 2,
                Some(_) => at += 1,
                None => return self.unterminated(Kind::String, start, IssueKind::UnterminatedString),
            }
        }
    }

    fn quoted(&mut self, close: u8) {
        let mut at = self.at + 1;
        loop {
            match self.bytes.get(at) {
                Some(b) if *b == close && self.bytes.get(at + 1) == Some(&close) => at += 2,
                Some(b) if *b == close => return self.push_from(Kind::Quoted, self.at, at + 1),
                Some(_) => at += 1,
                None => return self.unterminated(Kind::Quoted, self.at, IssueKind::UnterminatedName),
            }
        }
    }

    /// `$tag$ .. $tag$`, `$1` or `$name`.
    fn dollar(&mut self) {
        let start = self.at;
        let mut end = start + 1;
        while self.bytes.get(end).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80) {
            end += 1;
        }
        if self.bytes.get(end) != Some(&b'$') || self.bytes[start + 1].is_ascii_digit() {
            let kind = if end == start + 1 { Kind::Operator } else { Kind::Variable };
            return self.push_from(kind, start, end);
        }
        let tag = &self.text[start..=end];
        match self.text[end + 1..].find(tag) {
            Some(len) => self.push_from(Kind::Dollar, start, end + 1 + len + tag.len()),
            None => self.unterminated(Kind::Dollar, start, IssueKind::UnterminatedString),
        }
    }

    fn unterminated(&mut self, kind: Kind, start: usize, issue: IssueKind) {
        let end = self.bytes.len();
        self.push_from(kind, start, end);
        self.out.issues.push(Issue { kind: issue, span: Span::new(start, end) });
    }
}

mod line;

/// White space beyond ASCII, the byte order mark in the middle of a text included.
fn is_space(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}' || c == '\u{200b}'
}
