//! Telling a webhook how a run ended, against a small server of our own that answers as it is told.

mod common;

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use common::http::{Post, Server};
use common::{Outcome, Platform};
use serde_json::Value;

/// The part of the address that must never be shown.
const SECRET: &str = "T00000000/B11111111/hunter22hunter22";

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const BROKEN: &str = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n";

/// The server's address, with the secret in its path.
fn url(server: &Server) -> String {
    format!("http://127.0.0.1:{}/services/{SECRET}", server.port)
}

/// What was posted so far: head and body.
fn posts(server: &Server) -> Vec<(Instant, String, Value)> {
    let parsed = |post: Post| (post.at, post.head, serde_json::from_str(&post.body).expect("JSON"));
    server.posts().into_iter().map(parsed).collect()
}

/// The one body that was posted.
#[track_caller]
fn body(server: &Server) -> Value {
    let mut posts = posts(server);
    assert_eq!(posts.len(), 1, "{posts:?}");
    posts.remove(0).2
}

fn platform() -> Platform {
    Platform::new(&[
        ("projects/shop/project.yml", "name: shop\nowner: shop-team\ndatabase: shop_dwh\n"),
        ("projects/shop/silver/good.sql", "select 1 as id"),
        ("projects/shop/silver/bad.sql", "select no_such_column from {{ ref('good') }}"),
        ("projects/shop/silver/after.sql", "select * from {{ ref('bad') }}"),
    ])
}

/// Runs with an address in the environment, where it belongs.
fn run(platform: &Platform, url: &str, args: &[&str]) -> Outcome {
    let output = command(platform, args).env("GOLDSMITH_NOTIFY", url).output().expect("the binary starts");
    outcome(&output)
}

fn command(platform: &Platform, args: &[&str]) -> assert_cmd::Command {
    let mut command = platform.command(&[&["run", "--date", "2025-12-31"], args].concat());
    for proxy in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env_remove(proxy);
    }
    command
}

fn outcome(output: &std::process::Output) -> Outcome {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(!stderr.contains("hunter22") && !stdout.contains("hunter22"), "{stderr}");
    Outcome { code: output.status.code().unwrap_or(-1), stdout, stderr }
}

/// No file of the platform holds the secret.
fn assert_secret_is_kept(platform: &Platform) {
    for entry in walkdir::WalkDir::new(platform.path("")).into_iter().map_while(Result::ok) {
        if entry.file_type().is_file() {
            let bytes = std::fs::read(entry.path()).expect("a file");
            let found = bytes.windows(8).any(|w| w == b"hunter22");
            assert!(!found, "{}", entry.path().display());
        }
    }
}

#[test]
fn a_failed_run_is_told_with_what_failed_and_whose_it_is() {
    let (platform, server) = (platform(), Server::new(&[OK]));
    let outcome = run(&platform, &url(&server), &[]);
    assert_eq!(outcome.code, 1);
    assert!(!outcome.stderr.contains("warning:"), "{}", outcome.stderr);
    let (_, head, body) = posts(&server).remove(0);
    let head = head.to_lowercase();
    assert!(head.starts_with("post /services/") && head.contains("content-type: application/json"), "{head}");
    assert!(head.contains("user-agent: goldsmith/"), "{head}");
    for (key, value) in [
        ("platform", "small"),
        ("target", "dev"),
        ("pipeline", "daily"),
        ("business_date", "2025-12-31"),
        ("status", "error"),
        ("exit_code", "1"),
        ("type", "message"),
    ] {
        assert_eq!(body[key].to_string().trim_matches('"'), value, "{body}");
    }
    assert!(body["duration_seconds"].as_f64().is_some_and(|d| d > 0.0), "{body}");
    assert!(body["run_id"].as_str().is_some_and(|id| id.starts_with("20")), "{body}");
    assert_eq!((&body["counts"]["error"], &body["counts"]["skipped"]), (&1.into(), &1.into()), "{body}");
    let failed = &body["failed"][0];
    assert_eq!((&failed["node"], &failed["owner"]), (&"shop.bad".into(), &"shop-team".into()), "{failed}");
    assert_eq!((&failed["path"], &failed["line"]), (&"projects/shop/silver/bad.sql".into(), &1.into()));
    assert!(failed["message"].as_str().is_some_and(|m| m.contains("no_such_column")), "{failed}");
    let text = body["text"].as_str().expect("a text");
    assert!(text.starts_with("*small: daily on dev failed*\nbusiness date 2025-12-31, after "), "{text}");
    assert!(text.contains("\u{2022} `shop.bad (shop-team)` "), "{text}");
    let card = &body["attachments"][0];
    assert_eq!(card["contentType"], "application/vnd.microsoft.card.adaptive");
    assert_eq!(card["content"]["type"], "AdaptiveCard");
    assert_secret_is_kept(&platform);
}

