//! The part of DATEV's chart of accounts SKR04 that acme uses, its cost centres and its creditors.

/// What DATEV does by itself when an account is used ("Automatikkonto").
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Automatic {
    None,
    OutputTax,
    InputTax,
    ReverseCharge,
}

pub struct LedgerAccount {
    pub number: i64,
    pub name: &'static str,
    /// The kind of account: Aktiva, Passiva, Ertrag, Aufwand or Vortrag.
    pub kind: &'static str,
    /// The line of the income statement (§ 275 HGB, total cost format); empty for balance sheet accounts.
    pub line: &'static str,
    pub automatic: Automatic,
}

const fn plain(number: i64, name: &'static str, kind: &'static str, line: &'static str) -> LedgerAccount {
    LedgerAccount { number, name, kind, line, automatic: Automatic::None }
}

const fn automatic(
    number: i64,
    name: &'static str,
    kind: &'static str,
    line: &'static str,
    automatic: Automatic,
) -> LedgerAccount {
    LedgerAccount { number, name, kind, line, automatic }
}

pub static CHART: &[LedgerAccount] = &[
    plain(650, "Büroeinrichtung", "Aktiva", ""),
    plain(690, "Sonstige Betriebs- und Geschäftsausstattung", "Aktiva", ""),
    plain(1200, "Forderungen aus Lieferungen und Leistungen", "Aktiva", ""),
    plain(1401, "Abziehbare Vorsteuer 7 %", "Aktiva", ""),
    plain(1406, "Abziehbare Vorsteuer 19 %", "Aktiva", ""),
    plain(1407, "Abziehbare Vorsteuer nach § 13b UStG 19 %", "Aktiva", ""),
    plain(1800, "Bank", "Aktiva", ""),
    plain(2900, "Gezeichnetes Kapital", "Passiva", ""),
    plain(2970, "Gewinnvortrag vor Verwendung", "Passiva", ""),
    plain(3150, "Verbindlichkeiten gegenüber Kreditinstituten", "Passiva", ""),
    plain(3300, "Verbindlichkeiten aus Lieferungen und Leistungen", "Passiva", ""),
    plain(3720, "Verbindlichkeiten aus Lohn und Gehalt", "Passiva", ""),
    plain(3730, "Verbindlichkeiten aus Lohn- und Kirchensteuer", "Passiva", ""),
    plain(3740, "Verbindlichkeiten im Rahmen der sozialen Sicherheit", "Passiva", ""),
    plain(3790, "Lohn- und Gehaltsverrechnungskonto", "Passiva", ""),
    plain(3801, "Umsatzsteuer 7 %", "Passiva", ""),
    plain(3806, "Umsatzsteuer 19 %", "Passiva", ""),
    plain(3820, "Umsatzsteuer-Vorauszahlungen", "Passiva", ""),
    plain(3837, "Umsatzsteuer nach § 13b UStG 19 %", "Passiva", ""),
    plain(3900, "Passive Rechnungsabgrenzung", "Passiva", ""),
    plain(
        4336,
        "Erlöse aus im anderen EU-Land steuerpflichtigen sonstigen Leistungen, für die der Leistungsempfänger die USt schuldet",
        "Ertrag",
        "1",
    ),
    plain(
        4338,
        "Erlöse aus im Drittland steuerbaren Leistungen, im Inland nicht steuerbare Umsätze",
        "Ertrag",
        "1",
    ),
    automatic(4400, "Erlöse 19 % USt", "Ertrag", "1", Automatic::OutputTax),
    automatic(4405, "Erlöse Einführungsprojekte 19 % USt", "Ertrag", "1", Automatic::OutputTax),
    automatic(4720, "Erlösschmälerungen 19 % USt", "Ertrag", "1", Automatic::OutputTax),
    plain(4970, "Versicherungsentschädigungen und Schadenersatzleistungen", "Ertrag", "4"),
    automatic(5906, "Fremdleistungen 19 % Vorsteuer", "Aufwand", "5b", Automatic::InputTax),
    automatic(
        5923,
        "Sonstige Leistungen eines im anderen EU-Land ansässigen Unternehmers 19 % VSt und 19 % USt",
        "Aufwand",
        "5b",
        Automatic::ReverseCharge,
    ),
    plain(6020, "Gehälter", "Aufwand", "6a"),
    plain(6110, "Gesetzliche soziale Aufwendungen", "Aufwand", "6b"),
    plain(6120, "Beiträge zur Berufsgenossenschaft", "Aufwand", "6b"),
    plain(6220, "Abschreibungen auf Sachanlagen", "Aufwand", "7"),
    plain(6310, "Miete (unbewegliche Wirtschaftsgüter)", "Aufwand", "8"),
    plain(6325, "Gas, Strom, Wasser", "Aufwand", "8"),
    plain(6330, "Reinigung", "Aufwand", "8"),
    plain(6400, "Versicherungen", "Aufwand", "8"),
    plain(6600, "Werbekosten", "Aufwand", "8"),
    plain(6650, "Reisekosten Arbeitnehmer", "Aufwand", "8"),
    plain(6805, "Telefon", "Aufwand", "8"),
    plain(6815, "Bürobedarf", "Aufwand", "8"),
    plain(6820, "Zeitschriften, Bücher", "Aufwand", "8"),
    plain(6825, "Rechts- und Beratungskosten", "Aufwand", "8"),
    plain(6827, "Abschluss- und Prüfungskosten", "Aufwand", "8"),
    plain(6830, "Buchführungskosten", "Aufwand", "8"),
    plain(
        6837,
        "Aufwendungen für die zeitlich befristete Überlassung von Rechten (Lizenzen, Konzessionen)",
        "Aufwand",
        "8",
    ),
    plain(6855, "Nebenkosten des Geldverkehrs", "Aufwand", "8"),
    automatic(6936, "Forderungsverluste 19 % USt (übliche Höhe)", "Aufwand", "8", Automatic::OutputTax),
    plain(7320, "Zinsaufwendungen für langfristige Verbindlichkeiten", "Aufwand", "13"),
    plain(7600, "Körperschaftsteuer", "Aufwand", "14"),
    plain(7608, "Solidaritätszuschlag", "Aufwand", "14"),
    plain(7610, "Gewerbesteuer", "Aufwand", "14"),
    plain(9000, "Saldenvorträge, Sachkonten", "Vortrag", ""),
    plain(9008, "Saldenvorträge, Debitoren", "Vortrag", ""),
];

