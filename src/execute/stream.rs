//! Brings rows of another target into a table of this one: a thread reads there, the worker writes
//! here, and between them stands a short queue, so that neither the one nor the other fills the memory.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use super::act::{Acted, Refusal, act};
use super::unit::Context;
use super::{Event, control};
use crate::ddl::{self, FILES};
use crate::plan::{Step, Text};
use crate::warehouse::{Cancel, Connection, Error, ErrorKind, Rows, Sink, Warehouse};

/// How many batches wait between reader and writer at most.
const QUEUE: usize = 8;
/// How often the writer looks up while it waits for rows.
const LOOK: Duration = Duration::from_millis(100);
/// How often it tells how far it has come.
const TELL: Duration = Duration::from_secs(1);

/// Another target, opened for reading.
pub struct Other {
    /// Its warehouse; the run's own where both share one folder.
    pub warehouse: Arc<dyn Warehouse>,
    /// The database in which names without one are looked up.
    pub database: String,
}

/// Other targets by name.
pub type Others = BTreeMap<String, Other>;

/// What the reader sends.
enum Part {
    Columns(SchemaRef),
    Rows(RecordBatch),
    /// The end, with the source's figures where they are compared.
    End(Result<Option<Rows>, Error>),
}

impl Context<'_> {
    /// Runs the query on its target and fills the table with the rows.
    pub(super) fn stream(
        &self,
        step: &Step,
        stream: &ddl::Stream,
        text: &Text,
        connection: &mut dyn Connection,
    ) -> Result<Acted, Refusal> {
        let sql = text.sql.as_str();
        if let Some(rows) = self.copied(stream, sql, connection)? {
            return Ok(Acted { rows: Some(rows), messages: Vec::new(), counts: None });
        }
        let refused = |message: String| Error::new(ErrorKind::Statement, message);
        let there = |error: Error| at_source(&error, &stream.from.target, sql);
        let mut reader = self.reader(&stream.from.target, stream.from.database.as_deref()).map_err(there)?;
        reader.set_business_date(&self.settings.date).map_err(there)?;
        let handle = reader.cancel_handle();
        let (sender, receiver) = sync_channel(QUEUE);
        let figures = stream.from.control.as_ref().map(|c| c.at_source.as_str());
        let (rows, at_source) = std::thread::scope(|scope| {
            let handle = Arc::clone(&handle);
            let guarded = Arc::clone(&handle);
            let reading =
                move || self.interrupt.guard(&guarded, || read(reader.as_mut(), sql, figures, &sender));
            std::thread::Builder::new()
                .name("reader".to_owned())
                .spawn_scoped(scope, reading)
                .map_err(|e| refused(format!("no thread can be had to read with: {e}")))?;
            let mut incoming = Incoming { context: self, step, receiver, handle, rows: 0, figures: None };
            let written = incoming.fill(stream, connection, &there);
            if written.is_err() {
                // The reader may be in the middle of a long query that nobody waits for any more.
                incoming.handle.cancel();
            }
            written.map(|rows| (rows, incoming.figures.take()))
        })?;
        let mut messages = Vec::new();
        if let (Some(figures), Some(at_source)) = (&stream.from.control, at_source) {
            let arrived = connection.query(&figures.arrived)?;
            let first = |rows: &Rows| rows.rows.first().cloned().unwrap_or_default();
            let told = control::compare(&first(&at_source), &first(&arrived), figures.sum.as_deref());
            messages.push(told.map_err(refused)?);
        }
        Ok(Acted { rows: Some(rows), messages, counts: None })
    }
}

/// The columns of a query, of which no row is wanted.
#[derive(Default)]
struct Columns(Option<SchemaRef>);

impl Sink for Columns {
    fn begin(&mut self, schema: SchemaRef) -> Result<(), Error> {
        self.0 = Some(schema);
        Ok(())
    }

    fn take(&mut self, _: RecordBatch) -> Result<(), Error> {
        Ok(())
    }
}

impl Context<'_> {
    /// Fills the table inside the server, where both databases are on one that can. The table is the same
    /// as if the rows were sent. Figures and rows of one state can only be had from a session that reads.
    fn copied(
        &self,
        stream: &ddl::Stream,
        sql: &str,
        connection: &mut dyn Connection,
    ) -> Result<Option<u64>, Error> {
        let Some(from) = &stream.from.within else { return Ok(None) };
        if stream.from.control.is_some() || !stream.from.declared.is_empty() || !connection.sees(from)? {
            return Ok(None);
        }
        let there = |error: Error| at_source(&error, &stream.from.target, sql);
        let mut columns = Columns::default();
        let mut reader = self.reader(&stream.from.target, stream.from.database.as_deref()).map_err(there)?;
        reader.read(&ddl::without_rows(reader.dialect(), sql), &mut columns).map_err(there)?;
        let Some(schema) = columns.0 else { return Ok(None) };
        let table = ddl::table_for(connection.dialect(), &stream.into, &schema, &[])
            .map_err(|message| there(Error::new(ErrorKind::Statement, message)))?;
        connection.execute(&table.sql).map_err(|e| here(&e, stream))?;
        connection.copy(sql, &stream.into).map_err(|e| here(&e, stream))
    }

    /// Carries out a statement that is sent to another target.
    pub(super) fn elsewhere(&self, target: &str, text: &Text) -> Result<Acted, Refusal> {
        let mut reader = self.reader(target, None)?;
        let handle = reader.cancel_handle();
        self.interrupt.guard(&handle, || act(text, false, reader.as_mut()))
    }

    /// A session at another target, in one of its databases or in its default one.
    fn reader(&self, target: &str, database: Option<&str>) -> Result<Box<dyn Connection>, Error> {
        let other = self.others.get(target).ok_or_else(|| {
            Error::new(ErrorKind::Statement, format!("the target `{target}` was not opened"))
        })?;
        other.warehouse.connect(database.unwrap_or(&other.database))
    }
}

