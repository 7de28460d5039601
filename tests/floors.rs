//! The floors of the house: a lower one never imports a higher one, and what each is alone to do
//! (the graph library, the database driver, the template engine, printing) nobody else does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Lowest first. Modules of one floor may import each other.
const FLOORS: [(&str, &[&str]); 9] = [
    ("words", &["words"]),
    ("nouns", &["nouns"]),
    ("reading", &["config", "load", "render", "sql", "ddl", "analysis"]),
    ("wire", &["web", "warehouse", "history", "ledger"]),
    ("thinking", &["graph", "lineage", "select", "lint", "plan", "schedule"]),
    ("acting", &["execute", "scaffold"]),
    ("telling", &["report", "lsp"]),
    ("doors", &["commands", "cli"]),
    ("roof", &["lib", "main"]),
];

/// Who may name a library, and nobody else.
const LIBRARIES: [(&str, &str); 14] = [
    ("petgraph", "graph/"),
    ("sqlparser", "lineage/"),
    ("duckdb", "warehouse/duckdb/"),
    ("rustls", "warehouse/postgres/"),
    ("tokio_postgres_rustls", "warehouse/postgres/"),
    ("minijinja", "render/"),
    ("lsp_server", "lsp/"),
    ("lsp_types", "lsp/"),
    ("ureq", "web/"),
    ("diffy", "scaffold/"),
    ("tiberius", "warehouse/sqlserver/"),
    ("tokio", "warehouse/sqlserver/"),
    ("futures_util", "warehouse/sqlserver/"),
    ("tracing", "warehouse/sqlserver/"),
];

/// Who may write to the standard streams.
const PRINTERS: [&str; 4] = ["report/", "commands/", "lib.rs", "main.rs"];

const PRINTS: [&str; 8] =
    ["println!", "print!", "eprintln!", "eprint!", "dbg!", "stdout()", "stderr()", "stdin()"];

