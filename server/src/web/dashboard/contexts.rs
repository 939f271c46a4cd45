//! What-if and replay: contexts beside each other, and turns with theirs.

use souvenir_frontend::api::{
    ApiError, BarView, ContextView, CostReasonView, ModelSearchView, NeighbourView, PrefixView, RequestCost, TurnView,
    WhatIfAsk, WhatIfView, alike,
};
use souvenir_memory::{ChatId, Role, SessionDuration, TurnId};

use super::{calendar::Calendar, errors::told, port::WebDashboard, views};
use crate::engine::inspect::{FoundItem, SearchItem, SearchOutcome, TurnDetail, WhatIf};

/// How much of a message is shown that the model was shown, in characters.
const SHOWN: usize = 600;

/// The sections that stand as they are from one reply to the next, but for what is added at their end: system, facts, summaries,
/// recent.
const LASTING: usize = 4;

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
        let views =
            [Some(&now), then.as_ref()].map(|preview| preview.map(|preview| views::preview(preview, &calendar)));
        let [Some(now_view), then_view] = views.map(|view| view.map(|view| self.priced(view))) else {
            return Err(ApiError::Internal);
        };
        let first_usd = then_view.as_ref().zip(then.as_ref()).and_then(|(view, then)| {
            let (known, ..) = alike(&now.manifest, &then.manifest);
            self.web.engine.request_cost_usd(&view.model, view.bar.sent(), scaled(&view.bar, known))
        });
        Ok(WhatIfView { first_usd, ..WhatIfView::new(now_view, then_view) })
    }

    /// A context with what its request costs.
    fn priced(&self, view: ContextView) -> ContextView {
        let sent = view.bar.sent();
        // What follows, recalled messages and the newest one, is new in every request.
        let lasting = scaled(&view.bar, view.bar.sections[..LASTING].iter().sum());
        let cost = |known| self.web.engine.request_cost_usd(&view.model, sent, known);
        let cost = cost(0).zip(cost(lasting)).map(|(new, usual)| RequestCost { new, usual });
        ContextView { cost, ..view }
    }

    /// A past turn's context, as it was and with other settings.
    pub(super) async fn replayed(&self, chat: ChatId, turn: TurnId, ask: &WhatIfAsk) -> Result<WhatIfView, ApiError> {
        let calendar = self.calendar_of(Some(chat)).await?;
        let tried = what_if(ask)?;
        let then = self.web.engine.replay(chat, turn, tried).await.map_err(told)?;
        let detail = self.web.engine.turn(chat, turn).await.map_err(told)?;
        let then = self.priced(views::preview(&then, &calendar));
        let was = detail.manifest.as_ref();
        let was = was.map(|manifest| views::context(manifest, &detail.texts, &detail.left_out_texts, &calendar));
        let was = was.map(|was| self.priced(was));
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

/// Raw tokens of a context as its model is expected to count them.
fn scaled(bar: &BarView, raw: u32) -> u32 {
    let all: u32 = bar.sections.iter().sum();
    let scaled = u64::from(raw) * u64::from(bar.sent()) / u64::from(all.max(1));
    u32::try_from(scaled).unwrap_or(u32::MAX)
}

/// Where the request parts from that of the turn before.
fn prefix(before: &TurnDetail, now: &TurnDetail) -> Option<PrefixView> {
    let (tokens, last, broken_by) = alike(before.manifest.as_ref()?, now.manifest.as_ref()?);
    Some(PrefixView { turn: before.item.record.id.0, tokens, last, broken_by })
}

fn model_search(search: &SearchItem, calendar: &Calendar) -> ModelSearchView {
    let shown = search.found.iter().flatten().count();
    let outcome = match search.outcome {
        SearchOutcome::Found => format!("was shown {shown}"),
        SearchOutcome::Nothing => "nothing matched".to_owned(),
        SearchOutcome::Above => "what matched stood in the context".to_owned(),
        SearchOutcome::NoRoom => "the budget had no room for what matched".to_owned(),
        SearchOutcome::Unreadable => "its call could not be read".to_owned(),
        SearchOutcome::UnknownTool => "it called a tool that there is not".to_owned(),
        SearchOutcome::TooMany => "it had searched often enough".to_owned(),
        SearchOutcome::Failed => "the search failed; the log says why".to_owned(),
    };
    let found = |found: &FoundItem| NeighbourView {
        who: views::who(found.role, found.author.as_deref()),
        at: calendar.moment(found.at),
        text: views::excerpt(&views::plain(found.role, &found.text), SHOWN),
    };
    let number = |found: &Option<FoundItem>| found.as_ref().map_or(0, |found| found.message.0);
    ModelSearchView {
        query: search.query.clone(),
        outcome,
        found: search.found.iter().map(|each| each.as_ref().map(found)).collect(),
        messages: search.found.iter().map(number).collect(),
        tokens: search.tokens.0,
    }
}

/// One turn with its manifest, beside the one before.
pub(super) fn turn(detail: &TurnDetail, before: Option<&TurnDetail>, calendar: &Calendar) -> TurnView {
    let turn = &detail.item.record;
    let of = |role: Role| detail.messages.iter().filter(move |message| message.role == role);
    let context = detail.manifest.as_ref();
    TurnView {
        row: views::turn_row(&detail.item, calendar),
        questions: of(Role::User).map(|message| views::message(message, calendar)).collect(),
        answer: of(Role::Assistant).next_back().map(|message| views::message(message, calendar)),
        context: context.map(|manifest| views::context(manifest, &detail.texts, &detail.left_out_texts, calendar)),
        searches: detail.searches.iter().map(|search| model_search(search, calendar)).collect(),
        cost_parts_usd: detail.cost_parts_usd,
        cost_reasons: detail
            .cost_reasons
            .iter()
            .map(|reason| CostReasonView { told: reason.told.clone(), extra_usd: reason.extra_usd })
            .collect(),
        prefix: before.and_then(|before| prefix(before, detail)),
        queue_ms: turn.started_at.millis_since(turn.received_at).max(0),
        context_ms: turn.context_ms,
        first_token_ms: turn.first_token_ms,
        sent_ms: turn.delivered_at.zip(turn.finished_at).map(|(sent, finished)| sent.millis_since(finished)),
        delivery: detail.delivery.as_ref().map(views::delivery),
        previous: detail.previous.map(|turn| turn.0),
        next: detail.next.map(|turn| turn.0),
    }
}
