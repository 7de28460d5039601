//! The platform in containers: files for those who build and run them, all made of one description, so that they
//! never disagree. One image serves every source; its environment says what it runs.

mod compose;
mod dockerfile;
mod hcl;
mod kubernetes;
mod terraform;

use std::collections::{BTreeMap, BTreeSet};

use super::Slot;
use super::export::File;
use crate::nouns::{Deploy, Engine, Platform, Target};
use crate::render::is_secret;
use crate::words::{Code, Diagnostic, Span, folder_below, sha256};

pub use self::{compose::compose, dockerfile::dockerfile, kubernetes::kubernetes, terraform::terraform};

/// Where the program lies in the image.
const PROGRAM: &str = "/opt/goldsmith/goldsmith";
/// Where the platform lies in the image.
const FOLDER: &str = "/platform";
/// The user of the image, who is not root.
const USER: u32 = 65532;

/// What the files are made of.
#[derive(Debug)]
pub struct Deployment<'a> {
    /// The platform.
    pub platform: &'a Platform,
    /// The target that containers work on.
    pub target: &'a Target,
    /// What runs when.
    pub slots: &'a [Slot<'a>],
    /// The environment that the platform's files ask for, beside goldsmith's own.
    pub variables: BTreeMap<String, Variable>,
    /// The folder of a DuckDB target, below the platform.
    warehouse: Option<String>,
}

/// Where the value of an environment variable comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Variable {
    /// `deploy:` says it.
    Value(String),
    /// Whoever deploys says it.
    Asked,
    /// Only a reference to it stands in the files.
    Secret,
}

impl<'a> Deployment<'a> {
    /// A platform on a target, and what runs when.
    ///
    /// # Errors
    /// A warehouse in a folder that is not below the platform's.
    pub fn new(
        platform: &'a Platform,
        target: &'a Target,
        slots: &'a [Slot<'a>],
    ) -> Result<Self, Box<Diagnostic>> {
        let warehouse = match &target.engine {
            Engine::DuckDb { path, .. } => {
                let folder = folder_below(path).ok_or_else(|| outside(platform, target, path))?;
                Some(folder.as_str().replace('\\', "/"))
            }
            _ => None,
        };
        let deploy = &platform.deploy;
        let mut variables = BTreeMap::new();
        let names = asked(platform)
            .into_iter()
            .chain(deploy.secrets.iter().cloned())
            .chain(deploy.env.keys().cloned());
        for name in names.filter(|name| !name.starts_with("GOLDSMITH_")) {
            let variable = match deploy.env.get(&name) {
                Some(value) => Variable::Value(value.clone()),
                None if is_secret(&name) || deploy.secrets.contains(&name) => Variable::Secret,
                None => Variable::Asked,
            };
            variables.insert(name, variable);
        }
        Ok(Self { platform, target, slots, variables, warehouse })
    }

    fn deploy(&self) -> &Deploy {
        &self.platform.deploy
    }

    /// The image's name.
    fn image(&self) -> String {
        self.deploy().image.clone().unwrap_or_else(|| format!("{}:latest", label(&self.platform.name, 63)))
    }

    /// goldsmith's own environment in a container that carries out a slot.
    fn settings(&self, slot: &Slot<'_>) -> Vec<(&'static str, String)> {
        let (select, exclude) = slot.selection();
        let mut settings = vec![
            ("GOLDSMITH_TARGET", self.target.name.clone()),
            ("GOLDSMITH_PIPELINE", slot.pipeline().word().to_owned()),
            ("GOLDSMITH_SELECT", select),
        ];
        settings.extend(exclude.map(|exclude| ("GOLDSMITH_EXCLUDE", exclude.to_owned())));
        settings.extend([("GOLDSMITH_LOG_FORMAT", "json".to_owned()), ("GOLDSMITH_WAIT", "30m".to_owned())]);
        settings
    }

    /// The folder of a DuckDB target, where it lies in the platform.
    fn warehouse(&self) -> Option<&str> {
        self.warehouse.as_deref()
    }
}

