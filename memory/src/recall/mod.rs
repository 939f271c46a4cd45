//! Recall: which old messages a reply needs, of all that were ever said in a chat.
//!
//! Two rankings are united. One goes by words: a message scores by the rare words it shares with the query, and by those of
//! the messages around it ([`words`]), since an answer seldom repeats the words of its question. The other goes by
//! meaning: vectors of an embedding model, where there is one. [`fuse`] puts them together by rank and gives each of the
//! lets neighbours profit from each other.
//!
//! Messages are named by their ordinals, their places in the chat from 1: neighbours are ordinals one apart.

mod fuse;
mod words;

pub use fuse::{Candidate, Found, Near, choose, rank, reciprocal, stands_out};
pub use words::{Postings, Scored, by_words};
