//! `--postgres HOST`: what goldsmith costs on a PostgreSQL server, beside the server's own client. A million rows
//! in bulk against `psql`'s `\copy` of the same rows; a thousand small models against the same statements on
//! as many connections, with nothing else done.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arrow_array::RecordBatch;
use goldsmith::warehouse::duckdb::{DuckDb, Memory};
use goldsmith::warehouse::postgres::{Encryption, Postgres, Settings};
use goldsmith::warehouse::{Access, Error, LOCK_TIMEOUT, Sink, Warehouse};
use goldsmith::words::RelationName;
use serde_json::Value;

use super::{judged, platform};

/// The least speed of rows in bulk, against `\copy`.
const BULK: f64 = 0.8;
/// The most time of a run, against its statements.
const RUN: f64 = 1.15;
/// On so many connections.
const THREADS: usize = 4;
/// What the database is called.
const DATABASE: &str = "goldsmith_bench";

const COLUMNS: &str = "id bigint, customer text, amount numeric(18,2), note text, created timestamp, day date, open boolean, weight double precision";

/// Measures, prints, and tells whether the targets hold.
pub fn bench(
    goldsmith: &Path,
    root: &Path,
    (host, rows, models): (&str, u64, usize),
    tries: usize,
) -> io::Result<bool> {
    fs::create_dir_all(root)?;
    let bulk = bulk(root, host, rows, tries)?;
    let run = models_on(goldsmith, &root.join("models"), host, models, tries)?;
    Ok(bulk && run)
}

fn settings(host: &str) -> Settings {
    Settings {
        host: host.to_owned(),
        port: 5432,
        user: "goldsmith".into(),
        password: None,
        database: "postgres".into(),
        encryption: Encryption::Disable,
        lock_timeout: LOCK_TIMEOUT,
    }
}

fn client(host: &str, database: &str) -> io::Result<postgres::Client> {
    postgres::Client::connect(&format!("host={host} user=goldsmith dbname={database}"), postgres::NoTls)
        .map_err(io::Error::other)
}

/// The best of several tries, by the clock.
fn best(tries: usize, mut once: impl FnMut() -> io::Result<Duration>) -> io::Result<Duration> {
    let mut best = Duration::MAX;
    for _ in 0..tries.max(1) {
        best = best.min(once()?);
    }
    Ok(best)
}

/// Rows in bulk: what a load does once it has read them.
fn bulk(root: &Path, host: &str, rows: u64, tries: usize) -> io::Result<bool> {
    let folder =
        camino::Utf8PathBuf::from_path_buf(root.to_owned()).map_err(|_| io::Error::other("Unicode"))?;
    let opened =
        Postgres::open(settings(host), &[(DATABASE.to_owned(), Access::Write)]).map_err(io::Error::other)?;
    let mut session = opened.connect(DATABASE).map_err(io::Error::other)?;
    let batches = generated(&folder, rows).map_err(io::Error::other)?;
    let table = RelationName::new(DATABASE, "public", "orders");
    let fresh = format!("DROP TABLE IF EXISTS public.orders; CREATE TABLE public.orders ({COLUMNS})");
    let own = best(tries, || {
        session.execute(&fresh).map_err(io::Error::other)?;
        let clock = Instant::now();
        session.begin().map_err(io::Error::other)?;
        session.append(&table, &mut batches.iter().cloned().map(Ok)).map_err(io::Error::other)?;
        session.commit().map_err(io::Error::other)?;
        Ok(clock.elapsed())
    })?;
    let psql = |command: &str| {
        let done = Command::new("psql")
            .args([
                "-qX",
                "-v",
                "ON_ERROR_STOP=1",
                "-h",
                host,
                "-U",
                "goldsmith",
                "-d",
                DATABASE,
                "-c",
                command,
            ])
            .current_dir(root)
            .output()?;
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        if done.status.success() { Ok(()) } else { Err(io::Error::other(said)) }
    };
    psql("\\copy public.orders TO 'orders.txt'")?;
    let floor = best(tries, || {
        psql(&fresh)?;
        let clock = Instant::now();
        psql("\\copy public.orders FROM 'orders.txt'")?;
        Ok(clock.elapsed())
    })?;
    let speed = floor.as_secs_f64() / own.as_secs_f64().max(0.001);
    println!("{rows} rows in bulk, by the clock");
    println!("  floor: psql \\copy  {:>7.3} s", floor.as_secs_f64());
    println!("  bulk insert        {:>7.3} s", own.as_secs_f64());
    println!("  {}", judged(speed >= BULK, &format!("at least {BULK} of the floor's speed: {speed:.2}")));
    Ok(speed >= BULK)
}

/// Keeps the rows that it is given.
#[derive(Default)]
struct Kept(Vec<RecordBatch>);

impl Sink for Kept {
    fn begin(&mut self, _: arrow_schema::SchemaRef) -> Result<(), Error> {
        Ok(())
    }

    fn take(&mut self, batch: RecordBatch) -> Result<(), Error> {
        self.0.push(batch);
        Ok(())
    }
}

