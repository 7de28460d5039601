//! How the platform runs in containers.

use std::collections::BTreeMap;

/// `deploy:` of `goldsmith.yml`: one description that all generated files are made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Deploy {
    /// The image's name, with its registry; the platform's name when absent.
    pub image: Option<String>,
    /// How many cores a container gets.
    pub cpu: f64,
    /// How much memory it gets, in GiB.
    pub memory: f64,
    /// Environment variables with their values; those of a secret's name have none here.
    pub env: BTreeMap<String, String>,
    /// Names of environment variables that are secrets, beside those whose names tell.
    pub secrets: Vec<String>,
    /// Containers that run beside.
    pub sidecars: Vec<Sidecar>,
}

impl Default for Deploy {
    fn default() -> Self {
        Self {
            image: None,
            cpu: 1.0,
            memory: 2.0,
            env: BTreeMap::new(),
            secrets: Vec::new(),
            sidecars: Vec::new(),
        }
    }
}

/// A container that runs beside goldsmith's, such as a relay to a database behind a firewall.
#[derive(Debug, Clone, PartialEq)]
pub struct Sidecar {
    /// Its name.
    pub name: String,
    /// Its image.
    pub image: String,
    /// What it runs instead of what its image says.
    pub command: Vec<String>,
    /// Environment variables with their values.
    pub env: BTreeMap<String, String>,
    /// Names of environment variables that are secrets.
    pub secrets: Vec<String>,
    /// How many cores it gets.
    pub cpu: f64,
    /// How much memory it gets, in GiB.
    pub memory: f64,
}
