//! Gathers one project: reads its files, makes nodes of them, and joins what the YAML says.

use std::collections::HashMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;
use serde_json::Map;

use super::files::Files;
use super::folder::{self, PROJECT_FILE};
use super::roles::{Role, Roles};
use crate::config::{self, DeclaredTest, Described, List};
use crate::nouns::{Body, Layer, Node, Project, TestSeverity, TestSpec, Track, node_id};
use crate::sql;
use crate::words::{Code, Diagnostic, Dialect, Severity, SourceFile, Span, nearest};

/// Reads the project in `folder`. `None` when its `project.yml` can't be read at all.
pub(super) fn project(files: &Files, folder: &Utf8Path) -> (Option<Project>, Vec<Diagnostic>) {
    let mut out = Vec::new();
    let config = files
        .read(&folder.join(PROJECT_FILE))
        .map_err(|e| out.push(e))
        .ok()
        .and_then(|file| config::project(folder, &file, &mut out));
    let Some(config) = config else { return (None, out) };
    let roles = Roles::new(&config.paths);
    let mut gather = Gather { project: config.project, defaults: config.defaults, nodes: Vec::new(), out };
    gather.project.bronze = Utf8PathBuf::from(format!("{folder}/{}", roles.bronze()));
    let paths = folder::files(files, folder, &mut gather.out);
    let (sql, yaml) = gather.sort(&paths, &roles);
    let read: Vec<_> = sql.par_iter().map(|(path, role)| (role, files.read(path))).collect();
    for (role, file) in read {
        match file {
            Ok(file) => gather.sql_file(&file, *role),
            Err(error) => gather.out.push(error),
        }
    }
    let described: Vec<_> = yaml
        .par_iter()
        .map(|path| {
            let mut out = Vec::new();
            let found = files.read(path).map(|file| (config::properties(&file, &mut out), file));
            (found, out)
        })
        .collect();
    let mut entries = Vec::new();
    for (found, out) in described {
        gather.out.extend(out);
        match found {
            Ok((properties, file)) => {
                gather.project.source_names.extend(properties.source_names);
                gather.project.yaml.push(Arc::clone(&file));
                entries.extend(properties.described.into_iter().map(|d| (d, Arc::clone(&file))));
            }
            Err(error) => gather.out.push(error),
        }
    }
    gather.join(entries);
    gather.finish()
}

struct Gather {
    project: Project,
    defaults: Map<String, serde_json::Value>,
    nodes: Vec<Node>,
    out: Vec<Diagnostic>,
}

type SqlPaths = Vec<(Utf8PathBuf, Role)>;

impl Gather {
    /// Sorts paths into SQL files with their roles and YAML files; makes nodes of seeds at once.
    fn sort(&mut self, paths: &[Utf8PathBuf], roles: &Roles) -> (SqlPaths, Vec<Utf8PathBuf>) {
        let (mut sql, mut yaml) = (Vec::new(), Vec::new());
        for path in paths {
            let below = path.strip_prefix(&self.project.folder).unwrap_or(path);
            let role = roles.of(below);
            let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
            match (ending.as_str(), role) {
                ("csv", Some(Role::Seeds)) => self.seed(path),
                ("sql", Some(Role::Seeds)) => {}
                ("sql", Some(role)) => sql.push((path.clone(), role)),
                ("sql", None) => {
                    let message = format!("`{path}` is in no folder that goldsmith runs, and is passed over");
                    let mut told = Diagnostic::new(Code::UnknownName, message)
                        .help("move it to silver/, gold/operational/, gold/financial/, init/, macros/ or tests/, or name its folder in `paths:` of project.yml");
                    told.severity = Severity::Warning;
                    self.out.push(told);
                }
                ("yml" | "yaml", Some(_)) => yaml.push(path.clone()),
                ("yml" | "yaml", None) if below.components().count() == 1 && below != PROJECT_FILE => {
                    yaml.push(path.clone());
                }
                _ => {}
            }
        }
        (sql, yaml)
    }

