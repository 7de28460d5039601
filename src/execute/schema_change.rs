//! A source that has another shape than the table that it is loaded into.

use std::fmt;

use crate::ddl::{Shape, Typed};
use crate::nouns::OnSchemaChange;
use crate::words::RelationName;

/// How the columns that come in differ from those of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaChange {
    /// The table.
    pub relation: RelationName,
    /// Columns that it does not hold: name, type.
    pub added: Vec<(String, String)>,
    /// Columns that do not come in any more.
    pub removed: Vec<String>,
    /// Columns of another type: name, the type held, the type that comes in.
    pub retyped: Vec<(String, String, String)>,
}

impl SchemaChange {
    /// Compares the columns that come in (name, type) with those that the table holds. `None`
    /// when they are the same; order and the case of letters do not count.
    #[must_use]
    pub fn find(shape: &Shape, incoming: &[(String, String)]) -> Option<Self> {
        // A source without rows says nothing about its shape.
        if incoming.is_empty() {
            return None;
        }
        let same = |a: &str, b: &str| a.to_lowercase() == b.to_lowercase();
        let compared = |name: &str| match &shape.typed {
            Typed::All => true,
            Typed::Declared(names) => names.iter().any(|n| same(n, name)),
        };
        let change = Self {
            relation: shape.relation.clone(),
            added: incoming
                .iter()
                .filter(|(name, _)| !shape.held.iter().any(|(held, _)| same(held, name)))
                .cloned()
                .collect(),
            removed: shape
                .held
                .iter()
                .filter(|_| !shape.absent_is_null)
                .filter(|(held, _)| !incoming.iter().any(|(name, _)| same(held, name)))
                .map(|(held, _)| held.clone())
                .collect(),
            retyped: shape
                .held
                .iter()
                .filter_map(|(held, kind)| {
                    let (_, new) = incoming.iter().find(|(name, _)| same(held, name))?;
                    (compared(held) && new != kind).then(|| (held.clone(), kind.clone(), new.clone()))
                })
                .collect(),
        };
        let is_same = change.added.is_empty() && change.removed.is_empty() && change.retyped.is_empty();
        (!is_same).then_some(change)
    }

    /// Whether the load goes on all the same.
    #[must_use]
    pub fn is_taken(&self, on_schema_change: OnSchemaChange) -> bool {
        on_schema_change == OnSchemaChange::Append && self.removed.is_empty() && self.retyped.is_empty()
    }

    /// The columns that readers of the table may miss or meet in another form.
    pub fn lost(&self) -> impl Iterator<Item = &str> {
        self.removed.iter().map(String::as_str).chain(self.retyped.iter().map(|(name, ..)| name.as_str()))
    }
}

impl fmt::Display for SchemaChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if !self.added.is_empty() {
            let all: Vec<String> = self.added.iter().map(|(name, kind)| format!("{name} ({kind})")).collect();
            parts.push(format!("added {}", all.join(", ")));
        }
        if !self.removed.is_empty() {
            parts.push(format!("removed {}", self.removed.join(", ")));
        }
        if !self.retyped.is_empty() {
            let all: Vec<String> =
                self.retyped.iter().map(|(name, old, new)| format!("{name} ({old} to {new})")).collect();
            parts.push(format!("retyped {}", all.join(", ")));
        }
        f.write_str(&parts.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(all: &[(&str, &str)]) -> Vec<(String, String)> {
        all.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect()
    }

    fn shape(typed: Typed) -> Shape {
        Shape {
            relation: RelationName::new("d", "raw", "t"),
            held: columns(&[("id", "BIGINT"), ("name", "VARCHAR"), ("at", "DATE")]),
            typed,
            absent_is_null: false,
            on_schema_change: OnSchemaChange::Append,
        }
    }

    #[test]
    fn order_and_case_are_no_change() {
        let incoming = columns(&[("AT", "DATE"), ("Id", "BIGINT"), ("name", "VARCHAR")]);
        assert_eq!(SchemaChange::find(&shape(Typed::All), &incoming), None);
    }

    #[test]
    fn what_is_absent_or_empty_is_no_change_where_null_is_left_out() {
        let partial = Shape { absent_is_null: true, ..shape(Typed::All) };
        assert_eq!(SchemaChange::find(&partial, &columns(&[("id", "BIGINT")])), None);
        assert_eq!(SchemaChange::find(&shape(Typed::All), &[]), None);
    }

    #[test]
    fn what_is_only_guessed_is_no_change() {
        let incoming = columns(&[("id", "VARCHAR"), ("name", "VARCHAR"), ("at", "VARCHAR")]);
        assert_eq!(SchemaChange::find(&shape(Typed::Declared(Vec::new())), &incoming), None);
        let change = SchemaChange::find(&shape(Typed::Declared(vec!["at".into()])), &incoming).unwrap();
        assert_eq!(change.to_string(), "retyped at (DATE to VARCHAR)");
    }

    #[test]
    fn all_kinds_of_change_are_told_and_only_added_columns_are_taken() {
        let incoming = columns(&[("id", "VARCHAR"), ("at", "DATE"), ("new", "INTEGER")]);
        let change = SchemaChange::find(&shape(Typed::All), &incoming).unwrap();
        assert_eq!(change.to_string(), "added new (INTEGER); removed name; retyped id (BIGINT to VARCHAR)");
        assert_eq!(change.lost().collect::<Vec<_>>(), ["name", "id"]);
        assert!(!change.is_taken(OnSchemaChange::Append));
        let more = columns(&[("id", "BIGINT"), ("name", "VARCHAR"), ("at", "DATE"), ("new", "INTEGER")]);
        let change = SchemaChange::find(&shape(Typed::All), &more).unwrap();
        assert!(change.is_taken(OnSchemaChange::Append));
        assert!(!change.is_taken(OnSchemaChange::Fail));
    }
}
