//! The ledgers of some projects, opened to be read.

use std::collections::BTreeSet;
use std::time::Duration;

use camino::Utf8Path;

use crate::analysis::Facts;
use crate::cli::{Global, ProjectsArgs};
use crate::commands::CommandError;
use crate::commands::session::{Session, facts};
use crate::commands::warehouse::{Opened, look_at};
use crate::ddl::{self, Output};
use crate::ledger::{self, Publication};
use crate::nouns::{Project, Publications};
use crate::plan;
use crate::warehouse::{Connection, Warehouse};
use crate::words::{self, RelationName, Severity};

/// One project's ledger.
pub(super) struct Book {
    /// The project.
    pub(super) project: String,
    /// Its database on the target.
    pub(super) database: String,
    /// Its publications, the newest first.
    pub(super) publications: Vec<Publication>,
}

/// A platform with the ledgers of some of its projects.
pub(super) struct Desk {
    pub(super) session: Session,
    pub(super) facts: Facts,
    pub(super) books: Vec<Book>,
    opened: Opened,
}

impl Desk {
    /// Opens the ledgers of the projects that are named, in the arguments or in an id, or else of all that
    /// have financial gold.
    pub(super) fn open(global: &Global, args: &ProjectsArgs, ids: &[&str]) -> Result<Self, CommandError> {
        let mut known = Facts::default();
        let session = Session::open(global, |platform| {
            known = facts(platform, "daily", None, false);
            known.clone()
        })?;
        refuse_wrong_settings(&session)?;
        let names = names(&session, args, ids)?;
        let wait = Duration::try_from(args.wait).unwrap_or_default();
        let placement = &session.graph.analysis().placement;
        let databases: BTreeSet<String> =
            names.iter().map(|n| placement.database(n).to_lowercase()).collect();
        let opened = look_at(&session, databases, wait)?;
        let mut books = Vec::new();
        for project in names {
            let database = placement.database(&project).to_lowercase();
            let publications = ledger_of(&opened, &database, &project)?;
            books.push(Book { project, database, publications });
        }
        Ok(Self { session, facts: known, books, opened })
    }

    /// A session on a book's database.
    pub(super) fn connect(&self, book: &Book) -> Result<Box<dyn Connection>, CommandError> {
        Ok(self.opened.warehouse.connect(&book.database)?)
    }

    /// The publication that an id names, with its book.
    pub(super) fn find(&self, id: &str) -> Result<(&Book, &Publication), CommandError> {
        let [book] = self.books.as_slice() else {
            return Err(CommandError::Usage {
                message: format!("`{id}` may be of several projects"),
                help: Some(format!(
                    "name one: --select {}",
                    self.books.first().map_or("PROJECT", |b| &b.project)
                )),
            });
        };
        Ok((book, book.find(id)?))
    }

    /// What a project publishes now, as its scripts say.
    pub(super) fn outputs(&self, project: &str) -> Vec<Output> {
        plan::outputs(&self.session.graph, project)
    }

    /// A project as its files describe it.
    pub(super) fn project(&self, name: &str) -> Option<&Project> {
        self.session.graph.analysis().platform.projects.iter().find(|p| p.name == name)
    }

    /// How a project publishes.
    pub(super) fn settings(&self, name: &str) -> Publications {
        let platform = &self.session.graph.analysis().platform.publications;
        self.project(name).map_or_else(|| platform.clone(), |p| p.publications.over(platform))
    }
}

impl Book {
    /// The publication that an id names.
    pub(super) fn find(&self, id: &str) -> Result<&Publication, CommandError> {
        ledger::find(&self.publications, id).ok_or_else(|| CommandError::Usage {
            message: match self.publications.len() {
                0 => format!("{} has never been published on this target", self.project),
                _ => format!("{} has no publication `{id}`", self.project),
            },
            help: Some(match self.publications.first() {
                None => "`goldsmith run` publishes financial gold at the end of the daily pipeline".into(),
                Some(last) => format!(
                    "write latest, latest~1, a date, or an id such as {last}; `goldsmith publications list` has them all"
                ),
            }),
        })
    }
}

/// Refuses settings that can't be read. A model that is wrong is no reason: the ledger stands without it.
fn refuse_wrong_settings(session: &Session) -> Result<(), CommandError> {
    let platform = &session.graph.analysis().platform;
    let is_setting = |path: &Utf8Path| {
        path == platform.file.path() || platform.projects.iter().any(|p| path == p.file.path())
    };
    let wrong: Vec<_> = session
        .diagnostics
        .iter()
        .filter(|d| d.severity == Severity::Error && d.file.as_ref().is_some_and(|f| is_setting(f.path())))
        .cloned()
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(CommandError::Files(wrong)) }
}

/// The ledger of a project; empty where there is none yet.
pub(super) fn ledger_of(
    opened: &Opened,
    database: &str,
    project: &str,
) -> Result<Vec<Publication>, CommandError> {
    let table = RelationName::new(database, ddl::BOOKKEEPING, "publications");
    if opened.catalog.get(&table).is_none() {
        return Ok(Vec::new());
    }
    let warehouse: &dyn Warehouse = opened.warehouse.as_ref();
    Ok(ledger::publications(warehouse.connect(database)?.as_mut(), database, project)?)
}

fn names(session: &Session, args: &ProjectsArgs, ids: &[&str]) -> Result<Vec<String>, CommandError> {
    let graph = &session.graph;
    let all = &graph.analysis().platform.projects;
    let mut named: Vec<&str> = args.select.iter().map(String::as_str).collect();
    for project in ids.iter().filter_map(|id| id.split_once('@')).map(|(project, _)| project) {
        if !named.contains(&project) {
            named.push(project);
        }
    }
    for name in &named {
        session.project(name)?;
    }
    if !named.is_empty() {
        return Ok(named.into_iter().map(str::to_owned).collect());
    }
    let publishing = all.iter().filter(|p| !plan::financial_scripts(graph, &p.name).is_empty());
    Ok(publishing.map(|p| p.name.clone()).collect())
}

/// The SHA-256 of a file of the platform; `None` if it can't be read.
pub(super) fn sha256(root: &Utf8Path, path: &str) -> Option<String> {
    Some(words::sha256(&fs_err::read(root.join(path)).ok()?))
}