#[test]
fn a_server_that_is_out_of_order_is_asked_again() {
    let (platform, server) = (platform(), Server::new(&[BROKEN, BROKEN, OK]));
    let outcome = run(&platform, &url(&server), &["--select", "good"]);
    assert_eq!((outcome.code, outcome.stderr.contains("warning:")), (0, false), "{}", outcome.stderr);
    let posted = posts(&server);
    assert_eq!(posted.len(), 3);
    let pauses: Vec<Duration> = posted.windows(2).map(|w| w[1].0 - w[0].0).collect();
    assert!(pauses[0] >= Duration::from_millis(200) && pauses[1] > pauses[0], "{pauses:?}");
    assert_eq!(posted[2].2["status"], "success");
}

#[test]
fn retry_after_is_honoured_within_reason() {
    const BUSY: &str = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n";
    const LATER: &str = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n";
    let platform = platform();
    let server = Server::new(&[BUSY, OK]);
    run(&platform, &url(&server), &["--select", "good"]);
    let posted = posts(&server);
    assert!(posted.len() == 2 && posted[1].0 - posted[0].0 >= Duration::from_secs(1), "{posted:?}");
    let server = Server::new(&[LATER]);
    let began = Instant::now();
    let outcome = run(&platform, &url(&server), &["--select", "good"]);
    assert_eq!((outcome.code, posts(&server).len()), (0, 1));
    assert!(began.elapsed() < Duration::from_secs(9), "nobody waits for an hour, nor for the limit");
    let said =
        "warning: http://127.0.0.1/... was not told how the run ended: it answered 503 Service Unavailable\n";
    assert!(outcome.stderr.ends_with(said), "{}", outcome.stderr);
}

#[test]
fn a_server_that_never_answers_costs_no_more_than_the_limit() {
    let (platform, server) = (platform(), Server::new(&[""]));
    let began = Instant::now();
    let outcome = run(&platform, &url(&server), &["--select", "good", "--notify-timeout", "2s"]);
    assert_eq!(outcome.code, 0, "never the run's failure");
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    assert!(outcome.stderr.contains("it did not answer in time, after 2 attempts"), "{}", outcome.stderr);
    assert_eq!(posts(&server).len(), 2);
    assert_eq!(platform.rows("shop_dwh", "SELECT id FROM silver.good"), "1");
}

