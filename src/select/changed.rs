//! Which projects a change of files touches: their own files, shared files that they use, or what they import. Pure.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use crate::graph::{Graph, Index};
use crate::nouns::{Body, Node, Origin, Platform, Project};
use crate::words::glob;

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Happened {
    /// It is new.
    Added,
    /// It says something else.
    Changed,
    /// It is gone.
    Deleted,
}

impl Happened {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Deleted => "deleted",
        }
    }
}

/// Files that changed, by their path from the platform's folder.
pub type Files = BTreeMap<Utf8PathBuf, Happened>;

/// Why a project is touched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// There is no earlier platform to compare with.
    NothingBefore,
    /// A file of its own.
    File(Utf8PathBuf, Happened),
    /// A file outside of it that it uses.
    Shared(Utf8PathBuf, Happened),
    /// A node of its own is made of something else, its id.
    Node(String),
    /// What one of its nodes reads from another project has changed: the node's id, and what it reads.
    Import(String, String),
}

impl Why {
    /// Whether another project's change is the cause.
    #[must_use]
    pub fn is_import(&self) -> bool {
        matches!(self, Self::Import(..))
    }
}

/// What a change touches.
#[derive(Debug, Default)]
pub struct Changed {
    /// Projects that are there, by name, with every reason.
    pub projects: BTreeMap<String, BTreeSet<Why>>,
    /// Projects that are there no more.
    pub gone: BTreeSet<String>,
    /// Files that belong to no project and that none is known to use.
    pub outside: Files,
}

/// What the change of `files` from the platform `before` to `now` touches. Without a platform before,
/// everything.
#[must_use]
pub fn changed(now: &Graph, before: Option<&Graph>, files: &Files) -> Changed {
    let mut found = Changed::default();
    let platform = &now.analysis().platform;
    let mut seeds = Seeds::default();
    for (path, happened) in files {
        let owner = project_of(platform, path)
            .or_else(|| before.and_then(|b| project_of(&b.analysis().platform, path)));
        if let Some(project) = owner {
            found.add(&project.name, Why::File(path.clone(), *happened));
            seeds.file(now, project, path);
            continue;
        }
        let users = users(now, before, path);
        if users.is_empty() {
            found.outside.insert(path.clone(), *happened);
        }
        for user in users {
            found.add(&user, Why::Shared(path.clone(), *happened));
            seeds.wholly.insert(user);
        }
    }
    let Some(before) = before else {
        for project in &platform.projects {
            found.add(&project.name, Why::NothingBefore);
        }
        return found;
    };
    for id in modified(now, before).into_iter().chain(modified(before, now)) {
        let project = id.split('.').next().unwrap_or_default().to_owned();
        found.add(&project, Why::Node(id.clone()));
        seeds.nodes.insert(id);
    }
    for graph in [before, now] {
        spread(graph, &seeds, &mut found);
    }
    let names: BTreeSet<&str> = platform.projects.iter().map(|p| p.name.as_str()).collect();
    let earlier = before.analysis().platform.projects.iter().map(|p| &p.name);
    found.gone = earlier.filter(|name| !names.contains(name.as_str())).cloned().collect();
    found.projects.retain(|name, _| names.contains(name.as_str()));
    found
}

impl Changed {
    fn add(&mut self, project: &str, why: Why) {
        self.projects.entry(project.to_owned()).or_default().insert(why);
    }
}

/// From where a change spreads to other projects.
#[derive(Default)]
struct Seeds {
    nodes: BTreeSet<String>,
    /// Projects of which any node may be made of something else.
    wholly: BTreeSet<String>,
}

impl Seeds {
    /// A file of a project. Checksums tell what templates, scripts, seeds and YAML change; data changes
    /// what is loaded from it; of any other file nothing is known, so it may change everything.
    fn file(&mut self, graph: &Graph, project: &Project, path: &Utf8Path) {
        let own = || graph.indices().map(|i| &graph.node(i).node).filter(|n| n.project == project.name);
        let is_read = path != project.file.path()
            && (["sql", "yml", "yaml", "md"].contains(&path.extension().unwrap_or_default())
                || own().any(|n| n.file.path() == path));
        if is_read {
            return;
        }
        let loaded: Vec<&Node> = own().filter(|n| uses(project, n, path)).collect();
        if loaded.is_empty() {
            self.wholly.insert(project.name.clone());
        }
        self.nodes.extend(loaded.into_iter().map(|n| n.id.clone()));
    }

