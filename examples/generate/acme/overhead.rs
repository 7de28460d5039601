//! What acme spends, by month: creditors, payroll, bank, taxes. Amounts grow with the scale of
//! the world, the number of bookings does not.

use std::io;

use super::World;
use super::booking::{Batches, Booking};
use super::calendar::{Day, FIRST, Month, months};
use super::chart::CREDITORS;
use super::random::Random;

struct Expense {
    creditor: i64,
    account: i64,
    /// "9": input tax 19 %, "94": reverse charge; empty: the account knows, or there is none.
    key: &'static str,
    cost_centre: &'static str,
    /// Euros, with tax where there is any, in the first month.
    euros: i64,
    /// Per cent up or down.
    spread: i64,
    /// Months between two invoices.
    every: i64,
    text: &'static str,
}

const fn expense(
    creditor: i64,
    account: i64,
    key: &'static str,
    cost_centre: &'static str,
    (euros, spread, every): (i64, i64, i64),
    text: &'static str,
) -> Expense {
    Expense { creditor, account, key, cost_centre, euros, spread, every, text }
}

static EXPENSES: &[Expense] = &[
    expense(70001, 6310, "9", "400", (7_854, 0, 1), "Büromiete Hafenweg 12"),
    expense(70002, 6325, "9", "400", (640, 20, 1), "Strom und Wärme Büro"),
    expense(70003, 5923, "", "300", (9_800, 8, 1), "Cloud-Rechenzentrum Frankfurt"),
    expense(70004, 6600, "94", "500", (3_900, 30, 1), "Suchmaschinenwerbung"),
    expense(70005, 6830, "9", "400", (1_190, 0, 1), "Buchführung und Lohnabrechnung"),
    expense(70005, 6827, "9", "400", (9_520, 5, 12), "Jahresabschluss und Prüfung"),
    expense(70006, 6805, "9", "400", (410, 10, 1), "Telefon und Internet"),
    expense(70007, 6815, "9", "400", (260, 60, 1), "Büromaterial"),
    expense(70008, 6400, "", "400", (2_650, 0, 12), "Betriebshaftpflicht und Cyberversicherung"),
    expense(70009, 6650, "9", "100", (1_480, 45, 1), "Reisekosten Außendienst"),
    expense(70010, 5906, "", "510", (3_570, 25, 1), "Freie Mitarbeit Kundeneinführung"),
    expense(70011, 6330, "9", "400", (520, 0, 1), "Büroreinigung"),
    expense(70012, 6837, "9", "200", (2_260, 6, 1), "Entwicklungswerkzeuge, Lizenzen"),
    expense(70013, 6820, "", "200", (89, 40, 3), "Fachbücher"),
    expense(70014, 650, "9", "400", (4_760, 35, 6), "Arbeitsplätze: Tische, Stühle"),
];

/// Cost centre, people, average monthly salary in euros.
static STAFF: &[(&str, i64, i64)] = &[
    ("100", 3, 4_650),
    ("200", 5, 5_300),
    ("300", 1, 5_050),
    ("400", 1, 4_300),
    ("500", 1, 4_400),
    ("510", 2, 3_850),
];

/// Account, cost centre and monthly euros as planned for 2024.
pub static BUDGET: &[(i64, &str, i64)] = &[
    (4400, "100", 62_000),
    (4405, "510", 2_500),
    (4336, "100", 26_000),
    (4338, "100", 15_000),
    (5906, "510", 3_000),
    (5923, "300", 9_500),
    (6020, "100", 14_000),
    (6020, "200", 27_000),
    (6020, "300", 5_100),
    (6020, "400", 4_350),
    (6020, "500", 4_500),
    (6020, "510", 7_750),
    (6110, "100", 2_950),
    (6110, "200", 5_650),
    (6110, "300", 1_100),
    (6110, "400", 950),
    (6110, "500", 950),
    (6110, "510", 1_650),
    (6220, "400", 1_800),
    (6310, "400", 6_600),
    (6325, "400", 500),
    (6330, "400", 440),
    (6400, "400", 220),
    (6600, "500", 4_000),
    (6650, "100", 1_250),
    (6805, "400", 350),
    (6815, "400", 200),
    (6827, "400", 670),
    (6830, "400", 1_000),
    (6837, "200", 1_900),
    (7320, "400", 410),
    (7600, "400", 1_500),
    (7610, "400", 1_400),
];

/// Everything in the books that no customer causes.
pub fn post(batches: &mut Batches, world: World) -> io::Result<()> {
    for month in months() {
        creditors(batches, world, month)?;
        payroll(batches, world, month)?;
        bank_and_taxes(batches, world, month)?;
    }
    // The tax return of a month needs all of its bookings, so these come last.
    for month in months() {
        let owed = batches.tax_owed(month.plus(-1));
        let day = month.day(10);
        let booking = if owed >= 0 {
            Booking::debit(3820, 1800, owed, day)
        } else {
            Booking::credit(3820, 1800, -owed, day)
        };
        let before = month.plus(-1);
        let text = format!("USt-Voranmeldung {:02}/{}", before.number(), before.year());
        batches.post(&booking.reference(reference("UST", month)).text(text))?;
    }
    Ok(())
}

