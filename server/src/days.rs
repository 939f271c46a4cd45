//! The days that a text names in English, Russian and French: until when something is to be done, `by 1 June 2027`, `до 1 июня`,
//! `avant le 01/06/2027`.

use jiff::civil::Date;
use souvenir_memory::months;

use crate::words;

/// The last day that a text names; without a year, the first such day that is not before it was said.
pub(crate) fn last_named(text: &str, said: Date) -> Option<Date> {
    let words: Vec<&str> = words::of(text).collect();
    let dates = (0..words.len()).filter_map(|place| spelt(&words, place, said));
    dates.chain(in_figures(text)).max()
}

/// A day spelt around the month at a place.
fn spelt(words: &[&str], place: usize, said: Date) -> Option<Date> {
    let month = month(words[place])?;
    let number = |at: Option<usize>| at.and_then(|at| words.get(at)).and_then(|word| number(word));
    let (before, after) = (number(place.checked_sub(1)), number(Some(place + 1)));
    let (day, year) = match (before, after) {
        (Some(day @ 1..=31), year) => (day, year),
        (_, Some(day @ 1..=31)) => (day, number(Some(place + 2))),
        _ => return None,
    };
    let on = |year: i16| Date::new(year, month, i8::try_from(day).ok()?).ok();
    match year.filter(|year| (1900..2200).contains(year)) {
        Some(year) => on(year),
        None => on(said.year()).filter(|date| *date >= said).or_else(|| on(said.year() + 1)),
    }
}

fn month(word: &str) -> Option<i8> {
    let word = word.to_lowercase();
    let place = [months::ENGLISH, months::RUSSIAN, months::FRENCH]
        .iter()
        .find_map(|names| names.iter().position(|name| name.to_lowercase() == word))?;
    i8::try_from(place + 1).ok()
}

/// A number, with an ending or without: `1`, `1st`, `1er`.
fn number(word: &str) -> Option<i16> {
    let digits = word.trim_end_matches(char::is_alphabetic);
    (word.len() - digits.len() <= 4).then(|| digits.parse().ok()).flatten()
}

/// Days such as `2027-06-01`, `01.06.2027` and `01/06/2027`.
fn in_figures(text: &str) -> impl Iterator<Item = Date> {
    let parts = text.split(|c: char| !c.is_ascii_digit() && !matches!(c, '-' | '.' | '/'));
    parts.filter_map(|part| figures(part.trim_matches(['.', '-', '/'])))
}

fn figures(word: &str) -> Option<Date> {
    let parts = |mark: char| {
        let parts: Vec<i16> = word.split(mark).map_while(|part| part.parse().ok()).collect();
        <[i16; 3]>::try_from(parts).ok()
    };
    let (year, month, day) = match (parts('-'), parts('.').or_else(|| parts('/'))) {
        (Some([year, month, day]), _) | (_, Some([day, month, year])) => (year, month, day),
        _ => return None,
    };
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok();
    date.filter(|date| date.year() >= 1900)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_in_three_languages_and_in_figures() {
        let said = Date::constant(2026, 11, 22);
        for (text, due) in [
            ("I want to run a marathon by 1 June 2027", Some("2027-06-01")),
            ("I need to file my taxes before March 31st", Some("2027-03-31")),
            ("I need to call Ann on December 5, 2026", Some("2026-12-05")),
            ("Хочу выучить французский до 1 июня 2027", Some("2027-06-01")),
            ("мне нужно сдать отчёт до 25 ноября", Some("2026-11-25")),
            ("Je dois finir avant le 1er février", Some("2027-02-01")),
            ("Je veux finir avant le 01/06/2027", Some("2027-06-01")),
            ("I want to finish by 2027-06-01", Some("2027-06-01")),
            ("I want to see 30 February", None),
            ("I want to buy 3 cats in May", None),
            ("I may want to march", None),
            ("from 2026-12-01 to 2027-06-30", Some("2027-06-30")),
            ("Run 10-5-3", None),
            ("Version 1.2.3", None),
            ("2027-13-01", None),
            ("30.02.2027", None),
        ] {
            assert_eq!(last_named(text, said).map(|date| date.to_string()).as_deref(), due, "{text}");
        }
    }
}
