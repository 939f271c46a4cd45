//! Talking in the browser.

use crate::words;

// The field, and the answer being written.
pub(crate) const CONVERSATION: &str = "Conversation";
pub(crate) const YOU: &str = "You";
pub(crate) const WRITING: &str = "Writing";
pub(crate) const MESSAGE: &str = "Message";
pub(crate) const WRITE_TO_SOUVENIR: &str = "Write to Souvenir";
pub(crate) const SEND: &str = "Send";
pub(crate) const SHIFT_ENTER: &str = "Shift ↵";
pub(crate) const BREAKS_THE_LINE: &str = "breaks the line. Messages here are remembered like any other.";

// The conversation, and the next reply.
pub(crate) const OLDER_ARE_IN_HISTORY: &str = "Older messages are in the history";
pub(crate) const SAY_SOMETHING: &str = "Say something. It will be remembered.";
pub(crate) const THE_NEXT_REPLY_SEES: &str = "The next reply sees";
pub(crate) const YOUR_MESSAGE_ON_TOP: &str =
    "Your message comes on top. What a reply saw is frozen when it is sent: open its turn to see each part.";
/// What the key named before it does.
pub(crate) const SENDS: &str = " sends, ";

/// On small screens: one line that opens.
pub(crate) fn next_reply_in_brief(tokens: u32) -> String {
    format!("The next reply sees {}", words::tokens(tokens))
}

/// How much of an answer is written.
pub(crate) fn so_far(number: usize) -> String {
    format!("{} so far", words::plural(number, "word", "words"))
}
