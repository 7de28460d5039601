//! Adds up the rows of an engine in this process as [`Scheme::query`] lets an engine add them up: the
//! same figures, without a text of each value having to be made by the engine.

mod days;
mod value;

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use self::days::Days;
use self::value::Values;
use crate::ddl::checksum::{Figures, Form, Scheme, Total};
use crate::warehouse::{Connection, Error, Sink};
use crate::words::decimal;
use crate::words::md5::Md5Sum;

/// How many batches are handed on at a time: to wake a worker takes longer than to add a small one up.
const PARCEL: usize = 8;
/// How many parcels wait at most.
const QUEUE: usize = 4;

/// Adds up what the query of a scheme's values gives. `None` when there was a value that only the engine
/// can write: then it has to add up.
///
/// # Errors
/// When the warehouse refuses the query.
pub(super) fn tally(
    connection: &mut dyn Connection,
    scheme: &Scheme,
    query: &str,
) -> Result<Option<Figures>, Error> {
    let workers = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let (sender, receiver) = sync_channel(QUEUE);
    let receiver = Arc::new(Mutex::new(receiver));
    let (read, tallies) = thread::scope(|scope| {
        // Each has a share of the queue: when the last one ends early, nobody waits for room in it.
        let shares = std::iter::repeat_n(receiver, workers);
        let workers: Vec<_> = shares.map(|share| scope.spawn(move || Tally::of(scheme, &share))).collect();
        let mut hand = Hand { sender, parcel: Vec::with_capacity(PARCEL) };
        let read = connection.read(query, &mut hand);
        hand.send();
        drop(hand);
        let tallies: Option<Vec<Tally>> = workers.into_iter().map(|w| w.join().ok().flatten()).collect();
        (read, tallies)
    });
    read?;
    let whole = tallies.and_then(|t| t.into_iter().try_fold(Tally::new(scheme), Tally::and));
    Ok(whole.and_then(|tally| tally.figures(scheme)))
}

/// Hands rows on to those who add them up.
struct Hand {
    sender: SyncSender<Vec<RecordBatch>>,
    parcel: Vec<RecordBatch>,
}

impl Hand {
    fn send(&mut self) {
        // Nobody is there any more when all have given up; what they say then is what counts.
        let _ = self.sender.send(std::mem::take(&mut self.parcel));
    }
}

impl Sink for Hand {
    fn begin(&mut self, _: SchemaRef) -> Result<(), Error> {
        Ok(())
    }

    fn take(&mut self, batch: RecordBatch) -> Result<(), Error> {
        self.parcel.push(batch);
        if self.parcel.len() >= PARCEL {
            self.send();
        }
        Ok(())
    }
}

/// Between the values of a row.
const UNIT: u8 = 0x1f;
/// Before the lengths of its texts.
const RECORD: u8 = 0x1e;

/// What the rows so far come to.
struct Tally {
    forms: Vec<(Form, Option<Total>)>,
    sums: Vec<Option<Sum>>,
    rows: u64,
    hashes: Md5Sum,
    line: Vec<u8>,
    lengths: Vec<u8>,
    days: Days,
}

/// The sum of a column, in its smallest unit.
#[derive(Clone, Copy)]
enum Sum {
    Nothing,
    Of(i128),
    TooLarge,
}

impl Sum {
    /// Both together; `None` when that is too much.
    fn and(self, other: Self) -> Option<Self> {
        Some(match (self, other) {
            (Self::TooLarge, _) | (_, Self::TooLarge) => Self::TooLarge,
            (Self::Nothing, sum) | (sum, Self::Nothing) => sum,
            (Self::Of(one), Self::Of(two)) => Self::Of(one.checked_add(two)?),
        })
    }
}

impl Tally {
    /// Of the columns that go in.
    fn new(scheme: &Scheme) -> Self {
        let forms: Vec<_> = scheme.columns().iter().filter_map(|c| Some((c.form.ok()?, c.total()))).collect();
        let sums = forms.iter().map(|(_, total)| total.map(|_| Sum::Nothing)).collect();
        Self {
            forms,
            sums,
            rows: 0,
            hashes: Md5Sum::default(),
            line: Vec::new(),
            lengths: Vec::new(),
            days: Days::default(),
        }
    }

