//! Room for templates that nest deep, or build values that do: the engine parses, compares and
//! drops nested things by recursion.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;
use std::{io, panic, thread};

/// The stack for such templates; its memory is taken only as it is used.
const LARGE_STACK: usize = 512 << 20;

/// A longer text gets the large stack, whatever is in it.
const SMALL: usize = 16 << 10;

/// The stack of a rendering that is only watched.
const PLAIN_STACK: usize = 8 << 20;

/// How long a rendering that is watched may take. What else it may do, the engine's fuel bounds.
const LIMIT: Duration = Duration::from_secs(10);

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

/// Runs on a thread that is given up when it takes too long; `None` then. The engine copies a list
/// that was doubled some thirty times in one go, which neither fuel nor a check can stop: such a
/// thread goes on for nobody until the process ends.
pub(super) fn in_time<T: Send + 'static>(
    roomy: bool,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<Option<T>> {
    let (sender, receiver) = channel();
    let stack = if roomy { LARGE_STACK } else { PLAIN_STACK };
    let work = move || {
        // Nobody listens to a thread that was given up.
        let _ = sender.send(work());
    };
    let thread = thread::Builder::new().stack_size(stack).spawn(work)?;
    match receiver.recv_timeout(LIMIT) {
        Ok(done) => Ok(Some(done)),
        Err(RecvTimeoutError::Timeout) => Ok(None),
        Err(RecvTimeoutError::Disconnected) => match thread.join() {
            Ok(()) => Ok(None),
            Err(panic) => panic::resume_unwind(panic),
        },
    }
}
