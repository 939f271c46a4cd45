//! What a chat holds, in the numbers that `/memory` tells.

use souvenir_memory::SessionDuration;

use crate::engine::inspect::{ChatDetail, TierCount};

/// The numbers of one chat.
#[derive(Clone, Copy, Debug)]
pub(super) struct Holdings {
    pub(super) session: SessionDuration,
    pub(super) short_term: TierCount,
    pub(super) mid_term: TierCount,
    pub(super) whole: TierCount,
    pub(super) archived: TierCount,
    pub(super) facts: u64,
    pub(super) open_goals: u64,
    /// Tokens that the next context would have before anything new is said.
    pub(super) next_context: u64,
    /// Tokens it may have.
    pub(super) available: u64,
}

impl From<&ChatDetail> for Holdings {
    fn from(chat: &ChatDetail) -> Self {
        let summary = &chat.summary;
        let context = &summary.next_context;
        let budget = &context.budget;
        Self {
            session: chat.settings.session_duration.value,
            short_term: summary.tiers.short_term,
            mid_term: summary.tiers.mid_term,
            whole: summary.tiers.whole_history,
            archived: summary.tiers.archived,
            facts: summary.facts,
            open_goals: summary.open_goals,
            next_context: u64::from(context.totals.scaled.0),
            available: u64::from(budget.max_context_tokens.saturating_sub(budget.reserve).0),
        }
    }
}
