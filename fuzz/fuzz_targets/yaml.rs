//! The YAML files of a platform.
#![no_main]

#[allow(dead_code)]
#[path = "../../tests/reader/check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::yaml(&check::decode(bytes)));
