//! Names of people, firms and places, and the many ways in which people write a country.

/// How sales to a country are taxed in Germany, for services between businesses.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tax {
    Domestic,
    /// The customer owes the tax (reverse charge within the EU).
    Union,
    ThirdCountry,
}

pub struct Country {
    pub iso: &'static str,
    pub tax: Tax,
    /// As typed by a dozen different sales representatives.
    pub spellings: &'static [&'static str],
    pub phone: &'static str,
    pub domain: &'static str,
    /// Postal code, city.
    pub cities: &'static [(&'static str, &'static str)],
    pub forms: &'static [&'static str],
}

pub static COUNTRIES: &[Country] = &[
    Country {
        iso: "DE",
        tax: Tax::Domestic,
        spellings: &["Deutschland", "Deutschland", "Germany", "DE", "germany", "D", "BRD", " Deutschland "],
        phone: "+49",
        domain: "de",
        cities: &[
            ("10115", "Berlin"),
            ("20457", "Hamburg"),
            ("80331", "München"),
            ("50667", "Köln"),
            ("60311", "Frankfurt am Main"),
            ("70173", "Stuttgart"),
            ("40213", "Düsseldorf"),
            ("90402", "Nürnberg"),
            ("48143", "Münster"),
            ("99084", "Erfurt"),
            ("73033", "Göppingen"),
            ("97070", "Würzburg"),
        ],
        forms: &["GmbH", "GmbH", "GmbH & Co. KG", "AG", "KG", "e. K."],
    },
    Country {
        iso: "AT",
        tax: Tax::Union,
        spellings: &["Österreich", "Austria", "AT", "A", "Oesterreich", "österreich"],
        phone: "+43",
        domain: "at",
        cities: &[("1010", "Wien"), ("8010", "Graz"), ("4020", "Linz"), ("3100", "St. Pölten")],
        forms: &["GmbH", "Ges.m.b.H.", "AG"],
    },
    Country {
        iso: "CH",
        tax: Tax::ThirdCountry,
        spellings: &["Schweiz", "Switzerland", "CH", "Suisse", "schweiz "],
        phone: "+41",
        domain: "ch",
        cities: &[("8001", "Zürich"), ("3011", "Bern"), ("4051", "Basel"), ("1201", "Genève")],
        forms: &["AG", "GmbH", "SA"],
    },
    Country {
        iso: "NL",
        tax: Tax::Union,
        spellings: &["Niederlande", "Netherlands", "NL", "The Netherlands", "Nederland"],
        phone: "+31",
        domain: "nl",
        cities: &[("1012 AB", "Amsterdam"), ("3011 AA", "Rotterdam"), ("6211 LE", "Maastricht")],
        forms: &["B.V.", "N.V."],
    },
    Country {
        iso: "FR",
        tax: Tax::Union,
        spellings: &["Frankreich", "France", "FR", "france"],
        phone: "+33",
        domain: "fr",
        cities: &[("75002", "Paris"), ("69002", "Lyon"), ("67000", "Strasbourg")],
        forms: &["SARL", "SA", "SAS"],
    },
    Country {
        iso: "GB",
        tax: Tax::ThirdCountry,
        spellings: &["Großbritannien", "United Kingdom", "UK", "GB", "England"],
        phone: "+44",
        domain: "co.uk",
        cities: &[("EC1A 1BB", "London"), ("M1 1AE", "Manchester")],
        forms: &["Ltd", "plc"],
    },
];

pub static HOUSES: &[&str] = &[
    "Müller",
    "Grüner",
    "Böhm",
    "Krämer",
    "Weiß",
    "Schäfer",
    "Jäger",
    "Köhler",
    "Brandt",
    "Lindqvist",
    "Öztürk",
    "Voß",
    "Hübner",
    "Strauß",
    "Günther",
    "Wagner",
    "Bäumer",
    "Nowak",
    "Rößler",
    "Petersen",
    "Dürr",
    "Zeller",
    "Fröhlich",
    "Kühn",
    "Hartmann",
    "Löwe",
    "Seidel",
    "Möbius",
    "Thißen",
    "Ahrens",
    "Büchner",
    "Claßen",
    "Döring",
    "Engel",
    "Förster",
    "Größwein",
];

/// The trade as part of a firm's name, and the industry as Salesforce's pick list has it.
pub static TRADES: &[(&str, &str)] = &[
    ("Maschinenbau", "Machinery"),
    ("Logistik", "Transportation"),
    ("Medizintechnik", "Healthcare"),
    ("Feinkost", "Food & Beverage"),
    ("Energietechnik", "Energy"),
    ("Verlag", "Media"),
    ("Präzisionswerkzeuge", "Manufacturing"),
    ("Versicherungsmakler", "Insurance"),
    ("Hörgeräte", "Healthcare"),
    ("Bürosysteme", "Retail"),
    ("Elektronik", "Electronics"),
    ("Gebäudetechnik", "Construction"),
    ("Kälte & Klima", "Engineering"),
    ("Großhandel", "Retail"),
    ("Fahrzeugteile", "Manufacturing"),
    ("Beratung", "Consulting"),
];

pub static STREETS: &[&str] = &[
    "Hauptstraße",
    "Bahnhofstr.",
    "Am Mühlbach",
    "Königsallee",
    "Industriestraße",
    "Lange Gasse",
    "Schloßstr.",
    "Hafenweg",
    "Gewerbepark",
    "Rosenstraße",
];

pub static FIRST_NAMES: &[&str] = &[
    "Jürgen",
    "Anja",
    "Björn",
    "Käthe",
    "Sören",
    "Zoë",
    "Michael",
    "Sabine",
    "René",
    "Çelik",
    "Ute",
    "Thomas",
    "Françoise",
    "Götz",
    "Marlène",
    "Jörg",
    "Nadine",
    "Ömer",
    "Lukas",
    "Bärbel",
    "Ingrid",
    "Tobias",
];

pub static LAST_NAMES: &[&str] = &[
    "Schröder",
    "Müller",
    "Groß",
    "Pölzl",
    "Yıldız",
    "Weiß",
    "van der Meer",
    "O'Neill",
    "Lefèvre",
    "Kühn",
    "Schmitz-Hübsch",
    "Bauer",
    "Åkesson",
    "Fischer",
    "Heß",
    "Köster",
    "Wolf",
    "Trautmann",
    "Höfer",
    "Neumann",
];

pub static JOB_TITLES: &[&str] = &[
    "Geschäftsführer",
    "IT-Leitung",
    "Einkauf",
    "Head of Operations",
    "CFO",
    "Buchhaltung",
    "Projektleiterin",
];

/// The letters of a name as they may stand in a host name or an e-mail address.
pub fn ascii(text: &str) -> String {
    let mut out = String::new();
    for letter in text.to_lowercase().chars() {
        match letter {
            'ä' => out.push_str("ae"),
            'ö' => out.push_str("oe"),
            'ü' => out.push_str("ue"),
            'ß' => out.push_str("ss"),
            'é' | 'è' | 'ë' => out.push('e'),
            'ç' => out.push('c'),
            'å' => out.push('a'),
            'ı' => out.push('i'),
            'a'..='z' | '0'..='9' => out.push(letter),
            _ => out.push('-'),
        }
    }
    out
}
