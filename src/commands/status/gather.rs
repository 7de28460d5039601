//! Reads what the databases of the selected projects know of their loads and runs.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Duration;

use jiff::{Timestamp, Zoned};

use crate::analysis::AnalyzedNode;
use crate::commands::CommandError;
use crate::commands::session::Session;
use crate::commands::warehouse::{Opened, look_at};
use crate::ddl;
use crate::graph::Index;
use crate::history::{Books, Found, LoadRecord, PastRun, Standing, past_runs};
use crate::ledger::{Publication, publications};
use crate::nouns::{Body, Load, Origin, Project};
use crate::report::status::{LoadStatus, ProjectStatus};
use crate::words::RelationName;

/// How many runs of each project are told.
const RUNS: usize = 5;

/// How many are read: a run that began must be found among those that ended.
const READ: usize = 500;

/// The status of each project that has a node selected, in order of their names.
pub(super) fn projects(
    session: &Session,
    selected: &HashSet<Index>,
    wait: Duration,
    now: &Zoned,
) -> Result<Vec<ProjectStatus>, CommandError> {
    let analysis = session.graph.analysis();
    let names: BTreeSet<&str> =
        selected.iter().map(|i| session.graph.node(*i).node.project.as_str()).collect();
    let database = |name: &str| analysis.placement.database(name).to_lowercase();
    let opened = look_at(session, names.iter().map(|n| database(n)).collect(), wait)?;
    let mut all = Vec::new();
    for name in names {
        let Some(project) = analysis.platform.projects.iter().find(|p| p.name == name) else { continue };
        all.push(Reader { session, opened: &opened, project, now }.project(&database(name), selected)?);
    }
    Ok(all)
}

/// Reads one project's database.
struct Reader<'a> {
    session: &'a Session,
    opened: &'a Opened,
    project: &'a Project,
    now: &'a Zoned,
}

impl Reader<'_> {
    fn project(&self, database: &str, selected: &HashSet<Index>) -> Result<ProjectStatus, CommandError> {
        let exists = self.opened.catalog.has_database(database);
        let (mut runs, mut records, mut records_loads) = (Vec::new(), HashMap::new(), true);
        if exists {
            let mut books = Books::open(self.opened.warehouse.as_ref(), database)?;
            runs = self.runs(&mut books)?;
            let loads = books.last_loads()?;
            records_loads = loads.is_some();
            for record in loads.into_iter().flatten() {
                records.entry(record.load.clone()).or_insert_with(Vec::new).push(record);
            }
        }
        let mut loads = BTreeMap::new();
        for index in selected {
            let node = self.session.graph.node(*index);
            if let Body::Load(load) = &node.node.body
                && node.node.project == self.project.name
            {
                let records = records.remove(&node.node.id).unwrap_or_default();
                loads.insert(node.node.name.clone(), self.load(database, node, load, records)?);
            }
        }
        Ok(ProjectStatus {
            name: self.project.name.clone(),
            owner: self.project.owner.clone(),
            database: database.to_owned(),
            promised: self.project.freshness,
            exists,
            // A database in which nothing ever ran has nothing to tell of.
            records_loads: records_loads || runs.is_empty(),
            loads: loads.into_values().collect(),
            runs,
            publication: self.publication(database)?,
        })
    }

    /// The publication that stands.
    fn publication(&self, database: &str) -> Result<Option<Publication>, CommandError> {
        let ledger = RelationName::new(database, ddl::BOOKKEEPING, "publications");
        if self.opened.catalog.get(&ledger).is_none() {
            return Ok(None);
        }
        let mut connection = self.opened.warehouse.connect(database)?;
        Ok(publications(connection.as_mut(), database, &self.project.name)?.into_iter().next())
    }

    /// The last runs on this target.
    fn runs(&self, books: &mut Books) -> Result<Vec<PastRun>, CommandError> {
        let target = &self.session.graph.analysis().target.name;
        let mut ended = books.runs(READ)?.unwrap_or_default();
        ended.retain(|run| run.target == *target);
        let mut begun = books.attempts(READ / 10)?.unwrap_or_default();
        begun.retain(|run| run.target == *target);
        Ok(past_runs(ended, begun, RUNS))
    }

    fn load(
        &self,
        database: &str,
        node: &AnalyzedNode,
        load: &Load,
        records: Vec<LoadRecord>,
    ) -> Result<LoadStatus, CommandError> {
        let promised = load.freshness.unwrap_or(self.project.freshness);
        let held = node.relation.as_ref().and_then(|r| self.opened.catalog.get(r));
        let (now, zone) = (self.now.timestamp(), self.now.time_zone());
        let standing = if matches!(load.origin, Origin::External) {
            let found = match held {
                Some(_) => Some(self.found(database, node, load)?),
                None => None,
            };
            Standing::of_table(found, promised, now)
        } else {
            Standing::of_records(records, held.is_some(), promised, now, zone)
        };
        Ok(LoadStatus { name: node.node.name.clone(), promised, standing })
    }

    /// What a table that another tool loads says of itself.
    fn found(&self, database: &str, node: &AnalyzedNode, load: &Load) -> Result<Found, CommandError> {
        let Some(relation) = &node.relation else { return Ok(Found::default()) };
        let columns = self.opened.catalog.get(relation).map(|r| r.columns.as_slice()).unwrap_or_default();
        let column = load
            .modified
            .as_deref()
            .and_then(|modified| columns.iter().find(|(name, _)| name.eq_ignore_ascii_case(modified)));
        let column = column.map(|(name, kind)| (name.as_str(), kind.as_str()));
        let mut connection = self.opened.warehouse.connect(database)?;
        let rows =
            connection.query(&ddl::freshness::newest(connection.dialect(), relation, column, self.now))?;
        let mut cells = rows.rows.into_iter().next().unwrap_or_default().into_iter();
        let (count, newest, micros) =
            (cells.next().flatten(), cells.next().flatten(), cells.next().flatten());
        let at = micros.and_then(|m| Timestamp::from_microsecond(m.parse().ok()?).ok());
        let zoned = column.is_some_and(|(_, kind)| ddl::freshness::is_zoned(kind));
        let local = |at: Timestamp| {
            let civil = at.to_zoned(jiff::tz::TimeZone::UTC).datetime();
            civil.to_zoned(self.now.time_zone().clone()).ok().map(|at| at.timestamp())
        };
        Ok(Found {
            rows: count.and_then(|c| c.parse().ok()),
            newest,
            at: if zoned { at } else { at.and_then(local) },
        })
    }
}
