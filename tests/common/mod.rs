//! Small platforms in temporary folders, and the built binary run on them.

#![allow(dead_code, reason = "each test binary uses a part of it")]

pub mod editor;
pub mod http;
pub mod postgres;
pub mod sqlserver;
pub mod tds;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// A project that says no more than it must.
pub const PROJECT: &str = "name: shop\ndatabase: shop_dwh\nschedule: { daily: \"0 5 * * *\" }\n";

/// What the worked platform's figures are asked for.
pub const DATE: &str = "2025-12-31";

const SETTINGS: &str = "name: small\ntargets:\n  dev: { type: duckdb, path: warehouse }\n";

/// Runs git in a folder; it must succeed.
#[track_caller]
pub fn git(folder: &Path, args: &[&str]) -> String {
    let output = std::process::Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"])
        .args(args)
        .current_dir(folder)
        .output()
        .expect("git");
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The verdict of the tool that reads a file; nothing where the tool is not there.
#[track_caller]
pub fn checked(folder: &Path, tool: &str, args: &[&str]) {
    let Ok(output) = std::process::Command::new(tool).args(args).current_dir(folder).output() else {
        eprintln!("skipped: there is no {tool}");
        return;
    };
    let told = [output.stdout, output.stderr].map(|t| String::from_utf8_lossy(&t).into_owned()).concat();
    assert!(output.status.success(), "{tool} {args:?}:\n{told}");
}

/// A platform in a temporary folder, which goes when the value goes.
pub struct Platform {
    folder: TempDir,
}

/// How a command ended and what it said.
#[derive(Debug)]
pub struct Outcome {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Platform {
    /// A platform of these files, with a plain `goldsmith.yml` unless one is given.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let platform = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        platform.write("goldsmith.yml", SETTINGS);
        for (path, text) in files {
            platform.write(path, text);
        }
        platform
    }

    /// A platform with the one project `shop`, whose files these are.
    pub fn shop(files: &[(&str, &str)]) -> Self {
        let platform = Self::new(&[("projects/shop/project.yml", PROJECT)]);
        for (path, text) in files {
            platform.write(&format!("projects/shop/{path}"), text);
        }
        platform
    }

    /// A copy of a platform under `fixtures/`.
    pub fn fixture(name: &str) -> Self {
        let platform = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        platform.copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name), "");
        platform
    }

    /// Copies a folder into the platform.
    pub fn copy(&self, from: &Path, to: &str) {
        for entry in walkdir::WalkDir::new(from) {
            let entry = entry.expect("a folder that can be read");
            let to = self.path(to).join(entry.path().strip_prefix(from).expect("below the folder"));
            if entry.file_type().is_dir() {
                fs::create_dir_all(to).expect("a folder in a temporary folder");
            } else {
                fs::copy(entry.path(), to).expect("a file in a temporary folder");
            }
        }
    }

    /// A copy of the worked platform in the repository's root.
    pub fn worked() -> Self {
        let platform = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        fs::copy(root.join("goldsmith.yml"), platform.path("goldsmith.yml")).expect("goldsmith.yml is there");
        platform.copy(&root.join("projects"), "projects");
        platform
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder above a file")).expect("a folder");
        fs::write(path, text).expect("a file in a temporary folder");
    }

    pub fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).expect("a file that is there");
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).expect("a file that can be read")
    }

    pub fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.read(path)).expect("JSON")
    }

    /// The binary on this platform, with nothing of the caller's environment that it would heed.
    pub fn command(&self, args: &[&str]) -> assert_cmd::Command {
        let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_goldsmith"));
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            if name.starts_with("GOLDSMITH_") || name.starts_with("CLICOLOR") || name == "COLUMNS" {
                command.env_remove(&*name);
            }
        }
        command
            .env("NO_COLOR", "1")
            .current_dir(self.folder.path())
            .arg("--platform")
            .arg(self.folder.path())
            .args(args)
            .timeout(Duration::from_secs(100));
        command
    }

    pub fn run(&self, args: &[&str]) -> Outcome {
        let output = self.command(args).output().expect("the binary starts");
        Outcome {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// Runs a command that must succeed.
    #[track_caller]
    pub fn ok(&self, args: &[&str]) -> Outcome {
        let outcome = self.run(args);
        assert_eq!(outcome.code, 0, "{args:?}\n{}{}", outcome.stdout, outcome.stderr);
        outcome
    }

    /// What a command that must succeed prints as JSON.
    #[track_caller]
    pub fn ok_json(&self, args: &[&str]) -> Value {
        let outcome = self.ok(args);
        serde_json::from_str(&outcome.stdout).unwrap_or_else(|e| panic!("{e}: {}", outcome.stdout))
    }

    /// The names of the nodes that `ls` lists, tests left out, in one line.
    #[track_caller]
    pub fn selected(&self, args: &[&str]) -> String {
        let list = self.ok_json(&[&["ls", "--format", "json"], args].concat());
        let nodes = list.as_array().expect("a list").iter();
        let names: Vec<&str> =
            nodes.filter(|n| n["kind"] != "test").map(|n| n["name"].as_str().expect("a name")).collect();
        names.join(" ")
    }

    /// Rows of a project's database, every value as text, `-` for null, one line a row.
    pub fn rows(&self, database: &str, sql: &str) -> String {
        self.try_rows(database, sql).unwrap_or_else(|e| panic!("{e}\n{sql}"))
    }

    pub fn try_rows(&self, database: &str, sql: &str) -> duckdb::Result<String> {
        let file = self.path(&format!("warehouse/{database}.duckdb"));
        let config = duckdb::Config::default().access_mode(duckdb::AccessMode::ReadOnly)?;
        let connection = duckdb::Connection::open_with_flags(file, config)?;
        let mut statement =
            connection.prepare(&format!("SELECT CAST(COLUMNS(*) AS VARCHAR) FROM ({sql}) AS q"))?;
        let mut rows = statement.query([])?;
        let mut text = String::new();
        while let Some(row) = rows.next()? {
            let width = row.as_ref().column_count();
            for column in 0..width {
                let value: Option<String> = row.get(column)?;
                let gap = if column + 1 == width { "\n" } else { " " };
                let _ = write!(text, "{}{gap}", value.as_deref().unwrap_or("-"));
            }
        }
        Ok(text.trim_end().to_owned())
    }

    /// `name kind` of every relation in a schema.
    pub fn relations(&self, database: &str, schema: &str) -> String {
        self.rows(
            database,
            &format!(
                "SELECT table_name, table_type FROM information_schema.tables \
                 WHERE table_schema = '{schema}' ORDER BY 1"
            ),
        )
    }

    /// The status of every step in `target/run_results.json`, by its node's short name.
    pub fn statuses(&self) -> String {
        let results = self.json("target/run_results.json");
        let mut lines: Vec<String> = results["results"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|r| {
                let id = r["unique_id"].as_str().expect("an id");
                format!("{} {}", id, r["status"].as_str().expect("a status"))
            })
            .collect();
        lines.sort();
        lines.join("\n")
    }

    /// Text with the folder's path, times and the like made the same on every machine.
    pub fn neutral(&self, text: &str) -> String {
        let real = fs::canonicalize(self.folder.path()).expect("the folder is there");
        text.replace(&*real.to_string_lossy(), "[platform]")
            .replace(&*self.folder.path().to_string_lossy(), "[platform]")
    }
}

impl Outcome {
    /// What a snapshot shows: exit code, then both streams.
    pub fn shown(&self, platform: &Platform) -> String {
        let mut text = format!("exit {}\n", self.code);
        for (name, stream) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !stream.is_empty() {
                let _ = write!(text, "--- {name}\n{}", platform.neutral(stream));
            }
        }
        text
    }
}

/// Settings of `insta` that leave out what differs from run to run.
pub fn snapshots() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(true);
    settings.set_omit_expression(true);
    for (pattern, replacement) in [
        (r"\b\d\d:\d\d:\d\d\b", "[time]"),
        // How many cores there are.
        (r", \d+ at a time", ""),
        (r"\b\d+(\.\d+)?m?s\b", "[span]"),
        (r"\d{8}T\d{9}Z-[0-9a-f]+", "[run]"),
        (r"process \d+[^\n]*? since \d{4}-\d\d-\d\d \[time\] UTC", "process [somebody]"),
        (r"\bPID \d+", "PID [n]"),
    ] {
        settings.add_filter(pattern, replacement);
    }
    settings
}
