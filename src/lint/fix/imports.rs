//! The imports that a project lacks: what they are called and which file of `bronze/` they go to.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use crate::analysis::{Touch, Via};
use crate::config;
use crate::graph::{Graph, Index};
use crate::nouns::{Project, node_id};
use crate::words::{Edit, Encoding, RelationName, SourceFile, Span};

/// A relation of another project as a project may import it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wish {
    /// The project that reads it.
    pub project: String,
    /// The project that owns it.
    pub owner: String,
    /// The relation on the target.
    pub relation: RelationName,
    /// `schema`, without the target's prefix.
    pub schema: String,
}

/// A load that imports a relation, there already or about to be.
#[derive(Debug, Clone)]
pub struct Import {
    /// The project that it is in.
    pub project: String,
    /// The load's name.
    pub name: String,
    /// Its table on the target.
    pub table: RelationName,
    /// What it imports, as `owner: schema.name`.
    pub origin: String,
    /// The file that it is written to; `None` when it is there already.
    pub file: Option<Utf8PathBuf>,
}

/// A project, and database and name of a relation of another one.
type Key<'a> = (&'a str, Option<&'a str>, &'a str);

/// The imports that are there already.
pub(crate) struct Known<'a> {
    graph: &'a Graph,
    /// By the project that has them, and database and name of what they import.
    loads: HashMap<Key<'a>, Vec<(Index, &'a Touch)>>,
}

impl<'a> Known<'a> {
    /// Collects them.
    pub(crate) fn new(graph: &'a Graph) -> Self {
        let mut loads: HashMap<_, Vec<_>> = HashMap::new();
        for (index, touch) in graph.touches().filter(|(_, t)| t.via == Via::Import) {
            let relation = &touch.relation;
            let project = graph.node(index).node.project.as_str();
            let key = (project, relation.database.as_deref(), relation.name.as_str());
            loads.entry(key).or_default().push((index, touch));
        }
        Self { graph, loads }
    }

    /// The import that fulfils a wish. Its relation is declared without the target's prefix.
    pub(crate) fn find(&self, wish: &Wish) -> Option<Import> {
        let relation = &wish.relation;
        let key = (wish.project.as_str(), relation.database.as_deref(), relation.name.as_str());
        let schemas = [Some(wish.schema.as_str()), relation.schema.as_deref()];
        let mut loads = self.loads.get(&key)?.iter();
        let (load, _) = loads.find(|(_, touch)| schemas.contains(&touch.relation.schema.as_deref()))?;
        let load = self.graph.node(*load);
        Some(Import {
            project: wish.project.clone(),
            name: load.node.name.clone(),
            table: load.relation.clone()?,
            origin: origin(wish),
            file: None,
        })
    }

    /// The import that fulfils a wish, there already or as it would be written: then with the
    /// YAML that makes it.
    pub(crate) fn proposal(&self, wish: &Wish) -> Option<(Import, String)> {
        let imports = Imports::plan(self, BTreeSet::from([wish.clone()]));
        let import = imports.of(wish)?;
        let yaml = config::new_loads(&[lines(wish, &import.name)], "\n");
        Some((import, yaml))
    }
}

/// All imports that are there or about to be.
pub(super) struct Imports<'a> {
    known: &'a Known<'a>,
    planned: BTreeMap<Wish, Import>,
    taken: HashSet<String>,
    edits: Vec<Edit>,
}

impl<'a> Imports<'a> {
    /// Plans the imports that these wishes lack.
    pub(super) fn plan(known: &'a Known<'a>, wishes: BTreeSet<Wish>) -> Self {
        let mut imports = Self { known, planned: BTreeMap::new(), taken: HashSet::new(), edits: Vec::new() };
        let mut lacking: BTreeMap<(String, String), Vec<Wish>> = BTreeMap::new();
        for wish in wishes {
            if known.find(&wish).is_none() {
                lacking.entry((wish.project.clone(), wish.owner.clone())).or_default().push(wish);
            }
        }
        for wishes in lacking.into_values() {
            imports.add(wishes);
        }
        imports
    }

    /// The import that fulfils a wish.
    pub(super) fn of(&self, wish: &Wish) -> Option<Import> {
        self.planned.get(wish).cloned().or_else(|| self.known.find(wish))
    }

    /// The imports to write, and the edits that write them.
    pub(super) fn finish(self) -> (Vec<Import>, Vec<Edit>) {
        (self.planned.into_values().collect(), self.edits)
    }