    fn seed(&mut self, path: &Utf8Path) {
        let name = path.file_stem().unwrap_or_default();
        let file = SourceFile::new(path, "", crate::words::Encoding::Utf8);
        let node = self.node(name, &file, Body::Seed);
        self.nodes.push(Node { layer: Some(Layer::Bronze), ..node });
    }

    fn sql_file(&mut self, file: &Arc<SourceFile>, role: Role) {
        let stem = file.path().file_stem().unwrap_or_default();
        match role {
            Role::Macros => self.project.macros.push(Arc::clone(file)),
            Role::Tests if is_generic_test(file) => self.project.macros.push(Arc::clone(file)),
            Role::Models(layer, track) => {
                self.tell_empty(file, Severity::Error);
                let node = self.node(stem, file, Body::Model);
                self.nodes.push(Node { layer: Some(layer), track, ..node });
            }
            Role::Scripts | Role::Init => self.script(file, stem, role == Role::Init),
            Role::Tests => {
                self.tell_empty(file, Severity::Error);
                let spec = TestSpec { severity: TestSeverity::Error, filter: None, generic: None };
                let node = self.node(stem, file, Body::Test(Box::new(spec)));
                self.nodes.push(node);
            }
            Role::Seeds => {}
        }
    }

    /// A script, or a sibling of one for another dialect: `name.<dialect>.sql`.
    fn script(&mut self, file: &Arc<SourceFile>, stem: &str, init: bool) {
        let (name, dialect) = match stem.rsplit_once('.') {
            Some((name, word)) => match word.parse::<Dialect>() {
                Ok(dialect) => (name, Some(dialect)),
                Err(_) => (stem, None),
            },
            None => (stem, None),
        };
        self.tell_empty(file, Severity::Warning);
        let folder = file.path().parent();
        let sibling = self.nodes.iter_mut().find(|n| n.name == name && n.file.path().parent() == folder);
        if let Some(Node { body: Body::Script { variants, .. }, file: first, .. }) = sibling {
            match dialect {
                Some(dialect) => variants.push((dialect, Arc::clone(file))),
                None => *first = Arc::clone(file),
            }
            return;
        }
        let variants = dialect.map(|d| (d, Arc::clone(file))).into_iter().collect();
        let node = self.node(name, file, Body::Script { init, variants });
        let (layer, track) = if init { (None, None) } else { (Some(Layer::Gold), Some(Track::Financial)) };
        self.nodes.push(Node { layer, track, ..node });
    }

    fn tell_empty(&mut self, file: &Arc<SourceFile>, severity: Severity) {
        let text = file.text().trim_start();
        let commented = (text.starts_with("--") || text.starts_with("/*"))
            && sql::tokens(text, self.project.dialect.unwrap_or(Dialect::TSql)).is_empty();
        if text.is_empty() || commented {
            let what = if commented { "this file holds comments alone" } else { "this file is empty" };
            let mut told = Diagnostic::new(Code::EmptyFile, what)
                .at(file, Span::default())
                .help("write its SQL, or remove the file");
            told.severity = severity;
            self.out.push(told);
        }
    }

    fn node(&self, name: &str, file: &Arc<SourceFile>, body: Body) -> Node {
        Node {
            id: node_id(&self.project.name, name),
            name: name.to_owned(),
            project: self.project.name.clone(),
            layer: None,
            track: None,
            file: Arc::clone(file),
            span: Span::default(),
            description: String::new(),
            tags: Vec::new(),
            meta: Map::new(),
            config: if matches!(body, Body::Model) { self.defaults.clone() } else { Map::new() },
            columns: Vec::new(),
            declared: Map::new(),
            body,
        }
    }

