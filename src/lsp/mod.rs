//! The editor's view: speaks the Language Server Protocol on a pair of streams. Tells what `lint`
//! would as somebody types, and answers what a name is, where it is made and who reads it. Looks
//! at the platform through the way that it is given, so that it never differs from `lint`; writes
//! no file.

mod actions;
mod capabilities;
mod carry;
mod changes;
mod completion;
mod definition;
mod documents;
mod frame;
mod home;
mod hover;
mod position;
mod publish;
mod references;
mod requests;
mod server;
mod subject;
mod symbols;
mod telling;
mod understanding;
mod uri;
mod view;

use std::io::{self, BufRead, Write};
use std::thread;

use camino::Utf8PathBuf;
use crossbeam_channel::unbounded;

pub use understanding::{Understand, Understanding};

use server::{Done, Server};

/// The stack of the thread that looks at platforms.
const STACK: usize = 16 * 1024 * 1024;

/// Where the conversation takes place.
pub struct Lines<I, O, L> {
    /// What the editor says.
    pub input: I,
    /// What it is told.
    pub output: O,
    /// What went wrong, for people.
    pub log: L,
}

/// Speaks with an editor until it says `exit` or goes away; whether it ended as it should, with
/// `shutdown` first. `platform` is the one that all files below it belong to.
///
/// # Errors
/// When nothing can be written to the editor any more.
pub fn serve<I, O, L>(
    lines: Lines<I, O, L>,
    platform: Option<Utf8PathBuf>,
    understand: &impl Understand,
) -> io::Result<bool>
where
    I: BufRead + Send + 'static,
    O: Write,
    L: Write,
{
    let Lines { mut input, output, log } = lines;
    let (frames, inbox) = unbounded();
    // Waits for the editor for as long as the process lives, so nobody waits for it.
    thread::spawn(move || {
        while let Ok(Some(frame)) = frame::read(&mut input) {
            if frames.send(frame).is_err() {
                break;
            }
        }
    });
    let (jobs, open) = unbounded::<server::Job>();
    let (finished, done) = unbounded();
    thread::scope(|scope| {
        let worker = move || {
            for job in open {
                let found = understanding::look(understand, &job.root, job.texts, &job.before);
                let _ = finished.send(Done { root: job.root, found, versions: job.versions });
            }
        };
        thread::Builder::new().stack_size(STACK).spawn_scoped(scope, worker)?;
        Server::new(output, log, jobs, platform).run(&inbox, &done)
    })
}
