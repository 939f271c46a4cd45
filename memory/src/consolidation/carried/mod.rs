//! Whether the words that are cited carry what is stated of them.
//!
//! A quote may be true and the statement false: “Hello” proves nothing about yachts. Meaning cannot be checked mechanically, but
//! much of what goes wrong shows in the words. Nothing of a statement stands in what it cites: it is refused. What is doubtful
//! waits for the owner, who sees the quote beside it:
//!
//! - a name, a number or a link that stands neither there nor around it nor among the facts shown, and a date that cannot
//!   be reckoned from there either;
//! - less than half of the words, in this or another form;
//! - a negation on one side only; a question; a wish or a condition stated as what is;
//! - `I`, said by somebody else than the statement is about.
//!
//! What is cited is read whole: a quote may be short, and what explains it stands in the same message. Who spoke is never
//! among the words that count, since every statement names them.

mod claim;
mod clauses;
mod times;
mod words;

use std::collections::BTreeSet;

use super::{Evidence, Ground, Hold, Refusal, Statement, Utterance, decide::denies, touched};
use crate::{
    Fact, Timestamp,
    prompt::consolidation::{CONSOLIDATION_PROMPT, PERIOD_PROMPT},
};
use claim::Claim;

/// A day in milliseconds.
const DAY: i64 = 86_400_000;

/// Takes dates from a statement that nothing cited speaks of: since when it is so, but for the day on which it was said, and until when.
/// What is due before it was said was not reckoned from there.
pub(crate) fn keep_told_dates(ground: &Ground<'_>, statement: &mut Statement, evidence: &[Evidence]) {
    let cited: Vec<&Utterance> =
        ground.utterances.iter().filter(|said| evidence.iter().any(|piece| piece.message == said.message)).collect();
    let tells = cited.iter().any(|said| words::all(&said.text).iter().any(|word| times::tells(word)));
    let near = |date: Timestamp| cited.iter().any(|said| date.millis_since(said.at).abs() <= DAY);
    let later = |date: Timestamp| cited.iter().all(|said| date.millis_since(said.at) >= -DAY);
    statement.valid_at = statement.valid_at.filter(|date| tells || near(*date));
    statement.due_at = statement.due_at.filter(|date| tells && later(*date));
}

/// Why a statement is not simply believed, as far as the words it cites tell; none when they carry it.
///
/// # Errors
/// [`Refusal::NotCarried`] when they have nothing to do with it.
pub(crate) fn doubt<'a>(
    ground: &'a Ground<'a>,
    statement: &'a Statement,
    evidence: &[Evidence],
    of: Option<&'a Fact>,
) -> Result<Option<Hold>, Refusal> {
    let claim = Claim::new(ground, statement, evidence, of);
    let shared = claim.shared();
    let is_wordless = words::all(&statement.text).is_empty();
    if is_wordless || (shared == 0 && !claim.told.is_empty() && claim.is_in_one_script()) {
        return Err(Refusal::NotCarried);
    }
    Ok(claim
        .unsaid()
        .or_else(|| claim.in_other_words(shared))
        .or_else(|| claim.meant_otherwise())
        .or_else(|| claim.of_somebody_else()))
}

/// A summary of so few words can hardly invent, and its words tell little of it.
const FEW_WORDS: usize = 5;

/// Whether a summary is of these texts: at least half of its words that tell something stand there, in this or another form.
/// One that is not is invented, or only repeats what it was asked for.
#[must_use]
pub fn is_of<'a>(summary: &str, texts: impl IntoIterator<Item = &'a str>) -> bool {
    if repeats_what_was_asked(summary) {
        return false;
    }
    let told = words::telling(summary);
    let said: BTreeSet<String> = texts.into_iter().flat_map(words::all).collect();
    let said: Vec<String> = said.into_iter().collect();
    told.len() <= FEW_WORDS || told.iter().filter(|word| words::has(&said, word)).count() * 2 >= told.len()
}

/// Whether a summary has so many words in a row of what was asked for that it is that, and no summary.
fn repeats_what_was_asked(summary: &str) -> bool {
    const IN_A_ROW: usize = 6;
    let asked = [CONSOLIDATION_PROMPT, PERIOD_PROMPT].map(|prompt| format!(" {} ", words::all(prompt).join(" ")));
    let summary = words::all(summary);
    summary.windows(IN_A_ROW).any(|row| asked.iter().any(|asked| asked.contains(&format!(" {} ", row.join(" ")))))
}

/// Whether a statement has a word that tells something in common with any of these texts, or has none.
pub(crate) fn shares_a_word(statement: &Statement, texts: &[&str]) -> bool {
    let told = words::telling(&statement.text);
    told.is_empty() || texts.iter().any(|text| told.iter().any(|word| words::has(&words::all(text), word)))
}

/// Whether a statement is about what a fact says, so that it may take its place: they share a word that tells something, or a
/// place of life, or one denies the other.
pub(crate) fn is_about(fact: &Fact, statement: &Statement) -> bool {
    let names = words::all(statement.subject.as_deref().or(fact.subject.as_deref()).unwrap_or_default());
    let known = words::telling(&fact.statement);
    let shares = words::telling(&statement.text).iter().any(|word| !names.contains(word) && words::has(&known, word));
    let places = touched(&fact.statement);
    shares || touched(&statement.text).iter().any(|place| places.contains(place)) || denies(fact, statement)
}

/// Why a fact is not simply ended by what is cited; none when the words tell that it is over: they contradict it, or say with a
/// negation what it says without one, or the other way round.
pub(crate) fn doubt_of_end<'a>(
    ground: &'a Ground<'a>,
    fact: &'a Fact,
    statement: &'a Statement,
    evidence: &[Evidence],
) -> Option<Hold> {
    let claim = Claim::new(ground, statement, evidence, None);
    let clauses = || claim.cited.iter().flat_map(|cited| &cited.clauses);
    let contradicted = clauses().any(|clause| {
        let said = Statement { text: clause.text.to_owned(), ..statement.clone() };
        !clause.asks && !clause.wishes() && denies(fact, &said)
    });
    if contradicted {
        return None;
    }
    if claim.shared() == 0 {
        return Some(Hold::OtherWords);
    }
    let closest = claim.closest();
    let denied = clauses::denies(&statement.text);
    match closest {
        closest if closest.iter().all(|clause| clause.asks) => Some(Hold::Question),
        closest if closest.iter().all(|clause| clause.wishes()) => Some(Hold::Wish),
        closest if closest.iter().all(|clause| clause.denies() == denied) => Some(Hold::Negation),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: [&str; 2] =
        ["I live in Lyon with my sister Zoé, things are fine", "We agreed on the green tiles for 1200 euros"];

    #[test]
    fn a_summary_is_of_what_was_said_or_it_is_none() {
        for summary in [
            "Ann lives in Lyon with her sister Zoé; the green tiles for 1200 euros were agreed on.",
            "They talked.",
            "Ann described her home in Lyon, and everybody agreed to green tiles.",
        ] {
            assert!(is_of(summary, SAID), "{summary}");
        }
        for summary in [
            "I'm glad you enjoyed the message, but it was written by a friend against personal beliefs and values.",
            "]1 to 5 sentences in the language of the conversation, in the third person.",
            "Say who said what. Keep names, numbers, dates, links and decisions exactly, Zoé and Lyon.",
        ] {
            assert!(!is_of(summary, SAID), "{summary}");
        }
    }
}