fn outside(platform: &Platform, target: &Target, path: &str) -> Box<Diagnostic> {
    let message = format!(
        "the target `{}` keeps its warehouse in `{path}`, which is no folder below the platform's",
        target.name
    );
    Box::new(Diagnostic::new(Code::InvalidYaml, message).at(&platform.file, Span::default()).help(
        "a container has the platform's folder alone: put it below, or name a server's target with --target",
    ))
}

/// The environment variables that the platform's files ask for.
fn asked(platform: &Platform) -> BTreeSet<String> {
    let projects = platform.projects.iter().flat_map(|project| {
        let own = std::iter::once(&project.file).chain(&project.yaml).chain(&project.macros);
        own.chain(project.nodes.iter().map(|node| &node.file))
    });
    let all = std::iter::once(&platform.file).chain(projects);
    all.flat_map(|file| asked_in(file.text(), matches!(file.path().extension(), Some("yml" | "yaml"))))
        .collect()
}

/// The names in `env_var('NAME', ..)`, without those in comments of YAML. Jinja knows no comments of SQL's.
fn asked_in(text: &str, is_yaml: bool) -> impl Iterator<Item = String> + '_ {
    let lines = text.lines().filter(move |line| !(is_yaml && line.trim_start().starts_with('#')));
    lines.flat_map(|line| line.split("env_var(").skip(1)).filter_map(|rest| {
        let rest = rest.trim_start();
        let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let (name, _) = rest[1..].split_once(quote)?;
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        is_name.then(|| name.to_owned())
    })
}

/// Refuses a target whose warehouse is a folder: a container that is new each time would begin with an empty one.
fn refuse_folder(deployment: &Deployment<'_>, whose: &str) -> Result<(), Box<Diagnostic>> {
    if deployment.warehouse().is_none() {
        return Ok(());
    }
    let (platform, target) = (deployment.platform, &deployment.target.name);
    let message = format!("the target `{target}` is a folder of DuckDB's, which {whose} has no place for");
    Err(Box::new(
        Diagnostic::new(Code::InvalidYaml, message)
            .at(&platform.file, Span::default())
            .help("name a server's target with --target, or deploy with --to compose, which keeps the folder on a volume"),
    ))
}

/// A name of small letters, digits and `-`, at most so long, that begins with a letter; what had to be changed gets
/// a few digits of its hash, so that two names never become one.
fn label(name: &str, longest: usize) -> String {
    let plain: String = name
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' })
        .collect();
    let plain = plain.trim_matches('-');
    let is_same =
        plain == name && plain.len() <= longest && plain.starts_with(|c: char| c.is_ascii_lowercase());
    if is_same {
        return plain.to_owned();
    }
    let hash = &sha256(name.as_bytes())[..6];
    let kept: String = plain.chars().take(longest.saturating_sub(8)).collect();
    let kept = kept.trim_matches('-');
    let begins = if kept.starts_with(|c: char| c.is_ascii_lowercase()) { "" } else { "x" };
    format!("{begins}{kept}-{hash}")
}

/// A text in double quotes, as YAML and JSON have it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// One file.
fn file(name: &str, text: String) -> File {
    File { name: name.to_owned(), text }
}

#[cfg(test)]
mod tests {
    use super::{asked_in, label};

    #[test]
    fn variables_that_are_asked_for_are_found() {
        let text = "a: {{ env_var('A') }} {{ env_var( \"B_2\", 'x') }} env_var(name) env_var('') env_var('a b')\n  # env_var('C')\n";
        assert_eq!(asked_in(text, true).collect::<Vec<_>>(), ["A", "B_2"]);
        assert_eq!(asked_in(text, false).last().as_deref(), Some("C"));
    }

    #[test]
    fn labels_are_plain_and_differ_where_names_do() {
        assert_eq!(label("datev", 50), "datev");
        assert_eq!(label("sf-2", 50), "sf-2");
        let all =
            ["sf_2", "sf.2", "Sf-2", "größe", "grösse", "2x", "", "-", &"a".repeat(80)].map(|n| label(n, 50));
        for (nth, one) in all.iter().enumerate() {
            assert!(one.len() <= 50 && one.starts_with(|c: char| c.is_ascii_lowercase()), "{one}");
            assert!(one.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{one}");
            assert!(!all[..nth].contains(one), "{one}");
        }
    }
}
