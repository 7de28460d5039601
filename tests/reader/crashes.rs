//! `fixtures/crashes`: what once panicked, hung or filled the memory, read by every reader.

use std::time::{Duration, Instant};

use super::check;

#[test]
fn what_once_broke_a_reader_breaks_none() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/crashes");
    let mut count = 0;
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "md") {
            continue;
        }
        let start = Instant::now();
        let text = check::decode(&fs_err::read(&path).unwrap());
        check::sql(&text);
        check::yaml(&text);
        check::template(&text);
        let took = start.elapsed();
        assert!(took < Duration::from_mins(1), "{} took {took:?}", path.display());
        count += 1;
    }
    assert!(count >= 5, "only {count} files");
}
