//! What a walk over one statement carries: what is known, the CTEs in sight, and how much work is
//! left, so that no statement can multiply columns without end.

use std::sync::Arc;

use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{Ident, ObjectName, Spanned, TableAlias};

use super::blank::{Blanked, restored};
use super::column::{Column, Named};
use super::known::{Columns, Known};
use super::parse::Places;
use super::script::Session;
use crate::words::{Dialect, RelationName, Span};

/// Steps that one statement may take.
const MOST_STEPS: usize = 3_000_000;
/// Steps that all statements of a script may take.
pub(super) const MOST_OF_SCRIPT: usize = 60_000_000;

/// The statement asks for more work than it may.
#[derive(Debug, Clone, Copy)]
pub(super) struct TooMuch;

/// A CTE in sight.
pub(super) struct Cte {
    pub(super) name: String,
    pub(super) columns: Columns,
    pub(super) used: bool,
}

/// A walk over one statement.
pub(super) struct Walker<'a> {
    pub(super) known: &'a Known,
    pub(super) session: &'a Session<'a>,
    pub(super) places: &'a Places,
    /// Where the statement starts in the text.
    pub(super) base: usize,
    pub(super) dialect: Dialect,
    /// The statement's text as parsed.
    pub(super) blanked: &'a Blanked,
    pub(super) ctes: Vec<Cte>,
    pub(super) steps: usize,
    /// Steps that are left for the script.
    pub(super) left: usize,
}

impl Walker<'_> {
    /// Counts work.
    pub(super) fn step(&mut self, steps: usize) -> Result<(), TooMuch> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > MOST_STEPS.min(self.left) { Err(TooMuch) } else { Ok(()) }
    }

    pub(super) fn place(&self, ident: &Ident) -> Span {
        let span = self.places.span(ident.span);
        Span::new(self.base + span.start, self.base + span.end)
    }

    pub(super) fn token_place(&self, token: &AttachedToken) -> Span {
        let span = self.places.span(token.0.span);
        Span::new(self.base + span.start, self.base + span.end)
    }

    pub(super) fn name_place(&self, name: &ObjectName) -> Span {
        let span = self.places.span(name.span());
        Span::new(self.base + span.start, self.base + span.end)
    }

    /// A relation's name; `None` for what is no name.
    pub(super) fn named(&self, name: &ObjectName) -> Option<Arc<Named>> {
        let parts = parts(name);
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        Some(self.session.named(&RelationName::from_parts(&parts)?))
    }

    /// The columns of a CTE in sight, if a name is one.
    pub(super) fn cte(&mut self, named: &Named) -> Option<Columns> {
        let name = &named.written;
        if name.schema.is_some() || name.database.is_some() {
            return None;
        }
        let cte = self.ctes.iter_mut().rev().find(|c| c.name == name.name)?;
        cte.used = true;
        Some(Arc::clone(&cte.columns))
    }
}

/// A dotted name's parts, in lower case.
pub(super) fn parts(name: &ObjectName) -> Vec<String> {
    name.0.iter().map(|p| p.as_ident().map(lower).unwrap_or_default()).collect()
}

pub(super) fn lower(ident: &Ident) -> String {
    restored(ident.value.to_lowercase())
}

/// Columns under the names of `t (a, b)`.
pub(super) fn renamed(columns: Columns, alias: Option<&TableAlias>) -> Columns {
    let names: Vec<String> =
        alias.map(|a| a.columns.iter().map(|c| lower(&c.name)).collect()).unwrap_or_default();
    if names.is_empty() {
        return columns;
    }
    with_names(&columns, &names)
}

/// Columns under other names, by position; behind `*` nothing but the `*` is known.
pub(super) fn with_names(columns: &[Column], names: &[String]) -> Columns {
    let open = columns.iter().position(Column::is_rows);
    let one = |(at, name): (usize, &String)| {
        let column = match open {
            Some(open) if at >= open => &columns[open],
            _ => columns.get(at)?,
        };
        Some(Column { name: Some(name.as_str().into()), ..column.clone() })
    };
    Arc::new(names.iter().enumerate().filter_map(one).collect())
}
