//! goldsmith runs a data warehouse that is split by source system.
//!
//! The floors, lowest first: [`words`], nouns, reading, wire, thinking, acting, telling, doors.
//! A lower floor never imports a higher one; `tests/floors.rs` holds that.

pub mod render;
pub mod words;