/// Number, name, who answers for it, valid from.
pub static COST_CENTRES: &[(&str, &str, &str, &str)] = &[
    ("100", "Vertrieb", "Sabine Köster", "01.01.2020"),
    ("200", "Entwicklung", "Ömer Yıldırım", "01.01.2020"),
    ("300", "Betrieb & Cloud", "Jörg Trautmann", "01.07.2021"),
    ("400", "Verwaltung", "Käthe Böhm", "01.01.2020"),
    ("500", "Marketing", "Françoise Lefèvre", "01.01.2022"),
    ("510", "Kundendienst", "Björn Åkesson", "01.01.2022"),
];

/// The name of a creditor; their accounts begin at 70001.
pub static CREDITORS: &[(i64, &str)] = &[
    (70001, "Immobilien Hafenpark GmbH"),
    (70002, "Stadtwerke Münster"),
    (70003, "Wolkenwerk Europe S.à r.l."),
    (70004, "Suchnetz Ireland Ltd"),
    (70005, "Kühn & Partner Steuerberater"),
    (70006, "Fernsprech AG"),
    (70007, "Bürobedarf Schäfer"),
    (70008, "Nordstern Versicherung"),
    (70009, "Reisebüro Sonnenschein"),
    (70010, "Freie Entwickler Götz & Weiß"),
    (70011, "Gebäudereinigung Blitz"),
    (70012, "Softwarehaus Löwe GmbH"),
    (70013, "Fachverlag Größwein"),
    (70014, "Möbelhaus Claßen"),
];

pub fn automatic_of(account: i64) -> Automatic {
    CHART.iter().find(|entry| entry.number == account).map_or(Automatic::None, |entry| entry.automatic)
}
