//! GS305: a financial script can't run inside the one transaction of its publication.

use crate::graph::Graph;
use crate::nouns::{Kind, Track};
use crate::words::{Code, Diagnostic, Dialect, Span};

/// Words that begin, end or can't stand in a transaction, by dialect. T-SQL scripts may hold
/// transactions of their own, as long as they match.
const WORDS: [&str; 8] = ["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "CHECKPOINT", "VACUUM"];

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for index in graph.indices() {
        let analyzed = graph.node(index);
        let node = &analyzed.node;
        if node.kind() != Kind::Script || node.track != Some(Track::Financial) {
            continue;
        }
        let tell = |message: String, span: Span| {
            Diagnostic::new(Code::NotTransactional, message).at(&node.file, span).node(&node.id)
        };
        if !analyzed.transaction {
            found.push(
                tell(
                    format!("`{}` says `transaction off`, but financial gold is one transaction", node.name),
                    Span::default(),
                )
                .help("remove the comment; what can't run in a transaction belongs elsewhere"),
            );
        }
        let Some(compiled) = analyzed.sql.as_ref().filter(|_| analyzed.dialect != Dialect::TSql) else {
            continue;
        };
        for statement in crate::sql::statements(compiled.sql(), analyzed.dialect) {
            let text = &compiled.sql()[statement.span.start..statement.span.end];
            let length = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
            if let Some(word) = WORDS.into_iter().find(|w| text[..length].eq_ignore_ascii_case(w)) {
                let span = Span::new(statement.span.start, statement.span.start + length);
                found.push(
                    tell(format!("`{}` holds {word}, but runs in the one transaction of financial gold", node.name), span)
                        .help("remove it: goldsmith begins the transaction, and commits when all scripts and tests have passed"),
                );
            }
        }
    }
    found
}
