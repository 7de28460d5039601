//! Jinja templates, and the SQL that they render to.
#![no_main]

#[allow(dead_code)]
#[path = "../../tests/reader/check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::template(&check::decode(bytes)));
