//! What-if and replay: contexts beside each other, and turns with theirs.

use souvenir_frontend::api::{ApiError, TurnView, WhatIfAsk, WhatIfView};
use souvenir_memory::{ChatId, Role, SessionDuration, TurnId};

use super::{calendar::Calendar, errors::told, port::WebDashboard, views};
use crate::engine::inspect::{Preview, TurnDetail, WhatIf};

impl WebDashboard {
    /// The next context, in force and as it would be.
    pub(super) async fn tried(&self, chat: ChatId, ask: &WhatIfAsk) -> Result<WhatIfView, ApiError> {
        let calendar = self.calendar_of(Some(chat)).await?;
        let tried = what_if(ask)?;
        let in_force = WhatIf { text: tried.text.clone(), ..WhatIf::default() };
        let now = self.web.engine.preview(chat, in_force).await.map_err(told)?;
        let then = match ask.tries_settings() {
            true => Some(self.web.engine.preview(chat, tried).await.map_err(told)?),
            false => None,
        };
        Ok(compared(&now, then.as_ref(), &calendar))
    }

    /// A past turn's context, as it was and with other settings.
    pub(super) async fn replayed(&self, chat: ChatId, turn: TurnId, ask: &WhatIfAsk) -> Result<WhatIfView, ApiError> {
        let calendar = self.calendar_of(Some(chat)).await?;
        let tried = what_if(ask)?;
        let then = self.web.engine.replay(chat, turn, tried).await.map_err(told)?;
        let detail = self.web.engine.turn(chat, turn).await.map_err(told)?;
        let then = views::preview(&then, &calendar);
        let was = detail.manifest.as_ref();
        let was = was.map(|manifest| views::context(manifest, &detail.texts, &detail.left_out_texts, &calendar));
        Ok(match was {
            Some(was) => WhatIfView::new(was, ask.tries_settings().then_some(then)),
            None => WhatIfView::new(then, None),
        })
    }
}

fn what_if(ask: &WhatIfAsk) -> Result<WhatIf, ApiError> {
    let duration = ask.session_duration.trim();
    let read = |text: &str| {
        text.parse::<SessionDuration>().map_err(|error| ApiError::invalid("session_duration", error.to_string()))
    };
    Ok(WhatIf {
        session_duration: (!duration.is_empty()).then(|| read(duration)).transpose()?,
        max_context_tokens: ask.budget()?,
        text: Some(ask.text.clone()).filter(|text| !text.trim().is_empty()),
    })
}

fn compared(now: &Preview, then: Option<&Preview>, calendar: &Calendar) -> WhatIfView {
    WhatIfView::new(views::preview(now, calendar), then.map(|then| views::preview(then, calendar)))
}

/// One turn with its manifest.
pub(super) fn turn(detail: &TurnDetail, calendar: &Calendar) -> TurnView {
    let turn = &detail.item.record;
    let of = |role: Role| detail.messages.iter().filter(move |message| message.role == role);
    let context = detail.manifest.as_ref();
    TurnView {
        row: views::turn_row(&detail.item, calendar),
        questions: of(Role::User).map(|message| views::message(message, calendar)).collect(),
        answer: of(Role::Assistant).next_back().map(|message| views::message(message, calendar)),
        context: context.map(|manifest| views::context(manifest, &detail.texts, &detail.left_out_texts, calendar)),
        first_token_ms: turn.first_token_ms,
        sent_ms: turn.delivered_at.zip(turn.finished_at).map(|(sent, finished)| sent.millis_since(finished)),
        delivery: detail.delivery.as_ref().map(views::delivery),
        previous: detail.previous.map(|turn| turn.0),
        next: detail.next.map(|turn| turn.0),
    }
}
