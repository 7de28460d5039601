//! Which of Microsoft's engines answers, and what it lacks that goldsmith stands on.

use super::connection::rows;
use super::wire::Wire;
use crate::warehouse::{Error, ErrorKind};

/// What goldsmith does on a target that not every engine can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ability {
    /// Tables are made, renamed and dropped inside a transaction, so that a swap has no gap.
    DefinitionsInTransactions,
    /// Transactions inside a transaction: a script's own, inside of a publication's.
    NestedTransactions,
    /// Locks that keep two runs apart.
    ApplicationLocks,
    /// Keys that hold, so that what became of a commit can be found out.
    EnforcedKeys,
    /// Text of all languages in columns.
    UnicodeColumns,
    /// Queries of other databases of the server. Without them, rows travel through goldsmith.
    OtherDatabases,
}

use Ability::{
    ApplicationLocks, DefinitionsInTransactions, EnforcedKeys, NestedTransactions, OtherDatabases,
    UnicodeColumns,
};

impl Ability {
    fn told(self) -> &'static str {
        match self {
            DefinitionsInTransactions => "definitions inside transactions",
            NestedTransactions => "transactions inside transactions",
            ApplicationLocks => "application locks (sp_getapplock)",
            EnforcedKeys => "keys that are enforced",
            UnicodeColumns => "columns of nvarchar",
            OtherDatabases => "queries across databases",
        }
    }
}

/// The engines that lack something, by `SERVERPROPERTY('EngineEdition')`: from Microsoft's documentation of that
/// function, of `sp_getapplock`, of transactions in dedicated SQL pools, of queries across databases of Azure SQL, and of
/// the T-SQL surface of Fabric's warehouse. All others lack nothing.
const LACKING: [(&str, &str, &[Ability]); 4] = [
    ("5", "a database of Azure SQL", &[OtherDatabases]),
    (
        "6",
        "a dedicated SQL pool of Azure Synapse",
        &[DefinitionsInTransactions, NestedTransactions, ApplicationLocks, EnforcedKeys, OtherDatabases],
    ),
    (
        "11",
        "a serverless SQL pool of Azure Synapse, or a warehouse of Microsoft Fabric",
        &[ApplicationLocks, EnforcedKeys, UnicodeColumns],
    ),
    ("12", "a SQL database in Microsoft Fabric", &[OtherDatabases]),
];

/// Whether a session can read what stands in other databases of the server.
pub(super) fn reads_other_databases(engine: &str) -> bool {
    !LACKING.iter().any(|(number, _, lacks)| *number == engine && lacks.contains(&OtherDatabases))
}

/// Why nothing can be built on an engine; nothing where it can.
pub(super) fn lack(engine: &str) -> Option<String> {
    let (_, name, lacks) = LACKING.iter().find(|(number, ..)| *number == engine)?;
    let needed = lacks.iter().filter(|ability| **ability != OtherDatabases);
    let told: Vec<&str> = needed.map(|ability| ability.told()).collect();
    (!told.is_empty()).then(|| format!("it is {name}, which lacks {}", told.join(", ")))
}

/// What to do about it.
pub(super) const INSTEAD: &str = "make the target a SQL Server, Azure SQL or a SQL database in Fabric; rows can be loaded from here with `from: { target, query }`";

/// Fails where the server is one that nothing can be built on.
pub(super) fn check(wire: &mut Wire, server: &str) -> Result<(), Error> {
    let told = rows(wire, "SELECT CAST(SERVERPROPERTY('EngineEdition') AS nvarchar(128))")?;
    match told.cell(0).and_then(lack) {
        Some(why) => {
            Err(Error::new(ErrorKind::Statement, format!("{server} can't be a target: {why} ({INSTEAD})")))
        }
        None => Ok(()),
    }
}
