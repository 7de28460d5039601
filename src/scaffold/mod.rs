//! Makes platforms and projects from templates, and brings later changes of a template to what was made from it.

mod answers;
mod built_in;
mod dbt;
mod lock;
mod merge;
mod name;
mod place;
mod scripts;
mod sibling;
mod template;

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

pub use answers::Answers;
pub use built_in::{Platform, written as built_in_template};
pub use dbt::Dbt;
pub use lock::{FILE as LOCK_FILE, Lock, Origin};
pub use merge::{Merged, Outcome, merge};
pub use name::{check as check_name, near as near_name};
pub use place::{PlaceError, place, remove, replace};
pub use scripts::{Placed, Proposal, Proposed};
pub use sibling::Sibling;
pub use template::{FOLDER as TEMPLATE_FOLDER, Template};

/// Files by their paths below a folder.
pub type Files = BTreeMap<Utf8PathBuf, Vec<u8>>;
