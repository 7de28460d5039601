//! Executes the documentation: what README.md shows is run on a copy of the platform, what
//! docs/reference.md gives as YAML is linted, and every code of the lint stands in docs/lint.md.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The repository's folder.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).expect(path)
}

/// A fenced block of Markdown.
struct Block {
    /// What stands behind the fence, such as `yaml project`.
    kind: String,
    /// The line of the fence, from 1.
    line: usize,
    text: String,
}

fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (index, line) in markdown.lines().enumerate() {
        if let Some(kind) = line.strip_prefix("```") {
            match open.take() {
                Some(block) => blocks.push(block),
                None => {
                    open = Some(Block { kind: kind.trim().to_owned(), line: index + 1, text: String::new() });
                }
            }
        } else if let Some(block) = &mut open {
            block.text.push_str(line);
            block.text.push('\n');
        }
    }
    assert!(open.is_none(), "a block is never closed");
    blocks
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::write(to, fs::read(&from).unwrap()).unwrap();
        }
    }
}

/// The worked platform, in a folder of its own.
fn platform() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("projects"), &folder.path().join("projects"));
    fs::copy(root().join("goldsmith.yml"), folder.path().join("goldsmith.yml")).unwrap();
    folder
}

/// A command with the built binary as `goldsmith` on its path, and no settings from outside.
fn command(program: &str, folder: &Path) -> Command {
    let mut paths = vec![PathBuf::from(env!("CARGO_BIN_EXE_goldsmith")).parent().unwrap().to_owned()];
    paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let mut command = Command::new(program);
    command.current_dir(folder).env("PATH", std::env::join_paths(paths).unwrap()).env("NO_COLOR", "1");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GOLDSMITH_") {
            command.env_remove(name);
        }
    }
    command
}

fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A line without what differs from run to run: figures, clocks, widths of columns.
fn shape(line: &str) -> String {
    let mut shape = String::new();
    for c in line.chars() {
        match c {
            '0'..='9' | ',' | '.' if shape.ends_with('#') => {}
            '0'..='9' => shape.push('#'),
            c if c.is_whitespace() && (shape.is_empty() || shape.ends_with(' ')) => {}
            c if c.is_whitespace() => shape.push(' '),
            c => shape.push(c),
        }
    }
    shape.trim_end().to_owned()
}

/// A command of a `console` block, and what stands below it.
struct Shown {
    line: usize,
    command: String,
    output: Vec<String>,
}

fn shown(block: &Block) -> Vec<Shown> {
    let mut all: Vec<Shown> = Vec::new();
    for (index, line) in block.text.lines().enumerate() {
        if let Some(command) = line.strip_prefix("$ ") {
            let line = block.line + index + 1;
            all.push(Shown { line, command: command.to_owned(), output: Vec::new() });
        } else if let Some(last) = all.last_mut() {
            last.output.push(line.to_owned());
        }
    }
    all
}

/// Commands end as the README says (`$ echo $?` below a command gives its exit code, otherwise it
/// is 0) and print each line that it shows, up to figures; `...` stands for lines left out. In a
/// block `console any-rows`, lines that begin with a figure are rows of data, in no fixed order.
#[test]
#[cfg_attr(not(unix), ignore = "the README is written for a POSIX shell")]
fn commands_of_the_readme_do_what_it_shows() {
    let count = commands_do_what_is_shown("README.md", platform().path());
    assert!(count >= 10, "the README shows {count} commands");
}

#[test]
#[cfg_attr(not(unix), ignore = "the page is written for a POSIX shell")]
fn a_new_platform_comes_to_what_its_page_shows() {
    let folder = tempfile::tempdir().unwrap();
    let count = commands_do_what_is_shown("docs/new.md", folder.path());
    assert!(count >= 5, "the page shows {count} commands");
}

#[test]
#[cfg_attr(not(unix), ignore = "the page is written for a POSIX shell")]
fn the_tutorial_comes_to_what_it_shows() {
    let folder = tempfile::tempdir().unwrap();
    let count = commands_do_what_is_shown("docs/tutorial.md", folder.path());
    assert!(count >= 12, "the page shows {count} commands");
}