fn generated(folder: &camino::Utf8Path, rows: u64) -> Result<Vec<RecordBatch>, Error> {
    let engine = DuckDb::open(folder, folder, &[("d".to_owned(), Access::Write)], Memory::Much)?;
    let mut kept = Kept::default();
    engine.connect("d")?.read(
        &format!(
            "SELECT range AS id, 'customer ' || hash(range) % 100000 AS customer, \
             CAST(hash(range + 1) % 100000000 AS DECIMAL(18, 2)) / 100 AS amount, \
             CASE WHEN range % 5 = 0 THEN NULL ELSE 'a note about order ' || hash(range) END AS note, \
             TIMESTAMP '2024-01-01' + INTERVAL (range % 50000000) SECOND AS created, \
             DATE '2024-01-01' + CAST(range % 700 AS INTEGER) AS day, range % 7 = 0 AS open, \
             CASE WHEN range % 11 = 0 THEN NULL ELSE range / 3.7 END AS weight FROM range({rows})"
        ),
        &mut kept,
    )?;
    Ok(kept.0)
}

/// Small models and their tests: a run beside its statements.
fn models_on(goldsmith: &Path, root: &Path, host: &str, models: usize, tries: usize) -> io::Result<bool> {
    platform::write(root, models)?;
    fs::write(
        root.join("goldsmith.yml"),
        format!(
            "name: bench\ndefault_target: pg\ntargets:\n  pg: {{ type: postgres, host: \"{host}\", user: goldsmith, threads: {THREADS} }}\n"
        ),
    )?;
    fs::write(root.join("projects/shop/project.yml"), format!("name: shop\ndatabase: {DATABASE}_models\n"))?;
    let say = |words: &[&str]| {
        let done = Command::new(goldsmith).args(words).current_dir(root).output()?;
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        if done.status.success() { Ok(done.stdout) } else { Err(io::Error::other(said)) }
    };
    say(&["run"])?;
    // Files come in through another engine: models alone are statements of the server's.
    let models_only = ["--select", "kind:model"];
    let plan: Value =
        serde_json::from_slice(&say(&[&["plan", "--format", "json"][..], &models_only].concat())?)?;
    let steps = plan["steps"].as_array().ok_or_else(|| io::Error::other("the plan has no steps"))?;
    let database = format!("{DATABASE}_models");
    let floor = best(tries, || feed(steps, host, &database))?;
    let own = best(tries, || {
        let clock = Instant::now();
        say(&[&["run"][..], &models_only].concat())?;
        Ok(clock.elapsed())
    })?;
    let ratio = own.as_secs_f64() / floor.as_secs_f64().max(0.001);
    println!("{} steps of {models} models on {THREADS} connections, by the clock", steps.len());
    println!("  floor: the statements  {:>7.3} s", floor.as_secs_f64());
    println!("  run                    {:>7.3} s", own.as_secs_f64());
    println!("  {}", judged(ratio <= RUN, &format!("at most {RUN} of the floor's time: {ratio:.2}")));
    Ok(ratio <= RUN)
}

/// What is still to be done.
struct Todo {
    left: BTreeSet<usize>,
    done: Vec<bool>,
}

/// Sends the statements of a plan, each step's in one transaction, as soon as what it depends on is done.
fn feed(steps: &[Value], host: &str, database: &str) -> io::Result<Duration> {
    let ids: Vec<&str> = steps.iter().filter_map(|s| s["id"].as_str()).collect();
    let needs: Vec<Vec<usize>> = steps
        .iter()
        .map(|step| {
            let named = step["depends_on"].as_array().into_iter().flatten().filter_map(Value::as_str);
            named.filter_map(|id| ids.iter().position(|other| *other == id)).collect()
        })
        .collect();
    let todo = Mutex::new(Todo { left: (0..steps.len()).collect(), done: vec![false; steps.len()] });
    let ended = Condvar::new();
    let clock = Instant::now();
    let work = || -> io::Result<()> {
        let mut session = client(host, database)?;
        let mut held = todo.lock().unwrap_or_else(PoisonError::into_inner);
        while !held.left.is_empty() {
            let ready = held.left.iter().copied().find(|s| needs[*s].iter().all(|n| held.done[*n]));
            let Some(step) = ready else {
                held = ended.wait(held).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            held.left.remove(&step);
            drop(held);
            let sent = send(&steps[step], &mut session);
            held = todo.lock().unwrap_or_else(PoisonError::into_inner);
            held.done[step] = true;
            ended.notify_all();
            sent?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .try_for_each(|w| w.join().unwrap_or_else(|_| Err(io::Error::other("a worker died"))))
    })?;
    Ok(clock.elapsed())
}

fn send(step: &Value, session: &mut postgres::Client) -> io::Result<()> {
    let texts = step["sql"].as_array().into_iter().flatten().filter_map(Value::as_str);
    if step["kind"] == "test" {
        for sql in texts {
            session.simple_query(sql).map_err(io::Error::other)?;
        }
        return Ok(());
    }
    let mut transaction = session.transaction().map_err(io::Error::other)?;
    for sql in texts {
        transaction.simple_query(sql).map_err(io::Error::other)?;
    }
    transaction.commit().map_err(io::Error::other)
}