    /// Of the batches that come, until no more do; `None` at a value that only the engine can write.
    fn of(scheme: &Scheme, parcels: &Mutex<Receiver<Vec<RecordBatch>>>) -> Option<Self> {
        let mut tally = Self::new(scheme);
        loop {
            let next = parcels.lock().ok()?.recv();
            let Ok(parcel) = next else { return Some(tally) };
            parcel.iter().try_for_each(|batch| tally.add_all(batch))?;
        }
    }

    /// Both together; `None` when that is too much.
    fn and(mut self, other: Self) -> Option<Self> {
        self.rows += other.rows;
        self.hashes.merge(&other.hashes);
        for (sum, more) in self.sums.iter_mut().zip(other.sums) {
            *sum = match (*sum, more) {
                (Some(one), Some(two)) => Some(one.and(two)?),
                (one, two) => one.or(two),
            };
        }
        Some(self)
    }

    /// The figures.
    fn figures(&self, scheme: &Scheme) -> Option<Figures> {
        let mut cells = vec![Some(self.rows.to_string()), Some(self.hashes.sum().to_string())];
        for ((form, _), sum) in self.forms.iter().zip(&self.sums) {
            match (sum, form) {
                (None, _) => {}
                (Some(Sum::Of(units)), Form::Decimal { scale }) => {
                    let mut text = Vec::new();
                    decimal(&mut text, *units, i16::from(*scale));
                    cells.push(Some(String::from_utf8_lossy(&text).into_owned()));
                }
                (Some(Sum::Of(units)), _) => cells.push(Some(units.to_string())),
                (Some(Sum::Nothing | Sum::TooLarge), _) => cells.push(None),
            }
        }
        scheme.read(&cells)
    }

    /// Adds a column's values up; `None` when that is too much.
    fn add_up(&mut self, nth: usize, values: &Values<'_>) -> Option<()> {
        let ((form, Some(total)), Some(sum)) = (self.forms[nth], &mut self.sums[nth]) else {
            return Some(());
        };
        if total == Total::Sum
            && let Some(value) = values.sum()
        {
            *sum = sum.and(Sum::Of(value))?;
            return Some(());
        }
        let limit = match (total, form) {
            (Total::Sum, _) => i128::MAX,
            (Total::Within { zeros }, Form::Decimal { scale }) => {
                10_i128.checked_pow(u32::from(zeros) + u32::from(scale))?
            }
            (Total::Within { zeros }, _) => 10_i128.checked_pow(u32::from(zeros))?,
        };
        for row in 0..values.len() {
            let Some(value) = values.number(row) else { continue };
            let value = if (-limit..=limit).contains(&value) { Sum::Of(value) } else { Sum::TooLarge };
            *sum = sum.and(value)?;
        }
        Some(())
    }

    /// Adds a row; `None` when it holds what only the engine can write.
    fn add(&mut self, columns: &[Values<'_>], row: usize) -> Option<()> {
        self.line.clear();
        self.lengths.clear();
        let mut is_first_text = true;
        for (nth, (values, (form, _))) in columns.iter().zip(&self.forms).enumerate() {
            if nth > 0 {
                self.line.push(UNIT);
            }
            let before = self.line.len();
            let is_null = !values.write(&mut self.line, row, *form, &mut self.days)?;
            if *form == Form::Text {
                if !is_first_text {
                    self.lengths.push(b',');
                }
                is_first_text = false;
                if !is_null {
                    value::whole(&mut self.lengths, (self.line.len() - before) as u64);
                }
            }
        }
        self.line.push(RECORD);
        self.line.extend_from_slice(&self.lengths);
        self.hashes.add(&mut self.line);
        self.rows += 1;
        Some(())
    }

    fn add_all(&mut self, batch: &RecordBatch) -> Option<()> {
        let columns: Vec<Values<'_>> = batch.columns().iter().map(Values::of).collect::<Option<_>>()?;
        if columns.len() != self.forms.len() {
            return None;
        }
        for (nth, values) in columns.iter().enumerate() {
            self.add_up(nth, values)?;
        }
        (0..batch.num_rows()).try_for_each(|row| self.add(&columns, row))
    }
}
