//! Forgetting: what would go, the question, and the report.

use crate::words;

pub(crate) const TYPE_THE_WORD: &str = "Nothing was forgotten: type the word forget to confirm.";

// The questions and what goes.
pub(crate) const KEEP_THEM: &str = "Keep them";
pub(crate) const WHAT_FORGETTING_A_FACT_DOES: &str = "It cannot be undone. Every version goes, with its quotes and what \
     repeats it. What people said stays: that is forgotten message by message. The fact is not learnt again.";
pub(crate) const WHAT_FORGETTING_DOES: &str = "It cannot be undone. Archiving hides a message and can be taken back. \
     What Telegram, the model’s provider and your backups hold is not in Souvenir’s hands.";
pub(crate) const SUMMARIES_REMADE: &str = "Summaries, made again without it";
pub(crate) const VERSIONS_OF_THEIR_TEXTS: &str = "Versions of their texts";
pub(crate) const REPLIES_THAT_REPEAT: &str = "Replies that repeat their words";
pub(crate) const FACTS_ON_NOTHING_ELSE: &str = "Facts that rest on nothing else";
pub(crate) const FACTS_THAT_STAY: &str = "Facts that lose a quote or a version, and stay";
pub(crate) const SUMMARIES_OF_SOME_DAYS: &str = "Summaries of some days";
pub(crate) const RECORDS_OF_MEMORY_MODEL: &str = "Records of what the memory model asked for";
pub(crate) const ENTRIES_OF_THE_SEARCH_INDEX: &str = "Entries of the search index";
pub(crate) const PLACES_IN_RECORDS: &str = "Places in records of turns, which read “forgotten”";
pub(crate) const KEPT_BY_HAND: &str = "In a person’s own words, and so kept, though the same words stand in them:";
pub(crate) const WHAT_FORGETTING_A_CHAT_DOES: &str =
    "Deletes the chat with its messages, facts, summaries, turns and settings. What would go is shown first.";
pub(crate) const FORGET_THIS_CHAT: &str = "Forget this chat";
pub(crate) const FORGET_WHOLE_CHAT_NOW: &str = "Forget the whole chat";
pub(crate) const KEEP_IT: &str = "Keep it";
pub(crate) const FORGET_THIS_WHOLE_CHAT: &str = "Forget this whole chat";
/// What has to be typed before a chat is forgotten.
pub(crate) const CONFIRMATION: &str = "forget";
/// What stands before and after the word to type.
pub(crate) const TYPE_TO_CONFIRM: [&str; 2] = ["Type ", " to confirm"];

pub(crate) fn message(id: i64) -> String {
    format!("Forget message {}", words::message(id))
}

pub(crate) fn message_goes(id: i64) -> String {
    format!("Forget message {}? This would go:", words::message(id))
}

pub(crate) fn messages(number: usize) -> String {
    format!("Forget {}", words::messages(number))
}

pub(crate) fn messages_go(number: usize) -> String {
    format!("Forget {}? This would go:", words::messages(number))
}

pub(crate) fn fact(id: i64) -> String {
    format!("Forget fact {id}")
}

pub(crate) fn fact_goes(id: i64) -> String {
    format!("Forget fact {id}? This would go:")
}

pub(crate) fn chat_goes(title: &str) -> String {
    format!("Forget “{title}”? This would go:")
}

/// What went: a number of messages or facts.
pub(crate) fn gone(what: &str) -> String {
    format!("Forgotten: {what}")
}

pub(crate) fn chat_gone(title: &str) -> String {
    format!("Forgotten: the chat “{title}”")
}

/// Where the text is no more.
pub(crate) fn bytes(erased: bool) -> &'static str {
    if erased {
        "The text is in no table and no index, and its bytes are gone from the database’s file and its log. Backups made before still hold it."
    } else {
        "The text is in no table and no index. Its bytes leave the database’s file as soon as nobody reads from it. Backups made before still hold it."
    }
}
