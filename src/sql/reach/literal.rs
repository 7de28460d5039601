//! The text of one string, or of several that are joined, with the way back to where it stands.

use crate::sql::name::string_value;
use crate::sql::token::Token;
use crate::words::Span;

/// The text of strings, joined.
#[derive(Debug, Default)]
pub(super) struct Literal {
    /// The text.
    pub(super) value: String,
    /// Whether nothing but this text is run, as far as can be seen.
    pub(super) whole: bool,
    /// Where a run of bytes starts, in the text and in what it was taken from.
    runs: Vec<(usize, usize)>,
}

impl Literal {
    /// Adds the text of a string token; doubled quotes are one.
    pub(super) fn push(&mut self, sql: &str, token: Token) {
        let string = token.text(sql);
        let (_, open) = string_value(string);
        let start = token.start as usize + open;
        if string.starts_with('$') {
            let (inner, _) = string_value(string);
            self.run(&inner, start);
            return;
        }
        let inner = string[open..].strip_suffix('\'').unwrap_or(&string[open..]);
        let mut at = 0;
        while let Some(quote) = inner[at..].find("''") {
            let end = at + quote + 1;
            self.run(&inner[at..end], start + at);
            at = end + 1;
        }
        self.run(&inner[at..], start + at);
    }

    fn run(&mut self, text: &str, from: usize) {
        self.runs.push((self.value.len(), from));
        self.value.push_str(text);
    }

    /// A place in the text as a place in what it was taken from.
    pub(super) fn place(&self, span: Span) -> Span {
        let back = |offset: usize| {
            let run = self.runs.partition_point(|(start, _)| *start <= offset).saturating_sub(1);
            self.runs.get(run).map_or(offset, |(start, from)| from + (offset - start))
        };
        Span::new(back(span.start), back(span.end.saturating_sub(1)) + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::Literal;
    use crate::sql::lexer::lex;
    use crate::words::{Dialect, Span};

    #[test]
    fn every_place_leads_back() {
        let sql = "N'it''s a' + 'b''''c'";
        let mut literal = Literal::default();
        for token in lex(sql, Dialect::TSql).tokens.iter().filter(|t| t.text(sql).contains('\'')) {
            literal.push(sql, *token);
        }
        assert_eq!(literal.value, "it's ab''c");
        for (text, place) in [("s", "s"), ("a", "a"), ("b", "b"), ("c", "c")] {
            let at = literal.value.find(text).unwrap();
            let span = literal.place(Span::new(at, at + 1));
            assert_eq!(&sql[span.start..span.end], place);
        }
    }
}
