//! A column as YAML declares it.

/// A declared column of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The name as written.
    pub name: String,
    /// The SQL type, where declared.
    pub data_type: Option<String>,
    /// What it means.
    pub description: String,
    /// Whether checksums leave it out: `checksum: ignore`.
    pub is_ignored: bool,
}
