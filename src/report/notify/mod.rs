//! Tells people how a run ended, through a webhook: what is said, in the forms that Slack, Microsoft
//! Teams and others take, and posting it. Whatever goes wrong here is no failure of the run.

mod address;
mod body;
mod notice;
mod post;

pub use address::Address;
pub use notice::{Failed, Notice};
pub use post::{NotPosted, post};
