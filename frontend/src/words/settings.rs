//! Settings: what each is called, and what it does.

// The page of all chats.
pub(crate) const FOR_ALL_CHATS: &str = "for all chats; a chat may have its own";

// The table.
pub(crate) const SHARES_OF_THE_BUDGET: &str = "Shares of the budget";
pub(crate) const HOW_THE_BUDGET_IS_SHARED: &str = "How the budget is shared";
pub(crate) const WHAT_IS_LEFT: &str = "What a section leaves goes to recent messages and to recall.";
pub(crate) const SETTING: &str = "Setting";
pub(crate) const VALUE: &str = "Value";
pub(crate) const FROM: &str = "From";
pub(crate) const WHICH_COUNTS: &str = "Nearest first: this chat, the dashboard, the environment, the file, what is \
     built in. Keys, paths and addresses come from the environment or the file only.";
pub(crate) const FACTS_AND_SUMMARIES: &str = "Facts and summaries";
pub(crate) const NOT_SHARED_OUT: &str = "Not shared out";
pub(crate) const WHAT_SIGNING_OUT_DOES: &str = "Lost a device, or changed the password? This ends every session of the \
     dashboard, this one too, and every unused sign-in link.";
pub(crate) const SIGN_OUT_EVERYWHERE: &str = "Sign out everywhere";
pub(crate) const TEST: &str = "Test";
pub(crate) const USE_THAT_OF_ALL_CHATS: &str = "Use that of all chats";
pub(crate) const TAKE_BACK: &str = "Take back";
pub(crate) const THE_DASHBOARD: &str = "the dashboard";
pub(crate) const THE_ENVIRONMENT: &str = "the environment";
pub(crate) const THE_FILE: &str = "the file";
pub(crate) const BUILT_IN: &str = "built in";
pub(crate) const THIS_CHAT: &str = "this chat";

/// What is known about a setting: its name on the wire, its label, and what it does.
const KNOWN: [(&str, &str, &str); 25] = [
    (
        "session_duration",
        "Session duration",
        "How long a message stays word for word: short (3 h), medium (6 h), long (12 h), or 15 to 10,080 minutes.",
    ),
    ("max_context_tokens", "Token budget", "The most a request may hold, with the room kept for the answer."),
    ("reserve_tokens", "Kept for the answer", "Tokens of the budget that no request takes."),
    ("system_prompt", "System prompt", "Stands first in every context."),
    ("chat_model", "Chat model", "Writes the replies."),
    ("memory_model", "Memory model", "Sums up conversations that ended, and finds facts in them."),
    ("reasoning_effort", "Reasoning effort", "For models that reason: how long they may before they answer."),
    ("time_zone", "Time zone", "For days and clocks, as in Europe/Paris."),
    ("mid_term_messages", "Mid term holds", "How many messages that left short term are kept near."),
    (
        "keep_days",
        "Expiry keeps",
        "Days. What is older is summed up, then archived: when you ask for it, or by itself.",
    ),
    ("expiry_schedule", "Expiry by itself", "daily: once a day. off: only when you ask for it."),
    (
        "search_memory",
        "Search by the model",
        "on: while it answers, the chat model may look for more of what was said, three times at most. off: it sees what recall brings.",
    ),
    (
        "pictures",
        "Pictures for the model",
        "auto: photos are shown to the chat model unless it is known, or found, to take none. on: always. off: never.",
    ),
    (
        "group_answers",
        "Answers in groups",
        "always: whatever the bot hears, which is little more with Telegram’s privacy mode on.",
    ),
    (
        "daily_usd",
        "Dollars a day, all chats",
        "At 80 % you are told, and work in the background pauses until midnight; at the end answers stop, too. 0 for any amount.",
    ),
    ("daily_tokens", "Tokens a day, all chats", "The same in tokens, read and written. 0 for any number."),
    ("chat_daily_usd", "Dollars a day, each chat", "The same for a chat by itself."),
    ("chat_daily_tokens", "Tokens a day, each chat", "The same for a chat by itself, in tokens."),
    (
        "analysis_schedule",
        "Analysis by itself",
        "daily: at 03:00 it reads what was said since and proposes a better list of facts, paid for like any work of the memory model. off: only when you ask for it.",
    ),
    (
        "analysis_growth",
        "Analysis after new messages",
        "So many of them, from 20; 0 for never. The first analysis reads all there is.",
    ),
    (
        "analysis_apply",
        "Proposals of an analysis",
        "hold: they wait for you. apply: they are carried out at once; one step takes them back.",
    ),
    (
        "digest",
        "Digests",
        "daily: of each day, made at 08:00 of the next. weekly: of each week, on Monday. Each is one question to the memory model. off: none.",
    ),
    ("digest_send", "Digests in the chat", "on: each is sent into the chat."),
    (
        "digest_context",
        "Digests in the context",
        "on: the newest of the day and of the week stand before the summaries.",
    ),
    ("reminders", "Reminders", "on: the chat gets a word on the day a goal is due; no model is asked."),
];

/// The label of a setting, and what it does.
pub(crate) fn known(key: &str) -> Option<(&'static str, &'static str)> {
    KNOWN.iter().find(|(name, ..)| *name == key).map(|(_, label, help)| (*label, *help))
}

/// A value to choose. Most stand as they are written in the environment and in the chat, so that one knows what to write
/// there.
pub(crate) fn choice(key: &str, value: &'static str) -> &'static str {
    match (key, value) {
        ("group_answers", "mentions") => "when named or replied to",
        ("reasoning_effort", "") => "left to the model",
        _ => value,
    }
}

/// After where a value is from: since when.
pub(crate) fn set_at(day: &str) -> String {
    format!(", {day}")
}

/// After *Test*: which model.
pub(crate) fn the_model(label: &str) -> String {
    format!(" the {}", label.to_lowercase())
}

/// After *Save*: which setting.
pub(crate) fn of_setting(label: &str) -> String {
    format!(": {}", label.to_lowercase())
}
