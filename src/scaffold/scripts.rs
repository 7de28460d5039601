//! Proposes a platform for a folder of scripts: a project for each database that they name, what each project
//! loads, and where each script goes. Scripts are copied byte for byte.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use camino::{Utf8Path, Utf8PathBuf};

use super::Files;
use super::name::near;
use super::template::{Content, read};
use crate::analysis::default_schema;
use crate::config::scalar;
use crate::sql::{self, Reference, Verb};
use crate::words::{Code, Diagnostic, Dialect, RelationName};

/// Folders that are named after what lies in them, and not after a source.
const PLAIN: [&str; 16] = [
    "tables",
    "views",
    "functions",
    "procedures",
    "stored procedures",
    "storedprocedures",
    "procs",
    "programmability",
    "scripts",
    "sql",
    "ddl",
    "dml",
    "init",
    "setup",
    "src",
    "schema",
];

/// A script, read.
#[derive(Debug)]
struct Script {
    path: Utf8PathBuf,
    bytes: Vec<u8>,
    /// What is read: by the script, or where one of its definitions runs.
    reads: BTreeSet<RelationName>,
    /// What is made, likewise.
    makes: BTreeSet<RelationName>,
    /// Databases that it names in what it makes, each as often as it does.
    named: BTreeMap<String, usize>,
    /// Whether it only creates things.
    is_init: bool,
}

/// What becomes of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// Where it was, below the folder.
    pub from: Utf8PathBuf,
    /// Where it goes, below the project.
    pub to: Utf8PathBuf,
}

/// A project that is proposed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proposed {
    /// Its name.
    pub name: String,
    /// Its database.
    pub database: String,
    /// Its scripts.
    pub scripts: Vec<Placed>,
    /// What it reads of its own database that no script makes.
    pub loads: BTreeSet<RelationName>,
    /// What others read of it.
    pub public: BTreeSet<RelationName>,
    /// What it reads of other databases.
    pub crossings: BTreeSet<RelationName>,
}

/// A platform that is proposed.
#[derive(Debug)]
pub struct Proposal {
    /// Its projects, by database.
    pub projects: Vec<Proposed>,
    /// How many files are no SQL, and stay where they are.
    pub passed_over: usize,
    dialect: Dialect,
    contents: BTreeMap<Utf8PathBuf, Vec<u8>>,
}

impl Proposal {
    /// Reads the scripts of a folder. What names no database belongs to that of its folder, where folders are named
    /// after sources, else to the one that is named most, else to `usual`.
    ///
    /// # Errors
    /// Files that can't be read, and a folder without scripts.
    pub fn read(folder: &Utf8Path, dialect: Dialect, usual: &str) -> Result<Self, Vec<Diagnostic>> {
        let absent = |why: &str| {
            let what = Diagnostic::new(
                Code::UnreadableFile,
                format!("there is nothing to take from `{folder}`: {why}"),
            );
            vec![what.help("name a folder with .sql files")]
        };
        if !folder.is_dir() {
            return Err(absent("it is no folder"));
        }
        let all = read(Utf8Path::new(""), folder)?;
        let count = all.len();
        let is_sql = |path: &Utf8Path| path.extension().is_some_and(|e| e.eq_ignore_ascii_case("sql"));
        let files: Vec<_> = all.into_iter().filter(|(path, _)| is_sql(path)).collect();
        if files.is_empty() {
            return Err(absent("it holds no .sql file"));
        }
        let passed_over = count - files.len();
        let scripts: Vec<Script> =
            files.into_iter().map(|(path, content)| script(path, content, dialect)).collect();
        let mut proposal = Self { projects: Vec::new(), passed_over, dialect, contents: BTreeMap::new() };
        proposal.divide(scripts, usual);
        Ok(proposal)
    }

    /// Gives each script its project, then each project what it needs.
    fn divide(&mut self, scripts: Vec<Script>, usual: &str) {
        let homes = homes(&scripts, usual);
        let schema = default_schema(self.dialect);
        let mut made: BTreeSet<RelationName> = BTreeSet::new();
        for (script, home) in scripts.iter().zip(&homes) {
            // What a script makes in another database is made by none of that one's own.
            let own = script.makes.iter().map(|name| name.resolved(home, schema));
            made.extend(own.filter(|name| name.database.as_deref() == Some(home)));
        }
        let mut projects: BTreeMap<String, Proposed> = BTreeMap::new();
        let mut taken: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (script, home) in scripts.into_iter().zip(&homes) {
            let project = projects.entry(home.clone()).or_default();
            let to = place(&script, taken.entry(home.clone()).or_default());
            for name in script.reads.iter().map(|name| name.resolved(home, schema)) {
                let is_own = name.database.as_deref() == Some(home);
                if !is_own {
                    project.crossings.insert(name);
                } else if !made.contains(&name) {
                    project.loads.insert(name);
                }
            }
            project.scripts.push(Placed { from: script.path.clone(), to });
            self.contents.insert(script.path, script.bytes);
        }
        let crossings: BTreeSet<RelationName> = projects.values().flat_map(|p| p.crossings.clone()).collect();
        for name in crossings {
            let owner = projects.entry(name.database.clone().unwrap_or_default()).or_default();
            owner.public.insert(name.clone());
            if !made.contains(&name) {
                owner.loads.insert(name);
            }
        }
        let mut names = BTreeSet::new();
        for (database, project) in &mut projects {
            project.database.clone_from(database);
            project.name = free(&project_name(database), &mut names);
        }
        self.projects = projects.into_values().collect();
    }

