//! The worked platform's twins in `fixtures/worked`: the same three sources in another engine's SQL. They must end
//! with the same rows as DuckDB, cell by cell. goldsmith itself carries a twin's relations back to DuckDB, which compares.

mod common;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use common::{DATE, Outcome, Platform, postgres, sqlserver};
use goldsmith::warehouse::sqlserver::{Certificates, Login};

const PROJECTS: [&str; 3] = ["sfdc", "product", "datev"];
const SCHEMAS: [&str; 4] = ["raw", "silver", "gold", "fin"];

/// The column of a bronze table that DuckDB holds as a struct and the others as JSON; silver takes it apart.
const OTHERWISE: &str = "client";
/// What a model asks the environment for: otherwise it names the target.
const PORTAL: (&str, &str) = ("ACME_PORTAL_URL", "https://portal.acme.example");

/// A script with MERGE, for servers that have it.
const MERGE: &str = "sqlserver-merge";

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/worked")
}

/// Where a twin runs.
struct Twin {
    platform: Platform,
    settings: String,
    variables: Vec<(&'static str, String)>,
}

impl Twin {
    /// The worked platform with the files of `fixtures/worked/<engine>` laid over it.
    fn new(engine: &str, variables: Vec<(&'static str, String)>) -> Self {
        let platform = Platform::worked();
        platform.copy(&fixtures().join(engine), "");
        Self { settings: platform.read("goldsmith.yml"), platform, variables }
    }

    /// Says more of the target, in lines of its YAML.
    fn with(mut self, more: &str) -> Self {
        self.settings.push_str(more);
        self.platform.write("goldsmith.yml", &self.settings);
        self
    }

    #[track_caller]
    fn ok(&self, on: &Platform, args: &[&str]) -> Outcome {
        let mut command = on.command(args);
        let done = command
            .envs(self.variables.iter().cloned())
            .env(PORTAL.0, PORTAL.1)
            .output()
            .expect("the binary starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&done.stdout), text(&done.stderr));
        assert!(done.status.success(), "{args:?}\n{stdout}{stderr}");
        Outcome { code: 0, stdout, stderr }
    }

    /// What the twin holds otherwise than the DuckDB platform; empty when every cell of every relation is the same.
    fn differences(&self, original: &Platform) -> Vec<String> {
        let carried = Platform::new(&[]);
        let settings = self.settings.replace("default_target: prod", "default_target: here");
        assert_ne!(settings, self.settings);
        carried.write("goldsmith.yml", settings + "  here: { type: duckdb, path: warehouse }\n");
        carried.write("projects/carried/project.yml", "name: carried\n");
        let mut loads = "loads:\n".to_owned();
        let mut relations = Vec::new();
        for project in PROJECTS {
            for schema in SCHEMAS {
                for relation in original.relations(&format!("{project}_dwh"), schema).lines() {
                    let name = relation.split(' ').next().expect("a name").to_owned();
                    let _ = write!(
                        loads,
                        "  - name: {project}_{schema}_{name}\n    from: {{ project: {project}, relation: {schema}.{name}, target: prod }}\n",
                    );
                    relations.push((project, schema, name));
                }
            }
        }
        assert!(relations.len() > 45, "{relations:?}");
        carried.write("projects/carried/bronze/loads.yml", loads);
        self.ok(&carried, &["run"]);
        let connection =
            duckdb::Connection::open(carried.path("warehouse/carried_dwh.duckdb")).expect("the database");
        for project in PROJECTS {
            let file = original.path(&format!("warehouse/{project}_dwh.duckdb"));
            let attach = format!("ATTACH '{}' AS {project}_dwh (READ_ONLY)", file.display());
            connection.execute_batch(&attach).expect("it is attached");
        }
        let text = |sql: &str| -> String {
            let found = connection.query_row(sql, [], |row| row.get::<_, Option<String>>(0));
            found.unwrap_or_else(|e| Some(e.to_string())).unwrap_or_default()
        };
        let columns = |database: &str, schema: &str, table: &str| {
            text(&format!(
                "SELECT string_agg('\"' || column_name || '\"', ', ' ORDER BY lower(column_name)) \
                 FROM duckdb_columns() WHERE database_name = '{database}' AND schema_name = '{schema}' \
                 AND table_name = '{table}' AND NOT ('{schema}' = 'raw' AND column_name = '{OTHERWISE}')"
            ))
        };
        let mut different = Vec::new();
        for (project, schema, name) in &relations {
            let copy = format!("{project}_{schema}_{name}");
            let names = columns(&format!("{project}_dwh"), schema, name);
            let there = columns("carried_dwh", "raw", &copy);
            if names.to_lowercase() != there.to_lowercase() {
                different.push(format!("{project}.{schema}.{name}: columns {there}, not {names}"));
                continue;
            }
            let of = |from: String| format!("SELECT {names} FROM {from}");
            let (here, there) =
                (of(format!("{project}_dwh.{schema}.\"{name}\"")), of(format!("raw.\"{copy}\"")));
            let rows = text(&format!(
                "SELECT string_agg(line, chr(10)) FROM (SELECT side || r::VARCHAR AS line FROM ( \
                 SELECT 'DuckDB ' AS side, r FROM ({here} EXCEPT ALL {there}) AS r \
                 UNION ALL SELECT 'twin   ', r FROM ({there} EXCEPT ALL {here}) AS r) ORDER BY r, side LIMIT 6)"
            ));
            if !rows.is_empty() {
                different.push(format!("{project}.{schema}.{name}:\n{rows}"));
            }
        }
        different
    }
}

/// The worked platform on DuckDB, run.
fn original() -> Platform {
    let platform = Platform::worked();
    platform.command(&["run", "--date", DATE]).env(PORTAL.0, PORTAL.1).assert().success();
    platform
}

#[test]
fn postgresql_the_worked_platform_ends_with_the_figures_of_duckdb() {
    let Some(server) = postgres::server() else { return };
    let twin = Twin::new(
        "postgresql",
        vec![
            ("ACME_HOST", server.folder.clone()),
            ("ACME_PORT", server.port.to_string()),
            ("ACME_USER", "goldsmith".into()),
        ],
    );
    let run = twin.ok(&twin.platform, &["run", "--date", DATE]);
    assert!(run.stderr.contains("146 tests passed, 0 warnings, 0 failed, 0 skipped"), "{}", run.stderr);
    let different = twin.differences(&original());
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// The worked platform on the server; its databases are the test's own.
fn sqlserver_twin() -> Option<Twin> {
    let settings = sqlserver::settings()?;
    let Login::Password(user, password) = &settings.login else { panic!("a password") };
    for project in PROJECTS {
        sqlserver::drop_database(&format!("goldsmith_twin_{project}"));
    }
    let variables = vec![
        ("ACME_HOST", settings.host.clone()),
        ("ACME_PORT", settings.port.expect("a port").to_string()),
        ("ACME_USER", user.clone()),
        ("ACME_PASSWORD", password.clone()),
    ];
    // One thread: Babelfish can't make databases side by side.
    Some(Twin::new("sqlserver", variables).with(&format!(
        "    threads: 1\n    trust_server_certificate: {}\n    databases: {{ sfdc: goldsmith_twin_sfdc, product: goldsmith_twin_product, datev: goldsmith_twin_datev }}\n",
        settings.certificates == Certificates::TrustAll,
    )))
}

#[test]
fn sqlserver_the_worked_platform_ends_with_the_figures_of_duckdb() {
    let Some(twin) = sqlserver_twin() else { return };
    // What the functions and procedures are, and then as each day.
    twin.ok(&twin.platform, &["run", "--pipeline", "init", "--date", DATE]);
    let run = twin.ok(&twin.platform, &["run", "--date", DATE]);
    assert!(run.stderr.contains("146 tests passed, 0 warnings, 0 failed, 0 skipped"), "{}", run.stderr);
    let original = original();
    let different = twin.differences(&original);
    assert!(different.is_empty(), "{}", different.join("\n"));
    if sqlserver::is_babelfish() {
        eprintln!("skipped: the server has no MERGE");
        return;
    }
    twin.platform.copy(&fixtures().join(MERGE), "");
    twin.ok(&twin.platform, &["run", "--date", DATE]);
    let different = twin.differences(&original);
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn the_twins_lint_clean_without_a_server() {
    for engine in ["postgresql", "sqlserver", MERGE] {
        let twin = Twin::new(engine.split('-').next().unwrap_or(engine), Vec::new());
        twin.platform.copy(&fixtures().join(engine), "");
        let told = twin.ok(&twin.platform, &["lint"]);
        assert!(
            told.stderr.contains("no problems in 3 projects"),
            "{engine}: {}{}",
            told.stdout,
            told.stderr
        );
    }
}
