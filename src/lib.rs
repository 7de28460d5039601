//! goldsmith runs a data warehouse that is split by source system.
//!
//! The floors, lowest first: [`words`], [`nouns`], reading, wire, thinking, acting
//! ([`execute`]), telling ([`report`]), doors. A lower floor never imports a higher one; `tests/floors.rs` holds that.

pub mod analysis;
pub mod config;
pub mod ddl;
pub mod execute;
pub mod graph;
pub mod lint;
pub mod load;
pub mod nouns;
pub mod plan;
pub mod render;
pub mod report;
pub mod select;
pub mod sql;
pub mod warehouse;
pub mod words;
