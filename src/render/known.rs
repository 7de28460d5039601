//! The names that templates may use, for suggestions in errors. The engine can't list them.

/// Statements, as in `{% for .. %}`.
pub(super) const STATEMENTS: [&str; 22] = [
    "if", "elif", "else", "endif", "for", "endfor", "set", "endset", "macro", "endmacro", "call", "endcall",
    "filter", "endfilter", "do", "raw", "endraw", "with", "endwith", "break", "continue", "test",
];

/// Filters, as in `x | upper`.
pub(super) const FILTERS: [&str; 51] = [
    "abs", "as_bool", "as_native", "as_number", "as_text", "attr", "batch", "bool", "capitalize", "chain",
    "count", "default", "dictsort", "escape", "first", "float", "format", "groupby", "indent", "int", "items",
    "join", "last", "length", "lines", "list", "lower", "map", "max", "min", "pprint", "reject", "rejectattr",
    "replace", "reverse", "round", "safe", "select", "selectattr", "slice", "sort", "split", "string", "sum",
    "title", "tojson", "trim", "unique", "upper", "urlencode", "zip",
];

/// Tests, as in `x is defined`.
pub(super) const TESTS: [&str; 31] = [
    "boolean", "defined", "divisibleby", "endingwith", "eq", "equalto", "even", "false", "filter", "float", "ge",
    "gt", "in", "integer", "iterable", "le", "lower", "lt", "mapping", "ne", "none", "number", "odd", "sameas",
    "sequence", "startingwith", "string", "test", "true", "undefined", "upper",
];
