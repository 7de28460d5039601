//! A SQL Server for tests: the one that `GOLDSMITH_TEST_SQLSERVER` names, as `Server=host,1433;User
//! Id=sa;Password=..;TrustServerCertificate=true`. Its login must be able to make databases, and needs nothing
//! else; what the tests make begins with `goldsmith_`.

use goldsmith::warehouse::Warehouse;

use super::{Outcome, Platform};
use goldsmith::warehouse::LOCK_TIMEOUT;
use goldsmith::warehouse::sqlserver::{Certificates, Login, Settings, SqlServer};

/// How the server is reached; `None`, with a word about it, where none is named.
pub fn settings() -> Option<Settings> {
    let Ok(text) = std::env::var("GOLDSMITH_TEST_SQLSERVER") else {
        eprintln!("skipped: GOLDSMITH_TEST_SQLSERVER names no server");
        return None;
    };
    let value = |wanted: &[&str]| {
        text.split(';').filter_map(|part| part.split_once('=')).find_map(|(key, value)| {
            let key = key.trim().to_lowercase().replace(' ', "");
            wanted.contains(&key.as_str()).then(|| value.trim().to_owned())
        })
    };
    let server = value(&["server", "datasource"]).expect("GOLDSMITH_TEST_SQLSERVER names a Server");
    let server = server.trim_start_matches("tcp:");
    let (host, port) = server.split_once(',').unwrap_or((server, "1433"));
    let trusts = value(&["trustservercertificate"])
        .is_some_and(|v| matches!(v.to_lowercase().as_str(), "true" | "yes"));
    Some(Settings {
        host: host.to_owned(),
        port: Some(port.trim().parse().expect("a port")),
        instance: None,
        login: Login::Password(
            value(&["userid", "user", "uid"]).expect("a User Id"),
            value(&["password", "pwd"]).unwrap_or_default(),
        ),
        database: "master".into(),
        certificates: if trusts { Certificates::TrustAll } else { Certificates::Check(None) },
        is_read_only: false,
        lock_timeout: LOCK_TIMEOUT,
    })
}

/// Drops a database of an earlier run of the tests.
pub fn drop_database(name: &str) {
    let Some(settings) = settings() else { return };
    let server = SqlServer::open(settings, &[]).expect("the server answers");
    if server.has(name).expect("the server says so") {
        let mut master = server.connect("master").expect("a session");
        // Nobody else is in it, unless a test has been killed just now.
        let _ = master.execute(&format!("ALTER DATABASE [{name}] SET SINGLE_USER WITH ROLLBACK IMMEDIATE"));
        master.execute(&format!("DROP DATABASE [{name}]")).expect("it is dropped");
    }
}

/// Whether the server is Babelfish, which lacks some of the language.
pub fn is_babelfish() -> bool {
    let Some(settings) = settings() else { return false };
    let server = SqlServer::open(settings, &[]).expect("the server answers");
    let mut master = server.connect("master").expect("a session");
    let version = master.query("SELECT CAST(@@VERSION AS nvarchar(400))").expect("its version");
    version.rows.iter().flatten().flatten().any(|text| text.contains("Babelfish"))
}

/// Makes a database.
pub fn create_database(name: &str) {
    let Some(settings) = settings() else { return };
    let server = SqlServer::open(settings, &[]).expect("the server answers");
    let mut master = server.connect("master").expect("a session");
    master.execute(&format!("CREATE DATABASE [{name}]")).expect("it is made");
}

/// A platform whose target is the server.
pub struct Place {
    pub platform: Platform,
    pub database: String,
    settings: Settings,
}

impl Place {
    /// A platform with the one project `shop`, whose files these are, in a database of the test's own. `None` where
    /// no server is named.
    pub fn shop(case: &str, files: &[(&str, &str)]) -> Option<Self> {
        let settings = settings()?;
        let database = format!("goldsmith_{case}");
        drop_database(&database);
        let platform = Platform::shop(files);
        platform.write(
            "goldsmith.yml",
            format!(
                "name: acme\ntargets:\n  s:\n    type: sqlserver\n    host: {}\n    port: {}\n    user: {}\n    \
                 password: \"{{{{ env_var('SQLSERVER_PASSWORD') }}}}\"\n    trust_server_certificate: {}\n    \
                 databases: {{ shop: {database} }}\n",
                settings.host,
                settings.port.expect("a port"),
                settings.who(),
                settings.certificates == Certificates::TrustAll,
            ),
        );
        Some(Self { platform, database, settings })
    }

    pub fn run(&self, args: &[&str]) -> Outcome {
        let Login::Password(_, password) = &self.settings.login else { panic!("a password") };
        let done = self.platform.command(args).env("SQLSERVER_PASSWORD", password).output();
        let done = done.expect("the binary starts");
        Outcome {
            code: done.status.code().unwrap_or(-1),
            stdout: String::from_utf8(done.stdout).expect("UTF-8"),
            stderr: String::from_utf8(done.stderr).expect("UTF-8"),
        }
    }

    #[track_caller]
    pub fn done(&self, args: &[&str]) -> Outcome {
        let outcome = self.run(args);
        assert_eq!(outcome.code, 0, "{args:?}\n{}{}", outcome.stdout, outcome.stderr);
        outcome
    }

    /// The rows of a query, cells with `|` between them.
    pub fn rows(&self, sql: &str) -> String {
        let server = SqlServer::open(self.settings.clone(), &[]).expect("the server answers");
        let mut connection = server.connect(&self.database).expect("a session");
        let rows = connection.query(sql).expect(sql).rows;
        let cell = |cell: &Option<String>| cell.clone().unwrap_or_else(|| "null".into());
        rows.iter()
            .map(|row| row.iter().map(cell).collect::<Vec<_>>().join("|"))
            .collect::<Vec<_>>()
            .join("\n")
    }

    pub fn execute(&self, sql: &str) {
        let server = SqlServer::open(self.settings.clone(), &[]).expect("the server answers");
        server.connect(&self.database).expect("a session").execute(sql).expect(sql);
    }
}
