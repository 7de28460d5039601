//! What a customer is billed, when it is due, and when (or whether) it is paid.

use super::account::{Account, Payer};
use super::calendar::{Day, LAST, Month};
use super::random::Random;
use super::words::Tax;

pub struct Invoice {
    pub number: String,
    pub day: Day,
    pub due: Day,
    pub text: String,
    pub revenue_account: i64,
    pub gross: i64,
    /// For each contract that is billed ahead: the months after this one, and the euros of each in cents.
    pub ahead: Vec<(i64, i64)>,
    /// A credit note for part of the invoice.
    pub credit: Option<(Day, i64)>,
    pub receipts: Vec<(Day, i64)>,
    /// When the rest is given up.
    pub written_off: Option<Day>,
}

impl Invoice {
    /// What is still owed before `day` begins.
    pub fn open_before(&self, day: Day) -> i64 {
        let paid: i64 = self.receipts.iter().filter(|one| one.0 < day).map(|one| one.1).sum();
        let credited = self.credit.filter(|one| one.0 < day).map_or(0, |one| one.1);
        self.gross - paid - credited
    }

    pub fn paid(&self) -> i64 {
        self.receipts.iter().map(|one| one.1).sum()
    }
}

/// All invoices of a customer, from the year before the books on.
pub fn invoices(seed: u64, account: &Account) -> Vec<Invoice> {
    let (Some(debtor), Some(first)) = (account.debtor(), account.subscriptions.first()) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for month in (-12..=LAST.0).map(Month) {
        let billed: Vec<_> = account.subscriptions.iter().filter(|one| one.is_billed_in(month)).collect();
        if billed.is_empty() {
            continue;
        }
        let mut random = Random::stream(seed, &[2, account.index, month.0]);
        let net = billed.iter().map(|one| one.monthly_cents() * one.period).sum();
        let until = month.plus(billed[0].period - 1);
        let product = billed[0].product.name();
        let text = if until == month {
            format!("Abo {product} {} {}", period(month), account.name)
        } else {
            format!("Abo {product} {}–{} {}", period(month), period(until), account.name)
        };
        let day = month.day(1 + account.index % 4);
        let mut invoice = issue(account, &mut random, day, net);
        invoice.number = format!("RE-{:02}{:02}-{debtor}", month.year() % 100, month.number());
        invoice.text = text;
        invoice.ahead = billed
            .iter()
            .filter(|one| one.period > 1)
            .map(|one| (one.period - 1, one.monthly_cents()))
            .collect();
        all.push(invoice);
    }
    if account.country.tax == Tax::Domestic && first.start.0 >= 0 {
        let mut random = Random::stream(seed, &[3, account.index]);
        let net = random.between(12, 96) * 12_500;
        let mut invoice = issue(account, &mut random, first.start.day(20), net);
        invoice.number = format!("DL-{:02}{:02}-{debtor}", first.start.year() % 100, first.start.number());
        invoice.text = format!("Einführungsprojekt {}", account.name);
        invoice.revenue_account = 4405;
        all.push(invoice);
    }
    all
}

fn period(month: Month) -> String {
    format!("{:02}/{}", month.number(), month.year())
}

fn issue(account: &Account, random: &mut Random, day: Day, net: i64) -> Invoice {
    let tax = account.country.tax;
    let gross = if tax == Tax::Domestic { net + (net * 19 + 50) / 100 } else { net };
    let due = day.plus(if account.index % 3 == 0 { 30 } else { 14 });
    let credit = (tax == Tax::Domestic && random.chance(15)).then(|| (day.plus(6), gross / 10));
    let owed = gross - credit.map_or(0, |one| one.1);
    let (receipts, written_off) = match account.payer {
        Payer::Prompt => (vec![(due.plus(random.between(-6, 4)), owed)], None),
        Payer::Late if random.chance(60) => {
            let half = owed / 2;
            (
                vec![
                    (due.plus(random.between(5, 20)), half),
                    (due.plus(random.between(35, 80)), owed - half),
                ],
                None,
            )
        }
        Payer::Late => (vec![(due.plus(random.between(3, 48)), owed)], None),
        Payer::Doubtful if random.chance(220) => {
            let given_up = random.chance(500) && tax == Tax::Domestic;
            (Vec::new(), given_up.then(|| due.plus(300)))
        }
        Payer::Doubtful => (vec![(due.plus(random.between(25, 110)), owed)], None),
    };
    Invoice {
        number: String::new(),
        day,
        due,
        text: String::new(),
        revenue_account: match tax {
            Tax::Domestic => 4400,
            Tax::Union => 4336,
            Tax::ThirdCountry => 4338,
        },
        gross,
        ahead: Vec::new(),
        credit,
        receipts,
        written_off,
    }
}