#[test]
fn whatever_comes_back_the_run_ends_as_it_would() {
    const MOVED: &str =
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/elsewhere\r\nContent-Length: 0\r\n\r\n";
    const MOVED_AS_IS: &str =
        "HTTP/1.1 308 Permanent Redirect\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n";
    const GONE: &str = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    let platform = platform();
    for (answer, said) in [
        (&[MOVED] as &'static [&'static str], "it answered 302 Found, and redirects are not followed"),
        (&[MOVED_AS_IS], "it answered 308 Permanent Redirect, and redirects are not followed"),
        (&[GONE], "it answered 404 Not Found"),
        (&["SSH-2.0-OpenSSH_9.7\r\n"], "what it answered is no HTTP"),
    ] {
        let server = Server::new(answer);
        let outcome = run(&platform, &url(&server), &["--select", "good"]);
        assert_eq!(outcome.code, 0);
        assert!(outcome.stderr.contains(said), "{said}: {}", outcome.stderr);
        assert_eq!(posts(&server).len(), 1, "{said}: once is enough");
    }
    let closed = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address");
    let closed = format!("http://{closed}/services/{SECRET}");
    for (url, said) in [
        (closed.as_str(), "it can't be reached: "),
        (
            "http://no-such-host.invalid/hunter22",
            "http://no-such-host.invalid/... was not told how the run ended: it",
        ),
        ("https://hooks.slack.com:port/hunter22", "the address of --notify: its port is no number"),
        ("hunter22", "the address of --notify: it does not begin with https:// or http://"),
    ] {
        let outcome = run(&platform, url, &["--select", "good", "--notify-timeout", "1s"]);
        assert_eq!(outcome.code, 0);
        assert!(
            outcome.stderr.contains("warning: ") && outcome.stderr.contains(said),
            "{said}: {}",
            outcome.stderr
        );
    }
    // A server that speaks no TLS.
    let server = Server::new(&[OK]);
    let url = url(&server).replace("http:", "https:");
    let outcome = run(&platform, &url, &["--select", "good", "--notify-timeout", "1s"]);
    assert!(
        outcome.code == 0 && outcome.stderr.contains("warning: https://127.0.0.1/... was not told"),
        "{}",
        outcome.stderr
    );
    assert_secret_is_kept(&platform);
}

#[test]
fn a_run_that_was_refused_is_told_too() {
    let platform = platform();
    platform.ok(&["run", "--select", "good"]);
    let server = Server::new(&[OK]);
    // Held by this process.
    let file = platform.path("warehouse/shop_dwh.duckdb");
    let held = duckdb::Connection::open(file).expect("nobody holds it");
    assert_eq!(run(&platform, &url(&server), &["--pipeline", "hourly"]).code, 3);
    drop(held);
    let told = body(&server);
    assert_eq!(
        (&told["status"], &told["exit_code"], &told["pipeline"]),
        (&"refused".into(), &3.into(), &"hourly".into())
    );
    assert!(told["message"].as_str().is_some_and(|m| m.contains("shop_dwh.duckdb")), "{told}");
    assert!(
        told["text"].as_str().is_some_and(|t| t.starts_with("*small: hourly on dev was refused*")),
        "{told}"
    );
    platform.write("projects/sales/project.yml", "name: sales\ndatabase: sales_dwh\n");
    platform.write("projects/sales/silver/secret.sql", "select 1 as id");
    platform.write("projects/shop/silver/bad.sql", "select * from sales_dwh.silver.secret");
    assert_eq!(run(&platform, &url(&server), &[]).code, 3);
    let told = body(&server);
    assert_eq!(told["failed"][0]["path"], "projects/shop/silver/bad.sql", "{told}");
    assert!(told["failed"][0]["message"].as_str().is_some_and(|m| m.starts_with("GS101 ")), "{told}");
    platform.write("goldsmith.yml", "name: small\ntargets: [\n");
    assert_eq!(run(&platform, &url(&server), &[]).code, 2);
    assert_eq!(body(&server)["status"], "error", "an unattended job can't start: somebody should know");
    let platform = self::platform();
    assert_eq!(run(&platform, &url(&server), &["--resume"]).code, 0);
    assert!(posts(&server).is_empty(), "nothing ran, and nothing is told");
}

