//! What a text looks for: its words, reduced to stems; who it names; which day it speaks of.
//!
//! Speakers and days are terms like any other, told from words by their first character, which no word has. So a message is
//! found by the name of who said it, or by its month, in the same index and with the same weight for what is rare.

use std::collections::BTreeSet;

use souvenir_memory::{Message, Role, Timestamp};

use super::dates;
use crate::{clock::TimeZone, words};

/// At most so many words of one message are indexed.
const MOST_INDEXED: usize = 400;
/// At most so many words of a text are searched for: the rest of a long one adds more noise than sense.
const MOST_WORDS: usize = 24;
/// Texts up to so many bytes are read where they are: less work than handing them to another thread.
const INLINE_BYTES: usize = 4096;
/// A text with fewer words than this may refer to what was said just before.
const FEW_WORDS: usize = 3;
/// What the words of the message before count for in such a text, a person's and the bot's.
const REFERRED: [f32; 2] = [0.5, 0.25];

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct Query {
    /// Terms of the index, each with its weight.
    pub(in crate::engine) terms: Vec<(String, f32)>,
    /// What to look for by meaning.
    pub(in crate::engine) text: String,
}

impl Query {
    /// What a text looks for.
    pub(in crate::engine) async fn of_text(text: &str, now: Timestamp, zone: &TimeZone) -> Self {
        let mut query = Self { text: text.to_owned(), ..Self::default() };
        for word in first_words(text, MOST_WORDS).await {
            query.add(speaker_term(&word), 1.0);
            query.add(word, 1.0);
        }
        for term in dates::of_query(text, now, zone) {
            query.add(term, 1.0);
        }
        query
    }

    /// What the reply to `current` needs; `recent` is what was said just before, oldest first.
    pub(in crate::engine) async fn of_turn(
        current: &[Message],
        recent: &[Message],
        now: Timestamp,
        zone: &TimeZone,
    ) -> Self {
        let asked = current.iter().map(|message| message.text.as_str()).collect::<Vec<_>>().join("\n");
        let mut query = Self::of_text(&asked, now, zone).await;
        let own = query.words().count();
        if own >= FEW_WORDS || asked.trim().is_empty() {
            return query;
        }
        for (role, weight) in [Role::User, Role::Assistant].into_iter().zip(REFERRED) {
            let before = recent.iter().rev().find(|message| message.role == role && message.is_context());
            let Some(before) = before else { continue };
            for word in first_words(&before.text, MOST_WORDS / 2).await {
                query.add(word, weight);
            }
            if role == Role::User {
                query.text = format!("{}\n{asked}", before.text);
            }
        }
        query
    }

    /// The words that are looked for, without speakers and days.
    pub(in crate::engine) fn words(&self) -> impl Iterator<Item = &str> {
        self.terms.iter().map(|(term, _)| term.as_str()).filter(|term| !term.starts_with(MARK))
    }

    /// The one of `speakers` whom the text names; none when it names several.
    pub(in crate::engine) fn named<'a>(&self, speakers: impl Iterator<Item = &'a str>) -> Option<&'a str> {
        let speakers: BTreeSet<&str> = speakers.collect();
        let is_named = |speaker: &&str| words::terms(speaker).any(|word| self.words().any(|own| own == word));
        let mut named = speakers.into_iter().filter(is_named);
        named.next().filter(|_| named.next().is_none())
    }

    /// Whether there is nothing to look for.
    pub(in crate::engine) fn is_empty(&self) -> bool {
        self.terms.is_empty() && self.text.trim().is_empty()
    }

    fn add(&mut self, term: String, weight: f32) {
        if self.terms.iter().all(|(known, _)| *known != term) {
            self.terms.push((term, weight));
        }
    }
}

/// What tells speakers and days from words.
const MARK: char = '@';

/// The terms that a message is found by.
pub(in crate::engine) async fn index_terms(
    text: &str,
    author: Option<&str>,
    at: Timestamp,
    zone: &TimeZone,
) -> Vec<String> {
    let mut terms = first_words(text, MOST_INDEXED).await;
    terms.extend(words::terms(author.unwrap_or_default()).map(|word| speaker_term(&word)));
    terms.extend(dates::of_message(at, zone));
    terms
}

