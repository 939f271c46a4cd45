//! The last check before a request goes out: counts it once more.

use super::{Context, ContextMessage, ContextSettings};
use crate::{
    TokenCount, TokenCounter,
    manifest::Manifest,
    tokens::{ANSWER_PRIMING, MESSAGE_OVERHEAD},
};

/// The raw tokens of a request: every content, the overhead of each message, and the priming of the answer.
#[must_use]
pub fn request_tokens(messages: &[ContextMessage], counter: &dyn TokenCounter) -> TokenCount {
    messages.iter().map(|message| counter.count(&message.content) + MESSAGE_OVERHEAD).sum::<TokenCount>()
        + ANSWER_PRIMING
}

/// What is wrong with a context, in words for a developer; none when its sums agree and are within budget.
///
/// Adds up the counts the messages carry, without counting any text again: that is done once when a message is
/// stored, and by [`request_tokens`] where the price of a second count is right.
pub(super) fn flaw(context: &Context, manifest: &Manifest, settings: &ContextSettings) -> Option<String> {
    let tool = settings.tool.map_or(TokenCount::ZERO, |tool| tool.definition);
    let messages = context.messages.iter().map(|message| message.tokens).sum::<TokenCount>() + ANSWER_PRIMING + tool;
    let segments: TokenCount = manifest.segments.iter().map(|segment| segment.tokens).sum();
    let scaled = settings.scale.apply(messages);
    let limit = settings.budget.hard_limit();
    if messages != segments {
        Some(format!("messages have {messages} tokens and their segments {segments}"))
    } else if (manifest.totals.raw, manifest.totals.scaled) != (messages, scaled) {
        Some(format!("totals do not say {messages} raw and {scaled} scaled tokens"))
    } else if scaled > limit {
        Some(format!("{scaled} tokens exceed the limit of {limit}"))
    } else {
        None
    }
}
