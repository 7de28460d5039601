//! A PostgreSQL server of a test's own: a cluster in a new folder, reached through a socket there, which
//! goes with the test's process.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;

/// Makes the cluster, starts it, tells its folder, waits for the end of its input, and clears up.
/// initdb refuses to run as root.
const SCRIPT: &str = r#"
set -e
bin=$1
dir=$(mktemp -d /tmp/goldsmith-pg.XXXXXX)
cd "$dir"
"$bin/initdb" -D data -U goldsmith -A trust -E UTF8 --locale=C --no-sync >initdb.log 2>&1 || { cat initdb.log >&2; exit 1; }
printf 'local all asked scram-sha-256\nhost all asked 127.0.0.1/32 scram-sha-256\nlocal all all trust\nhost all all 127.0.0.1/32 trust\n' >data/pg_hba.conf
"$bin/postgres" -D data -k "$dir" -c listen_addresses= -c fsync=off -c full_page_writes=off \
    -c max_connections=300 >log 2>&1 </dev/null &
server=$!
trap 'kill -QUIT $server 2>/dev/null || true; wait $server || true; cd /; rm -rf "$dir"' EXIT
tries=0
until [ -S "$dir/.s.PGSQL.5432" ]; do
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
    /// The folder of its socket and its log.
    pub folder: String,
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
    command.args(["-c", SCRIPT, "sh"]).arg(&bin).current_dir("/");
    let mut script = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a shell");
    let mut folder = String::new();
    BufReader::new(script.stdout.take().unwrap()).read_line(&mut folder).unwrap();
    let folder = folder.trim().to_owned();
    assert!(!folder.is_empty(), "the server did not start");
    let open = script.stdin.take();
    Some(Server { folder, _script: script, _open: open })
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
