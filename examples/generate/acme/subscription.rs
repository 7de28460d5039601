//! The life of a customer's subscriptions: begun, amended up or down, cancelled, taken up
//! again. A contract starts on the first of a month and changes at the end of a billing
//! period only, so that nothing is ever billed in part.

use super::calendar::{LAST, Month};
use super::random::Random;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Product {
    Basis,
    Professional,
    Enterprise,
    Analytics,
}

impl Product {
    pub fn name(self) -> &'static str {
        match self {
            Self::Basis => "Basis",
            Self::Professional => "Professional",
            Self::Enterprise => "Enterprise",
            Self::Analytics => "Analytics",
        }
    }

    /// Euros for one seat and month.
    pub fn price(self) -> i64 {
        match self {
            Self::Basis => 29,
            Self::Professional => 59,
            Self::Enterprise => 99,
            Self::Analytics => 19,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Still running in the last month.
    Running {
        renews: bool,
    },
    Amended,
    Cancelled,
}

#[derive(Clone)]
pub struct Subscription {
    pub product: Product,
    pub seats: i64,
    /// Per cent.
    pub discount: i64,
    /// Months between two invoices: 1, 3 or 12.
    pub period: i64,
    pub start: Month,
    /// The first month in which it no longer runs; beyond the last month of the books while running.
    pub stop: Month,
    pub end: End,
    /// Where in the account's list the contract stands that this one amends.
    pub amends: Option<usize>,
}

impl Subscription {
    pub fn monthly_cents(&self) -> i64 {
        self.seats * self.product.price() * (100 - self.discount)
    }

    pub fn runs_in(&self, month: Month) -> bool {
        self.start <= month && month < self.stop
    }

    pub fn is_billed_in(&self, month: Month) -> bool {
        self.runs_in(month) && (month.0 - self.start.0) % self.period == 0
    }

    /// The end of the billing period that holds the last month of the books.
    pub fn term_end(&self) -> Month {
        self.start.plus(((LAST.0 - self.start.0) / self.period + 1) * self.period)
    }
}

/// All subscriptions of one customer, in the order in which they were signed.
pub fn history(random: &mut Random) -> Vec<Subscription> {
    let start = if random.chance(600) { random.between(-18, -1) } else { random.between(0, 21) };
    let period = *random.pick(&[1, 1, 1, 3, 3, 12, 12, 12]);
    let product = *random.pick(&[
        Product::Basis,
        Product::Basis,
        Product::Professional,
        Product::Professional,
        Product::Professional,
        Product::Enterprise,
    ]);
    let seats = match random.below(10) {
        0..=4 => random.between(5, 25),
        5..=8 => random.between(26, 90),
        _ => random.between(91, 240),
    };
    let discount = if seats > 60 { *random.pick(&[5, 10, 15, 20]) } else { *random.pick(&[0, 0, 0, 5, 10]) };
    let first = Subscription {
        product,
        seats,
        discount,
        period,
        start: Month(start),
        stop: LAST.plus(1),
        end: End::Running { renews: true },
        amends: None,
    };
    let mut all = Vec::new();
    live(random, first.clone(), &mut all);
    let faithful = all.iter().all(|one| one.end != End::Cancelled);
    if faithful && random.chance(400) {
        let begins = Month(random.between(start, LAST.0));
        let addon = Subscription {
            product: Product::Analytics,
            seats: (seats / 2).max(3),
            discount: 0,
            start: begins,
            ..first
        };
        live(random, addon, &mut all);
    }
    all
}

/// Follows one contract through its amendments until it is cancelled or the books end.
fn live(random: &mut Random, first: Subscription, all: &mut Vec<Subscription>) {
    let mut now = first;
    loop {
        let mut month = now.start.plus(now.period);
        let (churn, grow, shrink) = match now.period {
            1 => (11, 35, 14),
            3 => (30, 90, 35),
            _ => (110, 330, 110),
        };
        let roll = loop {
            if month > LAST {
                break None;
            }
            let roll = random.below(1000);
            if roll < churn + grow + shrink {
                break Some(roll);
            }
            month = month.plus(now.period);
        };
        let Some(roll) = roll else {
            now.end = End::Running { renews: now.period == 1 || !random.chance(120) };
            all.push(now);
            return;
        };
        now.stop = month;
        let mut next = Subscription { start: month, stop: LAST.plus(1), ..now.clone() };
        if roll < churn {
            now.end = End::Cancelled;
            all.push(now);
            next.start = month.plus(random.between(2, 6));
            next.seats = (next.seats * random.between(60, 110) / 100).max(3);
            next.amends = None;
            if random.chance(350) && next.start <= LAST {
                now = next;
                continue;
            }
            return;
        }
        now.end = End::Amended;
        all.push(now);
        next.amends = Some(all.len() - 1);
        if roll < churn + grow {
            next.seats += (next.seats * random.between(10, 45) / 100).max(2);
            if next.product == Product::Basis && random.chance(250) {
                next.product = Product::Professional;
            }
        } else {
            next.seats = (next.seats * random.between(60, 90) / 100).max(2);
        }
        now = next;
    }
}
