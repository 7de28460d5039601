//! Ctrl-C and SIGTERM: the first asks the run to stop, the second ends the process.

use std::sync::Arc;

use crate::execute::Interrupt;

/// An interrupt that the process's signals trigger.
pub(super) fn listen() -> Arc<Interrupt> {
    let interrupt = Arc::new(Interrupt::default());
    let heard = Arc::clone(&interrupt);
    // Without a handler Ctrl-C ends the process at once, which the warehouse survives.
    let _ = ctrlc::set_handler(move || {
        if heard.stopped() {
            std::process::exit(130);
        }
        heard.stop();
    });
    interrupt
}
