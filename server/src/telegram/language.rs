//! The languages Souvenir speaks in Telegram, and how numbers and durations are written in them.

use souvenir_memory::SessionDuration;

/// The languages there are texts in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Language {
    #[default]
    English,
    Russian,
    French,
}

impl Language {
    /// All, the default first.
    pub(super) const ALL: [Self; 3] = [Self::English, Self::Russian, Self::French];

    /// The language of an IETF tag such as `fr-CA`; English for those there are no texts in.
    pub(super) fn of(tag: Option<&str>) -> Self {
        let primary = tag.and_then(|tag| tag.split(['-', '_']).next()).unwrap_or_default().to_ascii_lowercase();
        match primary.as_str() {
            "ru" => Self::Russian,
            "fr" => Self::French,
            _ => Self::English,
        }
    }

    /// What `setMyCommands` calls it; the default has no code.
    pub(super) fn code(self) -> Option<&'static str> {
        match self {
            Self::English => None,
            Self::Russian => Some("ru"),
            Self::French => Some("fr"),
        }
    }

    /// The text of this language.
    pub(super) fn pick<'a>(self, english: &'a str, russian: &'a str, french: &'a str) -> &'a str {
        match self {
            Self::English => english,
            Self::Russian => russian,
            Self::French => french,
        }
    }

    /// A number with its thousands apart.
    pub(super) fn number(self, number: u64) -> String {
        let separator = if self == Self::English { ',' } else { '\u{a0}' };
        let digits = number.to_string();
        let mut text = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(separator);
            }
            text.push(digit);
        }
        text
    }

    /// How a date is written, for `strftime`: `22 Nov 2026`.
    pub(super) fn date_format(self) -> &'static str {
        self.pick("%-d %b %Y", "%d.%m.%Y", "%d/%m/%Y")
    }

    /// How a moment is written, for `strftime`: `22 Nov 2026, 14:05`.
    pub(super) fn moment_format(self) -> &'static str {
        self.pick("%-d %b %Y, %H:%M", "%d.%m.%Y, %H:%M", "%d/%m/%Y, %H:%M")
    }

    /// A duration, such as `6 h`.
    pub(super) fn duration(self, duration: SessionDuration) -> String {
        let text = duration.to_string();
        match self {
            Self::Russian => text.replace("min", "мин").replace('h', "ч"),
            Self::English | Self::French => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_that_of_telegram_or_english() {
        assert_eq!(Language::of(Some("fr-CA")), Language::French);
        assert_eq!(Language::of(Some("RU")), Language::Russian);
        assert_eq!(Language::of(Some("de")), Language::English);
        assert_eq!(Language::of(None), Language::English);
    }

    #[test]
    fn numbers_are_read_in_thousands() {
        assert_eq!(Language::English.number(1_234_567), "1,234,567");
        assert_eq!(Language::French.number(12_345), "12\u{a0}345");
        assert_eq!(Language::English.number(100), "100");
    }
}