    /// The files of the projects, below `projects/`, with these owner and times of daily runs.
    #[must_use]
    pub fn files(&self, owner: &str, daily: impl Fn(usize) -> String) -> Files {
        let mut files = Files::new();
        for (nth, project) in self.projects.iter().enumerate() {
            let folder = Utf8PathBuf::from(&project.name);
            let mut settings = format!(
                "name: {}\nowner: {}\ndatabase: {}\ndialect: {}\nschedule: {{ daily: {} }}\n",
                scalar(&project.name),
                scalar(owner),
                scalar(&project.database),
                self.dialect.word(),
                scalar(&daily(nth)),
            );
            if !project.public.is_empty() {
                settings.push_str("# What other projects read.\npublic:\n");
                for name in &project.public {
                    let _ = writeln!(settings, "  - {}", scalar(&plain(name)));
                }
            }
            files.insert(folder.join("project.yml"), settings.into_bytes());
            if !project.loads.is_empty() {
                files.insert(folder.join("bronze/tables.yml"), loads(project).into_bytes());
            }
            for placed in &project.scripts {
                let bytes = self.contents.get(&placed.from).cloned().unwrap_or_default();
                files.insert(folder.join(&placed.to), bytes);
            }
        }
        files
    }

    /// The proposal for people to look over.
    #[must_use]
    pub fn page(&self) -> String {
        let mut page = String::from(
            "# What was proposed\n\nA project for each database that the scripts name; scripts are copied as they were. Go through this list, then remove it.\n",
        );
        for project in &self.projects {
            let _ = writeln!(page, "\n## {}, database `{}`", project.name, project.database);
            if !project.scripts.is_empty() {
                page.push_str("\n| script | goes to |\n|---|---|\n");
                for placed in &project.scripts {
                    let _ = writeln!(page, "| `{}` | `{}` |", placed.from, placed.to);
                }
            }
            for (what, names) in [
                (
                    "No script makes these, so another tool is taken to load them; say in bronze/tables.yml where they come from",
                    &project.loads,
                ),
                (
                    "It reads these of other databases, which wants an import each (`goldsmith lint --select NAME` shows it, ready to paste)",
                    &project.crossings,
                ),
            ] {
                if !names.is_empty() {
                    let _ = writeln!(page, "\n{what}:\n");
                    for name in names {
                        let _ = writeln!(page, "- `{name}`");
                    }
                }
            }
        }
        page
    }
}

/// What a file touches.
fn script(path: Utf8PathBuf, content: Content, dialect: Dialect) -> Script {
    let bytes = content.into_bytes();
    let (text, _) = sql::decode_owned(bytes.clone());
    let read = sql::read(&text, dialect);
    let whole = |reference: &Reference| known(&reference.name, reference.current_database.as_deref());
    let mut reads: BTreeSet<RelationName> = read.reads().filter_map(whole).collect();
    let mut makes: BTreeSet<RelationName> = read.writes().filter_map(whole).collect();
    for definition in read.defines() {
        makes.extend(known(&definition.name, definition.current_database.as_deref()));
        makes.extend(definition.touches.writes.iter().filter_map(whole));
        reads.extend(definition.touches.reads.iter().filter_map(whole));
    }
    let mut named = BTreeMap::new();
    for database in makes.iter().filter_map(|name| name.database.clone()) {
        *named.entry(database).or_insert(0) += 1;
    }
    let creates = |r: &Reference| matches!(r.verb, Verb::Create | Verb::Alter | Verb::Other);
    let is_init = read.writes().all(creates)
        && read.executes().next().is_none()
        && (read.defines().next().is_some() || read.writes().next().is_some());
    Script { path, bytes, reads, makes, named, is_init }
}

/// A name with its database; `None` where a variable of sqlcmd's, which somebody else sets, stands in it.
fn known(name: &RelationName, current_database: Option<&str>) -> Option<RelationName> {
    let mut name = name.clone();
    if name.database.is_none() {
        name.database = current_database.map(ToOwned::to_owned);
    }
    let parts = [name.database.as_deref(), name.schema.as_deref(), Some(name.name.as_str())];
    let is_known = !parts.into_iter().flatten().any(|part| part.contains("$("));
    is_known.then_some(name)
}

