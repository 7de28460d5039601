//! What is said of a statement: which columns it gives, and where each comes from. Plain data.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::words::{RelationName, Span};

/// A relation by both its names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Named {
    /// As written, unquoted, in lower case.
    pub written: RelationName,
    /// In full.
    pub full: RelationName,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A column of a relation.
    Column {
        /// The relation.
        relation: Arc<Named>,
        /// The column, in lower case.
        column: Arc<str>,
    },
    /// Columns of a relation whose columns aren't known.
    Rows(Arc<Named>),
    /// A column that could belong to any of these relations, or to none that is known.
    Unsure {
        /// The column, in lower case.
        column: Arc<str>,
        /// Where it may be from.
        candidates: Vec<Arc<Named>>,
    },
}

/// How a column's value is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// Taken over as it is.
    Copied,
    /// Worked out by an expression.
    Computed,
}

impl How {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Copied => "copied",
            Self::Computed => "computed",
        }
    }
}

/// The origins of a value, each once, in the order of their names.
pub type Origins = BTreeSet<Origin>;

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name in lower case; `*` for the columns of a relation whose columns aren't known.
    pub name: Option<Arc<str>>,
    /// Where it is named.
    pub span: Span,
    /// Where its values come from.
    pub from: Arc<Origins>,
    /// How.
    pub how: How,
}

impl Column {
    /// A column of a relation, as it is.
    pub(super) fn of(relation: &Arc<Named>, name: &str) -> Self {
        let column: Arc<str> = name.into();
        let origin = Origin::Column { relation: Arc::clone(relation), column: Arc::clone(&column) };
        Self { name: Some(column), span: Span::default(), from: Arc::new([origin].into()), how: How::Copied }
    }

    /// All columns of a relation whose columns aren't known.
    pub(super) fn rows(relation: &Arc<Named>) -> Self {
        let from = Arc::new([Origin::Rows(Arc::clone(relation))].into());
        Self { name: Some("*".into()), span: Span::default(), from, how: How::Copied }
    }

    /// Whether it stands for columns that aren't known.
    #[must_use]
    pub fn is_rows(&self) -> bool {
        self.name.as_deref() == Some("*")
    }

    /// Whether everything about its origins is known.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        !self.is_rows() && self.from.iter().all(|o| matches!(o, Origin::Column { .. }))
    }

    /// The relations whose unknown columns it stands for.
    pub(super) fn hidden(&self) -> impl Iterator<Item = &Arc<Named>> {
        self.from.iter().filter_map(|o| if let Origin::Rows(named) = o { Some(named) } else { None })
    }

    /// Adds what another query puts into the same column.
    pub(super) fn join(&mut self, other: &Self) {
        if self.from != other.from {
            let mut from = (*self.from).clone();
            from.extend(other.from.iter().cloned());
            self.from = Arc::new(from);
        }
        self.how = self.how.max(other.how);
    }
}

/// What one statement puts where.
#[derive(Debug, Clone)]
pub struct Flow {
    /// The statement.
    pub span: Span,
    /// What it writes; a query writes nothing.
    pub relation: Option<Arc<Named>>,
    /// Its columns in order.
    pub columns: Vec<Column>,
    /// Whether the names of the columns are the query's own: those of the relation aren't known.
    pub by_position: bool,
}

/// A statement whose columns can't be followed.
#[derive(Debug, Clone)]
pub struct Unread {
    /// The place.
    pub span: Span,
    /// Why, in words.
    pub why: String,
}

/// The columns of a script.
#[derive(Debug, Clone, Default)]
pub struct Lineage {
    /// Each statement that gives columns, in order.
    pub flows: Vec<Flow>,
    /// Each that should and can't be followed.
    pub unread: Vec<Unread>,
}
