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
                    _ => Err(remedy(&[$($text),+])),
                }
            }
        }
    )+ };
}

/// What to do about another word: `use hold or apply`.
fn remedy(words: &[&str]) -> String {
    let (last, others) = words.split_last().unwrap_or((&"", &[]));
    format!("use {} or {last}", others.join(", "))
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

    /// When what is older than a chat keeps is put away.
    ExpirySchedule {
        /// Only when somebody asks.
        #[default]
        Off = "off",
        /// Every day, too.
        Daily = "daily",
    }

    /// To what the bot answers in groups.
    GroupAnswers {
        /// What names it, or replies to it.
        #[default]
        Mentions = "mentions",
        /// Everything.
        Always = "always",
    }

    /// Whether the chat's model is shown pictures.
    Sight {
        /// Unless it is known, or found, to take none.
        #[default]
        Auto = "auto",
        /// Even if it is thought to take none.
        On = "on",
        /// Never.
        Off = "off",
    }

    /// Something that is done or not.
    Switch {
        /// It is.
        On = "on",
        /// It is not.
        #[default]
        Off = "off",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_word_is_refused_with_all_that_there_are() {
        assert_eq!("never".parse::<Sight>(), Err("use auto, on or off".to_owned()));
        assert_eq!("Daily".parse::<ExpirySchedule>(), Err("use off or daily".to_owned()));
        assert_eq!("daily".parse(), Ok(ExpirySchedule::Daily));
    }
}
