//! `goldsmith lsp`

use std::io::{self, BufReader};

use super::accept::Accept;
use super::session::{self, Session, facts};
use super::{CommandError, Exit};
use crate::cli::Global;
use crate::load::Files;
use crate::lsp::{Lines, Understanding, serve};
use crate::report::{Color, Look, Masker};
use crate::words::{Code, Diagnostic};

pub(super) fn lsp(global: &Global) -> Result<Exit, CommandError> {
    let platform = match &global.platform {
        // Without `.` inside, since clients write no such URIs.
        Some(_) => Some(session::root(global)?.components().collect()),
        None => None,
    };
    let log = Look::of_stderr(Color::Never, Masker::default()).stderr();
    let lines = Lines { input: BufReader::new(io::stdin()), output: io::stdout(), log };
    let understand = |files: &Files| understand(files, global);
    Ok(if serve(lines, platform, &understand)? { Exit::Done } else { Exit::Failed })
}

/// Looks at a platform just as `lint` does.
fn understand(files: &Files, global: &Global) -> Result<Understanding, Vec<Diagnostic>> {
    let facts = |platform: &_| facts(platform, "daily", None, false);
    match Session::of(files, global, Accept::Configured, facts) {
        Ok(session) => Ok(Understanding {
            graph: session.graph,
            diagnostics: session.diagnostics,
            masker: session.out.masker,
        }),
        Err(CommandError::Files(found)) => Err(found),
        Err(error) => {
            let told = Diagnostic::new(Code::UnreadableFile, error.to_string());
            Err(vec![match error.help().first() {
                Some(help) => told.help(*help),
                None => told,
            }])
        }
    }
}
