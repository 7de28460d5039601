//! What a full parser finds in one statement: relations read, written and dropped, in the words
//! of the scan, so that both can be compared.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use goldsmith::sql::{self, Reference, Touches, Verb};
use goldsmith::words::Dialect;
use sqlparser::ast::{
    AlterTableOperation, CopySource, Delete, Expr, FromTable, FunctionArg, FunctionArgExpr, Ident,
    ObjectName, ObjectType, OutputClause, Query, RenameTableNameKind, Select, SelectInto, SetExpr, Statement,
    TableFactor, TableObject, TableWithJoins, Update, UpdateTableFromKind, Visit, Visitor,
};
use sqlparser::dialect::{DuckDbDialect, MsSqlDialect, PostgreSqlDialect};
use sqlparser::parser::Parser;

/// The relations of one statement, by what is done to them.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub reads: BTreeSet<String>,
    pub writes: BTreeSet<String>,
    pub drops: BTreeSet<String>,
}

impl Found {
    /// What the scan finds, definitions and system relations included.
    pub fn by_scan(text: &str, dialect: Dialect) -> Self {
        let mut found = Self::default();
        for batch in &sql::read(text, dialect).batches {
            found.add(&batch.touches);
            batch.defines.iter().for_each(|d| found.add(&d.touches));
        }
        found
    }

    fn add(&mut self, touches: &Touches) {
        let lists = [&touches.reads, &touches.writes, &touches.drops, &touches.system];
        for Reference { name, verb, .. } in lists.into_iter().flatten() {
            let set = match verb {
                Verb::Read => &mut self.reads,
                Verb::Drop => &mut self.drops,
                Verb::Execute | Verb::Call => continue,
                _ => &mut self.writes,
            };
            set.insert(name.to_string());
        }
    }

    /// What the parser finds; `None` if it does not understand the text as one statement.
    pub fn by_parser(text: &str, dialect: Dialect) -> Option<Self> {
        let statements = parse(text, dialect)?;
        let [statement] = &statements[..] else { return None };
        let mut names = Names { dialect, found: Self::default(), queries: Vec::new(), targets: Vec::new() };
        let _ = statement.visit(&mut names);
        Some(names.found)
    }

    /// What only the scan, which is this, or only the parser has found.
    pub fn difference(&self, parser: &Self) -> String {
        let mut told = Vec::new();
        let kinds = [
            ("reads", &self.reads, &parser.reads),
            ("writes", &self.writes, &parser.writes),
            ("drops", &self.drops, &parser.drops),
        ];
        for (kind, ours, theirs) in kinds {
            let only = |a: &BTreeSet<String>, b| a.difference(b).cloned().collect::<Vec<_>>().join(", ");
            let (scan, parser) = (only(ours, theirs), only(theirs, ours));
            if !scan.is_empty() {
                told.push(format!("{kind} {scan} by the scan alone"));
            }
            if !parser.is_empty() {
                told.push(format!("{kind} {parser} by the parser alone"));
            }
        }
        told.join("; ")
    }
}

fn parse(text: &str, dialect: Dialect) -> Option<Vec<Statement>> {
    match dialect {
        Dialect::TSql => Parser::parse_sql(&MsSqlDialect {}, text),
        Dialect::DuckDb => Parser::parse_sql(&DuckDbDialect {}, text),
        Dialect::Postgres => Parser::parse_sql(&PostgreSqlDialect {}, text),
    }
    .ok()
}

/// A common table expression: its name, the table it starts from, the address of its query.
type Cte = (String, Option<String>, usize);

/// A query that is being visited.
struct Level {
    ctes: Vec<Cte>,
    /// How many of them can be seen: one that is not recursive sees those before it.
    visible: usize,
    recursive: bool,
}

struct Names {
    dialect: Dialect,
    found: Found,
    queries: Vec<Level>,
    /// Addresses of the table factors that are targets and not read.
    targets: Vec<usize>,
}

impl Names {
    fn cte(&self, name: &str) -> Option<&Option<String>> {
        self.queries
            .iter()
            .rev()
            .flat_map(|q| q.ctes[..q.visible].iter().rev())
            .find(|cte| cte.0 == name)
            .map(|cte| &cte.1)
    }

    fn is_temporary(&self, name: &str) -> bool {
        self.dialect == Dialect::TSql
            && (name.starts_with('#')
                || name.rsplit('.').next().is_some_and(|last| last.starts_with(['#', '@']))
                || ["inserted", "deleted"].contains(&name))
    }

