//! What waits for the owner, with both sides in their places.

use souvenir_frontend::api::{ApiError, ProposalView};
use souvenir_memory::ChatId;

use super::{calendar::Calendar, errors::told, facts, port::WebDashboard};
use crate::engine::maintenance::ProposalItem;

impl WebDashboard {
    /// What waits for the owner in a chat.
    pub(super) async fn waiting(&self, chat: ChatId) -> Result<Vec<ProposalView>, ApiError> {
        let calendar = self.calendar_of(Some(chat)).await?;
        let mut views = Vec::new();
        for item in self.web.engine.proposals(chat).await.map_err(told)? {
            views.push(self.proposal(chat, item, &calendar).await?);
        }
        Ok(views)
    }

    async fn proposal(&self, chat: ChatId, item: ProposalItem, calendar: &Calendar) -> Result<ProposalView, ApiError> {
        let mut evidence = Vec::new();
        for piece in &item.evidence {
            evidence.extend(self.evidence(chat, (0, piece.message, &piece.quote), calendar).await?);
        }
        let version = item.fact.fact.version;
        let known = item.fact.evidence.iter().filter(|piece| piece.version == version);
        let mut places = Vec::new();
        for piece in known {
            places.extend(self.evidence(chat, (piece.version, piece.message, &piece.quote), calendar).await?);
        }
        Ok(ProposalView {
            id: item.id.0,
            kind: item.kind,
            reason: item.reason,
            op: item.proposal.op,
            statement: item.proposal.statement.text,
            evidence,
            fact: facts::fact(&item.fact, calendar),
            known: places,
            outdated: item.proposal.version != version,
            at: calendar.moment(item.created_at),
        })
    }
}
