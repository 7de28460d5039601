//! The books as DATEV exports them: a batch of bookings a month, the chart of accounts, cost
//! centres, debtors and the controller's budgets.

use std::io::{self, Write};
use std::path::Path;

use super::World;
use super::account::Account;
use super::booking::{Batches, Booking, write_line};
use super::calendar::{FIRST, LAST, Month};
use super::chart::{Automatic, CHART, COST_CENTRES, CREDITORS};
use super::invoice::{Invoice, invoices};
use super::overhead;
use super::random::Random;
use super::words::Tax;

pub fn write(folder: &Path, world: World) -> io::Result<()> {
    chart(folder)?;
    cost_centres(folder)?;
    debtors(folder, world)?;
    budgets(folder, world)?;
    let mut batches = Batches::create(&folder.join("buchungen"))?;
    opening(&mut batches, world)?;
    sales(&mut batches, world)?;
    receipts(&mut batches, world)?;
    overhead::post(&mut batches, world)?;
    batches.finish()
}

/// The balances with which the books begin; profit carried forward is what makes them balance.
fn opening(batches: &mut Batches, world: World) -> io::Result<()> {
    let day = FIRST.first();
    let mut open = 0;
    let mut deferred = 0;
    for account in world.accounts() {
        for invoice in invoices(world.seed, &account) {
            if invoice.day >= day {
                break;
            }
            let Some(debtor) = account.debtor() else { continue };
            let rest = invoice.open_before(day);
            open += rest;
            let vortrag =
                Booking::debit(debtor, 9008, rest, day).reference(&invoice.number).text("EB-Wert Debitor");
            batches.post(&Booking { due: Some(invoice.due), ..vortrag })?;
            let billed = invoice.day.month();
            for (after, cents) in invoice.ahead {
                deferred += cents * (billed.0 + after + 1).clamp(0, after);
            }
        }
    }
    let scale = world.scale * 100;
    let assets = [(690, 90_000 * scale), (650, 18_000 * scale), (1800, 410_000 * scale)];
    let debts = [(2900, 50_000 * scale), (3150, 120_000 * scale), (3900, deferred)];
    let profit =
        open + assets.iter().map(|one| one.1).sum::<i64>() - debts.iter().map(|one| one.1).sum::<i64>();
    for (account, cents) in assets {
        batches.post(&Booking::debit(account, 9000, cents, day).reference("EB-2024").text("EB-Wert"))?;
    }
    for (account, cents) in debts {
        batches.post(&Booking::credit(account, 9000, cents, day).reference("EB-2024").text("EB-Wert"))?;
    }
    let carried = if profit < 0 {
        Booking::debit(2970, 9000, -profit, day)
    } else {
        Booking::credit(2970, 9000, profit, day)
    };
    batches.post(&carried.reference("EB-2024").text("EB-Wert Gewinnvortrag"))
}

/// Invoices, their deferral and its release, and credit notes.
fn sales(batches: &mut Batches, world: World) -> io::Result<()> {
    let mut releases = [[0_i64; 3]; 24];
    for account in world.accounts() {
        for invoice in invoices(world.seed, &account) {
            release(&mut releases, &invoice);
            if invoice.day >= FIRST.first() {
                sale(batches, &account, &invoice)?;
            }
            if let (Some(debtor), Some((day, cents))) = (account.debtor(), invoice.credit)
                && day >= FIRST.first()
            {
                let note = Booking::credit(debtor, 4720, cents, day).reference(&invoice.number);
                batches.post(&note.text(format!("Gutschrift {}", account.name)).cost_centre("100"))?;
            }
        }
    }
    for (month, amounts) in (0..).map(Month).zip(releases) {
        for (revenue, cents) in REVENUE.into_iter().zip(amounts) {
            let text = format!("Auflösung PRAP {:02}/{}", month.number(), month.year());
            let number = format!("PRAP-{:02}{:02}", month.year() % 100, month.number());
            let booking = Booking::debit(3900, revenue, cents, month.last()).key("40");
            batches.post(&booking.reference(number).text(text).cost_centre("100"))?;
        }
    }
    Ok(())
}

const REVENUE: [i64; 3] = [4400, 4336, 4338];

/// Adds what was billed ahead to the months in which it is earned.
fn release(releases: &mut [[i64; 3]; 24], invoice: &Invoice) {
    let Some(kind) = REVENUE.iter().position(|one| *one == invoice.revenue_account) else { return };
    let billed = invoice.day.month();
    for (after, cents) in &invoice.ahead {
        for month in billed.0 + 1..=billed.0 + after {
            if let Some(amounts) = usize::try_from(month).ok().and_then(|month| releases.get_mut(month)) {
                amounts[kind] += cents;
            }
        }
    }
}

fn sale(batches: &mut Batches, account: &Account, invoice: &Invoice) -> io::Result<()> {
    let Some(debtor) = account.debtor() else { return Ok(()) };
    let centre = if invoice.revenue_account == 4405 { "510" } else { "100" };
    let booking = Booking::debit(debtor, invoice.revenue_account, invoice.gross, invoice.day)
        .reference(&invoice.number)
        .text(&invoice.text)
        .cost_centre(centre);
    batches.post(&Booking { due: Some(invoice.due), ..booking })?;
    let ahead = invoice.ahead.iter().map(|(after, cents)| after * cents).sum();
    let deferral = Booking::debit(invoice.revenue_account, 3900, ahead, invoice.day).key("40");
    batches.post(&deferral.reference(&invoice.number).text("Abgrenzung Folgemonate").cost_centre(centre))
}

