//! Asks on a terminal for what the flags do not say.

use std::io::{self, BufRead, IsTerminal, Write};

use crate::report::Look;

/// Somebody who may be asked.
pub(super) struct Asker<'a> {
    look: &'a Look,
    is_there: bool,
}

impl<'a> Asker<'a> {
    /// Whoever sits at the terminal, unless `quiet` says that nobody is to be asked.
    pub(super) fn new(look: &'a Look, quiet: bool) -> Self {
        let is_there = !quiet && io::stdin().is_terminal() && io::stderr().is_terminal();
        Self { look, is_there }
    }

    /// What a flag says, else what is answered, else `usual`: where nobody is there, or for an empty line.
    pub(super) fn ask(&self, question: &str, given: Option<&str>, usual: &str) -> io::Result<String> {
        if let Some(given) = given {
            return Ok(given.to_owned());
        }
        if !self.is_there {
            return Ok(usual.to_owned());
        }
        let mut err = self.look.stderr();
        if usual.is_empty() {
            write!(err, "{question}: ")?;
        } else {
            write!(err, "{question} [{usual}]: ")?;
        }
        err.flush()?;
        drop(err);
        let mut answer = String::new();
        if io::stdin().lock().read_line(&mut answer)? == 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the answers ended; nothing was written",
            ));
        }
        let answer = answer.trim();
        Ok(if answer.is_empty() { usual.to_owned() } else { answer.to_owned() })
    }
}
