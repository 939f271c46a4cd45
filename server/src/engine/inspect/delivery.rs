//! Deliveries for people: what became of each reply, in plain words.

use souvenir_memory::{ChatId, DeliveryState, MessageId, PartState, TurnId};

use crate::{
    engine::{Engine, Result},
    store::{TurnRecord, Undelivered},
};

/// The way of a turn's reply, where it was to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryDetail {
    /// What became of it.
    pub state: DeliveryState,
    /// Why it did not arrive, or why that is not known.
    pub error: Option<String>,
    /// The parts it was cut into; at least one.
    pub parts: Vec<DeliveredPart>,
}

/// One part of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveredPart {
    /// What became of it.
    pub state: PartState,
    /// Telegram's id of it, once it is known to have arrived.
    pub telegram_message_id: Option<i64>,
}

impl DeliveryDetail {
    /// Whether a person may have it sent again.
    #[must_use]
    pub fn can_be_sent_again(&self) -> bool {
        matches!(self.state, DeliveryState::Unknown | DeliveryState::Failed)
    }

    /// Whether some of it would arrive twice if it has arrived.
    #[must_use]
    pub fn may_double(&self) -> bool {
        self.can_be_sent_again() && self.parts.iter().any(|part| part.state == PartState::Unknown)
    }

    /// What became of it, in plain words.
    #[must_use]
    pub fn told(&self) -> String {
        let (all, sent) = (self.parts.len(), self.parts.iter().filter(|part| part.state == PartState::Sent).count());
        let some = if sent > 0 { format!("{sent} of {all} parts have arrived. ") } else { String::new() };
        match self.state {
            DeliveryState::Composed => "Not sent yet: it is due.".to_owned(),
            DeliveryState::Sending if sent > 0 => format!("{some}The rest is on its way."),
            DeliveryState::Sending => "Being sent.".to_owned(),
            DeliveryState::Sent if all > 1 => format!("Sent in {all} parts."),
            DeliveryState::Sent => "Sent.".to_owned(),
            DeliveryState::Unknown => {
                let why = self.error.as_deref().unwrap_or("Souvenir ended while it was being sent");
                format!(
                    "{some}It may not have arrived ({why}). It is not sent again by itself, so that nothing arrives twice."
                )
            }
            DeliveryState::Failed => {
                format!("{some}It did not arrive: {}.", self.error.as_deref().unwrap_or("no reason is known"))
            }
        }
    }
}

impl Engine {
    /// The way of a turn's reply; none when it was shown, or there was nothing to send.
    pub(super) async fn delivery_of(&self, chat: ChatId, turn: &TurnRecord) -> Result<Option<DeliveryDetail>> {
        let outgoing = self.store().outgoing(chat, turn.id).await?;
        let sent_in_parts =
            outgoing.filter(|outgoing| outgoing.format.is_some() || turn.delivery != Some(DeliveryState::Sent));
        Ok(sent_in_parts.zip(turn.delivery).map(|(outgoing, state)| {
            let states = outgoing.progress.parts().iter().zip(outgoing.telegram_message_ids);
            let parts = states.map(|(state, telegram_message_id)| DeliveredPart { state: *state, telegram_message_id });
            DeliveryDetail { state, error: turn.delivery_error.clone(), parts: parts.collect() }
        }))
    }

    /// The way of a turn's reply, as [`Engine::turn`] has it.
    ///
    /// # Errors
    /// [`EngineError::NoTurn`](crate::engine::EngineError::NoTurn).
    pub async fn delivery(&self, chat: ChatId, turn: TurnId) -> Result<Option<DeliveryDetail>> {
        let record = self.turn_record(chat, turn).await?;
        self.delivery_of(chat, &record).await
    }

    /// What did not arrive in a chat, or not yet, or nobody knows: replies, and commands whose answers are meant.
    pub(super) async fn undelivered(&self, chat: ChatId) -> Result<Vec<Undelivered>> {
        let mut undelivered = self.store().undelivered(chat).await?;
        undelivered.extend(self.store().unanswered_commands(chat).await?);
        Ok(undelivered)
    }
}

/// What is known of one message's way.
pub(super) fn of_message(undelivered: &[Undelivered], message: MessageId) -> (Option<DeliveryState>, Option<String>) {
    let found = undelivered.iter().find(|undelivered| undelivered.message == message);
    (found.map(|found| found.state), found.and_then(|found| found.error.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detail(state: DeliveryState, parts: &[PartState], error: Option<&str>) -> DeliveryDetail {
        let parts = parts.iter().map(|state| DeliveredPart { state: *state, telegram_message_id: None }).collect();
        DeliveryDetail { state, error: error.map(str::to_owned), parts }
    }

    #[test]
    fn a_doubt_and_a_refusal_are_told_with_their_reasons() {
        let doubt = detail(DeliveryState::Unknown, &[PartState::Sent, PartState::Unknown], None);
        assert!(doubt.may_double() && doubt.can_be_sent_again());
        let beginning = "1 of 2 parts have arrived. It may not have arrived (Souvenir ended while it was being sent).";
        assert!(doubt.told().starts_with(beginning), "{}", doubt.told());
        let refusal = detail(DeliveryState::Failed, &[PartState::Failed], Some("the person has blocked the bot"));
        assert!(!refusal.may_double() && refusal.can_be_sent_again());
        assert_eq!(refusal.told(), "It did not arrive: the person has blocked the bot.");
        assert!(!detail(DeliveryState::Sent, &[PartState::Sent], None).can_be_sent_again());
    }
}
