//! The names of the months in the languages that Souvenir speaks, as they stand in a date.

/// January to December in English.
pub const ENGLISH: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// January to December in Russian, in the genitive: `3 марта`.
pub const RUSSIAN: [&str; 12] = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
];

/// January to December in French.
pub const FRENCH: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// Whether a word, in any case, is the name of a month in one of them.
#[must_use]
pub fn is_month(word: &str) -> bool {
    let word = word.to_lowercase();
    [ENGLISH, RUSSIAN, FRENCH].iter().flatten().any(|month| month.to_lowercase() == word)
}
