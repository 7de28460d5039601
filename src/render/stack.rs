//! Room for templates that nest deep, or build values that do: the engine parses, compares and
//! drops nested things by recursion.

use std::{io, thread};

/// The stack for such templates; its memory is taken only as it is used.
const LARGE_STACK: usize = 512 << 20;

/// A longer text gets the large stack, whatever is in it.
const SMALL: usize = 16 << 10;

/// Whether a text may build values that nest without bound.
pub(super) fn is_roomy(text: &str) -> bool {
    text.len() > SMALL || text.contains("namespace")
}

/// Runs on a thread with a large stack.
pub(super) fn on_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> io::Result<T> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(LARGE_STACK).spawn_scoped(scope, work)?;
        Ok(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}