#[test]
fn a_lower_floor_never_imports_a_higher_one() {
    let mut wrong = Vec::new();
    for source in sources() {
        let own = floor(&source.module).unwrap_or_else(|| panic!("{} stands on no floor", source.path));
        for used in source.modules_used() {
            match floor(&used) {
                Some(other) if other > own => wrong.push(format!(
                    "{} ({}) imports crate::{used} ({})",
                    source.path, FLOORS[own].0, FLOORS[other].0
                )),
                // Macros and re-exports at the crate's root have no module of their own.
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_stands_on_a_floor_and_every_floor_is_built() {
    let built: BTreeSet<String> = sources().into_iter().map(|s| s.module).collect();
    let planned: BTreeSet<String> =
        FLOORS.iter().flat_map(|(_, modules)| modules.iter().map(ToString::to_string)).collect();
    assert_eq!(built, planned);
}

#[test]
fn each_library_has_one_room() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (library, room) in LIBRARIES {
            if !source.path.starts_with(room) && source.names_crate(library) {
                wrong.push(format!("{} names {library}, which belongs to {room}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_rooms_use_their_libraries() {
    for (library, room) in LIBRARIES {
        let used = sources().iter().any(|s| s.path.starts_with(room) && s.names_crate(library));
        assert!(used, "{room} does not use {library}: the test above proves nothing");
    }
}

#[test]
fn only_the_telling_floors_print() {
    let mut wrong = Vec::new();
    for source in sources() {
        if PRINTERS.iter().any(|p| source.path.starts_with(p)) {
            continue;
        }
        for word in PRINTS {
            if find_word(&source.text, word).next().is_some() {
                wrong.push(format!("{} holds {word}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reader_sees_what_it_should() {
    let text = "use crate::{a, b::{c, d}, e as f};\nlet x = crate::g::h();\n// crate::i\n\
                let t = \"crate::j\";\n#[cfg(test)]\nmod tests { use crate::k; }\nuse super::super::l;";
    let source = Source { path: "m/n.rs".into(), module: "m".into(), text: bare(text) };
    assert_eq!(source.modules_used().into_iter().collect::<Vec<_>>(), ["a", "b", "e", "g", "l"]);
    let named = |text: &str| {
        Source { path: "m.rs".into(), module: "m".into(), text: text.into() }.names_crate("duckdb")
    };
    assert!(named("use duckdb::Connection;"));
    assert!(named("let c = duckdb::Connection::open();"));
    assert!(named("use ::duckdb as db;"));
    assert!(!named("use crate::ddl::{Statement, duckdb};\nduckdb::drop(x);"));
    assert!(!named("use crate::warehouse::duckdb::Access;"));
}

/// A source file, without comments, texts and tests.
struct Source {
    /// Below `src/`, with `/`.
    path: String,
    /// The module at the crate's root that it belongs to.
    module: String,
    text: String,
}

impl Source {
    /// Modules at the crate's root that the file names.
    fn modules_used(&self) -> BTreeSet<String> {
        let mut roots: Vec<usize> = find_word(&self.text, "crate::").map(|at| at + "crate::".len()).collect();
        // As many `super::` as the file is deep lead to the root as well.
        let depth = self.path.trim_end_matches("/mod.rs").matches('/').count() + 1;
        let climb = "super::".repeat(depth);
        roots.extend(find_word(&self.text, &climb).map(|at| at + climb.len()));
        roots.into_iter().flat_map(|at| first_names(&self.text[at..])).collect()
    }

    /// Whether the file names an external crate, and not a module of ours with the same name.
    fn names_crate(&self, library: &str) -> bool {
        let ours = self.text.split(';').any(|statement| {
            statement.contains("use crate::") && find_word(statement, library).next().is_some()
        });
        find_word(&self.text, library).any(|at| {
            let before = self.text[..at].trim_end();
            let behind = self.text[at + library.len()..].trim_start();
            let line = before.rsplit(';').next().unwrap_or_default().trim();
            let is_path = behind.starts_with("::");
            let after_use = before.ends_with("use") || line.ends_with("use ::");
            after_use || (is_path && !ours && !before.ends_with("::"))
        })
    }
}

/// `a::b` gives a; `{a, b::{c}}` gives a and b.
fn first_names(text: &str) -> Vec<String> {
    let name = |t: &str| -> String {
        t.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let Some(list) = text.strip_prefix('{') else { return vec![name(text)] };
    let (mut depth, mut names, mut start) = (0, Vec::new(), 0);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                names.push(name(&list[start..at]));
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.push(name(&list[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    names.retain(|n| !n.is_empty());
    names
}

/// Where a word stands that is not the end of a longer one.
fn find_word<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    text.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let inside = |c: char| c.is_alphanumeric() || c == '_';
        let joined = |c: char| inside(c) && word.ends_with(inside);
        !text[..*at].ends_with(inside) && !text[at + word.len()..].starts_with(joined)
    })
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|(_, modules)| modules.contains(&module))
}

/// Every file of the crate that is no test.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let texts: BTreeMap<PathBuf, String> = walkdir::WalkDir::new(&root)
        .into_iter()
        .map(|entry| entry.expect("src can be read").into_path())
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .map(|path| (path.clone(), fs::read_to_string(&path).expect("a source file can be read")))
        .collect();
    let excluded: Vec<PathBuf> = texts.iter().flat_map(|(path, text)| test_modules(path, text)).collect();
    texts
        .iter()
        .filter(|(path, _)| !excluded.iter().any(|t| path.starts_with(t) || **path == t.with_extension("rs")))
        .map(|(path, text)| {
            let below = path.strip_prefix(&root).expect("found below src");
            let parts: Vec<_> = below.components().map(|c| c.as_os_str().to_string_lossy()).collect();
            let module = parts[0].trim_end_matches(".rs").to_owned();
            Source { path: parts.join("/"), module, text: bare(text) }
        })
        .collect()
}

/// The folders of modules that only tests have: `#[cfg(test)] mod name;`.
fn test_modules(path: &Path, text: &str) -> Vec<PathBuf> {
    let folder = match path.file_name().and_then(|n| n.to_str()) {
        Some("mod.rs" | "lib.rs" | "main.rs") => path.parent().expect("below src").to_owned(),
        _ => path.with_extension(""),
    };
    let mods = text.split("#[cfg(test)]").skip(1).filter_map(|rest| {
        let declared = rest.trim_start().trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ");
        let (name, _) = declared.strip_prefix("mod ")?.split_once(';')?;
        name.chars().all(|c| c.is_alphanumeric() || c == '_').then(|| folder.join(name))
    });
    mods.collect()
}

/// Text without comments, string literals and inline test modules.
fn bare(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for line in text.lines() {
        let (mut inside, mut escaped, mut before) = (false, false, ' ');
        for c in line.chars() {
            if inside {
                (inside, escaped) = (c != '"' || escaped, c == '\\' && !escaped);
            } else if c == '"' && before != '\'' {
                inside = true;
            } else if c == '/' && before == '/' {
                plain.pop();
                break;
            } else {
                plain.push(c);
            }
            before = c;
        }
        plain.push('\n');
    }
    while let Some(start) = plain.find("#[cfg(test)]\nmod ") {
        let rest = &plain[start..];
        let end = match (rest.find('{'), rest.find(';')) {
            (Some(open), semicolon) if semicolon.is_none_or(|s| open < s) => closing(rest, open),
            (_, Some(semicolon)) => semicolon + 1,
            _ => rest.len(),
        };
        plain.replace_range(start..start + end, "");
    }
    plain
}

/// The end of the block that opens at `open`.
fn closing(text: &str, open: usize) -> usize {
    let mut depth = 0;
    for (at, c) in text[open..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return open + at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}
