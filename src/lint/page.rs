//! The page of each code: the Markdown in `docs/lint/`, so that the documentation and
//! `lint --explain` are one text.

use crate::words::Code;

/// The page of a code, in Markdown.
#[must_use]
pub fn page(code: Code) -> &'static str {
    match code {
        Code::CrossSourceRead => include_str!("../../docs/lint/GS101.md"),
        Code::CrossSourceWrite => include_str!("../../docs/lint/GS102.md"),
        Code::PrivateImport => include_str!("../../docs/lint/GS103.md"),
        Code::UnknownOwner => include_str!("../../docs/lint/GS104.md"),
        Code::UndeclaredRelation => include_str!("../../docs/lint/GS105.md"),
        Code::LinkedServer => include_str!("../../docs/lint/GS106.md"),
        Code::OwnDatabaseNamed => include_str!("../../docs/lint/GS107.md"),
        Code::HiddenDependency => include_str!("../../docs/lint/GS108.md"),
        Code::BrokenContract => include_str!("../../docs/lint/GS109.md"),
        Code::PublicChange => include_str!("../../docs/lint/GS110.md"),
        Code::Cycle => include_str!("../../docs/lint/GS201.md"),
        Code::TwoProducers => include_str!("../../docs/lint/GS202.md"),
        Code::NeverReadLoad => include_str!("../../docs/lint/GS203.md"),
        Code::UnknownRef => include_str!("../../docs/lint/GS204.md"),
        Code::FinancialOutsideTrack => include_str!("../../docs/lint/GS301.md"),
        Code::Drift => include_str!("../../docs/lint/GS302.md"),
        Code::NotReproducible => include_str!("../../docs/lint/GS303.md"),
        Code::DirtyRead => include_str!("../../docs/lint/GS304.md"),
        Code::NotTransactional => include_str!("../../docs/lint/GS305.md"),
        Code::ReaderBlocking => include_str!("../../docs/lint/GS306.md"),
        Code::MovingGold => include_str!("../../docs/lint/GS307.md"),
        Code::ScheduleOrder => include_str!("../../docs/lint/GS401.md"),
        Code::Unscheduled => include_str!("../../docs/lint/GS402.md"),
        Code::HourlyWithoutWatermark => include_str!("../../docs/lint/GS403.md"),
        Code::UnreadableFile => include_str!("../../docs/lint/GS901.md"),
        Code::Encoding => include_str!("../../docs/lint/GS902.md"),
        Code::InvalidYaml => include_str!("../../docs/lint/GS903.md"),
        Code::UnknownKey => include_str!("../../docs/lint/GS904.md"),
        Code::UnsupportedKey => include_str!("../../docs/lint/GS905.md"),
        Code::InvalidTemplate => include_str!("../../docs/lint/GS906.md"),
        Code::Unterminated => include_str!("../../docs/lint/GS907.md"),
        Code::DuplicateName => include_str!("../../docs/lint/GS908.md"),
        Code::UnknownName => include_str!("../../docs/lint/GS909.md"),
        Code::EmptyFile => include_str!("../../docs/lint/GS910.md"),
        Code::InvalidSql => include_str!("../../docs/lint/GS911.md"),
        Code::UnusedAllow => include_str!("../../docs/lint/GS912.md"),
    }
}