    fn write(&mut self, name: &ObjectName) {
        self.write_name(dotted(name));
    }

    fn write_name(&mut self, name: String) {
        if !self.is_temporary(&name) {
            self.found.writes.insert(name);
        }
    }

    /// A target which may be the alias of one of `sources`, or a common table expression.
    fn change(&mut self, target: String, sources: &[TableWithJoins]) {
        let mut name = target;
        if self.dialect == Dialect::TSql && !name.contains('.') {
            match meaning(sources, &name) {
                Some(Meaning::Table(base)) => name = base,
                Some(Meaning::Other) => return,
                None => {}
            }
        }
        match self.cte(&name).cloned() {
            Some(Some(base)) => self.write_name(base),
            Some(None) => {}
            None => self.write_name(name),
        }
    }

    fn target(&mut self, factor: &TableFactor) -> Option<String> {
        self.targets.push(std::ptr::from_ref(factor) as usize);
        match factor {
            TableFactor::Table { name, .. } => Some(dotted(name)),
            _ => None,
        }
    }

    fn update(&mut self, update: &Update) {
        let sources: &[TableWithJoins] = match &update.from {
            Some(UpdateTableFromKind::BeforeSet(from) | UpdateTableFromKind::AfterSet(from)) => from,
            None => &[],
        };
        if let Some(target) = self.target(&update.table.relation) {
            self.change(target, sources);
        }
    }

    fn delete(&mut self, delete: &Delete) {
        let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
        if delete.tables.is_empty() {
            if let Some(target) = from.first().and_then(|first| self.target(&first.relation)) {
                self.change(target, &[]);
            }
        } else {
            for name in &delete.tables {
                self.change(dotted(name), from);
            }
        }
    }

    fn into(&mut self, into: Option<&SelectInto>) {
        for target in into.filter(|into| !into.temporary).iter().flat_map(|into| &into.targets) {
            match target {
                Expr::Identifier(name) => self.write_name(part(name)),
                Expr::CompoundIdentifier(parts) => {
                    self.write_name(parts.iter().map(part).collect::<Vec<_>>().join("."));
                }
                _ => {}
            }
        }
    }

    fn output(&mut self, output: Option<&OutputClause>) {
        if let Some(OutputClause::Output { into_table, .. }) = output {
            self.into(into_table.as_ref());
        }
    }
}