/// The writer's end of the queue.
struct Incoming<'a> {
    context: &'a Context<'a>,
    step: &'a Step,
    receiver: Receiver<Part>,
    handle: Arc<dyn Cancel>,
    rows: u64,
    figures: Option<Rows>,
}

impl Incoming<'_> {
    /// Makes the table and fills it; tells how many rows came.
    fn fill(
        &mut self,
        stream: &ddl::Stream,
        connection: &mut dyn Connection,
        there: &dyn Fn(Error) -> Error,
    ) -> Result<u64, Error> {
        let schema = match self.part().map_err(there)? {
            Part::Columns(schema) => schema,
            Part::End(Err(error)) => return Err(there(error)),
            Part::Rows(_) | Part::End(Ok(_)) => return Err(there(vanished())),
        };
        let table = ddl::table_for(connection.dialect(), &stream.into, &schema, &stream.from.declared)
            .map_err(|message| there(Error::new(ErrorKind::Statement, message)))?;
        connection.execute(&table.sql).map_err(|e| here(&e, stream))?;
        let mut failed = None;
        let mut told = Instant::now();
        let began = told;
        let mut batches = std::iter::from_fn(|| match self.part() {
            Ok(Part::Rows(batch)) => {
                self.rows += batch.num_rows() as u64;
                if told.elapsed() >= TELL {
                    told = Instant::now();
                    (self.context.on_event)(&Event::RowsArrived {
                        id: self.step.id.clone(),
                        rows: self.rows,
                        since: began.elapsed(),
                    });
                }
                Some(Ok(batch))
            }
            Ok(Part::End(Ok(figures))) => {
                self.figures = figures;
                None
            }
            Ok(Part::Columns(_)) => Some(Err(vanished())),
            Ok(Part::End(Err(error))) | Err(error) => {
                failed = Some(there(error.clone()));
                Some(Err(error))
            }
        });
        let written = connection.append(&stream.into, &mut batches);
        match (failed, written) {
            (Some(error), _) => Err(error),
            (None, Err(error)) => Err(here(&error, stream)),
            (None, Ok(rows)) => Ok(rows),
        }
    }

    /// What comes next. Who stops the run stops the waiting as well.
    fn part(&self) -> Result<Part, Error> {
        loop {
            if self.context.interrupt.stopped() {
                self.handle.cancel();
                return Err(Error::new(ErrorKind::Cancelled, "interrupted"));
            }
            match self.receiver.recv_timeout(LOOK) {
                Ok(part) => return Ok(part),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(vanished()),
            }
        }
    }
}

/// Reads all there is, and the figures in the same state of the source.
fn read(reader: &mut dyn Connection, sql: &str, figures: Option<&str>, sender: &SyncSender<Part>) {
    let read = || {
        reader.begin_reading()?;
        reader.read(sql, &mut Queue(sender))?;
        let figures = figures.map(|figures| reader.query(figures)).transpose()?;
        reader.rollback()?;
        Ok(figures)
    };
    let end =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).unwrap_or_else(|_| Err(vanished()));
    // Without a writer nobody wants to know.
    let _ = sender.send(Part::End(end));
}

/// The reader's end of the queue.
struct Queue<'a>(&'a SyncSender<Part>);

impl Queue<'_> {
    fn put(&self, part: Part) -> Result<(), Error> {
        self.0.send(part).map_err(|_| Error::new(ErrorKind::Cancelled, "nobody takes the rows"))
    }
}

impl Sink for Queue<'_> {
    fn begin(&mut self, schema: SchemaRef) -> Result<(), Error> {
        self.put(Part::Columns(schema))
    }

    fn take(&mut self, batch: RecordBatch) -> Result<(), Error> {
        self.put(Part::Rows(batch))
    }
}

fn vanished() -> Error {
    Error::new(
        ErrorKind::Statement,
        "the reader broke off, an internal error of goldsmith's: please report it",
    )
}

/// An error of the other target, with the line of its query.
fn at_source(error: &Error, target: &str, sql: &str) -> Error {
    let line =
        error.position.and_then(|p| sql.get(..p.offset)).map(|before| before.matches('\n').count() + 1);
    if target == FILES {
        return Error { position: None, ..error.clone() };
    }
    let line = line.map(|n| format!(", line {n} of the query")).unwrap_or_default();
    Error {
        message: format!("on the target `{target}`{line}: {}", error.message),
        position: None,
        // What the other target guessed is nothing that can be guessed better here.
        kind: if error.kind == ErrorKind::Conversion { ErrorKind::Statement } else { error.kind },
    }
}

/// An error of the table that is filled.
fn here(error: &Error, stream: &ddl::Stream) -> Error {
    Error {
        message: match stream.from.target.as_str() {
            FILES => error.message.clone(),
            target => format!("while the rows of `{target}` were written: {}", error.message),
        },
        ..error.clone()
    }
}
