//! Forgetting, as people ask for it: messages, the last exchange, a time, everything, or a chat.
//!
//! What is asked for is stored first. Then an answer that is being made is waited for, or cut short, so that it cannot
//! bring the words back; then the rows go, in one transaction ([`crate::store`] says which); then their bytes. Whatever a
//! crash leaves of that is taken up at the next start. Work of models that was begun with the words is thrown away when it
//! comes back: it is stored only if nothing was forgotten meanwhile.

mod resume;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, sync::LazyLock, time::Duration};

pub use souvenir_memory::forgetting::ForgetReport;
use souvenir_memory::{ChatId, FactId, MessageId, Timestamp, forgetting::ORDINARY};

use super::{ChatEvent, Engine, EngineError, error::Result};
use crate::{
    llm::tokens::forget_counts,
    store::{Scope, Wish},
    words,
};

/// How long an answer that is being made is waited for before it is cut short.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long whoever asks waits for the bytes to be gone; after that it goes on without them.
const ERASING_PATIENCE: Duration = Duration::from_secs(20);

static ORDINARY_STEMS: LazyLock<BTreeSet<String>> = LazyLock::new(|| words::terms(ORDINARY).collect());

/// What is to be forgotten, within one chat; its settings stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forget {
    /// These messages.
    Messages(Vec<MessageId>),
    /// These facts, every version, and what repeats them. What people said stays.
    Facts(Vec<FactId>),
    /// What was said last and the answer to it.
    LastTurn,
    /// Everything said at or after a moment.
    Since(Timestamp),
    /// All that was said and learnt.
    Everything,
}

impl Engine {
    /// What forgetting would take away; nothing is changed.
    ///
    /// # Errors
    /// [`EngineError::NoChat`], [`EngineError::NoMessage`], [`EngineError::NoFact`].
    pub async fn forget_preview(&self, chat: ChatId, what: &Forget) -> Result<ForgetReport> {
        let wish = self.wish(chat, self.scope(chat, what).await?).await?;
        let engine = self.clone();
        // In a task of its own: the connection is in the middle of something until it is done.
        let task = tokio::spawn(async move { engine.store().preview_forgetting(&wish).await });
        Ok(task.await.map_err(|error| EngineError::Internal(format!("the preview's task failed: {error}")))??)
    }

    /// Forgets, and says what went. It is done even if the caller goes away.
    ///
    /// # Errors
    /// [`EngineError::NoChat`], [`EngineError::NoMessage`], [`EngineError::NoFact`], or when the database fails.
    pub async fn forget(&self, chat: ChatId, what: &Forget) -> Result<ForgetReport> {
        let scope = self.scope(chat, what).await?;
        self.forget_scope(chat, scope).await
    }

    /// Forgets a chat with everything about it: who writes in it again begins anew.
    ///
    /// # Errors
    /// [`EngineError::NoChat`], or when the database fails.
    pub async fn forget_chat(&self, chat: ChatId) -> Result<ForgetReport> {
        self.record(chat).await?;
        self.forget_scope(chat, Scope::Chat).await
    }

    async fn forget_scope(&self, chat: ChatId, scope: Scope) -> Result<ForgetReport> {
        let asked = self.store().ask_to_forget(chat, &scope, self.now()).await?;
        let engine = self.clone();
        let task = tokio::spawn(async move { engine.carry_out(asked, chat, scope).await });
        task.await.map_err(|error| EngineError::Internal(format!("forgetting failed: {error}")))?
    }

    /// Which messages that is, now.
    async fn scope(&self, chat: ChatId, what: &Forget) -> Result<Scope> {
        self.record(chat).await?;
        let ids = match what {
            Forget::Everything => return Ok(Scope::Everything),
            Forget::Messages(ids) => {
                if let Some(unknown) = self.store().unknown_messages(chat, ids).await?.first() {
                    return Err(EngineError::NoMessage(*unknown));
                }
                ids.clone()
            }
            Forget::Facts(ids) => {
                for id in ids {
                    self.fact(chat, *id).await?;
                }
                return Ok(Scope::Facts(ids.clone()));
            }
            Forget::LastTurn => self.store().last_exchange(chat).await?,
            Forget::Since(since) => self.store().said_from(chat, *since).await?,
        };
        Ok(Scope::Messages(ids))
    }

    async fn wish(&self, chat: ChatId, scope: Scope) -> Result<Wish> {
        let mut vocabulary = ORDINARY_STEMS.clone();
        let settings = self.settings_at(Some(chat), self.now()).await?;
        vocabulary.extend(words::terms(&settings.system_prompt.value));
        let tombstones = match &scope {
            Scope::Facts(ids) => self.tombstones(chat, ids).await?,
            _ => Vec::new(),
        };
        Ok(Wish { chat, scope, vocabulary, tombstones, now: self.now() })
    }

    /// What is kept of facts that are forgotten, so that they are not learnt again.
    async fn tombstones(&self, chat: ChatId, facts: &[FactId]) -> Result<Vec<(FactId, Vec<u8>)>> {
        let mut hashes = BTreeSet::new();
        for id in facts {
            let versions = self.store().fact_versions(chat, *id).await?;
            hashes.extend(
                versions.iter().map(|version| {
                    (*id, self.statement_hash(version.fact.subject.as_deref(), &version.fact.statement))
                }),
            );
        }
        Ok(hashes.into_iter().collect())
    }

    /// Does what is asked for under a number.
    async fn carry_out(&self, asked: i64, chat: ChatId, scope: Scope) -> Result<ForgetReport> {
        let _alone = self.inner.forgetting.write().await;
        let whole = matches!(scope, Scope::Everything | Scope::Chat);
        let turn = self.hold_turn(chat).await;
        let following = self.inner.upkeep.following().await;
        let wish = self.wish(chat, scope).await?;
        self.hold_job(chat);
        let report = self.store().forget(&wish, asked).await;
        drop((turn, following));
        let mut report = report?;
        forget_counts();
        self.inner.vectors.forget_queries();
        self.inner.files.forget(chat);
        tracing::info!(
            chat.id = %chat,
            messages = report.messages,
            replies = report.replies,
            facts = report.facts,
            summaries = report.summaries,
            "messages were forgotten"
        );
        if report.facts > 0 {
            self.emit(ChatEvent::Facts { chat });
        }
        self.emit(ChatEvent::Forgotten { chat, messages: report.messages, whole });
        self.nudge(chat);
        report.erased = self.erase_for_a_while().await;
        Ok(report)
    }

    /// Waits for the chat's turn, and cuts the answer that is being made short when that takes long. What is stored of it
    /// all the same is thrown away then.
    async fn hold_turn(&self, chat: ChatId) -> Option<tokio::sync::OwnedMutexGuard<()>> {
        let slot = self.slot(chat);
        if let Ok(guard) = tokio::time::timeout(PATIENCE, slot.turn.clone().lock_owned()).await {
            return Some(guard);
        }
        if self.stop_turn(chat) {
            tracing::info!(chat.id = %chat, "an answer was cut short: something is to be forgotten");
        }
        tokio::time::timeout(PATIENCE, slot.turn.clone().lock_owned()).await.ok()
    }

    /// Stops the chat's job at its next step; it is taken up again, without the words.
    fn hold_job(&self, chat: ChatId) {
        self.inner.upkeep.interrupt(chat);
    }
}
