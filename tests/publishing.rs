//! Financial gold, published: the rules of the day, the ledger, the archive, and what is done with them.

mod common;

use common::{Outcome, Platform};

const SETTINGS: &str = "name: small\ndefault_target: prod\ntimezone: Europe/Berlin\ntargets:\n\
    \x20 prod: { type: duckdb, path: warehouse, protected: true }\n\
    \x20 dev: { type: duckdb, path: dev }\n";
const SHOP: &str = "name: shop\nowner: sales\ndatabase: shop_dwh\nschedule: { daily: \"0 5 * * *\", hourly: \"0 7-19 * * *\" }\n";
const BOOKS: &str = "name: books\nowner: finance\ndatabase: books_dwh\nschedule: { daily: \"0 6 * * *\" }\n";
const REVENUE: &str = "CREATE OR REPLACE TABLE fin.revenue AS\n\
    SELECT customer, strftime(day, '%Y-%m') AS month, sum(amount) AS amount, count(*) AS orders\nFROM raw.orders GROUP BY ALL;\n";
const TOTAL: &str = "CREATE OR REPLACE TABLE fin.total AS\n\
    SELECT month, sum(amount) AS amount, goldsmith.business_date() AS as_of FROM fin.revenue GROUP BY ALL;\n";
const DAY: [&str; 2] = ["--date", "2026-03-02"];
const NEXT: [&str; 2] = ["--date", "2026-03-03"];
/// Three customers in two months.
const ORDERS: &str = "id,customer,day,amount,changed\n\
    1,ada,2026-01-10,100.00,2026-03-01 08:00:00\n\
    2,bob,2026-01-11,50.50,2026-03-01 08:00:00\n\
    3,ada,2026-02-01,25.25,2026-03-01 08:00:00\n\
    4,cyd,2026-02-03,10.00,2026-03-01 08:00:00\n";

/// `shop` loads orders; `books` imports them and publishes two relations.
fn platform() -> Platform {
    Platform::new(&[
        ("goldsmith.yml", SETTINGS),
        ("projects/shop/project.yml", SHOP),
        (
            "projects/shop/bronze/loads.yml",
            "version: 2\nloads:\n  - name: orders\n    from: { file: \"data/orders.csv\" }\n    key: [id]\n    modified: changed\n\
             \x20   columns:\n      - { name: amount, data_type: \"decimal(18,2)\" }\n",
        ),
        ("projects/shop/silver/order.sql", "{{ config(materialized='table') }}\nselect * from raw.orders"),
        ("projects/shop/data/orders.csv", ORDERS),
        ("projects/books/project.yml", BOOKS),
        (
            "projects/books/bronze/loads.yml",
            "version: 2\nloads:\n  - name: orders\n    from: { project: shop, relation: silver.order }\n    key: [id]\n    modified: changed\n",
        ),
        ("projects/books/gold/financial/revenue.sql", REVENUE),
        ("projects/books/gold/financial/total.sql", TOTAL),
        (
            "projects/books/gold/financial/financial.yml",
            "version: 2\nmodels:\n  - name: revenue\n    config: { unique_key: [customer, month], period: month }\n\
             \x20 - name: total\n    columns:\n      - name: as_of\n        config: { checksum: ignore }\n",
        ),
        (
            "projects/books/tests/adds_up.sql",
            "select 1 from (select sum(amount) as a from fin.total) t, (select sum(amount) as a from fin.revenue) r where t.a is distinct from r.a",
        ),
    ])
}

fn run(platform: &Platform, more: &[&str]) -> Outcome {
    platform.run(&[&["run"], more].concat())
}

#[track_caller]
fn refused(outcome: &Outcome, expected: &[&str]) {
    assert_eq!(outcome.code, 3, "{}{}", outcome.stdout, outcome.stderr);
    for text in expected {
        assert!(outcome.stderr.contains(text), "no `{text}` in:\n{}", outcome.stderr);
    }
}

#[track_caller]
fn published(outcome: &Outcome, id: &str) {
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stderr.contains(&format!("published {id}:")), "{}", outcome.stderr);
}

fn ledger(platform: &Platform) -> String {
    platform.rows(
        "books_dwh",
        "SELECT number, business_date, edition, kind, reasons FROM goldsmith.publications ORDER BY number",
    )
}

fn figures(platform: &Platform) -> String {
    platform.rows("books_dwh", "SELECT * FROM fin.revenue ORDER BY ALL")
}