fn speaker_term(word: &str) -> String {
    format!("{MARK}{word}")
}

/// Looks for stems without holding up other tasks: in a long text on a thread of its own.
async fn first_words(text: &str, most: usize) -> Vec<String> {
    let find = move |text: &str| words::terms(text).take(most).collect();
    if text.len() <= INLINE_BYTES {
        return find(text);
    }
    let owned = text.to_owned();
    let found = tokio::task::spawn_blocking(move || find(&owned)).await;
    // The task fails only while the runtime shuts down; then nobody minds the wait.
    found.unwrap_or_else(|_| find(text))
}

#[cfg(test)]
mod tests {
    use souvenir_memory::{MessageId, MessageKind, RevisionId, TokenCount};

    use super::*;

    const NOW: Timestamp = Timestamp(1_795_353_480_000);

    fn said(role: Role, text: &str) -> Message {
        Message {
            id: MessageId(1),
            revision: RevisionId(1),
            turn: None,
            role,
            author: None,
            kind: MessageKind::Text,
            text: text.to_owned(),
            tokens: TokenCount(1),
            at: NOW,
            archived_at: None,
        }
    }

    async fn terms_of_turn(asked: &str, recent: &[Message]) -> Vec<(String, f32)> {
        Query::of_turn(&[said(Role::User, asked)], recent, NOW, &TimeZone::UTC).await.terms
    }

    #[tokio::test]
    async fn the_one_speaker_who_is_named_is_known() {
        let speakers = ["Вера", "Zoé Martin", "Ann", "Вера"];
        for (asked, named) in [
            ("Что говорила Вера?", Some("Вера")),
            ("zoe's bicycles", Some("Zoé Martin")),
            ("Did Ann talk to Zoe?", None),
            ("What about the bicycles?", None),
        ] {
            let query = Query::of_text(asked, NOW, &TimeZone::UTC).await;
            assert_eq!(query.named(speakers.into_iter()), named, "{asked}");
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn megabytes_are_searched_for_words_while_other_tasks_go_on() {
        let text = "oak table ".repeat(300_000);
        let mut found = std::pin::pin!(first_words(&text, 24));
        // The only async thread of this runtime is free again before the first poll has an answer.
        assert!(futures::poll!(&mut found).is_pending());
        assert_eq!(found.await, first_words("oak table", 24).await);
    }

    #[tokio::test]
    async fn a_message_is_found_by_its_words_its_speaker_and_its_day() {
        let terms = index_terms("Two oak boards", Some("Zoé Martin"), NOW, &TimeZone::UTC).await;
        for wanted in ["oak", "board", "@zoe", "@martin", "@2026", "@2026-11", "@11-22"] {
            assert!(terms.iter().any(|term| term == wanted), "{wanted} in {terms:?}");
        }
        let asked = Query::of_text("What did Zoé say about boards in November?", NOW, &TimeZone::UTC).await;
        for wanted in ["@zoe", "board", "@11"] {
            assert!(asked.terms.iter().any(|(term, _)| term == wanted), "{wanted} in {:?}", asked.terms);
        }
    }

    #[tokio::test]
    async fn a_short_question_also_looks_for_what_it_refers_to() {
        let before =
            [said(Role::User, "Which paint did I buy for the fence?"), said(Role::Assistant, "The green one.")];
        let terms = terms_of_turn("And when?", &before).await;
        let weight = |wanted: &str| terms.iter().find(|(term, _)| term == wanted).map(|(_, weight)| *weight);
        assert_eq!((weight("fenc"), weight("green")), (Some(0.5), Some(0.25)));
        let terms = terms_of_turn("Which dentist treated my left wisdom tooth?", &before).await;
        assert!(terms.iter().all(|(term, _)| term != "fenc"), "a question with words of its own stands alone");
    }
}
