//! What went.

use serde::{Deserialize, Serialize};

use crate::FactId;

/// What a forgetting took away, in numbers: the report holds no word of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ForgetReport {
    /// Messages that were to be forgotten; of a fact, the commands that told it.
    pub messages: u64,
    /// Their texts: one for each message, and one more for each edit.
    pub revisions: u64,
    /// Messages of the bot that repeated their distinctive words.
    pub replies: u64,
    /// Entries of the search index.
    pub index_entries: u64,
    /// Facts that were to be forgotten or rested on them alone, with all their versions.
    pub facts: u64,
    /// Facts that lost a piece of evidence or a version, and rest on others.
    pub facts_kept: u64,
    /// Versions that went from facts that stay.
    pub fact_versions: u64,
    /// Pieces of evidence.
    pub evidence: u64,
    /// Summaries of episodes, every version.
    pub summaries: u64,
    /// Summaries of some days.
    pub period_summaries: u64,
    /// Whether summaries are made again, without what was forgotten.
    pub remaking: bool,
    /// Proposals, open or decided.
    pub proposals: u64,
    /// Records of what the memory model asked for.
    pub operations: u64,
    /// Items of manifests that read `forgotten` from now on.
    pub manifest_items: u64,
    /// Facts in a person's own words that repeat the distinctive words: they stay, as a person's word does.
    pub kept_by_hand: Vec<FactId>,
    /// Whether the bytes are gone from the database's file and its log. If not yet, that is taken up again by itself.
    pub erased: bool,
}
