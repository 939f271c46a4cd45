//! Search: messages found by words and by meaning.

use serde::{Deserialize, Serialize};

use super::Moment;

/// A stretch of a message, marked where it is what was searched for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StretchView {
    /// The words.
    pub text: String,
    /// Whether they matched.
    pub marked: bool,
}

/// A message that was found, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HitView {
    /// The message.
    pub id: i64,
    /// `You`, `Souvenir`, or a name.
    pub who: String,
    /// Whether a person said it.
    pub person: bool,
    /// When.
    pub at: Moment,
    /// The piece of the text in which the matches stand.
    pub piece: Vec<StretchView>,
    /// The language of the text as an IETF tag, where it is plain to see.
    pub lang: Option<String>,
    /// Whether it was put away.
    pub archived: bool,
    /// How well it matches: 1 for the best of one search.
    pub score: f64,
    /// What it has of what was asked: words as they stand in it, the speaker's name, the day.
    pub words: Vec<String>,
    /// Its place among those found by words, from 1.
    pub word_rank: Option<u32>,
    /// Its place among those found by meaning, from 1.
    pub meaning_rank: Option<u32>,
    /// A better match right beside it, which spoke for it.
    pub beside: Option<i64>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SearchView {
    /// Best first.
    pub hits: Vec<HitView>,
    /// Whether there is an endpoint that finds by meaning.
    pub by_meaning: bool,
}
