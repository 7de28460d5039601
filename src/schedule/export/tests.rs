use super::*;
use crate::schedule::{slots, testing};

#[test]
fn fields_are_written_in_plain_numbers() {
    for (text, plain) in [
        ("0 5 * * *", "0 5 * * *"),
        ("*/15 7-19 * * MON-FRI", "*/15 7-19 * * 1-5"),
        ("5,10,11,12 0-6/2 1,15 jan,mar *", "5,10-12 0,2,4,6 1,15 1,3 *"),
        ("0 0 * * 7", "0 0 * * 0"),
        ("0 0 ? * SUN", "0 0 * * 0"),
        ("30/10 * * * *", "30,40,50 * * * *"),
        ("0 0 * * */2", "0 0 * * */2"),
    ] {
        assert_eq!(Fields::read(text).unwrap().plain(), plain, "{text}");
        assert_eq!(Fields::read(plain).unwrap(), Fields::read(text).unwrap(), "{text}");
    }
    for text in ["0 0 L * *", "0 0 15W * *", "0 0 * * 5#2", "0 0 * * 5L", "0 0 10-5 * *"] {
        assert!(Fields::read(text).is_err(), "{text}");
    }
}

/// The plain form means what the clock that goldsmith itself goes by takes the original to mean.
#[test]
fn the_plain_form_comes_up_at_the_same_times() {
    for text in ["*/7 3-5 * * *", "0 12 13 * FRI", "15 6 1,15 * 1", "0 0 29 2 *", "59 23 31 12 *"] {
        let plain = Fields::read(text).unwrap().plain();
        let (a, b) = (testing::timing(text), testing::timing(&plain));
        let mut at = testing::zoned("2026-01-01T00:00:00[Europe/Berlin]");
        for _ in 0..50 {
            let next = a.cron.find_next_occurrence(&at, false).unwrap();
            assert_eq!(next, b.cron.find_next_occurrence(&at, false).unwrap(), "{text} is not {plain}");
            at = next;
        }
    }
}

#[test]
fn words_are_quoted_for_the_shell() {
    assert_eq!(shell("project:sfdc,track:financial"), "project:sfdc,track:financial");
    assert_eq!(shell("it's $HOME"), "'it'\\''s $HOME'");
    let projects = [testing::project("a", Some("0 5 * * *"), None, Some("0 7 * * *"))];
    let told: Vec<String> = slots(&projects).iter().map(|s| s.arguments().join(" ")).collect();
    assert_eq!(
        told,
        [
            "run --pipeline daily --select project:a --exclude track:financial",
            "run --pipeline daily --select project:a,track:financial"
        ]
    );
}
