//! Where each project's relations stand on a target, and which project owns a relation.

use std::collections::HashMap;

use crate::nouns::{Kind, Layer, Node, Platform, Project, Schemas, Target, Track};
use crate::words::{Dialect, RelationName};

/// Where one project stands.
#[derive(Debug, Clone)]
struct Place {
    database: String,
    schemas: Schemas,
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
}

impl Placement {
    /// The places of a platform's projects on a target.
    #[must_use]
    pub fn new(platform: &Platform, target: &Target) -> Self {
        let mut placement = Self::default();
        for project in &platform.projects {
            let database = database(project, target);
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
            placement.places.insert(project.name.clone(), Place { database, schemas });
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

    /// Which project owns a relation, given in full. Where several share a database, the one that
    /// declares the schema.
    #[must_use]
    pub fn owner(&self, relation: &RelationName) -> Owner<'_> {
        let Some(owners) = relation.database.as_deref().and_then(|d| self.owners.get(d)) else {
            return Owner::Nobody;
        };
        if let [only] = owners.as_slice() {
            return Owner::Project(only);
        }
        let schema = relation.schema.as_deref().unwrap_or_default();
        owners
            .iter()
            .find(|project| self.schemas(project).is_some_and(|s| declares(s, schema)))
            .map_or(Owner::Nobody, |project| Owner::Project(project))
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
