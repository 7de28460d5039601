//! goldsmith runs a data warehouse that is split by source system.
//!
//! The floors, lowest first: [`words`], [`nouns`], reading, wire, thinking, acting
//! ([`execute`]), telling ([`report`]), doors. A lower floor never imports a higher one; `tests/floors.rs` holds that.

pub mod analysis;
pub mod config;
pub mod execute;
pub mod graph;
pub mod load;
pub mod nouns;
pub mod render;
pub mod select;
pub mod sql;
pub mod warehouse;
pub mod report;
pub mod words;
