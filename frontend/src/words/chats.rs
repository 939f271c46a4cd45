//! The list of chats, and what waits for the owner.

use crate::words;

pub(crate) const LAST_MESSAGE: &str = "Last message";
pub(crate) const CONTEXT_FILL: &str = "Context fill";
pub(crate) const TOKENS_THIS_MONTH: &str = "Tokens this month";
pub(crate) const COST_THIS_MONTH: &str = "Cost this month";
pub(crate) const NOTHING_TO_REMEMBER_YET: &str = "Nothing to remember yet";
pub(crate) const START_A_CONSOLE_CHAT: &str = "Start a console chat";
pub(crate) const SEARCH_ALL_CHATS: &str = "Search all chats";
pub(crate) const SEARCH_TITLES_AND_MESSAGES: &str = "Search titles and messages";
pub(crate) const SORT_BY: &str = "Sort by";
pub(crate) const SHOW: &str = "Show";
pub(crate) const SHOW_ALL_CHATS: &str = "Show all chats";
pub(crate) const CHAT_LAST_MESSAGE: &str = "Chat, last message";
pub(crate) const WHEN: &str = "When";
pub(crate) const NEXT_CONTEXT: &str = "Next context";
pub(crate) const MEMORY: &str = "Memory";
pub(crate) const TITLE_OF_NEW: &str = "Title of a new console chat";
pub(crate) const TITLE: &str = "Title";
pub(crate) const NEW_CONSOLE_CHAT: &str = "New console chat";
pub(crate) const TOGETHER: &str = "All chats";
pub(crate) const A_SUMMARY_FAILED: &str = "A summary failed";
pub(crate) const WRITE_OR_START: &str = "Write to your bot in Telegram, or start a chat here.";
pub(crate) const START_OR_SET: &str = "Start a chat here, or set TELEGRAM_BOT_TOKEN and restart to talk in Telegram.";
pub(crate) const WHAT_APPEARS: &str = "What is said appears in this list with what the model saw for each reply.";
/// In two lines, as the head of a narrow column.
pub(crate) const OPEN_GOALS: [&str; 2] = ["Open", "goals"];
/// Above the month.
pub(crate) const TOKENS_IN: &str = "Tokens,";
pub(crate) const COST_IN: &str = "Cost,";
pub(crate) const SUMMARY_FAILED: &str = "summary failed";
pub(crate) const IDLE: &str = "idle";

/// How much is kept, and since when.
pub(crate) fn kept(chats: usize, messages: u64, since: Option<&str>) -> String {
    let since = since.map(|since| format!(" since {since}")).unwrap_or_default();
    format!("{}, {} kept{since}", words::chats(chats), words::messages(messages))
}

pub(crate) fn prices_of(day: &str) -> String {
    format!("Prices as of {day}")
}

pub(crate) fn in_none(asked: &str, chats: u64) -> String {
    format!("“{asked}” stands in no title and in no message of {}.", words::chats(chats))
}

pub(crate) fn fill(sent: u32, available: u32) -> String {
    format!("{} of {}", words::count(sent), words::count(available))
}

/// The unit of a number of facts.
pub(crate) fn facts(number: u64) -> &'static str {
    if number == 1 { "fact" } else { "facts" }
}

/// The unit of a number of open goals.
pub(crate) fn goals(number: u64) -> &'static str {
    if number == 1 { "goal" } else { "goals" }
}

pub(crate) fn summing_up(done: u32, total: u32) -> String {
    format!("summing up {} of {}", words::count(done), words::count(total))
}

pub(crate) fn facts_to_decide(number: u64) -> String {
    format!("{} to decide", words::facts(number))
}

pub(crate) const AN_ANALYSIS: &str = "An analysis";

/// What it does there.
pub(crate) fn waits_in(title: &str) -> String {
    format!(" of {title} proposes changes of facts")
}

pub(crate) fn imported_to_sum_up(messages: u32) -> String {
    format!("{} imported, not summed up yet", words::messages(messages))
}

/// Where the thing named before it is.
pub(crate) fn in_chat(title: &str) -> String {
    format!(" in {title}")
}

/// Where a summary failed, why, and when it is tried again.
pub(crate) fn why_failed(title: &str, error: &str, again: Option<&str>) -> String {
    let again = again.map(|time| format!(" It is tried again at {time}.")).unwrap_or_default();
    format!(" in {title}: {error}.{again} Nothing is lost.")
}

pub(crate) fn waiting(number: usize) -> String {
    format!("{}; nothing else needs a decision", words::plural(number, "thing", "things"))
}
