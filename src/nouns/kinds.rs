//! What a node is (kind) and where it stands (layer, track).

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word used in YAML, JSON, selectors and messages.
            #[must_use]
            pub fn word(self) -> &'static str { match self { $(Self::$variant => $word,)* } }

            /// The one that a word names.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|v| v.word() == word)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result { f.write_str(self.word()) }
        }
    };
}
pub(crate) use words;

words! {
    /// What a node is.
    Kind {
        /// A bronze table, loaded from outside the project.
        Load "load",
        /// A table made of a CSV file that is kept with the code.
        Seed "seed",
        /// A `SELECT` in dbt's language.
        Model "model",
        /// Plain SQL, run as written.
        Script "script",
        /// A procedure, function, view, synonym or trigger that a script defines.
        Definition "definition",
        /// A query that returns the rows that should not be there.
        Test "test",
    }
}

words! {
    /// How far data has come.
    Layer {
        /// Raw, as loaded.
        Bronze "bronze",
        /// Validated, cleansed, standardised.
        Silver "silver",
        /// What the business reads.
        Gold "gold",
    }
}

words! {
    /// Which of the two tracks of gold.
    Track {
        /// Engineers' models, updated hourly and daily.
        Operational "operational",
        /// Analysts' scripts, published by the daily pipeline alone.
        Financial "financial",
    }
}
