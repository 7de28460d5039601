//! What the scan remembers for each open parenthesis.

use crate::sql::script::Verb;

/// Why a parenthesis was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// An expression, a list, or a subquery in an expression.
    Plain,
    /// In place of a table: a subquery or a join in parentheses.
    Source,
    /// The body of a common table expression.
    Cte {
        /// The token of its name.
        name: usize,
        /// Whether the body can see that name.
        recursive: bool,
    },
}

/// Where in a query the scan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clause {
    /// In no query.
    Idle,
    /// In the select list.
    Select,
    /// Where a table has to come: behind FROM, JOIN, APPLY, or a comma between tables.
    Source,
    /// Behind a table: alias, hints, ON conditions.
    After,
    /// Anywhere else.
    Rest,
}

/// What has to come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expect {
    /// Nothing in particular.
    Nothing,
    /// The relation that a statement changes.
    Target(Verb),
    /// The relation behind INTO.
    Into(Verb),
}

/// One level of parentheses.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about where the walk is")]
pub(super) struct Frame {
    pub role: Role,
    pub clause: Clause,
    pub expect: Expect,
    /// Whether FROM starts a clause here.
    pub query: bool,
    /// Whether no more than common table expressions was seen yet.
    pub fresh: bool,
    /// Whether USING names a table here.
    pub using: bool,
    /// Whether ON lists the columns of a PIVOT here.
    pub pivot: bool,
    /// The verb that changes data here, if one does.
    pub change: Option<Verb>,
    /// Whether INTO follows an OUTPUT here.
    pub output: bool,
    /// Whether the table of SELECT INTO is a temporary one.
    pub temp: bool,
    /// The name of the first table here, for changes through queries: a token.
    pub base: Option<usize>,
    /// A target of one part that may yet turn out to be an alias: a token.
    pub target: Option<(usize, Verb)>,
    /// An alias may follow, of this table, if it is one.
    pub alias: Option<Base>,
    /// Whether the frame around this join in parentheses looks for an alias.
    pub seeks_alias: bool,
    pub cte_mark: usize,
    pub alias_mark: usize,
}

impl Frame {
    pub(super) fn new(role: Role, cte_mark: usize, alias_mark: usize) -> Self {
        Self {
            role,
            clause: if role == Role::Source { Clause::Source } else { Clause::Idle },
            expect: Expect::Nothing,
            query: false,
            fresh: true,
            using: false,
            pivot: false,
            change: None,
            output: false,
            temp: false,
            base: None,
            target: None,
            alias: None,
            seeks_alias: false,
            cte_mark,
            alias_mark,
        }
    }
}

impl Frame {
    /// Whether the aliases here may name a target: its own, or that of the frame around a join.
    pub(super) fn seeks(&self) -> bool {
        self.target.is_some() || self.is_join() && self.seeks_alias
    }

    /// Whether the frame is a join in parentheses, whose aliases can be seen outside.
    pub(super) fn is_join(&self) -> bool {
        self.role == Role::Source && !self.query
    }
}

/// An alias of a table: its token, and the token of the table's name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Alias {
    pub token: usize,
    pub base: Base,
}

/// The token of the table's name behind a source; none if that is no table but a function, values,
/// or a temporary table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Base(pub Option<usize>);
