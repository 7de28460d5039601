//! A SQL Server for tests: the one that `GOLDSMITH_TEST_SQLSERVER` names, as `Server=host,1433;User
//! Id=sa;Password=..;TrustServerCertificate=true`. Its login must be able to make databases, and needs nothing
//! else; what the tests make begins with `goldsmith_`.

use goldsmith::warehouse::Warehouse;
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
