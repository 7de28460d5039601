//! What happens during a run, as it happens: the one feed of the terminal, of JSON lines and of tests.

use std::time::Duration;

use super::{RunResults, StepResult};

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// The run begins.
    RunStarted {
        /// Names the run.
        run_id: String,
        /// What runs: `daily`, `test` and so on.
        what: String,
        /// The target's name.
        target: String,
        /// How many steps there are.
        steps: usize,
        /// How many run side by side.
        threads: usize,
    },
    /// A step waits on something outside this run, such as a lock.
    Waiting {
        /// What for, and who holds it.
        message: String,
        /// For how long already.
        since: Duration,
    },
    /// A step begins.
    StepStarted {
        /// The step's id.
        id: String,
        /// The node's id.
        node: String,
        /// What the step does, such as `load`, `table model`, `script`, `test`.
        label: String,
    },
    /// Rows of another target come in, as many so far; told once a second at most.
    RowsArrived {
        /// The step's id.
        id: String,
        /// How many have come.
        rows: u64,
        /// For how long they have been coming.
        since: Duration,
    },
    /// A step failed in passing and begins anew.
    StepRetried {
        /// The step's id.
        id: String,
        /// Which attempt comes now, from 2.
        attempt: u32,
        /// What went wrong.
        message: String,
    },
    /// Something went wrong that does not change how the run ends.
    Warned {
        /// What.
        message: String,
    },
    /// A step is done, has failed, or was skipped.
    StepFinished(Box<StepResult>),
    /// The run ends.
    RunFinished(Box<RunResults>),
}
