//! What is stated beside what is cited for it: which words they share, and how those were meant.

use super::{
    DAY,
    clauses::{self, Clause},
    times, words,
};
use crate::{
    Fact, FactKind, GoalState,
    consolidation::{Borrowed, Evidence, Ground, Hold, Statement, Utterance, rules},
    months::is_month,
    receipt::{LostKind, things},
};

/// How many messages before and after one explain it.
const AROUND: usize = 3;

/// What is stated, and what it is stated of.
pub(super) struct Claim<'a> {
    ground: &'a Ground<'a>,
    statement: &'a Statement,
    /// The fact that would say so from now on.
    of: Option<&'a Fact>,
    pub(super) cited: Vec<Cited<'a>>,
    /// The words of the statement that tell something, but for the names of who speaks and of whom it speaks.
    pub(super) told: Vec<String>,
}

/// A message that is cited, with the evidence in it.
pub(super) struct Cited<'a> {
    utterance: &'a Utterance,
    text: &'a str,
    pub(super) clauses: Vec<Clause<'a>>,
    words: Vec<String>,
}

impl<'a> Claim<'a> {
    pub(super) fn new(
        ground: &'a Ground<'a>,
        statement: &'a Statement,
        evidence: &[Evidence],
        of: Option<&'a Fact>,
    ) -> Self {
        let cited = ground.utterances.iter().filter_map(|utterance| {
            let places: Vec<_> =
                evidence.iter().filter(|piece| piece.message == utterance.message).map(Evidence::place).collect();
            if places.is_empty() {
                return None;
            }
            let text = utterance.text.get(utterance.words_from..).unwrap_or_default();
            // The clauses in which the quotes stand: what else a message says does not tell how these were meant.
            let mut clauses = clauses::of(text);
            clauses.retain(|clause| {
                places.iter().any(|place| {
                    clause.place.start + utterance.words_from < place.end
                        && place.start < clause.place.end + utterance.words_from
                })
            });
            Some(Cited { utterance, text, clauses, words: words::all(text) })
        });
        let names = words::all(statement.subject.as_deref().unwrap_or_default());
        let speakers: Vec<String> =
            ground.utterances.iter().filter_map(|said| said.author.as_deref()).flat_map(words::all).collect();
        let mut told = words::telling(&statement.text);
        told.retain(|word| !names.contains(word) && !speakers.contains(word));
        Self { ground, statement, of, cited: cited.collect(), told }
    }

    /// How many of the words stand in what is cited.
    pub(super) fn shared(&self) -> usize {
        self.told.iter().filter(|word| self.is_cited(word)).count()
    }

    fn is_cited(&self, word: &str) -> bool {
        self.cited.iter().any(|cited| words::has(&cited.words, word))
    }

    /// Whether less than half of the words stand there or around it, or none stands in what is cited itself.
    pub(super) fn in_other_words(&self, shared: usize) -> Option<Hold> {
        let around = self.around();
        let known = self.of.map(|fact| words::all(&fact.statement)).unwrap_or_default();
        let explained = |word: &&String| {
            !self.is_cited(word) && (words::has(&around, word) || words::has(&known, word) || self.is_reckoned(word))
        };
        let told = shared + self.told.iter().filter(explained).count();
        (told * 2 < self.told.len() || shared == 0 && !self.told.is_empty()).then_some(Hold::OtherWords)
    }

    /// The words of the messages around those that are cited, whoever wrote them: an answer is understood by its question.
    fn around(&self) -> Vec<String> {
        self.near(|_| true).flat_map(|said| words::all(&said.text)).collect()
    }