#[test]
fn one_publication_for_each_business_date() {
    let platform = platform();
    published(&run(&platform, &DAY), "books@2026-03-02");
    let steps = platform.rows("books_dwh", "SELECT count(*) FROM goldsmith.steps");
    refused(
        &run(&platform, &DAY),
        &["books@2026-03-02 has been published already", "--republish \"reason\"", "nothing was run"],
    );
    assert_eq!(platform.rows("books_dwh", "SELECT count(*) FROM goldsmith.steps"), steps, "nothing ran");
    refused(
        &run(&platform, &[&DAY[..], &["--select", "project:books,track:financial"]].concat()),
        &["already"],
    );
    let empty = run(&platform, &[&DAY[..], &["--republish", " "]].concat());
    assert_eq!(empty.code, 2, "{}", empty.stderr);
    let again = run(&platform, &[&DAY[..], &["--republish", "late booking of Friday"]].concat());
    published(&again, "books@2026-03-02.2");
    published(&run(&platform, &NEXT), "books@2026-03-03");
    assert_eq!(
        ledger(&platform),
        "1 2026-03-02 1 published {}\n\
         2 2026-03-02 2 published {\"republish\":\"late booking of Friday\"}\n\
         3 2026-03-03 1 published {}"
    );
}

#[test]
fn stale_inputs_are_refused_through_imports() {
    let platform = platform();
    published(&run(&platform, &DAY), "books@2026-03-02");
    // Only books has been reloaded for the next day: what it imports is of the day before.
    refused(
        &run(&platform, &[&NEXT[..], &["--select", "project:books"]].concat()),
        &[
            "shop.orders: last reloaded in full for 2026-03-02",
            "--allow-stale \"reason\"",
            "--select books shop",
        ],
    );
    refused(
        &run(&platform, &[&NEXT[..], &["--no-load"]].concat()),
        &["books.orders: last reloaded in full for 2026-03-02", "shop.orders"],
    );
    let plan = platform.ok(&[&["plan"], &NEXT[..], &["--no-load"]].concat());
    assert!(plan.stderr.contains("`run` would be refused: "), "{}", plan.stderr);
    assert!(platform.rows("books_dwh", "SELECT max(as_of) FROM fin.total").contains("2026-03-02"));
    let forced = run(
        &platform,
        &[&NEXT[..], &["--select", "project:books", "--allow-stale", "shop is closed"]].concat(),
    );
    published(&forced, "books@2026-03-03");
    assert!(ledger(&platform).contains("{\"allow-stale\":\"shop is closed\"}"));
    // In the order of the clock: the owner's day, one's own loads, then financial gold alone.
    let date = ["--date", "2026-03-04"];
    for select in [&["project:shop"][..], &["project:books", "--exclude", "track:financial"]] {
        assert_eq!(run(&platform, &[&date[..], &["--select"], select].concat()).code, 0);
    }
    published(
        &run(&platform, &[&date[..], &["--select", "project:books,track:financial"]].concat()),
        "books@2026-03-04",
    );
}

#[test]
fn hourly_changes_of_inputs_are_refused() {
    let platform = platform();
    for project in ["project:shop", "project:books"] {
        let select = [&DAY[..], &["--select", project, "--exclude", "track:financial"]].concat();
        assert_eq!(run(&platform, &select).code, 0);
    }
    platform.write(
        "projects/shop/data/orders.csv",
        format!("{ORDERS}5,ada,2026-02-09,1.00,2026-03-02 09:00:00\n"),
    );
    let hourly = [&DAY[..], &["--pipeline", "hourly"]].concat();
    assert_eq!(run(&platform, &hourly).code, 0);
    let financial = [&DAY[..], &["--select", "project:books,track:financial"]].concat();
    refused(
        &run(&platform, &financial),
        &["hourly loads have changed", "books.orders: an hourly load at", "--allow-hourly-inputs \"reason\""],
    );
    let forced = [&financial[..], &["--allow-hourly-inputs", "wanted"]].concat();
    published(&run(&platform, &forced), "books@2026-03-02");
}

#[test]
fn hourly_loads_that_come_after_the_import_do_not_matter() {
    let platform = platform();
    for project in ["project:shop", "project:books"] {
        let select = [&DAY[..], &["--select", project, "--exclude", "track:financial"]].concat();
        assert_eq!(run(&platform, &select).code, 0);
    }
    platform.write(
        "projects/shop/data/orders.csv",
        format!("{ORDERS}5,ada,2026-02-09,1.00,2026-03-02 09:00:00\n"),
    );
    assert_eq!(
        run(&platform, &[&DAY[..], &["--pipeline", "hourly", "--select", "project:shop"]].concat()).code,
        0
    );
    let financial = [&DAY[..], &["--select", "project:books,track:financial"]].concat();
    published(&run(&platform, &financial), "books@2026-03-02");
}

#[test]
fn a_project_alone_asks_the_ledger_of_its_absent_sibling() {
    let platform = platform();
    published(&run(&platform, &DAY), "books@2026-03-02");
    std::fs::remove_dir_all(platform.path("projects/shop")).unwrap();
    refused(
        &run(&platform, &NEXT),
        &["shop.orders, behind books.orders: last reloaded in full for 2026-03-02"],
    );
    published(
        &run(&platform, &[&NEXT[..], &["--allow-stale", "sibling is late"]].concat()),
        "books@2026-03-03",
    );
}

