//! What the product itself reports: usage events as JSON lines, a file a quarter, and the
//! licence server's table.

use std::io::{self, Write};
use std::path::Path;

use super::World;
use super::account::Account;
use super::calendar::{LAST, Month, months};
use super::random::Random;
use super::subscription::{End, Product};

pub fn write(folder: &Path, world: World) -> io::Result<()> {
    licences(folder, world)?;
    let usage = folder.join("usage");
    for quarter in (0..=LAST.0).step_by(3).map(Month) {
        let name = format!("usage_{}_q{}.jsonl", quarter.year(), quarter.number() / 3 + 1);
        let mut file = super::create(&usage, &name)?;
        for account in world.accounts() {
            for month in months().filter(|month| (quarter..quarter.plus(3)).contains(month)) {
                events(&mut file, world.seed, &account, month)?;
            }
        }
        file.flush()?;
    }
    Ok(())
}

const FEATURES: &[&str] = &[
    "dashboard.view",
    "dashboard.view",
    "report.export",
    "report.schedule",
    "import.csv",
    "api.call",
    "user.invite",
    "alert.create",
];

fn events(file: &mut impl Write, seed: u64, account: &Account, month: Month) -> io::Result<()> {
    let running =
        account.subscriptions.iter().filter(|one| one.product != Product::Analytics && one.runs_in(month));
    let Some(seats) = running.map(|one| one.seats).max() else { return Ok(()) };
    let mut random = Random::stream(seed, &[10, account.index, month.0]);
    for _ in 0..(1 + random.below(3) + seats / 60) {
        let id = random.bits();
        // Old clients cut the id down to the fifteen characters that Salesforce's pages show.
        let tenant = match random.below(100) {
            0 => format!("trial-{}", random.between(1000, 9999)),
            1..=30 => account.id[..15].to_owned(),
            _ => account.id.clone(),
        };
        let day = month.day(random.between(1, 31));
        let feature = *random.pick(FEATURES);
        let quantity = if feature == "api.call" { random.between(20, 4000) } else { random.between(1, 40) };
        let line = format!(
            "{{\"event_id\":\"{id:016x}\",\"occurred_at\":\"{}\",\"tenant\":\"{tenant}\",\"user\":\"u{:03}\",\
             \"feature\":\"{feature}\",\"quantity\":{quantity},\"client\":{{\"app\":\"{}\",\"version\":\"{}\"}}}}",
            day.at(random.below(86_400)),
            random.below(seats),
            random.pick(&["web", "web", "desktop", "mobile"]),
            format_args!("{}.{}", month.year() - 2019, month.number() - 1),
        );
        writeln!(file, "{line}")?;
        if random.chance(15) {
            // The queue delivers at least once.
            writeln!(file, "{line}")?;
        }
    }
    Ok(())
}

fn licences(folder: &Path, world: World) -> io::Result<()> {
    let mut file = super::create(folder, "licences.csv")?;
    writeln!(file, "licence_key,account_id,edition,seats,valid_from,valid_to,updated_at")?;
    for account in world.accounts() {
        let mut random = Random::stream(world.seed, &[11, account.index]);
        for one in &account.subscriptions {
            let key = random.bits();
            let valid_to = match one.end {
                End::Running { .. } if one.period == 1 => String::new(),
                End::Running { .. } => one.term_end().plus(-1).last().to_string(),
                End::Amended | End::Cancelled => one.stop.plus(-1).last().to_string(),
            };
            // Now and then somebody at the help desk grants a few seats more.
            let seats = one.seats + if random.chance(60) { random.between(1, 5) } else { 0 };
            writeln!(
                file,
                "{:04X}-{:04X}-{:04X}-{:04X},{},{},{seats},{},{valid_to},{}",
                key >> 48,
                (key >> 32) & 0xffff,
                (key >> 16) & 0xffff,
                key & 0xffff,
                account.id,
                one.product.name().to_lowercase(),
                one.start.first(),
                one.start.first().plus(-1).at(random.between(30_000, 60_000)),
            )?;
        }
    }
    file.flush()
}
