//! What a project is to be: what is asked, and what outlines may use.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::config::scalar;

/// What the files of a project are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// The project's name.
    pub name: String,
    /// Its database.
    pub database: String,
    /// Who answers for it.
    pub owner: String,
    /// What it is.
    pub description: String,
    /// The cron expression of its daily run.
    pub daily: String,
    /// The dialect of its SQL.
    pub dialect: String,
    /// The platform's name.
    pub platform: String,
    /// The platform's time zone.
    pub timezone: String,
    /// The variables of a template of the platform's own.
    pub more: BTreeMap<String, String>,
}

impl Answers {
    /// The head of a `project.yml`: what every project says of itself.
    pub(super) fn head(&self) -> String {
        let [name, owner, description, database] =
            [&self.name, &self.owner, &self.description, &self.database].map(|text| scalar(text));
        format!("name: {name}\nowner: {owner}\ndescription: {description}\ndatabase: {database}\n")
    }

    /// As outlines use them.
    #[must_use]
    pub fn facts(&self) -> Map<String, Value> {
        let mut facts = Map::new();
        for (name, value) in self.plain() {
            facts.insert(name.to_owned(), json!(value));
        }
        facts.extend(self.more.iter().map(|(name, value)| (name.clone(), json!(value))));
        facts
    }

    /// Reads what [`Answers::facts`] gave; `None` when something is missing.
    #[must_use]
    pub fn read(facts: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| facts.get(name)?.as_str().map(ToOwned::to_owned);
        let mut answers = Self {
            name: text("name")?,
            database: text("database")?,
            owner: text("owner")?,
            description: text("description")?,
            daily: text("daily")?,
            dialect: text("dialect")?,
            platform: text("platform")?,
            timezone: text("timezone")?,
            more: BTreeMap::new(),
        };
        let is_own = |name: &str| answers.plain().iter().any(|(own, _)| *own == name);
        let more = facts.iter().filter(|(name, _)| !is_own(name));
        answers.more = more.filter_map(|(n, v)| Some((n.clone(), v.as_str()?.to_owned()))).collect();
        Some(answers)
    }

    /// Whether a template's own variable can have this name.
    #[must_use]
    pub fn is_free(&self, name: &str) -> bool {
        !self.plain().iter().any(|(own, _)| *own == name)
    }

    fn plain(&self) -> [(&'static str, &str); 8] {
        [
            ("name", &self.name),
            ("database", &self.database),
            ("owner", &self.owner),
            ("description", &self.description),
            ("daily", &self.daily),
            ("dialect", &self.dialect),
            ("platform", &self.platform),
            ("timezone", &self.timezone),
        ]
    }
}
