//! Facts as pages show them and as their form gives them.

use std::str::FromStr;

use souvenir_frontend::api::{ApiError, EvidenceView, FactDetail, FactForm, FactVersionView, FactView, NeighbourView};
use souvenir_memory::{ChatId, Fact, FactId, FactKind, MessageId};

use super::{calendar::Calendar, errors::told, port::WebDashboard, views};
use crate::engine::{
    facts::{EvidenceItem, FactDraft, FactItem, FactPatch},
    inspect::{MessageItem, MessageQuery},
};

/// The longest text of a neighbour of a quote.
const NEIGHBOUR: usize = 300;

pub(super) fn fact(item: &FactItem, calendar: &Calendar) -> FactView {
    let fact = &item.fact;
    FactView {
        id: fact.id.0,
        version: fact.version,
        statement: fact.statement.clone(),
        kind: fact.kind,
        subject: fact.subject.clone().unwrap_or_default(),
        status: fact.status,
        pinned: fact.pinned,
        source: fact.source,
        goal_state: fact.goal_state,
        due: fact.due_at.map(|at| calendar.date(at)).unwrap_or_default(),
        since: calendar.moment(fact.created_at),
        last_used: item.last_used_at.map(|at| calendar.moment(at)),
        last_used_turn: item.last_used_turn.map(|turn| turn.0),
        uses: item.uses,
        tokens: item.tokens.0,
        used_tokens: item.used_tokens,
    }
}

fn version(fact: &Fact, calendar: &Calendar) -> FactVersionView {
    FactVersionView {
        version: fact.version,
        statement: fact.statement.clone(),
        source: fact.source,
        status: fact.status,
        since: calendar.moment(fact.recorded_at),
        until: fact.expired_at.map(|at| calendar.moment(at)),
    }
}

/// A form as a new fact.
pub(super) fn draft(form: FactForm, calendar: &Calendar) -> Result<FactDraft, ApiError> {
    Ok(FactDraft {
        kind: named("kind", &form.kind)?,
        goal_state: named("goal_state", &form.goal_state)?,
        due_at: due(&form.due, calendar)?,
        pinned: form.is_pinned(),
        subject: Some(form.subject).filter(|subject| !subject.trim().is_empty()),
        statement: form.statement,
        valid_at: None,
    })
}

/// A form as a change: it holds every field, so every field is set.
pub(super) fn patch(form: FactForm, calendar: &Calendar) -> Result<FactPatch, ApiError> {
    let draft = draft(form, calendar)?;
    Ok(FactPatch {
        statement: Some(draft.statement),
        kind: Some(draft.kind.unwrap_or(FactKind::Other)),
        subject: Some(draft.subject),
        pinned: Some(draft.pinned),
        goal_state: draft.goal_state,
        due_at: Some(draft.due_at),
        ..FactPatch::default()
    })
}

fn named<T: FromStr<Err: std::fmt::Display>>(field: &str, text: &str) -> Result<Option<T>, ApiError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|error| ApiError::invalid(field, format!("{field}: {error}")))
}

fn due(text: &str, calendar: &Calendar) -> Result<Option<souvenir_memory::Timestamp>, ApiError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let midnight = calendar.midnight(text);
    midnight.map(Some).ok_or_else(|| ApiError::invalid("due", format!("“{text}” is not a date: write 2026-12-12.")))
}

impl WebDashboard {
    /// One fact with its evidence in place and its versions.
    pub(super) async fn fact_detail(&self, chat: ChatId, id: FactId) -> Result<FactDetail, ApiError> {
        let calendar = self.calendar_of(Some(chat)).await?;
        let item = self.web.engine.fact(chat, id).await.map_err(told)?;
        let versions = self.web.engine.fact_history(chat, id).await.map_err(told)?;
        let mut evidence = Vec::with_capacity(item.evidence.len());
        for quoted in &item.evidence {
            evidence.extend(self.evidence(chat, quoted, &calendar).await?);
        }
        Ok(FactDetail {
            fact: fact(&item, &calendar),
            evidence,
            versions: versions.iter().map(|fact| version(fact, &calendar)).collect(),
        })
    }

    /// A quote between the words around it; none when its message is gone.
    async fn evidence(
        &self,
        chat: ChatId,
        quoted: &EvidenceItem,
        calendar: &Calendar,
    ) -> Result<Option<EvidenceView>, ApiError> {
        let query = MessageQuery { cursor: Some(MessageId(quoted.message.0 + 1)), limit: 2, ..MessageQuery::default() };
        let mut found = self.web.engine.messages(chat, query).await.map_err(told)?.items.into_iter();
        let Some(message) = found.next().filter(|message| message.id == quoted.message) else { return Ok(None) };
        let (before, after) = around(&message.text, &quoted.quote);
        Ok(Some(EvidenceView {
            message: message.id.0,
            who: views::who(message.role, message.author.as_deref()),
            at: calendar.moment(message.at),
            before: before.to_owned(),
            quote: quoted.quote.clone(),
            after: after.to_owned(),
            previous: found.next().map(|previous| neighbour(&previous, calendar)),
            next: None,
        }))
    }
}

fn neighbour(message: &MessageItem, calendar: &Calendar) -> NeighbourView {
    NeighbourView {
        who: views::who(message.role, message.author.as_deref()),
        at: calendar.moment(message.at),
        text: views::excerpt(&message.text, NEIGHBOUR),
    }
}

/// The text before and after a quote; nothing when it is not there letter for letter.
fn around<'a>(text: &'a str, quote: &str) -> (&'a str, &'a str) {
    text.split_once(quote).unwrap_or(("", ""))
}
