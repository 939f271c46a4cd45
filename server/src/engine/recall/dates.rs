//! Days as terms of the index, and the days that a question speaks of in English, French and Russian.
//!
//! A message has four: its year, its month, its month in its year, and its day in the year. A question has those that it
//! names, the most exact ones it can: `in May`, `le 8 mai`, `8 мая 2023 года`, `2023-05-08`, `yesterday`.

use jiff::civil::Date;
use souvenir_memory::Timestamp;

use crate::{
    clock::{self, TimeZone},
    words,
};

/// The months in three languages, as they are after [`words::fold`]ing. A Russian month is known by its beginning.
const MONTHS: [[&str; 3]; 12] = [
    ["january", "janvier", "январ"],
    ["february", "fevrier", "феврал"],
    ["march", "mars", "март"],
    ["april", "avril", "апрел"],
    ["may", "mai", "мая мае май"],
    ["june", "juin", "июн"],
    ["july", "juillet", "июл"],
    ["august", "aout", "август"],
    ["september", "septembre", "сентябр"],
    ["october", "octobre", "октябр"],
    ["november", "novembre", "ноябр"],
    ["december", "decembre", "декабр"],
];
/// Months that are other words too: they count with a number beside them, or a capital.
const AMBIGUOUS: [&str; 3] = ["may", "march", "mars"];
/// How long a Russian word may be beyond the beginning that tells its month.
const LONGEST_ENDING: usize = 2;
const YESTERDAY: [&str; 3] = ["yesterday", "hier", "вчера"];

/// The terms of a message's day.
pub(super) fn of_message(at: Timestamp, zone: &TimeZone) -> [String; 4] {
    ["@%Y", "@%m", "@%Y-%m", "@%m-%d"].map(|format| clock::local(at, zone, format))
}

/// The terms of the days that a text names.
pub(super) fn of_query(text: &str, now: Timestamp, zone: &TimeZone) -> Vec<String> {
    let mut terms = Vec::new();
    let words: Vec<&str> = words::of(text).collect();
    for (place, word) in words.iter().enumerate() {
        let folded = words::fold(word);
        let around = |distance: usize| {
            [place.checked_sub(distance), place.checked_add(distance)].map(|at| at.and_then(|at| words.get(at)))
        };
        if let Some(month) = month(word, &folded, || around(1).into_iter().flatten().any(|next| number(next).is_some()))
        {
            let day = around(1).into_iter().flatten().find_map(|next| number(next).filter(|day| *day <= 31));
            let near = [around(1), around(2)].concat();
            let year = near.into_iter().flatten().find_map(|next| year(next));
            terms.extend(named(year, month, day));
        }
        if YESTERDAY.contains(&folded.as_str()) {
            let day = clock::days_before(now, 1, zone);
            terms.extend(["@%m-%d", "@%Y-%m"].map(|format| clock::local(day, zone, format)));
        }
    }
    terms.extend(in_figures(text));
    if terms.is_empty() {
        terms.extend(words.iter().filter_map(|word| year(word)).map(|year| format!("@{year}")));
    }
    terms.sort();
    terms.dedup();
    terms
}

/// The most exact terms for a month with what is known of its day and its year.
fn named(year: Option<u32>, month: usize, day: Option<u32>) -> Vec<String> {
    match (year, day) {
        (Some(year), Some(day)) => vec![format!("@{month:02}-{day:02}"), format!("@{year}-{month:02}")],
        (None, Some(day)) => vec![format!("@{month:02}-{day:02}")],
        (Some(year), None) => vec![format!("@{year}-{month:02}")],
        (None, None) => vec![format!("@{month:02}")],
    }
}

/// Dates such as `2023-05-08` and `08.05.2023`.
fn in_figures(text: &str) -> Vec<String> {
    let parts = text.split(|c: char| !c.is_ascii_digit() && !matches!(c, '-' | '.' | '/'));
    let dates = parts.filter_map(|part| {
        let part = part.trim_matches(['.', '-', '/']);
        let forms = ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"];
        forms.iter().find_map(|form| Date::strptime(form, part).ok())
    });
    dates.flat_map(|date| ["@%m-%d", "@%Y-%m"].map(|format| date.strftime(format).to_string())).collect()
}

/// The month that a word names, from 1.
fn month(word: &str, folded: &str, is_beside_a_number: impl Fn() -> bool) -> Option<usize> {
    let is_capital = || word.chars().next().is_some_and(char::is_uppercase);
    if AMBIGUOUS.contains(&folded) && !is_beside_a_number() && !is_capital() {
        return None;
    }
    let names = |name: &str| match name.split_once(' ') {
        Some(_) => name.split(' ').any(|form| form == folded),
        None if name.is_ascii() => name == folded,
        None => folded.starts_with(name) && folded.chars().count() <= name.chars().count() + LONGEST_ENDING,
    };
    MONTHS.iter().position(|month| month.iter().any(|name| names(name))).map(|place| place + 1)
}

/// A number of a day or a year; `8th` and `1er` too.
fn number(word: &str) -> Option<u32> {
    let digits = word.trim_end_matches(|c: char| c.is_alphabetic());
    let ending = word.len() - digits.len();
    (!digits.is_empty() && digits.len() <= 4 && ending <= 4).then(|| digits.parse().ok()).flatten()
}

fn year(word: &str) -> Option<u32> {
    let year = (word.len() == 4).then(|| word.parse().ok()).flatten()?;
    (1970..2100).contains(&year).then_some(year)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Vec<String> {
        of_query(text, clock::parse_rfc3339("2026-11-01T12:00:00Z").unwrap(), &TimeZone::UTC)
    }

    #[test]
    fn a_question_names_days_months_and_years_in_three_languages() {
        let cases = [
            ("When did we meet in May?", vec!["@05"]),
            ("What did I say on 8 May 2023?", vec!["@05-08", "@2023-05"]),
            ("What happened on May 8th?", vec!["@05-08"]),
            ("Qu’ai-je dit le 1er août ?", vec!["@08-01"]),
            ("Et en décembre 2025 ?", vec!["@2025-12"]),
            ("Что я говорил 8 мая 2023 года?", vec!["@05-08", "@2023-05"]),
            ("О чём мы спорили в сентябре?", vec!["@09"]),
            ("What was it on 2023-05-08?", vec!["@05-08", "@2023-05"]),
            ("Что было 08.05.2023?", vec!["@05-08", "@2023-05"]),
            ("What did I buy in 2024?", vec!["@2024"]),
            ("What did I tell you yesterday?", vec!["@10-31", "@2026-10"]),
        ];
        for (text, terms) in cases {
            assert_eq!(asked(text), terms, "{text}");
        }
    }

    #[test]
    fn words_that_only_look_like_months_name_none() {
        for text in ["may I come in", "they march on", "в мартене плавят сталь", "version 12.5", "call 5551234"]
        {
            assert!(asked(text).is_empty(), "{text}: {:?}", asked(text));
        }
    }
}
