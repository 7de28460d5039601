//! One booking and one batch of them in DATEV's exchange format EXTF: format 700, category 21
//! ("Buchungsstapel"), version 13, with its 125 columns, in Windows-1252 with CRLF.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::calendar::{Day, LAST, Month, months};
use super::chart::{Automatic, automatic_of};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Debit,
    Credit,
}

/// `side` speaks of `account`; `contra` gets the other side.
pub struct Booking {
    pub cents: i64,
    pub side: Side,
    pub account: i64,
    pub contra: i64,
    /// The tax key ("BU-Schlüssel"); empty leaves it to the accounts, 40 switches them off.
    pub key: &'static str,
    pub day: Day,
    pub reference: String,
    pub due: Option<Day>,
    pub text: String,
    pub cost_centre: &'static str,
    pub link: Option<String>,
}

impl Booking {
    pub fn debit(account: i64, contra: i64, cents: i64, day: Day) -> Self {
        Self {
            cents,
            side: Side::Debit,
            account,
            contra,
            key: "",
            day,
            reference: String::new(),
            due: None,
            text: String::new(),
            cost_centre: "",
            link: None,
        }
    }

    pub fn credit(account: i64, contra: i64, cents: i64, day: Day) -> Self {
        Self { side: Side::Credit, ..Self::debit(account, contra, cents, day) }
    }

    pub fn reference(self, reference: impl Into<String>) -> Self {
        Self { reference: reference.into(), ..self }
    }

    pub fn text(self, text: impl Into<String>) -> Self {
        Self { text: text.into(), ..self }
    }

    pub fn key(self, key: &'static str) -> Self {
        Self { key, ..self }
    }

    pub fn cost_centre(self, cost_centre: &'static str) -> Self {
        Self { cost_centre, ..self }
    }

    /// What this booking adds to the tax that is owed for its month.
    fn tax_owed(&self) -> i64 {
        let (taxed, kind) = match (self.key, automatic_of(self.account), automatic_of(self.contra)) {
            ("40" | "94", ..) | (_, Automatic::ReverseCharge, _) | ("", Automatic::None, Automatic::None) => {
                return 0;
            }
            ("9", ..) => (self.side, Automatic::InputTax),
            (_, Automatic::None, contra) => {
                (if self.side == Side::Debit { Side::Credit } else { Side::Debit }, contra)
            }
            (_, own, _) => (self.side, own),
        };
        let tax = tax_within(self.cents);
        match (kind, taxed) {
            (Automatic::OutputTax | Automatic::InputTax, Side::Credit) => tax,
            _ => -tax,
        }
    }
}

/// The 19 % that a gross amount holds.
pub fn tax_within(gross: i64) -> i64 {
    (gross * 38 + 119) / 238
}

/// The batches of all months, open side by side.
pub struct Batches {
    files: Vec<BufWriter<File>>,
    counts: Vec<i64>,
    owed: Vec<i64>,
}

impl Batches {
    pub fn create(folder: &Path) -> io::Result<Self> {
        let mut files = Vec::new();
        for month in months() {
            let name = format!("EXTF_Buchungsstapel_{}_{:02}.csv", month.year(), month.number());
            let mut file = super::create(folder, &name)?;
            write_line(&mut file, &preamble(month))?;
            write_line(&mut file, &headings().join(";"))?;
            files.push(file);
        }
        let none = vec![0; files.len()];
        Ok(Self { files, counts: none.clone(), owed: none })
    }

    /// Writes a booking into its month; what happens after the last month is not in the books yet.
    pub fn post(&mut self, booking: &Booking) -> io::Result<()> {
        let month = booking.day.month();
        if booking.cents == 0 || month > LAST {
            return Ok(());
        }
        let position = usize::try_from(month.0).expect("no booking lies before the first month");
        self.counts[position] += 1;
        self.owed[position] += booking.tax_owed();
        let number = format!("{}{:02}-{:05}", month.year() % 100, month.number(), self.counts[position]);
        write_line(&mut self.files[position], &fields(booking, &number).join(";"))
    }

    pub fn tax_owed(&self, month: Month) -> i64 {
        usize::try_from(month.0).map_or(0, |position| self.owed[position])
    }

    pub fn finish(self) -> io::Result<()> {
        self.files.into_iter().try_for_each(|mut file| file.flush())
    }
}

fn preamble(month: Month) -> String {
    format!(
        "\"EXTF\";700;21;\"Buchungsstapel\";13;{}061500000;;\"RE\";\"buchhaltung\";\"\";29098;55003;{}0101;4;{};{};\
         \"Buchungsstapel {:02}/{}\";\"KB\";1;0;1;\"EUR\";;\"\";;;\"04\";;;\"\";\"acme\"",
        month.plus(1).day(6).yyyymmdd(),
        month.year(),
        month.first().yyyymmdd(),
        month.last().yyyymmdd(),
        month.number(),
        month.year(),
    )
}

