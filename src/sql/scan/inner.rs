//! SQL within strings: `EXEC('..')`, `sp_executesql N'..'`, bodies of `PostgreSQL`'s functions.

use std::borrow::Cow;

use super::{Origin, Scanner};
use crate::sql::lexer::lex;
use crate::sql::name::string_value;
use crate::sql::script::Touches;
use crate::sql::split::{split, split_body};
use crate::sql::token::Kind;

/// How many strings deep SQL is read.
const DEEPEST: u8 = 4;

impl Scanner<'_> {
    /// Reads the text of the string token `at` as SQL; what it touches is touched here.
    pub(super) fn read_string(&mut self, at: usize, procedural: bool) {
        let token = self.tokens[at];
        let (value, open) = string_value(token.text(self.text));
        let whole = match value {
            Cow::Borrowed(_) => self.origin.whole,
            Cow::Owned(_) => Some(self.place(token.span())),
        };
        let offset = self.origin.offset + token.start as usize + open;
        self.read_inner(&value, Origin { offset, whole, level: self.origin.level + 1, procedural });
    }

    /// Reads several strings, joined by `+`, as one piece of SQL.
    pub(super) fn read_strings(&mut self, strings: &[usize]) {
        if let [only] = strings {
            return self.read_string(*only, false);
        }
        let (Some(first), Some(last)) = (strings.first(), strings.last()) else { return };
        let whole = self.place(self.tokens[*first].span().to(self.tokens[*last].span()));
        let joined: String =
            strings.iter().map(|i| string_value(self.tokens[*i].text(self.text)).0).collect();
        let origin =
            Origin { offset: 0, whole: Some(whole), level: self.origin.level + 1, procedural: false };
        self.read_inner(&joined, origin);
    }

    pub(super) fn read_inner(&mut self, text: &str, origin: Origin) {
        if origin.level > DEEPEST {
            self.touches.dynamic = true;
            self.touches.hidden.extend(origin.whole);
            return;
        }
        let tokens = lex(text, self.dialect).tokens;
        let all = 0..tokens.len();
        let statements = if origin.procedural {
            split_body(&tokens, all)
        } else {
            split(&tokens, all, self.dialect, usize::MAX)
        };
        let database = self.session.database.clone();
        let mut inner = Scanner::new(text, &tokens, self.session);
        inner.origin = origin;
        for (i, statement) in statements.iter().enumerate() {
            inner.conditional = self.conditional || statement.conditional;
            inner.statement(statement.tokens.clone(), i == 0);
        }
        let (touches, defines) = inner.finish(tokens.last());
        self.session.database = database;
        self.merge(touches);
        self.defines.extend(defines);
    }

    fn merge(&mut self, other: Touches) {
        let touches = &mut self.touches;
        touches.reads.extend(other.reads);
        touches.writes.extend(other.writes);
        touches.drops.extend(other.drops);
        touches.executes.extend(other.executes);
        touches.functions.extend(other.functions);
        touches.system.extend(other.system);
        touches.temps.extend(other.temps);
        touches.files.extend(other.files);
        touches.remotes.extend(other.remotes);
        touches.dynamic |= other.dynamic;
        touches.hidden.extend(other.hidden);
    }

    /// The strings from `from` that `+` joins, and the token behind them; empty if anything else
    /// has a part in them.
    pub(super) fn joined_strings(&self, from: usize, to: usize) -> (Vec<usize>, usize) {
        let mut strings = Vec::new();
        let mut i = from;
        while i < to && matches!(self.tokens[i].kind, Kind::String | Kind::Dollar) {
            strings.push(i);
            i += 1;
            if i + 1 < to && self.tokens[i].text(self.text) == "+" {
                i += 1;
            } else {
                break;
            }
        }
        (strings, i)
    }
}
