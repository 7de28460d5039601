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
    for text in ["0 0 L * *", "0 0 15W * *", "0 0 * * 5#2", "0 0 * * 5L", "0 0 10-5 * *", "0 0 13 * +5"] {
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
    let told: Vec<String> = slots(&projects, |_| true).iter().map(|s| s.arguments().join(" ")).collect();
    assert_eq!(
        told,
        [
            "run --pipeline daily --select project:a --exclude track:financial",
            "run --pipeline daily --select project:a,track:financial"
        ]
    );
}

/// What crontab(5) says: a day fits when both fields fit, if one of them begins with a star, else
/// when either does. Read from the text alone, for numbers, lists, ranges and `*/n`.
fn cron_fits(text: &str, at: &jiff::Zoned) -> bool {
    let parts: Vec<&str> = text.split(' ').collect();
    let fits = |part: &str, least: i8, value: i8| {
        part.split(',').any(|piece| match (piece.strip_prefix("*/"), piece.split_once('-')) {
            _ if piece == "*" => true,
            (Some(step), _) => (value - least) % step.parse::<i8>().unwrap() == 0,
            (None, Some((from, to))) => (from.parse::<i8>().unwrap()..=to.parse().unwrap()).contains(&value),
            (None, None) => piece.parse::<i8>().unwrap() == value,
        })
    };
    let day = fits(parts[2], 1, at.day());
    let weekday = fits(parts[4], 0, at.weekday().to_sunday_zero_offset());
    let has_star = parts[2].starts_with('*') || parts[4].starts_with('*');
    fits(parts[0], 0, at.minute())
        && fits(parts[1], 0, at.hour())
        && fits(parts[3], 1, at.month())
        && if has_star { day && weekday } else { day || weekday }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 256, failure_persistence: None, ..Default::default() })]

    /// Whatever `schedule:` accepts is refused, or means in cron what goldsmith's own clock takes it to mean.
    #[test]
    fn cron_starts_when_goldsmith_does(
        minute in "\\*|\\*/[1-9]|[0-5]?[0-9]|[0-9]-[1-5][0-9]|[1-5]?[0-9]/7",
        hour in "\\*|\\*/[1-9]|1?[0-9]|[0-9]-1[0-9]/[1-5]|2,3",
        day in "\\*|\\?|\\*/[1-9]|[1-9]|1-31|L|13,[1-9]|[1-9]/5|15W",
        month in "\\*|\\*/[1-4]|[1-9]|JAN,jul|mar-NOV",
        weekday in "\\*|\\?|\\*/[1-3]|[0-7]|\\+[1-5]|MON-fri|5-7|0-6|1/2|[1-5]#2|[1-5]L|sun,wed|5-1",
    ) {
        let text = format!("{minute} {hour} {day} {month} {weekday}");
        let cron: Result<croner::Cron, _> = text.parse();
        proptest::prop_assume!(cron.is_ok());
        let Ok(fields) = Fields::read(&text) else { return Ok(()) };
        let plain = fields.plain();
        let cron = cron.unwrap();
        for day in 0..400i64 {
            for minute in [0, 7, 2 * 60, 3 * 60 + 30, 9 * 60 + 5, 12 * 60, 23 * 60 + 59] {
                let at = testing::zoned("2027-11-01T00:00:00[UTC]")
                    + jiff::SignedDuration::from_mins(day * 24 * 60 + minute);
                proptest::prop_assert_eq!(
                    cron.is_time_matching(&at).unwrap(), cron_fits(&plain, &at), "{} is not {} at {}", text, plain, at
                );
            }
        }
    }
}