    fn hold(&self, node: &Node) -> bool {
        self.nodes.contains(&node.id) || self.wholly.contains(&node.project)
    }
}

/// The nodes of one platform that the other has not, or has otherwise.
fn modified(graph: &Graph, other: &Graph) -> Vec<String> {
    let analysis = graph.analysis();
    let differs = |index: &Index| {
        let node = graph.node(*index);
        // A definition is as its scripts are.
        node.node.body.definition().is_none()
            && other.find(&node.node.id).is_none_or(|there| {
                analysis.fingerprint(node) != other.analysis().fingerprint(other.node(there))
            })
    };
    graph.indices().filter(differs).map(|i| graph.node(i).node.id.clone()).collect()
}

/// Follows the edges from one project into others.
fn spread(graph: &Graph, seeds: &Seeds, found: &mut Changed) {
    let starts: Vec<Index> = graph.indices().filter(|i| seeds.hold(&graph.node(*i).node)).collect();
    let mut reached: HashSet<Index> = starts.iter().copied().collect();
    let mut open = starts;
    while let Some(index) = open.pop() {
        let fresh: Vec<Index> = importers(graph, index).filter(|i| reached.insert(*i)).collect();
        open.extend(fresh);
    }
    for index in &reached {
        let node = &graph.node(*index).node;
        for child in importers(graph, *index) {
            let reader = &graph.node(child).node;
            if reader.project != node.project {
                found.add(&reader.project, Why::Import(reader.id.clone(), node.id.clone()));
            }
        }
    }
}

/// What depends on a node, and imports from its project whose maker is not seen, as dynamic SQL hides it.
fn importers(graph: &Graph, index: Index) -> impl Iterator<Item = Index> + '_ {
    let unseen = move |i: &Index| match &graph.node(*i).node.body {
        Body::Load(load) => match &load.origin {
            Origin::Import { project, .. } => {
                let node = &graph.node(index).node;
                *project == node.project
                    && node.body.definition().is_none()
                    && !graph.parents(*i).any(|p| graph.node(p).node.project == *project)
            }
            _ => false,
        },
        _ => false,
    };
    graph.children(index).chain(graph.indices().filter(unseen))
}

fn project_of<'a>(platform: &'a Platform, path: &Utf8Path) -> Option<&'a Project> {
    platform.projects.iter().find(|p| path.starts_with(&p.folder))
}

/// The projects that use a file outside of all: `goldsmith.yml` and the baseline are everybody's.
fn users(now: &Graph, before: Option<&Graph>, path: &Utf8Path) -> BTreeSet<String> {
    let mut users = BTreeSet::new();
    for graph in [Some(now), before].into_iter().flatten() {
        let platform = &graph.analysis().platform;
        let baseline = platform.lint.baseline.as_ref().map(|(file, _)| plain(Utf8Path::new(file)));
        let is_all = path == platform.file.path() || baseline.is_some_and(|b| b == path);
        for project in &platform.projects {
            let mut own = graph.indices().map(|i| &graph.node(i).node).filter(|n| n.project == project.name);
            if is_all || own.any(|n| uses(project, n, path)) {
                users.insert(project.name.clone());
            }
        }
    }
    users
}

/// Whether a load names a file, or a folder above it.
fn uses(project: &Project, node: &Node, path: &Utf8Path) -> bool {
    let Body::Load(load) = &node.body else { return false };
    let names = |word: &str| {
        let named = plain(&project.folder.join(word.replace('\\', "/")));
        glob(named.as_str(), path.as_str())
            || named != project.folder && named != "" && path.starts_with(&named)
    };
    match &load.origin {
        Origin::File(file) => names(&file.path),
        Origin::Command(command) => command.command.iter().any(|word| names(word)),
        Origin::Import { .. } | Origin::Query { .. } | Origin::External => false,
    }
}

/// A path without `.` and `..`.
fn plain(path: &Utf8Path) -> Utf8PathBuf {
    let mut plain = Utf8PathBuf::new();
    for part in path.components() {
        match part {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}
