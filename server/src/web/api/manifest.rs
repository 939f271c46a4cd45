//! A manifest on the wire: as stored, with times as RFC 3339 and reasons as sentences.

use serde::Serialize;
use serde_json::Value;
use souvenir_memory::{
    context::ContextMessage,
    manifest::{LeftOut, Manifest, Segment},
};
use utoipa::ToSchema;

use super::wire::Time;

/// The record of one context: every part the model saw, what was left out, and what each costs.
#[derive(Serialize, ToSchema)]
pub(super) struct ManifestView {
    /// How the window was divided.
    budget: BudgetView,
    /// Every part, in prompt order. Raw tokens; their sum is `totals.raw`.
    segments: Vec<SegmentView>,
    /// What was examined and left out.
    left_out: Vec<LeftOutView>,
    /// The sums.
    totals: TotalsView,
    /// The model asked.
    model: String,
    /// The encoding of the raw counts.
    #[schema(example = "o200k_base")]
    encoding: &'static str,
    /// The session duration in force, in minutes.
    session_minutes: u32,
    built_at: Time,
    /// The SHA-256 of the request body as sent; null for a preview.
    request_sha256: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct BudgetView {
    /// The whole window.
    max_context_tokens: u32,
    /// The answer's part, and slack for miscounting.
    reserve: u32,
    /// The answer's part alone.
    reserve_for_response: u32,
    sections: Vec<SectionView>,
}

#[derive(Serialize, ToSchema)]
struct SectionView {
    /// `system`, `facts`, `summaries`, `recent`, `recalled`, `current`.
    name: &'static str,
    /// What it may take, in raw tokens.
    cap: u32,
    /// What it takes, in raw tokens.
    used: u32,
}

#[derive(Serialize, ToSchema)]
struct SegmentView {
    section: &'static str,
    /// `prompt`, `frame`, `fact`, `summary`, `message`, `clock`, `priming`, `tool`, `call`.
    kind: Value,
    /// What it names: a message's revision, a fact's or a summary's version, a prompt's hash, or `{forgotten: true}`.
    /// Null where there is nothing to name.
    #[serde(rename = "ref")]
    #[schema(value_type = Option<Object>, required = true)]
    item: Value,
    tokens: u32,
    /// Recall only: how well it matched.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
}

#[derive(Serialize, ToSchema)]
struct LeftOutView {
    kind: Value,
    /// The one thing left out, or
    #[serde(rename = "ref", skip_serializing_if = "Value::is_null")]
    #[schema(value_type = Object, required = false)]
    item: Value,
    /// the first and last of a run of messages.
    #[serde(skip_serializing_if = "Value::is_null")]
    #[schema(value_type = Object, required = false)]
    range: Value,
    count: u32,
    tokens: u32,
    /// Why, as a clause.
    #[schema(example = "older than 6 h")]
    reason: String,
    /// Why, as one of a closed set of names.
    #[schema(value_type = String, example = "older_than_session")]
    reason_code: Value,
}

#[derive(Serialize, ToSchema)]
struct TotalsView {
    /// The sum of all segments.
    raw: u32,
    /// What raw counts are multiplied by for this model.
    scale: f64,
    /// The scaled sum, which the limit applies to.
    scaled: u32,
    /// What the provider is expected to report.
    predicted: u32,
    /// What it reported; null until it has, or when it does not.
    reported: Option<u32>,
    /// How many of those came from its cache.
    cached: Option<u32>,
}

impl From<&Manifest> for ManifestView {
    fn from(manifest: &Manifest) -> Self {
        let (budget, totals) = (&manifest.budget, &manifest.totals);
        let sections = budget.sections.iter().map(|section| SectionView {
            name: section.name.as_str(),
            cap: section.cap.0,
            used: section.used.0,
        });
        Self {
            budget: BudgetView {
                max_context_tokens: budget.max_context_tokens.0,
                reserve: budget.reserve.0,
                reserve_for_response: budget.reserve_for_response.0,
                sections: sections.collect(),
            },
            segments: manifest.segments.iter().map(SegmentView::from).collect(),
            left_out: manifest.left_out.iter().map(LeftOutView::from).collect(),
            totals: TotalsView {
                raw: totals.raw.0,
                scale: totals.scale.into(),
                scaled: totals.scaled.0,
                predicted: totals.predicted.0,
                reported: totals.reported.map(|count| count.0),
                cached: totals.cached.map(|count| count.0),
            },
            model: manifest.model.clone(),
            encoding: manifest.encoding.as_str(),
            session_minutes: manifest.session_minutes,
            built_at: manifest.built_at.into(),
            request_sha256: manifest.request_sha256.clone(),
        }
    }
}

impl From<&Segment> for SegmentView {
    fn from(segment: &Segment) -> Self {
        Self {
            section: segment.section.as_str(),
            kind: json(&segment.kind),
            item: json(&segment.item),
            tokens: segment.tokens.0,
            score: segment.score,
        }
    }
}

impl From<&LeftOut> for LeftOutView {
    fn from(item: &LeftOut) -> Self {
        Self {
            kind: json(&item.kind),
            item: json(&item.item),
            range: json(&item.range),
            count: item.count,
            tokens: item.tokens.0,
            reason: item.reason.to_string(),
            reason_code: json(&item.reason)["code"].take(),
        }
    }
}

/// One message of the request, as the model gets it.
#[derive(Serialize, ToSchema)]
pub(super) struct RequestMessageView {
    /// `system`, `user`, `assistant`.
    #[schema(value_type = String)]
    role: Value,
    content: String,
    /// Raw tokens, message overhead included.
    tokens: u32,
}

impl From<&ContextMessage> for RequestMessageView {
    fn from(message: &ContextMessage) -> Self {
        Self { role: json(&message.role), content: message.content.clone(), tokens: message.tokens.0 }
    }
}

/// The JSON of a plain value; these do not fail.
pub(super) fn json<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}
