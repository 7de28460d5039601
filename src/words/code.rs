//! The stable codes of diagnostics.

use std::fmt;

use super::nearest;

/// How bad a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; never fails a command.
    Warning,
    /// Fails the command.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

macro_rules! codes {
    ($($variant:ident $code:literal $name:literal $severity:ident $doc:literal;)*) => {
        /// A diagnostic's code. Codes are never reused for another meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $(#[doc = $doc] $variant,)* }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code as printed, such as `GS101`.
            #[must_use]
            pub fn id(self) -> &'static str { match self { $(Self::$variant => $code,)* } }

            /// The rule's name, such as `cross-source-read`.
            #[must_use]
            pub fn name(self) -> &'static str { match self { $(Self::$variant => $name,)* } }

            /// One sentence on what the code says.
            #[must_use]
            pub fn summary(self) -> &'static str { match self { $(Self::$variant => $doc,)* } }

            /// The severity that holds until the platform says otherwise.
            #[must_use]
            pub fn default_severity(self) -> Severity { match self { $(Self::$variant => Severity::$severity,)* } }
        }
    };
}

codes! {
    CrossSourceRead "GS101" "cross-source-read" Error "Reads another project's relation without importing it into bronze.";
    CrossSourceWrite "GS102" "cross-source-write" Error "Writes another project's relation.";
    PrivateImport "GS103" "private-import" Error "An import takes a relation that its owner has not made public.";
    UnknownOwner "GS104" "unknown-owner" Error "Reads or writes a database that no project owns.";
    UndeclaredRelation "GS105" "undeclared-relation" Error "Reads a relation of its own database that nothing in the project makes.";
    LinkedServer "GS106" "linked-server" Error "Reaches another server: four-part names, OPENQUERY, OPENROWSET, OPENDATASOURCE.";
    OwnDatabaseNamed "GS107" "own-database-named" Warning "A script names its own database in full and so can't run on a target with other names.";
    HiddenDependency "GS108" "hidden-dependency" Warning "Dynamic SQL or an unknown procedure: what it reads and writes can't be seen.";
    BrokenContract "GS109" "broken-contract" Error "A node does not give the columns that its contract promises.";
    PublicChange "GS110" "public-change" Warning "What other projects import is not made as it was at another revision.";
    Cycle "GS201" "cycle" Error "Nodes depend on each other in a circle.";
    TwoProducers "GS202" "two-producers" Error "Two nodes make the same relation.";
    NeverReadLoad "GS203" "never-read-load" Error "A load that nothing reads.";
    UnknownRef "GS204" "unknown-ref" Error "`ref()` or `source()` names something that does not exist.";
    FinancialOutsideTrack "GS301" "financial-outside-track" Error "A financial relation is written by anything but a financial script.";
    Drift "GS302" "drift" Warning "Financial gold reads what no daily full reload refreshes.";
    NotReproducible "GS303" "not-reproducible" Warning "A financial script uses the clock, chance, or an order that nothing fixes.";
    DirtyRead "GS304" "dirty-read" Warning "A financial script reads rows that are not committed.";
    NotTransactional "GS305" "not-transactional" Error "A financial script holds a statement that begins or ends a transaction, or can't run inside one.";
    ReaderBlocking "GS306" "reader-blocking" Warning "A financial script changes a published relation in a way that keeps its readers waiting.";
    MovingGold "GS307" "moving-gold" Error "A financial view, synonym or function reads anything but financial relations.";
    ScheduleOrder "GS401" "schedule-order" Warning "A project starts before a project that it imports from can have finished.";
    Unscheduled "GS402" "unscheduled" Warning "A project has no daily schedule.";
    HourlyWithoutWatermark "GS403" "hourly-without-watermark" Warning "A load of an hourly project has no `modified` or no `key`.";
    UnreadableFile "GS901" "unreadable-file" Error "A file or folder can't be read.";
    Encoding "GS902" "encoding" Error "A file's bytes are no text that goldsmith knows.";
    InvalidYaml "GS903" "invalid-yaml" Error "A YAML file is malformed or holds a value of the wrong type.";
    UnknownKey "GS904" "unknown-key" Error "A key that goldsmith does not know.";
    UnsupportedKey "GS905" "unsupported-key" Warning "A key of dbt's that goldsmith does not support.";
    InvalidTemplate "GS906" "invalid-template" Error "A Jinja template is malformed or fails to render.";
    Unterminated "GS907" "unterminated" Error "A string, quoted name or comment is never closed.";
    DuplicateName "GS908" "duplicate-name" Error "Two nodes of one project have the same name.";
    UnknownName "GS909" "unknown-name" Error "YAML describes or names something that does not exist.";
    EmptyFile "GS910" "empty-file" Warning "A file that should hold SQL holds none.";
    InvalidSql "GS911" "invalid-sql" Error "SQL that can't be made sense of.";
    UnusedAllow "GS912" "unused-allow" Warning "A comment allows what nobody tells.";
}

impl Code {
    /// The codes that a word names: a code (`GS101`), a rule's name (`cross-source-read`), a family
    /// (`GS1`, `GS1xx`).
    ///
    /// # Errors
    /// The nearest code or name, if there is one, when the word names nothing.
    pub fn named(word: &str) -> Result<Vec<Self>, Option<&'static str>> {
        let lower = word.to_ascii_lowercase();
        let family = lower.trim_end_matches('x');
        let is_family = family.len() >= 3 && family.len() < 5 && family.starts_with("gs");
        let is_named = |code: &Self| {
            let id = code.id().to_ascii_lowercase();
            id == lower || code.name() == lower || is_family && id.starts_with(family)
        };
        let found: Vec<Self> = Self::ALL.iter().copied().filter(is_named).collect();
        if found.is_empty() {
            Err(nearest(word, Self::ALL.iter().flat_map(|c| [c.id(), c.name()])))
        } else {
            Ok(found)
        }
    }

    /// Whether the platform may say how bad it is. What could not be read is not checked, so
    /// that can't be waved through.
    #[must_use]
    pub fn is_adjustable(self) -> bool {
        !self.id().starts_with("GS9") || self.default_severity() == Severity::Warning
    }

    /// Whether `run` refuses a node with an error of this code: the boundary family (1xx), and
    /// what would break the promise of financial gold (3xx).
    #[must_use]
    pub fn is_boundary(self) -> bool {
        self.id().starts_with("GS1") || self.id().starts_with("GS3")
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn names_codes_names_and_families() {
        assert_eq!(Code::named("gs101"), Ok(vec![Code::CrossSourceRead]));
        assert_eq!(Code::named("cross-source-read"), Ok(vec![Code::CrossSourceRead]));
        assert!(Code::named("GS1xx").unwrap().len() >= 8);
        assert_eq!(Code::named("cross-source-reed"), Err(Some("cross-source-read")));
        assert_eq!(Code::named(""), Err(None));
        assert_eq!(Code::named("xxxx"), Err(None));
    }
}
