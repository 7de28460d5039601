//! The template that goldsmith brings along, and the files of a new platform beside its projects.

use camino::Utf8PathBuf;

use super::{Answers, Files};
use crate::render::outline;
use crate::words::{Diagnostic, Encoding, SourceFile};

macro_rules! files {
    ($folder:literal: $($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!("files/", $folder, "/", $path)))),+]
    };
}

/// The outlines of a project.
pub(super) const PROJECT: &[(&str, &str)] = files!("project":
    "project.yml",
    "README.md",
    "bronze/invoices.yml",
    "data/invoices.csv",
    "silver/invoice.sql",
    "silver/silver.yml",
    "gold/operational/open_invoice.sql",
    "gold/operational/operational.yml",
    "gold/financial/revenue_month.sql",
    "gold/financial/financial.yml",
);

const PLATFORM: &[(&str, &str)] = files!("platform": "goldsmith.yml", "README.md", "gitignore");

/// The built-in template as files, for a platform that wants one of its own.
#[must_use]
pub fn written() -> Files {
    PROJECT.iter().map(|(path, text)| (Utf8PathBuf::from(*path), text.as_bytes().to_vec())).collect()
}

/// A new platform.
pub struct Platform;

impl Platform {
    /// Its files, without those of its projects.
    ///
    /// # Errors
    /// An outline that can't be filled.
    pub fn files(answers: &Answers) -> Result<Files, Vec<Diagnostic>> {
        let facts = answers.facts();
        let mut files = Files::new();
        for (path, text) in PLATFORM {
            let outline = SourceFile::new(*path, *text, Encoding::Utf8);
            let text = outline::fill(&outline, &facts).map_err(|error| vec![*error])?;
            // A file named .gitignore would be heeded in this repository.
            let path = if *path == "gitignore" { ".gitignore" } else { path };
            files.insert(path.into(), text.into_bytes());
        }
        Ok(files)
    }
}
