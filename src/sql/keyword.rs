//! The words of SQL that mean something to the splitter or the scan, found without allocation:
//! a word's first sixteen bytes, folded to lower case, are one integer, looked up in a table that
//! is laid out at compile time.

use crate::words::Dialect;

/// A word is at most this long to be a keyword.
const LONGEST: usize = 16;
/// Slots of the table; a power of two, sparse enough for short probes.
const SLOTS: usize = 1024;

macro_rules! keywords {
    ($($variant:ident $word:literal $class:ident,)*) => {
        /// A word with a meaning of its own.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        #[expect(clippy::doc_markdown, reason = "the words are the documentation")]
        pub enum Keyword { $(#[doc = $word] $variant,)* }

        const ALL: &[(Keyword, &str, Class)] = &[$((Keyword::$variant, $word, Class::$class),)*];
    };
}

/// What a keyword may be apart from its meaning.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// May also be a name or an alias.
    Free,
    /// Never a name or an alias unless quoted.
    Reserved,
    /// Reserved in T-SQL alone.
    Server,
    /// Reserved, and starts a T-SQL statement wherever nothing says otherwise.
    Starts,
    /// Starts a T-SQL statement, and is reserved there alone.
    ServerStarts,
}

keywords! {
    After "after" Free, All "all" Reserved, Alter "alter" Starts, Analyze "analyze" Free, Anti "anti" Free, Apply "apply" Free,
    As "as" Reserved, Asof "asof" Reserved, At "at" Free, Atomic "atomic" Free, Attach "attach" Free,
    Backup "backup" ServerStarts, Before "before" Free, Begin "begin" ServerStarts, Between "between" Reserved, Break "break" ServerStarts,
    Bulk "bulk" ServerStarts, By "by" Reserved, Call "call" Free, Case "case" Reserved, Catch "catch" Free,
    Checkpoint "checkpoint" ServerStarts, Close "close" ServerStarts, Clustered "clustered" Free, Column "column" Reserved,
    Commit "commit" ServerStarts, Constraint "constraint" Reserved, Contained "contained" Free,
    Continue "continue" ServerStarts, Conversation "conversation" Free, Copy "copy" Free, Create "create" Starts,
    Cross "cross" Reserved, Cursor "cursor" Server, Database "database" Server, Dbcc "dbcc" ServerStarts,
    Deallocate "deallocate" ServerStarts, Declare "declare" ServerStarts, Default "default" Reserved,
    Delete "delete" Starts, Deny "deny" ServerStarts, Desc "desc" Free, Describe "describe" Free, Detach "detach" Free,
    Dialog "dialog" Free, Disable "disable" Free, Distinct "distinct" Reserved, Distributed "distributed" Server,
    Do "do" Free, Drop "drop" Starts, Else "else" Reserved, Enable "enable" Free, End "end" Reserved,
    Except "except" Reserved, Exec "exec" ServerStarts, Execute "execute" ServerStarts, Exists "exists" Reserved,
    Explain "explain" Free, External "external" Free, Fetch "fetch" Starts, For "for" Reserved,
    From "from" Reserved, Full "full" Reserved, Function "function" Server, Global "global" Free,
    Goto "goto" ServerStarts, Grant "grant" Starts, Group "group" Reserved, Having "having" Reserved, If "if" ServerStarts,
    Ignore "ignore" Free, Import "import" Free, In "in" Reserved, Index "index" Server, Inner "inner" Reserved,
    Insert "insert" Starts, Intersect "intersect" Reserved, Into "into" Reserved, Is "is" Reserved,
    Join "join" Reserved, Kill "kill" ServerStarts, Language "language" Free, Lateral "lateral" Free,
    Left "left" Reserved, Limit "limit" Free, Local "local" Free, Loop "loop" Free, Macro "macro" Free,
    Materialized "materialized" Free, Merge "merge" Starts, Name "name" Free, Natural "natural" Free,
    Nonclustered "nonclustered" Free, Not "not" Reserved, Of "of" Reserved, Offset "offset" Free, On "on" Reserved,
    Only "only" Free, Open "open" ServerStarts, Option "option" Server, Or "or" Reserved, Order "order" Reserved,
    Outer "outer" Reserved, Output "output" Free, Partition "partition" Free, Percent "percent" Free, Perform "perform" Free,
    Pivot "pivot" Reserved, Positional "positional" Free, Prepare "prepare" Free, Print "print" ServerStarts,
    Proc "proc" Server, Procedure "procedure" Server, Qualify "qualify" Free, Query "query" Free,
    Raiserror "raiserror" ServerStarts, Recursive "recursive" Free, References "references" Reserved,
    Refresh "refresh" Free, Rename "rename" Free, Replace "replace" Free, Restore "restore" ServerStarts,
    Return "return" ServerStarts, Returning "returning" Free, Returns "returns" Free, Revoke "revoke" ServerStarts,
    Right "right" Reserved, Rollback "rollback" ServerStarts, Row "row" Free, Rows "rows" Free, Save "save" ServerStarts,
    Schema "schema" Server, Select "select" Starts, Sequence "sequence" Free, Set "set" Starts, Show "show" Free,
    Statistics "statistics" Free, Summarize "summarize" Free, Switch "switch" Free, Synonym "synonym" Free,
    SystemTime "system_time" Free, Table "table" Reserved, Tablesample "tablesample" Reserved, Temp "temp" Free,
    Temporary "temporary" Free, Then "then" Reserved, Throw "throw" Free, To "to" Reserved, Top "top" Free,
    Tran "tran" Server, Transaction "transaction" Server, Transfer "transfer" Free,
    Trigger "trigger" Server, Truncate "truncate" ServerStarts, Try "try" Free, Type "type" Free, Union "union" Reserved,
    Unique "unique" Reserved, Unlogged "unlogged" Free, Unpivot "unpivot" Reserved, Update "update" Starts,
    Use "use" ServerStarts, Using "using" Reserved, Values "values" Reserved, View "view" Server,
    Waitfor "waitfor" ServerStarts, When "when" Reserved, Where "where" Reserved, While "while" ServerStarts,
    Window "window" Free, With "with" Reserved, Xmlnamespaces "xmlnamespaces" Free,
}

impl Keyword {
    /// The keyword that `word` is, in any case.
    pub(crate) fn of(word: &[u8]) -> Option<Self> {
        if word.len() < 2 || word.len() > LONGEST {
            return None;
        }
        let key = fold(word);
        let mut slot = hash(key);
        loop {
            let index = TABLE[slot];
            if index == 0 {
                return None;
            }
            let index = usize::from(index - 1);
            if KEYS[index] == key {
                return Some(ALL[index].0);
            }
            slot = (slot + 1) & (SLOTS - 1);
        }
    }

    /// Whether the word is never a name or an alias in `dialect` unless it is quoted.
    pub(crate) fn is_reserved(self, dialect: Dialect) -> bool {
        match ALL[self as usize].2 {
            Class::Free => false,
            Class::Server | Class::ServerStarts => dialect == Dialect::TSql,
            Class::Reserved | Class::Starts => true,
        }
    }

    /// Whether the word starts a T-SQL statement where nothing says otherwise.
    pub(crate) fn starts(self) -> bool {
        matches!(ALL[self as usize].2, Class::Starts | Class::ServerStarts)
    }
}

/// The bytes of a short word as one integer, letters in lower case. Bit 5 separates the cases of a
/// letter; no two bytes that can stand in a word differ in that bit alone, letters aside.
const fn fold(word: &[u8]) -> u128 {
    let mut key = 0;
    let mut i = 0;
    while i < word.len() {
        key = (key << 8) | (word[i] | 0x20) as u128;
        i += 1;
    }
    key
}

#[expect(clippy::cast_possible_truncation, reason = "folding a key into a slot is meant to lose bits")]
const fn hash(key: u128) -> usize {
    let mixed = ((key >> 64) as u64 ^ key as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 54) as usize & (SLOTS - 1)
}

const KEYS: [u128; ALL.len()] = {
    let mut keys = [0; ALL.len()];
    let mut i = 0;
    while i < ALL.len() {
        keys[i] = fold(ALL[i].1.as_bytes());
        i += 1;
    }
    keys
};

/// One more than the keyword's index in [`ALL`], or 0 for an empty slot.
#[expect(clippy::cast_possible_truncation, reason = "asserted to fit")]
static TABLE: [u8; SLOTS] = {
    assert!(ALL.len() < 255, "a slot is one byte");
    let mut table = [0; SLOTS];
    let mut i = 0;
    while i < ALL.len() {
        let mut slot = hash(KEYS[i]);
        while table[slot] != 0 {
            slot = (slot + 1) & (SLOTS - 1);
        }
        table[slot] = i as u8 + 1;
        i += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::{ALL, Keyword};

    #[test]
    fn every_keyword_is_found_in_any_case() {
        for (keyword, word, _) in ALL {
            assert_eq!(Keyword::of(word.as_bytes()), Some(*keyword));
            assert_eq!(Keyword::of(word.to_uppercase().as_bytes()), Some(*keyword));
        }
        for word in ["", "a", "selec", "selects", "account", "äöü", "averyverylongnameindeed"] {
            assert_eq!(Keyword::of(word.as_bytes()), None);
        }
    }
}
