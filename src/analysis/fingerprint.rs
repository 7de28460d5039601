//! What a node is made of, as checksums: to tell whether it has changed since another state of the
//! platform was kept. They depend on the files alone, not on target, date or environment, so that a
//! laptop and a CI job agree. Tags, descriptions and the like change nothing that is built.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{Analysis, AnalyzedNode};
use crate::load;
use crate::nouns::{Body, Node};

/// What of YAML is for people and for selection.
const SAID: [&str; 7] = ["name", "description", "tags", "meta", "docs", "data_tests", "tests"];

/// Checksums of a node, one for each thing that can change about it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Its own text: template, script, data of a seed, entry of a load, use of a generic test.
    pub body: String,
    /// Its configuration in YAML, with the project's defaults.
    pub configs: String,
    /// The full name of what it makes, as the project declares it.
    pub relation: String,
    /// The macros that it calls, directly or not.
    pub macros: String,
    /// The project's variables that it or these use.
    pub vars: String,
}

impl Fingerprint {
    /// All of several in one short word.
    #[must_use]
    pub fn whole<'a>(several: impl IntoIterator<Item = &'a Self>) -> String {
        let all = several.into_iter().flat_map(|f| [&f.body, &f.configs, &f.relation, &f.macros, &f.vars]);
        digest(all).chars().take(16).collect()
    }
}

impl Analysis {
    /// What a node is made of. Reads the data of a seed.
    #[must_use]
    pub fn fingerprint(&self, node: &AnalyzedNode) -> Fingerprint {
        let texts = texts(&node.node);
        let used = self.templates.get(&node.node.project).map(|t| t.used(texts.iter().map(String::as_str)));
        let used = used.unwrap_or_default();
        Fingerprint {
            body: self.body(&node.node),
            configs: self.configs(&node.node),
            relation: self.relation(node),
            macros: pairs(&used.macros),
            vars: pairs(&used.variables),
        }
    }

    fn body(&self, node: &Node) -> String {
        match &node.body {
            Body::Seed => load::checksum(&self.platform.root.join(node.file.path())).unwrap_or_default(),
            Body::Script { variants, .. } => {
                let mut files: Vec<_> = variants.iter().map(|(_, file)| file).chain([&node.file]).collect();
                files.sort_by(|a, b| a.path().cmp(b.path()));
                files.dedup_by(|a, b| a.path() == b.path());
                digest(files.iter().flat_map(|f| [f.path().as_str(), f.text()]))
            }
            Body::Load(_) => {
                let mut entry = node.declared.clone();
                entry.retain(|key, _| !SAID.contains(&key.as_str()) && key != "columns" && key != "config");
                digest([sorted(Value::Object(entry)).to_string().as_str()])
            }
            Body::Test(spec) => match &spec.generic {
                Some(test) => {
                    let arguments = sorted(Value::Object(test.arguments.clone()));
                    let use_ = json!([test.test, test.on, test.column, arguments, spec.filter]);
                    digest([use_.to_string().as_str()])
                }
                None => digest([node.file.text()]),
            },
            Body::Model | Body::Definition(_) => digest([node.file.text()]),
        }
    }

    /// The database by the name that the project declares: a target may have another.
    fn relation(&self, node: &AnalyzedNode) -> String {
        let Some(relation) = &node.relation else { return String::new() };
        let project = self.platform.projects.iter().find(|p| p.name == node.node.project);
        let own = self.placement.database(&node.node.project);
        let database = relation.database.as_deref().unwrap_or_default();
        let declared =
            project.map(|p| p.database.to_lowercase()).filter(|_| database.eq_ignore_ascii_case(own));
        let database = declared.as_deref().unwrap_or(database);
        digest([database, relation.schema.as_deref().unwrap_or_default(), &relation.name])
    }

    /// Configuration; the dialect that the project declares; columns' types where they decide what
    /// is built.
    fn configs(&self, node: &Node) -> String {
        let mut config: Map<String, Value> = node.config.clone();
        config.retain(|key, _| !SAID.contains(&key.as_str()));
        let project = self.platform.projects.iter().find(|p| p.name == node.project);
        let dialect = project.and_then(|p| p.dialect).map(|d| d.to_string());
        let types: Vec<Value> = match &node.body {
            Body::Load(_) | Body::Seed => node.columns.iter().map(|c| json!([c.name, c.data_type])).collect(),
            _ => Vec::new(),
        };
        let severity = match &node.body {
            Body::Test(spec) => format!("{:?}", spec.severity),
            _ => String::new(),
        };
        digest([sorted(Value::Object(config)).to_string(), json!([dialect, types]).to_string(), severity])
    }
}

/// The texts of a node in which macros and variables may be named.
fn texts(node: &Node) -> Vec<String> {
    let mut texts = Vec::new();
    match &node.body {
        Body::Model => texts.push(node.file.text().to_owned()),
        Body::Test(spec) => match &spec.generic {
            Some(test) => {
                texts.push(format!("{{{{ test_{}() }}}}", test.test));
                strings(&Value::Object(test.arguments.clone()), &mut texts);
                texts.extend(spec.filter.clone());
            }
            None => texts.push(node.file.text().to_owned()),
        },
        Body::Load(_) => strings(&Value::Object(node.declared.clone()), &mut texts),
        Body::Seed | Body::Script { .. } | Body::Definition(_) => {}
    }
    strings(&Value::Object(node.config.clone()), &mut texts);
    texts
}

fn strings(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) if text.contains('{') => texts.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|v| strings(v, texts)),
        Value::Object(map) => map.values().for_each(|v| strings(v, texts)),
        _ => {}
    }
}

fn pairs(pairs: &BTreeMap<String, String>) -> String {
    digest(pairs.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]))
}

/// JSON whose keys are in order: where a key stands in YAML means nothing.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let ordered: BTreeMap<String, Value> = map.into_iter().map(|(k, v)| (k, sorted(v))).collect();
            json!(ordered)
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}

/// The SHA-256 of parts, whatever their line ends; nothing at all gives an empty word.
fn digest<T: AsRef<str>>(parts: impl IntoIterator<Item = T>) -> String {
    let mut hash = Sha256::new();
    let mut empty = true;
    for part in parts {
        let part = part.as_ref();
        empty &= part.is_empty();
        for line in part.split('\r') {
            hash.update(line);
        }
        hash.update([0]);
    }
    if empty { String::new() } else { format!("{:x}", hash.finalize()) }
}
