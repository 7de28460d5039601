//! Acting: runs a plan's steps in order, side by side where the plan allows, and tells what
//! happens as events. Decides nothing that the plan could have decided, prints nothing.

mod act;
mod bookkeeping;
mod control;
mod event;
mod fetch;
mod helpers;
mod history;
mod interrupt;
mod locate;
mod process;
mod publish;
mod result;
mod runner;
mod schema_change;
mod stream;
mod unit;
mod verdict;

pub use act::LoadCounts;
pub use event::Event;
pub use history::{history, join};
pub use interrupt::Interrupt;
pub use process::Process;
pub use publish::{Published, Restored, Restorer, close, restore};
pub use result::{RunResults, Status, StepResult};
pub use runner::{Settings, run};
pub use schema_change::SchemaChange;
pub use stream::{Other, Others};