fn receipts(batches: &mut Batches, world: World) -> io::Result<()> {
    for account in world.accounts() {
        let Some(debtor) = account.debtor() else { continue };
        for invoice in invoices(world.seed, &account) {
            for (day, cents) in &invoice.receipts {
                if *day >= FIRST.first() {
                    let booking = Booking::debit(1800, debtor, *cents, *day).reference(&invoice.number);
                    batches.post(&booking.text(format!("Zahlungseingang {}", account.name)))?;
                }
            }
            if let Some(day) = invoice.written_off.filter(|day| *day <= LAST.last()) {
                let rest = invoice.gross - invoice.paid() - invoice.credit.map_or(0, |one| one.1);
                let loss = Booking::credit(debtor, 6936, rest, day.max(FIRST.first()));
                let text = format!("Ausbuchung uneinbringlich {}", account.name);
                batches.post(&loss.reference(&invoice.number).text(text).cost_centre("400"))?;
            }
        }
    }
    Ok(())
}

fn chart(folder: &Path) -> io::Result<()> {
    let mut file = super::create(folder, "kontenplan_skr04.csv")?;
    write_line(&mut file, "Konto;Kontenbezeichnung;Kontenart;GuV-Posten;Zusatzfunktion;Steuerschlüssel")?;
    for account in CHART {
        let (function, key) = match account.automatic {
            Automatic::None => ("", ""),
            Automatic::OutputTax => ("AM", "3"),
            Automatic::InputTax => ("AV", "9"),
            Automatic::ReverseCharge => ("AV", "94"),
        };
        let line = format!(
            "{:04};\"{}\";\"{}\";\"{}\";\"{function}\";\"{key}\"",
            account.number, account.name, account.kind, account.line
        );
        write_line(&mut file, &line)?;
    }
    file.flush()
}

fn cost_centres(folder: &Path) -> io::Result<()> {
    let mut file = super::create(folder, "kostenstellen.csv")?;
    write_line(&mut file, "KOST;Bezeichnung;Verantwortlich;Gültig ab")?;
    for (number, name, who, since) in COST_CENTRES {
        write_line(&mut file, &format!("{number};\"{name}\";\"{who}\";{since}"))?;
    }
    file.flush()
}

fn debtors(folder: &Path, world: World) -> io::Result<()> {
    let mut file = super::create(folder, "personenkonten.csv")?;
    write_line(
        &mut file,
        "Konto;Name (Adressattyp Unternehmen);Land;EU-UStID;Fälligkeit in Tagen;Nummer Fremdsystem",
    )?;
    for account in world.accounts() {
        let Some(debtor) = account.debtor() else { continue };
        let mut random = Random::stream(world.seed, &[5, account.index]);
        let tax_id = match account.country.tax {
            Tax::ThirdCountry => String::new(),
            _ => format!("{}{:09}", account.country.iso, random.between(100_000_000, 999_999_999)),
        };
        let days = if account.index % 3 == 0 { 30 } else { 14 };
        let line = format!(
            "{debtor};\"{}\";\"{}\";\"{tax_id}\";{days};\"{}\"",
            account.name, account.country.iso, account.id
        );
        write_line(&mut file, &line)?;
    }
    for (number, name) in CREDITORS {
        write_line(&mut file, &format!("{number};\"{name}\";\"\";\"\";21;\"\""))?;
    }
    file.flush()
}

/// One workbook a year, months side by side, numbers as a German spreadsheet writes them.
fn budgets(folder: &Path, world: World) -> io::Result<()> {
    for year in [2024, 2025] {
        let mut file = super::create(&folder.join("budget"), &format!("budget_{year}.csv"))?;
        write_line(&mut file, "Konto;Kostenstelle;Jan;Feb;Mär;Apr;Mai;Jun;Jul;Aug;Sep;Okt;Nov;Dez;Summe")?;
        for (account, centre, euros) in overhead::BUDGET {
            let growth = if *account < 5000 { 24 } else { 6 };
            let mut line = format!("{account:04};{centre}");
            let mut total = 0;
            for month in 1..=12 {
                let season = if *account == 6020 && month == 12 { 150 } else { 100 };
                let steady = if *account < 5000 { 100 + month } else { 100 };
                let planned =
                    euros * world.scale * (100 + growth * (year - 2024)) / 100 * season / 100 * steady / 100
                        * 100;
                total += planned;
                line.push(';');
                line.push_str(&german(planned));
            }
            write_line(&mut file, &format!("{line};{}", german(total)))?;
        }
        file.flush()?;
    }
    Ok(())
}

/// `1.234.567,89`
fn german(cents: i64) -> String {
    let whole = (cents / 100).to_string();
    let mut out = String::new();
    for (position, digit) in whole.chars().enumerate() {
        if position > 0 && (whole.len() - position).is_multiple_of(3) {
            out.push('.');
        }
        out.push(digit);
    }
    format!("{out},{:02}", cents % 100)
}
