//! A PostgreSQL server of a test's own: a cluster in a new folder, reached through a socket there, which
//! goes with the test's process.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Outcome, Platform};

/// Makes the cluster, starts it, tells its folder, waits for the end of its input, and clears up.
/// initdb refuses to run as root.
const SCRIPT: &str = r#"
set -e
bin=$1
port=$2
dir=$(mktemp -d /tmp/goldsmith-pg.XXXXXX)
cd "$dir"
"$bin/initdb" -D data -U goldsmith -A trust -E UTF8 --locale=C --no-sync >initdb.log 2>&1 || { cat initdb.log >&2; exit 1; }
printf 'local all asked scram-sha-256\nhost all asked 127.0.0.1/32 scram-sha-256\nlocal all all trust\nhost all all 127.0.0.1/32 trust\n' >data/pg_hba.conf
tls=off
if command -v openssl >tls.log 2>&1; then
    openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 2 -subj "/CN=a test's authority" >>tls.log 2>&1
    openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost >>tls.log 2>&1
    printf 'subjectAltName=DNS:localhost\n' >names
    openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.crt >>tls.log 2>&1
    chmod 600 server.key
    chmod 755 "$dir"
    tls=on
fi
"$bin/postgres" -D data -k "$dir" -p "$port" -c listen_addresses=127.0.0.1 -c ssl=$tls \
    -c ssl_cert_file="$dir/server.crt" -c ssl_key_file="$dir/server.key" -c fsync=off -c full_page_writes=off \
    -c max_connections=300 >log 2>&1 </dev/null &
server=$!
trap 'kill -QUIT $server 2>/dev/null || true; wait $server || true; cd /; rm -rf "$dir"' EXIT
tries=0
until [ -S "$dir/.s.PGSQL.$port" ]; do
    tries=$((tries + 1))
    [ $tries -lt 400 ] || { cat log >&2; exit 1; }
    sleep 0.05
done
echo "$dir"
exec 1>&-
read -r _ || true
"#;

/// A server that runs.
pub struct Server {
    /// The folder of its socket, its log, and its authority's certificate, `ca.crt`.
    pub folder: String,
    /// The port, on `localhost`.
    pub port: u16,
    _script: Child,
    _open: Option<ChildStdin>,
}

/// The server of this test's process; `None`, with a word about it, where PostgreSQL is not installed.
/// Fails where it must be: `GOLDSMITH_TEST_POSTGRES=required`.
pub fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(start).as_ref()
}

fn start() -> Option<Server> {
    let Some(bin) = programs() else {
        assert!(
            std::env::var_os("GOLDSMITH_TEST_POSTGRES").is_none(),
            "PostgreSQL is not installed: `apt-get install postgresql`, or GOLDSMITH_POSTGRES_BIN=<folder of initdb>"
        );
        eprintln!("skipped: PostgreSQL is not installed (GOLDSMITH_POSTGRES_BIN names the folder of initdb)");
        return None;
    };
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|o| o.stdout.starts_with(b"0\n"));
    let mut command = if is_root {
        let mut command = Command::new("runuser");
        command.args(["-u", "nobody", "--", "sh"]);
        command
    } else {
        Command::new("sh")
    };
    let port = std::net::TcpListener::bind(("127.0.0.1", 0)).and_then(|l| l.local_addr()).unwrap().port();
    command.args(["-c", SCRIPT, "sh"]).arg(&bin).arg(port.to_string()).current_dir("/");
    let mut script = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a shell");
    let mut folder = String::new();
    BufReader::new(script.stdout.take().unwrap()).read_line(&mut folder).unwrap();
    let folder = folder.trim().to_owned();
    assert!(!folder.is_empty(), "the server did not start");
    let open = script.stdin.take();
    Some(Server { folder, port, _script: script, _open: open })
}

/// The folder of initdb and its kin.
fn programs() -> Option<PathBuf> {
    let has = |folder: &Path| folder.join("initdb").is_file();
    if let Some(folder) = std::env::var_os("GOLDSMITH_POSTGRES_BIN").map(PathBuf::from) {
        assert!(has(&folder), "GOLDSMITH_POSTGRES_BIN holds no initdb");
        return Some(folder);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    if let Some(folder) = std::env::split_paths(&path).find(|folder| has(folder)) {
        return Some(folder);
    }
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|folder| has(folder))
        .collect();
    versions.sort();
    versions.pop()
}

/// A platform whose target is the server of this test's process, with a database of its own.
pub struct Place {
    pub platform: Platform,
    server: &'static Server,
    pub database: String,
}

impl Place {
    /// `None` where there is no server.
    pub fn shop(protected: bool, files: &[(&str, &str)]) -> Option<Self> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let server = server()?;
        let database = format!("shop_{}", NEXT.fetch_add(1, Ordering::SeqCst));
        let platform = Platform::new(&[]);
        platform.write(
            "goldsmith.yml",
            format!(
                "name: small\ndefault_target: pg\ntargets:\n  pg: {{ type: postgres, host: \"{}\", port: {}, user: goldsmith, protected: {protected} }}\n",
                server.folder, server.port
            ),
        );
        platform.write(
            "projects/shop/project.yml",
            format!("name: shop\ndatabase: {database}\nschedule: {{ daily: \"0 5 * * *\" }}\n"),
        );
        for (path, text) in files {
            platform.write(&format!("projects/shop/{path}"), text);
        }
        Some(Self { platform, server, database })
    }

    pub fn server(&self) -> &'static Server {
        self.server
    }

    /// A session of somebody else's.
    pub fn client(&self) -> postgres::Client {
        let settings = format!(
            "host={} port={} user=goldsmith dbname={}",
            self.server.folder, self.server.port, self.database
        );
        postgres::Client::connect(&settings, postgres::NoTls).expect("a session")
    }

    /// The rows of a query, one a line, cells between `|`.
    pub fn rows(&self, sql: &str) -> String {
        let mut lines = Vec::new();
        for answer in self.client().simple_query(sql).expect(sql) {
            if let postgres::SimpleQueryMessage::Row(row) = answer {
                let cells: Vec<&str> = (0..row.len()).map(|i| row.get(i).unwrap_or("null")).collect();
                lines.push(cells.join("|"));
            }
        }
        lines.join("\n")
    }

    pub fn execute(&self, sql: &str) {
        self.client().batch_execute(sql).expect(sql);
    }

    pub fn run(&self, args: &[&str]) -> Outcome {
        let outcome = self.platform.run(args);
        println!("$ goldsmith {}\n{}{}", args.join(" "), outcome.stdout, outcome.stderr);
        outcome
    }

    pub fn done(&self, args: &[&str]) -> Outcome {
        let outcome = self.run(args);
        assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
        outcome
    }
}
