//! The words that every other floor speaks: source files, spans, diagnostics, relation names,
//! dialects. Owns no behaviour of goldsmith beyond naming things and places; imports nothing
//! from the floors above.

mod amount;
mod atomic;
mod below;
mod civil;
mod code;
mod decimal;
mod diagnostic;
mod dialect;
mod edit;
mod glob;
pub mod machine;
pub mod md5;
mod nearest;
mod percent;
mod relation;
mod sha256;
mod source_file;
mod span;

pub use amount::{Amount, figure};
pub use atomic::write_atomically;
pub use below::folder_below;
pub use civil::civil;
pub use code::{Code, Severity};
pub use decimal::decimal;
pub use diagnostic::{Diagnostic, Label};
pub use dialect::Dialect;
pub use edit::{Change, Edit, changes};
pub use glob::{glob, globs_overlap};
pub use nearest::nearest;
pub use percent::percent_encoded;
pub use relation::RelationName;
pub use sha256::sha256;
pub use source_file::{Encoding, Position, SourceFile};
pub use span::Span;
