//! A script from its first statement to its last: what each puts where, and what later ones can
//! know from it.

use std::collections::HashSet;
use std::sync::Arc;

use super::blank::Blanked;
use super::change::{Effect, Filled};
use super::column::{Column, Flow, Lineage, Named, Unread};
use super::known::{Known, Names, is_temporary};
use super::parse::{Parsed, parse};
use super::table::table;
use super::walker::{MOST_OF_SCRIPT, Walker};
use crate::sql::{
    Batch, Definition, DefinitionKind, Keyword as K, Kind, Script, Statement, Token, name_at, tokens,
};
use crate::words::{Dialect, RelationName, Span};

/// What names mean at a place in a script.
pub(super) struct Session<'a> {
    names: Names<'a>,
    /// What `USE` chose.
    database: Option<String>,
    /// What `CREATE TEMP` made.
    temporary: HashSet<String>,
    /// The table whose rows `inserted` and `deleted` are.
    trigger: Option<Arc<Named>>,
}

impl Session<'_> {
    /// A name by both its names.
    pub(super) fn named(&self, written: &RelationName) -> Arc<Named> {
        let bare = written.schema.is_none() && written.database.is_none();
        if bare
            && matches!(written.name.as_str(), "inserted" | "deleted")
            && let Some(table) = &self.trigger
        {
            return Arc::clone(table);
        }
        let temporary =
            written.name.starts_with(['#', '@']) || bare && self.temporary.contains(&written.name);
        if temporary {
            let full =
                RelationName { server: None, database: None, schema: None, name: written.name.clone() };
            return Arc::new(Named { written: written.clone(), full });
        }
        let mut chosen = written.clone();
        if chosen.database.is_none() {
            chosen.database.clone_from(&self.database);
        }
        Arc::new(Named { written: written.clone(), full: (self.names)(&chosen) })
    }
}