    /// Plans what one project lacks of one owner.
    fn add(&mut self, wishes: Vec<Wish>) {
        let Some(first) = wishes.first() else { return };
        let projects = &self.known.graph.analysis().platform.projects;
        let Some(project) = projects.iter().find(|p| p.name == first.project) else { return };
        let named: Vec<(Wish, String, RelationName)> = wishes
            .into_iter()
            .map(|wish| {
                let (name, table) = self.name(&wish);
                (wish, name, table)
            })
            .collect();
        let loads: Vec<Vec<String>> = named.iter().map(|(wish, name, _)| lines(wish, name)).collect();
        let edit = place(project, &named[0].0.owner, &loads, &self.edits);
        let path = edit.file.path().to_owned();
        self.edits.push(edit);
        for (wish, name, table) in named {
            let import = Import {
                project: wish.project.clone(),
                name,
                table,
                origin: origin(&wish),
                file: Some(path.clone()),
            };
            self.planned.insert(wish, import);
        }
    }

    /// A name that no node of the project has, and no table of its bronze schema.
    fn name(&mut self, wish: &Wish) -> (String, RelationName) {
        let plain = word(&format!("{}_{}", wish.owner, wish.relation.name));
        let long = word(&format!("{}_{}_{}", wish.owner, wish.schema, wish.relation.name));
        let numbered = (2..).map(|n| format!("{plain}_{n}"));
        for name in [plain.clone(), long].into_iter().chain(numbered) {
            let id = node_id(&wish.project, &name);
            let table = self.table(&wish.project, &name);
            let clashes = self.known.graph.analysis().names.contains(&id)
                || self.taken.contains(&id)
                || !self.known.graph.writers(&table).is_empty();
            if !clashes {
                self.taken.insert(id);
                return (name, table);
            }
        }
        let table = self.table(&wish.project, &plain);
        (plain, table)
    }

    fn table(&self, project: &str, name: &str) -> RelationName {
        let placement = &self.known.graph.analysis().placement;
        let bronze = placement.schemas(project).map_or("raw", |s| s.bronze.as_str());
        RelationName::new(placement.database(project), bronze, name)
    }
}

fn origin(wish: &Wish) -> String {
    format!("{}: {}.{}", wish.owner, wish.schema, wish.relation.name)
}

/// A name without anything that would need quotes.
fn word(text: &str) -> String {
    text.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '_' }).collect()
}

fn lines(wish: &Wish, name: &str) -> Vec<String> {
    let relation = config::scalar(&format!("{}.{}", wish.schema, wish.relation.name));
    let owner = config::scalar(&wish.owner);
    vec![
        format!("name: {}", config::scalar(name)),
        format!("from: {{ project: {owner}, relation: {relation} }}"),
    ]
}

/// The edit that puts loads into the owner's file in `bronze/`, or into a new one.
fn place(project: &Project, owner: &str, loads: &[Vec<String>], edits: &[Edit]) -> Edit {
    let known = |path: &Utf8Path| {
        let same = |file: &&Arc<SourceFile>| file.path().as_str().eq_ignore_ascii_case(path.as_str());
        project.yaml.iter().find(same)
    };
    let numbered = (2..).map(|n| format!("{owner}_imports_{n}.yml"));
    let first = [format!("{owner}.yml"), format!("{owner}.yaml"), format!("{owner}_imports.yml")];
    let mut free: Option<Utf8PathBuf> = None;
    for name in first.into_iter().chain(numbered) {
        let path = project.bronze.join(&name);
        match known(&path) {
            Some(file) => {
                if let Some((span, text)) = config::add_loads(file, loads) {
                    return Edit::new(file, span, text);
                }
            }
            None if edits.iter().any(|e| e.file.path() == path) => {}
            None => {
                let is_other_form = name == format!("{owner}.yaml");
                if free.is_none() && !is_other_form {
                    free = Some(path);
                }
                if name.contains("_imports") {
                    break;
                }
            }
        }
    }
    let path = free.unwrap_or_else(|| project.bronze.join(format!("{owner}.yml")));
    let file = SourceFile::new(path, "", Encoding::Utf8);
    let text = config::new_loads(loads, config::line_end(&project.file));
    Edit { creates: true, ..Edit::new(&file, Span::default(), text) }
}
