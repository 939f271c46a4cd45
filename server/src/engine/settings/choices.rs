//! Settings that are one of a few words.

macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? })+) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(match self { $(Self::$variant => $text),+ })
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    other => Err(format!("“{other}” is none of {}", [$($text),+].join(", "))),
                }
            }
        }
    )+ };
}

choices! {
    /// When a chat's whole history is read again by itself.
    AnalysisSchedule {
        /// Only when somebody asks.
        #[default]
        Off = "off",
        /// At three in the morning, where something was said since the last time.
        Daily = "daily",
    }

    /// What becomes of the changes that an analysis proposes.
    AnalysisApply {
        /// They wait for the owner.
        #[default]
        Hold = "hold",
        /// They are carried out at once; one step takes them back.
        Apply = "apply",
    }

    /// Which digests are made by themselves.
    DigestSchedule {
        /// None.
        #[default]
        Off = "off",
        /// Of each day.
        Daily = "daily",
        /// Of each week.
        Weekly = "weekly",
        /// Of both.
        Both = "both",
    }
}
