//! Acting: runs a plan's steps in order, side by side where the plan allows, and tells what
//! happens as events. Decides nothing that the plan could have decided, prints nothing.

mod bookkeeping;
mod event;
mod helpers;
mod interrupt;
mod result;
mod runner;
mod transcode;
mod unit;

pub use event::Event;
pub use interrupt::Interrupt;
pub use result::{RunResults, Status, StepResult};
pub use runner::{Settings, run};
