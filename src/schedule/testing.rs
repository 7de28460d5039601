//! Projects with a schedule and nothing else.

use jiff::Zoned;

use crate::nouns::{Project, Schedule, Schemas, Timing};
use crate::words::{Encoding, SourceFile, Span};

pub(super) fn zoned(text: &str) -> Zoned {
    text.parse().unwrap()
}

pub(super) fn timing(text: &str) -> Timing {
    Timing { text: text.to_owned(), span: Span::default(), cron: text.parse().unwrap() }
}

pub(super) fn project(
    name: &str,
    daily: Option<&str>,
    hourly: Option<&str>,
    financial: Option<&str>,
) -> Project {
    Project {
        name: name.to_owned(),
        schedule: Schedule {
            daily: daily.map(timing),
            hourly: hourly.map(timing),
            financial: financial.map(timing),
            expected: None,
        },
        folder: format!("projects/{name}").into(),
        file: SourceFile::new("project.yml", "", Encoding::Utf8),
        owner: None,
        description: String::new(),
        database: format!("{name}_dwh"),
        owns: Vec::new(),
        dialect: None,
        schemas: Schemas::default(),
        publications: crate::nouns::Publications::default(),
        business_date: crate::nouns::BusinessDate::Today,
        public: None,
        lint: crate::nouns::Levels::default(),
        vars: serde_json::Map::new(),
        source_names: Vec::new(),
        bronze: "bronze".into(),
        yaml: Vec::new(),
        macros: Vec::new(),
        nodes: Vec::new(),
        freshness: crate::nouns::Freshness::default(),
    }
}
