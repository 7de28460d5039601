//! Two totals that a test compares.

/// Two totals, and how a difference is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals {
    /// What the left one is the total of, in the user's words.
    pub left: String,
    /// What the right one is the total of.
    pub right: String,
    /// The columns for whose values totals are made; without any there is one total.
    pub group_by: Vec<String>,
    /// How many decimal places the currency has.
    pub decimals: u32,
}
