//! The last check before a request goes out: counts it once more.

use super::ContextMessage;
use crate::{
    TokenCount, TokenCounter,
    tokens::{ANSWER_PRIMING, MESSAGE_OVERHEAD},
};

/// The raw tokens of a request: every content, the overhead of each message, and the priming of the answer.
#[must_use]
pub fn request_tokens(messages: &[ContextMessage], counter: &dyn TokenCounter) -> TokenCount {
    messages.iter().map(|message| counter.count(&message.content) + MESSAGE_OVERHEAD).sum::<TokenCount>()
        + ANSWER_PRIMING
}
