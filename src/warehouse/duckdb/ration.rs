//! How much memory an instance may take that is only read from. Beyond what its scans need, more would
//! merely keep blocks that were read and are not read again; a query that sorts, joins or groups gets
//! what `DuckDB` would take by itself.

use std::sync::atomic::{AtomicU64, Ordering};

use duckdb::Connection as Handle;

use super::connection::query;
use super::{error, literal};
use crate::warehouse::Error;

/// What an instance begins with, in bytes.
const LITTLE: u64 = 16_000_000;
/// What each thread may need for a column beside that.
const COLUMN: u64 = 512_000;
/// The steps of a plan that keep rows.
const KEEPERS: [&str; 9] =
    ["JOIN", "GROUP_BY", "ORDER_BY", "WINDOW", "TOP_N", "DISTINCT", "AGGREGATE", "CTE", "DELIM"];

/// The limit of an instance, which only ever grows: several queries may run at once.
pub(super) struct Ration {
    /// In bytes.
    granted: AtomicU64,
    /// What the engine would take by itself, in its own words.
    usual: String,
}

impl Ration {
    /// Puts a new instance on a ration.
    pub(super) fn new(root: &Handle) -> Result<Self, Error> {
        let usual = query(root, "SELECT current_setting('memory_limit')")?;
        let usual = usual.rows.into_iter().flatten().flatten().next().unwrap_or_default();
        let ration = Self { granted: AtomicU64::new(LITTLE), usual };
        limit(root, &format!("{LITTLE}B"))?;
        Ok(ration)
    }

    /// Grants what a query of so many columns needs. What the engine says to it is of no importance:
    /// with too little the query fails, is granted more, and runs again.
    pub(super) fn suit(&self, handle: &Handle, sql: &str, columns: usize) {
        if !only_scans(handle, sql) {
            self.lift(handle);
            return;
        }
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
        let wanted = LITTLE + threads * COLUMN * columns as u64;
        if self.granted.fetch_max(wanted, Ordering::SeqCst) < wanted {
            let _ = limit(handle, &format!("{wanted}B"));
        }
    }

    /// Ends the rationing; whether that was news.
    pub(super) fn lift(&self, handle: &Handle) -> bool {
        self.granted.swap(u64::MAX, Ordering::SeqCst) != u64::MAX && limit(handle, &self.usual).is_ok()
    }
}

fn limit(handle: &Handle, size: &str) -> Result<(), Error> {
    let sql = format!("SET GLOBAL memory_limit = {}", literal(size));
    handle.execute_batch(&sql).map_err(error::read)
}

/// Whether a query reads rows and passes them on, and keeps none of them.
fn only_scans(handle: &Handle, sql: &str) -> bool {
    let Ok(plan) = query(handle, &format!("EXPLAIN {sql}")) else { return false };
    let mut cells = plan.rows.iter().flatten().flatten();
    !cells.any(|text| KEEPERS.iter().any(|keeper| text.contains(keeper)))
}
