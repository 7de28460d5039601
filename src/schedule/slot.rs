//! A place in the day at which something of a project runs.

use std::fmt;

use crate::nouns::{Pipeline, Project, Timing};

/// What runs at a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SlotKind {
    /// The daily pipeline; without financial gold where that has a slot of its own.
    Daily,
    /// Financial gold alone.
    Financial,
    /// The hourly pipeline.
    Hourly,
}

impl SlotKind {
    /// The word in `schedule:`, files and messages.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Financial => "financial",
            Self::Hourly => "hourly",
        }
    }
}

/// A slot of a project.
#[derive(Debug, Clone)]
pub struct Slot<'a> {
    /// The project.
    pub project: &'a Project,
    /// What runs.
    pub kind: SlotKind,
    /// When.
    pub timing: &'a Timing,
}

impl Slot<'_> {
    /// Names the slot in the books of the clock: `sfdc/daily`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.project.name, self.kind.word())
    }

    /// The pipeline that runs.
    #[must_use]
    pub fn pipeline(&self) -> Pipeline {
        match self.kind {
            SlotKind::Daily | SlotKind::Financial => Pipeline::Daily,
            SlotKind::Hourly => Pipeline::Hourly,
        }
    }

    /// What is selected, and what is left out.
    #[must_use]
    pub fn selection(&self) -> (String, Option<&'static str>) {
        let project = format!("project:{}", self.project.name);
        match self.kind {
            SlotKind::Financial => (format!("{project},track:financial"), None),
            SlotKind::Daily if self.project.schedule.financial.is_some() => {
                (project, Some("track:financial"))
            }
            SlotKind::Daily | SlotKind::Hourly => (project, None),
        }
    }

    /// The arguments of `goldsmith` that carry it out.
    #[must_use]
    pub fn arguments(&self) -> Vec<String> {
        let (select, exclude) = self.selection();
        let mut words = vec!["run".to_owned(), "--pipeline".to_owned(), self.pipeline().word().to_owned()];
        words.extend(["--select".to_owned(), select]);
        if let Some(exclude) = exclude {
            words.extend(["--exclude".to_owned(), exclude.to_owned()]);
        }
        words
    }
}

impl fmt::Display for Slot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.project.name, self.kind.word())
    }
}
