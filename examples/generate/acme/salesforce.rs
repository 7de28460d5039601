//! The extracts of Salesforce's data loader: every field in quotes, moments in UTC, and all that
//! people typed into free text.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::World;
use super::account::{Account, salesforce_id};
use super::calendar::{Day, LAST, Month};
use super::random::Random;
use super::subscription::{End, Subscription};
use super::words::{FIRST_NAMES, JOB_TITLES, LAST_NAMES, STREETS, ascii};

type Extract = BufWriter<std::fs::File>;

pub fn write(folder: &Path, world: World) -> io::Result<()> {
    let extract = |name: &str, columns: &[&str]| {
        let mut file = super::create(folder, name)?;
        row(&mut file, columns)?;
        io::Result::Ok(file)
    };
    let mut accounts = extract("accounts.csv", ACCOUNT)?;
    let mut contacts = extract("contacts.csv", CONTACT)?;
    let mut opportunities = extract("opportunities.csv", OPPORTUNITY)?;
    let mut subscriptions = extract("subscriptions.csv", SUBSCRIPTION)?;
    for account in world.accounts() {
        write_account(&mut accounts, world.seed, &account)?;
        write_contacts(&mut contacts, world.seed, &account)?;
        write_opportunities(&mut opportunities, world.seed, &account)?;
        write_subscriptions(&mut subscriptions, world.seed, &account)?;
    }
    for mut file in [accounts, contacts, opportunities, subscriptions] {
        file.flush()?;
    }
    Ok(())
}

const ACCOUNT: &[&str] = &[
    "Id",
    "Name",
    "Type",
    "Industry",
    "BillingStreet",
    "BillingPostalCode",
    "BillingCity",
    "BillingCountry",
    "Phone",
    "Website",
    "NumberOfEmployees",
    "OwnerId",
    "CreatedDate",
    "LastModifiedDate",
    "IsDeleted",
];
const CONTACT: &[&str] = &[
    "Id",
    "AccountId",
    "FirstName",
    "LastName",
    "Title",
    "Email",
    "Phone",
    "Portal_User__c",
    "HasOptedOutOfEmail",
    "CreatedDate",
    "LastModifiedDate",
    "IsDeleted",
];
const OPPORTUNITY: &[&str] = &[
    "Id",
    "AccountId",
    "Name",
    "Type",
    "StageName",
    "Amount",
    "CurrencyIsoCode",
    "Probability",
    "CloseDate",
    "IsClosed",
    "IsWon",
    "CreatedDate",
    "LastModifiedDate",
    "IsDeleted",
];
const SUBSCRIPTION: &[&str] = &[
    "Id",
    "Name",
    "Account__c",
    "Opportunity__c",
    "Product__c",
    "Quantity__c",
    "List_Price__c",
    "Discount__c",
    "Billing_Period_Months__c",
    "Start_Date__c",
    "End_Date__c",
    "Status__c",
    "Auto_Renew__c",
    "Amends__c",
    "CurrencyIsoCode",
    "CreatedDate",
    "LastModifiedDate",
    "IsDeleted",
];

fn row(file: &mut Extract, fields: &[&str]) -> io::Result<()> {
    let quoted: Vec<String> =
        fields.iter().map(|field| format!("\"{}\"", field.replace('"', "\"\""))).collect();
    writeln!(file, "{}", quoted.join(","))
}

