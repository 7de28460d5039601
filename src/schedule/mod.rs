//! The clock: when each project's pipelines run, what is due now, and the same as files for other
//! schedulers. Pure: knows no process and asks no clock.

pub mod deploy;
mod due;
pub mod export;
mod free;
mod slot;
mod times;

pub use due::{Decision, Past, decide};
pub use free::free;
pub use slot::{Slot, SlotKind};
pub use times::{Run, between, slots};

#[cfg(test)]
mod testing;