/// Carries out what a page shows, beginning in this folder; gives how many commands of goldsmith's there were.
fn commands_do_what_is_shown(page: &str, folder: &Path) -> usize {
    let mut folder = folder.to_owned();
    let mut wrong = Vec::new();
    let mut count = 0;
    for block in &blocks(&read(page)) {
        // A file that the page shows, with its path behind the language.
        if let Some((_, path)) = block.kind.split_once(' ').filter(|(_, path)| path.contains('/')) {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, &block.text).unwrap();
        }
        if !block.kind.starts_with("console") {
            continue;
        }
        let commands = shown(block);
        let any_rows = block.kind == "console any-rows";
        for (index, shown) in commands.iter().enumerate().filter(|(_, s)| s.command != "echo $?") {
            let asked = commands.get(index + 1).filter(|next| next.command == "echo $?");
            let expected: i32 = asked.map_or(0, |next| next.output[0].trim().parse().unwrap());
            if let Some(inner) = shown.command.strip_prefix("cd ") {
                folder.push(inner);
                continue;
            }
            let output = command("sh", &folder).arg("-c").arg(&shown.command).output().unwrap();
            let printed = printed(&output);
            let place = format!("{page}:{}: `{}`", shown.line, shown.command);
            count += usize::from(shown.command.starts_with("goldsmith "));
            if output.status.code() != Some(expected) {
                wrong.push(format!("{place} ends with {}, not {expected}:\n{printed}", output.status));
            }
            let lines: Vec<String> = printed.lines().map(shape).collect();
            for line in shown.output.iter().filter(|l| l.trim() != "..." && !l.trim().is_empty()) {
                let is_row = any_rows && line.starts_with(|c: char| c.is_ascii_digit());
                if !is_row && !lines.contains(&shape(line)) {
                    wrong.push(format!("{place} does not print\n    {line}\nbut\n{printed}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    count
}

const PLATFORM: &str = "name: tiny\ntargets:\n  dev: { type: duckdb, path: warehouse }\n";
const PROJECT: &str = "name: product\n";

/// Puts an example in its place: `yaml platform` is goldsmith.yml, `yaml project` a project.yml,
/// `yaml loads` a file in bronze/, `yaml models` one in silver/.
fn lay_out(folder: &Path, block: &Block) {
    let write = |path: &str, text: &str| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("goldsmith.yml", PLATFORM);
    write("projects/product/project.yml", PROJECT);
    write("projects/sfdc/project.yml", "name: sfdc\n");
    write("projects/sfdc/silver/account.sql", "select 1 as account_id");
    match block.kind.as_str() {
        "yaml platform" => write("goldsmith.yml", &block.text),
        "yaml project" => write("projects/product/project.yml", &block.text),
        "yaml loads" => write("projects/product/bronze/loads.yml", &block.text),
        "yaml models" => {
            write("projects/product/silver/models.yml", &block.text);
            for (index, line) in block.text.lines().enumerate() {
                // Names of nodes stand two columns in; those of columns stand deeper.
                if let Some(name) = line.strip_prefix("  - name: ") {
                    write(&format!("projects/product/silver/{name}.sql"), &format!("select {index} as id"));
                }
            }
        }
        other => panic!("docs/reference.md:{}: what is `{other}`?", block.line),
    }
}

#[test]
fn examples_of_the_reference_are_read() {
    let page = read("docs/reference.md");
    let examples: Vec<Block> = blocks(&page).into_iter().filter(|b| b.kind.starts_with("yaml")).collect();
    for word in ["yaml platform", "yaml project", "yaml loads", "yaml models"] {
        assert!(examples.iter().any(|b| b.kind == word), "there is no `{word}`");
    }
    let other = read("docs/deploy.md");
    let other = blocks(&other);
    let other: Vec<&Block> = other.iter().filter(|b| b.kind == "yaml platform").collect();
    assert_eq!(other.len(), 1);
    for block in examples.iter().chain(other) {
        let folder = tempfile::tempdir().unwrap();
        lay_out(folder.path(), block);
        let output = command(env!("CARGO_BIN_EXE_goldsmith"), folder.path())
            .args(["lint", "--format", "json"])
            .output();
        let printed = printed(&output.unwrap());
        let place = format!("{}:{}", block.kind, block.line);
        assert!(printed.trim_start().starts_with('['), "{place}: not linted:\n{printed}");
        assert!(!printed.contains("\"GS9"), "{place}:\n{printed}");
    }
}

/// The workflow that the README gives for CI runs commands that a sound platform passes.
#[test]
fn workflow_of_the_readme_passes_on_the_worked_platform() {
    let folder = platform();
    let page = blocks(&read("README.md"));
    let workflow = page.iter().find(|b| b.kind == "yaml workflow").expect("a workflow");
    let runs: Vec<Vec<&str>> = workflow
        .text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- run: goldsmith "))
        .map(|run| run.split_once(" > ").map_or(run, |(run, _)| run).split(' ').collect())
        .collect();
    assert_eq!(runs.len(), 2, "{}", workflow.text);
    for run in runs {
        let output = command(env!("CARGO_BIN_EXE_goldsmith"), folder.path()).args(&run).output().unwrap();
        assert!(output.status.success(), "{run:?}: {}", printed(&output));
        let is_sarif = output.stdout.starts_with(b"{");
        assert_eq!(is_sarif, run.contains(&"sarif"), "{run:?}: {}", printed(&output));
    }
}

/// An unknown key is answered with all that are known: the reference has each of them.
#[test]
fn reference_names_every_key() {
    let page = read("docs/reference.md");
    let cases = [
        (
            "yaml platform",
            "name: tiny\nxyzxyzxyz: 1\nnotify: { url: a, xyzxyzxyz: 1 }\npublications: { xyzxyzxyz: 1 }\ntargets:\n  dev: { type: duckdb, xyzxyzxyz: 1 }\n  p: { type: postgres, xyzxyzxyz: 1 }\n",
        ),
        (
            "yaml project",
            "name: product\nxyzxyzxyz: 1\nschedule: { xyzxyzxyz: 1 }\nschemas: { xyzxyzxyz: 1 }\npaths: { xyzxyzxyz: 1 }\nfreshness: { xyzxyzxyz: 1 }\n",
        ),
        (
            "yaml loads",
            "version: 2\nloads:\n  - { name: a, xyzxyzxyz: 1, from: { file: a.csv, xyzxyzxyz: 1 } }\n",
        ),
    ];
    for (kind, text) in cases {
        let folder = tempfile::tempdir().unwrap();
        lay_out(folder.path(), &Block { kind: kind.to_owned(), line: 0, text: text.to_owned() });
        let output = command(env!("CARGO_BIN_EXE_goldsmith"), folder.path()).arg("lint").output().unwrap();
        let printed = printed(&output);
        let lists: Vec<&str> =
            printed.lines().filter_map(|l| l.split_once("it can have: ")).map(|(_, l)| l).collect();
        assert_eq!(lists.len(), text.matches("xyz: 1").count(), "{printed}");
        for key in lists.iter().flat_map(|list| list.split(", ")).filter(|key| !OF_DBT.contains(key)) {
            let told = [format!("`{key}`"), format!("`{{ {key}:")];
            assert!(told.iter().any(|t| page.contains(t)), "docs/reference.md has no `{key}` ({kind})");
        }
    }
}

/// Keys of dbt that a load may have and that have no effect on it.
const OF_DBT: [&str; 6] = ["access", "docs", "identifier", "latest_version", "loaded_at_field", "quoting"];

/// `Variant "GS101" "cross-source-read" Error "..";` in the program's table of codes.
fn codes() -> Vec<(String, String)> {
    let table = read("src/words/code.rs");
    let rows = table.lines().filter_map(|line| {
        let mut quoted = line.trim().split('"').skip(1).step_by(2);
        let code = quoted.next().filter(|code| code.len() == 5 && code.starts_with("GS"))?;
        Some((code.to_owned(), quoted.next()?.to_owned()))
    });
    rows.filter(|(_, name)| name.contains('-') || name.chars().all(|c| c.is_ascii_lowercase())).collect()
}

#[test]
fn the_book_has_every_page() {
    let summary = read("docs/SUMMARY.md");
    for folder in ["docs", "docs/lint"] {
        for entry in fs::read_dir(root().join(folder)).unwrap().flatten() {
            let path = entry.path();
            let name =
                path.strip_prefix(root().join("docs")).unwrap().display().to_string().replace('\\', "/");
            let is_page = path.extension().is_some_and(|e| e == "md") && name != "SUMMARY.md";
            assert!(!is_page || summary.contains(&format!("]({name})")), "docs/SUMMARY.md has no {name}");
        }
    }
}

#[test]
fn every_lint_code_has_a_page_and_stands_in_the_index() {
    let index = read("docs/lint.md");
    let codes = codes();
    assert!(codes.len() >= 23, "only {} codes were found in src/words/code.rs", codes.len());
    for (code, name) in &codes {
        let page = read(&format!("docs/lint/{code}.md"));
        assert!(page.starts_with(&format!("# {code} {name}\n")), "docs/lint/{code}.md has another heading");
        let row = format!("| [{code} {name}](lint/{code}.md) | ");
        assert!(index.contains(&row), "docs/lint.md has no row `{row}`");
    }
    for page in fs::read_dir(root().join("docs/lint")).unwrap() {
        let path = page.unwrap().path();
        let code = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(
            codes.iter().any(|(c, _)| *c == code),
            "docs/lint explains `{code}`, which the program does not have"
        );
    }
}

/// Links between the pages lead somewhere.
#[test]
fn links_lead_somewhere() {
    for page in [
        "README.md",
        "CONTRIBUTING.md",
        "docs/reference.md",
        "docs/selection.md",
        "docs/lint.md",
        "docs/editor.md",
        "docs/money.md",
        "docs/design-notes.md",
    ] {
        let text = read(page);
        let folder = root().join(page).parent().unwrap().to_owned();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(link, _)| link)) {
            let file = link.split('#').next().unwrap_or_default();
            if !file.is_empty() && !link.contains("://") {
                assert!(folder.join(file).exists(), "{page} links to `{link}`, which is not there");
            }
        }
    }
}