fn truth(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// A day between `from` and the end of the books.
fn later(random: &mut Random, from: Day) -> Day {
    from.plus(random.between(0, (LAST.last().0 - from.0).max(0)))
}

fn moment(random: &mut Random, day: Day) -> String {
    day.at(random.between(25_200, 68_000))
}

/// When a record was created and last touched; never the other way round.
fn moments(random: &mut Random, created: Day, touched: Day) -> (String, String) {
    let first = moment(random, created);
    let second = moment(random, touched);
    if second < first { (first.clone(), first) } else { (first, second) }
}

fn write_account(file: &mut Extract, seed: u64, account: &Account) -> io::Result<()> {
    let mut random = Random::stream(seed, &[6, account.index]);
    let running = account.subscriptions.iter().any(|one| one.runs_in(LAST));
    let kind = match (account.customer, running) {
        (Some(_), true) => "Customer",
        (Some(_), false) => "Former Customer",
        (None, _) => *random.pick(&["Prospect", "Prospect", "prospect", ""]),
    };
    let name = match random.below(9) {
        0 => format!("  {}", account.name),
        1 => format!("{} ", account.name),
        2 => account.name.replacen(' ', "  ", 1),
        _ => account.name.clone(),
    };
    let website = match random.below(4) {
        0 => format!("https://www.{}/", account.host),
        1 => format!("http://{}", account.host),
        2 => format!("WWW.{}", account.host.to_uppercase()),
        _ => account.host.clone(),
    };
    let phone = match random.below(3) {
        0 => format!(
            "{} {} {}",
            account.country.phone,
            random.between(30, 99),
            random.between(100_000, 9_999_999)
        ),
        1 => format!("0{}/{}-0", random.between(200, 999), random.between(10_000, 99_999)),
        _ => String::new(),
    };
    let street = format!("{} {}", random.pick(STREETS), random.between(1, 140));
    let employees = if random.chance(150) { String::new() } else { random.between(8, 2400).to_string() };
    let touched = later(&mut random, account.created);
    let (created, modified) = moments(&mut random, account.created, touched);
    let country = *random.pick(account.country.spellings);
    let owner = salesforce_id("005", account.index % 7);
    row(
        file,
        &[
            &account.id,
            &name,
            kind,
            account.industry,
            &street,
            account.city.0,
            account.city.1,
            country,
            &phone,
            &website,
            &employees,
            &owner,
            &created,
            &modified,
            truth(account.gone),
        ],
    )
}

fn write_contacts(file: &mut Extract, seed: u64, account: &Account) -> io::Result<()> {
    let mut random = Random::stream(seed, &[7, account.index]);
    let count = random.between(1, 4);
    let mut previous = String::new();
    for number in 0..count {
        let (first, last) = (*random.pick(FIRST_NAMES), *random.pick(LAST_NAMES));
        let address = format!("{}.{}@{}", ascii(first), ascii(last), account.host);
        let email = match random.below(14) {
            0 => address.to_uppercase(),
            1 => format!(" {address}"),
            2 => "n/a".to_owned(),
            3 => String::new(),
            4 | 5 if !previous.is_empty() => previous.clone(),
            _ => address.clone(),
        };
        previous = address;
        let created = account.created.plus(random.between(0, 20)).min(LAST.last());
        let touched = later(&mut random, created);
        let (created, modified) = moments(&mut random, created, touched);
        let title = *random.pick(JOB_TITLES);
        let portal = account.customer.is_some() && (number == 0 || random.chance(400));
        row(
            file,
            &[
                &salesforce_id("003", account.index * 8 + number),
                &account.id,
                first,
                if random.chance(60) { "n/a" } else { last },
                title,
                &email,
                &format!("{} {}", account.country.phone, random.between(1_000_000, 9_999_999)),
                truth(portal),
                truth(random.chance(80)),
                &created,
                &modified,
                truth(random.chance(25) || account.gone),
            ],
        )?;
    }
    Ok(())
}

fn write_opportunities(file: &mut Extract, seed: u64, account: &Account) -> io::Result<()> {
    let mut random = Random::stream(seed, &[8, account.index]);
    for (position, one) in account.subscriptions.iter().enumerate() {
        let kind = if one.amends.is_some() { "Existing Business" } else { "New Business" };
        let closed = one.start.first().plus(-random.between(3, 25));
        let deal =
            Deal { position, kind, stage: ("Closed Won", 100), closed, cents: one.monthly_cents() * 12 };
        deal.write(file, &mut random, account, one.product.name())?;
    }
    let position = account.subscriptions.len();
    if account.customer.is_none() || random.chance(250) {
        let kind = if account.customer.is_none() { "New Business" } else { "Existing Business" };
        let stage = *random.pick(&[
            ("Prospecting", 10),
            ("Qualification", 20),
            ("Proposal/Price Quote", 60),
            ("Negotiation/Review", 80),
            ("Closed Lost", 0),
            ("Closed Lost", 0),
        ]);
        let closed = if stage.1 == 0 {
            later(&mut random, account.created.max(Month(-3).first()))
        } else {
            LAST.last().plus(random.between(5, 150))
        };
        let deal = Deal { position, kind, stage, closed, cents: random.between(5, 60) * 100_000 };
        deal.write(file, &mut random, account, "Professional")?;
    }
    Ok(())
}

struct Deal {
    position: usize,
    kind: &'static str,
    stage: (&'static str, i64),
    closed: Day,
    cents: i64,
}

impl Deal {
    fn write(
        &self,
        file: &mut Extract,
        random: &mut Random,
        account: &Account,
        product: &str,
    ) -> io::Result<()> {
        let created =
            self.closed.plus(-random.between(15, 90)).max(account.created).min(self.closed).min(LAST.last());
        let (created, modified) = moments(random, created, self.closed.min(LAST.last()));
        let amount = format!("{}.{:02}", self.cents / 100, self.cents % 100);
        let (stage, probability) = self.stage;
        row(
            file,
            &[
                &account.opportunity_id(self.position),
                &account.id,
                &format!("{} - {product}", account.name),
                self.kind,
                stage,
                &amount,
                "EUR",
                &probability.to_string(),
                &self.closed.to_string(),
                truth(stage.starts_with("Closed")),
                truth(stage == "Closed Won"),
                &created,
                &modified,
                truth(account.gone || stage == "Closed Lost" && random.chance(100)),
            ],
        )
    }
}

fn write_subscriptions(file: &mut Extract, seed: u64, account: &Account) -> io::Result<()> {
    let mut random = Random::stream(seed, &[9, account.index]);
    for (position, one) in account.subscriptions.iter().enumerate() {
        write_subscription(file, &mut random, account, (position, one), false)?;
        if random.chance(30) {
            // Typed in twice and thrown away again.
            let copy = account.subscriptions.len() + position;
            write_subscription(file, &mut random, account, (copy, one), true)?;
        }
    }
    Ok(())
}

fn write_subscription(
    file: &mut Extract,
    random: &mut Random,
    account: &Account,
    (position, one): (usize, &Subscription),
    gone: bool,
) -> io::Result<()> {
    let signed = one.start.first().plus(-random.between(2, 20));
    let (status, end, renews, touched) = match one.end {
        End::Amended => ("Amended", stop_day(one.stop), true, one.stop.first().plus(-random.between(2, 20))),
        End::Cancelled => {
            ("Cancelled", stop_day(one.stop), false, one.stop.first().plus(-random.between(5, 27)))
        }
        End::Running { renews } => {
            let end = if one.period == 1 { String::new() } else { stop_day(one.term_end()) };
            let billed = LAST.plus(-(LAST.0 - one.start.0) % one.period);
            ("Active", end, renews, billed.day(random.between(1, 28)))
        }
    };
    let (created, modified) = moments(random, signed, touched.max(signed));
    let number = account.index * 32 + i64::try_from(position).expect("few subscriptions");
    let amends = one.amends.map_or(String::new(), |earlier| account.subscription_id(earlier));
    row(
        file,
        &[
            &account.subscription_id(position),
            &format!("SUB-{number:07}"),
            &account.id,
            &account.opportunity_id(position.min(account.subscriptions.len() - 1)),
            one.product.name(),
            &one.seats.to_string(),
            &format!("{}.00", one.product.price()),
            &one.discount.to_string(),
            &one.period.to_string(),
            &one.start.first().to_string(),
            &end,
            status,
            truth(renews),
            &amends,
            "EUR",
            &created,
            &modified,
            truth(gone),
        ],
    )
}

/// The last day on which a contract runs that stops with `stop`.
fn stop_day(stop: Month) -> String {
    stop.plus(-1).last().to_string()
}