    /// The messages that are cited and those around them, as far as they count.
    fn near(&self, counts: impl Fn(&Utterance) -> bool) -> impl Iterator<Item = &'a Utterance> {
        let is_cited = |said: &Utterance| self.cited.iter().any(|cited| cited.utterance.message == said.message);
        let places: Vec<usize> = self
            .ground
            .utterances
            .iter()
            .enumerate()
            .filter(|(_, said)| is_cited(said))
            .map(|(place, _)| place)
            .collect();
        let near = self.ground.utterances.iter().enumerate();
        near.filter(move |(place, said)| places.iter().any(|cited| cited.abs_diff(*place) <= AROUND) && counts(said))
            .map(|(_, said)| said)
    }

    /// A name, a number, a date or a link of the statement that nobody said.
    pub(super) fn unsaid(&self) -> Option<Hold> {
        let people = |said: &Utterance| said.is_by_person();
        let near: Vec<String> = self.near(people).flat_map(|said| words::all(&said.text)).collect();
        let names = self.names();
        let unsaid = things(&self.statement.text).into_iter().find(|thing| {
            let parts = words::all(&thing.text);
            let said = |word: &String| match thing.kind {
                LostKind::Name => words::has(&near, word) || words::has(&names, word),
                LostKind::Number | LostKind::Link => {
                    near.contains(word) || self.of.is_some_and(|fact| words::all(&fact.statement).contains(word))
                }
                LostKind::Date => near.contains(word) || words::has(&near, word) || self.is_reckoned(word),
            };
            !(parts.iter().all(said)
                || self.is_number_in_other_form(&thing.text)
                || (is_year(&thing.text) && self.is_reckoned(&thing.text)))
        });
        let subject = || {
            let subject = self.statement.subject.as_deref()?;
            let unsaid = words::all(subject)
                .into_iter()
                .filter(|word| word.chars().count() > 1)
                .any(|word| !words::is_nameless(&word) && !words::has(&near, &word) && !words::has(&names, &word));
            unsaid.then(|| subject.to_owned())
        };
        unsaid.map(|thing| thing.text).or_else(subject).map(|thing| Hold::NotThere { thing })
    }

    /// Whoever speaks, is passed on, is spoken of in the batch, or is known.
    fn names(&self) -> Vec<String> {
        let said = self.ground.utterances.iter().filter(|said| said.is_by_person()).flat_map(|said| {
            let from = match &said.borrowed {
                Some(Borrowed::Forward(from)) => from.as_str(),
                _ => "",
            };
            [said.text.as_str(), said.author.as_deref().unwrap_or_default(), from]
        });
        let known = self.ground.facts.iter().filter(|fact| self.ground.shown.contains(&fact.id));
        let known = known.flat_map(|fact| [fact.statement.as_str(), fact.subject.as_deref().unwrap_or_default()]);
        said.chain(known).flat_map(words::all).collect()
    }

    /// `1,200` and `1200 €`, or `three` and `3`.
    fn is_number_in_other_form(&self, thing: &str) -> bool {
        let figures = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let wanted = figures(thing);
        let people = self.near(Utterance::is_by_person);
        !wanted.is_empty() && people.flat_map(|said| said.text.split_whitespace()).any(|word| figures(word) == wanted)
    }

    /// Whether a part of a date may follow from when something was said: “next month”, said in May, is in June.
    fn is_reckoned(&self, part: &str) -> bool {
        self.speaks_of_time()
            && match part.parse::<u32>() {
                Ok(1..=31) => true,
                Ok(year) if is_year(part) => self.is_year_near(year),
                Ok(_) => false,
                Err(_) => is_month(part),
            }
    }

    /// Whether a year is that of what is cited, the one before or after, or as many years away as a number there says.
    fn is_year_near(&self, year: u32) -> bool {
        let told = self.cited.iter().flat_map(|cited| &cited.words).filter_map(|word| word.parse::<u32>().ok());
        let away = told.filter(|number| *number < 150);
        self.said_within(year, 700)
            || away.flat_map(|away| [year + away, year.saturating_sub(away)]).any(|year| self.said_within(year, 400))
    }

    fn said_within(&self, year: u32, days: i64) -> bool {
        let Some(date) = (self.ground.moment)(&format!("{year}-07-01")) else { return false };
        self.cited.iter().any(|cited| date.millis_since(cited.utterance.at).abs() <= days * DAY)
    }

    /// Whether what is cited has a date, a number or a word that tells when.
    fn speaks_of_time(&self) -> bool {
        self.cited.iter().any(|cited| cited.words.iter().any(|word| times::tells(word)))
    }

    /// Whether the quotes were said as a question, with a negation, or as a wish, and the statement says otherwise.
    pub(super) fn meant_otherwise(&self) -> Option<Hold> {
        let closest = self.closest();
        if closest.is_empty() {
            return None;
        }
        if closest.iter().all(|clause| clause.asks) {
            return Some(Hold::Question);
        }
        let denies = clauses::denies(&self.statement.text);
        let given_up = self.statement.goal_state == Some(GoalState::Dropped);
        let differs = |clause: &&Clause<'_>| clause.denies() != denies;
        // A statement with a negation may rest on several clauses, of which one has it.
        let differs =
            if denies { closest.iter().copied().all(|clause| differs(&clause)) } else { closest.iter().any(differs) };
        if differs && !given_up {
            return Some(Hold::Negation);
        }
        let is_goal = matches!(self.statement.kind, FactKind::Goal | FactKind::Task)
            && self.statement.goal_state != Some(GoalState::Done);
        let wishes = is_goal || clauses::wishes(&self.statement.text);
        (!wishes && closest.iter().all(|clause| clause.wishes())).then_some(Hold::Wish)
    }

    /// The quoted clauses that have most of the statement's words.
    pub(super) fn closest(&self) -> Vec<&Clause<'a>> {
        let clauses = || self.cited.iter().flat_map(|cited| &cited.clauses);
        let most = clauses().map(|clause| clauses::shared(clause, &self.told)).max().unwrap_or(0);
        clauses().filter(|clause| clauses::shared(clause, &self.told) == most).collect()
    }

    /// `I`, said by somebody else than whom the statement is about, who is not in their words.
    pub(super) fn of_somebody_else(&self) -> Option<Hold> {
        let subject = self.statement.subject.as_deref()?;
        let about = words::all(subject);
        let elsewhere = |cited: &Cited<'_>| {
            cited.utterance.author.as_deref().is_some_and(|author| !rules::is_same_person(author, subject))
                && !about.iter().any(|word| words::is_nameless(word) || words::has(&cited.words, word))
                && cited.clauses.iter().all(|clause| clauses::is_of_oneself(clause.text))
                && !cited.clauses.is_empty()
        };
        (!self.cited.is_empty() && self.cited.iter().all(elsewhere)).then_some(Hold::AboutAnother)
    }

    /// Whether statement and quotes are written with the same letters, so that words can be compared at all.
    pub(super) fn is_in_one_script(&self) -> bool {
        let cyrillic = |text: &str| text.chars().any(|c| matches!(c, 'Ѐ'..='ӿ'));
        let latin = |text: &str| text.chars().any(|c| c.is_ascii_alphabetic());
        let said = self.cited.iter().map(|cited| cited.text).collect::<String>();
        (cyrillic(&said) && cyrillic(&self.statement.text)) || (latin(&said) && latin(&self.statement.text))
    }
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}