/// The database of each script.
fn homes(scripts: &[Script], usual: &str) -> Vec<String> {
    let most = |named: &BTreeMap<String, usize>| {
        named
            .iter()
            .max_by_key(|(name, count)| (**count, std::cmp::Reverse((*name).clone())))
            .map(|(name, _)| name.clone())
    };
    let mut all: BTreeMap<String, usize> = BTreeMap::new();
    for (name, count) in scripts.iter().flat_map(|s| &s.named) {
        *all.entry(name.clone()).or_insert(0) += count;
    }
    let top = |script: &Script| {
        let mut parts = script.path.components();
        let first = parts.next()?.as_str().to_lowercase();
        parts.next()?;
        (!PLAIN.contains(&first.as_str())).then_some(first)
    };
    let folders: BTreeSet<String> = scripts.iter().filter_map(top).collect();
    let of_folder = |script: &Script| {
        let folder = top(script).filter(|_| folders.len() > 1)?;
        // The database that the folder's other scripts name, where they do.
        let mut named: BTreeMap<String, usize> = BTreeMap::new();
        for other in scripts.iter().filter(|other| top(other).as_ref() == Some(&folder)) {
            for (name, count) in &other.named {
                *named.entry(name.clone()).or_insert(0) += count;
            }
        }
        most(&named).or_else(|| Some(near(&folder)).filter(|name| !name.is_empty()))
    };
    // A folder that is named after a database, as those of database projects are, says it best.
    let known: BTreeSet<&String> = scripts
        .iter()
        .flat_map(|s| s.reads.iter().chain(&s.makes))
        .filter_map(|name| name.database.as_ref())
        .collect();
    let of_name = |script: &Script| {
        let mut above = script.path.ancestors().skip(1).filter_map(Utf8Path::file_name);
        above.find_map(|folder| known.get(&folder.to_lowercase()).map(|name| (*name).clone()))
    };
    scripts
        .iter()
        .map(|script| {
            most(&script.named)
                .or_else(|| of_name(script))
                .or_else(|| of_folder(script))
                .or_else(|| most(&all))
                .unwrap_or_else(|| usual.to_owned())
        })
        .collect()
}

/// Where a script goes: a node's name is its file's, and unique in its project.
fn place(script: &Script, taken: &mut BTreeSet<String>) -> Utf8PathBuf {
    let folder = if script.is_init { "init" } else { "gold/financial" };
    let stem = script.path.file_stem().unwrap_or("script");
    let above = script.path.parent().unwrap_or(Utf8Path::new(""));
    let mut name = stem.to_owned();
    if taken.contains(&name.to_lowercase()) {
        let parts: Vec<&str> = above.components().map(|c| c.as_str()).chain([stem]).collect();
        name = parts.join("__");
    }
    let name = free(&name, taken);
    Utf8Path::new(folder).join(above).join(format!("{name}.sql"))
}

/// A name that is not taken yet, whatever its case; now it is.
fn free(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut free = name.to_owned();
    let mut nth = 2;
    while !taken.insert(free.to_lowercase()) {
        free = format!("{name}_{nth}");
        nth += 1;
    }
    free
}

/// The name of a database's project: `SalesDWH` is `sales`.
fn project_name(database: &str) -> String {
    let near = near(database);
    let short = ["_dwh", "_dw", "_db", "dwh", "dw"].iter().find_map(|end| near.strip_suffix(end));
    let name = short.filter(|short| short.len() > 1).unwrap_or(&near).trim_end_matches('_').to_owned();
    if super::check_name(&name, "project").is_ok() { name } else { "source".to_owned() }
}

/// `schema.name`
fn plain(name: &RelationName) -> String {
    format!("{}.{}", name.schema.as_deref().unwrap_or_default(), name.name)
}

/// The tables that another tool loads.
fn loads(project: &Proposed) -> String {
    let stems = project.scripts.iter().filter_map(|s| s.to.file_stem()).map(str::to_lowercase);
    let mut taken: BTreeSet<String> = stems.collect();
    let mut text = String::from(
        "# Tables that the scripts read and none of them makes. Say where they come from, or leave them to the tool that fills them.\nversion: 2\n\nloads:\n",
    );
    for name in &project.loads {
        let schema = name.schema.as_deref().unwrap_or_default();
        let free = if taken.contains(&name.name.to_lowercase()) {
            free(&format!("{schema}_{}", name.name), &mut taken)
        } else {
            free(&name.name, &mut taken)
        };
        let alias =
            if free == name.name { String::new() } else { format!(", alias: {}", scalar(&name.name)) };
        let _ = writeln!(
            text,
            "  - name: {}\n    from: external\n    config: {{ schema: {}{alias} }}",
            scalar(&free),
            scalar(schema)
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::project_name;

    #[test]
    fn databases_give_names() {
        for (database, name) in [
            ("salesdwh", "sales"),
            ("sfdc_dwh", "sfdc"),
            ("order lines", "order_lines"),
            ("dw", "dw"),
            ("crmdw", "crm"),
            ("con", "source"),
            ("***", "source"),
        ] {
            assert_eq!(project_name(database), name);
        }
    }
}
