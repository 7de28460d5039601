//! Column lineage: for each column that a statement gives, the columns that it comes from. The only
//! user of the SQL parser; on the way of neither `lint` nor `run`. What can't be followed is said.

mod blank;
mod change;
mod column;
mod impact;
mod known;
mod output;
mod parse;
mod platform;
mod query;
mod scope;
mod script;
mod source;
mod table;
mod turn;
mod union;
mod value;
mod walker;
mod wildcard;

pub use column::{Column, Flow, How, Lineage, Named, Origin, Origins, Unread};
pub use impact::{Affected, NoSubject, Subject, Use, impact};
pub use known::{Known, Names, Whole};
pub use platform::{Headings, Platform};

use crate::sql::Script;
use crate::words::{Dialect, Span};

/// The parser and the walk recurse: on a stack that holds the deepest statement that they are given.
const STACK: usize = 256 << 20;

/// The columns that a script's statements give. `known` holds what is known of relations beforehand,
/// and afterwards also what the script said of them.
#[must_use]
pub fn read(text: &str, script: &Script, dialect: Dialect, names: Names, known: &mut Known) -> Lineage {
    on_a_large_stack(|| script::Reader::new(text, dialect, names, known).read(script)).unwrap_or_else(|| {
        let why = "the file could not be followed: no stack, or an error of goldsmith's own".to_owned();
        Lineage { flows: Vec::new(), unread: vec![Unread { span: Span::default(), why }] }
    })
}

/// Carries out work on a stack of its own; `None` if there is none, or the work fails.
fn on_a_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        thread.ok().and_then(|thread| thread.join().ok())
    })
}
