//! A firm as Salesforce knows it: a prospect or a customer, with its subscriptions and the
//! habits that decide when it pays. Everything follows from the seed and the account's index.

use super::calendar::{Day, LAST, Month};
use super::random::Random;
use super::subscription::{Subscription, history};
use super::words::{COUNTRIES, Country, HOUSES, TRADES, ascii};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Payer {
    Prompt,
    Late,
    Doubtful,
}

pub struct Account {
    pub index: i64,
    pub id: String,
    pub name: String,
    pub industry: &'static str,
    pub country: &'static Country,
    pub city: (&'static str, &'static str),
    pub host: String,
    pub created: Day,
    /// Counts the customers alone; prospects have none.
    pub customer: Option<i64>,
    pub payer: Payer,
    pub subscriptions: Vec<Subscription>,
    /// In Salesforce's recycle bin, with all that belonged to it.
    pub gone: bool,
}

impl Account {
    pub fn new(seed: u64, index: i64) -> Self {
        let mut random = Random::stream(seed, &[1, index]);
        let customer = (index % 8 < 5).then_some(index / 8 * 5 + index % 8);
        let country = &COUNTRIES[match random.below(100) {
            0..=63 => 0,
            64..=75 => 1,
            76..=84 => 2,
            85..=90 => 3,
            91..=95 => 4,
            _ => 5,
        }];
        let house = *random.pick(HOUSES);
        let (trade, industry) = *random.pick(TRADES);
        let form = *random.pick(country.forms);
        let city = *random.pick(country.cities);
        let name = match random.below(4) {
            0 => format!("{house} & Söhne {trade} {form}"),
            1 => format!("{trade} {house} {form}"),
            2 => format!("{house} {trade} {} {form}", city.1),
            _ => format!("{house} {trade} {form}"),
        };
        let subscriptions = if customer.is_some() { history(&mut random) } else { Vec::new() };
        let created = match subscriptions.first() {
            Some(first) => first.start.first().plus(-random.between(20, 160)),
            None => Month(random.between(-12, LAST.0)).day(random.between(1, 28)),
        };
        let payer = match random.below(100) {
            0..=67 => Payer::Prompt,
            68..=92 => Payer::Late,
            _ => Payer::Doubtful,
        };
        let host = format!("{}-{}.{}", ascii(house), ascii(trade).replace("---", "-"), country.domain);
        Self {
            index,
            id: salesforce_id("001", index),
            name,
            industry,
            country,
            city,
            host,
            created,
            customer,
            payer,
            subscriptions,
            gone: customer.is_none() && random.chance(120),
        }
    }

    /// The customer's personal account in the books.
    pub fn debtor(&self) -> Option<i64> {
        self.customer.map(|customer| 10_000 + customer)
    }

    pub fn subscription_id(&self, position: usize) -> String {
        salesforce_id("a0B", self.index * 32 + i64::try_from(position).expect("few subscriptions"))
    }

    pub fn opportunity_id(&self, position: usize) -> String {
        salesforce_id("006", self.index * 32 + i64::try_from(position).expect("few opportunities"))
    }
}

/// An id of 18 characters: the object's prefix, the instance, a number in base 62, and the three
/// characters that tell which of the first fifteen are capitals.
pub fn salesforce_id(prefix: &str, number: i64) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const CHECKS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    let mut rest = usize::try_from(400_000_000 + number * 3571).expect("numbers count up from zero");
    let mut tail = [b'0'; 9];
    for place in tail.iter_mut().rev() {
        *place = DIGITS[rest % 62];
        rest /= 62;
    }
    let mut id = format!("{prefix}5g0{}", String::from_utf8_lossy(&tail));
    let checks: Vec<u8> = id
        .as_bytes()
        .chunks(5)
        .map(|five| {
            let capitals =
                five.iter().rev().fold(0, |bits, c| bits * 2 + usize::from(c.is_ascii_uppercase()));
            CHECKS[capitals]
        })
        .collect();
    id.push_str(&String::from_utf8_lossy(&checks));
    id
}
