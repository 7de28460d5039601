//! Columns with their origins as `deps` and `show` tell them.

use crate::lineage::{Column, Flow, Named, Origin};
use crate::sql::deps::{ColumnDeps, OriginDeps};

/// Which of a relation's names is told.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shown {
    /// The name as written.
    Written,
    /// The full name.
    Full,
}

impl Shown {
    fn name(self, named: &Named) -> String {
        match self {
            Self::Written => named.written.to_string(),
            Self::Full => named.full.to_string(),
        }
    }

    /// The columns of a flow; `line` gives the line of a place.
    pub(super) fn columns(self, flow: &Flow, line: impl Fn(&Column) -> usize) -> Vec<ColumnDeps> {
        let column = |(nth, column): (usize, &Column)| ColumnDeps {
            relation: flow.relation.as_ref().map(|r| self.name(r)),
            column: column.name.as_deref().map(str::to_owned),
            position: flow.by_position.then_some(nth + 1),
            line: line(column),
            from: column.from.iter().map(|o| self.origin(o)).collect(),
            how: column.how.word(),
        };
        flow.columns.iter().enumerate().map(column).collect()
    }

    fn origin(self, origin: &Origin) -> OriginDeps {
        match origin {
            Origin::Column { relation, column } => OriginDeps {
                relation: Some(self.name(relation)),
                column: column.to_string(),
                candidates: None,
            },
            Origin::Rows(relation) => {
                OriginDeps { relation: Some(self.name(relation)), column: "*".into(), candidates: None }
            }
            Origin::Unsure { column, candidates } => OriginDeps {
                relation: None,
                column: column.to_string(),
                candidates: Some(candidates.iter().map(|c| self.name(c)).collect()),
            },
        }
    }
}

/// `amount <- raw.a.x, raw.b.y (computed)`
pub(super) fn told(column: &ColumnDeps) -> String {
    let name = match (&column.column, column.position) {
        (Some(name), Some(position)) => format!("{position} (as {name})"),
        (None, Some(position)) => position.to_string(),
        (Some(name), None) => name.clone(),
        (None, None) => "(no name)".to_owned(),
    };
    if column.from.is_empty() {
        return format!("{name} <- no column");
    }
    let from: Vec<String> = column.from.iter().map(origin).collect();
    let how = if column.how == "copied" { String::new() } else { format!(" ({})", column.how) };
    format!("{name} <- {}{how}", from.join(", "))
}

fn origin(origin: &OriginDeps) -> String {
    match (&origin.relation, &origin.candidates) {
        (Some(relation), _) => format!("{relation}.{}", origin.column),
        (None, Some(candidates)) if !candidates.is_empty() => {
            format!("{} of {}?", origin.column, candidates.join(" or "))
        }
        _ => format!("{} of an unknown relation", origin.column),
    }
}
