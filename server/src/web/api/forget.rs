//! Forgetting: a message, or a whole chat, with the report of what went.

use axum::{Json, extract::State};
use serde::Serialize;
use souvenir_memory::{ChatId, MessageId};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::PathOf;
use crate::{
    engine::{Forget, ForgetReport},
    web::{
        Web,
        error::{ApiResult, Problem},
    },
};

/// The routes of this module.
pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(message)).routes(routes!(chat))
}

/// What a forgetting took away, in numbers.
#[derive(Serialize, ToSchema)]
pub(super) struct ForgetReportView {
    /// Messages that were to be forgotten; of a fact, the commands that told it.
    messages: u64,
    /// Their texts: one for each message, and one more for each edit.
    revisions: u64,
    /// Messages of the bot that repeated their distinctive words.
    replies: u64,
    /// Entries of the search index.
    index_entries: u64,
    /// Facts that were to be forgotten or rested on them alone, with all their versions.
    facts: u64,
    /// Facts that lost a piece of evidence or a version, and rest on others.
    facts_kept: u64,
    /// Versions that went from facts that stay.
    fact_versions: u64,
    /// Pieces of evidence.
    evidence: u64,
    /// Summaries of episodes, every version.
    summaries: u64,
    /// Summaries of some days.
    period_summaries: u64,
    /// Whether summaries are being made again, without what was forgotten.
    remaking: bool,
    /// Proposals, open or decided.
    proposals: u64,
    /// Records of what the memory model asked for.
    operations: u64,
    /// Items of manifests that read `forgotten` from now on.
    manifest_items: u64,
    /// Facts in a person's own words that repeat the distinctive words. They stay; delete the chat, or edit them.
    kept_by_hand: Vec<i64>,
    /// Whether the bytes are gone from the database's file and its log. If not yet, that is done as soon as it can be.
    /// Backups made before are out of reach.
    erased: bool,
}

impl From<ForgetReport> for ForgetReportView {
    fn from(report: ForgetReport) -> Self {
        Self {
            messages: report.messages,
            revisions: report.revisions,
            replies: report.replies,
            index_entries: report.index_entries,
            facts: report.facts,
            facts_kept: report.facts_kept,
            fact_versions: report.fact_versions,
            evidence: report.evidence,
            summaries: report.summaries,
            period_summaries: report.period_summaries,
            remaking: report.remaking,
            proposals: report.proposals,
            operations: report.operations,
            manifest_items: report.manifest_items,
            kept_by_hand: report.kept_by_hand.into_iter().map(|fact| fact.0).collect(),
            erased: report.erased,
        }
    }
}

/// Forgets a message, with what rests on it alone and what repeats it. It cannot be undone.
#[utoipa::path(delete, path = "/chats/{id}/messages/{message}", tag = "messages",
    params(("id" = i64, Path, description = "The chat"), ("message" = i64, Path, description = "The message")),
    responses((status = 200, description = "What went", body = ForgetReportView),
        (status = 404, description = "No such chat or message", body = Problem)))]
async fn message(
    State(web): State<Web>,
    PathOf((id, message)): PathOf<(i64, i64)>,
) -> ApiResult<Json<ForgetReportView>> {
    let what = Forget::Messages(vec![MessageId(message)]);
    Ok(Json(web.engine.forget(ChatId(id), &what).await?.into()))
}

/// Forgets a chat: all that was said and learnt in it, and its settings. Who writes in it again begins anew. It cannot
/// be undone.
#[utoipa::path(delete, path = "/chats/{id}", tag = "chats",
    params(("id" = i64, Path, description = "The chat")),
    responses((status = 200, description = "What went", body = ForgetReportView),
        (status = 404, description = "No such chat", body = Problem)))]
async fn chat(State(web): State<Web>, PathOf(id): PathOf<i64>) -> ApiResult<Json<ForgetReportView>> {
    Ok(Json(web.engine.forget_chat(ChatId(id)).await?.into()))
}
