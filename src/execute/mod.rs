//! Acting: runs a plan's steps in order, side by side where the plan allows, and tells what
//! happens as events. Decides nothing that the plan could have decided, prints nothing.

mod event;
mod result;

pub use event::Event;
pub use result::{RunResults, Status, StepResult};