/// Reads the statements of a script in order.
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) dialect: Dialect,
    pub(super) known: &'a mut Known,
    session: Session<'a>,
    lineage: Lineage,
    /// Steps that are left.
    left: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, dialect: Dialect, names: Names<'a>, known: &'a mut Known) -> Self {
        let session = Session { names, database: None, temporary: HashSet::new(), trigger: None };
        Self { text, dialect, known, session, lineage: Lineage::default(), left: MOST_OF_SCRIPT }
    }

    pub(super) fn read(mut self, script: &Script) -> Lineage {
        for batch in &script.batches {
            for statement in &batch.statements {
                let around = around(batch, statement);
                self.session.trigger = around
                    .filter(|d| d.kind == DefinitionKind::Trigger)
                    .and_then(|d| d.target.as_ref())
                    .map(|t| self.session.named(&t.name));
                self.statement(statement, around);
            }
            self.session.trigger = None;
            for synonym in batch.defines.iter().filter(|d| d.kind == DefinitionKind::Synonym) {
                if let Some(target) = &synonym.target {
                    let columns = self.known.read(&self.session.named(&target.name));
                    self.known.define(&self.session.named(&synonym.name).full, &columns);
                }
            }
        }
        self.known.forget_temporary();
        self.lineage
    }

    fn statement(&mut self, statement: &Statement, around: Option<&Definition>) {
        let text = self.text;
        let text = &text[statement.span.start..statement.span.end];
        let tokens = tokens(text, self.dialect);
        match statement.keyword {
            Some(K::Use) => {
                self.session.database = name_at(text, &tokens, 1).map(|(name, _)| name.name);
            }
            Some(K::Create | K::Alter) => self.define(statement, text, &tokens, around),
            Some(K::Declare) => {
                if let Some(table) = table(text, &tokens) {
                    self.known.create(&self.session.named(&table.name), &table.columns);
                }
            }
            Some(K::Insert) => {
                if let Some(exec) = tokens.iter().position(|t| t.is(K::Exec) || t.is(K::Execute)) {
                    self.insert_exec(statement, text, &tokens, exec);
                } else if has(&tokens, &[K::Select, K::From, K::Output]) {
                    self.follow(statement, 0, around);
                }
            }
            Some(K::Return) if around.is_some_and(|d| d.kind == DefinitionKind::Function) => {
                if has(&tokens, &[K::Select])
                    && let Some(first) = tokens.get(1)
                {
                    self.follow(statement, first.start as usize, around);
                }
            }
            Some(K::Delete) if has(&tokens, &[K::Output]) => self.follow(statement, 0, around),
            Some(K::Update | K::Merge) if tokens.get(1).is_none_or(|t| !t.is(K::Statistics)) => {
                self.follow(statement, 0, around);
            }
            // `SELECT @x += ..` fills variables alone.
            Some(K::Select)
                if tokens.get(1).is_some_and(|t| t.kind == Kind::Variable) && assigns(&tokens) => {}
            Some(K::Select | K::With | K::From | K::Values) => self.follow(statement, 0, around),
            None if tokens.first().is_some_and(|t| t.kind == Kind::Open) && has(&tokens, &[K::Select]) => {
                self.follow(statement, 0, around);
            }
            _ => {}
        }
    }

    fn define(&mut self, statement: &Statement, text: &str, tokens: &[Token], around: Option<&Definition>) {
        let what = tokens.iter().take(8).find_map(|t| {
            t.keyword.filter(|k| {
                matches!(
                    k,
                    K::Table | K::View | K::Proc | K::Procedure | K::Function | K::Trigger | K::Synonym
                )
            })
        });
        let create = statement.keyword == Some(K::Create);
        if create && has(&tokens[..tokens.len().min(5)], &[K::Temp, K::Temporary]) {
            self.temporary(text, tokens);
        }
        match what {
            Some(K::View) if has(tokens, &[K::Select, K::From, K::Values]) => self.follow(statement, 0, None),
            Some(K::Table) if create && has(tokens, &[K::Select]) => self.follow(statement, 0, around),
            Some(K::Table) if create => {
                if let Some(table) = table(text, tokens) {
                    self.known.create(&self.session.named(&table.name), &table.columns);
                }
            }
            Some(K::Table) => {
                let at = tokens.iter().position(|t| t.is(K::Table)).unwrap_or_default() + 1;
                if let Some((name, _)) = name_at(text, tokens, at) {
                    self.known.widen(&self.session.named(&name));
                }
            }
            Some(K::Function) => {
                // RETURNS @t TABLE (..)
                if let Some(table) = table(text, tokens).filter(|t| t.name.name.starts_with('@')) {
                    let named = self.session.named(&table.name);
                    self.known.create(&named, &table.columns);
                    self.returns(&named, around);
                }
            }
            _ => {}
        }
    }

    /// `CREATE TEMP TABLE t`: from here on the bare name is the session's own.
    fn temporary(&mut self, text: &str, tokens: &[Token]) {
        let Some(word) = tokens.iter().position(|t| t.is(K::Table) || t.is(K::View)) else { return };
        let mut at = word + 1;
        while tokens.get(at).is_some_and(|t| t.is(K::If) || t.is(K::Not) || t.is(K::Exists)) {
            at += 1;
        }
        if let Some((name, _)) = name_at(text, tokens, at) {
            self.session.temporary.insert(name.name);
        }
    }

    /// `INSERT t EXEC p`: what the procedure gives back, if it is known.
    fn insert_exec(&mut self, statement: &Statement, text: &str, tokens: &[Token], exec: usize) {
        let at = if tokens.get(1).is_some_and(|t| t.is(K::Into)) { 2 } else { 1 };
        let target = match tokens.get(at) {
            Some(token) if token.kind == Kind::Variable => {
                RelationName::from_parts(&[token.text(text)]).map(|name| (name, at + 1))
            }
            _ => name_at(text, tokens, at),
        };
        let Some((target, behind)) = target else { return };
        // `EXEC @status = p`
        let mut from = exec + 1;
        if tokens.get(from).is_some_and(|t| t.kind == Kind::Variable)
            && tokens.get(from + 1).is_some_and(|t| t.kind == Kind::Equals)
        {
            from += 2;
        }
        let Some((procedure, _)) = name_at(text, tokens, from) else {
            let why = "dynamic SQL: its columns can't be seen".to_owned();
            self.lineage.unread.push(Unread { span: statement.span, why });
            return;
        };
        let procedure = self.session.named(&procedure);
        let columns = self
            .known
            .result(&procedure.full)
            .map_or_else(|| Arc::new(vec![Column::rows(&procedure)]), Arc::clone);
        let names: Vec<String> = tokens[behind.min(exec)..exec]
            .iter()
            .enumerate()
            .filter(|(_, t)| t.is_name())
            .filter_map(|(i, _)| name_at(text, tokens, behind + i).map(|(name, _)| name.name))
            .collect();
        let named = self.session.named(&target);
        let places = super::parse::Places::default();
        let blanked = Blanked::default();
        let effect = self.walker(&places, &blanked, 0).added(named, &columns, &names);
        self.apply(statement, effect, None);
    }

    /// Parses a statement from the offset `skip` on and takes up what it does.
    fn follow(&mut self, statement: &Statement, skip: usize, around: Option<&Definition>) {
        let base = statement.span.start + skip;
        let text = self.text;
        let Parsed { statement: tree, places, blanked } =
            match parse(&text[base..statement.span.end], self.dialect) {
                Ok(parsed) => parsed,
                Err((at, why)) => {
                    let place = base + at;
                    self.lineage.unread.push(Unread { span: Span::new(place, place), why });
                    return;
                }
            };
        let mut walker = self.walker(&places, &blanked, base);
        let effects = walker.statement(&tree, None).and_then(|effect| Ok([effect, walker.output(&tree)?]));
        self.left = self.left.saturating_sub(walker.steps);
        if let Ok(effects) = effects {
            for effect in effects {
                self.apply(statement, effect, around);
            }
        } else {
            let why = "too many columns to follow".to_owned();
            self.lineage.unread.push(Unread { span: statement.span, why });
        }
    }

    fn walker<'w>(
        &'w self,
        places: &'w super::parse::Places,
        blanked: &'w Blanked,
        base: usize,
    ) -> Walker<'w> {
        Walker {
            known: self.known,
            session: &self.session,
            places,
            base,
            dialect: self.dialect,
            blanked,
            ctes: Vec::new(),
            steps: 0,
            left: self.left,
        }
    }

    fn apply(&mut self, statement: &Statement, effect: Effect, around: Option<&Definition>) {
        let mut by_position = false;
        let (relation, columns) = match effect {
            Effect::Nothing => return,
            Effect::Answer(columns) => {
                self.answer(&columns, around);
                (None, columns)
            }
            Effect::Make(named, columns) => {
                self.known.create_from(&named, &columns);
                (Some(named), columns)
            }
            Effect::Define(named, columns) => {
                self.known.define(&named.full, &columns);
                (Some(named), columns)
            }
            Effect::Add(named, columns, filled) => {
                by_position = filled == Filled::ByPosition;
                if !by_position {
                    self.fill(&named, &columns, around);
                }
                (Some(named), columns)
            }
            Effect::Change(named, columns) => {
                self.fill(&named, &columns, around);
                (Some(named), columns)
            }
        };
        if columns.is_empty() {
            return;
        }
        let placed = |column: &Column| {
            let span = if column.span == Span::default() { statement.span } else { column.span };
            Column { span, ..column.clone() }
        };
        let columns = columns.iter().map(placed).collect();
        self.lineage.flows.push(Flow { span: statement.span, relation, columns, by_position });
    }

    fn fill(&mut self, named: &Arc<Named>, columns: &[Column], around: Option<&Definition>) {
        self.known.fill(named, columns);
        self.returns(named, around);
    }

    /// The variable that a function returns is what the function gives.
    fn returns(&mut self, named: &Arc<Named>, around: Option<&Definition>) {
        if let Some(function) = around.filter(|d| d.kind == DefinitionKind::Function)
            && is_temporary(&named.full)
        {
            let result = self.known.read(named);
            self.known.define(&self.session.named(&function.name).full, &result);
        }
    }

    /// What a procedure or function gives back.
    fn answer(&mut self, columns: &[Column], around: Option<&Definition>) {
        let Some(definition) = around else { return };
        let full = self.session.named(&definition.name).full.clone();
        match definition.kind {
            DefinitionKind::Procedure if !columns.is_empty() => {
                self.known.give_back(&full, columns);
            }
            DefinitionKind::Function => self.known.define(&full, columns),
            _ => {}
        }
    }
}

/// The procedure, function or trigger that a statement stands in.
pub(super) fn around<'b>(batch: &'b Batch, statement: &Statement) -> Option<&'b Definition> {
    let at = statement.span.start;
    batch.defines.iter().find(|d| {
        !matches!(d.kind, DefinitionKind::View | DefinitionKind::Synonym)
            && d.extent.start <= at
            && at < d.extent.end
    })
}

/// Whether a select list begins with `@x =`, `@x +=` and the like.
fn assigns(tokens: &[Token]) -> bool {
    let kind = |at: usize| tokens.get(at).map(|t| t.kind);
    kind(2) == Some(Kind::Equals) || kind(2) == Some(Kind::Operator) && kind(3) == Some(Kind::Equals)
}

fn has(tokens: &[Token], keywords: &[K]) -> bool {
    tokens.iter().any(|t| t.keyword.is_some_and(|k| keywords.contains(&k)))
}
