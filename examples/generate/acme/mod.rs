//! The world of *acme*, a small German software company, seen by its three source systems.
//!
//! `account` and `subscription` hold what happened; `salesforce`, `telemetry` and `datev` each
//! write how one system recorded it. Nothing here knows goldsmith.

mod account;
mod booking;
mod calendar;
mod chart;
mod datev;
mod invoice;
mod overhead;
mod random;
mod salesforce;
mod subscription;
mod telemetry;
mod words;

use std::fs::{File, create_dir_all};
use std::io::{self, BufWriter};
use std::path::Path;

use account::Account;

/// With general ledger accounts of four digits DATEV leaves the debtors 10000 to 69999.
pub const MAX_SCALE: i64 = 1000;

/// Five of each eight accounts become customers, so that one scale has 60 of them.
const ACCOUNTS: i64 = 96;

/// What all writers need to know: the size of the world and how it is drawn.
#[derive(Clone, Copy)]
struct World {
    scale: i64,
    seed: u64,
}

impl World {
    fn accounts(self) -> impl Iterator<Item = Account> {
        (0..ACCOUNTS * self.scale).map(move |index| Account::new(self.seed, index))
    }
}

/// Writes every data file of the projects `sfdc`, `product` and `datev` below `out`.
pub fn write_all(out: &Path, scale: i64, seed: u64) -> io::Result<()> {
    let world = World { scale, seed };
    salesforce::write(&out.join("sfdc/data"), world)?;
    telemetry::write(&out.join("product/data"), world)?;
    datev::write(&out.join("datev/data"), world)
}

fn create(folder: &Path, name: &str) -> io::Result<BufWriter<File>> {
    create_dir_all(folder)?;
    Ok(BufWriter::new(File::create(folder.join(name))?))
}
