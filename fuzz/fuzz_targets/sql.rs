//! Decoder, lexer, splitter, scan and directives, in every dialect.
#![no_main]

#[allow(dead_code)]
#[path = "../../tests/reader/check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::sql(&check::decode(bytes)));