#[test]
fn an_interrupted_run_is_told_too() {
    let (platform, server) = (platform(), Server::new(&[OK]));
    platform.write("projects/shop/silver/bad.sql", "{{ config(materialized='table') }} select count(*) as n from range(20000000000) t(i) where i % 7 = 3");
    let mut run = std::process::Command::new(env!("CARGO_BIN_EXE_goldsmith"))
        .args(["--platform", platform.path("").to_str().expect("Unicode"), "run", "--log-format", "json"])
        .env("GOLDSMITH_NOTIFY", url(&server))
        .env_remove("http_proxy")
        .env_remove("HTTP_PROXY")
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut lines = BufReader::new(run.stderr.take().expect("a pipe")).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("shop.bad") && line.contains("started")));
    std::process::Command::new("kill").args(["-INT", &run.id().to_string()]).status().expect("kill");
    assert_eq!(lines.filter(|line| line.contains("hunter22")).count(), 0);
    assert_eq!(run.wait().expect("it ends").code(), Some(130));
    let told = body(&server);
    assert_eq!((&told["status"], &told["exit_code"]), (&"interrupted".into(), &130.into()));
}

#[test]
fn the_platform_says_who_is_told_of_what() {
    let (always, failures, flag) = (Server::new(&[OK]), Server::new(&[OK]), Server::new(&[OK]));
    let platform = platform();
    platform.write(
        "goldsmith.yml",
        "name: small\ntargets:\n  dev: { type: duckdb, path: warehouse }\nnotify:\n  - \"{{ env_var('HOOK_ALWAYS') }}\"\n  - url: \"{{ env_var('HOOK_FAILURES') }}\"\n    on: failure\n    format: slack\n    timeout: 5s\n",
    );
    let run = |args: &[&str]| {
        let mut command = command(&platform, args);
        command.env("HOOK_ALWAYS", url(&always)).env("HOOK_FAILURES", url(&failures));
        outcome(&command.output().expect("the binary starts"))
    };
    assert_eq!(run(&["--select", "good"]).code, 0);
    assert_eq!((always.posts().len(), failures.posts().len()), (1, 0));
    assert_eq!(run(&[]).code, 1);
    assert_eq!(body(&always)["status"], "error");
    let slack = body(&failures);
    assert_eq!(slack.as_object().map(serde_json::Map::len), Some(1), "{slack}");
    assert!(slack["text"].is_string());
    // The flag goes before the file.
    assert_eq!(run(&["--select", "good", "--notify", &url(&flag)]).code, 0);
    assert_eq!((always.posts().len(), flag.posts().len()), (0, 1));
    // A variable that is not set silences one of them, and not the run.
    let mut command = command(&platform, &["--select", "good"]);
    let told = outcome(&command.env("HOOK_ALWAYS", url(&always)).output().expect("the binary starts"));
    assert_eq!(told.code, 0, "{}", told.stderr);
    let said = "nobody is told there how this run ends: `notify` in goldsmith.yml:6: environment variable `HOOK_FAILURES` is not set";
    assert!(told.stderr.contains(said), "{}", told.stderr);
    assert_eq!(always.posts().len(), 1);
    assert_secret_is_kept(&platform);
}

#[test]
fn wrong_keys_of_notify_are_told_at_their_place() {
    let platform = platform();
    platform.write(
        "goldsmith.yml",
        "name: small\ntargets:\n  dev: { type: duckdb, path: warehouse }\nnotify:\n  - { url: \"http://x\", on: sometimes, timeout: 1h, form: slack }\n  - { on: failure }\n  - 3\n",
    );
    let outcome = platform.run(&["lint"]);
    common::snapshots().bind(|| insta::assert_snapshot!("wrong_keys", outcome.shown(&platform)));
    assert_eq!(outcome.code, 1);
}

#[test]
fn help_does_not_show_the_address_that_is_set() {
    let platform = platform();
    let mut command = platform.command(&["run", "--help"]);
    let output =
        command.env("GOLDSMITH_NOTIFY", format!("https://hooks.slack.com/services/{SECRET}")).output();
    let told = outcome(&output.expect("the binary starts"));
    assert!(told.stdout.contains("GOLDSMITH_NOTIFY"), "{}", told.stdout);
}
