//! Where each project's relations stand on a target, and which project owns a relation.

use std::collections::HashMap;

use crate::nouns::{Kind, Layer, Node, Owns, Platform, Project, Schemas, Target, Track};
use crate::words::{Dialect, RelationName, glob};

/// Where one project stands.
#[derive(Debug, Clone)]
struct Place {
    database: String,
    schemas: Schemas,
    owns: Vec<Owns>,
    /// Its declared database, in lower case.
    declared: String,
}

/// Who owns a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner<'a> {
    /// This project.
    Project(&'a str),
    /// No project.
    Nobody,
}

/// Where all projects stand on a target.
#[derive(Debug, Clone, Default)]
pub struct Placement {
    places: HashMap<String, Place>,
    owners: HashMap<String, Vec<String>>,
    prefix: String,
    /// Whether any project owns schemas by pattern.
    is_shared: bool,
}

impl Placement {
    /// The places of a platform's projects on a target.
    #[must_use]
    pub fn new(platform: &Platform, target: &Target) -> Self {
        let mut placement = Self { prefix: target.schema_prefix.to_lowercase(), ..Self::default() };
        for project in &platform.projects {
            let database = database(project, target);
            placement.is_shared |= !project.owns.is_empty();
            for name in [&database, &project.database] {
                let owners = placement.owners.entry(name.to_lowercase()).or_default();
                if !owners.contains(&project.name) {
                    owners.push(project.name.clone());
                }
            }
            let prefixed = |schema: &str| format!("{}{schema}", target.schema_prefix);
            let schemas = Schemas {
                bronze: prefixed(&project.schemas.bronze),
                silver: prefixed(&project.schemas.silver),
                operational: prefixed(&project.schemas.operational),
                financial: prefixed(&project.schemas.financial),
            };
            placement.places.insert(
                project.name.clone(),
                Place {
                    database,
                    schemas,
                    owns: project.owns.clone(),
                    declared: project.database.to_lowercase(),
                },
            );
        }
        placement
    }

    /// The database of a project.
    #[must_use]
    pub fn database(&self, project: &str) -> &str {
        self.places.get(project).map_or("", |p| p.database.as_str())
    }

    /// The schemas of a project.
    #[must_use]
    pub fn schemas(&self, project: &str) -> Option<&Schemas> {
        self.places.get(project).map(|p| &p.schemas)
    }

    /// The relation that a load, seed or model of a project stands for.
    #[must_use]
    pub fn relation(&self, node: &Node, schema: Option<&str>, alias: Option<&str>) -> Option<RelationName> {
        let place = self.places.get(&node.project)?;
        let schema = schema.unwrap_or(match (node.kind(), node.layer, node.track) {
            (Kind::Load | Kind::Seed, ..) | (_, Some(Layer::Bronze), _) => &place.schemas.bronze,
            (_, Some(Layer::Gold), Some(Track::Financial)) => &place.schemas.financial,
            (_, Some(Layer::Gold), _) => &place.schemas.operational,
            _ => &place.schemas.silver,
        });
        Some(RelationName::new(&place.database, schema, alias.unwrap_or(&node.name)))
    }

    /// A name as written in a project's SQL, in full.
    #[must_use]
    pub fn resolve(&self, name: &RelationName, project: &str, dialect: Dialect) -> RelationName {
        let full = name.resolved(self.database(project), default_schema(dialect));
        // A script that names its project's declared database means the one of the target.
        match self.places.get(project) {
            Some(place)
                if full
                    .database
                    .as_deref()
                    .is_some_and(|d| self.owners.get(d).is_some_and(|o| o.len() == 1 && o[0] == project)) =>
            {
                RelationName { database: Some(place.database.to_lowercase()), ..full }
            }
            _ => full,
        }
    }

    /// Whether a database, by its declared name or that on the target, is a project's.
    #[must_use]
    pub fn is_named(&self, database: &str, project: &str) -> bool {
        self.owners.get(&database.to_lowercase()).is_some_and(|owners| owners.iter().any(|o| o == project))
    }

    /// All of a database, if it is another project's alone.
    #[must_use]
    pub fn foreign_database(&self, name: &str, project: &str) -> Option<RelationName> {
        let lower = name.to_lowercase();
        let owners = self.owners.get(&lower)?;
        let shares = self
            .places
            .get(project)
            .is_some_and(|p| p.owns.iter().any(|o| o.database.as_deref().is_some_and(|d| glob(d, &lower))));
        let foreign = !shares && !owners.is_empty() && owners.iter().all(|o| o != project);
        foreign.then(|| RelationName {
            server: None,
            database: Some(lower),
            schema: Some("*".to_owned()),
            name: "*".to_owned(),
        })
    }

    /// Which project owns a relation, given in full: the one that declares its schema, else the one
    /// whose `owns:` covers it, else the one that has the database for itself.
    #[must_use]
    pub fn owner(&self, relation: &RelationName) -> Owner<'_> {
        let Some(database) = relation.database.as_deref() else { return Owner::Nobody };
        let schema = relation.schema.as_deref().unwrap_or_default();
        let owners = self.owners.get(database).map_or(&[][..], Vec::as_slice);
        if let [only] = owners
            && !self.is_shared
        {
            return Owner::Project(only);
        }
        let declares = |project: &&String| self.schemas(project).is_some_and(|s| declares(s, schema));
        if let Some(project) = owners.iter().find(declares) {
            return Owner::Project(project);
        }
        if let Some(project) = self.covering(database, schema) {
            return Owner::Project(project);
        }
        match owners {
            [only] => Owner::Project(only),
            _ => Owner::Nobody,
        }
    }

    /// The project whose patterns cover a schema; the first by name, should there be several.
    fn covering(&self, database: &str, schema: &str) -> Option<&str> {
        let bare = schema.strip_prefix(self.prefix.as_str()).unwrap_or(schema);
        // A pattern names databases as they are declared; a target may call them otherwise.
        let declared = self.owners.get(database).into_iter().flatten();
        let declared = declared.filter_map(|o| self.places.get(o)).map(|p| p.declared.as_str());
        let databases: Vec<&str> = declared.chain([database]).collect();
        let covers = |place: &Place| {
            place.owns.iter().any(|o| {
                databases
                    .iter()
                    .any(|d| o.covers(&place.declared, d, schema) || o.covers(&place.declared, d, bare))
            })
        };
        let covering = self.places.iter().filter(|(_, place)| covers(place));
        covering.map(|(project, _)| project.as_str()).min()
    }

    /// Whether a database is divided among several projects by their schemas.
    #[must_use]
    pub fn is_divided(&self, database: &str) -> bool {
        self.owners.get(database).is_some_and(|owners| owners.len() > 1)
    }
}

/// The database of a project on a target.
fn database(project: &Project, target: &Target) -> String {
    target.databases.get(&project.name).unwrap_or(&project.database).clone()
}

fn declares(schemas: &Schemas, schema: &str) -> bool {
    [&schemas.bronze, &schemas.silver, &schemas.operational, &schemas.financial]
        .into_iter()
        .any(|s| s.eq_ignore_ascii_case(schema))
}

/// The schema of a name that has none.
#[must_use]
pub fn default_schema(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::TSql => "dbo",
        Dialect::DuckDb => "main",
        Dialect::Postgres => "public",
    }
}
