//! What a run wants to do with a database.

/// How a database is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// For reading and writing, held against other runs; it is made where there is none.
    Write,
    /// For reading alone; it must be there.
    Read,
    /// For reading alone, if it can be had; otherwise it is left out.
    Glance,
}