impl Visitor for Names {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        let address = std::ptr::from_ref(query) as usize;
        if let Some(outer) = self.queries.last_mut().filter(|q| !q.recursive) {
            outer.visible = outer.ctes.iter().position(|cte| cte.2 == address).unwrap_or(outer.ctes.len());
        }
        let ctes: Vec<Cte> = query
            .with
            .iter()
            .flat_map(|with| &with.cte_tables)
            .map(|cte| {
                (part(&cte.alias.name), first_table(&cte.query), std::ptr::from_ref(&*cte.query) as usize)
            })
            .collect();
        let recursive =
            self.dialect == Dialect::TSql || query.with.as_ref().is_some_and(|with| with.recursive);
        self.queries.push(Level { visible: ctes.len(), ctes, recursive });
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.queries.pop();
        if let Some(outer) = self.queries.last_mut() {
            outer.visible = outer.ctes.len();
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        self.into(select.into.as_ref());
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        let TableFactor::Table { name, args, .. } = factor else { return ControlFlow::Continue(()) };
        let function =
            args.as_ref().is_some_and(|args| args.args.is_empty() || !args.args.iter().all(is_hint));
        let file = name.0.iter().filter_map(|p| p.as_ident()).any(|i| i.quote_style == Some('\''));
        let target = self.targets.contains(&(std::ptr::from_ref(factor) as usize));
        let name = dotted(name);
        if !function && !file && !target && self.cte(&name).is_none() && !self.is_temporary(&name) {
            self.found.reads.insert(name);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_statement(&mut self, statement: &Statement) -> ControlFlow<()> {
        match statement {
            Statement::Insert(insert) => {
                if let TableObject::TableName(name) = &insert.table {
                    self.change(dotted(name), &[]);
                }
                self.output(insert.output.as_ref());
            }
            Statement::Update(update) => {
                self.update(update);
                self.output(update.output.as_ref());
            }
            Statement::Delete(delete) => {
                self.delete(delete);
                self.output(delete.output.as_ref());
            }
            Statement::Merge(merge) => {
                if let Some(target) = self.target(&merge.table) {
                    self.change(target, &[]);
                }
                self.output(merge.output.as_ref());
            }
            Statement::CreateTable(create) if !create.temporary => self.write(&create.name),
            Statement::CreateView(create) if !create.temporary => self.write(&create.name),
            Statement::CreateIndex(index) => self.write(&index.table_name),
            Statement::AlterTable(alter) => {
                self.write(&alter.name);
                for operation in &alter.operations {
                    if let AlterTableOperation::RenameTable { table_name } = operation {
                        let (RenameTableNameKind::As(new) | RenameTableNameKind::To(new)) = table_name;
                        let old = dotted(&alter.name);
                        let schema = old.rsplit_once('.').map_or(String::new(), |(s, _)| format!("{s}."));
                        self.write_name(schema + &dotted(new));
                    }
                }
            }
            Statement::AlterView { name, .. } => self.write(name),
            Statement::Truncate(truncate) => {
                truncate.table_names.iter().for_each(|target| self.write(&target.name));
            }
            Statement::Drop {
                object_type: ObjectType::Table | ObjectType::View | ObjectType::MaterializedView,
                names,
                ..
            } => {
                let names: Vec<_> = names.iter().map(dotted).filter(|n| !self.is_temporary(n)).collect();
                self.found.drops.extend(names);
            }
            Statement::Drop { object_type: ObjectType::Index, names, table, .. }
                if self.dialect == Dialect::TSql =>
            {
                let on = names.iter().filter_map(|n| dotted(n).rsplit_once('.').map(|(on, _)| on.to_owned()));
                table.iter().map(dotted).chain(on).for_each(|on| self.write_name(on));
            }
            Statement::ExplainTable { table_name, .. }
            | Statement::Copy { source: CopySource::Table { table_name, .. }, to: true, .. } => {
                self.found.reads.insert(dotted(table_name));
            }
            Statement::Copy { source: CopySource::Table { table_name, .. }, .. } => self.write(table_name),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

fn part(name: &Ident) -> String {
    name.value.to_lowercase()
}

fn dotted(name: &ObjectName) -> String {
    name.0.iter().filter_map(|p| p.as_ident()).map(part).collect::<Vec<_>>().join(".")
}

/// Whether an argument is a table hint without WITH: `FROM t (NOLOCK)`.
fn is_hint(argument: &FunctionArg) -> bool {
    matches!(
        argument,
        FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Identifier(name)))
            if ["nolock", "readuncommitted", "updlock", "holdlock", "rowlock", "tablock"]
                .contains(&part(name).as_str())
    )
}

/// What a name stands for in FROM.
enum Meaning {
    Table(String),
    /// A subquery without a table, a function, a temporary table.
    Other,
}

/// What `wanted` stands for among `sources`: an alias, or the last part of a table's name.
fn meaning(sources: &[TableWithJoins], wanted: &str) -> Option<Meaning> {
    let joins = sources.iter().flat_map(|s| s.joins.iter().map(|j| &j.relation));
    for factor in sources.iter().map(|s| &s.relation).chain(joins) {
        let (own, alias, base) = match factor {
            TableFactor::Table { name, alias, args, .. } => {
                let table =
                    args.as_ref().is_none_or(|args| !args.args.is_empty() && args.args.iter().all(is_hint));
                let base = table.then(|| dotted(name)).filter(|n| !n.starts_with(['#', '@']));
                (name.0.last().and_then(|p| p.as_ident()).map(part), alias, base)
            }
            TableFactor::Derived { subquery, alias, .. } => (None, alias, first_table(subquery)),
            TableFactor::NestedJoin { table_with_joins, .. } => {
                match meaning(std::slice::from_ref(table_with_joins), wanted) {
                    None => continue,
                    found => return found,
                }
            }
            _ => continue,
        };
        if alias.as_ref().map(|alias| part(&alias.name)).or(own).as_deref() == Some(wanted) {
            return Some(base.map_or(Meaning::Other, Meaning::Table));
        }
    }
    None
}

/// The first table that a query reads.
fn first_table(query: &Query) -> Option<String> {
    let mut body = &*query.body;
    loop {
        match body {
            SetExpr::SetOperation { left, .. } => body = left,
            SetExpr::Query(query) => body = &query.body,
            SetExpr::Select(select) => {
                return match &select.from.first()?.relation {
                    TableFactor::Table { name, args: None, .. } => Some(dotted(name)),
                    TableFactor::Derived { subquery, .. } => first_table(subquery),
                    _ => None,
                };
            }
            _ => return None,
        }
    }
}
