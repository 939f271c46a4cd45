//! Facts as pages show them and as their form gives them.

use std::str::FromStr;

use souvenir_frontend::api::{ApiError, FactDetail, FactForm, FactVersionView, FactView, FactsView};
use souvenir_memory::{
    ChatId, Fact, FactId, FactKind, FactStatus, Timestamp,
    manifest::{ItemKind, Section},
};

use super::{calendar::Calendar, errors::told, port::WebDashboard};
use crate::engine::{
    facts::{FactDraft, FactItem, FactPatch, FactQuery},
    inspect::WhatIf,
};

pub(super) fn fact(item: &FactItem, calendar: &Calendar) -> FactView {
    let fact = &item.fact;
    let quotes = item.evidence.iter().map(|piece| piece.quote.clone()).collect();
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
        due: date(fact.due_at, calendar),
        valid_from: date(fact.valid_at, calendar),
        valid_until: date(fact.invalid_at, calendar),
        since: calendar.moment(fact.created_at),
        last_used: item.last_used_at.map(|at| calendar.moment(at)),
        last_used_turn: item.last_used_turn.map(|turn| turn.0),
        uses: item.uses,
        tokens: item.tokens.0,
        used_tokens: item.used_tokens,
        cost_usd: None,
        quotes,
    }
}

/// A date as a date field has it; empty for none.
fn date(at: Option<Timestamp>, calendar: &Calendar) -> String {
    at.map(|at| calendar.date(at)).unwrap_or_default()
}

/// What a version says beside its statement, so that versions can be compared.
fn details(fact: &Fact, calendar: &Calendar) -> Vec<String> {
    let dated = |words: &str, at: Option<Timestamp>| at.map(|at| format!("{words} {}", calendar.date(at)));
    // A version that was superseded got its end by that: it is not its own.
    let ended = fact.invalid_at.filter(|end| Some(*end) != fact.expired_at);
    let parts = [
        Some(fact.kind.as_str().to_owned()),
        fact.subject.as_ref().map(|subject| format!("about {subject}")),
        fact.goal_state.map(|state| format!("goal {state}")),
        dated("due", fact.due_at),
        dated("true since", fact.valid_at),
        dated("no longer true since", ended),
        (fact.status != FactStatus::Active).then(|| fact.status.as_str().to_owned()),
    ];
    parts.into_iter().flatten().collect()
}

fn version(fact: &Fact, calendar: &Calendar) -> FactVersionView {
    FactVersionView {
        version: fact.version,
        statement: fact.statement.clone(),
        source: fact.source,
        status: fact.status,
        details: details(fact, calendar),
        since: calendar.moment(fact.recorded_at),
        until: fact.expired_at.map(|at| calendar.moment(at)),
    }
}

/// A form as a new fact.
pub(super) fn draft(form: FactForm, calendar: &Calendar) -> Result<FactDraft, ApiError> {
    Ok(FactDraft {
        kind: named("kind", &form.kind)?,
        goal_state: named("goal_state", &form.goal_state)?,
        due_at: day("due", &form.due, calendar)?,
        valid_at: day("valid_from", &form.valid_from, calendar)?,
        pinned: form.is_pinned(),
        subject: Some(form.subject).filter(|subject| !subject.trim().is_empty()),
        statement: form.statement,
    })
}

/// A form as a change: it holds every field, so every field is set.
pub(super) fn patch(form: FactForm, calendar: &Calendar) -> Result<FactPatch, ApiError> {
    let invalid_at = day("valid_until", &form.valid_until, calendar)?;
    let draft = draft(form, calendar)?;
    Ok(FactPatch {
        statement: Some(draft.statement),
        kind: Some(draft.kind.unwrap_or(FactKind::Other)),
        subject: Some(draft.subject),
        pinned: Some(draft.pinned),
        goal_state: draft.goal_state,
        due_at: Some(draft.due_at),
        valid_at: Some(draft.valid_at),
        invalid_at: Some(invalid_at),
        ..FactPatch::default()
    })
}

/// A name of a closed set; none for an empty text.
pub(super) fn named<T: FromStr<Err: std::fmt::Display>>(field: &str, text: &str) -> Result<Option<T>, ApiError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|error| ApiError::invalid(field, format!("{field}: {error}")))
}

fn day(field: &str, text: &str, calendar: &Calendar) -> Result<Option<Timestamp>, ApiError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let midnight = calendar.midnight(text);
    midnight.map(Some).ok_or_else(|| no_date(field, text))
}

pub(super) fn no_date(field: &str, text: &str) -> ApiError {
    ApiError::invalid(field, format!("“{text}” is not a date: write 2026-12-12."))
}

impl WebDashboard {
    /// The facts of a chat now, or as they were known at the end of a day.
    pub(super) async fn facts_view(&self, chat: ChatId, as_of: &str) -> Result<FactsView, ApiError> {
        let calendar = self.calendar_of(Some(chat)).await?;
        let then = match as_of.trim() {
            "" => None,
            day => Some(calendar.end_of_day(day).ok_or_else(|| no_date("as_of", day))?),
        };
        let items = self.web.engine.facts(chat, FactQuery { as_of: then, ..FactQuery::default() }).await;
        let items = items.map_err(told)?;
        let next = self.web.engine.preview(chat, WhatIf::default()).await.map_err(told)?.manifest;
        let in_use = next.segments.iter().filter(|segment| segment.section == Section::Facts);
        let cap = next.budget.sections.iter().find(|section| section.name == Section::Facts);
        let priced =
            |view: FactView| FactView { cost_usd: self.web.engine.prompt_cost_usd(&next.model, view.tokens), ..view };
        Ok(FactsView {
            facts: items.iter().map(|item| priced(fact(item, &calendar))).collect(),
            in_use: in_use.filter(|segment| segment.kind == ItemKind::Fact).count() as u64,
            used: next.used(Section::Facts).0,
            cap: cap.map_or(0, |section| section.cap.0),
            proposals: self.web.engine.proposals_waiting(chat).await.map_err(told)?,
            as_of: then.map(|at| calendar.day(at)),
            report: None,
        })
    }

    /// One fact with its evidence in place and its versions.
    pub(super) async fn fact_detail(&self, chat: ChatId, id: FactId) -> Result<FactDetail, ApiError> {
        let calendar = self.calendar_of(Some(chat)).await?;
        let item = self.web.engine.fact(chat, id).await.map_err(told)?;
        let versions = self.web.engine.fact_history(chat, id).await.map_err(told)?;
        let mut evidence = Vec::with_capacity(item.evidence.len());
        for quoted in &item.evidence {
            let piece = (quoted.version, quoted.message, quoted.quote.as_str());
            evidence.extend(self.evidence(chat, piece, &calendar).await?);
        }
        Ok(FactDetail {
            fact: fact(&item, &calendar),
            evidence,
            versions: versions.iter().map(|fact| version(fact, &calendar)).collect(),
            would_forget: None,
        })
    }
}
