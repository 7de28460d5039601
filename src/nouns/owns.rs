//! What a project owns beside its own database: schemas, by pattern.

use crate::words::{Span, glob, globs_overlap};

/// One pattern of `owns:`, `database.schema` or `schema`, in lower case; both may hold `*` and `?`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owns {
    /// The database; the project's own when absent.
    pub database: Option<String>,
    /// The schema.
    pub schema: String,
    /// The place in `project.yml`.
    pub span: Span,
}

impl Owns {
    /// Reads a pattern.
    #[must_use]
    pub fn new(text: &str, span: Span) -> Self {
        let text = text.trim().to_lowercase();
        match text.split_once('.') {
            Some((database, schema)) => Self { database: Some(database.into()), schema: schema.into(), span },
            None => Self { database: None, schema: text, span },
        }
    }

    /// Whether it covers a schema (all in lower case). `own` is the project's own database.
    #[must_use]
    pub fn covers(&self, own: &str, database: &str, schema: &str) -> bool {
        glob(self.database.as_deref().unwrap_or(own), database) && glob(&self.schema, schema)
    }

    /// Whether some schema is covered by both; each with its project's own database.
    #[must_use]
    pub fn overlaps(&self, own: &str, other: &Self, others_own: &str) -> bool {
        let database = self.database.as_deref().unwrap_or(own);
        let others = other.database.as_deref().unwrap_or(others_own);
        globs_overlap(database, others) && globs_overlap(&self.schema, &other.schema)
    }
}

#[cfg(test)]
mod tests {
    use super::Owns;
    use crate::words::Span;

    #[test]
    fn patterns_name_a_database_or_mean_the_own_one() {
        let owns = |text| Owns::new(text, Span::default());
        assert!(owns("Shared.SF_*").covers("sfdc", "shared", "sf_raw"));
        assert!(!owns("shared.sf_*").covers("sfdc", "sfdc", "sf_raw"));
        assert!(owns("sf_*").covers("sfdc", "sfdc", "sf_raw"));
        assert!(owns("sf_*").overlaps("shared", &owns("shared.*_raw"), "other"));
        assert!(!owns("sf_*").overlaps("shared", &owns("sf_*"), "other"));
    }
}
