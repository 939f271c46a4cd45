//! Picks what to quote and puts the answer together.

use std::collections::{BTreeMap, BTreeSet};

use souvenir_memory::context::ContextMessage;

use super::{
    notes::{Note, Notes},
    question::{Wish, wish_of},
    texts::{self, Texts},
};
use crate::{language::Language, words};

/// At most so many quotes answer a question.
const MOST_FOUND: usize = 5;
/// At most so many are shown beside a statement.
const MOST_RELATED: usize = 3;
/// At most so many facts are listed.
const MOST_FACTS: usize = 40;
/// A quote is cut after so many characters.
const MOST_CHARACTERS: usize = 400;
/// A note that matches less than this share of the best one is left out.
const WORTH_QUOTING: f64 = 0.4;

/// The answer to a context.
pub(super) fn write(messages: &[ContextMessage]) -> String {
    let notes = Notes::read(messages);
    let texts = texts::of(language(&notes));
    let wish = wish_of(&notes.current);
    let said = match &wish {
        Wish::Greeting => texts.greeting.to_owned(),
        Wish::Thanks => texts.thanks.to_owned(),
        Wish::Introduction => String::new(),
        Wish::Inventory => inventory(&notes, texts),
        Wish::Question(terms) => match list(texts, &best(&notes.items, terms, MOST_FOUND)) {
            Some(found) => format!("{}\n{found}", texts.found),
            None => texts.nothing.to_owned(),
        },
        Wish::Statement(terms) => match list(texts, &matching(&telling(&notes.items), terms, MOST_RELATED)) {
            Some(related) => format!("{}\n\n{}\n{related}", texts.noted, texts.related),
            None => texts.noted.to_owned(),
        },
    };
    let introduces = !notes.answered_before || wish == Wish::Introduction;
    let parts = [introduces.then_some(texts.introduction), Some(said.as_str()).filter(|said| !said.is_empty())];
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n")
}

/// The language of the message; where that does not tell, of what was said last that does.
fn language(notes: &Notes) -> Language {
    let said_before = notes.items.iter().rev().filter(|note| matches!(note, Note::Recent(_)));
    let texts = std::iter::once(notes.current.as_str()).chain(said_before.map(Note::text));
    texts.map(Language::of_text).find_map(|language| language).unwrap_or(Language::English)
}

/// Everything remembered, kind by kind.
fn inventory(notes: &Notes, texts: &Texts) -> String {
    let of_kind = |is: fn(&Note) -> bool| notes.items.iter().filter(move |note| is(note)).collect::<Vec<_>>();
    let facts = of_kind(|note| matches!(note, Note::Fact(_)));
    let summaries = of_kind(|note| matches!(note, Note::Summary(_)));
    let said = of_kind(|note| matches!(note, Note::Recent(_) | Note::Recalled { .. }) && note.tells());
    let newest = &said[said.len().saturating_sub(MOST_FOUND)..];
    let shown = [
        list(texts, &facts[..facts.len().min(MOST_FACTS)]).map(|facts| format!("{}\n{facts}", texts.facts)),
        facts.is_empty().then(|| texts.no_facts.to_owned()),
        list(texts, &summaries).map(|summaries| format!("{}\n{summaries}", texts.summaries)),
        list(texts, newest).map(|said| format!("{}\n{said}", texts.lately)),
    ];
    shown.into_iter().flatten().collect::<Vec<_>>().join("\n\n")
}

/// The notes that answer best, or else earlier questions that are like this one.
fn best<'a>(items: &'a [Note], terms: &[String], most: usize) -> Vec<&'a Note> {
    let found = matching(&telling(items), terms, most);
    if found.is_empty() { matching(&items.iter().collect::<Vec<_>>(), terms, most) } else { found }
}

fn telling(items: &[Note]) -> Vec<&Note> {
    items.iter().filter(|note| note.tells()).collect()
}

/// The notes that share the most telling terms, best first; of equals, the one that stands first.
fn matching<'a>(items: &[&'a Note], terms: &[String], most: usize) -> Vec<&'a Note> {
    let wanted: BTreeSet<&String> = terms.iter().collect();
    let shared: Vec<BTreeSet<String>> = items.iter().map(|note| words::terms(note.text()).collect()).collect();
    let mut holders: BTreeMap<&String, u32> = BTreeMap::new();
    for term in shared.iter().flatten().filter(|term| wanted.contains(term)) {
        *holders.entry(term).or_default() += 1;
    }
    // A term that few notes hold tells more than one that all hold.
    let count = f64::from(u32::try_from(items.len()).unwrap_or(u32::MAX));
    let weight = |term: &String| holders.get(term).map_or(0.0, |held| (1.0 + count / f64::from(*held)).ln());
    let mut scored: Vec<(f64, &'a Note)> = items
        .iter()
        .zip(&shared)
        .map(|(note, terms)| (terms.iter().filter(|term| wanted.contains(term)).map(weight).sum::<f64>(), *note))
        .filter(|(score, _)| *score > 0.0)
        .collect();
    scored.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let least = scored.first().map_or(0.0, |(score, _)| score * WORTH_QUOTING);
    let mut seen = BTreeSet::new();
    let worthy = scored.into_iter().filter(|(score, _)| *score >= least).map(|(_, note)| note);
    worthy.filter(|note| seen.insert(note.text())).take(most).collect()
}

/// Notes as a Markdown list; none for none.
fn list(texts: &Texts, notes: &[&Note]) -> Option<String> {
    let lines: Vec<String> = notes.iter().map(|note| format!("- {}", line(texts, note))).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn line(texts: &Texts, note: &Note) -> String {
    match note {
        Note::Fact(text) | Note::Summary(text) => cut(text),
        Note::Recent(text) => texts.quoted(&cut(text)),
        Note::Recalled { said, who, text } => {
            let who = who.as_ref().map(|who| format!(", {who}")).unwrap_or_default();
            format!("{}{who}: {}", texts.date(said), texts.quoted(&cut(text)))
        }
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}
