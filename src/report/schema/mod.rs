//! JSON Schemas of the YAML that people write, for editors and for checks without goldsmith.

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Described {
    /// goldsmith.yml
    Platform,
    /// project.yml
    Project,
    /// The YAML in a project's folders: loads, models, seeds, sources, tests
    Models,
}

/// The folder of a platform that keeps them.
pub const FOLDER: &str = "schemas";

impl Described {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Platform, Self::Project, Self::Models];

    /// The name of the schema's file.
    #[must_use]
    pub fn file(self) -> &'static str {
        match self {
            Self::Platform => "platform.json",
            Self::Project => "project.json",
            Self::Models => "models.json",
        }
    }
}

/// What tells VS Code which schema is for which files of a platform that keeps them.
pub const EDITOR: &str = include_str!("editor.json");

/// The schema of a kind of file (JSON Schema, draft 2020-12).
#[must_use]
pub fn schema(of: Described) -> &'static str {
    match of {
        Described::Platform => include_str!("platform.json"),
        Described::Project => include_str!("project.json"),
        Described::Models => include_str!("models.json"),
    }
}