const LEADING: &str = "Umsatz (ohne Soll/Haben-Kz);Soll/Haben-Kennzeichen;WKZ Umsatz;Kurs;Basis-Umsatz;\
WKZ Basis-Umsatz;Konto;Gegenkonto (ohne BU-Schlüssel);BU-Schlüssel;Belegdatum;Belegfeld 1;Belegfeld 2;Skonto;\
Buchungstext;Postensperre;Diverse Adressnummer;Geschäftspartnerbank;Sachverhalt;Zinssperre;Beleglink";
const MIDDLE: &str = "KOST1 - Kostenstelle;KOST2 - Kostenstelle;Kost-Menge;EU-Land u. UStID (Bestimmung);\
EU-Steuersatz (Bestimmung);Abw. Versteuerungsart;Sachverhalt L+L;Funktionsergänzung L+L;BU 49 Hauptfunktionstyp;\
BU 49 Hauptfunktionsnummer;BU 49 Funktionsergänzung";
const TRAILING: &str = "Stück;Gewicht;Zahlweise;Forderungsart;Veranlagungsjahr;Zugeordnete Fälligkeit;Skontotyp;\
Auftragsnummer;Buchungstyp;USt-Schlüssel (Anzahlungen);EU-Land (Anzahlungen);Sachverhalt L+L (Anzahlungen);\
EU-Steuersatz (Anzahlungen);Erlöskonto (Anzahlungen);Herkunft-Kz;Buchungs GUID;KOST-Datum;SEPA-Mandatsreferenz;\
Skontosperre;Gesellschaftername;Beteiligtennummer;Identifikationsnummer;Zeichnernummer;Postensperre bis;\
Bezeichnung SoBil-Sachverhalt;Kennzeichen SoBil-Buchung;Festschreibung;Leistungsdatum;Datum Zuord. Steuerperiode;\
Fälligkeit;Generalumkehr (GU);Steuersatz;Land;Abrechnungsreferenz;BVV-Position;EU-Land u. UStID (Ursprung);\
EU-Steuersatz (Ursprung);Abw. Skontokonto";

fn headings() -> Vec<String> {
    let words = |list: &str| list.split(';').map(str::to_owned).collect::<Vec<_>>();
    let mut all = words(LEADING);
    for n in 1..=8 {
        all.extend([format!("Beleginfo - Art {n}"), format!("Beleginfo - Inhalt {n}")]);
    }
    all.extend(words(MIDDLE));
    for n in 1..=20 {
        all.extend([format!("Zusatzinformation - Art {n}"), format!("Zusatzinformation- Inhalt {n}")]);
    }
    all.extend(words(TRAILING));
    all
}

fn fields(booking: &Booking, number: &str) -> Vec<String> {
    let mut all = vec![String::new(); 125];
    let mut set = |column: usize, value: String| all[column - 1] = value;
    set(1, format!("{},{:02}", booking.cents / 100, booking.cents % 100));
    set(2, quoted(if booking.side == Side::Debit { "S" } else { "H" }));
    set(3, quoted("EUR"));
    set(7, format!("{:04}", booking.account));
    set(8, format!("{:04}", booking.contra));
    set(9, if booking.key.is_empty() { String::new() } else { quoted(booking.key) });
    set(10, booking.day.ddmm());
    set(11, quoted(&booking.reference));
    set(14, quoted(booking.text.chars().take(60).collect::<String>().trim_end()));
    if let Some(link) = &booking.link {
        set(20, quoted(&format!("BEDI \"{link}\"")));
    }
    set(21, quoted("Buchungs-Nr"));
    set(22, quoted(number));
    if !booking.cost_centre.is_empty() {
        set(37, quoted(booking.cost_centre));
    }
    set(114, "1".to_owned());
    set(115, booking.day.ddmmyyyy());
    if let Some(due) = booking.due {
        set(117, due.ddmmyyyy());
    }
    all
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// Writes one line as DATEV does: Windows-1252 and CRLF.
pub fn write_line(file: &mut impl Write, line: &str) -> io::Result<()> {
    let bytes: Vec<u8> = line.chars().map(windows_1252).collect();
    file.write_all(&bytes)?;
    file.write_all(b"\r\n")
}

fn windows_1252(letter: char) -> u8 {
    match letter {
        '€' => 0x80,
        '„' => 0x84,
        '–' => 0x96,
        '“' => 0x93,
        'ı' => b'i',
        '\u{80}'..='\u{9f}' => b'?',
        _ => u8::try_from(u32::from(letter)).unwrap_or(b'?'),
    }
}