#[test]
fn a_part_of_the_track_is_refused_where_figures_are_protected() {
    let platform = platform();
    published(&run(&platform, &DAY), "books@2026-03-02");
    refused(
        &run(&platform, &[&NEXT[..], &["--select", "revenue"]].concat()),
        &["published whole, or not at all", "books.total is not selected"],
    );
    // Tests are not left out of a publication either.
    platform.write("projects/books/tests/adds_up.sql", "select 1 from fin.total");
    let sly = run(&platform, &[&NEXT[..], &["--exclude", "kind:test"]].concat());
    assert_eq!(sly.code, 1, "{}", sly.stderr);
    assert!(platform.rows("books_dwh", "SELECT max(as_of) FROM fin.total").contains("2026-03-02"));
    // Elsewhere a part may be tried; it is no publication.
    platform.ok(&["run", "--target", "dev", "--exclude", "track:financial"]);
    let part = platform.ok(&["run", "--target", "dev", "--no-load", "--select", "revenue"]);
    assert!(part.stderr.contains("nothing is recorded as published"), "{}", part.stderr);
    assert!(
        platform
            .ok_json(&["publications", "list", "--target", "dev", "--format", "json"])
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[test]
fn init_and_hourly_leave_published_gold_alone() {
    let platform = platform();
    published(&run(&platform, &DAY), "books@2026-03-02");
    let before = figures(&platform);
    platform.write(
        "projects/shop/data/orders.csv",
        format!("{ORDERS}5,ada,2026-02-09,1.00,2026-03-03 09:00:00\n"),
    );
    for pipeline in ["init", "hourly"] {
        let outcome = run(&platform, &[&NEXT[..], &["--pipeline", pipeline, "--yes"]].concat());
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        assert_eq!(figures(&platform), before, "{pipeline}");
    }
    assert_eq!(platform.rows("books_dwh", "SELECT count(*) FROM goldsmith.publications"), "1");
    let rehearsal = run(&platform, &["--pipeline", "hourly", "--rehearse"]);
    assert_eq!(rehearsal.code, 2, "{}", rehearsal.stderr);
}

#[test]
fn a_rehearsal_shows_what_would_change_and_changes_nothing() {
    let platform = platform();
    published(&run(&platform, &DAY), "books@2026-03-02");
    let before = figures(&platform);
    let script = "projects/books/gold/financial/revenue.sql";
    platform.write(script, REVENUE.replace("sum(amount)", "sum(amount) * 2"));
    let rehearsal = run(&platform, &[&NEXT[..], &["--rehearse"]].concat());
    assert_eq!(rehearsal.code, 0, "{}", rehearsal.stderr);
    for text in [
        "A run without --rehearse would be refused: ",
        "rehearsed books@2026-03-03: 6 rows in 2 relations, all rolled back",
        "  fin.revenue: 0 added, 0 removed, 4 changed (4 -> 4 rows)\n    amount  185.75 -> 371.50  +185.75\n",
    ] {
        assert!(rehearsal.stderr.contains(text), "no `{text}` in:\n{}", rehearsal.stderr);
    }
    assert_eq!(figures(&platform), before);
    assert_eq!(platform.rows("books_dwh", "SELECT count(*) FROM goldsmith.publications"), "1");
    // A rehearsal whose tests fail says so.
    platform.write("projects/books/tests/adds_up.sql", "select 1 from fin.total");
    assert_eq!(run(&platform, &[&NEXT[..], &["--rehearse"]].concat()).code, 1);
}

#[test]
fn the_ledger_tells_what_was_published_from_what() {
    let platform = platform();
    published(&run(&platform, &[&DAY[..], &["--allow-stale", "first day"]].concat()), "books@2026-03-02");
    let told =
        platform.ok_json(&["publications", "show", "books@2026-03-02", "--format", "json", "--reproduce"]);
    assert_eq!(told["id"], "books@2026-03-02");
    assert_eq!(told["stands"], true);
    assert_eq!(told["reasons"]["allow-stale"], "first day");
    let outputs = told["outputs"].as_array().unwrap();
    assert_eq!(outputs.len(), 2, "{told:#}");
    assert_eq!((&outputs[0]["relation"], &outputs[0]["rows"]), (&"fin.revenue".into(), &4.into()));
    assert_eq!(outputs[0]["totals"]["amount"], "185.75");
    let as_of = outputs[1]["columns"].as_array().unwrap().iter().find(|c| c["name"] == "as_of").unwrap();
    assert_eq!(as_of["left_out"], "ignored");
    assert_eq!(told["inputs"][0]["relation"], "raw.orders");
    assert_eq!(told["inputs"][0]["watermark"], "2026-03-01 08:00:00");
    let loads = told["loads"].as_array().unwrap();
    let of = |id: &str| {
        &loads.iter().find(|l| l["load"] == id).unwrap_or_else(|| panic!("{id} in {told:#}"))["last"]
    };
    assert_eq!(of("books.orders")["mode"], "full");
    // The sibling's own load, behind the import, was carried out by the same run: its rows stand in its own
    // records alone.
    let own = loads.iter().find(|l| l["load"] == "shop.orders").unwrap();
    assert!(own["rows"].is_null(), "{own:#}");
    assert_eq!(
        (&of("shop.orders")["mode"], &of("shop.orders")["business_date"]),
        (&"full".into(), &"2026-03-02".into())
    );
    let again = run(
        &platform,
        &[&DAY[..], &["--republish", "once more", "--select", "project:books,track:financial"]].concat(),
    );
    published(&again, "books@2026-03-02.2");
    let second = platform.ok_json(&["publications", "show", "books@2026-03-02.2", "--format", "json"]);
    let shop = second["loads"].as_array().unwrap().iter().find(|l| l["load"] == "shop.orders").unwrap();
    assert!(shop["last"]["finished_at"].is_string() && shop["rows"] == 4, "{shop:#}");
    assert_eq!(told["scripts"][0]["path"], "projects/books/gold/financial/revenue.sql");
    assert_eq!(told["scripts"][0]["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(told["tests"][0]["status"], "pass");
    assert!(told["reproduce"].as_array().unwrap().iter().all(|s| s["stands"] == true), "{told:#}");
    // What it was made of has moved on.
    platform.write("projects/books/gold/financial/total.sql", format!("{TOTAL}-- later\n"));
    platform.write("projects/shop/data/orders.csv", ORDERS.replace("10.00", "11.00"));
    assert_eq!(run(&platform, &[&NEXT[..], &["--exclude", "track:financial"]].concat()).code, 0);
    let later = platform.run(&["publications", "show", "latest", "--reproduce"]);
    assert_eq!(later.code, 1, "{}", later.stdout);
    assert!(later.stdout.contains("total.sql: no: the file has changed"), "{}", later.stdout);
    assert!(later.stdout.contains("revenue.sql: yes"), "{}", later.stdout);
    assert!(later.stdout.contains("input raw.orders: no: other values"), "{}", later.stdout);
}

#[test]
fn diff_says_why_a_figure_has_moved() {
    let platform = platform();
    published(&run(&platform, &DAY), "books@2026-03-02");
    let early = platform.run(&["publications", "diff"]);
    assert_eq!(early.code, 2, "{}{}", early.stdout, early.stderr);
    platform.write(
        "projects/shop/data/orders.csv",
        format!(
            "{}5,eve,2026-02-09,7.00,2026-03-02 09:00:00\n",
            ORDERS.replace("25.25", "35.25").replace("2,bob,2026-01-11,50.50,2026-03-01 08:00:00\n", "")
        ),
    );
    published(&run(&platform, &NEXT), "books@2026-03-03");
    let told = platform.ok(&["publications", "diff", "--rows", "10"]);
    insta::assert_snapshot!(told.stdout);
    let json = platform.ok_json(&[
        "publications",
        "diff",
        "2026-03-02",
        "2026-03-03",
        "--relation",
        "revenue",
        "--format",
        "json",
    ]);
    let revenue = &json["relations"][0];
    assert_eq!(
        (&revenue["added"], &revenue["removed"], &revenue["changed"]),
        (&1.into(), &1.into(), &1.into())
    );
    assert_eq!(revenue["totals"][0]["change"], "-33.50000000000000");
    let unknown = platform.run(&["publications", "diff", "--relation", "nothing"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("they made fin.revenue, fin.total"), "{}", unknown.stderr);
}

/// Changes the warehouse behind goldsmith's back.
fn by_hand(platform: &Platform, sql: &str) {
    let connection = duckdb::Connection::open(platform.path("warehouse/books_dwh.duckdb")).unwrap();
    connection.execute_batch(sql).unwrap();
}

#[test]
fn verify_names_what_was_changed_by_hand_and_restore_mends_it() {
    let platform = platform();
    published(&run(&platform, &DAY), "books@2026-03-02");
    let good = figures(&platform);
    assert_eq!(platform.run(&["publications", "verify"]).code, 0);
    by_hand(
        &platform,
        "UPDATE fin.revenue SET amount = amount + 1 WHERE customer = 'cyd'; DELETE FROM fin.revenue WHERE customer = 'bob'",
    );
    let verdict = platform.run(&["publications", "verify"]);
    assert_eq!(verdict.code, 1, "{}", verdict.stdout);
    insta::assert_snapshot!(verdict.stdout);
    // An ignored column is nobody's figure.
    let restored = platform.ok(&["publications", "restore", "latest", "--reason", "somebody was in there"]);
    assert!(
        restored
            .stderr
            .contains("Restored books@2026-03-02 in the place of books@2026-03-02, as books@2026-03-02.2"),
        "{}",
        restored.stderr
    );
    by_hand(&platform, "UPDATE fin.total SET as_of = DATE '2020-01-01'");
    assert_eq!(platform.run(&["publications", "verify"]).code, 0);
    assert_eq!(figures(&platform), good);
    by_hand(&platform, "DROP TABLE fin.total");
    let gone = platform.run(&["publications", "verify"]);
    assert!(gone.code == 1 && gone.stdout.contains("fin.total: the relation is gone"), "{}", gone.stdout);
}

#[test]
fn yesterday_is_put_back_whole() {
    let platform = platform();
    published(&run(&platform, &DAY), "books@2026-03-02");
    let yesterday = figures(&platform);
    platform.write("projects/shop/data/orders.csv", ORDERS.replace("10.00", "999.00"));
    // The shape changes as well.
    platform.write(
        "projects/books/gold/financial/revenue.sql",
        REVENUE.replace("count(*) AS orders", "count(*) AS n, 1 AS x"),
    );
    published(&run(&platform, &NEXT), "books@2026-03-03");
    assert_ne!(figures(&platform), yesterday);
    let outcome = platform.run(&["publications", "restore", "books@2026-03-02"]);
    assert_eq!(outcome.code, 2, "a reason is asked for: {}", outcome.stderr);
    platform.ok(&["publications", "restore", "books@2026-03-02", "--reason", "wrong rates"]);
    assert_eq!(figures(&platform), yesterday);
    let list = platform.ok_json(&["publications", "list", "--format", "json"]);
    assert_eq!(
        (&list[0]["id"], &list[0]["kind"], &list[0]["stands"]),
        (&"books@2026-03-02.2".into(), &"restored".into(), &true.into())
    );
    assert_eq!(list[0]["reasons"]["restore"], "wrong rates");
    assert_eq!(platform.run(&["publications", "verify"]).code, 0);
    // Rows of the archive that somebody changed are not put back.
    let archived = platform.rows(
        "books_dwh",
        "SELECT archive FROM goldsmith.publication_relations WHERE number = 2 AND relation = 'revenue'",
    );
    by_hand(&platform, &format!("UPDATE goldsmith_archive.\"{}\" SET amount = 0", archived.trim()));
    let verdict = platform.run(&["publications", "verify", "books@2026-03-03"]);
    assert!(
        verdict.code == 1 && verdict.stdout.contains("the archived rows were changed since"),
        "{}",
        verdict.stdout
    );
    refused(
        &platform.run(&["publications", "restore", "books@2026-03-03", "--reason", "x"]),
        &["nothing was restored", "would not hold what books@2026-03-03 held"],
    );
    assert_eq!(figures(&platform), yesterday, "all or nothing");
}

#[test]
fn a_closed_period_stays_as_it_is() {
    let platform = platform();
    published(&run(&platform, &DAY), "books@2026-03-02");
    refused(&platform.run(&["publications", "close", "2026-03"]), &["2026-03 is not over in what stands"]);
    let wrong = platform.run(&["publications", "close", "2026-13"]);
    assert!(wrong.code == 2 && wrong.stderr.contains("write the month as 2026-02"), "{}", wrong.stderr);
    let closed = platform.ok(&["publications", "close", "2026-01"]);
    assert!(closed.stderr.contains("fin.revenue: 2 rows of the month, by month"), "{}", closed.stderr);
    assert!(closed.stderr.contains("tells their months: fin.total"), "{}", closed.stderr);
    refused(&platform.run(&["publications", "close", "2026-01"]), &["is closed already"]);
    // Another month may change.
    platform.write("projects/shop/data/orders.csv", ORDERS.replace("25.25", "26.00"));
    published(&run(&platform, &NEXT), "books@2026-03-03");
    // The closed one may not.
    let before = figures(&platform);
    platform.write("projects/shop/data/orders.csv", ORDERS.replace("50.50", "60.50"));
    let date = ["--date", "2026-03-04"];
    let outcome = run(&platform, &date);
    assert_eq!(outcome.code, 1, "{}", outcome.stderr);
    assert!(
        outcome
            .stderr
            .contains("the closed period 2026-01 would change: fin.revenue: amount 160.5 instead of 150.5"),
        "{}",
        outcome.stderr
    );
    assert_eq!(figures(&platform), before);
    let half = run(&platform, &[&date[..], &["--restate", "bob complained"]].concat());
    assert_eq!(half.code, 2, "a name is asked for: {}", half.stderr);
    let restated =
        run(&platform, &[&date[..], &["--restate", "bob complained", "--approved-by", "Eve"]].concat());
    published(&restated, "books@2026-03-04");
    assert!(restated.stderr.contains("closed period 2026-01 was restated"), "{}", restated.stderr);
    assert_eq!(
        platform.rows(
            "books_dwh",
            "SELECT approved_by, reasons FROM goldsmith.publications ORDER BY number DESC LIMIT 1"
        ),
        "Eve {\"restate\":\"bob complained\"}"
    );
    // From now on the new figures are the ones to keep.
    published(&run(&platform, &["--date", "2026-03-05"]), "books@2026-03-05");
    // A business date in a closed month is refused before anything runs.
    refused(&run(&platform, &["--date", "2026-01-31"]), &["the period 2026-01 is closed", "--restate"]);
    // Nor does a restore change it.
    refused(
        &platform.run(&["publications", "restore", "books@2026-03-03", "--reason", "x"]),
        &["the closed period 2026-01 would change"],
    );
    platform.ok(&[
        "publications",
        "restore",
        "books@2026-03-03",
        "--reason",
        "x",
        "--restate",
        "y",
        "--approved-by",
        "Eve",
    ]);
}

#[test]
fn rows_are_kept_as_long_as_it_is_said() {
    let platform = platform();
    platform.write("goldsmith.yml", format!("{SETTINGS}publications: {{ keep: 2 }}\n"));
    for (nth, date) in
        ["2026-01-30", "2026-01-31", "2026-02-01", "2026-02-02", "2026-02-03"].iter().enumerate()
    {
        platform.write("projects/shop/data/orders.csv", ORDERS.replace("10.00", &format!("{nth}.00")));
        published(&run(&platform, &["--date", date]), &format!("books@{date}"));
    }
    let kept = platform.rows(
        "books_dwh",
        "SELECT DISTINCT p.business_date FROM goldsmith.publications p JOIN goldsmith.publication_relations r USING (number) \
         WHERE r.archive IN (SELECT table_name FROM information_schema.tables WHERE table_schema = 'goldsmith_archive') ORDER BY 1",
    );
    // The last two, and the end of January.
    assert_eq!(kept, "2026-01-31\n2026-02-02\n2026-02-03");
    let gone = platform.ok(&["publications", "diff", "2026-01-30", "2026-01-31"]);
    assert!(
        gone.stdout.contains("fin.revenue: changed (4 -> 4 rows; the rows of one are not kept any more)"),
        "{}",
        gone.stdout
    );
    refused(
        &platform.run(&["publications", "restore", "2026-01-30", "--reason", "x"]),
        &["the rows of fin.revenue in books@2026-01-30 are not kept any more"],
    );
    // What did not change is kept once.
    published(&run(&platform, &["--date", "2026-02-04"]), "books@2026-02-04");
    let tables = "SELECT count(DISTINCT archive) FROM goldsmith.publication_relations WHERE relation = 'revenue' AND number >= 5";
    assert_eq!(platform.rows("books_dwh", tables), "1");
}

#[test]
fn what_is_due_is_told_though_nothing_ran() {
    let platform = platform();
    let due = platform.run(&["publications", "due"]);
    assert!(due.code == 0 && due.stdout.contains("books: awaited for "), "{}{}", due.stdout, due.stderr);
    platform.write("goldsmith.yml", format!("{SETTINGS}publications: {{ deadline: \"00:00\" }}\n"));
    let missing = platform.run(&["publications", "due"]);
    assert!(missing.code == 1 && missing.stdout.contains("books: missing for "), "{}", missing.stdout);
    let json = platform.run(&["publications", "due", "--format", "json"]);
    assert!(json.stdout.contains("\"state\": \"missing\""), "{}", json.stdout);
    assert_eq!(run(&platform, &[]).code, 0);
    let stands = platform.run(&["publications", "due"]);
    assert!(stands.code == 0 && stands.stdout.contains("stands"), "{}", stands.stdout);
    platform.write("goldsmith.yml", format!("{SETTINGS}publications: {{ deadline: soon, kepp: 3 }}\n"));
    let wrong = platform.run(&["publications", "due"]);
    assert_eq!(wrong.code, 2);
    assert!(
        wrong.stderr.contains("`soon` is no time of the day")
            && wrong.stderr.contains("did you mean `keep`?"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn evidence_is_one_file_that_needs_no_other() {
    let platform = platform();
    published(
        &run(&platform, &[&DAY[..], &["--allow-stale", "<script>alert(1)</script>"]].concat()),
        "books@2026-03-02",
    );
    let folder = platform.path("evidence");
    platform.ok(&["publications", "export", "--output", folder.to_str().unwrap()]);
    let html = platform.read("evidence/books_2026-03-02.html");
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && !html.contains("<script"), "{html}");
    for outside in ["http://", "https://", "src=", "@import", "url("] {
        assert!(!html.contains(outside), "{outside}");
    }
    for fact in
        ["fin.revenue", "185.75", "projects/books/gold/financial/total.sql", "books.adds_up", "owner finance"]
    {
        assert!(html.contains(fact), "no {fact} in {html}");
    }
    let json = platform.json("evidence/books_2026-03-02.json");
    assert_eq!(json["outputs"][0]["rows"], 4);
    let unknown = platform.run(&["publications", "export", "books@2020-01-01"]);
    assert!(
        unknown.code == 2 && unknown.stderr.contains("an id such as books@2026-03-02"),
        "{}",
        unknown.stderr
    );
}

#[test]
fn of_twenty_that_start_at_once_one_publishes() {
    let platform = platform();
    assert_eq!(run(&platform, &[&DAY[..], &["--exclude", "track:financial"]].concat()).code, 0);
    let args = ["run", "--date", "2026-03-02", "--select", "project:books,track:financial", "--wait", "60s"];
    let codes: Vec<i32> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..20).map(|_| scope.spawn(|| platform.run(&args))).collect();
        starts
            .into_iter()
            .map(|start| {
                let outcome = start.join().unwrap();
                assert!(
                    outcome.code == 0 || outcome.stderr.contains("published already"),
                    "{}",
                    outcome.stderr
                );
                outcome.code
            })
            .collect()
    });
    assert_eq!(codes.iter().filter(|c| **c == 0).count(), 1, "{codes:?}");
    assert!(codes.iter().all(|c| [0, 3].contains(c)), "{codes:?}");
    assert_eq!(platform.rows("books_dwh", "SELECT count(*) FROM goldsmith.publications"), "1");
}

#[test]
fn whatever_goes_wrong_the_old_publication_stands() {
    let platform = platform();
    published(&run(&platform, &DAY), "books@2026-03-02");
    let before = figures(&platform);
    let script = "projects/books/gold/financial/total.sql";
    let wrong = [
        ("SELECT 1/0;\nSELECT nothing FROM fin.revenue;\n", "total.sql:4:"),
        ("COMMIT;\n", "COMMIT"),
        ("BEGIN TRANSACTION;\n", "BEGIN"),
        ("ROLLBACK;\n", "ROLLBACK"),
        ("-- goldsmith: transaction off\n", "transaction"),
        ("DELETE FROM fin.revenue;\n", "books.adds_up"),
    ];
    for (text, told) in wrong {
        platform.write(script, format!("{TOTAL}{text}"));
        platform.write("projects/shop/data/orders.csv", ORDERS.replace("10.00", "77.00"));
        let outcome = run(&platform, &NEXT);
        assert!([1, 3].contains(&outcome.code), "{text}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(told), "no `{told}` in:\n{}", outcome.stderr);
        assert_eq!(figures(&platform), before, "{text}");
        assert_eq!(platform.run(&["publications", "verify"]).code, 0, "{text}");
        assert_eq!(platform.rows("books_dwh", "SELECT count(*) FROM goldsmith.publications"), "1");
    }
    platform.write(script, TOTAL);
    published(&run(&platform, &NEXT), "books@2026-03-03");
}

/// A file that may not grow any further is what a full disk looks like to the engine.
#[cfg(unix)]
#[test]
fn a_disk_that_fills_up_and_a_run_that_is_cancelled_leave_the_old_publication() {
    let platform = platform();
    published(&run(&platform, &DAY), "books@2026-03-02");
    let before = figures(&platform);
    let stands = |said: &str| {
        assert_eq!(figures(&platform), before, "{said}");
        assert_eq!(platform.run(&["publications", "verify"]).code, 0, "{said}");
        assert_eq!(platform.rows("books_dwh", "SELECT count(*) FROM goldsmith.publications"), "1", "{said}");
    };
    let script = "projects/books/gold/financial/total.sql";
    platform.write(
        script,
        format!("{TOTAL}CREATE OR REPLACE TABLE fin.large AS SELECT hash(i) AS a, hash(i + 1) AS b FROM range(2000000) r(i);\n"),
    );
    let output = std::process::Command::new("bash")
        .args(["-c", "trap '' XFSZ; ulimit -f 6000; exec \"$0\" run --date 2026-03-03 --platform \"$1\""])
        .arg(env!("CARGO_BIN_EXE_goldsmith"))
        .arg(platform.path(""))
        .env("NO_COLOR", "1")
        .output()
        .expect("bash is there");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("make room, and run again"), "{said}");
    stands(&said);
    platform.write(
        script,
        format!("{TOTAL}SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE a.range + b.range < 0;\n"),
    );
    let mut long = std::process::Command::new(env!("CARGO_BIN_EXE_goldsmith"))
        .args(["run", "--date", "2026-03-03", "--platform"])
        .arg(platform.path(""))
        .stderr(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("the binary starts");
    let began = std::time::Instant::now();
    while !platform.path("warehouse/books_dwh.duckdb.wal").exists() && began.elapsed().as_secs() < 30 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    std::thread::sleep(std::time::Duration::from_millis(700));
    let pid = nix::unistd::Pid::from_raw(i32::try_from(long.id()).unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
    let asked = std::time::Instant::now();
    assert!(!long.wait().unwrap().success());
    assert!(asked.elapsed().as_secs() < 5, "{:?}", asked.elapsed());
    stands("cancelled");
    platform.write(script, TOTAL);
    published(&run(&platform, &NEXT), "books@2026-03-03");
}

#[test]
fn a_changed_input_is_told_whatever_the_type_of_its_column() {
    let platform = platform();
    platform.write(
        "projects/books/bronze/rate.yml",
        "version: 2\nloads:\n  - name: rate\n    from: { file: \"data/rate.csv\" }\n",
    );
    platform.write("projects/books/data/rate.csv", "currency,rate\nUSD,1.0812\n");
    platform.write(
        "projects/books/gold/financial/exchange.sql",
        "CREATE OR REPLACE TABLE fin.exchange AS SELECT currency, CAST(rate AS DECIMAL(9,4)) AS rate, [1] AS path FROM raw.rate;\n",
    );
    let outcome = run(&platform, &DAY);
    published(&outcome, "books@2026-03-02");
    assert!(
        outcome.stderr.contains("fin.exchange: no checksum watches over path (INTEGER[])"),
        "{}",
        outcome.stderr
    );
    // The file's column comes as DOUBLE.
    platform.write("projects/books/data/rate.csv", "currency,rate\nUSD,1.0813\n");
    published(&run(&platform, &NEXT), "books@2026-03-03");
    let told = platform.run(&["publications", "diff"]);
    assert!(told.stdout.contains("input raw.rate: 1 -> 1 rows"), "{}{}", told.stdout, told.stderr);
}

#[test]
fn floats_are_warned_of() {
    let platform = platform();
    platform.write(
        "projects/books/gold/financial/rate.sql",
        "CREATE OR REPLACE TABLE fin.rate AS SELECT 1.5::DOUBLE AS rate, 'EUR' AS currency;\n",
    );
    let outcome = run(&platform, &DAY);
    published(&outcome, "books@2026-03-02");
    assert!(outcome.stderr.contains("fin.rate: rate holds floating-point numbers"), "{}", outcome.stderr);
}

#[cfg(unix)]
#[test]
fn a_program_is_told_when_a_publication_is_committed() {
    use std::os::unix::fs::PermissionsExt;
    let platform = platform();
    platform.write(
        "projects/books/tell.sh",
        "#!/bin/sh\necho \"$1 $GOLDSMITH_PUBLICATION $GOLDSMITH_TARGET\" >> told.txt\nexit $2\n",
    );
    std::fs::set_permissions(platform.path("projects/books/tell.sh"), PermissionsExt::from_mode(0o755))
        .unwrap();
    let settings =
        |code: u32| format!("{SETTINGS}publications: {{ after: [./tell.sh, refresh, \"{code}\"] }}\n");
    platform.write("goldsmith.yml", settings(0));
    published(&run(&platform, &DAY), "books@2026-03-02");
    assert_eq!(run(&platform, &[&NEXT[..], &["--rehearse"]].concat()).code, 0);
    assert_eq!(platform.read("projects/books/told.txt"), "refresh books@2026-03-02 prod\n");
    platform.write("goldsmith.yml", settings(7));
    let failing = run(&platform, &NEXT);
    published(&failing, "books@2026-03-03");
    assert!(
        failing
            .stderr
            .contains("warning: books@2026-03-03 is published, but the program behind it (`after`) failed"),
        "{}",
        failing.stderr
    );
    platform.write("goldsmith.yml", format!("{SETTINGS}publications: {{ after: [./nowhere] }}\n"));
    assert!(run(&platform, &["--date", "2026-03-04"]).stderr.contains("could not be started"));
}

#[test]
fn a_project_can_be_for_the_day_before() {
    let platform = platform();
    platform.write("projects/books/project.yml", format!("{BOOKS}business_date: previous_day\n"));
    let outcome = run(&platform, &[]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let dates = platform.rows(
        "books_dwh",
        "SELECT p.business_date + 1 = r.business_date, t.as_of = p.business_date \
         FROM goldsmith.publications p JOIN goldsmith.runs r USING (run_id), (SELECT DISTINCT as_of FROM fin.total) t",
    );
    assert_eq!(dates, "true true");
    let due = platform.run(&["publications", "due"]);
    assert!(due.stdout.contains("stands"), "{}", due.stdout);
    published(&run(&platform, &DAY), "books@2026-03-02");
    platform.write("projects/books/project.yml", format!("{BOOKS}business_date: tomorrow\n"));
    let wrong = run(&platform, &[]);
    assert!(wrong.code == 2 && wrong.stderr.contains("write `today` or `previous_day`"), "{}", wrong.stderr);
}