fn reference(kind: &str, month: Month) -> String {
    format!("{kind}-{:02}{:02}", month.year() % 100, month.number())
}

fn creditors(batches: &mut Batches, world: World, month: Month) -> io::Result<()> {
    for (position, expense) in (0..).zip(EXPENSES) {
        if (month.0 - position).rem_euclid(expense.every) != 0 {
            continue;
        }
        let mut random = Random::stream(world.seed, &[4, month.0, position]);
        let grown =
            expense.euros * (100 + month.0 * i64::from(expense.every == 1 && expense.spread > 0)) / 100;
        let cents = grown * (100 + random.between(-expense.spread, expense.spread)) * world.scale
            + random.between(0, 99) * i64::from(expense.spread > 0);
        let day = month.day(random.between(2, 26));
        let name = CREDITORS.iter().find(|one| one.0 == expense.creditor).map_or("", |one| one.1);
        let number = format!("{}-{position:02}", reference("ER", month));
        let invoice = Booking {
            due: Some(day.plus(21)),
            link: Some(guid(&mut random)),
            ..Booking::debit(expense.account, expense.creditor, cents, day)
                .key(expense.key)
                .reference(number.clone())
                .text(format!("{} {name}", expense.text))
                .cost_centre(expense.cost_centre)
        };
        batches.post(&invoice)?;
        let paid = Booking::debit(expense.creditor, 1800, cents, day.plus(random.between(10, 21)));
        batches.post(&paid.reference(number).text(format!("Zahlung {name}")))?;
    }
    Ok(())
}

fn payroll(batches: &mut Batches, world: World, month: Month) -> io::Result<()> {
    let (mut gross, mut employer) = (0, 0);
    let payday = month.day(28);
    let number = reference("LG", month);
    for (cost_centre, people, salary) in STAFF {
        // One more developer from the second summer on, a raise each January, half a salary at Christmas.
        let people = people + i64::from(*cost_centre == "200" && month.0 >= 18);
        let raised = salary * (100 + 4 * month.0.div_euclid(12));
        let salaries = people * raised * if month.number() == 12 { 150 } else { 100 } / 100 * world.scale;
        let share = salaries * 209 / 1000;
        let label = format!("Gehälter {:02}/{}", month.number(), month.year());
        let salary = Booking::debit(6020, 3790, salaries, payday);
        batches.post(&salary.reference(number.clone()).text(label).cost_centre(cost_centre))?;
        let social = Booking::debit(6110, 3740, share, payday);
        batches.post(
            &social.reference(number.clone()).text("AG-Anteil Sozialversicherung").cost_centre(cost_centre),
        )?;
        gross += salaries;
        employer += share;
    }
    let (income_tax, own_share) = (gross * 18 / 100, gross * 202 / 1000);
    let net = gross - income_tax - own_share;
    let steps = [
        (3790, 3730, income_tax, payday, "Lohn- und Kirchensteuer"),
        (3790, 3740, own_share, payday, "AN-Anteil Sozialversicherung"),
        (3790, 1800, net, month.last(), "Auszahlung Gehälter"),
        (3740, 1800, employer + own_share, month.last(), "Krankenkassen, Sammelüberweisung"),
        (3730, 1800, income_tax, month.plus(1).day(10), "Finanzamt Lohnsteuer-Anmeldung"),
    ];
    for (account, contra, cents, day, text) in steps {
        batches.post(&Booking::debit(account, contra, cents, day).reference(number.clone()).text(text))?;
    }
    Ok(())
}

fn bank_and_taxes(batches: &mut Batches, world: World, month: Month) -> io::Result<()> {
    let mut post = |account, contra, euros: i64, day: Day, text: &str| {
        let booking = Booking::debit(account, contra, euros * 100 * world.scale, day);
        batches.post(&booking.reference(reference("BK", month)).text(text).cost_centre("400"))
    };
    let end = month.last();
    post(6220, 690, 1_500, end, "Abschreibung Betriebs- und Geschäftsausstattung")?;
    post(6220, 650, 260 + 15 * month.0, end, "Abschreibung Büroeinrichtung")?;
    post(6855, 1800, 38, end, "Kontoführung und Kartenentgelte")?;
    post(7320, 1800, 420 - 8 * month.0, end, "Zinsen Investitionsdarlehen")?;
    post(3150, 1800, 2_000, end, "Tilgung Investitionsdarlehen")?;
    if month.number() % 3 == 0 {
        post(7600, 1800, 4_500, month.day(10), "Körperschaftsteuer-Vorauszahlung")?;
        post(7608, 1800, 247, month.day(10), "Solidaritätszuschlag")?;
    }
    if month.number() % 3 == 2 {
        post(7610, 1800, 4_300, month.day(15), "Gewerbesteuer-Vorauszahlung")?;
    }
    if month.number() == 3 {
        post(6120, 1800, 3_150, month.day(15), "Berufsgenossenschaft, Jahresbeitrag")?;
    }
    if month > FIRST && month.number() == 1 {
        post(1800, 4970, 1_860, month.day(22), "Versicherungsentschädigung Wasserschaden")?;
    }
    Ok(())
}

fn guid(random: &mut Random) -> String {
    let (high, low) = (random.bits(), random.bits());
    format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        low >> 52,
        low & 0xffff_ffff_ffff
    )
}
