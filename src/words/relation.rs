//! The name of a table or view, as SQL writes it.

use std::fmt;

/// A relation's name with up to four parts (`server.database.schema.name`), unquoted and in
/// lower case, since every engine here compares names without case unless told otherwise.
/// Missing parts are `None`; `db..t` has a database, no schema.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RelationName {
    /// Linked server, in four-part names only.
    pub server: Option<String>,
    /// The database.
    pub database: Option<String>,
    /// The schema.
    pub schema: Option<String>,
    /// The table or view itself.
    pub name: String,
}

impl RelationName {
    /// A full three-part name.
    #[must_use]
    pub fn new(database: &str, schema: &str, name: &str) -> Self {
        Self {
            server: None,
            database: Some(database.to_lowercase()),
            schema: Some(schema.to_lowercase()),
            name: name.to_lowercase(),
        }
    }

    /// From one to four parts, outermost first; an empty part counts as missing. More than four
    /// parts keep the last four. `None` without any part.
    #[must_use]
    pub fn from_parts(parts: &[&str]) -> Option<Self> {
        let (name, outer) = parts.split_last()?;
        let mut outer = outer.iter().rev().map(|p| Some(p.to_lowercase()).filter(|p| !p.is_empty()));
        Some(Self {
            name: name.to_lowercase(),
            schema: outer.next().flatten(),
            database: outer.next().flatten(),
            server: outer.next().flatten(),
        })
    }

    /// The name with missing database and schema filled in.
    #[must_use]
    pub fn resolved(&self, database: &str, schema: &str) -> Self {
        Self {
            server: self.server.clone(),
            database: Some(self.database.clone().unwrap_or_else(|| database.to_lowercase())),
            schema: Some(self.schema.clone().unwrap_or_else(|| schema.to_lowercase())),
            name: self.name.clone(),
        }
    }
}

impl fmt::Display for RelationName {
    /// Dotted, as in `ltd-itrak.dbo.order lines`; an inner missing part stays empty (`db..t`).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outer = [&self.server, &self.database, &self.schema];
        let first = outer.iter().position(|p| p.is_some()).unwrap_or(outer.len());
        for part in &outer[first..] {
            write!(f, "{}.", part.as_deref().unwrap_or(""))?;
        }
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::RelationName;

    #[test]
    fn writes_back_what_it_read() {
        for text in ["t", "s.t", "d.s.t", "d..t", "srv.d.s.t"] {
            let parts: Vec<_> = text.split('.').collect();
            assert_eq!(RelationName::from_parts(&parts).unwrap().to_string(), text);
        }
    }
}