    /// Joins what YAML says of names to the nodes of these names; loads become nodes.
    fn join(&mut self, entries: Vec<(Described, Arc<SourceFile>)>) {
        let (loads, others): (Vec<_>, Vec<_>) = entries.into_iter().partition(|(d, _)| d.load.is_some());
        let (sources, loads): (Vec<_>, Vec<_>) =
            loads.into_iter().partition(|(d, _)| d.list == List::Sources);
        for (described, file) in loads {
            self.load(described, &file);
        }
        let mut index: HashMap<String, usize> = HashMap::new();
        for (i, node) in self.nodes.iter().enumerate() {
            index.entry(node.name.clone()).or_insert(i);
        }
        for (described, file) in sources {
            match index.get(&described.name) {
                Some(i) => self.describe(*i, described, &file),
                None => self.load(described, &file),
            }
        }
        for (described, file) in others {
            if let Some(i) = index.get(&described.name) {
                self.describe(*i, described, &file);
            } else {
                let told = Diagnostic::new(
                    Code::UnknownName,
                    format!("project `{}` has nothing named `{}`", self.project.name, described.name),
                )
                .at(&file, described.span);
                self.out.push(match nearest(&described.name, index.keys().map(String::as_str)) {
                    Some(near) => told.help(format!("did you mean `{near}`?")),
                    None => told.help("names are those of files, without `.sql` or `.csv`, and of loads"),
                });
            }
        }
    }

    fn load(&mut self, mut described: Described, file: &Arc<SourceFile>) {
        let Some(load) = described.load.take() else { return };
        let mut node = self.node(&described.name, file, Body::Load(Box::new(load)));
        node.layer = Some(Layer::Bronze);
        node.span = described.span;
        self.nodes.push(node);
        self.describe(self.nodes.len() - 1, described, file);
    }

    fn describe(&mut self, index: usize, described: Described, file: &Arc<SourceFile>) {
        let node = &mut self.nodes[index];
        node.description = described.description;
        node.tags.extend(described.tags);
        node.meta.extend(described.meta);
        node.config.extend(described.config);
        node.columns.extend(described.columns);
        node.declared.extend(described.declared);
        if let (Body::Test(spec), Some(word)) = (&mut node.body, node.config.get("severity"))
            && word.as_str().is_some_and(|w| w.eq_ignore_ascii_case("warn"))
        {
            spec.severity = TestSeverity::Warn;
        }
        let (layer, track) = (node.layer, node.track);
        for test in described.tests {
            self.test(test, file, layer, track);
        }
    }

    fn test(
        &mut self,
        test: DeclaredTest,
        file: &Arc<SourceFile>,
        layer: Option<Layer>,
        track: Option<Track>,
    ) {
        let span = test.spec.generic.as_ref().map_or_else(Span::default, |g| g.span);
        let node = self.node(&test.name, file, Body::Test(Box::new(test.spec)));
        self.nodes.push(Node { span, tags: test.tags, layer, track, ..node });
    }

    /// Tells of names that stand twice; the first of them stays.
    fn finish(mut self) -> (Option<Project>, Vec<Diagnostic>) {
        let mut seen: HashMap<String, usize> = HashMap::with_capacity(self.nodes.len());
        let mut kept: Vec<Node> = Vec::with_capacity(self.nodes.len());
        for node in self.nodes {
            if let Some(first) = seen.get(&node.name) {
                let first = &kept[*first];
                self.out.push(
                    Diagnostic::new(
                        Code::DuplicateName,
                        format!(
                            "project `{}` has two nodes named `{}`: {} and {}",
                            node.project,
                            node.name,
                            first.kind(),
                            node.kind()
                        ),
                    )
                    .at(&node.file, node.span)
                    .label(&first.file, first.span, "the first one")
                    .node(&node.id)
                    .help("rename one of them: names are unique within a project"),
                );
                continue;
            }
            seen.insert(node.name.clone(), kept.len());
            kept.push(node);
        }
        self.project.nodes = kept;
        (Some(self.project), self.out)
    }
}

/// Whether a file under `tests/` holds generic tests, `{% test name(...) %}`, which are macros.
fn is_generic_test(file: &SourceFile) -> bool {
    file.path().components().any(|c| c.as_str() == "generic")
        || file.text().split("{%").skip(1).any(|tag| {
            let tag = tag.trim_start_matches('-').trim_start();
            tag.strip_prefix("test").is_some_and(|rest| rest.starts_with(char::is_whitespace))
        })
}
