//! The readers on what nobody meant them to read: any bytes, rows of words, fixtures cut to pieces,
//! texts that are deep, wide or endless, and what once broke them. Nothing may panic or hang, every
//! place that is told lies in the text, and what is kept grows no faster than the text.

mod check;
mod crashes;
#[path = "../../examples/bench/hostile.rs"]
mod hostile;
mod mutated;
mod pieces;
mod sizes;
