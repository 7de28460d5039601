//! Writes a platform of N models: a tenth of them staging models that read a seed or a load, the
//! others with two or three refs each, every fifth a view; two tests a model, in a YAML file for
//! each folder of a hundred. The data is small: what is measured is goldsmith, not the warehouse.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

/// How many models one folder, and so one YAML file, holds.
const FOLDER: usize = 100;
/// How many seeds there are, and how many loads.
const SOURCES: usize = 10;
/// How many rows each of them has.
const ROWS: usize = 50;
/// How far back a ref reaches: wide enough for work side by side, and still a deep graph.
const REACH: usize = 120;

/// Writes the platform into `root`. The same count gives the same bytes.
pub fn write(root: &Path, models: usize) -> io::Result<()> {
    let project = root.join("projects/shop");
    put(
        root,
        "goldsmith.yml",
        "name: bench\ndefault_target: dev\ntargets:\n  dev: { type: duckdb, path: warehouse }\n",
    )?;
    put(&project, "project.yml", "name: shop\ndatabase: shop\n")?;
    sources(&project)?;
    let staging = (models / 10).max(1);
    let mut random = Random(42);
    for first in (0..models).step_by(FOLDER) {
        let mut yaml = String::from("version: 2\n\nmodels:\n");
        for number in first..models.min(first + FOLDER) {
            let folder = folder(number, staging);
            let sql = if number < staging { stage(number) } else { join(number, staging, &mut random) };
            put(&project, &format!("{folder}/{:02}/{}.sql", first / FOLDER, name(number)), &sql)?;
            let _ = write!(
                yaml,
                "  - name: {}\n    description: Model number {number} of the benchmark.\n    columns:\n      - \
                 name: id\n        description: its key\n        tests:\n          - not_null\n          - unique\n      \
                 - name: amount\n        description: its value\n",
                name(number)
            );
        }
        put(&project, &format!("{}/{:02}/models.yml", folder(first, staging), first / FOLDER), &yaml)?;
    }
    Ok(())
}

fn folder(number: usize, staging: usize) -> &'static str {
    if number < staging { "silver" } else { "gold/operational" }
}

fn name(number: usize) -> String {
    format!("model_{number:05}")
}

fn is_view(number: usize) -> bool {
    number % 5 == 4
}

fn sources(project: &Path) -> io::Result<()> {
    let mut loads = String::from("version: 2\n\nloads:\n");
    for number in 0..SOURCES {
        let mut rows = String::from("id,amount,label\n");
        for id in 0..ROWS {
            let _ = writeln!(rows, "{id},{},label {id}", id * 7 + number);
        }
        put(project, &format!("seeds/seed_{number:02}.csv"), &rows)?;
        put(project, &format!("data/load_{number:02}.csv"), &rows)?;
        let _ = write!(
            loads,
            "  - name: load_{number:02}\n    description: A small file.\n    from: {{ file: data/load_{number:02}.csv }}\n"
        );
    }
    put(project, "bronze/loads.yml", &loads)
}

/// A staging model: one seed or load, cleansed.
fn stage(number: usize) -> String {
    let kind = if is_view(number) { "view" } else { "table" };
    let nth = number / 2 % SOURCES;
    let source = if number.is_multiple_of(2) {
        format!("ref('seed_{nth:02}')")
    } else {
        format!("source('shop', 'load_{nth:02}')")
    };
    format!(
        "{{{{ config(materialized='{kind}') }}}}\n\nselect\n    cast(id as integer) as id,\n    cast(amount as bigint) as \
         amount,\n    trim(label) as label\nfrom {{{{ {source} }}}}\nwhere id is not null\n"
    )
}

/// Another model: two or three of the tables before it, joined. A view reads no views, since a
/// chain of them would measure how the warehouse unfolds it.
fn join(number: usize, staging: usize, random: &mut Random) -> String {
    let kind = if is_view(number) { "view" } else { "table" };
    let refs = 2 + number % 2;
    let mut chosen: Vec<usize> = Vec::with_capacity(refs);
    while chosen.len() < refs {
        let back = 1 + random.below(REACH.max(staging).min(number));
        let other = number - back;
        if (!is_view(other) || number < 20) && !chosen.contains(&other) {
            chosen.push(other);
        }
    }
    let mut sql = format!("{{{{ config(materialized='{kind}') }}}}\n\nwith ");
    for (nth, other) in chosen.iter().enumerate() {
        let _ = write!(
            sql,
            "part_{nth} as (\n    select id, amount, label\n    from {{{{ ref('{}') }}}}\n    where amount >= 0\n)",
            name(*other)
        );
        sql += if nth + 1 < refs { ",\n\n" } else { "\n\n" };
    }
    sql += "select\n    part_0.id,\n    (part_0.amount + part_1.amount) % 1000 as amount,\n    upper(part_0.label) as label\nfrom \
            part_0\n";
    for nth in 1..refs {
        let _ = writeln!(sql, "left join part_{nth} on part_{nth}.id = part_0.id");
    }
    sql
}

fn put(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    let path = folder.join(name);
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::write(path, text)
}

/// A small generator of numbers, the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % end
    }
}
